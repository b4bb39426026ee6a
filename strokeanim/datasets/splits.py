"""Divide drawings into test, valid and train so that anyone with the same file gets the same parts.

The order is that of the SHA-256 of the drawings' keys, ascending. Drawings that are the same up to
a point or two go to the same part, that of the first of them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import zip_longest

import numpy as np

from strokeanim.geometry.drawing import Drawing

SPLITS = ("test", "valid", "train")

UNSEEN = "unseen"
"""The part of `split_other` that holds all drawings of some words."""

TEST, VALID = 120, 80
"""Drawings held out per class at most: never more than a third and a sixth of the class."""

OTHER_TEST, OTHER_VALID = 0.16, 0.10
"""Shares of each word of the other classes that are held out."""

UNSEEN_WORDS = 0.2
"""Share of the words of the other classes that nothing is trained on."""

_Point = tuple[float, float]


def split(drawings: Iterable[Drawing]) -> dict[str, list[Drawing]]:
    """Divide drawings of the classes that a model learns.

    Per class, in the order of the keys' SHA-256, the first `TEST` drawings are `test`, the next
    `VALID` are `valid` and the rest `train`. A class of fewer than 720 drawings holds out a third
    and a sixth instead, where that is less. Near-duplicates count as one drawing.

    Returns:
        `{"test": …, "valid": …, "train": …}`, class by class in alphabetical order.
    """
    parts: dict[str, list[Drawing]] = {name: [] for name in SPLITS}
    for _, members in sorted(by_label(drawings).items()):
        groups = group_near_duplicates(_in_order(members))
        test, valid = min(TEST, len(groups) // 3), min(VALID, len(groups) // 6)
        _deal(groups, test, valid, parts)
    return parts


def split_other(drawings: Iterable[Drawing]) -> dict[str, list[Drawing]]:
    """Divide drawings of any other classes, which serve as examples of what no class is.

    The first fifth of the words, in the order of the words' SHA-256, is `unseen`. Of each word that
    is left, in the order of the keys' SHA-256, the first 16 % are `test`, the next 10 % `valid` and
    the rest `train`. Near-duplicates count as one drawing.

    Returns:
        `{"test": …, "valid": …, "train": …, "unseen": …}`, class by class in alphabetical order.
    """
    classes = by_label(drawings)
    words = sorted(classes, key=_digest)
    unseen = set(words[: round(UNSEEN_WORDS * len(words))])
    parts: dict[str, list[Drawing]] = {name: [] for name in (*SPLITS, UNSEEN)}
    for word, members in sorted(classes.items()):
        ordered = _in_order(members)
        if word in unseen:
            parts[UNSEEN] += ordered
            continue
        groups = group_near_duplicates(ordered)
        test, valid = round(OTHER_TEST * len(groups)), round(OTHER_VALID * len(groups))
        _deal(groups, test, valid, parts)
    return parts


def group_near_duplicates(drawings: Sequence[Drawing]) -> list[list[Drawing]]:
    """Group drawings that are the same up to a point or two, in the order of their first members.

    Two drawings are near-duplicates if neither has more than `_allowed` points that the other has
    not; chains of near-duplicates are one group. Coordinates are compared exactly: QuickDraw's are
    whole numbers, and copies of a drawing differ by a point dropped or moved, not by rounding.

    A drawing that lacks at most k of another's points shares at least one of its k + 1 rarest,
    which is among its own 2k + 1 rarest; so only drawings with such a point in common are compared.
    """
    points = [_points(drawing) for drawing in drawings]
    frequency = Counter(point for some in points for point in some)
    index: dict[_Point, list[int]] = {}
    leader = list(range(len(drawings)))
    for number, own in enumerate(points):
        rarest = sorted(own, key=lambda point: (frequency[point], point))[: 2 * _MOST + 1]
        for other in {other for point in rarest for other in index.get(point, ())}:
            allowed = min(_allowed(own), _allowed(points[other]))
            if len(own - points[other]) <= allowed and len(points[other] - own) <= allowed:
                first, second = sorted((_find(leader, number), _find(leader, other)))
                leader[second] = first
        for point in rarest:
            index.setdefault(point, []).append(number)
    groups: dict[int, list[Drawing]] = {}
    for number, drawing in enumerate(drawings):
        groups.setdefault(_find(leader, number), []).append(drawing)
    return list(groups.values())


def unique(drawings: Iterable[Drawing]) -> list[Drawing]:
    """Drop repeats of a class and key; drawings without a key all stay.

    What comes from several files has to pass through here before it is split: each file by itself
    would put a drawing that two of them hold into two splits.
    """
    seen: set[tuple[str, str]] = set()
    kept = []
    for drawing in drawings:
        name = (drawing.label, drawing.key)
        if drawing.key and name in seen:
            continue
        seen.add(name)
        kept.append(drawing)
    return kept


def by_label(drawings: Iterable[Drawing]) -> dict[str, list[Drawing]]:
    """Group drawings by class, in their order."""
    classes: dict[str, list[Drawing]] = {}
    for drawing in drawings:
        classes.setdefault(drawing.label, []).append(drawing)
    return classes


def balanced(drawings: Iterable[Drawing], count: int, seed: int = 0) -> list[Drawing]:
    """Choose at most `count` drawings, the classes as equal in number as they allow."""
    rng = np.random.default_rng(seed)
    queues = [
        [members[place] for place in rng.permutation(len(members))]
        for members in by_label(drawings).values()
    ]
    rounds = zip_longest(*queues)
    return [d for turn in rounds for d in turn if d is not None][:count]


_MOST = 2
"""Points at most by which near-duplicates differ in each direction."""


def _allowed(points: frozenset[_Point]) -> int:
    """Return by how many points a copy of a drawing may differ: one in eight, `_MOST` at most."""
    return min(_MOST, len(points) // 8)


def _points(drawing: Drawing) -> frozenset[_Point]:
    return frozenset((x, y) for stroke in drawing.strokes for x, y in stroke.tolist())


def _find(leader: list[int], number: int) -> int:
    while leader[number] != number:
        leader[number] = leader[leader[number]]
        number = leader[number]
    return number


def _in_order(drawings: Iterable[Drawing]) -> list[Drawing]:
    return sorted(drawings, key=lambda drawing: _digest(drawing.key))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _deal(
    groups: Sequence[Sequence[Drawing]], test: int, valid: int, parts: dict[str, list[Drawing]]
) -> None:
    """Append the first `test` groups, the next `valid` and the rest to their parts."""
    ends = (0, test, test + valid, len(groups))
    for name, start, end in zip(SPLITS, ends, ends[1:], strict=False):
        parts[name] += [drawing for group in groups[start:end] for drawing in group]
