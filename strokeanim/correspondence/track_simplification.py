"""Simplify a moving stroke to a few points, the same ones in every frame."""

from __future__ import annotations

import numpy as np

from strokeanim.typing import Float64, Int64

EPSILON = 0.0015
"""Largest distance of a simplified stroke from the original, as a fraction of the longer side."""


def select_points(
    points: Float64[np.ndarray, "frames points 2"], epsilon: float = EPSILON
) -> Int64[np.ndarray, " knots"]:
    """Return the indices of points such that no other is more than `epsilon` off their polyline.

    The algorithm of Ramer (1972), Douglas and Peucker (1973), in all frames at once.

    >>> corner = np.array([[[0.0, 0], [1, 0], [2, 0], [2, 1], [2, 2]]])
    >>> select_points(corner).tolist()
    [0, 2, 4]
    """
    keep = np.zeros(points.shape[1], bool)
    keep[[0, -1]] = True
    open_stretches = [(0, points.shape[1] - 1)]
    while open_stretches:
        first, last = open_stretches.pop()
        if last - first < 2:
            continue
        start, chord = points[:, None, first], points[:, None, last] - points[:, None, first]
        offset = points[:, first + 1 : last] - start
        square = np.maximum((chord**2).sum(axis=-1), 1e-18)
        along = np.clip((offset * chord).sum(axis=-1) / square, 0, 1)
        gaps = np.linalg.norm(offset - along[..., None] * chord, axis=-1).max(axis=0)
        if gaps.max() > epsilon:
            middle = first + 1 + int(gaps.argmax())
            keep[middle] = True
            open_stretches += [(first, middle), (middle, last)]
    return np.flatnonzero(keep)
