"""Drive a renderer for the conformance checks, in empty folders and with instrumented sinks."""

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
    """A sink in memory, without a name or a file descriptor, that records whether it was closed."""

    was_closed = False

    def close(self) -> None:
        """Record the call, and stay open."""
        self.was_closed = True


class FullSink(io.RawIOBase):
    """A sink on a full disk."""

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


def render_bytes(
    renderer: Renderer, context: RenderContext, frames: Iterable[Frame], options: Any = None
) -> bytes:
    """Return the bytes of one file, written into memory."""
    sink = Sink()
    session = renderer.open(sink, context, renderer.spec.options() if options is None else options)
    for frame in frames:
        session.frame(frame)
    session.finish()
    return sink.getvalue()


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Create a temporary folder with the empty folders `out`, `here` and `temporary`, and yield it.

    Within the block, `here` is the working directory and `temporary` the folder of `tempfile`.
    """
    with tempfile.TemporaryDirectory(prefix="strokeanim-") as name:
        folder = Path(name)
        for subfolder in ("out", "here", "temporary"):
            (folder / subfolder).mkdir()
        original = tempfile.tempdir
        tempfile.tempdir = str(folder / "temporary")
        try:
            with contextlib.chdir(folder / "here"):
                yield folder
        finally:
            tempfile.tempdir = original


@contextlib.contextmanager
def guarded_scratch() -> Iterator[Path]:
    """Yield a `scratch` in which no file can be written, for sessions that no host drives."""
    with scratch() as folder, Guard("it", [folder / "out"]):
        yield folder


@contextlib.contextmanager
def capture_output() -> Iterator[list[str]]:
    """Yield a list that holds the lines printed by Python or native code, after the block."""
    lines: list[str] = []
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as file:
        with divert(file, file.fileno(), (1, 2)):
            yield lines
            file.flush()
        file.seek(0)
        lines += file.read().splitlines()


def count_resources() -> dict[str, int]:
    """Count the threads of the process, and its open files where the system lists them."""
    counts = {"threads": threading.active_count()}
    with contextlib.suppress(OSError):
        counts["open files"] = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    return counts


class Memory:
    """A measurement of the growth of memory per step, after the first `first` steps.

    Python's own memory is traced for another `first` steps, because a process that has freed memory
    before grows later than its use does. The resident memory of the process, where the system
    reports it, is measured over all further steps.
    """

    def __init__(self, first: int) -> None:
        self._first, self._steps = first, 0
        self._traced, self._resident = 0, 0

    def look(self) -> None:
        """Record the memory; call this after each step."""
        self._steps += 1
        if self._steps == self._first:
            self._resident = -_resident_bytes()
            tracemalloc.start()
        elif self._steps == 2 * self._first:
            self._traced = tracemalloc.get_traced_memory()[0] // self._first
            tracemalloc.stop()

    @property
    def growth(self) -> int:
        """Return the growth so far, in bytes per step."""
        resident = self._resident + _resident_bytes() if self._resident else 0
        return max(self._traced, resident // max(1, self._steps - self._first))


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def run_child(code: str) -> tuple[str, set[str]] | None:
    """Run code in a new process; return its output and loaded packages, or None if it fails."""
    start = "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    end = ";sys.stdout.flush(); sys.stderr.write('|'.join(['', *sys.modules, '']))"
    done = subprocess.run(
        [sys.executable, "-c", start + code + end, json.dumps(sys.path)],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONHASHSEED": "77"},
    )  # fmt: skip
    if done.returncode:
        return None
    return done.stdout.strip(), {name.partition(".")[0] for name in done.stderr.split("|")}
