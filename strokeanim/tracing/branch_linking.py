"""Which branches of a skeleton are one line: at a node each goes on to the straightest other.

All branches that meet at a node are paired at once, so that the sum of their squared turns is
least; what turns too much ends there. Branches that only thinning has made are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from strokeanim.tracing.skeleton import FREE, Branch, Node
from strokeanim.typing import Float64

_STRAIGHT = np.radians(70)
"""Two branches that turn by more where they meet are two lines."""

_BENT = np.radians(50)
"""Two that turn by more meet in the middle of the node rather than cut its corner."""

_SHARP = np.radians(100)
"""Two that turn by more, and both run into a short third, are the two sides of a tip."""

_CROSSING = np.radians(35)
"""Four branches at the ends of a short fifth are two lines that cross if none turns by more."""

_LONGEST_BRIDGE = 4.0
"""In pens: lines of a width that cross at an angle share 1 / sin(angle) of them; 15° is least."""

_FEW = 6
"""Up to so many ends are paired in the best way, 76 of them to look at; more greedily."""

Line = Float64[np.ndarray, "n 2"]
Place = Float64[np.ndarray, " 2"]
Key = tuple[int, bool]
"""An end of a branch: the branch's number, and whether it is the end at its last point."""


def link_branches(branches: Sequence[Branch], nodes: Sequence[Node], pen: float) -> list[Line]:
    """The lines that branches make up, `(n, 2)` in px; a closed one ends where it begins.

    Args:
        branches: as `_skeleton.graph` finds them.
        nodes: where they meet.
        pen: width of the lines, px.
    """
    return list(_Joining(branches, nodes, pen).lines())


@dataclass(frozen=True, eq=False)
class _End:
    """Where a branch runs into a node, and its direction there, of length 1."""

    key: Key
    point: Place
    heading: Place


class _Joining:
    """What each end of a branch goes on to: points in the node, and maybe another end."""

    def __init__(self, branches: Sequence[Branch], nodes: Sequence[Node], pen: float) -> None:
        self._branches, self._pen = branches, pen
        self._mates: dict[Key, Key] = {}
        self._ways: dict[Key, list[Place]] = {}
        self._dropped: set[int] = set()
        self._whole: list[Line] = []
        meeting: list[list[_End]] = [[] for _ in nodes]
        for number, branch in enumerate(branches):
            for is_last, place in zip((False, True), branch.nodes, strict=True):
                if place != FREE:
                    meeting[place].append(self._end(number, is_last))
        meeting = [self._without_spurs(ends) for ends in meeting]
        crossed = self._cross(nodes, meeting)
        for place, (node, ends) in enumerate(zip(nodes, meeting, strict=True)):
            if node.is_filled or place in crossed:
                continue
            if ends:
                self._join(node, ends)
            else:
                self._whole.append(_longest(node.points))

    def lines(self) -> Iterator[Line]:
        """Open lines first, so that what is left goes round."""
        yield from self._whole
        left = set(range(len(self._branches))) - self._dropped
        starts = [(number, is_last) for number in sorted(left) for is_last in (False, True)]
        for start in sorted(starts, key=lambda key: key in self._mates):
            if start[0] in left and not self._is_bridge(start[0]):
                yield self._followed(start, left)

    def _followed(self, start: Key, left: set[int]) -> Line:
        """The line from one end of a branch through all that are joined to it."""
        parts: list[Line] = []
        if start not in self._mates:
            parts.append(self._way(start))
        place: Key | None = start
        while place is not None and place[0] in left:
            number, enters_last = place
            left.discard(number)
            points, leaving = self._branches[number].points, (number, not enters_last)
            parts += [points[::-1] if enters_last else points, self._way(leaving)]
            place = self._mates.get(leaving)
        if place is not None:  # back where it started
            parts.append(parts[0][:1])
        return np.concatenate(parts)

    def _way(self, key: Key) -> Line:
        return np.array(self._ways.get(key, []), dtype=np.float64).reshape(-1, 2)

    def _end(self, number: int, is_last: bool) -> _End:
        points = self._branches[number].points[:: -1 if is_last else 1]
        inner = points[min(len(points) - 1, round(1.5 * self._pen) + 3)]
        heading = points[0] - inner
        return _End((number, is_last), points[0], heading / max(float(np.hypot(*heading)), 1e-9))

    def _without_spurs(self, ends: list[_End]) -> list[_End]:
        """Drop branches that end within half a pen of the node's ink, if there are others."""
        real = [end for end in ends if not (self._is_free(end) and self._is_within(end, 0.5))]
        if real:
            self._dropped |= {end.key[0] for end in ends} - {end.key[0] for end in real}
        return real or ends

    def _is_free(self, end: _End) -> bool:
        number, is_last = end.key
        return self._branches[number].nodes[not is_last] == FREE

    def _is_within(self, end: _End, pens: float) -> bool:
        return len(self._branches[end.key[0]].points) <= pens * self._pen + 1

    def _is_bridge(self, number: int) -> bool:
        """Whether this is ink between two nodes, no longer than wide, that goes on to nothing."""
        branch = self._branches[number]
        goes_on = any((number, is_last) in self._mates for is_last in (False, True))
        return FREE not in branch.nodes and not goes_on and len(branch.points) <= self._pen

    def _cross(self, nodes: Sequence[Node], meeting: list[list[_End]]) -> set[int]:
        """Nodes that are one crossing: two lines at a small angle share some ink of a third."""
        crossed: set[int] = set()
        for number in sorted(
            range(len(self._branches)), key=lambda n: len(self._branches[n].points)
        ):
            branch = self._branches[number]
            if len(branch.points) > _LONGEST_BRIDGE * self._pen + 2:
                break
            pair = set(branch.nodes)
            if FREE in pair or len(pair) < 2 or pair & crossed:
                continue
            if any(nodes[place].is_filled or len(meeting[place]) != 3 for place in pair):
                continue
            ends = [end for place in branch.nodes for end in meeting[place] if end.key[0] != number]
            if len(ends) != 4:
                continue
            turns = self._turns(ends)
            ways = [((0, 2), (1, 3)), ((0, 3), (1, 2))]
            best = min(ways, key=lambda pairs: sum(turns[pair] ** 2 for pair in pairs))
            if max(turns[pair] for pair in best) < _CROSSING:
                crossed |= pair
                self._dropped.add(number)
                for i, j in best:
                    self._link(ends[i], ends[j], [])
        return crossed

    def _join(self, node: Node, ends: list[_End]) -> None:
        turns = self._turns(ends)
        if len(ends) == 3 and (stem := self._tip(ends, turns)) is not None:
            number, is_last = ends[stem].key
            self._dropped.add(number)
            one, other = (end for end in ends if end is not ends[stem])
            self._link(one, other, [self._branches[number].points[0 if is_last else -1]])
            return
        pairs = [(1, 0)] if len(ends) == 2 else _matched(turns)
        for i, j in pairs:
            self._link(ends[i], ends[j], [node.centre] if turns[i, j] > _BENT else [])
        paired = {place for pair in pairs for place in pair}
        through = [(ends[i].point, ends[j].point) for i, j in pairs]
        for place in set(range(len(ends))) - paired:
            self._ways[ends[place].key] = [_foot(ends[place].point, through, node.centre)]

    def _link(self, one: _End, other: _End, between: list[Place]) -> None:
        self._mates |= {one.key: other.key, other.key: one.key}
        self._ways |= {one.key: between, other.key: between[::-1]}

    def _tip(self, ends: list[_End], turns: Float64[np.ndarray, "ends ends"]) -> int | None:
        """The third of three ends, if it is the ink that runs on where two lines meet sharply."""
        for stem in range(3):
            a, b = (place for place in range(3) if place != stem)
            runs_on = max(turns[a, stem], turns[b, stem]) < _STRAIGHT and turns[a, b] > _SHARP
            if runs_on and self._is_free(ends[stem]) and self._is_within(ends[stem], 3):
                return stem
        return None

    def _turns(self, ends: list[_End]) -> Float64[np.ndarray, "ends ends"]:
        """By how much a line turns, radians, that comes in at one end and goes out at another.

        If they are more than a pen apart, the way across counts: lines side by side go on to
        nothing.
        """
        headings = np.stack([end.heading for end in ends])
        points = np.stack([end.point for end in ends])
        straight = -(headings @ headings.T)
        across = points[None] - points[:, None]
        length = np.hypot(across[..., 0], across[..., 1])
        along = (across * headings[:, None]).sum(axis=2) / np.maximum(length, 1e-9)
        far = length >= self._pen
        straight[far] = np.minimum(straight, np.minimum(along, along.T))[far]
        turns: Float64[np.ndarray, "ends ends"] = np.arccos(np.clip(straight, -1, 1))
        return turns


