"""While a plugin works, it can't create, rename or remove files where the user keeps theirs.

Python tells an audit hook about each file before it is opened (PEP 578), and an error raised there
stops it. This is against mistakes, not against malice: native code can do as it likes. What
libraries need stays free: the folder for temporary files, hidden folders such as `~/.cache`,
`__pycache__`, and all other threads.
"""

from __future__ import annotations

import functools
import os
import sys
import tempfile
from collections.abc import Iterable
from contextvars import ContextVar, Token
from pathlib import Path

from strokeanim.errors import PluginError

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PLACES = {
    "open": (0,),
    "os.rename": (0, 1),
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.truncate": (0,),
    "os.symlink": (1,),
    "os.link": (1,),
}
"""Which arguments of an audit event are files that it changes."""


class Guard:
    """A context in which this thread can't change files below the current folder or `folders`.

    May be entered again and again, one after the other.

    Args:
        who: what the error calls the culprit: `"renderer 'dots' of strokeanim-dots 1.0"`.
        folders: to protect beside the current one.
    """

    def __init__(self, who: str, folders: Iterable[Path]) -> None:
        self.who = who
        temporary = os.path.realpath(tempfile.gettempdir())
        roots = {os.path.realpath(one) for one in (Path.cwd(), *folders)}
        # Where the user works in the folder for temporary files itself, those go first.
        self._roots = tuple(root for root in roots if not _is_below(temporary, root))
        self._tokens: list[Token[Guard | None]] = []

    def __enter__(self) -> None:
        _install()
        self._tokens.append(_active.set(self))

    def __exit__(self, *_: object) -> None:
        _active.reset(self._tokens.pop())

    def check(self, place: object) -> None:
        """Raise a `PluginError` if that file is the user's; file descriptors are nobody's."""
        if not isinstance(place, str | bytes | os.PathLike):
            return
        path = os.path.realpath(os.fsdecode(place))
        for root in self._roots:
            if _is_below(path, root) and not _is_private(os.path.relpath(path, root)):
                raise PluginError(
                    f"{self.who} tried to write {path}; a renderer writes to its sink only. "
                    "Report it to its authors, or use another renderer"
                )


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _is_private(relative: str) -> bool:
    return any(
        part == "__pycache__" or (part.startswith(".") and part != ".")
        for part in Path(relative).parts
    )


_active: ContextVar[Guard | None] = ContextVar("active guard", default=None)


@functools.cache
def _install() -> None:
    """Once, and only in processes that run plugins: an audit hook stays for good."""

    # Defaults, because module globals are gone before the last events of a process.
    def hook(
        event: str,
        arguments: tuple[object, ...],
        places: dict[str, tuple[int, ...]] = _PLACES,
        active: ContextVar[Guard | None] = _active,
    ) -> None:
        if event not in places or (guard := active.get()) is None:
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _WRITING):
            return
        for place in places[event]:
            guard.check(arguments[place])

    sys.addaudithook(hook)
