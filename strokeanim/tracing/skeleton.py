"""The graph of a skeleton: branches one pixel wide between the places where lines meet.

A *skeleton* is what thinning leaves of ink. A *junction* is a skeleton pixel of three neighbours or
more. Where lines of some width meet, thinning bends them and draws one crossing as two junctions
with a bridge between; so a junction takes with it the skeleton inside the largest disc of ink
around it, and junctions whose skeletons touch are one *node*. What is left of the skeleton is
*branches*: plain chains of pixels. Which branches are one line is for `vectorise` to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from strokeanim.errors import InputError
from strokeanim.typing import Bool, Float64, Int64

FREE = -1
"""The node of a branch's end that meets nothing."""

MOST_ENDS = 10_000
"""Pixels where lines end or meet; a densely hatched page has a tenth of it. Beyond it is noise."""

_EIGHT = np.ones((3, 3), bool)
_COMPACT = 4.0
"""A node wider than this many radii of its ink is not one crossing but a web of several."""


@dataclass(frozen=True, eq=False)
class Branch:
    """A chain of skeleton pixels, `(n, 2)` x, y in px, and the node at its first and last one.

    A loop that meets nothing is a branch whose last point is its first, with no nodes.
    """

    points: Float64[np.ndarray, "n 2"]
    nodes: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Node:
    """Where branches meet: its pixels `(n, 2)` in px, and whether that is inside filled ink."""

    points: Float64[np.ndarray, "n 2"]
    is_filled: bool

    @property
    def centre(self) -> Float64[np.ndarray, " 2"]:
        centre: Float64[np.ndarray, " 2"] = self.points.mean(axis=0)
        return centre


def graph(
    skeleton: Bool[np.ndarray, "height width"],
    distance: Float64[np.ndarray, "height width"],
    filled: Bool[np.ndarray, "height width"],
) -> tuple[list[Branch], list[Node]]:
    """The branches and nodes of a skeleton.

    Args:
        skeleton: one pixel wide, with no ink on the array's border.
        distance: from each pixel to the nearest paper, px.
        filled: where ink is filled rather than drawn; the skeleton there is part of no branch.

    Raises:
        InputError: lines end or meet in more than `MOST_ENDS` pixels.
    """
    ys, xs = np.nonzero(skeleton)
    one, other = _links(skeleton, ys, xs)
    degree = np.bincount(np.concatenate([one, other]), minlength=len(ys))
    is_filled = filled[ys, xs]
    if (degree != 2).sum() > MOST_ENDS:
        raise noise()
    node_of = np.full(len(ys), FREE)
    count = _label(skeleton.shape, ys, xs, is_filled, node_of, 0)
    room = distance[ys, xs]
    junctions = np.flatnonzero((degree > 2) & ~is_filled)
    for share in (1.0, 0.5, 0.0):
        reach = np.full(len(ys), -1.0)
        reach[junctions] = share * room[junctions]
        _spread(reach, ys, xs, one, other, node_of != FREE)
        known = count
        count = _label(skeleton.shape, ys, xs, (reach >= 0) & (node_of == FREE), node_of, count)
        if share > 0:
            node_of[_is_wide(node_of, known, count, ys, xs, room)] = FREE
            junctions = junctions[node_of[junctions] == FREE]
    points = np.stack([xs, ys], axis=1) + 0.5
    inside = np.flatnonzero(node_of != FREE)
    _, node_of[inside] = np.unique(node_of[inside], return_inverse=True)
    inside = inside[np.argsort(node_of[inside], kind="stable")]
    parts = np.split(inside, np.flatnonzero(np.diff(node_of[inside])) + 1) if len(inside) else []
    nodes = [Node(points[part], bool(is_filled[part[0]])) for part in parts]
    branches = list(_branches(points, one, other, node_of))
    if len(branches) > MOST_ENDS:  # loops have no ends
        raise noise()
    return branches, nodes


def noise() -> InputError:
    """What to raise where there is too much for a drawing."""
    return InputError(
        "the picture has lines that end or meet all over, as noise has; give a cleaner picture of "
        "a line drawing"
    )


