"""Divert the standard streams for a while, down to the file descriptors, as for a plugin."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from typing import TextIO


@contextlib.contextmanager
def divert(text: TextIO | None, descriptor: int, numbers: tuple[int, ...] = (1,)) -> Iterator[None]:
    """Divert what Python or native code prints within the block.

    Args:
        text: the replacement of Python's own stream or streams.
        descriptor: the replacement of the file descriptors.
        numbers: the file descriptors to divert, 1 (stdout) and 2 (stderr).
    """
    _flush()
    with contextlib.ExitStack() as after:
        for number in numbers:
            # The descriptor may be missing, as under pythonw, or closed by the shell.
            with contextlib.suppress(OSError):
                original = os.dup(number)
                after.callback(os.close, original)
                after.callback(os.dup2, original, number)
                os.dup2(descriptor, number)
        # Flush before the streams are restored: the buffers hold what the block printed.
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
