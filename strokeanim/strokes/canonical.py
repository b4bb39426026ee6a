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

from strokeanim.strokes.drawing import Drawing
from strokeanim.strokes.geometry import arc_length
from strokeanim.typing import Points

_CLOSED = 0.12
"""A stroke whose ends lie closer than this share of its length counts as closed."""

_WAY = np.array([0.57, 0.82])
"""Open strokes run along this direction: mostly down, a little to the right."""


def canonical(drawing: Drawing) -> Drawing:
    """The same ink with strokes ordered, directed and started by shape; times are dropped.

    Invariant to the order of the strokes and to the direction of each:

    >>> a = Drawing([[(0, 0), (9, 0)], [(0, 5), (4, 5), (9, 5)]])
    >>> b = Drawing([stroke[::-1] for stroke in a.strokes[::-1]])
    >>> canonical(a) == canonical(b)
    True
    """
    strokes = [direct(stroke) for stroke in drawing.strokes]
    return drawing.with_strokes(sorted(strokes, key=_rank(strokes)))


def direct(stroke: Points) -> Points:
    """One stroke in its canonical direction; a closed one also from its canonical start."""
    length = arc_length(stroke)
    way = stroke[-1] - stroke[0]
    if len(stroke) < 3 or length == 0 or np.hypot(*way) > 3 * _CLOSED * length:
        return stroke if float(way @ _WAY) >= 0 else stroke[::-1]
    clockwise = stroke if _area(stroke) >= 0 else stroke[::-1]
    if np.hypot(*way) > _CLOSED * length:
        return clockwise
    start = int(np.argmin(clockwise[:, 0]))
    if start in (0, len(clockwise) - 1):
        return clockwise
    # Both ends stay in: the gap between them, or the overlap, is part of the drawing.
    return np.concatenate([clockwise[start:], clockwise[: start + 1]])


def _area(stroke: Points) -> float:
    """Signed area (shoelace), positive when clockwise on the page, where y points down."""
    x, y = (stroke - stroke.mean(axis=0)).astype(np.float64).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def _rank(strokes: list[Points]) -> Callable[[Any], tuple[int, float]]:
    longest = max(map(arc_length, strokes), default=1.0) or 1.0

    def key(stroke: Points) -> tuple[int, float]:
        size = arc_length(stroke) / longest
        tier = 0 if size >= 0.45 else 1 if size >= 0.15 else 2
        middle = (stroke.min(axis=0) + stroke.max(axis=0)) / 2
        return tier, float(middle @ ([0.35, 1.0] if tier == 0 else [1.0, 0.35]))

    return key
