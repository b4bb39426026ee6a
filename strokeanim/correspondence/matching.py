"""Which stroke, or which part of one, becomes which.

Ink that lies on ink is not seen. So nothing has to appear or vanish: a stroke that has no partner
peels off from the nearest part of another, and a stroke that none is left for settles on one. A
lip in two halves and a closed one are the same thing: each half goes to its part of the whole.

Every stroke of one drawing is offered every stroke of the other: all of it, or the part that comes
closest. Of these moves the cheapest set is taken that leaves no ink of either drawing uncovered: a
weighted set cover, solved exactly by HiGHS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from strokeanim.correspondence.arc_segments import (
    CELLS,
    EVEN,
    Curve,
    Segment,
    Shape,
    closest_part,
    closest_whole,
    mean_distance,
)
from strokeanim.geometry.chamfer import nearest
from strokeanim.typing import Bool, Float64, Int64

MOVE_PENALTY = 0.05
"""What a move costs besides the way it goes: few whole strokes rather than many parts."""

SHORTEST = 0.02
"""Length that a dot counts as, of the longer side."""

NEIGHBOURS = 8
"""Strokes that a stroke is offered, the nearest: no drawing is too large."""


@dataclass(frozen=True, eq=False)
class Move:
    """From a span of one drawing to a span of the next.

    Attributes:
        start: where it comes from.
        end: where it goes.
        source: the number of the stroke that `start` is of.
        target: the number of the stroke that `end` is of.
    """

    start: Segment
    end: Segment
    source: int
    target: int

    @property
    def key(self) -> tuple[int, int, float, float, float, float]:
        """Equal for equal moves."""
        return self.source, self.target, *self.start.key, *self.end.key


def match(
    starts: Sequence[Curve],
    ends: Sequence[Curve],
    between: Sequence[Shape] = (),
    off_ink: float = 0.0,
) -> list[Move]:
    """`match_each` for one price of leaving the ink."""
    return match_each(starts, ends, between, [off_ink])[0]


def match_each(
    starts: Sequence[Curve],
    ends: Sequence[Curve],
    between: Sequence[Shape],
    off_inks: Sequence[float],
) -> list[list[Move]]:
    """The cheapest moves that cover all strokes of both drawings, in the order of their sources.

    A move costs the mean distance of corresponding points, plus `off_ink` times the mean distance
    from where they should be half-way, a third of the way, … to the ink that is there, all by the
    length of the stroke; plus `APIECE`.

    Args:
        starts: strokes of the one drawing, in a unit box; at least one.
        ends: of the other.
        between: points on the ink of the drawings between them, evenly in time, as many of each.
        off_inks: how much it counts that a stroke goes where nothing is drawn; each gets an answer.
    """
    moves = [move for i, j in _offered(starts, ends) for move in _moves(starts[i], ends[j], i, j)]
    covers = [
        np.concatenate(
            [
                move.source * CELLS + np.flatnonzero(move.start.cells),
                (len(starts) + move.target) * CELLS + np.flatnonzero(move.end.cells),
            ]
        )
        for move in moves
    ]
    first = np.array([move.start.shape for move in moves])
    last = np.array([move.end.shape for move in moves])
    lengths = np.array([(move.start.length + move.end.length) / 2 for move in moves])
    ways, astray = mean_distance(first, last), _astray(first, last, between)
    found = []
    for off_ink in off_inks:
        costs = (ways + off_ink * astray) * np.maximum(lengths, SHORTEST) + MOVE_PENALTY
        chosen = _cheapest_cover(costs, covers, (len(starts) + len(ends)) * CELLS)
        found.append([move for move, is_chosen in zip(moves, chosen, strict=True) if is_chosen])
    return found


def _cheapest_cover(
    costs: Float64[np.ndarray, " sets"], covers: Sequence[Int64[np.ndarray, " _"]], cells: int
) -> Bool[np.ndarray, " sets"]:
    """Which sets to take so that each cell is in one of them, and the costs are least."""
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(costs), cells
    program.col_cost_ = costs
    program.col_lower_, program.col_upper_ = np.zeros(len(costs)), np.ones(len(costs))
    program.row_lower_, program.row_upper_ = np.ones(cells), np.full(cells, highspy.kHighsInf)
    program.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
    matrix = program.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_ = np.cumsum([0, *map(len, covers)])
    matrix.index_ = np.concatenate(covers)
    matrix.value_ = np.ones(len(matrix.index_))
    solver = _Solver()
    solver.passModel(program)
    solver.run()
    return np.array(solver.getSolution().col_value) > 0.5


class _Solver(highspy.Highs):  # type: ignore[misc]
    """HiGHS without a word: from 1.16 on it prints its version before it can be silenced."""

    def enableCallbacks(self) -> None:  # noqa: N802
        """Called when it is made, and the first to print."""
        self.silent()
        super().enableCallbacks()


def _moves(a: Curve, b: Curve, source: int, target: int) -> Iterator[Move]:
    """All of one to all of the other, all of one to a part of the other, and the reverse."""
    yield Move(a.whole, closest_whole(b, a.whole.shape), source, target)
    if a.closed and not b.closed:
        yield Move(closest_whole(a, b.whole.shape), b.whole, source, target)
    yield Move(a.whole, closest_part(b, a.whole.shape)[0], source, target)
    yield Move(closest_part(a, b.whole.shape)[0], b.whole, source, target)


def _astray(
    first: Float64[np.ndarray, "moves points 2"],
    last: Float64[np.ndarray, "moves points 2"],
    inks: Sequence[Shape],
) -> Float64[np.ndarray, " moves"]:
    """How far from the ink each move is on its way, on average."""
    if not len(inks):
        return np.zeros(len(first))
    t = np.arange(1, len(inks) + 1)[:, None, None] / (len(inks) + 1)
    every = np.array(inks)
    # Move by move, so that memory stays constant.
    expected = ((1 - t) * start + t * end for start, end in zip(first, last, strict=True))
    return np.array([nearest(shapes, every)[0].mean(axis=1).mean() for shapes in expected])


def _offered(starts: Sequence[Curve], ends: Sequence[Curve]) -> list[tuple[int, int]]:
    """For every stroke the nearest of the other drawing, by how close any of it comes."""
    if max(len(starts), len(ends)) <= NEIGHBOURS:
        return [(i, j) for i in range(len(starts)) for j in range(len(ends))]
    one, other = (
        np.array([curve.at(EVEN * curve.end) for curve in curves]) for curves in (starts, ends)
    )
    near = np.empty((len(one), len(other)))
    for i, shape in enumerate(one):
        gaps = np.linalg.norm(other[:, :, None] - shape, axis=-1)  # (strokes, points, points)
        near[i] = np.minimum(gaps.min(axis=1).mean(axis=1), gaps.min(axis=2).mean(axis=1))
    pairs = {(i, int(j)) for i, row in enumerate(near) for j in row.argsort()[:NEIGHBOURS]}
    pairs |= {(int(i), j) for j, row in enumerate(near.T) for i in row.argsort()[:NEIGHBOURS]}
    return sorted(pairs)
