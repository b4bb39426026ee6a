"""Opening files, gzipped or not, with errors that say what to do.

The readers of this package get a buffered stream and a name for their messages; whether it was a
plain file, a gzipped one or standard input, and whether its text was UTF-8 or UTF-16, is settled
here. The writers get a sink.
"""

from __future__ import annotations

import codecs
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from os import PathLike, fspath
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

from strokeanim.errors import InputError
from strokeanim.io.atomic_files import replace_file
from strokeanim.io.limits import Limits
from strokeanim.io.remote import filesystem, is_remote

GZIP_MAGIC = b"\x1f\x8b\x08"
STDIN = "standard input"
"""What messages call it."""
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
HEAD = 64
"""Bytes that are enough to know a format."""
PACKED = (".gz", ".svgz")
"""Endings of names that say that the file is gzipped."""

Bytes: TypeAlias = "io.BufferedReader[Any]"
"""A binary stream that can be peeked into; `Any` is whatever lies beneath."""


@contextmanager
def reading(file: str | PathLike[str], limits: Limits = Limits()) -> Iterator[Bytes]:
    """A stream of the file's bytes, unpacked if they start like gzip whatever the name.

    Raises:
        InputError: missing (names the nearest file there is), a folder, no permission; or, while
            it is being read, gzip data that are damaged, cut short, or unpack to more than
            `limits` allow.
    """
    raw = _remote(fspath(file)) if is_remote(fspath(file)) else _here(Path(file))
    with raw, _unpacked(_with_head(raw), str(file), limits) as stream:
        yield stream


@contextmanager
def reading_stdin(limits: Limits = Limits()) -> Iterator[Bytes]:
    """Standard input in the same guise, as it comes; it stays open."""
    raw = io.BufferedReader(cast(Any, sys.stdin.buffer))
    try:
        with _unpacked(raw, STDIN, limits) as stream:
            yield stream
    finally:
        raw.detach()


@contextmanager
def writing(file: str | PathLike[str]) -> Iterator[BinaryIO]:
    """A sink for what becomes the file, whole or not at all; gzipped if its name says so.

    Raises:
        OutputError: the file can't be written; nothing is left of it.
    """
    with replace_file(file) as sink:
        if not fspath(file).lower().endswith(PACKED):
            yield sink
            return
        # neither name nor time of day in the header: same drawings, same bytes
        with gzip.GzipFile("", "wb", fileobj=sink, mtime=0) as packed:
            yield cast(BinaryIO, packed)


def whole(stream: Bytes, name: str, limits: Limits, limit: str = "bytes") -> bytes:
    """All that is left of a stream.

    Raises:
        InputError: it is more than `limits` allow.
    """
    # a piece at a time: to read up to the limit at once, room for all of it is made first
    data = bytearray()
    while piece := stream.read(1 << 20):
        data += piece
        limits.check(limit, len(data), name)
    return bytes(data)


def as_utf8(stream: Bytes) -> Bytes:
    """The same text in UTF-8, without a byte order mark, if it has UTF-16's or UTF-8's.

    What is no UTF-16 becomes bytes that are no UTF-8, so that the line they are in is refused.
    """
    head = stream.peek(3)
    if head.startswith(codecs.BOM_UTF8):
        stream.read(3)
    elif head.startswith(UTF16_MARKS):
        return io.BufferedReader(_Recoded(stream))
    return stream


@contextmanager
def _unpacked(raw: Bytes, name: str, limits: Limits) -> Iterator[Bytes]:
    # peek, not seek: the input may be a pipe
    if not raw.peek(3).startswith(GZIP_MAGIC):
        yield raw
        return
    try:
        with io.BufferedReader(_Limited(gzip.GzipFile(fileobj=raw), name, limits)) as stream:
            yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{name}: the gzip data are damaged or cut short ({error}); fetch the file again"
        ) from error


def _here(path: Path) -> Bytes:
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(_why_not(path, error)) from error


def _remote(url: str) -> Bytes:
    files, path = filesystem(url)
    with _asking(url):
        return io.BufferedReader(_Remote(files.open(path, "rb"), url))


class _Remote(io.RawIOBase):
    """A file elsewhere, which may be lost while it is read."""

    def __init__(self, raw: Any, url: str) -> None:
        self._raw, self._url = raw, url

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _asking(self._url):
            found = self._raw.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def close(self) -> None:
        self._raw.close()
        super().close()


@contextmanager
def _asking(url: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"there is no file {url}; check the name") from error
    except Exception as error:  # each store has errors of its own
        raise InputError(
            f"cannot read {url}: {error or type(error).__name__}; check the address and your rights"
        ) from error


def stem_of(name: str) -> str:
    """A file's name without folder and extension; "" for standard input."""
    return "" if name == STDIN else Path(name).stem


def _with_head(raw: Bytes) -> Bytes:
    """The same bytes, of which enough to know the format can be peeked at.

    A pipe gives what was written into it by then, which may be a single byte.
    """
    if raw.seekable():
        return raw
    return io.BufferedReader(_Chained(raw.read(HEAD), raw))


class _Chained(io.RawIOBase):
    """Bytes that were read already, before those that follow."""

    def __init__(self, head: bytes, rest: Bytes) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._head:
            return self._rest.readinto1(buffer)
        count = min(len(buffer), len(self._head))
        buffer[:count] = self._head[:count]
        self._head = self._head[count:]
        return count


class _Limited(io.RawIOBase):
    """What a gzipped file unpacks to, which may be a thousand times its size."""

    def __init__(self, packed: gzip.GzipFile, name: str, limits: Limits) -> None:
        self._packed, self._name, self._limits = packed, name, limits
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._packed.readinto(buffer)
        self._count += count
        self._limits.check("bytes", self._count, f"{self._name}, unpacked,")
        return count


class _Recoded(io.RawIOBase):
    """UTF-16 with a byte order mark as UTF-8."""

    def __init__(self, stream: Bytes) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")("surrogatepass")
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._ended:
            self._more()
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _more(self) -> None:
        data = self._stream.read1(1 << 16)
        self._ended = not data
        try:
            text = self._decoder.decode(data, final=self._ended)
            self._ready = text.encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # half a character at the end
            self._ready = b"\xff"


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
