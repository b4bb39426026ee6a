"""Choose one candidate per frame, jointly along the whole path (Viterbi 1967)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from strokeanim.geometry import Drawing
from strokeanim.inbetween.candidates import CandidateScores
from strokeanim.inbetween.settings import Coherence
from strokeanim.typing import Float64, Int64

Costs = Float64[np.ndarray, "before after"]


def choose_candidates(
    found: Sequence[tuple[list[Drawing], CandidateScores]], how: Coherence
) -> list[Drawing]:
    """Return the cheapest sequence of candidates, one drawing per frame."""
    steps = [how.step * pairwise_chamfer(a.clouds, b.clouds) for (_, a), (_, b) in pairwise(found)]
    path = viterbi([unary_costs(scores, how) for _, scores in found], steps)
    return [drawings[k] for (drawings, _), k in zip(found, path, strict=True)]


def unary_costs(sight: CandidateScores, how: Coherence) -> Float64[np.ndarray, " n"]:
    """Compute the cost of each drawing by itself."""
    cost: Float64[np.ndarray, " n"] = how.surprise * sight.surprise + how.miss * sight.miss
    return cost


def viterbi(own: Sequence[Float64[np.ndarray, " some"]], steps: Sequence[Costs]) -> list[int]:
    """Return the choice per stage with the least sum of unary (`own`) and pairwise (`steps`) costs.

    >>> own = [np.zeros(1), np.array([0.0, 1.0]), np.zeros(1)]
    >>> viterbi(own, [np.array([[3.0, 0.0]]), np.array([[3.0], [0.0]])])
    [0, 1, 0]
    """
    total = own[0]
    predecessors: list[Int64[np.ndarray, " after"]] = []
    for unary, step in zip(own[1:], steps, strict=True):
        through = total[:, None] + step
        predecessors.append(through.argmin(axis=0))
        total = through.min(axis=0) + unary
    path = [int(total.argmin())]
    for before in reversed(predecessors):
        path.append(int(before[path[-1]]))
    return path[::-1]


def pairwise_chamfer(
    a: Float64[np.ndarray, "before points 2"], b: Float64[np.ndarray, "after points 2"]
) -> Costs:
    """Compute the Chamfer distances between all clouds of one frame and all of the next."""
    p, q = a.reshape(-1, 2), b.reshape(-1, 2)
    squares = (p**2).sum(axis=1)[:, None] + (q**2).sum(axis=1) - 2 * p @ q.T
    squares = np.maximum(squares, 0).reshape(*a.shape[:2], *b.shape[:2])
    forward, backward = np.sqrt(squares.min(axis=3)), np.sqrt(squares.min(axis=1))
    table: Costs = (forward.mean(axis=1) + backward.mean(axis=2)) / 2
    return table
