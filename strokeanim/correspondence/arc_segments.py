"""Strokes to be run along, and stretches of them.

A place on a stroke is a share of its arc length. A closed stroke is a ring: the short gap between
its ends belongs to it, and it goes on after 1 where it began, so that (0.3, 1.3) is all of it from
another start. What was drawn ends at `Curve.end`, just before 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from strokeanim.geometry.splines import flatten, outline
from strokeanim.typing import Bool, Float64, Int64, Points

POINTS = 16
"""Of a span while it is compared."""

GRID = 16
"""Places where a span may begin and end, before the best is refined."""

CELLS = 96
"""Equal parts of a stroke that are covered, or not."""

CLOSED, GAP = 0.04, 0.05
"""A stroke whose ends lie closer than these shares, of its length and of the drawing's longer side,
is a ring. Where one starts elsewhere, its gap is drawn."""

FINER = 6
"""Straight pieces that a renderer's curve from one point to the next is taken apart into."""

Shape = Float64[np.ndarray, "points 2"]
Ways = Float64[np.ndarray, "ways 2"]
EVEN = np.linspace(0, 1, POINTS)
AROUND = np.array([[a, b] for a in (-1, 0, 1) for b in (-1, 0, 1)], np.float64)


class Curve:
    """A polyline to be run along.

    Args:
        points: of the line.
        gap: what may lie between the ends of a ring, of the longer side; none is one below 0.
        material: whether points count as well as length: a stretch that has shrunk to a point is
            then still a stretch. Half of a share is of the length, half of the number of points.
        marks: numbers of the points that no resampling may lose; all if not given.
    """

    def __init__(
        self,
        points: Shape,
        gap: float = GAP,
        material: bool = False,
        marks: Int64[np.ndarray, " marks"] | None = None,
    ) -> None:
        between = float(np.hypot(*(points[-1] - points[0])))
        along = _lengths(points)
        drawn = float(along[-1])
        along /= drawn or 1.0
        if material:
            numbers = np.linspace(0, 1, len(points))
            along = (along + numbers) / 2 if drawn else numbers
        self.closed = len(points) > 3 and drawn > 0 and between <= min(gap, CLOSED * drawn)
        self.length = drawn + between if self.closed else drawn
        self.end = drawn / self.length if self.closed else 1.0
        self.points = np.concatenate([points, points[:1]]) if self.closed else points
        self._along = np.append(along * self.end, 1.0) if self.closed else along
        self.marks = self._along[: len(points)] if marks is None else self._along[marks]

    @classmethod
    def of(cls, stroke: Points, gap: float = GAP) -> Curve:
        """A stroke as it is drawn: with the smooth curve through its points."""
        start, pieces = outline(stroke, smooth=True)
        points = flatten(start, pieces, steps=FINER)
        steps = FINER if pieces.shape[1] == 3 else 1
        return cls(points, gap, marks=np.arange(0, len(points), steps))

    def places(self, shares: Float64[np.ndarray, "..."]) -> Any:
        """Where shares of the length lie among the points: 2.5 is half-way from third to fourth."""
        inside = shares % 1.0 if self.closed else shares
        return np.interp(inside, self._along, np.arange(len(self._along)))

    def at(self, shares: Float64[np.ndarray, "..."]) -> Any:
        """The points `(…, 2)` at shares of the length."""
        return interpolate_at(self.points, self.places(shares))

    @cached_property
    def box(self) -> Float64[np.ndarray, "2 2"]:
        """Its lowest and its highest x and y."""
        return np.array([self.points.min(axis=0), self.points.max(axis=0)])

    @cached_property
    def whole(self) -> Segment:
        """As it was drawn."""
        return Segment(self, 0.0, self.end)

    def along(self, ways: Ways) -> Float64[np.ndarray, "ways points 2"]:
        """The shapes of spans, given by their starts and ends."""
        return np.asarray(self.at(ways[:, :1] + np.diff(ways, axis=1) * EVEN))

    @cached_property
    def candidate_intervals(self) -> Ways:
        """Start and end of the spans that are tried, points among them, there and back."""
        grid = np.arange(GRID + 1) / GRID
        first, other = (each.ravel() for each in np.meshgrid(grid, grid))
        if self.closed:
            there = np.stack([first, first + other], axis=1)[first < 1]
        else:
            there = np.stack([first, other], axis=1)[first <= other]
        ways: Ways = np.concatenate([there, there[:, ::-1]])
        return ways

    @cached_property
    def shapes(self) -> Float64[np.ndarray, "ways points 2"]:
        """Of the spans that are tried."""
        return self.along(self.candidate_intervals)

    @cached_property
    def full_traversals(self) -> Ways:
        """Start and end of all ways of running along the whole stroke."""
        drawn = np.array([[0.0, self.end], [self.end, 0.0]])
        if not self.closed:
            return drawn
        starts = np.arange(1, 2 * GRID) / (2 * GRID)
        traversal_shapes = [np.stack([starts, starts + way], axis=1) for way in (1, -1)]
        ways: Ways = np.concatenate([drawn, *traversal_shapes])
        return ways

    @cached_property
    def traversal_shapes(self) -> Float64[np.ndarray, "ways points 2"]:
        """The shapes of all ways of running along the whole stroke."""
        return self.along(self.full_traversals)


