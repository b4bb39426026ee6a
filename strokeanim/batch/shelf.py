"""Files that jobs take drawings from: each is read once, however many jobs name it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from strokeanim.animate import Source
from strokeanim.data.limits import Policy
from strokeanim.data.sources import load, load_one, parse
from strokeanim.strokes import Drawings

Held = Callable[[], Source]
"""Gives a drawing when it is asked for. A picture is read again: ten thousand take too much
memory."""


class Shelf:
    """Gives what `load` and `load_one` give."""

    def __init__(self, policy: Policy = Policy()) -> None:
        self._policy = policy
        self._pools: dict[str, Drawings] = {}
        self._keys: dict[str, dict[str, int]] = {}

    def pool(self, place: str) -> Sequence[Source]:
        """All that a file holds.

        Raises:
            InputError: as `load`.
        """
        if place in self._pools:
            return self._pools[place]
        found = load(place, self._policy.limits, self._policy.on_bad)
        if isinstance(found, Drawings):
            self._pools[place] = found
        return found

    def find(self, source: str) -> Held:
        """The drawing that a source selects or, if it selects none, the first.

        Raises:
            InputError: as `load_one`.
        """
        wanted = parse(source)
        pool = self.pool(wanted.place)
        if isinstance(pool, Drawings):
            number = 0 if wanted.selector is None else self._number(wanted.place, wanted.selector)
            if number is not None:
                return partial(pool.__getitem__, number)
        # a picture, a layer of an SVG; or an error that says what there is
        again = partial(load_one, source, self._policy.limits, self._policy.on_bad)
        again()
        return again

    def _number(self, place: str, selector: str) -> int | None:
        """Digits are an index if it is below the count, else a key."""
        pool = self._pools[place]
        if selector.isascii() and selector.isdecimal() and int(selector) < len(pool):
            return int(selector)
        if place not in self._keys:
            keys = pool.keys.tolist()
            self._keys[place] = {key: n for n, key in reversed(list(enumerate(keys)))}
        return self._keys[place].get(selector)
