"""The judge: what is asked of it, and what a report says of it.

It was trained apart from the model and only looks: it never chooses what is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from strokeanim.analysis.bootstrap import Values
from strokeanim.errors import InputError
from strokeanim.strokes import Drawing, Picture
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


def facts_of(judge: Judge) -> dict[str, Any]:
    """What a report says of the judge; None for what its card leaves out."""
    accuracy, other = judge.facts.get("accuracy"), judge.facts.get("other")
    return {
        "name": judge.name,
        "classes": list(judge.classes),
        "accuracy": dict(accuracy) if isinstance(accuracy, Mapping) else None,
        "other": float(other) if isinstance(other, int | float) else None,
    }


def right(found: Sequence[str], labels: Sequence[str]) -> Values:
    """1 where a drawing is taken for what it is, else 0."""
    return np.array([a == b for a, b in zip(found, labels, strict=True)], np.float64)
