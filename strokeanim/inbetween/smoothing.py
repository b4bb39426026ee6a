"""Smoothing along time, and what keeps it from making a drawing smaller."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strokeanim.typing import Bool, Moving

STEADY = 100.0
"""How strongly size and middle are kept from changing unevenly, at ten in-betweens."""


def smooth(points: Moving, known: Bool[np.ndarray, " frames"], strength: float) -> Moving:
    """The path that is near to `points` where they are known and bends little; both ends stay.

    Minimises Σ known (y − x)² + s Σ (y₋ − 2 y + y₊)² (Whittaker 1923): what moves evenly along a
    line is left as it is, so nothing shrinks. Frames that are not known are filled in.

    Args:
        points: in each frame.
        known: whether they are.
        strength: the s of eleven steps from end to end; of more or fewer it is scaled by the cube
            of their number, so that the same motion is bent alike.
    """
    frames = len(points)
    if frames < 3:
        return points
    bend = np.diff(np.eye(frames), 2, axis=0)  # (frames − 2, frames)
    scaled = strength * ((frames - 1) / 11) ** 3
    system = np.diag(known.astype(np.float64)) + scaled * bend.T @ bend
    inner = slice(1, frames - 1)
    wanted = known[:, None] * points.reshape(frames, -1)
    found = points.reshape(frames, -1).copy()
    ends = [0, frames - 1]
    pull = system[1:-1][:, ends] @ found[ends]
    found[inner] = np.linalg.solve(system[inner, inner], wanted[inner] - pull)
    return found.reshape(points.shape)


def acceleration(tracks: Sequence[Moving]) -> float:
    """Mean |p₋ − 2 p + p₊| of all points, summed over the frames between the ends: 0 if every
    point goes straight on at an even speed.
    """
    every = np.concatenate(tracks, axis=1)
    return float(np.linalg.norm(np.diff(every, 2, axis=0), axis=-1).mean(axis=1).sum())


def restore_sizes(tracks: Sequence[Moving]) -> list[Moving]:
    """All strokes of a drawing, scaled and moved so that in between its size and its middle are
    between those of both ends, but for what would make them tremble.

    Points that go straight from one end to the other meet on the way, and what they are part of
    gets smaller. Which of them is the outermost changes from frame to frame, so what is corrected
    is smoothed as well.
    """
    frames = len(tracks[0])
    every = np.concatenate(tracks, axis=1)
    low, high = every.min(axis=1), every.max(axis=1)
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
