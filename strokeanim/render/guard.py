"""While a plugin works, it can't create, rename or remove files where the user keeps theirs.

Python tells an audit hook about each file before it is opened (PEP 578), and an error raised there
stops it. This is against mistakes, not against malice: native code, other processes and other
threads can do as they like. What libraries need stays free: the folder for temporary files, hidden
folders such as `~/.cache`, caches, `__pycache__`, and where the user's own log handlers write.
"""

from __future__ import annotations

import functools
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextvars import ContextVar, Token
from pathlib import Path
from types import FrameType

from strokeanim.errors import PluginError

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PLACES: dict[str, tuple[tuple[int, int | None], ...]] = {
    "open": ((0, None),),
    "os.rename": ((0, 2), (1, 3)),
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.truncate": ((0, None),),
    "os.symlink": ((1, 2),),
    "os.link": ((1, 3),),
    "os.chmod": ((0, 2),),
    "sqlite3.connect": ((0, None),),
}
"""Which arguments of an audit event are files that it changes, and which tell the folder (a file
descriptor) that they are relative to."""


class Guard:
    """A context in which this thread can't change files below the current folder or `folders`.

    May be entered again and again, one after the other.

    Args:
        who: what the error calls the culprit: `"renderer 'dots' of strokeanim-dots 1.0"`.
        folders: to protect beside the current one.
    """

    def __init__(self, who: str, folders: Iterable[Path]) -> None:
        self.who = who
        self._roots = {os.path.realpath(one) for one in (Path.cwd(), *folders)}
        self._free = [os.path.realpath(one) for one in _for_libraries()]
        self._tokens: list[Token[Guard | None]] = []

    def __enter__(self) -> None:
        _install()
        self._tokens.append(_active.set(self))

    def __exit__(self, *_: object) -> None:
        _active.reset(self._tokens.pop())

    def check(self, event: str, place: object, folder: object) -> None:
        """Raise a `PluginError` if that file is the user's; file descriptors are nobody's."""
        if not isinstance(place, str | bytes | os.PathLike):
            return
        path = os.fsdecode(place)
        if isinstance(folder, int) and folder >= 0 and not os.path.isabs(path):  # noqa: PTH117
            known = _path_of(folder)
            if known is None:
                return
            path = os.path.join(known, path)  # noqa: PTH118
        path = os.path.realpath(path)
        if event == "os.mkdir" and os.path.isdir(path):  # noqa: PTH112 - changes nothing
            return
        if event == "open" and os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113
            return  # a device, such as /dev/null
        for root in self._roots:
            if self._belongs_to_user(path, root) and not _is_logging():
                raise PluginError(
                    f"{self.who} tried to write {path}; a renderer writes to its sink only. "
                    "Report it to its authors, or use another renderer"
                )

    def _belongs_to_user(self, path: str, root: str) -> bool:
        if not _is_below(path, root) or _is_private(os.path.relpath(path, root)):
            return False
        # Where the user works in such a folder, it is theirs; where it lies in theirs, it is not.
        return not any(_is_below(free, root) and _is_below(path, free) for free in self._free)


def _for_libraries() -> Iterator[str | Path]:
    """Folders in which libraries keep what is of no concern to the user."""
    yield tempfile.gettempdir()
    home = Path("~").expanduser()
    yield from (home / "Library", home / "AppData")
    variables = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "APPDATA")
    yield from (os.environ[name] for name in variables if os.environ.get(name))
    if sys.pycache_prefix:
        yield sys.pycache_prefix


def _path_of(descriptor: int) -> str | None:
    """The folder that a file descriptor is open on, if that can be told."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
    except OSError:
        return None


def _is_logging() -> bool:
    """Whether a log record is being handled: where to is up to the user's own handlers."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == "logging" and frame.f_code.co_name == "handle":
            return True
        frame = frame.f_back
    return False


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
        places: dict[str, tuple[tuple[int, int | None], ...]] = _PLACES,
        active: ContextVar[Guard | None] = _active,
    ) -> None:
        if event not in places or (guard := active.get()) is None:
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _WRITING):
            return
        for place, folder in places[event]:
            guard.check(event, arguments[place], None if folder is None else arguments[folder])

    sys.addaudithook(hook)
