"""Files that jobs take drawings from: each is read once, however many jobs name it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from strokeanim.geometry import DrawingArray
from strokeanim.io.limits import ReadPolicy
from strokeanim.io.sources import load, load_one, parse_source
from strokeanim.pipeline import Source

Held = Callable[[], Source]
"""Gives a drawing when it is asked for. A picture is read again: ten thousand take too much
memory."""


class DrawingCache:
    """Gives what `load` and `load_one` give."""

    def __init__(self, policy: ReadPolicy = ReadPolicy()) -> None:
        self._policy = policy
        self._pools: dict[str, DrawingArray] = {}
        self._keys: dict[str, dict[str, int]] = {}
        self._latest: tuple[str, Sequence[Source]] = "", ()

    def pool(self, place: str) -> Sequence[Source]:
        """All that a file holds.

        Raises:
            InputError: as `load`.
        """
        if place in self._pools:
            return self._pools[place]
        if place != self._latest[0]:
            found = load(place, self._policy.limits, self._policy.on_bad)
            if isinstance(found, DrawingArray):
                self._pools[place] = found
                return found
            self._latest = place, found
        return self._latest[1]

    def find(self, source: str) -> tuple[Held, Source]:
        """The drawing that a source selects or, if it selects none, the first; and the same again.

        Raises:
            InputError: as `load_one`.
        """
        wanted = parse_source(source)
        pool = self.pool(wanted.place)
        if isinstance(pool, DrawingArray):
            number = 0 if wanted.selector is None else self._number(wanted.place, wanted.selector)
            if number is not None:
                return partial(pool.__getitem__, number), pool[number]
        again = partial(load_one, source, self._policy.limits, self._policy.on_bad)
        if wanted.selector is None:  # a picture
            return again, pool[0]
        return again, again()  # a layer of an SVG; or an error that says what there is

    def _number(self, place: str, selector: str) -> int | None:
        """Digits are an index if it is below the count, else a key."""
        pool = self._pools[place]
        if selector.isascii() and selector.isdecimal() and int(selector) < len(pool):
            return int(selector)
        if place not in self._keys:
            keys = pool.keys.tolist()
            self._keys[place] = {key: n for n, key in reversed(list(enumerate(keys)))}
        return self._keys[place].get(selector)
