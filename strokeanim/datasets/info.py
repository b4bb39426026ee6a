"""Describe a collection of drawings: counts, sizes, problems and splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from strokeanim.datasets.splits import by_label, group_near_duplicates, split, split_other, unique
from strokeanim.geometry import Drawing


class Spread(NamedTuple):
    """The 10th, 50th and 90th percentile, linearly interpolated."""

    p10: float
    p50: float
    p90: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread | None:
        """Compute the percentiles of some values; None without values."""
        return cls(*np.percentile(values, (10, 50, 90)).tolist()) if values else None


@dataclass(frozen=True)
class Summary:
    """Statistics of drawings.

    Attributes:
        drawings: number of drawings.
        timed: number of drawings with times in milliseconds per point.
        points: points per drawing, without empty drawings.
        strokes: strokes per drawing, without empty drawings.
        aspect: width ÷ height of the bounding box, where both are positive.
    """

    drawings: int
    timed: int
    points: Spread | None
    strokes: Spread | None
    aspect: Spread | None


@dataclass(frozen=True)
class Problems:
    """Obstacles to training on the drawings, by index (from 0) or by key.

    Attributes:
        empty: indices of drawings without strokes.
        dots: indices of drawings whose points are all equal.
        unlabelled: indices of drawings without a class.
        duplicate_keys: keys of more than one drawing, sorted.
    """

    empty: tuple[int, ...]
    dots: tuple[int, ...]
    unlabelled: tuple[int, ...]
    duplicate_keys: tuple[str, ...]

    def __bool__(self) -> bool:
        return any((self.empty, self.dots, self.unlabelled, self.duplicate_keys))


@dataclass(frozen=True)
class Description:
    """Statistics of all drawings and of each class (sorted by name), and the problems."""

    total: Summary
    classes: dict[str, Summary]
    problems: Problems

    def to_json(self) -> dict[str, Any]:
        """Return dicts, lists and numbers, the same for the same drawings; a `Spread` is a dict.

        >>> describe([Drawing([[(0, 0), (2, 1)]], "nose")]).to_json()["classes"]["nose"]["aspect"]
        {'p10': 2.0, 'p50': 2.0, 'p90': 2.0}
        """
        return {
            "total": _summary_to_json(self.total),
            "classes": {
                label: _summary_to_json(summary) for label, summary in self.classes.items()
            },
            "problems": {name: list(values) for name, values in asdict(self.problems).items()},
        }


def describe(drawings: Iterable[Drawing]) -> Description:
    """Count and measure drawings, each read once; none is kept in memory or refused."""
    rows = [_Row.of(drawing) for drawing in drawings]
    classes: dict[str, list[_Row]] = {}
    for row in rows:
        classes.setdefault(row.label, []).append(row)
    keys = Counter(row.key for row in rows if row.key)
    return Description(
        total=_summarise(rows),
        classes={label: _summarise(classes[label]) for label in sorted(classes)},
        problems=Problems(
            empty=tuple(i for i, row in enumerate(rows) if not row.strokes),
            dots=tuple(i for i, row in enumerate(rows) if row.strokes and not row.longer),
            unlabelled=tuple(i for i, row in enumerate(rows) if not row.label),
            duplicate_keys=tuple(sorted(key for key, count in keys.items() if count > 1)),
        ),
    )


@dataclass(frozen=True)
class SplitCounts:
    """Numbers of drawings for tests, validation and training.

    Attributes:
        parts: for each part, the number of drawings per class; empty classes are left out.
        near_duplicates: number of drawings that equal an earlier one up to a point or two.
    """

    parts: dict[str, dict[str, int]]
    near_duplicates: int

    @property
    def classes(self) -> list[str]:
        """Return all classes, sorted."""
        return sorted({name for counts in self.parts.values() for name in counts})

    def to_json(self) -> dict[str, Any]:
        """Return plain dicts and numbers."""
        return {"split": self.parts, "near_duplicates": self.near_duplicates}


def count_splits(drawings: Iterable[Drawing], other: bool = False) -> SplitCounts:
    """Count the drawings in each part of `split`, or with `other`, of `split_other`.

    Repeats and drawings without strokes are left out, as in training.
    """
    kept = unique(drawing for drawing in drawings if drawing.strokes)
    parts = split_other(kept) if other else split(kept)
    classes = by_label(kept).values()
    return SplitCounts(
        {
            name: {label: len(members) for label, members in by_label(part).items()}
            for name, part in parts.items()
        },
        len(kept) - sum(len(group_near_duplicates(members)) for members in classes),
    )


class _Row(NamedTuple):
    """The measurements of one drawing."""

    label: str
    key: str
    points: int
    strokes: int
    timed: bool
    longer: float
    aspect: float | None

    @classmethod
    def of(cls, drawing: Drawing) -> _Row:
        box = drawing.box
        return cls(
            drawing.label,
            drawing.key,
            drawing.points,
            len(drawing.strokes),
            drawing.times is not None,
            box.longer,
            box.width / box.height if box.width and box.height else None,
        )


def _summarise(rows: Sequence[_Row]) -> Summary:
    non_empty = [row for row in rows if row.strokes]
    return Summary(
        drawings=len(rows),
        timed=sum(row.timed for row in rows),
        points=Spread.of([row.points for row in non_empty]),
        strokes=Spread.of([row.strokes for row in non_empty]),
        aspect=Spread.of([row.aspect for row in non_empty if row.aspect is not None]),
    )


def _summary_to_json(summary: Summary) -> dict[str, Any]:
    fields = {name: getattr(summary, name) for name in summary.__dataclass_fields__}
    return {k: v._asdict() if isinstance(v, Spread) else v for k, v in fields.items()}
