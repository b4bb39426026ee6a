"""Build the graph of a skeleton: branches one pixel wide, and the nodes at which they meet.

A *skeleton* is what thinning leaves of ink. A *junction* is a skeleton pixel with three neighbours
or more. Where wide lines meet, thinning bends them and splits one crossing into two junctions with
a bridge between; so a junction includes the skeleton inside the largest disc of ink around it, and
junctions that touch are merged into one *node*. The rest of the skeleton consists of *branches*:
plain chains of pixels. `branch_linking` links branches to lines.
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
"""Node index of a free end of a branch."""

MOST_ENDS = 10_000
"""Most pixels at which lines end or meet; a densely hatched page has a tenth, noise has more."""

_EIGHT = np.ones((3, 3), bool)
_COMPACT = 4.0
"""Largest extent of a node in radii of its ink; a wider one is a web of several crossings."""


@dataclass(frozen=True, eq=False)
class Branch:
    """A chain of skeleton pixels, `(n, 2)` x, y in px, and the nodes at its first and last pixel.

    An isolated loop is a branch without nodes whose last point equals its first.
    """

    points: Float64[np.ndarray, "n 2"]
    nodes: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Node:
    """A node of the graph: its pixels, `(n, 2)` in px, and whether they are in filled ink."""

    points: Float64[np.ndarray, "n 2"]
    is_filled: bool

    @property
    def centre(self) -> Float64[np.ndarray, " 2"]:
        centre: Float64[np.ndarray, " 2"] = self.points.mean(axis=0)
        return centre


def build_graph(
    skeleton: Bool[np.ndarray, "height width"],
    distance: Float64[np.ndarray, "height width"],
    filled: Bool[np.ndarray, "height width"],
) -> tuple[list[Branch], list[Node]]:
    """Split a skeleton into branches and nodes.

    Args:
        skeleton: skeleton one pixel wide, with no ink on the array's border.
        distance: distance from each pixel to the nearest paper, px.
        filled: filled ink, as opposed to lines; the skeleton there is part of no branch.

    Raises:
        InputError: if lines end or meet in more than `MOST_ENDS` pixels.
    """
    ys, xs = np.nonzero(skeleton)
    tails, heads = _find_edges(skeleton, ys, xs)
    degree = np.bincount(np.concatenate([tails, heads]), minlength=len(ys))
    is_filled = filled[ys, xs]
    if (degree != 2).sum() > MOST_ENDS:
        raise noise_error()
    node_of = np.full(len(ys), FREE)
    count = _label_components(skeleton.shape, ys, xs, is_filled, node_of, 0)
    radii = distance[ys, xs]
    junctions = np.flatnonzero((degree > 2) & ~is_filled)
    for share in (1.0, 0.5, 0.0):
        reach = np.full(len(ys), -1.0)
        reach[junctions] = share * radii[junctions]
        _propagate_reach(reach, ys, xs, tails, heads, node_of != FREE)
        known = count
        is_inside = (reach >= 0) & (node_of == FREE)
        count = _label_components(skeleton.shape, ys, xs, is_inside, node_of, count)
        if share > 0:
            node_of[_find_wide_nodes(node_of, known, count, ys, xs, radii)] = FREE
            junctions = junctions[node_of[junctions] == FREE]
    points = np.stack([xs, ys], axis=1) + 0.5
    inside = np.flatnonzero(node_of != FREE)
    _, node_of[inside] = np.unique(node_of[inside], return_inverse=True)
    inside = inside[np.argsort(node_of[inside], kind="stable")]
    parts = np.split(inside, np.flatnonzero(np.diff(node_of[inside])) + 1) if len(inside) else []
    nodes = [Node(points[part], bool(is_filled[part[0]])) for part in parts]
    branches = list(_trace_branches(points, tails, heads, node_of))
    if len(branches) > MOST_ENDS:  # loops have no ends
        raise noise_error()
    return branches, nodes


def noise_error() -> InputError:
    """Return the error for a picture with too many lines for a drawing."""
    return InputError(
        "the picture has lines that end or meet all over, as noise has; give a cleaner picture of "
        "a line drawing"
    )


def _find_edges(
    skeleton: Bool[np.ndarray, "height width"],
    ys: Int64[np.ndarray, " n"],
    xs: Int64[np.ndarray, " n"],
) -> tuple[Int64[np.ndarray, " m"], Int64[np.ndarray, " m"]]:
    """Return pairs of adjacent pixels; diagonal ones only if no third pixel connects them."""
    number = np.full(skeleton.shape, -1)
    number[ys, xs] = np.arange(len(ys))
    pairs = []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        near = number[ys + dy, xs + dx] >= 0
        if dy and dx:
            near &= ~(skeleton[ys + dy, xs] | skeleton[ys, xs + dx])
        indices = np.flatnonzero(near)
        pairs.append((indices, number[ys[indices] + dy, xs[indices] + dx]))
    tails, heads = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    return tails, heads


def _propagate_reach(
    reach: Float64[np.ndarray, " n"],
    ys: Int64[np.ndarray, " n"],
    xs: Int64[np.ndarray, " n"],
    tails: Int64[np.ndarray, " m"],
    heads: Int64[np.ndarray, " m"],
    barred: Bool[np.ndarray, " n"],
) -> None:
    """Propagate each pixel's reach along the skeleton, less the distance covered, in place."""
    steps = np.hypot(ys[tails] - ys[heads], xs[tails] - xs[heads])
    while True:
        before = reach.copy()
        np.maximum.at(reach, heads, before[tails] - steps)
        np.maximum.at(reach, tails, before[heads] - steps)
        reach[barred | (reach < 0)] = -1.0
        if (reach == before).all():
            return


