"""Match the strokes of two drawings, or segments of them, by a weighted set cover.

Ink on ink is invisible, so no stroke has to appear or vanish: a stroke without a partner peels off
the nearest segment of another, or merges into it. If a lip is drawn in two halves here and as one
closed stroke there, each half moves to its segment of the whole.

Candidate moves pair a stroke of either drawing with the whole, or with the closest segment, of a
stroke of the other. The cheapest set of moves that covers all ink of both drawings is chosen: a
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
"""Cost of each move besides its distance, which favours few whole strokes over many segments."""

SHORTEST = 0.02
"""Length that a dot counts as, as a fraction of the longer side."""

NEIGHBOURS = 8
"""Number of nearest strokes that a stroke may be matched with, which bounds the problem's size."""


@dataclass(frozen=True, eq=False)
class Move:
    """A segment of one drawing matched with a segment of the next.

    Attributes:
        start: the segment in the first drawing.
        end: the segment in the second drawing.
        source: index of the stroke that `start` is part of.
        target: index of the stroke that `end` is part of.
    """

    start: Segment
    end: Segment
    source: int
    target: int

    @property
    def key(self) -> tuple[int, int, float, float, float, float]:
        """Return a key that is equal for equal moves."""
        return self.source, self.target, *self.start.key, *self.end.key


def match(
    starts: Sequence[Curve],
    ends: Sequence[Curve],
    between: Sequence[Shape] = (),
    off_ink: float = 0.0,
) -> list[Move]:
    """Match the strokes of two drawings as `match_each` does, for a single weight `off_ink`."""
    return match_each(starts, ends, between, [off_ink])[0]


def match_each(
    starts: Sequence[Curve],
    ends: Sequence[Curve],
    between: Sequence[Shape],
    off_inks: Sequence[float],
) -> list[list[Move]]:
    """Return the cheapest moves that cover both drawings, sorted by source, for each weight.

    A move costs the mean distance of corresponding points, plus `off_ink` times the mean distance
    of their linearly interpolated positions from the ink of the drawings between; that sum is
    multiplied by the length of the stroke, and `MOVE_PENALTY` is added.

    Args:
        starts: strokes of the first drawing, in a unit box; at least one.
        ends: strokes of the second drawing.
        between: points on the ink of the drawings between, evenly in time; the same number each.
        off_inks: weights of the distance from the ink between; each gets its own result.
    """
    moves = [
        move
        for i, j in _select_pairs(starts, ends)
        for move in _propose_moves(starts[i], ends[j], i, j)
    ]
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
    distances, off = mean_distance(first, last), _measure_off_ink(first, last, between)
    matches = []
    for off_ink in off_inks:
        costs = (distances + off_ink * off) * np.maximum(lengths, SHORTEST) + MOVE_PENALTY
        chosen = _solve_set_cover(costs, covers, (len(starts) + len(ends)) * CELLS)
        matches.append([move for move, is_chosen in zip(moves, chosen, strict=True) if is_chosen])
    return matches


def _solve_set_cover(
    costs: Float64[np.ndarray, " sets"], covers: Sequence[Int64[np.ndarray, " _"]], cells: int
) -> Bool[np.ndarray, " sets"]:
    """Return which sets to choose so that they cover all cells at the least sum of costs."""
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
    """A silent HiGHS solver: from 1.16 on, HiGHS prints its version before it can be silenced."""

    def enableCallbacks(self) -> None:  # noqa: N802
        """Silence the solver first; the constructor calls this, and this prints first."""
        self.silent()
        super().enableCallbacks()


def _propose_moves(a: Curve, b: Curve, source: int, target: int) -> Iterator[Move]:
    """Yield the moves from whole to whole, from whole to segment, and from segment to whole."""
    yield Move(a.whole, closest_whole(b, a.whole.shape), source, target)
    if a.closed and not b.closed:
        yield Move(closest_whole(a, b.whole.shape), b.whole, source, target)
    yield Move(a.whole, closest_part(b, a.whole.shape)[0], source, target)
    yield Move(closest_part(a, b.whole.shape)[0], b.whole, source, target)


def _measure_off_ink(
    first: Float64[np.ndarray, "moves points 2"],
    last: Float64[np.ndarray, "moves points 2"],
    inks: Sequence[Shape],
) -> Float64[np.ndarray, " moves"]:
    """Compute the mean distance of each move from the ink of the drawings between."""
    if not len(inks):
        return np.zeros(len(first))
    t = np.arange(1, len(inks) + 1)[:, None, None] / (len(inks) + 1)
    clouds = np.array(inks)
    # One move at a time, so that memory stays constant.
    expected = ((1 - t) * start + t * end for start, end in zip(first, last, strict=True))
    return np.array([nearest(shapes, clouds)[0].mean(axis=1).mean() for shapes in expected])


def _select_pairs(starts: Sequence[Curve], ends: Sequence[Curve]) -> list[tuple[int, int]]:
    """Pair each stroke with the nearest of the other drawing, by the lesser directed distance."""
    if max(len(starts), len(ends)) <= NEIGHBOURS:
        return [(i, j) for i in range(len(starts)) for j in range(len(ends))]
    a, b = (np.array([curve.at(EVEN * curve.end) for curve in curves]) for curves in (starts, ends))
    near = np.empty((len(a), len(b)))
    for i, shape in enumerate(a):
        gaps = np.linalg.norm(b[:, :, None] - shape, axis=-1)  # (strokes, points, points)
        near[i] = np.minimum(gaps.min(axis=1).mean(axis=1), gaps.min(axis=2).mean(axis=1))
    pairs = {(i, int(j)) for i, row in enumerate(near) for j in row.argsort()[:NEIGHBOURS]}
    pairs |= {(int(i), j) for j, row in enumerate(near.T) for i in row.argsort()[:NEIGHBOURS]}
    return sorted(pairs)
