"""Keep running plugins from creating, renaming or removing the user's files.

Python calls an audit hook before it opens a file (PEP 578), and an error raised there prevents it.
This protects from mistakes, not from malice: native code, other processes and other threads are
not restricted. Paths that libraries need stay writable: the folder for temporary files, hidden
folders such as `~/.cache`, caches, `__pycache__`, and the files of the user's own log handlers.
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
_PATH_ARGUMENTS: dict[str, tuple[tuple[int, int | None], ...]] = {
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
"""Per audit event, the indices of arguments with a path that it changes, each with the index of
the folder (a file descriptor) that the path is relative to."""


class Guard:
    """A context in which this thread can't change files below the current folder or `folders`.

    It may be entered repeatedly.

    Args:
        who: the plugin in error messages, such as `"renderer 'dots' of strokeanim-dots 1.0"`.
        folders: folders to protect beside the current one.
    """

    def __init__(self, who: str, folders: Iterable[Path]) -> None:
        self.who = who
        self._roots = {os.path.realpath(folder) for folder in (Path.cwd(), *folders)}
        self._exempt = [os.path.realpath(folder) for folder in _yield_library_folders()]
        self._tokens: list[Token[Guard | None]] = []

    def __enter__(self) -> None:
        _install_hook()
        self._tokens.append(_active_guard.set(self))

    def __exit__(self, *_: object) -> None:
        _active_guard.reset(self._tokens.pop())

    def check(self, event: str, place: object, folder: object) -> None:
        """Raise a `PluginError` if `place` is a path of the user's; file descriptors pass."""
        if not isinstance(place, str | bytes | os.PathLike):
            return
        path = os.fsdecode(place)
        if isinstance(folder, int) and folder >= 0 and not os.path.isabs(path):  # noqa: PTH117
            base = _resolve_descriptor(folder)
            if base is None:
                return
            path = os.path.join(base, path)  # noqa: PTH118
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
        """Return whether a path is below a protected root, and neither hidden nor exempt."""
        if not _is_below(path, root) or _is_private(os.path.relpath(path, root)):
            return False
        # An exempt folder is exempt inside the root; a root inside an exempt folder is protected.
        return not any(
            _is_below(folder, root) and _is_below(path, folder) for folder in self._exempt
        )


def _yield_library_folders() -> Iterator[str | Path]:
    """Yield folders where libraries keep temporary files, caches and settings."""
    yield tempfile.gettempdir()
    home = Path("~").expanduser()
    yield from (home / "Library", home / "AppData")
    variables = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "APPDATA")
    yield from (os.environ[name] for name in variables if os.environ.get(name))
    if sys.pycache_prefix:
        yield sys.pycache_prefix


def _resolve_descriptor(descriptor: int) -> str | None:
    """Return the folder that a file descriptor is open on; None if unknown."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
    except OSError:
        return None


def _is_logging() -> bool:
    """Return whether a log record is being handled; the user's handlers may write anywhere."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == "logging" and frame.f_code.co_name == "handle":
            return True
        frame = frame.f_back
    return False


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _is_private(relative: str) -> bool:
    """Return whether a part of the path is hidden or `__pycache__`."""
    return any(
        part == "__pycache__" or (part.startswith(".") and part != ".")
        for part in Path(relative).parts
    )


_active_guard: ContextVar[Guard | None] = ContextVar("active guard", default=None)


@functools.cache
def _install_hook() -> None:
    """Install the audit hook, once, and only if plugins run: it can't be removed."""

    # Defaults, because module globals are deleted before the last events of a process.
    def hook(
        event: str,
        arguments: tuple[object, ...],
        path_arguments: dict[str, tuple[tuple[int, int | None], ...]] = _PATH_ARGUMENTS,
        active_guard: ContextVar[Guard | None] = _active_guard,
    ) -> None:
        if event not in path_arguments or (guard := active_guard.get()) is None:
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _WRITING):
            return
        for path, folder in path_arguments[event]:
            guard.check(event, arguments[path], None if folder is None else arguments[folder])

    sys.addaudithook(hook)
