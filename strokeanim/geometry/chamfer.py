"""Measure how far drawings are from each other: the Chamfer distance of their point clouds."""

from __future__ import annotations

from typing import Any

import numpy as np

from strokeanim.geometry import Drawing
from strokeanim.geometry.polylines import normalise, point_cloud
from strokeanim.typing import Float64, Int64, Points


def nearest(
    points: Float64[np.ndarray, "... n 2"], among: Float64[np.ndarray, "... m 2"]
) -> tuple[Float64[np.ndarray, "... n"], Int64[np.ndarray, "... n"]]:
    """Return the distance from each point to the nearest of `among`, and the index of that one.

    Compares all pairs, which for a few hundred points is faster than a tree.
    """
    points, among = points.astype(np.float64), among.astype(np.float64)
    # |p - q|² without |p|², which is the same for all q.
    squares = (among**2).sum(axis=-1)[..., None, :] - 2 * points @ among.swapaxes(-1, -2)
    indices = squares.argmin(axis=-1)
    gaps = points - np.take_along_axis(among, indices[..., None], axis=-2)
    return np.hypot(gaps[..., 0], gaps[..., 1]), indices


def chamfer(a: Points, b: Points) -> float:
    """Return the mean of both directed mean distances to the nearest point of the other cloud."""
    return float(batch_chamfer(a, b))


def batch_chamfer(a: Float64[np.ndarray, "... n 2"], b: Float64[np.ndarray, "... m 2"]) -> Any:
    """Compute `chamfer` for many pairs of clouds at once; leading axes broadcast."""
    forward, backward = nearest(a, b)[0], nearest(b, a)[0]
    return (forward.mean(axis=-1) + backward.mean(axis=-1)) / 2


def drawing_distance(a: Drawing, b: Drawing) -> float:
    """Return the Chamfer distance of two drawings, each with longer side 1 and top left at 0."""
    return chamfer(*(point_cloud(normalise(drawing, 1.0).strokes) for drawing in (a, b)))
