"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from strokeanim.errors import OutputError

_umask = os.umask(0)
os.umask(_umask)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A temporary binary file beside `path` that takes its place when the block ends well.

    Whatever goes wrong, Ctrl-C and a full disk too, `path` is left as it was and the temporary
    file is removed.

    Raises:
        OutputError: the place cannot be written; the message names it and the fix.
    """
    with writing(path):
        file = tempfile.NamedTemporaryFile(  # noqa: SIM115 closed below, before it is moved
            "w+b", dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix, delete=False
        )
        try:
            with file:
                yield file
            # Temporary files are private to their owner; an output is as open as any new file.
            os.chmod(file.name, 0o666 & ~_umask)
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write `path` into an `OutputError`."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write {path}: {_remedy(error, path)}") from error


def _remedy(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return f"there is no folder {path.parent}; create it first"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "permission denied; choose another place"
    if error.errno == errno.EISDIR:
        return "it is a folder; give a file name"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; make room or choose another place"
    return error.strerror or str(error)
