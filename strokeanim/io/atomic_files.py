"""Write files that appear complete or not at all.

Bytes go to a hidden file in the folder of the destination, which takes the destination's name
only when everything is written.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from strokeanim.errors import DestinationError, OutputError

_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FIXES = dict.fromkeys(_FULL_ERRNOS, "make room or write somewhere else") | {
    errno.EACCES: "choose a folder you may write to",
    errno.EPERM: "choose a folder you may write to",
    errno.EROFS: "choose a folder you may write to",
    errno.ENAMETOOLONG: "choose a shorter name",
}
_DESTINATION_ERRNOS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.EEXIST}
_DESTINATION_ERRNOS |= {errno.ENOTDIR, errno.ENOENT, errno.EISDIR}
"""Errors that another output path would avoid."""


class Staging:
    """Hidden files that wait for their final names; made by `staging`."""

    def __init__(self) -> None:
        self._staged: list[tuple[Path, Path]] = []

    @contextlib.contextmanager
    def open(self, path: Path) -> Iterator[BinaryIO]:
        """Yield a sink, open for reading and writing, whose content will become `path`.

        Raises:
            OutputError: the sink can't be opened, written or closed.
        """
        path = check_destination(path)
        hidden = path.parent / f".{secrets.token_hex(8)}.tmp"
        with reporting_errors(path):
            sink = hidden.open("x+b")  # with permissions by the user's umask
            self._staged.append((hidden, path))
            with sink:
                yield sink

    def commit(self) -> None:
        """Move every file to its final name.

        Raises:
            OutputError: a file can't be moved.
        """
        while self._staged:
            hidden, path = self._staged[0]
            with reporting_errors(path):
                if path.exists():
                    shutil.copymode(path, hidden)
                hidden.replace(path)
            del self._staged[0]

    def discard(self) -> None:
        """Remove the files that were not committed."""
        for hidden, _ in self._staged:
            with contextlib.suppress(OSError):
                hidden.unlink()
        self._staged.clear()


@contextlib.contextmanager
def staging() -> Iterator[Staging]:
    """Commit at the end of the block; on any exception, Ctrl-C included, leave nothing behind."""
    staged = Staging()
    try:
        yield staged
        staged.commit()
    finally:
        staged.discard()


@contextlib.contextmanager
def replace_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Yield a binary file that replaces `path` when the block ends without an exception.

    Raises:
        OutputError: `path` can't be written; nothing is left behind.
    """
    with staging() as staged, staged.open(Path(path)) as sink:
        yield sink


def check_destination(path: Path) -> Path:
    """Return the file to replace, with links resolved; refuse all but ordinary files.

    Raises:
        DestinationError: the folder does not exist, or `path` exists and is not an ordinary file.
    """
    if not path.name or "\0" in str(path):
        raise DestinationError(f"{str(path)!r} is no file name; give a path to write to")
    path = Path(os.path.realpath(path))
    if not path.parent.is_dir():
        raise DestinationError(
            f"can't write {path}: folder {path.parent} does not exist; "
            f"create it with mkdir -p {path.parent}"
        )
    if path.is_dir():
        raise DestinationError(f"can't write {path}: it is a folder; add a file name")
    if path.exists() and not path.is_file():
        # Replacing a device or a pipe by a file would break it for everybody.
        raise DestinationError(
            f"can't write {path}: it is not an ordinary file; choose another name"
        )
    return path


@contextlib.contextmanager
def reporting_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` of the operating system into an error with the path and the fix."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise output_error(path, error) from error


def output_error(path: Path, error: OSError) -> OutputError:
    """Build the error to show for an `OSError` about a file."""
    reason = "the disk is full" if is_full(error) else (error.strerror or str(error))
    fix = _FIXES.get(error.errno or 0, "choose another place")
    kind = DestinationError if error.errno in _DESTINATION_ERRNOS else OutputError
    return kind(f"can't write {path}: {reason}; {fix}")


def is_full(error: OSError) -> bool:
    """Return whether the disk or the quota is full, or the file size limit is reached."""
    return error.errno in _FULL_ERRNOS
