"""Where each moving stroke is in the drawings between the two that it moves between.

Between its ends is where a stroke is expected; the part of a stroke that comes closest to that, if
any is near, is where a drawing has it. Drawings need not agree on their strokes: what one of them
does not show stays unknown there, and smoothing goes by the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from strokeanim.correspondence.arc_segments import EVEN, Curve, Segment, Shape, closest_segment
from strokeanim.correspondence.dtw import align
from strokeanim.correspondence.matching import Move
from strokeanim.typing import Bool, Float64, Moving

NEAR = 0.2
"""Mean distance from what is expected up to which a stroke is taken for it, of the longer side."""

SPACING = 0.01
"""Between the points of a moving stroke where it is longest."""

FEWEST, MOST = 12, 240
"""Points of a moving stroke."""

ALIGNED = 48
"""Points by which shapes are aligned."""


@dataclass(frozen=True, eq=False)
class Track:
    """A move, seen in every frame.

    Attributes:
        move: from where to where.
        shares: of `move.start`, where its points are taken from.
        points: `(frames, points, 2)`, both ends included; 0 where they are not known.
        known: in which frames they are.
    """

    move: Move
    shares: Float64[np.ndarray, " points"]
    points: Moving
    known: Bool[np.ndarray, " frames"]


def track_moves(moves: Sequence[Move], frames: Sequence[Sequence[Curve]]) -> list[Track]:
    """Each move through the strokes of the drawings between its ends, evenly in time."""
    even = np.linspace(0, 1, ALIGNED)
    one = np.array([move.start.at(even) for move in moves])
    other = np.array([move.end.at(even) for move in moves])
    here, there = align(one, other)
    expected = [
        _blended(move.start.at(a), move.end.at(b), len(frames))
        for move, a, b in zip(moves, here, there, strict=True)
    ]
    seen = [_seen(shapes, frames) for shapes in expected]
    # Where points of the expected shape lie on what was found, all at once.
    pairs = [(k, f) for k, spans in enumerate(seen) for f, span in enumerate(spans) if span]
    shapes = np.array([expected[k][f] for k, f in pairs]).reshape(-1, ALIGNED, 2)
    found = np.array([seen[k][f].at(even) for k, f in pairs]).reshape(-1, ALIGNED, 2)  # type: ignore[union-attr]
    along = {
        pair: np.interp(even, a, b) for pair, a, b in zip(pairs, *align(shapes, found), strict=True)
    }
    followed = []
    for k, move in enumerate(moves):
        spans = [move.start, *seen[k], move.end]
        longest = max(span.length for span in spans if span)
        count = int(np.clip(np.ceil(longest / SPACING), FEWEST, MOST))
        fine = _places(count, even, (move.start, here[k]), (move.end, there[k]))
        shares = [here[k], *(along.get((k, f), even) for f in range(len(frames))), there[k]]
        shares = [np.interp(fine, even, share) for share in shares]
        points = [
            span.at(share) if span else np.zeros((len(fine), 2))
            for span, share in zip(spans, shares, strict=True)
        ]
        known = np.array([span is not None for span in spans])
        followed.append(Track(move, shares[0], np.array(points), known))
    return followed


def _places(
    count: int,
    even: Float64[np.ndarray, " n"],
    *ends: tuple[Segment, Float64[np.ndarray, " n"]],
) -> Float64[np.ndarray, " points"]:
    """Where to take points along a move: evenly, and wherever one of its ends has a mark, which
    is at a share of that end; `even` and the shares that correspond tell where in the move.
    """
    marks = [np.interp(span.marks, shares, even) for span, shares in ends]
    return np.unique(np.concatenate([np.linspace(0, 1, count), *marks]))


def _blended(start: Shape, end: Shape, frames: int) -> Moving:
    t = np.arange(1, frames + 1)[:, None, None] / (frames + 1)
    blended: Moving = (1 - t) * start + t * end
    return blended


def _seen(expected: Moving, frames: Sequence[Sequence[Curve]]) -> list[Segment | None]:
    """The span of each frame that is nearest to what is expected in it, None where none is near."""
    few = np.rint(EVEN * (ALIGNED - 1)).astype(np.intp)
    spans: list[Segment | None] = []
    for shape, curves in zip(expected, frames, strict=True):
        span, cost = closest_segment(curves, shape[few])
        spans.append(span if cost <= NEAR else None)
    return spans
