"""Parametrise strokes by arc length and find the segments that are closest to a shape.

A parameter is a fraction of the arc length. A closed stroke is periodic: the short gap between its
ends belongs to it, and parameters above 1 go on from its start, so that (0.3, 1.3) is the whole
stroke from another start. The drawn part ends at `Curve.end`, just before 1.
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
"""Points of a segment when it is compared with a shape."""

GRID = 16
"""Steps of the grid on which segments start and end, before the best one is refined."""

CELLS = 96
"""Equal parts of a stroke, each of which is covered or not."""

CLOSED, GAP = 0.04, 0.05
"""Largest gap between the ends of a closed stroke, as fractions of its length and of the drawing's
longer side. A traversal that starts elsewhere draws the gap."""

FLATTEN_STEPS = 6
"""Line pieces into which each piece of the renderer's curve is flattened."""

Shape = Float64[np.ndarray, "points 2"]
Ways = Float64[np.ndarray, "ways 2"]
EVEN = np.linspace(0, 1, POINTS)
AROUND = np.array([[a, b] for a in (-1, 0, 1) for b in (-1, 0, 1)], np.float64)


class Curve:
    """A polyline parametrised by arc length.

    Args:
        points: vertices of the polyline.
        gap: largest gap between the ends of a closed curve, as a fraction of the drawing's longer
            side; no curve is closed if it is negative.
        material: whether the parameter is the mean of the fractions of the length and of the
            number of points, so that a segment that has shrunk to a point keeps its extent.
        marks: indices of the points that no resampling may lose; all if None.
    """

    def __init__(
        self,
        points: Shape,
        gap: float = GAP,
        material: bool = False,
        marks: Int64[np.ndarray, " marks"] | None = None,
    ) -> None:
        gap_length = float(np.hypot(*(points[-1] - points[0])))
        parameters = _accumulate_lengths(points)
        drawn = float(parameters[-1])
        parameters /= drawn or 1.0
        if material:
            by_index = np.linspace(0, 1, len(points))
            parameters = (parameters + by_index) / 2 if drawn else by_index
        self.closed = len(points) > 3 and drawn > 0 and gap_length <= min(gap, CLOSED * drawn)
        self.length = drawn + gap_length if self.closed else drawn
        self.end = drawn / self.length if self.closed else 1.0
        self.points = np.concatenate([points, points[:1]]) if self.closed else points
        self._parameters = np.append(parameters * self.end, 1.0) if self.closed else parameters
        self.marks = self._parameters[: len(points)] if marks is None else self._parameters[marks]

    @classmethod
    def of(cls, stroke: Points, gap: float = GAP) -> Curve:
        """Build the curve of a stroke as it is rendered, smooth through its points."""
        start, pieces = outline(stroke, smooth=True)
        points = flatten(start, pieces, steps=FLATTEN_STEPS)
        steps = FLATTEN_STEPS if pieces.shape[1] == 3 else 1
        return cls(points, gap, marks=np.arange(0, len(points), steps))

    def places(self, shares: Float64[np.ndarray, "..."]) -> Any:
        """Convert parameters to fractional indices of points: 2.5 is between third and fourth."""
        inside = shares % 1.0 if self.closed else shares
        return np.interp(inside, self._parameters, np.arange(len(self._parameters)))

    def at(self, shares: Float64[np.ndarray, "..."]) -> Any:
        """Return the points `(…, 2)` at parameters."""
        return interpolate_at(self.points, self.places(shares))

    @cached_property
    def box(self) -> Float64[np.ndarray, "2 2"]:
        """Return the lowest and the highest x and y."""
        return np.array([self.points.min(axis=0), self.points.max(axis=0)])

    @cached_property
    def whole(self) -> Segment:
        """Return the whole curve, in the direction in which it was drawn."""
        return Segment(self, 0.0, self.end)

    def along(self, ways: Ways) -> Float64[np.ndarray, "ways points 2"]:
        """Sample segments, given by their starts and ends, at `POINTS` points each."""
        return np.asarray(self.at(ways[:, :1] + np.diff(ways, axis=1) * EVEN))

    @cached_property
    def candidate_intervals(self) -> Ways:
        """Return start and end of all segments on the grid, points included, in both directions."""
        grid = np.arange(GRID + 1) / GRID
        first, second = (axis.ravel() for axis in np.meshgrid(grid, grid))
        if self.closed:
            forward = np.stack([first, first + second], axis=1)[first < 1]
        else:
            forward = np.stack([first, second], axis=1)[first <= second]
        intervals: Ways = np.concatenate([forward, forward[:, ::-1]])
        return intervals

    @cached_property
    def shapes(self) -> Float64[np.ndarray, "ways points 2"]:
        """Return the sampled `candidate_intervals`."""
        return self.along(self.candidate_intervals)

    @cached_property
    def full_traversals(self) -> Ways:
        """Return start and end of the traversals of the whole stroke, both as drawn first."""
        drawn = np.array([[0.0, self.end], [self.end, 0.0]])
        if not self.closed:
            return drawn
        starts = np.arange(1, 2 * GRID) / (2 * GRID)
        shifted = [np.stack([starts, starts + turn], axis=1) for turn in (1, -1)]
        intervals: Ways = np.concatenate([drawn, *shifted])
        return intervals

    @cached_property
    def traversal_shapes(self) -> Float64[np.ndarray, "ways points 2"]:
        """Return the sampled `full_traversals`."""
        return self.along(self.full_traversals)


