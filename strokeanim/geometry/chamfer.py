"""How far drawings are from each other: the Chamfer distance of their clouds."""

from __future__ import annotations

from typing import Any

import numpy as np

from strokeanim.geometry import Drawing
from strokeanim.geometry.polylines import normalise, point_cloud
from strokeanim.typing import Float64, Int64, Points


def nearest(
    points: Float64[np.ndarray, "... n 2"], among: Float64[np.ndarray, "... m 2"]
) -> tuple[Float64[np.ndarray, "... n"], Int64[np.ndarray, "... n"]]:
    """How far each point is from the nearest of others, and which one that is.

    By all distances between them: for a few hundred points that is quicker than a tree.
    """
    points, among = points.astype(np.float64), among.astype(np.float64)
    # |p - q|² less |p|², which is the same for all q.
    squares = (among**2).sum(axis=-1)[..., None, :] - 2 * points @ among.swapaxes(-1, -2)
    found = squares.argmin(axis=-1)
    gaps = points - np.take_along_axis(among, found[..., None], axis=-2)
    return np.hypot(gaps[..., 0], gaps[..., 1]), found


def chamfer(a: Points, b: Points) -> float:
    """Between two clouds: the mean of the two directed mean distances to the nearest point."""
    return float(batch_chamfer(a, b))


def batch_chamfer(a: Float64[np.ndarray, "... n 2"], b: Float64[np.ndarray, "... m 2"]) -> Any:
    """The same of many pairs of clouds at once."""
    there, back = nearest(a, b)[0], nearest(b, a)[0]
    return (there.mean(axis=-1) + back.mean(axis=-1)) / 2


def drawing_distance(a: Drawing, b: Drawing) -> float:
    """Chamfer distance of two drawings with the longer side at 1 and the top left aligned."""
    return chamfer(*(point_cloud(normalise(drawing, 1.0).strokes) for drawing in (a, b)))
