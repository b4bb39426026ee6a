"""Read folders of shards, as `shard_writer` writes them, and move a window over them.

Training keeps one shard of each class, or a part of it, in memory, draws about as many examples as
these have drawings, and replaces them by the next. Memory thus does not depend on the number of
drawings, and files are read whole and in sequence.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

import numpy as np

from strokeanim.errors import InputError
from strokeanim.geometry import DrawingArray
from strokeanim.io.limits import Limits, ReadPolicy
from strokeanim.io.ndjson import read_ndjson

INDEX = "shards.json"
"""Name of the index, which is written last: a folder without it is incomplete."""

VERSION = 1

WINDOW = 500_000
"""Largest number of drawings in memory, each of about half a kilobyte."""

_UNLIMITED = ReadPolicy(Limits(**dict.fromkeys(("bytes", "json", "strokes", "points"), 1 << 62)))
"""Limits were applied when the shards were written, and checksums show them unchanged."""


@dataclass(frozen=True)
class Shard:
    """A file of drawings of one class.

    Attributes:
        path: path of the file.
        count: number of drawings.
        sha256: SHA-256 of the file in hexadecimal digits.
    """

    path: Path
    count: int
    sha256: str

    def load(self) -> DrawingArray:
        """Read the drawings.

        Raises:
            InputError: the file is missing or differs from the index.
        """
        try:
            with self.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _build_missing_error(self.path, error) from error
        if digest != self.sha256:
            raise InputError(f"the shard {self.path} is damaged: not what {INDEX} says; {_FIX}")
        drawings = read_ndjson(self.path, _UNLIMITED)
        if len(drawings) != self.count:
            raise InputError(
                f"the shard {self.path} holds {len(drawings)} drawings, and {INDEX} says "
                f"{self.count}; {_FIX}"
            )
        return drawings


_FIX = "copy it again, or make the folder again with `strokeanim data shard`"


def _build_missing_error(path: Path, error: OSError) -> InputError:
    return InputError(f"the shard {path} is missing ({error.strerror}); {_FIX}")


def list_shards(folders: Iterable[str | Path], part: str) -> dict[str, tuple[Shard, ...]]:
    """List the shards of each class in several folders, of the part `train`, `valid` or `test`.

    Raises:
        InputError: a folder is incomplete, lacks a file, or has a file of the wrong size.
    """
    classes: dict[str, tuple[Shard, ...]] = {}
    for folder in map(Path, folders):
        for label, shards in _list_shards_in(folder, part).items():
            classes[label] = classes.get(label, ()) + shards
    return dict(sorted(classes.items()))


def digest_of(folder: str | Path) -> str:
    """Return the SHA-256, in hexadecimal digits, of a folder's index.

    The index contains the digests of all files, so this identifies their contents.

    Raises:
        InputError: the folder has no index.
    """
    return hashlib.sha256(_read_index(Path(folder))).hexdigest()


def _read_index(folder: Path) -> bytes:
    try:
        return (folder / INDEX).read_bytes()
    except OSError as error:
        raise InputError(
            f"{folder} holds no {INDEX}, so it is no folder of shards, or not all of one; "
            "make it with `strokeanim data shard`"
        ) from error


def _list_shards_in(folder: Path, part: str) -> dict[str, tuple[Shard, ...]]:
    data = _read_index(folder)
    try:
        index = json.loads(data)
        if index["version"] != VERSION:
            raise InputError(
                f"{folder / INDEX} is of version {index['version']}, and {VERSION} can be read; "
                "make the folder again with `strokeanim data shard`"
            )
        return {
            label: tuple(_build_shard(folder, **entry) for entry in parts[part])
            for label, parts in index["classes"].items()
            if parts[part]
        }
    except InputError:  # a ValueError, too
        raise
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(
            f"{folder / INDEX} is damaged ({error}); make the folder again with "
            "`strokeanim data shard`"
        ) from error


def _build_shard(folder: Path, file: str, count: int, bytes: int, sha256: str) -> Shard:  # noqa: A002
    """Build a shard from its entry in the index, checking its path and size."""
    relative = PurePosixPath(file)
    if relative.is_absolute() or ".." in relative.parts or count < 1:
        raise ValueError(f"it names {file!r}")
    path = folder / relative
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _build_missing_error(path, error) from error
    if size != bytes:
        raise InputError(f"the shard {path} is damaged: {size} bytes instead of {bytes}; {_FIX}")
    return Shard(path, count, sha256)


def read_first(shards: Sequence[Shard], count: int) -> DrawingArray:
    """Read the first drawings of a class, a random sample since their order is that of a hash.

    Raises:
        InputError: a shard is missing or differs from the index.
    """
    return DrawingArray.of(islice((drawing for shard in shards for drawing in shard.load()), count))


class ShardWindow:
    """A numbered sequence of windows on shards, one of which is in memory.

    Each window contains one shard of every class. Each class has its own order of shards, a new
    order for each pass. If a window could exceed `most` drawings, shards are cut into as many parts
    as necessary, each of at least one drawing, and a window contains one part per class.

    Attributes:
        parts: for each class, the number of parts of a shard.
        held: mean number of drawings in a window.
    """

    def __init__(
        self, shards: Mapping[str, Sequence[Shard]], seed: int = 0, most: int = WINDOW
    ) -> None:
        self._classes, self._seed = list(shards.values()), seed
        largest = sum(max(shard.count for shard in each) for each in self._classes)
        smallest = [min(shard.count for shard in each) for each in self._classes]
        self.parts = tuple(min(-(-largest // most), count) for count in smallest)
        means = [np.mean([shard.count for shard in each]) for each in self._classes]
        self.held = float(np.sum(np.divide(means, self.parts)))
        self._number = -1
        self._window: list[DrawingArray] = []

    def at(self, number: int) -> Sequence[DrawingArray]:
        """Return the drawings of each class in a window, a pure function of its number.

        Raises:
            InputError: a shard is missing or differs from the index.
        """
        if number != self._number:
            self._window.clear()  # frees the memory first
            self._number = -1
            for index in range(len(self._classes)):
                self._window.append(self._load_part(index, number))
            self._number = number
        return self._window

    def _load_part(self, index: int, number: int) -> DrawingArray:
        """Load the drawings of class `index` in window `number`."""
        shards, parts = self._classes[index], self.parts[index]
        count = len(shards) * parts
        turn, step = divmod(number, count)
        order = np.random.default_rng([self._seed, index, turn]).permutation(count)
        shard, part = divmod(int(order[step]), parts)
        drawings = shards[shard].load()
        return drawings if parts == 1 else drawings[part::parts]
