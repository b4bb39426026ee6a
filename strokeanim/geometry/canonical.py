"""One way of drawing a picture: a stroke order, direction and start that depend on shape alone.

The encoder sees pixels, and pixels do not tell in which order or direction they were drawn. A
decoder that has to guess jumps between guesses from one in-between to the next. So drawings are
put in a canonical form before the model learns from them: big strokes first, top to bottom, then
small ones, left to right; open strokes run down and to the right; closed ones run clockwise from
their leftmost point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from strokeanim.geometry.drawing import Drawing
from strokeanim.geometry.polylines import arc_length
from strokeanim.typing import Points

_CLOSED = 0.04
"""A stroke whose ends lie closer than this share of its length counts as closed."""

_ROUND = 0.36
"""Up to this gap a stroke goes round rather than along, and runs clockwise."""

_WAY = np.array([0.57, 0.82])
"""Open strokes run along this direction: mostly down, a little to the right."""


def canonicalise(drawing: Drawing, closing: bool = True) -> Drawing:
    """The same strokes ordered, directed and started by shape; times are dropped.

    Invariant to the order of the strokes and to the direction of each. A stroke with its ends close
    together counts as closed, and has the gap drawn if it starts elsewhere than before; without
    `closing`, only one that ends where it begins starts elsewhere.

    >>> a = Drawing([[(0, 0), (9, 0)], [(0, 5), (4, 5), (9, 5)]])
    >>> b = Drawing([stroke[::-1] for stroke in a.strokes[::-1]])
    >>> canonical(a) == canonical(b)
    True
    """
    strokes = [orient(stroke, closing) for stroke in drawing.strokes]
    return drawing.with_strokes(sorted(strokes, key=_rank(strokes)))


def orient(stroke: Points, closing: bool = True) -> Points:
    """One stroke in its canonical direction; a closed one also from its canonical start."""
    length = arc_length(stroke)
    way = stroke[-1].astype(np.float64) - stroke[0]
    gap = float(np.hypot(*way))
    if len(stroke) < 3 or length == 0 or gap > _ROUND * length:
        return _oriented(stroke, float(way @ _WAY))
    clockwise = _oriented(stroke, _area(stroke))
    if gap > (_CLOSED * length if closing else 0):
        return clockwise
    start = int(np.lexsort((clockwise[:, 1], clockwise[:, 0]))[0])
    if start in (0, len(clockwise) - 1):
        return clockwise
    rest = clockwise[1:] if gap == 0 else clockwise
    return np.concatenate([clockwise[start:], rest[: start + (gap != 0)]])


def _oriented(stroke: Points, sign: float) -> Points:
    """As it is for a positive sign, reversed for a negative; a tie goes by the coordinates."""
    if abs(sign) < 1e-6:
        return min(stroke, stroke[::-1], key=lambda way: tuple(way.ravel().tolist()))
    return stroke if sign > 0 else stroke[::-1]


def _area(stroke: Points) -> float:
    """Signed area (shoelace), positive when clockwise on the page, where y points down."""
    x, y = (stroke - stroke[0]).astype(np.float64).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def _rank(strokes: list[Points]) -> Callable[[Any], tuple[float, ...]]:
    longest = max(map(arc_length, strokes), default=1.0) or 1.0

    def key(stroke: Points) -> tuple[float, ...]:
        size = arc_length(stroke) / longest
        tier = 0 if size >= 0.45 else 1 if size >= 0.15 else 2
        middle = (stroke.min(axis=0) + stroke.max(axis=0)) / 2
        place = float(middle @ ([0.35, 1.0] if tier == 0 else [1.0, 0.35]))
        return tier, place, *stroke.ravel().tolist()

    return key
