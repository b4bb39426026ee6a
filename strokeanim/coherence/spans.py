"""Stretches of strokes, and how close two of them come.

A stroke is run along by its share of arc length, 0 to 1. A span is what lies between two shares: a
whole stroke is (0, 1), the same reversed (1, 0), half of it (0, 0.5). A closed stroke goes on after
1 where it began, so (0.3, 1.3) is all of it from another start.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from strokeanim.typing import Float64, Points

POINTS = 48
"""Of a span while it is compared."""

CLOSED = 0.1
"""A stroke whose ends lie closer than this share of its length may start anywhere."""

STARTS = 24
"""Places where a closed stroke may start, and a stroke be cut in two."""

ELSEWHERE = 0.01
"""What starting a closed stroke elsewhere has to be worth, for its gap is drawn then."""

Shape = Float64[np.ndarray, "points 2"]
Shares = Float64[np.ndarray, " spans"]
EVEN = np.linspace(0, 1, POINTS)


@dataclass(frozen=True, eq=False)
class Curve:
    """A stroke to be run along."""

    stroke: Points

    @cached_property
    def length(self) -> float:
        return float(self._along[-1])

    @cached_property
    def closed(self) -> bool:
        gap = float(np.hypot(*(self.stroke[-1] - self.stroke[0])))
        return len(self.stroke) > 3 and self.length > 0 and gap <= CLOSED * self.length

    def at(self, share: Float64[np.ndarray, "..."], loop: bool = False) -> Any:
        """The points `(…, 2)` at shares of the arc length; with `loop` it goes round and round."""
        points, along = (self._round, self._way) if loop else (self._exact, self._along)
        place = (share % 1.0 if loop else share) * along[-1]
        return np.stack([np.interp(place, along, points[:, axis]) for axis in (0, 1)], axis=-1)

    @cached_property
    def _exact(self) -> Float64[np.ndarray, "n 2"]:
        return self.stroke.astype(np.float64)

    @cached_property
    def _along(self) -> Float64[np.ndarray, " n"]:
        return _lengths(self._exact)

    @cached_property
    def _round(self) -> Float64[np.ndarray, "n 2"]:
        return np.concatenate([self._exact, self._exact[:1]])

    @cached_property
    def _way(self) -> Float64[np.ndarray, " n"]:
        return _lengths(self._round)


@dataclass(frozen=True, eq=False)
class Span:
    """A stretch of a curve, from one share of its arc length to another."""

    curve: Curve
    start: float = 0.0
    end: float = 1.0

    @property
    def length(self) -> float:
        return abs(self.end - self.start) * self.curve.length

    def sampled(self, count: int = POINTS) -> Shape:
        """Points at equal arc length, both ends included."""
        share = np.linspace(self.start, self.end, count)
        as_drawn = {self.start, self.end} == {0.0, 1.0}
        shape: Shape = self.curve.at(share, loop=self.curve.closed and not as_drawn)
        return shape

    @property
    def is_point(self) -> bool:
        return self.start == self.end

    def point(self, share: float) -> Span:
        """The one point at a share of the span."""
        at = self.start + share * (self.end - self.start)
        return Span(self.curve, at, at)

    def turned(self, share: float, back: bool) -> Span:
        """All of a closed stroke, from a later start or, `back`, the other way round from there."""
        way = self.end - self.start
        start = self.start + share * way
        return Span(self.curve, start, start + (-way if back else way))

    @property
    def is_whole(self) -> bool:
        return abs(self.end - self.start) > 1 - 1e-9

    @cached_property
    def shape(self) -> Shape:
        return self.sampled()


def apart(shapes: Float64[np.ndarray, "... points 2"], to: Shape) -> Any:
    """Mean distances of corresponding points: a number for one shape, an array for many."""
    return np.hypot(shapes[..., 0] - to[:, 0], shapes[..., 1] - to[:, 1]).mean(axis=-1)


def aligned(curve: Curve, to: Shape) -> tuple[Span, float]:
    """The way of running along all of a stroke that comes closest to `to`, and how close."""
    ways = np.array([[0.0, 1.0], [1.0, 0.0]])
    costs = apart(curve.at(_shares(ways)), to)
    if curve.closed:
        starts = np.arange(1, STARTS) / STARTS
        loops = np.concatenate([np.stack([starts, starts + way], axis=1) for way in (1, -1)])
        ways = np.concatenate([ways, loops])
        costs = np.append(costs, apart(curve.at(_shares(loops), loop=True), to) + ELSEWHERE)
    best = int(costs.argmin())
    return Span(curve, *ways[best]), float(costs[best])


def split(curve: Curve, first: Shape, second: Shape) -> tuple[Span, Span, float]:
    """Cut a stroke in two, the one part as close to `first`, the other to `second` as can be.

    The cost is the mean distance of corresponding points, over both parts by their length.
    """
    starts = np.arange(STARTS) / STARTS if curve.closed else np.zeros(1)
    cuts = np.arange(1, STARTS) / STARTS
    start, cut = (each.ravel() for each in np.meshgrid(starts, cuts))
    before, after = np.stack([start, start + cut]), np.stack([start + cut, start + 1])
    best: tuple[Span, Span, float] | None = None
    for mine, theirs, share in ((before, after, cut), (after, before, 1 - cut)):
        left, near = _either(curve, mine, first)
        right, far = _either(curve, theirs, second)
        costs = share * near + (1 - share) * far
        place = int(costs.argmin())
        if best is None or costs[place] < best[2]:
            best = Span(curve, *left[place]), Span(curve, *right[place]), float(costs[place])
    assert best is not None
    return best


def cover(shape: Shape, span: Span) -> float:
    """How far a shape is from lying on a span: the mean distance to its nearest point."""
    return float(_gaps(shape, span.shape).min(axis=1).mean())


def meeting(shape: Shape, span: Span) -> tuple[float, float]:
    """Where a span comes closest to a shape, 0 its start, 1 its end, and how close."""
    gaps = _gaps(shape, span.shape).min(axis=0)
    return float(gaps.argmin()) / (POINTS - 1), float(gaps.min())


def _either(curve: Curve, spans: Float64[np.ndarray, "2 spans"], to: Shape) -> tuple[Shape, Shares]:
    """Each span the way round that comes closer, and how close."""
    shapes = curve.at(_shares(spans.T), loop=curve.closed)
    there, back = apart(shapes, to), apart(shapes[:, ::-1], to)
    ways = np.where((there <= back)[:, None], spans.T, spans.T[:, ::-1])
    return ways, np.minimum(there, back)


def _shares(spans: Float64[np.ndarray, "spans 2"]) -> Float64[np.ndarray, "spans points"]:
    shares: Float64[np.ndarray, "spans points"] = (
        spans[:, :1] + (spans[:, 1:] - spans[:, :1]) * EVEN
    )
    return shares


def _gaps(a: Shape, b: Shape) -> Float64[np.ndarray, "a b"]:
    gaps: Float64[np.ndarray, "a b"] = np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1))
    return gaps


def _lengths(points: Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, " n"]:
    steps = np.diff(points, axis=0)
    return np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
