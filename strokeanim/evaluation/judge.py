"""Check a judge, measure it, and describe it for a report.

It was trained apart from the model and only looks: it never chooses what is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from strokeanim.datasets.classifier_batches import OTHER, tear
from strokeanim.datasets.splits import UNSEEN, by_label, split, split_other
from strokeanim.errors import InputError
from strokeanim.evaluation.bootstrap import Values
from strokeanim.geometry import Drawing, Picture
from strokeanim.typing import Probabilities

ENOUGH_OTHER = 0.8
"""Share of drawings of classes it has never seen that a judge must call *other*."""


class Judge(Protocol):
    """What a `Classifier` is, and what a test may fake."""

    @property
    def name(self) -> str: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    def classify(
        self, drawings: Sequence[Drawing | Picture]
    ) -> tuple[list[str], Probabilities]: ...


def check_judge(judge: Judge, classes: Sequence[str]) -> None:
    """Raises `InputError` if the judge has no word for a class."""
    unknown = [label for label in classes if label not in judge.classes]
    if unknown:
        raise InputError(
            f"the judge {judge.name!r} does not know {', '.join(unknown)}; "
            "give one that knows every class of the model with --judge DIR"
        )


def measured_groups(
    drawings: Sequence[Drawing], other: Sequence[Drawing], part: str
) -> dict[str, list[Drawing]]:
    """Gather what a classifier is measured on, by the name of the group.

    Args:
        drawings: of its classes, all of them: the split is made here.
        other: of other classes, likewise.
        part: `test` or `valid`.

    Returns:
        The drawings of each class in that part; `other`, those of the other classes that are in
        that part; `torn`, those of the classes, each torn apart once, always alike; and with
        `test`, `unseen`, all drawings of the words that nothing was trained on.
    """
    known, rest = split(drawings)[part], split_other(other)
    rng = np.random.default_rng(0)
    groups = by_label(known) | {OTHER: rest[part], "torn": [tear(one, rng) for one in known]}
    return groups | {UNSEEN: rest[UNSEEN]} if part == "test" else groups


def confusion(judge: Judge, groups: Mapping[str, Sequence[Drawing]]) -> dict[str, dict[str, int]]:
    """Count by group, then by class, what a classifier takes the drawings of each group for."""
    table = {}
    for name, drawings in groups.items():
        found, _ = judge.classify(drawings)
        table[name] = {label: found.count(label) for label in judge.classes}
    return table


def describe_judge(judge: Judge) -> dict[str, Any]:
    """What a report says of the judge; None for what its card leaves out."""
    accuracy, other = judge.facts.get("accuracy"), judge.facts.get("other")
    return {
        "name": judge.name,
        "classes": list(judge.classes),
        "accuracy": dict(accuracy) if isinstance(accuracy, Mapping) else None,
        "other": float(other) if isinstance(other, int | float) else None,
    }


def is_right(found: Sequence[str], labels: Sequence[str]) -> Values:
    """1 where a drawing is taken for what it is, else 0."""
    return np.array([a == b for a, b in zip(found, labels, strict=True)], np.float64)
