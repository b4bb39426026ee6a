"""Open files, gzipped or not, with errors that suggest a remedy.

The readers of this package get a buffered stream and a name for their messages. This module
resolves whether the stream is a plain file, a gzipped one or standard input, and whether its text
is UTF-8 or UTF-16. The writers get a sink.
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
"""The name of standard input in messages."""
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SIGNATURE_SIZE = 64
"""Bytes that are enough to recognise a format."""
GZIP_SUFFIXES = (".gz", ".svgz")
"""Extensions of gzipped files."""

Bytes: TypeAlias = "io.BufferedReader[Any]"
"""A binary stream with `peek`; `Any` is the type of the raw stream beneath."""


@contextmanager
def open_reader(file: str | PathLike[str], limits: Limits = Limits()) -> Iterator[Bytes]:
    """Yield a stream of the file's bytes, unpacked if they start like gzip whatever the name.

    Raises:
        InputError: the file is missing (the message suggests the nearest name), is a folder or may
            not be read; or, during reading, its gzip data are damaged, cut short, or unpack to
            more than `limits` allow.
    """
    raw = _open_remote(fspath(file)) if is_remote(fspath(file)) else _open_local(Path(file))
    with raw, _unpack(_make_peekable(raw), str(file), limits) as stream:
        yield stream


@contextmanager
def reading_stdin(limits: Limits = Limits()) -> Iterator[Bytes]:
    """Yield standard input as such a stream, without waiting for its end; it stays open."""
    raw = io.BufferedReader(cast(Any, sys.stdin.buffer))
    try:
        with _unpack(raw, STDIN, limits) as stream:
            yield stream
    finally:
        raw.detach()


@contextmanager
def open_writer(file: str | PathLike[str]) -> Iterator[BinaryIO]:
    """Yield a sink for a file that appears complete or not at all.

    The file is gzipped if its extension is one of `GZIP_SUFFIXES`.

    Raises:
        OutputError: the file can't be written; nothing is left of it.
    """
    with replace_file(file) as sink:
        if not fspath(file).lower().endswith(GZIP_SUFFIXES):
            yield sink
            return
        # neither name nor time of day in the header: the same drawings give the same bytes
        with gzip.GzipFile("", "wb", fileobj=sink, mtime=0) as packed:
            yield cast(BinaryIO, packed)


def read_all(stream: Bytes, name: str, limits: Limits, limit: str = "bytes") -> bytes:
    """Read the rest of a stream.

    Raises:
        InputError: the rest is more than `limits` allow.
    """
    # in pieces: a single read up to the limit would allocate all of it first
    data = bytearray()
    while piece := stream.read(1 << 20):
        data += piece
        limits.check(limit, len(data), name)
    return bytes(data)


def as_utf8(stream: Bytes) -> Bytes:
    """Convert text with a byte order mark, of UTF-16 or UTF-8, to UTF-8 without one.

    Invalid UTF-16 becomes invalid UTF-8, so that the reader refuses the line.
    """
    head = stream.peek(3)
    if head.startswith(codecs.BOM_UTF8):
        stream.read(3)
    elif head.startswith(UTF16_MARKS):
        return io.BufferedReader(_Utf16ToUtf8(stream))
    return stream


@contextmanager
def _unpack(raw: Bytes, name: str, limits: Limits) -> Iterator[Bytes]:
    # peek, not seek: the input may be a pipe
    if not raw.peek(3).startswith(GZIP_MAGIC):
        yield raw
        return
    try:
        with io.BufferedReader(_LimitedGzip(gzip.GzipFile(fileobj=raw), name, limits)) as stream:
            yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{name}: the gzip data are damaged or cut short ({error}); fetch the file again"
        ) from error


def _open_local(path: Path) -> Bytes:
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(_describe_failure(path, error)) from error


def _open_remote(url: str) -> Bytes:
    files, path = filesystem(url)
    with _report_remote_errors(url):
        return io.BufferedReader(_RemoteFile(files.open(path, "rb"), url))


class _RemoteFile(io.RawIOBase):
    """A remote file, whose connection may fail during reading."""

    def __init__(self, raw: Any, url: str) -> None:
        self._raw, self._url = raw, url

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _report_remote_errors(self._url):
            data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._raw.close()
        super().close()


@contextmanager
def _report_remote_errors(url: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"there is no file {url}; check the name") from error
    except Exception as error:  # each store raises errors of its own
        raise InputError(
            f"cannot read {url}: {error or type(error).__name__}; check the address and your rights"
        ) from error


def stem_of(name: str) -> str:
    """Return a file's name without folder and extension; "" for standard input."""
    return "" if name == STDIN else Path(name).stem


def _make_peekable(raw: Bytes) -> Bytes:
    """Return a stream of the same bytes whose `peek` gives enough to recognise the format.

    A pipe gives the bytes written so far, which may be a single one.
    """
    if raw.seekable():
        return raw
    return io.BufferedReader(_PrefixedStream(raw.read(SIGNATURE_SIZE), raw))


class _PrefixedStream(io.RawIOBase):
    """A stream with the bytes already read put back in front."""

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


class _LimitedGzip(io.RawIOBase):
    """The unpacked data of a gzipped file, up to a limit: they may be a thousand times its size."""

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


class _Utf16ToUtf8(io.RawIOBase):
    """UTF-16 text with a byte order mark, recoded to UTF-8."""

    def __init__(self, stream: Bytes) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")("surrogatepass")
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._ended:
            self._decode_next()
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _decode_next(self) -> None:
        data = self._stream.read1(1 << 16)
        self._ended = not data
        try:
            text = self._decoder.decode(data, final=self._ended)
            self._ready = text.encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # a truncated character at the end
            self._ready = b"\xff"


def _describe_failure(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, IsADirectoryError):
        return f"{path} is a folder; name a file in it"
    if isinstance(error, PermissionError):
        return f"no permission to read {path}; change its mode or run as its owner"
    if isinstance(error, FileNotFoundError):
        return f"there is no file {path}; {_suggest_name(path)}"
    return f"cannot read {str(path)!r}: {error}"


def _suggest_name(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder {path.parent} either"
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        names = []
    close = get_close_matches(path.name, names, n=1)
    return f"did you mean {path.with_name(close[0])}?" if close else "check the name"
