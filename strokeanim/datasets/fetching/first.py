"""Fetch the first drawings of a file, and no more of it than they need."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import requests

from strokeanim.datasets.fetching.client import (
    Client,
    DownloadError,
    RemoteFile,
    RetryCounter,
    TransientError,
    iter_body,
)
from strokeanim.datasets.fetching.whole import Progress
from strokeanim.io.atomic_files import replace_file

MAX_DRAWING_SIZE = 1 << 26
"""Maximum bytes of a drawing; longer data is not a drawing."""

_HEADER_SIZE = 8 + 2 + 1 + 4
"""Bytes of a binary drawing before its number of strokes: key, country, recognized, timestamp."""

Splitter = Callable[[BinaryIO], Iterator[bytes]]
"""Splits a stream into drawings, each as its bytes; raises ValueError at anything else."""


def split_lines(stream: BinaryIO) -> Iterator[bytes]:
    r"""Yield the drawings of an ndjson stream, without blank lines.

    >>> list(split_lines(io.BytesIO(b'{"word":"nose"}\n\n{"word":"ear"}')))
    [b'{"word":"nose"}\n', b'{"word":"ear"}\n']
    """
    while line := stream.readline(MAX_DRAWING_SIZE):
        if not line.strip():
            continue
        if not line.lstrip().startswith(b"{"):
            raise ValueError("a line is no JSON object")
        if len(line) == MAX_DRAWING_SIZE:
            raise ValueError("a line does not end")
        yield line if line.endswith(b"\n") else line + b"\n"


def split_records(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the drawings of a little-endian binary stream.

    Each stroke begins with its number of points.
    """
    while head := stream.read(_HEADER_SIZE):
        record = bytearray(head + _read_exactly(stream, 2 + _HEADER_SIZE - len(head)))
        for _ in range(int.from_bytes(record[_HEADER_SIZE : _HEADER_SIZE + 2], "little")):
            count = _read_exactly(stream, 2)
            record += count + _read_exactly(stream, 2 * int.from_bytes(count, "little"))
            if len(record) > MAX_DRAWING_SIZE:
                raise ValueError("a drawing does not end")
        yield bytes(record)


def has_drawings(file: Path, count: int, split: Splitter) -> bool:
    """Return whether a file consists of exactly `count` complete drawings."""
    try:
        with file.open("rb") as stream:
            return sum(1 for _ in split(stream)) == count
    except (OSError, ValueError):
        return False


def fetch_first(
    client: Client, remote: RemoteFile, file: Path, count: int, split: Splitter, progress: Progress
) -> None:
    """Write the first `count` drawings, or all if there are fewer, without resuming.

    Raises:
        DownloadError: too many consecutive tries broke off, or the data are no drawings.
        InputError: the server has no such file.
        OutputError: the file can't be written.
    """
    retries = RetryCounter(remote, client.policy)
    while True:
        try:
            with client.stream(remote) as response, replace_file(file) as sink:
                _copy_drawings(response, sink, remote, count, split, progress)
            return
        except TransientError as error:
            error.fix = "try again later"
            retries.record_failure(error)


def _copy_drawings(
    response: requests.Response,
    sink: BinaryIO,
    remote: RemoteFile,
    count: int,
    split: Splitter,
    progress: Progress,
) -> None:
    copied = written = 0
    with io.BufferedReader(_BodyStream(response)) as stream:
        try:
            for drawing in split(stream):
                sink.write(drawing)
                copied += 1
                written += len(drawing)
                progress(remote.name, written, None)
                if copied == count:
                    return
        except ValueError as error:
            raise DownloadError(
                f"can't download {remote.name}: drawing {copied} is damaged ({error}); "
                "check the base URL"
            ) from error


class _BodyStream(io.RawIOBase):
    """The body of a response as a stream that returns bytes as soon as any have arrived."""

    def __init__(self, response: requests.Response) -> None:
        self._chunks, self._left = iter_body(response), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._left:
            self._left = next(self._chunks, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise ValueError("it is cut short")
    return data
