"""Places of other machines, through fsspec.

Such as `s3://bucket/mouth.ndjson`, and `memory://out` in tests.

fsspec is in the extra `strokeanim[batch]`; what a store needs besides (`s3fs`, `gcsfs`, `adlfs`)
is installed by who uses it.
"""

from __future__ import annotations

from typing import Any

from strokeanim.errors import InputError, MissingDependencyError


def is_remote(place: str) -> bool:
    """Whether it is a URL, and not the path of a file."""
    return "://" in place


def filesystem(url: str) -> tuple[Any, str]:
    """An `fsspec` file system and the path in it.

    Raises:
        MissingDependencyError: fsspec is not installed, or what it needs for this kind of URL.
        InputError: a kind of URL that nobody knows, or one that is not complete.
    """
    try:
        import fsspec  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise MissingDependencyError(
            f"{url} is not a file here, and reading others needs fsspec: "
            "pip install 'strokeanim[batch]'"
        ) from error
    try:
        return fsspec.url_to_fs(url)  # type: ignore[no-any-return]
    except ImportError as error:
        raise MissingDependencyError(f"{url} needs another package: {error}") from error
    except ValueError as error:
        raise InputError(f"{url} is no place that fsspec knows: {error}") from error
