"""Simplify, resample and scale strokes.

Pure functions, independent of files and models.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt
from simplification.cutil import simplify_coords

from strokeanim.geometry.drawing import Box, Drawing
from strokeanim.typing import Float64, Points


def simplify(points: Points, epsilon: float) -> Points:
    """Drop points that lie within `epsilon` of the polyline through the others.

    The algorithm of Ramer (1972), Douglas and Peucker (1973), which keeps the first and the last
    point. QuickDraw's simplified drawings use ε = 2 at a longer side of 255.
    """
    if len(points) < 3 or epsilon <= 0:
        return points
    kept: npt.NDArray[np.float64] = simplify_coords(
        np.ascontiguousarray(points, dtype=np.float64), float(epsilon)
    )
    return kept.astype(np.float32)


def simplify_to(drawing: Drawing, epsilon: float, most: int) -> Drawing:
    """Simplify a drawing, raising `epsilon` by half until at most `most` points are left.

    More than `most / 2` strokes can't always be simplified so far, as a stroke keeps its two ends;
    then the shortest strokes are dropped.
    """
    strokes = [simplify(stroke, epsilon) for stroke in drawing.strokes]
    epsilon = max(epsilon, 1e-3 * drawing.box.longer)
    while sum(map(len, strokes)) > most and any(len(stroke) > 2 for stroke in strokes):
        epsilon *= 1.5
        strokes = [simplify(stroke, epsilon) for stroke in strokes]
    while sum(map(len, strokes)) > most:
        strokes.pop(int(np.argmin([arc_length(stroke) for stroke in strokes])))
    return drawing.with_strokes(strokes)


def arc_length(points: Points) -> float:
    """Return the length of the polyline."""
    steps = np.diff(points.astype(np.float64), axis=0)
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())


def resample(points: Points, count: int) -> Points:
    """Return `count` points at equal arc length along the polyline, both ends included.

    A single point, or a stroke of no length, is repeated.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, not {count}")
    return _spread_evenly(points, _measure_steps(points).cumsum(), count)


def fit_to_box(drawing: Drawing, box: Box) -> Drawing:
    """Scale a drawing to fit `box`, keeping its aspect ratio, and centre it.

    A drawing of no size, such as a dot, is only centred.
    """
    own = drawing.box
    ratios = [
        target / size
        for target, size in ((box.width, own.width), (box.height, own.height))
        if size > 0
    ]
    return transform(drawing, min(ratios, default=1.0), own.centre, box.centre)


def normalise(drawing: Drawing, longer: float = 255.0) -> Drawing:
    """Move the top left to the origin and scale the longer side to `longer`, as in QuickDraw."""
    own = drawing.box
    scale = longer / own.longer if own.longer > 0 else 1.0
    return transform(drawing, scale, (own.x, own.y), (0.0, 0.0))


def simplify_as_quickdraw(drawing: Drawing) -> Drawing:
    """Simplify a drawing as QuickDraw's simplified files do; times are dropped.

    The drawing is aligned to the top left, scaled to a longer side of 255, resampled every unit,
    simplified with ε = 2 and rounded, as the data set's page describes.
    """
    strokes = [
        simplify(resample(stroke, int(arc_length(stroke)) + 1), 2.0) if len(stroke) > 1 else stroke
        for stroke in normalise(drawing).strokes
    ]
    return drawing.with_strokes([np.round(stroke) for stroke in strokes])


def transform(
    drawing: Drawing,
    scale: float,
    source: tuple[float, float],
    target: tuple[float, float],
) -> Drawing:
    """Scale a drawing about `source` and move `source` to `target`; times are kept."""
    moved = [
        ((stroke.astype(np.float64) - source) * scale + target).astype(np.float32)
        for stroke in drawing.strokes
    ]
    return Drawing(moved, drawing.label, drawing.key, drawing.times)


def point_cloud(strokes: Sequence[Points], count: int = 256) -> Points:
    """Return `count` points spread by arc length over all strokes, for comparing drawings.

    If all strokes are dots, the points are distributed among the dots.
    """
    bounds = [0, *accumulate(map(len, strokes))]
    points = np.concatenate(strokes)
    steps = _measure_steps(points)
    steps[bounds[:-1]] = 0  # the step from one stroke to the next is not drawn
    lengths = np.add.reduceat(steps, bounds[:-1])
    if lengths.sum() <= 0:
        dots = points[bounds[:-1]]
        return dots[np.arange(count) % len(dots)]
    ends = [0, *np.round(np.cumsum(lengths) / lengths.sum() * count).astype(int).tolist()]
    parts = [
        _spread_evenly(points[a:b], steps[a:b].cumsum(), end - start)
        for (a, b), (start, end) in zip(pairwise(bounds), pairwise(ends), strict=True)
        if end > start
    ]
    return np.concatenate(parts)


def _measure_steps(points: Points) -> Float64[np.ndarray, " n"]:
    """Return the distance of each point from the previous; 0 for the first."""
    x, y = points.T.astype(np.float64)
    steps = np.zeros(len(points))
    steps[1:] = np.hypot(x[1:] - x[:-1], y[1:] - y[:-1])
    return steps


def _spread_evenly(points: Points, along: Float64[np.ndarray, " n"], count: int) -> Points:
    """Interpolate `count` points at equal distances; `along` is the arc length up to each point."""
    length = along[-1]
    if length <= 0:
        return np.repeat(points[:1], count, axis=0)
    distances = np.arange(count) * (length / max(1, count - 1))
    if count > 1:
        distances[-1] = length
    even = np.empty((count, 2), np.float32)
    for axis in (0, 1):
        even[:, axis] = np.interp(distances, along, points[:, axis])
    return even