@dataclass(frozen=True, eq=False)
class Segment:
    """A stretch of a curve, from one share of its length to another; a point if they are equal."""

    curve: Curve
    start: float
    end: float

    @property
    def length(self) -> float:
        return abs(self.end - self.start) * self.curve.length

    def shares(self, along: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
        """From shares of the span to shares of its curve."""
        found: Float64[np.ndarray, " n"] = self.start + (self.end - self.start) * along
        return found

    def at(self, along: Float64[np.ndarray, " n"]) -> Shape:
        """Its points at shares of itself."""
        found: Shape = self.curve.at(self.shares(along))
        return found

    @property
    def marks(self) -> Float64[np.ndarray, " marks"]:
        """Shares of the span, in order, at which its curve has points not to be lost."""
        low, high = sorted((self.start, self.end))
        if high - low < 1e-9:
            return np.zeros(0)
        every = self.curve.marks
        if self.curve.closed:
            every = np.concatenate([every + turn for turn in range(-2, 3)])
        inside = every[(every > low) & (every < high)]
        return np.sort((inside - self.start) / (self.end - self.start))

    @property
    def key(self) -> tuple[float, float]:
        return self.start, self.end

    @cached_property
    def shape(self) -> Shape:
        return self.at(EVEN)

    @property
    def cells(self) -> Bool[np.ndarray, " cells"]:
        """Which of `CELLS` equal parts of what was drawn lie on it, by their middles."""
        low, high = sorted((self.start, self.end))
        middles = (np.arange(CELLS) + 0.5) / CELLS * self.curve.end
        if high - low > self.curve.end - 1e-9:
            return np.ones(CELLS, bool)
        if self.curve.closed:
            return np.asarray((middles - low) % 1.0 <= high - low)
        return np.asarray((middles >= low) & (middles <= high))


def mean_distance(
    shapes: Float64[np.ndarray, "... points 2"], to: Float64[np.ndarray, "... points 2"]
) -> Any:
    """Mean distances of corresponding points: a number for one shape, an array for many."""
    return np.hypot(shapes[..., 0] - to[..., 0], shapes[..., 1] - to[..., 1]).mean(axis=-1)


def closest_whole(curve: Curve, to: Shape) -> Segment:
    """The way of running along all of a stroke that comes closest to a shape."""
    costs = mean_distance(curve.traversal_shapes, to)
    costs[2:] += (1 - curve.end) * curve.length  # elsewhere started, its gap is drawn
    return Segment(curve, *curve.full_traversals[int(costs.argmin())].tolist())


def closest_part(curve: Curve, to: Shape) -> tuple[Segment, float]:
    """The span, any part or all of a stroke, that comes closest to a shape, and how close."""
    return closest_segment([curve], to)


def closest_segment(curves: Sequence[Curve], to: Shape) -> tuple[Segment, float]:
    """The same of several strokes; which of them it is, is decided on the grid."""
    cost, place, best = np.inf, -1, -1
    least = _at_least(curves, to)
    for k in least.argsort().tolist():
        if least[k] > cost + 1e-9:
            break
        costs = mean_distance(curves[k].shapes, to)
        number = int(costs.argmin())
        cost, place, best = min((cost, place, best), (float(costs[number]), k, number))
    curve = curves[place]
    way, step = curve.candidate_intervals[best], 0.5 / GRID
    for _ in range(2):
        near = way + step * AROUND
        near = near[np.ptp(near, axis=1) <= 1] if curve.closed else near.clip(0, 1)
        costs = mean_distance(curve.along(near), to)
        best, step = int(costs.argmin()), step / 2
        if costs[best] < cost:
            way, cost = near[best], float(costs[best])
    return Segment(curve, *way.tolist()), cost


def _at_least(curves: Sequence[Curve], to: Shape) -> Float64[np.ndarray, " curves"]:
    """What each curve is apart from a shape at least: as much as the box around it is."""
    boxes = np.array([curve.box for curve in curves])[:, :, None]
    outside = np.maximum(boxes[:, 0] - to, to - boxes[:, 1]).clip(0)
    least: Float64[np.ndarray, " curves"] = mean_distance(outside, np.zeros(2))
    return least


def interpolate_at(
    points: Float64[np.ndarray, "... points 2"], places: Float64[np.ndarray, "..."]
) -> Any:
    """Points at fractional places along the last axis but one."""
    low = np.minimum(places.astype(np.intp), points.shape[-2] - 1)
    high = np.minimum(low + 1, points.shape[-2] - 1)
    part = (places - low)[..., None]
    return (1 - part) * points[..., low, :] + part * points[..., high, :]


def _lengths(points: Shape) -> Float64[np.ndarray, " n"]:
    steps = np.diff(points, axis=0)
    return np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
