"""Folders of shards, which `sharding` writes: what is in them, and a window that moves over them.

Training holds one shard of each class, or a part of it, draws about as many drawings as these are,
and drops them for the next. So memory does not depend on how many drawings there are, and files
are read as a whole, one after the other.
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
"""Written last: without it a folder is not complete."""

VERSION = 1

WINDOW = 500_000
"""Drawings in memory at most, each of about half a kilobyte."""

_ALL = ReadPolicy(Limits(**dict.fromkeys(("bytes", "json", "strokes", "points"), 1 << 62)))
"""Whoever cut the drawings has allowed them; by now they are known to be the same."""


@dataclass(frozen=True)
class Shard:
    """A file of drawings of one class.

    Attributes:
        path: where it is.
        count: of its drawings.
        sha256: of the file, in hexadecimal digits.
    """

    path: Path
    count: int
    sha256: str

    def load(self) -> DrawingArray:
        """Its drawings.

        Raises:
            InputError: it is missing, or not what the index says.
        """
        try:
            with self.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _missing(self.path, error) from error
        if digest != self.sha256:
            raise InputError(f"the shard {self.path} is damaged: not what {INDEX} says; {_FIX}")
        found = read_ndjson(self.path, _ALL)
        if len(found) != self.count:
            raise InputError(
                f"the shard {self.path} holds {len(found)} drawings, and {INDEX} says "
                f"{self.count}; {_FIX}"
            )
        return found


_FIX = "copy it again, or make the folder again with `strokeanim data shard`"


def _missing(path: Path, error: OSError) -> InputError:
    return InputError(f"the shard {path} is missing ({error.strerror}); {_FIX}")


def list_shards(folders: Iterable[str | Path], part: str) -> dict[str, tuple[Shard, ...]]:
    """The shards of each class in some folders, of the part `train`, `valid` or `test`.

    Raises:
        InputError: a folder is no complete one, or lacks a file, or has one of another size.
    """
    found: dict[str, tuple[Shard, ...]] = {}
    for folder in map(Path, folders):
        for label, shards in _read(folder, part).items():
            found[label] = found.get(label, ()) + shards
    return dict(sorted(found.items()))


def digest_of(folder: str | Path) -> str:
    """The SHA-256 of a folder's index, which holds those of all its files; in hexadecimal digits.

    Raises:
        InputError: the folder has none.
    """
    return hashlib.sha256(_index_of(Path(folder))).hexdigest()


def _index_of(folder: Path) -> bytes:
    try:
        return (folder / INDEX).read_bytes()
    except OSError as error:
        raise InputError(
            f"{folder} holds no {INDEX}, so it is no folder of shards, or not all of one; "
            "make it with `strokeanim data shard`"
        ) from error


def _read(folder: Path, part: str) -> dict[str, tuple[Shard, ...]]:
    data = _index_of(folder)
    try:
        index = json.loads(data)
        if index["version"] != VERSION:
            raise InputError(
                f"{folder / INDEX} is of version {index['version']}, and {VERSION} can be read; "
                "make the folder again with `strokeanim data shard`"
            )
        return {
            label: tuple(_shard(folder, **entry) for entry in parts[part])
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


def _shard(folder: Path, file: str, count: int, bytes: int, sha256: str) -> Shard:  # noqa: A002
    place = PurePosixPath(file)
    if place.is_absolute() or ".." in place.parts or count < 1:
        raise ValueError(f"it names {file!r}")
    path = folder / place
    try:
        there = path.stat().st_size
    except OSError as error:
        raise _missing(path, error) from error
    if there != bytes:
        raise InputError(f"the shard {path} is damaged: {there} bytes instead of {bytes}; {_FIX}")
    return Shard(path, count, sha256)


def read_first(shards: Sequence[Shard], count: int) -> DrawingArray:
    """The first drawings of a class; as good as any, for the order is that of a hash.

    Raises:
        InputError: as `Shard.load`.
    """
    return DrawingArray.of(islice((drawing for shard in shards for drawing in shard.load()), count))


class ShardWindow:
    """What is in memory of some shards, by the number of the window.

    In each window there is one shard of every class. Each class goes through its shards in an order
    of its own, another for each pass. If this were more than `most` drawings, shards are cut into
    as many parts as it takes, and windows have one of these; but a part has a drawing at least.

    Attributes:
        parts: into how many the shards of each class are cut.
        held: drawings of a window, on average.
    """

    def __init__(
        self, shards: Mapping[str, Sequence[Shard]], seed: int = 0, most: int = WINDOW
    ) -> None:
        self._classes, self._seed = list(shards.values()), seed
        whole = sum(max(shard.count for shard in every) for every in self._classes)
        least = [min(shard.count for shard in every) for every in self._classes]
        self.parts = tuple(min(-(-whole // most), fewest) for fewest in least)
        means = [np.mean([shard.count for shard in every]) for every in self._classes]
        self.held = float(np.sum(np.divide(means, self.parts)))
        self._number = -1
        self._window: list[DrawingArray] = []

    def at(self, number: int) -> Sequence[DrawingArray]:
        """The drawings of each class in a window; a pure function of its number.

        Raises:
            InputError: as `Shard.load`.
        """
        if number != self._number:
            self._window.clear()  # before there are others
            self._number = -1
            for place in range(len(self._classes)):
                self._window.append(self._portion(place, number))
            self._number = number
        return self._window

    def _portion(self, place: int, number: int) -> DrawingArray:
        shards, parts = self._classes[place], self.parts[place]
        every = len(shards) * parts
        turn, step = divmod(number, every)
        order = np.random.default_rng([self._seed, place, turn]).permutation(every)
        which, part = divmod(int(order[step]), parts)
        found = shards[which].load()
        return found if parts == 1 else found[part::parts]
