"""Cache the drawings of files, so that each file is read once for all jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from strokeanim.geometry import DrawingArray
from strokeanim.inbetween.latent_path import Source
from strokeanim.io.limits import ReadPolicy
from strokeanim.io.sources import load, load_one, parse_source

LoadDrawing = Callable[[], Source]
"""A function that returns a drawing. Pictures are read again: ten thousand take too much memory."""


class DrawingCache:
    """A cache in front of `load` and `load_one`."""

    def __init__(self, policy: ReadPolicy = ReadPolicy()) -> None:
        self._policy = policy
        self._pools: dict[str, DrawingArray] = {}
        self._keys: dict[str, dict[str, int]] = {}
        self._latest: tuple[str, Sequence[Source]] = "", ()

    def pool(self, location: str) -> Sequence[Source]:
        """Return everything that a file contains.

        Raises:
            InputError: as `load`.
        """
        if location in self._pools:
            return self._pools[location]
        if location != self._latest[0]:
            pool = load(location, self._policy.limits, self._policy.on_bad)
            if isinstance(pool, DrawingArray):
                self._pools[location] = pool
                return pool
            self._latest = location, pool
        return self._latest[1]

    def find(self, source: str) -> tuple[LoadDrawing, Source]:
        """Return a function that loads the selected (or else the first) drawing, and the drawing.

        Raises:
            InputError: as `load_one`.
        """
        name = parse_source(source)
        pool = self.pool(name.place)
        if isinstance(pool, DrawingArray):
            index = 0 if name.selector is None else self._find_index(name.place, name.selector)
            if index is not None:
                return partial(pool.__getitem__, index), pool[index]
        reload = partial(load_one, source, self._policy.limits, self._policy.on_bad)
        if name.selector is None:  # a picture
            return reload, pool[0]
        return reload, reload()  # a layer of an SVG, or an error that lists what exists

    def _find_index(self, location: str, selector: str) -> int | None:
        """Return the index of a selector: digits below the count are an index, else it is a key."""
        pool = self._pools[location]
        if selector.isascii() and selector.isdecimal() and int(selector) < len(pool):
            return int(selector)
        if location not in self._keys:
            keys = pool.keys.tolist()
            self._keys[location] = {key: n for n, key in reversed(list(enumerate(keys)))}
        return self._keys[location].get(selector)
