"""What is in a collection of drawings: counts, sizes, and what looks wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from strokeanim.strokes import Drawing


class Spread(NamedTuple):
    """The 10th, 50th and 90th percentile, linearly interpolated."""

    p10: float
    p50: float
    p90: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread | None:
        """Of at least one value; None of none."""
        return cls(*np.percentile(values, (10, 50, 90)).tolist()) if values else None


@dataclass(frozen=True)
class Summary:
    """Some drawings in numbers.

    Attributes:
        drawings: how many.
        timed: how many of them have milliseconds per point.
        points: points per drawing, empty drawings left out.
        strokes: strokes per drawing, likewise.
        aspect: width ÷ height of the bounding box, of those that have both.
    """

    drawings: int
    timed: int
    points: Spread | None
    strokes: Spread | None
    aspect: Spread | None


@dataclass(frozen=True)
class Problems:
    """What would get in the way of training on the drawings, by index (from 0) or by key.

    Attributes:
        empty: indices of drawings without strokes.
        dots: indices of drawings of a single point, or of several in one place.
        unlabelled: indices of drawings without a class.
        duplicate_keys: keys that several drawings have, sorted.
    """

    empty: tuple[int, ...]
    dots: tuple[int, ...]
    unlabelled: tuple[int, ...]
    duplicate_keys: tuple[str, ...]

    def __bool__(self) -> bool:
        return any((self.empty, self.dots, self.unlabelled, self.duplicate_keys))


@dataclass(frozen=True)
class Description:
    """All drawings in numbers, each class in numbers (sorted by name), and the problems."""

    total: Summary
    classes: dict[str, Summary]
    problems: Problems

    def to_json(self) -> dict[str, Any]:
        """Plain dicts, lists and numbers, the same for the same drawings; a `Spread` is a dict.

        >>> describe([Drawing([[(0, 0), (2, 1)]], "nose")]).to_json()["classes"]["nose"]["aspect"]
        {'p10': 2.0, 'p50': 2.0, 'p90': 2.0}
        """
        return {
            "total": _summary_json(self.total),
            "classes": {label: _summary_json(summary) for label, summary in self.classes.items()},
            "problems": {name: list(found) for name, found in asdict(self.problems).items()},
        }


def describe(drawings: Iterable[Drawing]) -> Description:
    """Count and measure; every drawing is looked at once, none is refused."""
    drawings = list(drawings)
    keys = Counter(drawing.key for drawing in drawings if drawing.key)
    labels = sorted({drawing.label for drawing in drawings})
    return Description(
        total=_summary(drawings),
        classes={label: _summary([d for d in drawings if d.label == label]) for label in labels},
        problems=Problems(
            empty=tuple(i for i, d in enumerate(drawings) if not d.strokes),
            dots=tuple(i for i, d in enumerate(drawings) if d.strokes and d.box.longer == 0),
            unlabelled=tuple(i for i, d in enumerate(drawings) if not d.label),
            duplicate_keys=tuple(sorted(key for key, count in keys.items() if count > 1)),
        ),
    )


def _summary(drawings: Sequence[Drawing]) -> Summary:
    drawn = [drawing for drawing in drawings if drawing.strokes]
    boxes = [drawing.box for drawing in drawn]
    return Summary(
        drawings=len(drawings),
        timed=sum(drawing.times is not None for drawing in drawings),
        points=Spread.of([drawing.points for drawing in drawn]),
        strokes=Spread.of([len(drawing.strokes) for drawing in drawn]),
        aspect=Spread.of([box.width / box.height for box in boxes if box.width and box.height]),
    )


def _summary_json(summary: Summary) -> dict[str, Any]:
    fields = {name: getattr(summary, name) for name in summary.__dataclass_fields__}
    return {k: v._asdict() if isinstance(v, Spread) else v for k, v in fields.items()}
