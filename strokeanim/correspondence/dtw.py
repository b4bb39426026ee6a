"""Align the points of two shapes by dynamic time warping, so that corners meet corners.

The path is monotone, joins both starts and both ends, and neither side moves more than twice as
fast as the other (Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word
recognition", IEEE Transactions on Acoustics, Speech, and Signal Processing 26, 1978: symmetric,
P = 1).
"""

from __future__ import annotations

import numpy as np

from strokeanim.typing import Float64

Shapes = Float64[np.ndarray, "batch n 2"]
Shares = Float64[np.ndarray, "batch n"]

TURN = 0.05
"""Weight of the difference of unit tangents: half the distance, as a fraction of the longer side,
that opposite directions count as."""

UNREACHABLE = 1e9


def align(one: Shapes, other: Shapes) -> tuple[Shares, Shares]:
    """Return the parameters of both shapes that correspond, at `n` even steps along the path.

    The local cost is the distance of two points plus `TURN` times that of their unit tangents.
    """
    count, n = one.shape[:2]
    gaps = np.linalg.norm(one[:, :, None] - other[:, None], axis=-1)
    turns = np.linalg.norm(
        _compute_tangents(one)[:, :, None] - _compute_tangents(other)[:, None], axis=-1
    )
    cost = gaps + TURN * turns
    total = np.full((count, n, n), UNREACHABLE)
    predecessors = np.zeros((count, n, n), np.int8)
    total[:, 0, 0] = cost[:, 0, 0]
    for i in range(1, n):
        row = cost[:, i]
        totals = np.full((3, count, n), UNREACHABLE)
        totals[0, :, 1:] = total[:, i - 1, :-1] + 2 * row[:, 1:]
        totals[1, :, 2:] = total[:, i - 1, :-2] + 2 * row[:, 1:-1] + row[:, 2:]
        if i > 1:
            totals[2, :, 1:] = total[:, i - 2, :-1] + 2 * cost[:, i - 1, 1:] + row[:, 1:]
        predecessors[:, i], total[:, i] = totals.argmin(axis=0), totals.min(axis=0)
    paths = np.array([_backtrack(table) for table in predecessors]).reshape(count, n, 2)
    return paths[..., 0], paths[..., 1]


def _backtrack(predecessors: np.ndarray) -> Float64[np.ndarray, "n 2"]:
    """Follow the predecessors from the end to the start and resample the path to `n` steps."""
    n = len(predecessors)
    i = j = n - 1
    path = [(i, j)]
    while i or j:
        i, j = ((i - 1, j - 1), (i - 1, j - 2), (i - 2, j - 1))[predecessors[i, j]]
        path.append((i, j))
    shares = np.array(path[::-1]) / (n - 1)
    even, along = np.linspace(0, 1, n), shares.mean(axis=1)
    return np.stack([np.interp(even, along, shares[:, side]) for side in (0, 1)], axis=1)


def _compute_tangents(shapes: Shapes) -> Shapes:
    """Compute unit tangents along the shapes; 0 where a shape is a point."""
    steps = np.gradient(shapes, axis=1)
    tangents: Shapes = steps / np.maximum(np.linalg.norm(steps, axis=-1, keepdims=True), 1e-9)
    return tangents
