"""The folder of a batch, here or in a store that fsspec knows; files appear in it whole."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import Any

from strokeanim.batch.naming import OWN
from strokeanim.errors import OutputError
from strokeanim.io.atomic_files import reporting_errors
from strokeanim.io.remote import filesystem, is_remote

WHOLE = {"memory", "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oss", "oci", "r2"}
"""Stores in which an object is there when all of it is, and not before. In others, a file gets
another name first."""


class Store(ABC):
    """Where outputs go. Names are relative, with `/`."""

    @property
    @abstractmethod
    def url(self) -> str:
        """The folder as processes elsewhere call it."""

    @property
    def root(self) -> Path | None:
        """The folder, if it is one of this machine."""
        return None

    @property
    def in_process(self) -> bool:
        """Whether other processes see nothing of it."""
        return False

    @abstractmethod
    def scratch(self) -> AbstractContextManager[Path]:
        """An empty folder to write files in that `take` then moves."""

    @abstractmethod
    def clear_scratch(self) -> None:
        """Remove what workers that were killed have left here."""

    @abstractmethod
    def take(self, file: Path, name: str) -> int:
        """Move a file to its name, replacing what is there; how many bytes it has.

        Raises:
            OutputError: it can't be written.
        """

    def write(self, name: str, data: bytes) -> None:
        """A small file.

        Raises:
            OutputError: it can't be written.
        """
        with self.scratch() as folder:
            file = folder / PurePosixPath(name).name
            with reporting_errors(file):
                file.write_bytes(data)
            self.take(file, name)

    @abstractmethod
    def read(self, name: str) -> bytes:
        """A small file.

        Raises:
            OutputError: it can't be read.
        """

    @abstractmethod
    def remove(self, name: str) -> None:
        """A file that may be gone already.

        Raises:
            OutputError: it stays.
        """

    @abstractmethod
    def sizes(self) -> dict[str, int]:
        """All files below the folder, and how many bytes each has.

        Raises:
            OutputError: the store can't be asked.
        """


def open_store(place: str | os.PathLike[str]) -> Store:
    """The store of a folder or a URL.

    Raises:
        InputError, MissingDependencyError: see `remote.filesystem`.
    """
    text = os.fspath(place)
    return FsspecStore(text) if is_remote(text) else LocalStore(Path(text))


class LocalStore(Store):
    """A folder of this machine. What is being written is in the same file system, so that a move
    is one step.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def url(self) -> str:
        return str(self._root.resolve())

    @property
    def root(self) -> Path:
        return self._root

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        folder = self._root / OWN / "scratch" / secrets.token_hex(8)
        with reporting_errors(self._root):
            folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def clear_scratch(self) -> None:
        shutil.rmtree(self._root / OWN / "scratch", ignore_errors=True)

    def take(self, file: Path, name: str) -> int:
        path, size = self._root / name, file.stat().st_size
        with reporting_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            file.replace(path)
        return size

    def read(self, name: str) -> bytes:
        path = self._root / name
        try:
            return path.read_bytes()
        except OSError as error:
            raise OutputError(f"can't read {path}: {error.strerror}; check your rights") from error

    def remove(self, name: str) -> None:
        with reporting_errors(self._root / name):
            (self._root / name).unlink(missing_ok=True)

    def sizes(self) -> dict[str, int]:
        return dict(_sizes(self._root))


class FsspecStore(Store):
    """Through fsspec."""

    def __init__(self, url: str) -> None:
        self._url = url if url.endswith("://") else url.rstrip("/")
        self._files, base = filesystem(url)
        self._base = base.rstrip("/")
        known = self._files.protocol
        self._protocols = {known} if isinstance(known, str) else set(known)

    @property
    def url(self) -> str:
        return self._url

    @property
    def in_process(self) -> bool:
        return "memory" in self._protocols

    def scratch(self) -> AbstractContextManager[Path]:
        return _temporary()

    def clear_scratch(self) -> None:
        """Scratch folders are the temporary ones of the workers' machines."""

    def take(self, file: Path, name: str) -> int:
        size, place = file.stat().st_size, f"{self._base}/{name}"
        folder = place.rpartition("/")[0]
        with self._asking(name):
            if self._protocols & WHOLE:  # which have no folders
                self._files.put_file(str(file), place)
            else:
                self._files.makedirs(folder, exist_ok=True)
                hidden = f"{folder}/.{secrets.token_hex(8)}.tmp"
                self._files.put_file(str(file), hidden)
                self._files.mv(hidden, place)
        file.unlink()
        return size

    def read(self, name: str) -> bytes:
        with self._asking(name):
            found: bytes = self._files.cat_file(f"{self._base}/{name}")
            return found

    def remove(self, name: str) -> None:
        with self._asking(name), contextlib.suppress(FileNotFoundError):
            self._files.rm_file(f"{self._base}/{name}")

    def sizes(self) -> dict[str, int]:
        with self._asking(""):
            self._files.invalidate_cache()
            try:
                found: dict[str, Any] = self._files.find(self._base, detail=True)
            except FileNotFoundError:
                return {}
        start = len(self._base) + 1
        return {name[start:]: int(facts.get("size") or 0) for name, facts in found.items()}

    @contextlib.contextmanager
    def _asking(self, name: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # each store has errors of its own
            raise OutputError(
                f"{self._url}/{name}: {error or type(error).__name__}; "
                "check the address and your rights"
            ) from error


@contextlib.contextmanager
def _temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="strokeanim-") as folder:
        yield Path(folder)


def _sizes(root: Path, below: str = "") -> Iterator[tuple[str, int]]:
    with contextlib.suppress(OSError), os.scandir(root / below) as entries:
        for entry in entries:
            name = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from _sizes(root, f"{name}/")
            else:
                with contextlib.suppress(OSError):
                    yield name, entry.stat().st_size
