"""Check a judge, measure it, and describe it for a report.

A judge is trained apart from the model, and never chooses frames or weights.
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
"""Share of drawings of unseen classes that a judge must call *other*."""


class Judge(Protocol):
    """The interface of `Classifier` that an evaluation uses; tests may fake it."""

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
    """Raise `InputError` if the judge lacks a class."""
    unknown = [label for label in classes if label not in judge.classes]
    if unknown:
        raise InputError(
            f"the judge {judge.name!r} does not know {', '.join(unknown)}; "
            "give one that knows every class of the model as judge",
            option="judge",
        )


def measured_groups(
    drawings: Sequence[Drawing], other: Sequence[Drawing], part: str
) -> dict[str, list[Drawing]]:
    """Group the drawings for the measurement of a classifier.

    Args:
        drawings: of its classes, all of them: they are split here.
        other: drawings of other classes, likewise.
        part: `test` or `valid`.

    Returns:
        By name of the group: the drawings of each class in that part; `other`, those of the other
        classes in that part; `torn`, the drawings of the classes, each torn apart once, with a
        fixed seed; and with `test`, `unseen`, all drawings of words kept out of all training.
    """
    known, rest = split(drawings)[part], split_other(other)
    rng = np.random.default_rng(0)
    groups = by_label(known) | {
        OTHER: rest[part],
        "torn": [tear(drawing, rng) for drawing in known],
    }
    return groups | {UNSEEN: rest[UNSEEN]} if part == "test" else groups


def confusion(judge: Judge, groups: Mapping[str, Sequence[Drawing]]) -> dict[str, dict[str, int]]:
    """Count the labels that a classifier gives to each group, by group and then by class."""
    table = {}
    for name, drawings in groups.items():
        predicted, _ = judge.classify(drawings)
        table[name] = {label: predicted.count(label) for label in judge.classes}
    return table


def describe_judge(judge: Judge) -> dict[str, Any]:
    """Return the report's facts about the judge; None for those missing from its model card."""
    accuracy, other = judge.facts.get("accuracy"), judge.facts.get("other")
    return {
        "name": judge.name,
        "classes": list(judge.classes),
        "accuracy": dict(accuracy) if isinstance(accuracy, Mapping) else None,
        "other": float(other) if isinstance(other, int | float) else None,
    }


def is_right(predicted: Sequence[str], labels: Sequence[str]) -> Values:
    """Return 1 where the predicted label is right, else 0."""
    return np.array([a == b for a, b in zip(predicted, labels, strict=True)], np.float64)