@dataclass(frozen=True, eq=False)
class Segment:
    """A directed segment of a curve between two parameters; a point if they are equal."""

    curve: Curve
    start: float
    end: float

    @property
    def length(self) -> float:
        return abs(self.end - self.start) * self.curve.length

    def shares(self, along: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
        """Convert parameters of the segment to parameters of its curve."""
        parameters: Float64[np.ndarray, " n"] = self.start + (self.end - self.start) * along
        return parameters

    def at(self, along: Float64[np.ndarray, " n"]) -> Shape:
        """Return the points at parameters of the segment."""
        points: Shape = self.curve.at(self.shares(along))
        return points

    @property
    def marks(self) -> Float64[np.ndarray, " marks"]:
        """Return the parameters of the curve's marks inside the segment, in ascending order."""
        low, high = sorted((self.start, self.end))
        if high - low < 1e-9:
            return np.zeros(0)
        marks = self.curve.marks
        if self.curve.closed:
            marks = np.concatenate([marks + turn for turn in range(-2, 3)])
        inside = marks[(marks > low) & (marks < high)]
        return np.sort((inside - self.start) / (self.end - self.start))

    @property
    def key(self) -> tuple[float, float]:
        return self.start, self.end

    @cached_property
    def shape(self) -> Shape:
        return self.at(EVEN)

    @property
    def cells(self) -> Bool[np.ndarray, " cells"]:
        """Return which of `CELLS` equal parts of the drawn curve have their middle on it."""
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
    """Compute the mean distance of corresponding points over the last two axes, broadcasting."""
    return np.hypot(shapes[..., 0] - to[..., 0], shapes[..., 1] - to[..., 1]).mean(axis=-1)


def closest_whole(curve: Curve, to: Shape) -> Segment:
    """Return the traversal of the whole stroke that is closest to a shape."""
    costs = mean_distance(curve.traversal_shapes, to)
    costs[2:] += (1 - curve.end) * curve.length  # a shifted start draws the gap
    return Segment(curve, *curve.full_traversals[int(costs.argmin())].tolist())


def closest_part(curve: Curve, to: Shape) -> tuple[Segment, float]:
    """Return the segment, partial or whole, that is closest to a shape, and its distance."""
    return closest_segment([curve], to)


def closest_segment(curves: Sequence[Curve], to: Shape) -> tuple[Segment, float]:
    """Return the closest segment of several strokes and its distance.

    The stroke is chosen on the grid; then the ends of the segment are refined.
    """
    cost, index, best = np.inf, -1, -1
    bounds = _compute_lower_bounds(curves, to)
    for k in bounds.argsort().tolist():
        if bounds[k] > cost + 1e-9:
            break
        costs = mean_distance(curves[k].shapes, to)
        number = int(costs.argmin())
        cost, index, best = min((cost, index, best), (float(costs[number]), k, number))
    curve = curves[index]
    interval, step = curve.candidate_intervals[best], 0.5 / GRID
    for _ in range(2):
        near = interval + step * AROUND
        near = near[np.ptp(near, axis=1) <= 1] if curve.closed else near.clip(0, 1)
        costs = mean_distance(curve.along(near), to)
        best, step = int(costs.argmin()), step / 2
        if costs[best] < cost:
            interval, cost = near[best], float(costs[best])
    return Segment(curve, *interval.tolist()), cost


def _compute_lower_bounds(curves: Sequence[Curve], to: Shape) -> Float64[np.ndarray, " curves"]:
    """Bound the distance of each curve from a shape from below by that of its bounding box."""
    boxes = np.array([curve.box for curve in curves])[:, :, None]
    outside = np.maximum(boxes[:, 0] - to, to - boxes[:, 1]).clip(0)
    bounds: Float64[np.ndarray, " curves"] = mean_distance(outside, np.zeros(2))
    return bounds


def interpolate_at(
    points: Float64[np.ndarray, "... points 2"], places: Float64[np.ndarray, "..."]
) -> Any:
    """Interpolate points linearly at fractional indices along the last axis but one."""
    low = np.minimum(places.astype(np.intp), points.shape[-2] - 1)
    high = np.minimum(low + 1, points.shape[-2] - 1)
    part = (places - low)[..., None]
    return (1 - part) * points[..., low, :] + part * points[..., high, :]


def _accumulate_lengths(points: Shape) -> Float64[np.ndarray, " n"]:
    steps = np.diff(points, axis=0)
    return np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
