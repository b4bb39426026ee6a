"""Track matched strokes through the drawings between the two that are matched.

The expected shape of a stroke is the linear interpolation of its ends; the closest segment of a
drawing's strokes, if it is near enough, is the observation there. Drawings need not agree on their
strokes: a frame without an observation stays unknown, and smoothing relies on the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from strokeanim.correspondence.arc_segments import EVEN, Curve, Segment, Shape, closest_segment
from strokeanim.correspondence.dtw import align
from strokeanim.correspondence.matching import Move
from strokeanim.typing import Bool, Float64, MovingStroke

NEAR = 0.2
"""Largest mean distance of an observation from the expected shape, of the longer side."""

SPACING = 0.01
"""Distance of the points of a track where it is longest, as a fraction of the longer side."""

FEWEST, MOST = 12, 240
"""Bounds of the number of points of a track."""

ALIGNED = 48
"""Points by which shapes are aligned."""


@dataclass(frozen=True, eq=False)
class Track:
    """A move, observed in every frame.

    Attributes:
        move: the matched segments at both ends.
        shares: parameters on `move.start` at which the points are taken.
        points: `(frames, points, 2)`, both ends included; 0 in unknown frames.
        known: frames with an observation.
    """

    move: Move
    shares: Float64[np.ndarray, " points"]
    points: MovingStroke
    known: Bool[np.ndarray, " frames"]


def track_moves(moves: Sequence[Move], frames: Sequence[Sequence[Curve]]) -> list[Track]:
    """Track each move through the strokes of the drawings between its ends, evenly in time."""
    even = np.linspace(0, 1, ALIGNED)
    starts = np.array([move.start.at(even) for move in moves])
    ends = np.array([move.end.at(even) for move in moves])
    on_start, on_end = align(starts, ends)
    expected = [
        _interpolate(move.start.at(a), move.end.at(b), len(frames))
        for move, a, b in zip(moves, on_start, on_end, strict=True)
    ]
    observed = [_observe(shapes, frames) for shapes in expected]
    # Align all expected shapes with their observations at once.
    pairs = [(k, f) for k, segments in enumerate(observed) for f, s in enumerate(segments) if s]
    shapes = np.array([expected[k][f] for k, f in pairs]).reshape(-1, ALIGNED, 2)
    nearest = np.array([observed[k][f].at(even) for k, f in pairs]).reshape(-1, ALIGNED, 2)  # type: ignore[union-attr]
    along = {
        pair: np.interp(even, a, b)
        for pair, a, b in zip(pairs, *align(shapes, nearest), strict=True)
    }
    tracks = []
    for k, move in enumerate(moves):
        segments = [move.start, *observed[k], move.end]
        longest = max(segment.length for segment in segments if segment)
        count = int(np.clip(np.ceil(longest / SPACING), FEWEST, MOST))
        fine = _choose_parameters(count, even, (move.start, on_start[k]), (move.end, on_end[k]))
        shares = [on_start[k], *(along.get((k, f), even) for f in range(len(frames))), on_end[k]]
        shares = [np.interp(fine, even, share) for share in shares]
        points = [
            segment.at(share) if segment else np.zeros((len(fine), 2))
            for segment, share in zip(segments, shares, strict=True)
        ]
        known = np.array([segment is not None for segment in segments])
        tracks.append(Track(move, shares[0], np.array(points), known))
    return tracks


def _choose_parameters(
    count: int,
    even: Float64[np.ndarray, " n"],
    *ends: tuple[Segment, Float64[np.ndarray, " n"]],
) -> Float64[np.ndarray, " points"]:
    """Return `count` even parameters of a move and those at which one of its ends has a mark.

    With each end come its parameters that correspond to `even`.
    """
    marks = [np.interp(segment.marks, shares, even) for segment, shares in ends]
    return np.unique(np.concatenate([np.linspace(0, 1, count), *marks]))


def _interpolate(start: Shape, end: Shape, frames: int) -> MovingStroke:
    t = np.arange(1, frames + 1)[:, None, None] / (frames + 1)
    between: MovingStroke = (1 - t) * start + t * end
    return between


def _observe(expected: MovingStroke, frames: Sequence[Sequence[Curve]]) -> list[Segment | None]:
    """Return each frame's segment that is closest to the expected shape, None if none is near."""
    few = np.rint(EVEN * (ALIGNED - 1)).astype(np.intp)
    segments: list[Segment | None] = []
    for shape, curves in zip(expected, frames, strict=True):
        segment, cost = closest_segment(curves, shape[few])
        segments.append(segment if cost <= NEAR else None)
    return segments
