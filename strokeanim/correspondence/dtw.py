"""Which point of a shape becomes which of another, so that corners stay corners.

Dynamic time warping: monotone, both ends to the ends, neither side more than twice as fast as the
other (Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word recognition",
IEEE Transactions on Acoustics, Speech, and Signal Processing 26, 1978: symmetric, P = 1).
"""

from __future__ import annotations

import numpy as np

from strokeanim.typing import Float64

Shapes = Float64[np.ndarray, "batch n 2"]
Shares = Float64[np.ndarray, "batch n"]

TURN = 0.05
"""Distance, as a share of the longer side, that two opposite directions count as, halved."""

NEVER = 1e9


def align(one: Shapes, other: Shapes) -> tuple[Shares, Shares]:
    """For `n` even steps from start to end, the shares of the one and of the other that correspond.

    Points are far from each other by where they are and by where the shape is heading there.
    """
    count, n = one.shape[:2]
    gaps = np.linalg.norm(one[:, :, None] - other[:, None], axis=-1)
    turns = np.linalg.norm(_heading(one)[:, :, None] - _heading(other)[:, None], axis=-1)
    cost = gaps + TURN * turns
    total = np.full((count, n, n), NEVER)
    came = np.zeros((count, n, n), np.int8)
    total[:, 0, 0] = cost[:, 0, 0]
    for i in range(1, n):
        here = cost[:, i]
        ways = np.full((3, count, n), NEVER)
        ways[0, :, 1:] = total[:, i - 1, :-1] + 2 * here[:, 1:]
        ways[1, :, 2:] = total[:, i - 1, :-2] + 2 * here[:, 1:-1] + here[:, 2:]
        if i > 1:
            ways[2, :, 1:] = total[:, i - 2, :-1] + 2 * cost[:, i - 1, 1:] + here[:, 1:]
        came[:, i], total[:, i] = ways.argmin(axis=0), ways.min(axis=0)
    found = np.array([_traced(back) for back in came]).reshape(count, n, 2)
    return found[..., 0], found[..., 1]


def _traced(came: np.ndarray) -> Float64[np.ndarray, "n 2"]:
    n = len(came)
    i = j = n - 1
    path = [(i, j)]
    while i or j:
        i, j = ((i - 1, j - 1), (i - 1, j - 2), (i - 2, j - 1))[came[i, j]]
        path.append((i, j))
    shares = np.array(path[::-1]) / (n - 1)
    even, along = np.linspace(0, 1, n), shares.mean(axis=1)
    return np.stack([np.interp(even, along, shares[:, side]) for side in (0, 1)], axis=1)


def _heading(shapes: Shapes) -> Shapes:
    """Unit vectors along the shapes; 0 where a shape is a point."""
    steps = np.gradient(shapes, axis=1)
    headings: Shapes = steps / np.maximum(np.linalg.norm(steps, axis=-1, keepdims=True), 1e-9)
    return headings
