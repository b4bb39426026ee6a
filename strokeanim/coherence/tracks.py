"""Strokes that are the same all the way: one track each, from the first frame to the last.

A path leads from one drawing to the next, in legs. In each leg

1. the strokes of both ends are assigned to each other. What is left over at one end shares, if it
   lies there, the stroke that another has got at the other end, which is cut in two; else it comes
   from, or goes to, a point on the nearest stroke, where nobody sees it;
2. between the two ends of a track is where it is expected. In each frame the strokes are assigned
   to what is expected of them; what no stroke is found for is not known there.

A track that has become a point rests on its stroke until it is needed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from strokeanim.coherence.spans import Curve, Shape, Span, aligned, apart, cover, meeting, split
from strokeanim.strokes import Drawing
from strokeanim.typing import Float64

LIMIT = 0.5
"""Mean distance from which two strokes are two, as a share of the drawing's longer side."""

NEAR = 0.25
"""The same, from what is expected."""

ON = 0.2
"""A stroke lies on another up to this mean distance."""


SHORTEST = 0.02
"""Length that a dot counts as, of the longer side."""


@dataclass(eq=False)
class Track:
    """A stroke, or part of one, in every frame so far.

    Attributes:
        spans: per frame, None where it is not known.
        rides: by frame, the track that it rests on there, and at what share of that one's way.
    """

    spans: list[Span | None]
    rides: dict[int, tuple[Track, float]] = field(default_factory=dict)

    @property
    def here(self) -> Span:
        """In the last frame so far, which is an end."""
        span = self.spans[-1]
        assert span is not None
        return span

    @property
    def turns(self) -> bool:
        """Whether it may start anywhere, being closed in every frame."""
        return all(span is None or (span.curve.closed and span.is_whole) for span in self.spans)

    def run(self, here: Span) -> None:
        """Run in the last frame as `here` does, and in those before accordingly."""
        now = self.here
        if here is now:
            return
        turn, back = (here.start - now.start) * (now.end - now.start), here.end < here.start
        back = back != (now.end < now.start)
        self.spans = [span and span.turned(turn, back) for span in self.spans]


def follow(frames: Sequence[Drawing], ends: Sequence[int]) -> list[Track]:
    """The tracks through frames in a unit box; `ends` are the numbers of those that stay as they
    are, the first and the last among them.
    """
    tracks = [Track([Span(Curve(stroke))]) for stroke in frames[0].strokes]
    for first, last in pairwise(ends):
        _Leg(tracks, first).go(frames[first + 1 : last], frames[last])
    return tracks


class _Leg:
    """From one end to the next: where each of the tracks goes, and where new ones come from."""

    def __init__(self, tracks: list[Track], first: int) -> None:
        self.tracks, self.first = tracks, first
        self.resting = [track for track in tracks if track.here.is_point]
        self.live = [track for track in tracks if not track.here.is_point]
        self.goals: dict[Track, Span] = {}
        self.matched: list[Track] = []

    def go(self, frames: Sequence[Drawing], last: Drawing) -> None:
        """Extend every track to the frame `last`."""
        curves = [Curve(stroke) for stroke in last.strokes]
        ways = [[_ways(track, curve) for curve in curves] for track in self.live]
        costs = _costs(ways, len(curves))
        own, new = _lengths(track.here for track in self.live), _lengths(map(Span, curves))
        pairs = dict(assign(costs, own, new, LIMIT))
        if not pairs:  # nothing is like anything: the two that are least unlike become each other
            pairs = dict([divmod(int(costs.argmin()), len(curves))])
        for i, j in pairs.items():
            here, goal, _ = ways[i][j]
            self.live[i].run(here)
            self.goals[self.live[i]] = goal
        self.matched = list(self.goals)
        for track in self.live:
            if track not in self.goals:
                self.goals[track] = self._joined(track)
        for j, curve in enumerate(curves):
            if j not in pairs.values():
                self._begin(Span(curve))
        self._extend(frames)

    def _joined(self, track: Track) -> Span:
        """Where a track goes that no stroke is left for: it shares another's, or hides on one."""
        mine = track.here.shape
        for other in self.matched:
            goal = self.goals[other]
            if goal.is_whole and cover(mine, goal) <= ON:
                part, rest, cost = split(goal.curve, mine, other.here.shape)
                if cost < apart(goal.shape, other.here.shape):
                    self.goals[other] = rest
                    return part
        spots = [(*meeting(mine, self.goals[other]), self.goals[other]) for other in self.matched]
        share, _, goal = min(spots, key=lambda spot: spot[1])
        return goal.point(share)

    def _begin(self, goal: Span) -> None:
        """A track for a stroke that nothing becomes: it has shared another's, or hidden on one."""
        for other in self.matched if self.first == 0 else ():
            if other.here.is_whole and cover(goal.shape, other.here) <= ON:
                part, rest, cost = split(other.here.curve, goal.shape, self.goals[other].shape)
                if cost < apart(other.here.shape, self.goals[other].shape):
                    other.spans[-1] = rest
                    self._add(Track([part]), goal)
                    return
        if self.resting:
            gaps = [apart(goal.shape, track.here.shape) for track in self.resting]
            self.live.append(self.resting.pop(int(np.argmin(gaps))))
            self.goals[self.live[-1]] = goal
            return
        host, share = self._host(goal.shape)
        past = [None if span is None else span.point(share) for span in host.spans]
        self._add(Track([*past], dict.fromkeys(range(self.first), (host, share))), goal)

    def _add(self, track: Track, goal: Span) -> None:
        self.tracks.append(track)
        self.live.append(track)
        self.goals[track] = goal

    def _host(self, shape: Shape) -> tuple[Track, float]:
        """The track that comes closest to a shape where the leg begins, and where on it."""
        spots = [(*meeting(shape, other.here), other) for other in self.matched]
        share, _, host = min(spots, key=lambda spot: spot[1])
        return host, share

    def _extend(self, frames: Sequence[Drawing]) -> None:
        count = len(frames) + 1
        starts = [track.here.shape for track in self.live]
        ends = [self.goals[track].shape for track in self.live]
        hosts = [self._host(track.here.shape) for track in self.resting]
        for k, frame in enumerate(frames, start=1):
            t = k / count
            expected = [(1 - t) * a + t * b for a, b in zip(starts, ends, strict=True)]
            for track, span in zip(self.live, found(frame, expected), strict=True):
                track.spans.append(span)
        for track in self.live:
            track.spans.append(self.goals[track])
        leg = range(self.first, self.first + count + 1)
        for track, (host, share) in zip(self.resting, hosts, strict=True):
            track.spans += [*[None] * len(frames), self.goals[host].point(share)]
            track.rides |= dict.fromkeys(leg, (host, share))


