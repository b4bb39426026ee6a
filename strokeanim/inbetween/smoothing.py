"""Smooth moving strokes along time, and undo the shrinking of drawings between their ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strokeanim.typing import Bool, MovingStroke

STEADY = 100.0
"""Smoothing strength of the corrections of size and centre, at ten in-betweens."""


def smooth(
    points: MovingStroke, known: Bool[np.ndarray, " frames"], strength: float
) -> MovingStroke:
    """Smooth each point along time (Whittaker 1923), with both end frames fixed.

    Minimises Σ known (y − x)² + s Σ (y₋ − 2 y + y₊)²: even motion along a line is unchanged, so
    nothing shrinks. Unknown frames are filled in.

    Args:
        points: positions in each frame.
        known: frames whose positions count.
        strength: s for eleven steps from end to end; it scales with the cube of the number of
            steps, so that the same motion is smoothed alike.
    """
    frames = len(points)
    if frames < 3:
        return points
    differences = np.diff(np.eye(frames), 2, axis=0)  # (frames − 2, frames)
    scaled = strength * ((frames - 1) / 11) ** 3
    system = np.diag(known.astype(np.float64)) + scaled * differences.T @ differences
    inner = slice(1, frames - 1)
    weighted = known[:, None] * points.reshape(frames, -1)
    smoothed = points.reshape(frames, -1).copy()
    ends = [0, frames - 1]
    pull = system[1:-1][:, ends] @ smoothed[ends]
    smoothed[inner] = np.linalg.solve(system[inner, inner], weighted[inner] - pull)
    return smoothed.reshape(points.shape)


def acceleration(tracks: Sequence[MovingStroke]) -> float:
    """Compute the mean |p₋ − 2 p + p₊| over all points, summed over the inner frames.

    It is 0 if every point moves straight at an even speed.
    """
    points = np.concatenate(tracks, axis=1)
    return float(np.linalg.norm(np.diff(points, 2, axis=0), axis=-1).mean(axis=1).sum())


def restore_sizes(tracks: Sequence[MovingStroke]) -> list[MovingStroke]:
    """Scale and shift all strokes of a drawing to interpolate its size and centre between its ends.

    Points that move straight from end to end approach each other on the way, so that their drawing
    shrinks. The outermost point changes from frame to frame; the correction is therefore smoothed,
    too, to avoid tremble.
    """
    frames = len(tracks[0])
    points = np.concatenate(tracks, axis=1)
    low, high = points.min(axis=1), points.max(axis=1)
    size = (high - low).max(axis=1, keepdims=True)
    boxes = np.concatenate([size, (low + high) / 2], axis=1)
    t = np.linspace(0, 1, frames)[:, None]
    wanted = (1 - t) * boxes[0] + t * boxes[-1]
    growth = np.log(np.maximum(wanted[:, :1], 1e-9) / np.maximum(size, 1e-9))
    change = np.concatenate([growth, (wanted - boxes)[:, 1:]], axis=1)[:, None]
    change = smooth(change, np.ones(frames, bool), STEADY)  # (frames, 1, 3)
    middle = boxes[:, None, 1:]
    scale, shift = np.exp(change[..., :1]), change[..., 1:]
    return [(track - middle) * scale + middle + shift for track in tracks]
