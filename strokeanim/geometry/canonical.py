"""Put drawings in a canonical form: stroke order, direction and start that depend on shape alone.

The encoder gets pixels, which do not show the order or direction in which they were drawn. A
decoder that has to guess them jumps between guesses from one in-between to the next. So drawings
are put in a canonical form before the model is trained on them: big strokes first, top to bottom,
then small ones, left to right; open strokes run down and to the right; closed ones run clockwise
from their leftmost point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from strokeanim.geometry.drawing import Drawing
from strokeanim.geometry.polylines import arc_length
from strokeanim.typing import Points

_CLOSED_GAP = 0.04
"""A stroke whose ends lie closer than this share of its length counts as closed."""

_ROUND_GAP = 0.36
"""A stroke whose ends lie no further apart than this share of its length runs clockwise."""

_DIRECTION = np.array([0.57, 0.82])
"""The direction of open strokes: mostly down, a little to the right."""


def canonicalise(drawing: Drawing, closing: bool = True) -> Drawing:
    """Return the drawing with strokes ordered, directed and started by shape; times are dropped.

    Invariant to the order of the strokes and to the direction of each. A stroke whose ends lie
    close together counts as closed: its start may move, and then its gap is drawn. Without
    `closing`, the start moves only in strokes that end exactly where they begin.

    >>> a = Drawing([[(0, 0), (9, 0)], [(0, 5), (4, 5), (9, 5)]])
    >>> b = Drawing([stroke[::-1] for stroke in a.strokes[::-1]])
    >>> canonicalise(a) == canonicalise(b)
    True
    """
    strokes = [orient(stroke, closing) for stroke in drawing.strokes]
    return drawing.with_strokes(sorted(strokes, key=_build_sort_key(strokes)))


def orient(stroke: Points, closing: bool = True) -> Points:
    """Return a stroke in its canonical direction; a closed one also from its canonical start."""
    length = arc_length(stroke)
    chord = stroke[-1].astype(np.float64) - stroke[0]
    gap = float(np.hypot(*chord))
    if len(stroke) < 3 or length == 0 or gap > _ROUND_GAP * length:
        return _reverse_by_sign(stroke, float(chord @ _DIRECTION))
    clockwise = _reverse_by_sign(stroke, _signed_area(stroke))
    if gap > (_CLOSED_GAP * length if closing else 0):
        return clockwise
    start = int(np.lexsort((clockwise[:, 1], clockwise[:, 0]))[0])
    if start in (0, len(clockwise) - 1):
        return clockwise
    rest = clockwise[1:] if gap == 0 else clockwise
    return np.concatenate([clockwise[start:], rest[: start + (gap != 0)]])


def _reverse_by_sign(stroke: Points, sign: float) -> Points:
    """Return the stroke, reversed if `sign` is negative; near 0 the coordinates decide."""
    if abs(sign) < 1e-6:
        return min(stroke, stroke[::-1], key=lambda points: tuple(points.ravel().tolist()))
    return stroke if sign > 0 else stroke[::-1]


def _signed_area(stroke: Points) -> float:
    """Compute the signed area (shoelace), positive for clockwise on the page (y down)."""
    x, y = (stroke - stroke[0]).astype(np.float64).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def _build_sort_key(strokes: list[Points]) -> Callable[[Any], tuple[float, ...]]:
    """Build the sort key of the canonical order: tier of length, position, then coordinates."""
    longest = max(map(arc_length, strokes), default=1.0) or 1.0

    def key(stroke: Points) -> tuple[float, ...]:
        size = arc_length(stroke) / longest
        tier = 0 if size >= 0.45 else 1 if size >= 0.15 else 2
        middle = (stroke.min(axis=0) + stroke.max(axis=0)) / 2
        position = float(middle @ ([0.35, 1.0] if tier == 0 else [1.0, 0.35]))
        return tier, position, *stroke.ravel().tolist()

    return key
