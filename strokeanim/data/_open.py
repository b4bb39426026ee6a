"""Opening a file for reading, gzipped or not, with errors that say what to do.

The readers of this package get a buffered stream and a name for their messages; whether it was a
plain file, a gzipped one or standard input is settled here.
"""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from strokeanim.errors import InputError

GZIP_MAGIC = b"\x1f\x8b"

Bytes: TypeAlias = "io.BufferedReader[Any]"
"""A binary stream that can be peeked into; `Any` is whatever lies beneath."""


@contextmanager
def reading(file: str | PathLike[str]) -> Iterator[Bytes]:
    """A stream of the file's bytes, unpacked if they start like gzip whatever the name.

    Raises:
        InputError: missing (names the nearest file there is), a folder, no permission; or, while
            it is being read, gzip data that are damaged or cut short.
    """
    path = Path(file)
    try:
        raw = path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(_why_not(path, error)) from error
    with raw, _unpacked(raw, str(file)) as stream:
        yield stream


@contextmanager
def reading_stdin() -> Iterator[Bytes]:
    """Standard input in the same guise, read to its end first; it stays open."""
    everything = io.BytesIO(sys.stdin.buffer.read())
    with io.BufferedReader(everything) as raw, _unpacked(raw, "standard input") as stream:
        yield stream


@contextmanager
def _unpacked(raw: Bytes, name: str) -> Iterator[Bytes]:
    # peek, not seek: the input may be a pipe
    if raw.peek(2)[:2] != GZIP_MAGIC:
        yield raw
        return
    try:
        with io.BufferedReader(gzip.GzipFile(fileobj=raw)) as stream:
            yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{name}: the gzip data are damaged or cut short ({error}); fetch the file again"
        ) from error


def _why_not(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, IsADirectoryError):
        return f"{path} is a folder; name a file in it"
    if isinstance(error, PermissionError):
        return f"no permission to read {path}; change its mode or run as its owner"
    if isinstance(error, FileNotFoundError):
        return f"there is no file {path}; {_nearest(path)}"
    return f"cannot read {str(path)!r}: {error}"


def _nearest(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder {path.parent} either"
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        names = []
    close = get_close_matches(path.name, names, n=1)
    return f"did you mean {path.with_name(close[0])}?" if close else "check the name"