def _label_components(
    shape: tuple[int, ...],
    ys: Int64[np.ndarray, " n"],
    xs: Int64[np.ndarray, " n"],
    chosen: Bool[np.ndarray, " n"],
    node_of: Int64[np.ndarray, " n"],
    count: int,
) -> int:
    """Label the connected components of the chosen pixels from `count` on; return the new count."""
    image = np.zeros(shape, bool)
    image[ys[chosen], xs[chosen]] = True
    labels, more = ndimage.label(image, _EIGHT)
    node_of[chosen] = labels[ys[chosen], xs[chosen]] - 1 + count
    return count + int(more)


def _find_wide_nodes(
    node_of: Int64[np.ndarray, " n"],
    first: int,
    count: int,
    ys: Int64[np.ndarray, " n"],
    xs: Int64[np.ndarray, " n"],
    radii: Float64[np.ndarray, " n"],
) -> Bool[np.ndarray, " n"]:
    """Return which pixels are in a node, from `first` on, that is too wide for one crossing."""
    inside = node_of >= first
    node = node_of[inside]
    most, extent = np.ones(count + 1), np.zeros(count + 1)
    np.maximum.at(most, node, radii[inside])
    for values in (ys[inside], xs[inside]):
        low, high = np.full(count + 1, np.inf), np.full(count + 1, -np.inf)
        np.minimum.at(low, node, values)
        np.maximum.at(high, node, values)
        extent[node] = np.maximum(extent, high - low)[node]
    wide: Bool[np.ndarray, " n"] = inside & (extent > _COMPACT * most)[node_of]
    return wide


def _trace_branches(
    points: Float64[np.ndarray, "n 2"],
    tails: Int64[np.ndarray, " m"],
    heads: Int64[np.ndarray, " m"],
    node_of: npt.NDArray[np.int64],
) -> Iterator[Branch]:
    """Yield the chains of pixels outside nodes: open ones first, then loops."""
    nodes = node_of.tolist()
    beside: list[list[int]] = [[] for _ in nodes]
    meets: list[list[int]] = [[] for _ in nodes]
    for a, b in zip(tails.tolist(), heads.tolist(), strict=True):
        for pixel, near in ((a, b), (b, a)):
            if nodes[pixel] == FREE:
                (beside if nodes[near] == FREE else meets)[pixel].append(near)
    seen = [node != FREE for node in nodes]
    outside = np.flatnonzero(node_of == FREE).tolist()
    for start in sorted(outside, key=lambda pixel: len(beside[pixel]) > 1):
        if seen[start]:
            continue
        chain, pixel = [start], start
        seen[start] = True
        while following := [near for near in beside[pixel] if not seen[near]]:
            pixel = following[0]
            seen[pixel] = True
            chain.append(pixel)
        if len(beside[start]) > 1:  # a loop
            yield Branch(points[[*chain, start]], (FREE, FREE))
            continue
        first, last = ([nodes[near] for near in meets[end]] for end in (start, pixel))
        if len(chain) == 1:
            first, last = first[:1], last[1:]
        yield Branch(points[chain], (*(first or [FREE])[:1], *(last or [FREE])[:1]))
