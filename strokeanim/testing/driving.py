"""Driving a renderer for the conformance kit: in empty folders, with sinks that watch."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from strokeanim.animation.frame import Frame
from strokeanim.io.streams import divert
from strokeanim.render.guard import Guard
from strokeanim.render.protocol import RenderContext, Renderer


class Sink(io.BytesIO):
    """In memory, without a name or a file descriptor; says whether it was closed."""

    was_closed = False

    def close(self) -> None:
        """Note it, and stay open."""
        self.was_closed = True


class FullSink(io.RawIOBase):
    """A sink on a disk that has room for nothing."""

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        del whence
        return offset

    def tell(self) -> int:
        return 0

    def readinto(self, buffer: Any) -> int:
        del buffer
        return 0

    def truncate(self, size: int | None = None) -> int:
        return size or 0

    def write(self, data: Any) -> int:
        if len(data) == 0:
            return 0
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def written(
    renderer: Renderer, context: RenderContext, frames: Iterable[Frame], options: Any = None
) -> bytes:
    """The bytes of one file, written into memory."""
    sink = Sink()
    session = renderer.open(sink, context, renderer.spec.options() if options is None else options)
    for frame in frames:
        session.frame(frame)
    session.finish()
    return sink.getvalue()


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder with two empty ones in it: `out`, and `here`, the current one meanwhile.

    What is meant for the folder of temporary files goes to a third, `temporary`.
    """
    with tempfile.TemporaryDirectory(prefix="strokeanim-") as name:
        folder = Path(name)
        for one in ("out", "here", "temporary"):
            (folder / one).mkdir()
        before = tempfile.tempdir
        tempfile.tempdir = str(folder / "temporary")
        try:
            with contextlib.chdir(folder / "here"):
                yield folder
        finally:
            tempfile.tempdir = before


@contextlib.contextmanager
def by_hand() -> Iterator[Path]:
    """For sessions that no host drives: in a `scratch`, where no file can be written."""
    with scratch() as folder, Guard("it", [folder / "out"]):
        yield folder


@contextlib.contextmanager
def overheard() -> Iterator[list[str]]:
    """What is printed meanwhile, by Python or by native code, is in the list afterwards."""
    said: list[str] = []
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as heard:
        with divert(heard, heard.fileno(), (1, 2)):
            yield said
            heard.flush()
        heard.seek(0)
        said += heard.read().splitlines()


def held() -> dict[str, int]:
    """What a process can forget to give back: threads, and open files where that can be told."""
    found = {"threads": threading.active_count()}
    with contextlib.suppress(OSError):
        found["open files"] = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    return found


class Memory:
    """Watches how memory grows from step to step, after `first` steps.

    Of Python's own memory `first` steps are traced, since a process that has freed memory before
    grows later than it uses more. Of the process as a whole, where that can be told, all of them.
    """

    def __init__(self, first: int) -> None:
        self._first, self._steps = first, 0
        self._traced, self._resident = 0, 0

    def look(self) -> None:
        """To be called after each step."""
        self._steps += 1
        if self._steps == self._first:
            self._resident = -_resident()
            tracemalloc.start()
        elif self._steps == 2 * self._first:
            self._traced = tracemalloc.get_traced_memory()[0] // self._first
            tracemalloc.stop()

    @property
    def growth(self) -> int:
        """Bytes a step, so far."""
        resident = self._resident + _resident() if self._resident else 0
        return max(self._traced, resident // max(1, self._steps - self._first))


def _resident() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def child(code: str) -> tuple[str, set[str]] | None:
    """Run code in a new process: what it prints, and what packages it loads; None if it fails."""
    start = "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    end = ";sys.stdout.flush(); sys.stderr.write('|'.join(['', *sys.modules, '']))"
    done = subprocess.run(
        [sys.executable, "-c", start + code + end, json.dumps(sys.path)],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONHASHSEED": "77"},
    )  # fmt: skip
    if done.returncode:
        return None
    return done.stdout.strip(), {name.partition(".")[0] for name in done.stderr.split("|")}