def _matched(turns: Float64[np.ndarray, "ends ends"]) -> list[tuple[int, int]]:
    """Pairs of ends, the later first, that go on to each other."""
    gains = (_STRAIGHT**2 - turns**2).tolist()
    if len(turns) <= _FEW:
        return max(
            _pairings(list(range(len(turns)))),
            key=lambda pairs: sum(gains[i][j] for i, j in pairs),
        )
    pairs: list[tuple[int, int]] = []
    left = set(range(len(turns)))
    later, earlier = np.tril_indices(len(turns), -1)
    for place in np.argsort(turns[later, earlier], kind="stable").tolist():
        i, j = int(later[place]), int(earlier[place])
        if gains[i][j] > 0 and {i, j} <= left:
            pairs.append((i, j))
            left -= {i, j}
    return pairs


def _pairings(places: list[int]) -> Iterator[list[tuple[int, int]]]:
    """All ways of putting some of the places in pairs."""
    if len(places) < 2:
        yield []
        return
    *rest, last = places
    yield from _pairings(rest)
    for mate in rest:
        others = [place for place in rest if place != mate]
        yield from ([(last, mate), *pairs] for pairs in _pairings(others))


def _foot(point: Place, through: Sequence[tuple[Place, Place]], centre: Place) -> Place:
    """Where a line that ends at a node ends: on the nearest line through it, or in its middle."""
    found = []
    for start, stop in through:
        way = stop - start
        t = np.clip((point - start) @ way / max(way @ way, 1e-9), 0, 1)
        found.append(start + t * way)
    return min(found, key=lambda place: float(np.hypot(*(place - point))), default=centre)


def _longest(points: Line) -> Line:
    """From the point farthest from the middle to the one farthest from that."""
    first = points[np.hypot(*(points - points.mean(axis=0)).T).argmax()]
    last = points[np.hypot(*(points - first).T).argmax()]
    return np.stack([first, last])
