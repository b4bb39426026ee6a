"""Which drawings a model may learn from: splits that two people compute alike from the keys."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import zip_longest

import numpy as np

from strokeanim.strokes.drawing import Drawing

SPLITS = ("test", "valid", "train")


def split(drawings: Iterable[Drawing]) -> dict[str, list[Drawing]]:
    """`{"test": …, "valid": …, "train": …}`: per class a third, a sixth and the rest.

    Within a class the drawings are ordered by the SHA-256 of their key, which no one chose; the
    first third tests, the next sixth validates.
    """
    parts: dict[str, list[Drawing]] = {name: [] for name in SPLITS}
    for _, members in sorted(by_label(drawings).items()):
        ordered = sorted(members, key=lambda d: hashlib.sha256(d.key.encode()).hexdigest())
        test, valid = len(ordered) // 3, len(ordered) // 3 + len(ordered) // 6
        parts["test"] += ordered[:test]
        parts["valid"] += ordered[test:valid]
        parts["train"] += ordered[valid:]
    return parts


def unique(drawings: Iterable[Drawing]) -> list[Drawing]:
    """The drawings without repeats of a class and key; those without a key all stay.

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
    """The drawings of each class, in their order."""
    classes: dict[str, list[Drawing]] = {}
    for drawing in drawings:
        classes.setdefault(drawing.label, []).append(drawing)
    return classes


def balanced(drawings: Iterable[Drawing], count: int, seed: int = 0) -> list[Drawing]:
    """At most `count` drawings, the classes as equal in number as they allow; random for `seed`."""
    rng = np.random.default_rng(seed)
    queues = [
        [members[place] for place in rng.permutation(len(members))]
        for members in by_label(drawings).values()
    ]
    rounds = zip_longest(*queues)
    return [d for turn in rounds for d in turn if d is not None][:count]