def found(frame: Drawing, expected: Sequence[Shape]) -> list[Span | None]:
    """The span of a frame for each shape that is expected, None where there is none."""
    curves = [Curve(stroke) for stroke in frame.strokes]
    ways = [[aligned(curve, shape) for curve in curves] for shape in expected]
    costs = _costs(ways, len(curves))
    spans: list[Span | None] = [None] * len(expected)
    own = np.array([_length(shape) for shape in expected])
    pairs = assign(costs, own, _lengths(map(Span, curves)), NEAR)
    for i, j in pairs:
        spans[i] = ways[i][j][0]
    shared: set[int] = set()
    for i, shape in enumerate(expected):
        for other, j in pairs:
            if spans[i] is not None or j in shared or cover(shape, Span(curves[j])) > ON:
                continue
            mine, theirs, cost = split(curves[j], shape, expected[other])
            if cost < costs[other, j]:
                spans[i], spans[other] = mine, theirs
                shared.add(j)
    return spans


def assign(
    costs: Float64[np.ndarray, "a b"],
    rows: Float64[np.ndarray, " a"],
    columns: Float64[np.ndarray, " b"],
    limit: float,
) -> list[tuple[int, int]]:
    """The pairs of rows and columns of least cost in all, if each that is left out costs half the
    limit; everything by the length of the stroke that it is about, given for rows and columns.
    """
    a, b = costs.shape
    table = np.zeros((a + b, a + b))
    table[:a, :b] = costs * (rows[:, None] + columns) / 2
    table[:a, b:] = np.where(np.eye(a, dtype=bool), limit / 2 * rows[:, None], 1e6)
    table[a:, :b] = np.where(np.eye(b, dtype=bool), limit / 2 * columns, 1e6)
    pairs = zip(*linear_sum_assignment(table), strict=True)
    return [(int(i), int(j)) for i, j in pairs if i < a and j < b]


def _ways(track: Track, curve: Curve) -> tuple[Span, Span, float]:
    """How a track is to run here, how along the stroke that it goes to, and how close they are."""
    goal, cost = aligned(curve, track.here.shape)
    if track.turns and not curve.closed:
        whole = Span(curve)
        own, other = aligned(track.here.curve, whole.shape)
        if other < cost:
            return own, whole, other
    return track.here, goal, cost


def _costs(ways: Sequence[Sequence[tuple[Any, ...]]], columns: int) -> Float64[np.ndarray, "a b"]:
    return np.array([[cost for *_, cost in row] for row in ways]).reshape(len(ways), columns)


def _lengths(spans: Iterable[Span]) -> Float64[np.ndarray, " spans"]:
    return np.array([max(span.length, SHORTEST) for span in spans])


def _length(shape: Shape) -> float:
    return max(float(np.hypot(*np.diff(shape, axis=0).T).sum()), SHORTEST)
