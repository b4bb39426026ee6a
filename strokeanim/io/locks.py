"""One process at a time: a lock that dies with whoever holds it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from strokeanim.errors import StrokeAnimError
from strokeanim.io.atomic_files import reporting_errors

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int, wait: bool) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int, wait: bool) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


@contextlib.contextmanager
def locked(file: Path, busy: StrokeAnimError | None = None) -> Iterator[None]:
    """Nobody else has `file` locked within the block.

    What is locked is a hidden file beside it. One left behind by a process that was killed is
    not locked any more and in nobody's way.

    Args:
        file: what is about to be written.
        busy: raised if somebody has it; without it, this waits until it is free.

    Raises:
        OutputError: the folder can't be written.
    """
    path = file.with_name(f".{file.name}.lock")
    with reporting_errors(file):
        descriptor = _open(path, busy)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()  # while it is still ours
        os.close(descriptor)


def _open(path: Path, busy: StrokeAnimError | None) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            try:
                _take(descriptor, busy is None)
            except (BlockingIOError, PermissionError) as error:
                raise (busy or error) from error
            except OSError:
                return descriptor  # a file system without locks
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), path.stat()):
                    return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its last holder removed it meanwhile: take the new one
