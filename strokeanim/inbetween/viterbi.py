"""One candidate per frame, chosen along the whole path at once."""

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
    """The cheapest way through the candidates, by dynamic programming (Viterbi 1967)."""
    steps = [how.step * pairwise_chamfer(a.clouds, b.clouds) for (_, a), (_, b) in pairwise(found)]
    way = viterbi([unary_costs(sight, how) for _, sight in found], steps)
    return [drawn[k] for (drawn, _), k in zip(found, way, strict=True)]


def unary_costs(sight: CandidateScores, how: Coherence) -> Float64[np.ndarray, " n"]:
    """What each drawing costs by itself."""
    cost: Float64[np.ndarray, " n"] = how.surprise * sight.surprise + how.miss * sight.miss
    return cost


def viterbi(own: Sequence[Float64[np.ndarray, " some"]], steps: Sequence[Costs]) -> list[int]:
    """The choice per stage with the least sum of its own costs and those between neighbours.

    >>> own = [np.zeros(1), np.array([0.0, 1.0]), np.zeros(1)]
    >>> cheapest(own, [np.array([[3.0, 0.0]]), np.array([[3.0], [0.0]])])
    [0, 1, 0]
    """
    total = own[0]
    came: list[Int64[np.ndarray, " after"]] = []
    for mine, step in zip(own[1:], steps, strict=True):
        through = total[:, None] + step
        came.append(through.argmin(axis=0))
        total = through.min(axis=0) + mine
    way = [int(total.argmin())]
    for back in reversed(came):
        way.append(int(back[way[-1]]))
    return way[::-1]


def pairwise_chamfer(
    a: Float64[np.ndarray, "before points 2"], b: Float64[np.ndarray, "after points 2"]
) -> Costs:
    """Chamfer distances between all clouds of one frame and all of the next."""
    one, other = a.reshape(-1, 2), b.reshape(-1, 2)
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    squares = np.maximum(squares, 0).reshape(*a.shape[:2], *b.shape[:2])
    there, back = np.sqrt(squares.min(axis=3)), np.sqrt(squares.min(axis=1))
    table: Costs = (there.mean(axis=1) + back.mean(axis=2)) / 2
    return table
