"""Smoothing along time."""

from __future__ import annotations

import numpy as np

from strokeanim.typing import Float64


def smooth(
    points: Float64[np.ndarray, "frames points 2"],
    known: Float64[np.ndarray, " frames"],
    strength: float,
) -> Float64[np.ndarray, "frames points 2"]:
    """The path that is near to `points` where they are known and bends little; both ends stay.

    Minimises Σ known (y − x)² + strength Σ (y₋ − 2 y + y₊)² (Whittaker 1923): what moves evenly
    along a line is left as it is, so nothing shrinks. Frames that are not known are filled in.
    """
    frames = len(points)
    if frames < 3:
        return points
    bend = np.diff(np.eye(frames), 2, axis=0)  # (frames − 2, frames)
    system = np.diag(known.astype(np.float64)) + strength * bend.T @ bend
    inner = slice(1, frames - 1)
    wanted = known[:, None] * points.reshape(frames, -1)
    found = points.reshape(frames, -1).copy()
    ends = [0, frames - 1]
    pull = system[1:-1][:, ends] @ found[ends]
    found[inner] = np.linalg.solve(system[inner, inner], wanted[inner] - pull)
    return found.reshape(points.shape)