def _links(
    skeleton: Bool[np.ndarray, "height width"],
    ys: Int64[np.ndarray, " n"],
    xs: Int64[np.ndarray, " n"],
) -> tuple[Int64[np.ndarray, " m"], Int64[np.ndarray, " m"]]:
    """Pairs of neighbouring pixels: side by side, or diagonal where no third pixel links them."""
    number = np.full(skeleton.shape, -1)
    number[ys, xs] = np.arange(len(ys))
    pairs = []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        near = number[ys + dy, xs + dx] >= 0
        if dy and dx:
            near &= ~(skeleton[ys + dy, xs] | skeleton[ys, xs + dx])
        places = np.flatnonzero(near)
        pairs.append((places, number[ys[places] + dy, xs[places] + dx]))
    one, other = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    return one, other


def _spread(
    reach: Float64[np.ndarray, " n"],
    ys: Int64[np.ndarray, " n"],
    xs: Int64[np.ndarray, " n"],
    one: Int64[np.ndarray, " m"],
    other: Int64[np.ndarray, " m"],
    barred: Bool[np.ndarray, " n"],
) -> None:
    """Carry each pixel's reach along the skeleton, less the way that has been gone."""
    steps = np.hypot(ys[one] - ys[other], xs[one] - xs[other])
    while True:
        before = reach.copy()
        np.maximum.at(reach, other, before[one] - steps)
        np.maximum.at(reach, one, before[other] - steps)
        reach[barred | (reach < 0)] = -1.0
        if (reach == before).all():
            return


def _label(
    shape: tuple[int, ...],
    ys: Int64[np.ndarray, " n"],
    xs: Int64[np.ndarray, " n"],
    chosen: Bool[np.ndarray, " n"],
    node_of: Int64[np.ndarray, " n"],
    count: int,
) -> int:
    """Number the connected ones among the chosen pixels from `count` on; how many there are now."""
    image = np.zeros(shape, bool)
    image[ys[chosen], xs[chosen]] = True
    labels, more = ndimage.label(image, _EIGHT)
    node_of[chosen] = labels[ys[chosen], xs[chosen]] - 1 + count
    return count + int(more)


def _is_wide(
    node_of: Int64[np.ndarray, " n"],
    first: int,
    count: int,
    ys: Int64[np.ndarray, " n"],
    xs: Int64[np.ndarray, " n"],
    room: Float64[np.ndarray, " n"],
) -> Bool[np.ndarray, " n"]:
    """Which pixels are in a node, `first` or later, that is too wide for one crossing."""
    inside = node_of >= first
    node = node_of[inside]
    most, extent = np.ones(count + 1), np.zeros(count + 1)
    np.maximum.at(most, node, room[inside])
    for along in (ys[inside], xs[inside]):
        low, high = np.full(count + 1, np.inf), np.full(count + 1, -np.inf)
        np.minimum.at(low, node, along)
        np.maximum.at(high, node, along)
        extent[node] = np.maximum(extent, high - low)[node]
    wide: Bool[np.ndarray, " n"] = inside & (extent > _COMPACT * most)[node_of]
    return wide


def _branches(
    points: Float64[np.ndarray, "n 2"],
    one: Int64[np.ndarray, " m"],
    other: Int64[np.ndarray, " m"],
    node_of: npt.NDArray[np.int64],
) -> Iterator[Branch]:
    """Walk along all pixels outside nodes: first from ends, then what goes round."""
    nodes = node_of.tolist()
    beside: list[list[int]] = [[] for _ in nodes]
    meets: list[list[int]] = [[] for _ in nodes]
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        for here, there in ((a, b), (b, a)):
            if nodes[here] == FREE:
                (beside if nodes[there] == FREE else meets)[here].append(there)
    seen = [node != FREE for node in nodes]
    outside = np.flatnonzero(node_of == FREE).tolist()
    for start in sorted(outside, key=lambda place: len(beside[place]) > 1):
        if seen[start]:
            continue
        chain, place = [start], start
        seen[start] = True
        while following := [near for near in beside[place] if not seen[near]]:
            place = following[0]
            seen[place] = True
            chain.append(place)
        if len(beside[start]) > 1:  # a loop
            yield Branch(points[[*chain, start]], (FREE, FREE))
            continue
        first, last = ([nodes[near] for near in meets[end]] for end in (start, place))
        if len(chain) == 1:
            first, last = first[:1], last[1:]
        yield Branch(points[chain], (*(first or [FREE])[:1], *(last or [FREE])[:1]))
