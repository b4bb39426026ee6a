"""Link the branches of a skeleton to lines that continue straight through nodes.

The ends of the branches at a node are paired jointly, so that the sum of the squared turning
angles is least; an end that would turn too much stays unpaired. Artefacts of thinning are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from strokeanim.tracing.skeleton import FREE, Branch, Node
from strokeanim.typing import Float64

_MAX_TURN = np.radians(70)
"""Largest turning angle between linked branches."""

_CORNER_TURN = np.radians(50)
"""Linked branches that turn by more pass through the centre of the node and keep the corner."""

_TIP_TURN = np.radians(100)
"""Two branches that turn by more, and both continue in a short third, are the sides of a tip."""

_MAX_CROSSING_TURN = np.radians(35)
"""Largest turning angle of two lines that cross and share a short branch, the bridge."""

_MAX_BRIDGE = 4.0
"""Longest bridge in pen widths: lines crossing at an angle share 1 / sin(angle); 15° is least."""

_MAX_OPTIMAL = 6
"""Largest number of ends that are paired optimally (76 pairings); more are paired greedily."""

Line = Float64[np.ndarray, "n 2"]
Point = Float64[np.ndarray, " 2"]
Key = tuple[int, bool]
"""An end of a branch: the index of the branch, and whether it is the end at its last point."""


def link_branches(branches: Sequence[Branch], nodes: Sequence[Node], pen: float) -> list[Line]:
    """Link branches to lines `(n, 2)` in px; a closed line ends with its first point.

    Args:
        branches: branches of a skeleton, from `skeleton.graph`.
        nodes: the nodes of the same graph.
        pen: width of the lines, px.
    """
    return list(_Linker(branches, nodes, pen).lines())


@dataclass(frozen=True, eq=False)
class _End:
    """The point at which a branch enters a node, and its unit direction there."""

    key: Key
    point: Point
    heading: Point


class _Linker:
    """Links from each end of a branch: points inside the node and, if paired, another end."""

    def __init__(self, branches: Sequence[Branch], nodes: Sequence[Node], pen: float) -> None:
        self._branches, self._pen = branches, pen
        self._partners: dict[Key, Key] = {}
        self._connections: dict[Key, list[Point]] = {}
        self._dropped: set[int] = set()
        self._isolated: list[Line] = []
        meeting: list[list[_End]] = [[] for _ in nodes]
        for number, branch in enumerate(branches):
            for is_last, node_index in zip((False, True), branch.nodes, strict=True):
                if node_index != FREE:
                    meeting[node_index].append(self._build_end(number, is_last))
        meeting = [self._drop_spurs(ends) for ends in meeting]
        crossed = self._link_crossings(nodes, meeting)
        for index, (node, ends) in enumerate(zip(nodes, meeting, strict=True)):
            if node.is_filled or index in crossed:
                continue
            if ends:
                self._link_ends(node, ends)
            else:
                self._isolated.append(_approximate_diameter(node.points))

    def lines(self) -> Iterator[Line]:
        """Yield all lines: open ones first, so that the remaining ones are closed."""
        yield from self._isolated
        left = set(range(len(self._branches))) - self._dropped
        starts = [(number, is_last) for number in sorted(left) for is_last in (False, True)]
        for start in sorted(starts, key=lambda key: key in self._partners):
            if start[0] in left and not self._is_bridge(start[0]):
                yield self._follow(start, left)

    def _follow(self, start: Key, left: set[int]) -> Line:
        """Concatenate the branches linked from one end on, and remove them from `left`."""
        parts: list[Line] = []
        if start not in self._partners:
            parts.append(self._get_connection(start))
        key: Key | None = start
        while key is not None and key[0] in left:
            number, enters_last = key
            left.discard(number)
            points, leaving = self._branches[number].points, (number, not enters_last)
            parts += [points[::-1] if enters_last else points, self._get_connection(leaving)]
            key = self._partners.get(leaving)
        if key is not None:  # closed
            parts.append(parts[0][:1])
        return np.concatenate(parts)

    def _get_connection(self, key: Key) -> Line:
        return np.array(self._connections.get(key, []), dtype=np.float64).reshape(-1, 2)

    def _build_end(self, number: int, is_last: bool) -> _End:
        points = self._branches[number].points[:: -1 if is_last else 1]
        inner = points[min(len(points) - 1, round(1.5 * self._pen) + 3)]
        heading = points[0] - inner
        return _End((number, is_last), points[0], heading / max(float(np.hypot(*heading)), 1e-9))

    def _drop_spurs(self, ends: list[_End]) -> list[_End]:
        """Drop branches with a free end within half a pen of the node, unless no other is left."""
        real = [end for end in ends if not (self._is_free(end) and self._is_short(end, 0.5))]
        if real:
            self._dropped |= {end.key[0] for end in ends} - {end.key[0] for end in real}
        return real or ends

    def _is_free(self, end: _End) -> bool:
        number, is_last = end.key
        return self._branches[number].nodes[not is_last] == FREE

    def _is_short(self, end: _End, pens: float) -> bool:
        return len(self._branches[end.key[0]].points) <= pens * self._pen + 1

    def _is_bridge(self, number: int) -> bool:
        """Check whether a branch only bridges two nodes: unlinked and no longer than the pen."""
        branch = self._branches[number]
        is_linked = any((number, is_last) in self._partners for is_last in (False, True))
        return FREE not in branch.nodes and not is_linked and len(branch.points) <= self._pen

    def _link_crossings(self, nodes: Sequence[Node], meeting: list[list[_End]]) -> set[int]:
        """Link lines that cross at a small angle and share a bridge; return the bridges' nodes."""
        crossed: set[int] = set()
        for number in sorted(
            range(len(self._branches)), key=lambda n: len(self._branches[n].points)
        ):
            branch = self._branches[number]
            if len(branch.points) > _MAX_BRIDGE * self._pen + 2:
                break
            pair = set(branch.nodes)
            if FREE in pair or len(pair) < 2 or pair & crossed:
                continue
            if any(nodes[index].is_filled or len(meeting[index]) != 3 for index in pair):
                continue
            ends = [end for index in branch.nodes for end in meeting[index] if end.key[0] != number]
            if len(ends) != 4:
                continue
            turns = self._compute_turns(ends)
            pairings = [((0, 2), (1, 3)), ((0, 3), (1, 2))]
            best = min(pairings, key=lambda pairs: sum(turns[pair] ** 2 for pair in pairs))
            if max(turns[pair] for pair in best) < _MAX_CROSSING_TURN:
                crossed |= pair
                self._dropped.add(number)
                for i, j in best:
                    self._link(ends[i], ends[j], [])
        return crossed

    def _link_ends(self, node: Node, ends: list[_End]) -> None:
        """Link the ends at a node in pairs; connect each unpaired end to the lines through it."""
        turns = self._compute_turns(ends)
        if len(ends) == 3 and (stem := self._find_tip(ends, turns)) is not None:
            number, is_last = ends[stem].key
            self._dropped.add(number)
            a, b = (end for end in ends if end is not ends[stem])
            self._link(a, b, [self._branches[number].points[0 if is_last else -1]])
            return
        pairs = [(1, 0)] if len(ends) == 2 else _pair_ends(turns)
        for i, j in pairs:
            self._link(ends[i], ends[j], [node.centre] if turns[i, j] > _CORNER_TURN else [])
        paired = {index for pair in pairs for index in pair}
        through = [(ends[i].point, ends[j].point) for i, j in pairs]
        for index in set(range(len(ends))) - paired:
            foot = _project(ends[index].point, through, node.centre)
            self._connections[ends[index].key] = [foot]

    def _link(self, a: _End, b: _End, between: list[Point]) -> None:
        self._partners |= {a.key: b.key, b.key: a.key}
        self._connections |= {a.key: between, b.key: between[::-1]}

    def _find_tip(self, ends: list[_End], turns: Float64[np.ndarray, "ends ends"]) -> int | None:
        """Return which of three ends is the tip of a sharp corner of the others, if any."""
        for stem in range(3):
            a, b = (index for index in range(3) if index != stem)
            continues = max(turns[a, stem], turns[b, stem]) < _MAX_TURN and turns[a, b] > _TIP_TURN
            if continues and self._is_free(ends[stem]) and self._is_short(ends[stem], 3):
                return stem
        return None

    def _compute_turns(self, ends: list[_End]) -> Float64[np.ndarray, "ends ends"]:
        """Compute the turning angles, radians, of lines that enter at one end and leave at another.

        If the ends are at least a pen apart, the line between them counts, too, so that parallel
        lines are not linked.
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


def _pair_ends(turns: Float64[np.ndarray, "ends ends"]) -> list[tuple[int, int]]:
    """Return the pairs of ends to be linked, the later index first."""
    gains = (_MAX_TURN**2 - turns**2).tolist()
    if len(turns) <= _MAX_OPTIMAL:
        return max(
            _enumerate_pairings(list(range(len(turns)))),
            key=lambda pairs: sum(gains[i][j] for i, j in pairs),
        )
    pairs: list[tuple[int, int]] = []
    left = set(range(len(turns)))
    later, earlier = np.tril_indices(len(turns), -1)
    for index in np.argsort(turns[later, earlier], kind="stable").tolist():
        i, j = int(later[index]), int(earlier[index])
        if gains[i][j] > 0 and {i, j} <= left:
            pairs.append((i, j))
            left -= {i, j}
    return pairs


def _enumerate_pairings(indices: list[int]) -> Iterator[list[tuple[int, int]]]:
    """Yield all partial pairings of the indices."""
    if len(indices) < 2:
        yield []
        return
    *rest, last = indices
    yield from _enumerate_pairings(rest)
    for partner in rest:
        others = [index for index in rest if index != partner]
        yield from ([(last, partner), *pairs] for pairs in _enumerate_pairings(others))


def _project(point: Point, through: Sequence[tuple[Point, Point]], centre: Point) -> Point:
    """Project a point onto the nearest of the line segments; return `centre` without any."""
    feet = []
    for start, stop in through:
        chord = stop - start
        t = np.clip((point - start) @ chord / max(chord @ chord, 1e-9), 0, 1)
        feet.append(start + t * chord)
    return min(feet, key=lambda foot: float(np.hypot(*(foot - point))), default=centre)


def _approximate_diameter(points: Line) -> Line:
    """Return the point farthest from the centroid and the point farthest from that one."""
    first = points[np.hypot(*(points - points.mean(axis=0)).T).argmax()]
    last = points[np.hypot(*(points - first).T).argmax()]
    return np.stack([first, last])
