"""Store the files of a batch atomically, in a local folder or in a store of fsspec."""

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

from strokeanim.batch.naming import PRIVATE_FOLDER
from strokeanim.errors import OutputError
from strokeanim.io.atomic_files import reporting_errors
from strokeanim.io.remote import filesystem, is_remote

ATOMIC_PROTOCOLS = {"memory", "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oss", "oci", "r2"}
"""Protocols of stores in which an object appears only when it is complete. Elsewhere, a file is
written under a temporary name first."""


class Store(ABC):
    """The folder of the outputs. Names are relative, with `/`."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Return the address of the folder for other processes."""

    @property
    def root(self) -> Path | None:
        """Return the folder, or None if it is remote."""
        return None

    @property
    def in_process(self) -> bool:
        """Return whether other processes can't access the store."""
        return False

    @abstractmethod
    def scratch(self) -> AbstractContextManager[Path]:
        """Return a context manager that yields an empty folder, for files that `take` will move."""

    @abstractmethod
    def clear_scratch(self) -> None:
        """Remove the local scratch folders that killed workers have left."""

    @abstractmethod
    def take(self, file: Path, name: str) -> int:
        """Move a file to its name, replacing any other, and return its size in bytes.

        Raises:
            OutputError: it can't be written.
        """

    def write(self, name: str, data: bytes) -> None:
        """Write a small file.

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
        """Read a small file.

        Raises:
            OutputError: it can't be read.
        """

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a file, if it exists.

        Raises:
            OutputError: it can't be removed.
        """

    @abstractmethod
    def sizes(self) -> dict[str, int]:
        """Return the size in bytes of each file below the folder, by name.

        Raises:
            OutputError: the store can't be listed.
        """


def open_store(folder: str | os.PathLike[str]) -> Store:
    """Open the store of a folder or a URL.

    Raises:
        InputError, MissingDependencyError: see `remote.filesystem`.
    """
    text = os.fspath(folder)
    return FsspecStore(text) if is_remote(text) else LocalStore(Path(text))


class LocalStore(Store):
    """A local folder. Scratch folders are on the same file system, so that moves are atomic."""

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
        folder = self._root / PRIVATE_FOLDER / "scratch" / secrets.token_hex(8)
        with reporting_errors(self._root):
            folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def clear_scratch(self) -> None:
        shutil.rmtree(self._root / PRIVATE_FOLDER / "scratch", ignore_errors=True)

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
        return dict(_list_sizes(self._root))


class FsspecStore(Store):
    """A folder of a file system of fsspec."""

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
        return _temporary_folder()

    def clear_scratch(self) -> None:
        """Do nothing: scratch folders are temporary ones of the workers."""

    def take(self, file: Path, name: str) -> int:
        size, path = file.stat().st_size, f"{self._base}/{name}"
        folder = path.rpartition("/")[0]
        with self._reporting_errors(name):
            if self._protocols & ATOMIC_PROTOCOLS:  # they have no folders
                self._files.put_file(str(file), path)
            else:
                self._files.makedirs(folder, exist_ok=True)
                temporary = f"{folder}/.{secrets.token_hex(8)}.tmp"
                self._files.put_file(str(file), temporary)
                self._files.mv(temporary, path)
        file.unlink()
        return size

    def read(self, name: str) -> bytes:
        with self._reporting_errors(name):
            data: bytes = self._files.cat_file(f"{self._base}/{name}")
            return data

    def remove(self, name: str) -> None:
        with self._reporting_errors(name), contextlib.suppress(FileNotFoundError):
            self._files.rm_file(f"{self._base}/{name}")

    def sizes(self) -> dict[str, int]:
        with self._reporting_errors(""):
            self._files.invalidate_cache()
            try:
                files: dict[str, Any] = self._files.find(self._base, detail=True)
            except FileNotFoundError:
                return {}
        start = len(self._base) + 1
        return {name[start:]: int(facts.get("size") or 0) for name, facts in files.items()}

    @contextlib.contextmanager
    def _reporting_errors(self, name: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # each store has errors of its own
            raise OutputError(
                f"{self._url}/{name}: {error or type(error).__name__}; "
                "check the address and your rights"
            ) from error


@contextlib.contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="strokeanim-") as folder:
        yield Path(folder)


def _list_sizes(root: Path, below: str = "") -> Iterator[tuple[str, int]]:
    with contextlib.suppress(OSError), os.scandir(root / below) as entries:
        for entry in entries:
            name = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from _list_sizes(root, f"{name}/")
            else:
                with contextlib.suppress(OSError):
                    yield name, entry.stat().st_size
