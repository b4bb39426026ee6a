"""Resolve URLs such as `s3://bucket/mouth.ndjson` through fsspec; `memory://out` in tests.

fsspec is in the extra `strokeanim[batch]`; users install the other packages that a store needs
(`s3fs`, `gcsfs`, `adlfs`).
"""

from __future__ import annotations

from typing import Any

from strokeanim.errors import InputError, MissingDependencyError


def is_remote(place: str) -> bool:
    """Return whether `place` is a URL rather than the path of a file."""
    return "://" in place


def filesystem(url: str) -> tuple[Any, str]:
    """Return the `fsspec` file system of a URL and the path in it.

    Raises:
        MissingDependencyError: fsspec, or a package that it needs for the URL, is not installed.
        InputError: the URL is incomplete, or its protocol is unknown.
    """
    try:
        import fsspec  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise MissingDependencyError(
            f"{url} is not a local file, and reading others needs fsspec: "
            "pip install 'strokeanim[batch]'"
        ) from error
    try:
        return fsspec.url_to_fs(url)  # type: ignore[no-any-return]
    except ImportError as error:
        raise MissingDependencyError(f"{url} needs another package: {error}") from error
    except ValueError as error:
        raise InputError(f"{url} can't be resolved by fsspec: {error}") from error
