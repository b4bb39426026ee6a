"""Split drawings into test, valid and train, reproducibly for the same file.

Drawings are ordered by the SHA-256 of their keys, ascending. Drawings that are the same up to a
point or two belong to the same part, that of the first of them.
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
"""The part of `split_other` that contains all drawings of some words."""

TEST, VALID = 120, 80
"""Largest numbers held out per class; never more than a third and a sixth of the class."""

OTHER_TEST, OTHER_VALID = 0.16, 0.10
"""Shares held out of each word (class) of `split_other`."""

UNSEEN_WORDS = 0.2
"""Share of the words of `split_other` that are kept out of training altogether."""

_Point = tuple[float, float]


def split(drawings: Iterable[Drawing]) -> dict[str, list[Drawing]]:
    """Split drawings of the classes that a model learns.

    Per class, in the order of the keys' SHA-256, the first `TEST` drawings are `test`, the next
    `VALID` are `valid` and the rest `train`. A class of fewer than 720 drawings holds out a third
    and a sixth instead, where that is less. Near-duplicates count as one drawing.

    Returns:
        `{"test": …, "valid": …, "train": …}`, class by class in alphabetical order.
    """
    parts: dict[str, list[Drawing]] = {name: [] for name in SPLITS}
    for _, members in sorted(by_label(drawings).items()):
        groups = group_near_duplicates(_sort_by_digest(members))
        test, valid = min(TEST, len(groups) // 3), min(VALID, len(groups) // 6)
        _append_parts(groups, test, valid, parts)
    return parts


def split_other(drawings: Iterable[Drawing]) -> dict[str, list[Drawing]]:
    """Split drawings of other classes, which serve as examples that belong to no class.

    The first fifth of the words, in the order of the words' SHA-256, is `unseen`. Of each remaining
    word, in the order of the keys' SHA-256, the first 16 % are `test`, the next 10 % `valid` and
    the rest `train`. Near-duplicates count as one drawing.

    Returns:
        `{"test": …, "valid": …, "train": …, "unseen": …}`, class by class in alphabetical order.
    """
    classes = by_label(drawings)
    words = sorted(classes, key=_compute_digest)
    unseen = set(words[: round(UNSEEN_WORDS * len(words))])
    parts: dict[str, list[Drawing]] = {name: [] for name in (*SPLITS, UNSEEN)}
    for word, members in sorted(classes.items()):
        ordered = _sort_by_digest(members)
        if word in unseen:
            parts[UNSEEN] += ordered
            continue
        groups = group_near_duplicates(ordered)
        test, valid = round(OTHER_TEST * len(groups)), round(OTHER_VALID * len(groups))
        _append_parts(groups, test, valid, parts)
    return parts


def group_near_duplicates(drawings: Sequence[Drawing]) -> list[list[Drawing]]:
    """Group drawings that are the same up to a point or two, in the order of their first members.

    Two drawings are near-duplicates if neither has more than `_limit_changes` points that the
    other lacks; a chain of near-duplicates is one group. Coordinates are compared exactly, since
    QuickDraw's are whole numbers and copies differ by a point dropped or moved, not by rounding.

    A drawing that lacks at most k of another's points shares at least one of its k + 1 rarest,
    which is among its own 2k + 1 rarest, so only drawings with such a common point are compared.
    """
    points = [_collect_points(drawing) for drawing in drawings]
    frequency = Counter(point for own in points for point in own)
    index: dict[_Point, list[int]] = {}
    leader = list(range(len(drawings)))
    for number, own in enumerate(points):
        rarest = sorted(own, key=lambda point: (frequency[point], point))[: 2 * _MOST_CHANGED + 1]
        for other in {other for point in rarest for other in index.get(point, ())}:
            allowed = min(_limit_changes(own), _limit_changes(points[other]))
            if len(own - points[other]) <= allowed and len(points[other] - own) <= allowed:
                first, second = sorted((_find_leader(leader, number), _find_leader(leader, other)))
                leader[second] = first
        for point in rarest:
            index.setdefault(point, []).append(number)
    groups: dict[int, list[Drawing]] = {}
    for number, drawing in enumerate(drawings):
        groups.setdefault(_find_leader(leader, number), []).append(drawing)
    return list(groups.values())


def unique(drawings: Iterable[Drawing]) -> list[Drawing]:
    """Drop repeats of a class and key; all drawings without a key are kept.

    Drawings from several files must be made unique before they are split, or a drawing in two of
    the files would be in two parts.
    """
    seen: set[tuple[str, str]] = set()
    kept = []
    for drawing in drawings:
        identity = (drawing.label, drawing.key)
        if drawing.key and identity in seen:
            continue
        seen.add(identity)
        kept.append(drawing)
    return kept


def by_label(drawings: Iterable[Drawing]) -> dict[str, list[Drawing]]:
    """Group drawings by class, both in order of appearance."""
    classes: dict[str, list[Drawing]] = {}
    for drawing in drawings:
        classes.setdefault(drawing.label, []).append(drawing)
    return classes


def balanced(drawings: Iterable[Drawing], count: int, seed: int = 0) -> list[Drawing]:
    """Choose at most `count` drawings at random, balancing the classes as far as possible."""
    rng = np.random.default_rng(seed)
    queues = [
        [members[index] for index in rng.permutation(len(members))]
        for members in by_label(drawings).values()
    ]
    rounds = zip_longest(*queues)
    return [d for turn in rounds for d in turn if d is not None][:count]


_MOST_CHANGED = 2
"""Largest number of points of a near-duplicate that the other drawing lacks."""


def _limit_changes(points: frozenset[_Point]) -> int:
    """Return the number of points that a copy may change: an eighth, `_MOST_CHANGED` at most."""
    return min(_MOST_CHANGED, len(points) // 8)


def _collect_points(drawing: Drawing) -> frozenset[_Point]:
    return frozenset((x, y) for stroke in drawing.strokes for x, y in stroke.tolist())


def _find_leader(leader: list[int], number: int) -> int:
    """Find the first member of a group in a union-find forest, halving the path to it."""
    while leader[number] != number:
        leader[number] = leader[leader[number]]
        number = leader[number]
    return number


def _sort_by_digest(drawings: Iterable[Drawing]) -> list[Drawing]:
    return sorted(drawings, key=lambda drawing: _compute_digest(drawing.key))


def _compute_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _append_parts(
    groups: Sequence[Sequence[Drawing]], test: int, valid: int, parts: dict[str, list[Drawing]]
) -> None:
    """Append the first `test` groups, the next `valid` and the rest to their parts."""
    ends = (0, test, test + valid, len(groups))
    for name, start, end in zip(SPLITS, ends, ends[1:], strict=False):
        parts[name] += [drawing for group in groups[start:end] for drawing in group]
