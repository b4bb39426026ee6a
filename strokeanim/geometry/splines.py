"""Smooth strokes with Catmull-Rom splines, as cubic Bézier curves through their points.

The parametrisation is centripetal, which neither loops nor overshoots between unevenly spaced
points (Yuksel, Schaefer and Keyser, "Parameterization and applications of Catmull-Rom curves",
CAD 43, 2011). Where the polyline turns sharply the curve keeps the corner.
"""

from __future__ import annotations

import numpy as np

from strokeanim.typing import Float64, Points

CORNER_DEGREES = 75.0
"""Sharper turns than this are corners. A circle simplified to an octagon turns by 45°."""


def outline(
    points: Points, smooth: bool, every_point: bool = False
) -> tuple[Float64[np.ndarray, " 2"], Float64[np.ndarray, "pieces controls 2"]]:
    """Return the start of a stroke and its pieces: three points per cubic, one per line.

    A point that repeats the previous one has no direction and no piece. With `every_point` it has
    one, and all strokes of equally many points have outlines of the same structure.
    """
    vertices = points.astype(np.float64)
    moves = (vertices[1:] != vertices[:-1]).any(axis=1)
    distinct = vertices if moves.all() else vertices[np.append(True, moves)]
    is_curve = smooth and len(vertices if every_point else distinct) > 2
    if len(distinct) == 1:
        pieces = np.repeat(distinct[:, None], 3 if is_curve else 1, axis=1)
    else:
        pieces = catmull_rom(distinct) if is_curve else distinct[1:, None]
    if every_point and len(vertices) > 1:
        repeated = np.repeat(vertices[1:, None], pieces.shape[1], axis=1)
        repeated[moves] = pieces if moves.any() else repeated[moves]
        pieces = repeated
    return distinct[0], pieces


def flatten(
    start: Float64[np.ndarray, " 2"],
    pieces: Float64[np.ndarray, "pieces controls 2"],
    steps: int = 12,
) -> Float64[np.ndarray, "points 2"]:
    """Return the polyline along an outline, `steps` points per cubic (Bernstein polynomials)."""
    if pieces.shape[1] == 3:
        starts = np.concatenate([start[None], pieces[:-1, -1]])[:, None]
        t = np.linspace(0, 1, steps + 1)[1:, None]
        weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3])
        pieces = weights @ np.concatenate([starts, pieces], axis=1)
    return np.concatenate([start[None], pieces.reshape(-1, 2)])


def catmull_rom(
    points: Float64[np.ndarray, "n 2"], corner_degrees: float = CORNER_DEGREES
) -> Float64[np.ndarray, "n-1 3 2"]:
    """Return two control points and the end point of the cubic from each point to the next.

    Requires n ≥ 2 and no two equal neighbours. A stroke that ends where it starts is smooth there
    too, unless it has a corner there.
    """
    chords = np.diff(points, axis=0)
    # Knot spacing: the square root of the distance makes it centripetal.
    knots = np.hypot(chords[:, 0], chords[:, 1])[:, None] ** 0.5
    slopes = chords / knots
    # Slopes leaving and arriving at the points: along the chord at corners and ends …
    leaving, arriving = slopes.copy(), slopes.copy()
    # … and along the tangent of the parabola through three points everywhere else.
    before, after = slice(None, -1), slice(1, None)
    tangents = _compute_tangents(slopes[before], slopes[after], knots[before], knots[after])
    smooth = ~_is_corner(chords[before], chords[after], corner_degrees)
    leaving[1:][smooth] = tangents[smooth]
    arriving[:-1][smooth] = tangents[smooth]
    if len(points) > 3 and (points[0] == points[-1]).all():
        last, first = slice(-1, None), slice(None, 1)
        if not _is_corner(chords[last], chords[first], corner_degrees)[0]:
            seam = _compute_tangents(slopes[last], slopes[first], knots[last], knots[first])
            leaving[first], arriving[last] = seam, seam
    starts, ends = points[:-1], points[1:]
    return np.stack([starts + leaving * knots / 3, ends - arriving * knots / 3, ends], axis=1)


def _compute_tangents(
    before: Float64[np.ndarray, "k 2"],
    after: Float64[np.ndarray, "k 2"],
    knot_before: Float64[np.ndarray, "k 1"],
    knot_after: Float64[np.ndarray, "k 1"],
) -> Float64[np.ndarray, "k 2"]:
    """Compute the tangent of the parabola through three points, at the middle one, from slopes."""
    tangents: Float64[np.ndarray, "k 2"] = (before * knot_after + after * knot_before) / (
        knot_before + knot_after
    )
    return tangents


def _is_corner(
    before: Float64[np.ndarray, "k 2"], after: Float64[np.ndarray, "k 2"], degrees: float
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    corner: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.abs(
        np.arctan2(cross, (before * after).sum(axis=1))
    ) > np.radians(degrees)
    return corner
