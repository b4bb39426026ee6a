"""Standard streams that are lent out for a while.

To a plugin, for one, down to the file descriptors.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from typing import TextIO


@contextlib.contextmanager
def divert(text: TextIO | None, descriptor: int, numbers: tuple[int, ...] = (1,)) -> Iterator[None]:
    """What is printed meanwhile, by Python or by native code, goes elsewhere.

    Args:
        text: where Python's own stream or streams lead meanwhile.
        descriptor: where the file descriptors do.
        numbers: which are diverted, 1 (stdout) and 2 (stderr).
    """
    _flush()
    with contextlib.ExitStack() as after:
        for number in numbers:
            # There may be no descriptor, as under pythonw, or where the shell has closed it.
            with contextlib.suppress(OSError):
                kept = os.dup(number)
                after.callback(os.close, kept)
                after.callback(os.dup2, kept, number)
                os.dup2(descriptor, number)
        # Before they are put back: what is buffered now was printed meanwhile.
        after.callback(_flush)
        if 1 in numbers:
            after.enter_context(contextlib.redirect_stdout(text))
        if 2 in numbers:
            after.enter_context(contextlib.redirect_stderr(text))
        yield


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).fflush(None)
