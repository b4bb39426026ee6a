"""Lock files against other processes; a lock ends with the process that holds it."""

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

    def _acquire(descriptor: int, wait: bool) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _acquire(descriptor: int, wait: bool) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


@contextlib.contextmanager
def locked(file: Path, busy: StrokeAnimError | None = None) -> Iterator[None]:
    """Hold the lock of `file` within the block.

    The lock is on a hidden file beside `file`. A hidden file that a killed process left behind is
    no longer locked, and is locked anew.

    Args:
        file: the file to be written.
        busy: the error to raise if another holds the lock; without it, wait for the lock.

    Raises:
        OutputError: the folder can't be written.
    """
    path = file.with_name(f".{file.name}.lock")
    with reporting_errors(file):
        descriptor = _open_locked(path, busy)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()  # while it is still locked
        os.close(descriptor)


def _open_locked(path: Path, busy: StrokeAnimError | None) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            try:
                _acquire(descriptor, busy is None)
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
        os.close(descriptor)  # removed by its last holder meanwhile: lock the new file
