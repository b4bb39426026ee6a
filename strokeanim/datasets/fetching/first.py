"""The first drawings of a file, and no more of it than they need."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import requests

from strokeanim.datasets.fetching.client import Broken, Client, DownloadError, Remote, Tries, chunks
from strokeanim.datasets.fetching.whole import Progress
from strokeanim.io.atomic_files import replace_file

LONGEST = 1 << 26
"""Bytes of a drawing at most; what goes on longer is something else."""

_HEAD = 8 + 2 + 1 + 4
"""Bytes of a binary drawing before its number of strokes: key, country, recognized, timestamp."""

Splitter = Callable[[BinaryIO], Iterator[bytes]]
"""The drawings in a stream, each as the bytes it has in there; ValueError where there is none."""


def lines(stream: BinaryIO) -> Iterator[bytes]:
    r"""The drawings of an ndjson stream; blank lines are left out.

    >>> list(lines(io.BytesIO(b'{"word":"nose"}\n\n{"word":"ear"}')))
    [b'{"word":"nose"}\n', b'{"word":"ear"}\n']
    """
    while line := stream.readline(LONGEST):
        if not line.strip():
            continue
        if not line.lstrip().startswith(b"{"):
            raise ValueError("a line is no JSON object")
        if len(line) == LONGEST:
            raise ValueError("a line does not end")
        yield line if line.endswith(b"\n") else line + b"\n"


def records(stream: BinaryIO) -> Iterator[bytes]:
    """The drawings of a binary stream: little-endian, each stroke with its number of points."""
    while head := stream.read(_HEAD):
        record = bytearray(head + _exactly(stream, 2 + _HEAD - len(head)))
        for _ in range(int.from_bytes(record[_HEAD : _HEAD + 2], "little")):
            count = _exactly(stream, 2)
            record += count + _exactly(stream, 2 * int.from_bytes(count, "little"))
            if len(record) > LONGEST:
                raise ValueError("a drawing does not end")
        yield bytes(record)


def holds(file: Path, count: int, split: Splitter) -> bool:
    """Whether these are `count` drawings, whole and no more."""
    try:
        with file.open("rb") as stream:
            return sum(1 for _ in split(stream)) == count
    except (OSError, ValueError):
        return False


def fetch_first(
    client: Client, remote: Remote, file: Path, count: int, split: Splitter, progress: Progress
) -> None:
    """Write the first `count` drawings, or all if there are fewer; there is nothing to resume.

    Raises:
        DownloadError: too many tries in a row broke off, or what comes is no drawing.
        InputError: the server has no such file.
        OutputError: it can't be written.
    """
    tries = Tries(remote, client.patience)
    while True:
        try:
            with client.ask(remote) as response, replace_file(file) as sink:
                _copy(response, sink, remote, count, split, progress)
            return
        except Broken as broken:
            broken.fix = "try again later"
            tries.failed(broken)


def _copy(
    response: requests.Response,
    sink: BinaryIO,
    remote: Remote,
    count: int,
    split: Splitter,
    progress: Progress,
) -> None:
    taken = written = 0
    with io.BufferedReader(_Body(response)) as stream:
        try:
            for drawing in split(stream):
                sink.write(drawing)
                taken += 1
                written += len(drawing)
                progress(remote.name, written, None)
                if taken == count:
                    return
        except ValueError as error:
            raise DownloadError(
                f"can't download {remote.name}: drawing {taken} is damaged ({error}); "
                "check the base URL"
            ) from error


class _Body(io.RawIOBase):
    """The body of an answer as a stream that never waits for more than it must."""

    def __init__(self, response: requests.Response) -> None:
        self._chunks, self._left = chunks(response), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._left:
            self._left = next(self._chunks, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _exactly(stream: BinaryIO, size: int) -> bytes:
    found = stream.read(size)
    if len(found) < size:
        raise ValueError("it is cut short")
    return found
