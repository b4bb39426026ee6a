"""Sample the curves that the features are made of, densely, in units of half a feature."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from strokeanim.typing import Points

Vector = Sequence[float] | npt.NDArray[np.float32]
"""The coordinates (x, y) of a point or a shift."""

# Catmull and Rom (1974), uniform, tension 1/2; the rows are powers 0..3 of the parameter.
_CATMULL_ROM = 0.5 * np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]])
_POWERS = np.linspace(0, 1, 12, endpoint=False)[:, None] ** np.arange(4)
_WEIGHTS = _POWERS @ _CATMULL_ROM


def vec(x: float, y: float) -> npt.NDArray[np.float32]:
    """Return a point or a shift as an array."""
    return np.array([x, y], dtype=np.float32)


def curve(points: npt.ArrayLike, closed: bool = False) -> Points:
    """Return a smooth curve through `points`, with 12 samples between neighbours.

    A closed curve ends at its first point.
    """
    knots = np.asarray(points, dtype=np.float64)
    if closed:
        padded = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 4, axis=0)
    samples = np.einsum("sk,wck->wsc", _WEIGHTS, windows).reshape(-1, 2)
    return np.concatenate([samples, padded[-2:-1]]).astype(np.float32)


def line(start: Vector, end: Vector, samples: int = 12) -> Points:
    """Return a straight line with enough samples for motor noise to bend it."""
    return np.linspace(start, end, samples).astype(np.float32)


def polyline(corners: npt.ArrayLike) -> Points:
    """Return straight lines with sharp corners between them."""
    points = np.asarray(corners, dtype=np.float32)
    segments = [line(a, b)[:-1] for a, b in pairwise(points)]
    joined: Points = np.concatenate([*segments, points[-1:]])
    return joined


def ellipse(
    centre: Vector,
    radii: Vector,
    start: float = 0.0,
    sweep: float = 2 * np.pi,
    samples: int = 40,
) -> Points:
    """Return an axis-aligned elliptic arc; angles in radians, clockwise on the page (y down)."""
    angle = np.linspace(start, start + sweep, samples)
    x = centre[0] + radii[0] * np.cos(angle)
    y = centre[1] + radii[1] * np.sin(angle)
    return np.stack([x, y], axis=1).astype(np.float32)


def arc(start: Vector, end: Vector, bulge: float, skew: float = 0.0) -> Points:
    """Return a parabola from `start` to `end`.

    `bulge` is its height to the left of the direction of travel (up when going right); `skew` in
    −1..1 moves its summit towards the start (negative) or the end (positive).
    """
    a, b = np.asarray(start, float), np.asarray(end, float)
    t = np.linspace(0, 1, 24)
    height = 4 * t * (1 - t) * np.exp(skew * (2 * t - 1))
    chord = b - a
    normal = np.array([chord[1], -chord[0]]) / (np.hypot(*chord) + 1e-9)
    points = a + t[:, None] * chord + (bulge * height)[:, None] * normal
    return np.asarray(points, dtype=np.float32)


def spiral(centre: Vector, radii: Vector, turns: float, start: float = 0.0) -> Points:
    """Return a spiral from outside in, `turns` times round; many turns make a scribbled disc."""
    t = np.linspace(0, 1, max(24, int(turns * 18)))
    angle = start + 2 * np.pi * turns * t
    shrink = 1 - 0.85 * t
    x = centre[0] + radii[0] * shrink * np.cos(angle)
    y = centre[1] + radii[1] * shrink * np.sin(angle)
    return np.stack([x, y], axis=1).astype(np.float32)


def zigzag(low: Vector, high: Vector, count: int) -> Points:
    """Return hatching to and fro that fills the box from `low` to `high`, left to right."""
    xs = np.linspace(low[0], high[0], count + 1)
    ys = np.where(np.arange(count + 1) % 2, low[1], high[1])
    return polyline(np.stack([xs, ys], axis=1))


def sample_at(points: Points, share: float) -> npt.NDArray[np.float32]:
    """Return the sample of a curve at `share` (0..1) of its samples."""
    point: npt.NDArray[np.float32] = points[round(share * (len(points) - 1))]
    return point
