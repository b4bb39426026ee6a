"""Choose the drawings for an evaluation, their neighbours, and synthetic ones to fill them up.

Synthetic drawings have seed 0, real ones are of a split; models are trained on neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from strokeanim.datasets.splits import SPLITS, by_label, split, unique
from strokeanim.datasets.synthetic import CLASSES, synthesise_many
from strokeanim.errors import InputError
from strokeanim.geometry import Drawing

SYNTHETIC = 250
"""Synthetic drawings per class if no real ones are given."""

MIN_DRAWINGS = 2
"""Least number of drawings per class, enough for a pair."""

MEASURED, NEIGHBOURS = 1000, 2000
"""Largest numbers of real drawings per class for measurement, and as their neighbours."""

Classes = Mapping[str, Sequence[Drawing]]


@dataclass(frozen=True)
class HeldOut:
    """Drawings for an evaluation.

    Attributes:
        sources: as the user named them; none for synthetic drawings.
        split: test, valid or train.
        classes: at least two drawings per class of the model, in its order.
        train: neighbours for k-NN that are not measured themselves.
        ignored: number of drawings that are empty or of classes unknown to the model.
        repeats: number of repeated drawings, in the same file or in another.
        left_out: number of drawings of the split, and of neighbours, beyond the limits.
    """

    sources: tuple[str, ...]
    split: str
    classes: Classes
    train: tuple[Drawing, ...]
    ignored: int = 0
    repeats: int = 0
    left_out: int = 0

    @property
    def drawings(self) -> list[Drawing]:
        """Return all drawings, class by class."""
        return [drawing for members in self.classes.values() for drawing in members]


def real_drawings(
    files: Mapping[str, Iterable[Drawing]], classes: Sequence[str], part: str = "test"
) -> HeldOut:
    """Split real drawings; the neighbours are the drawings of `train`.

    Takes the first `MEASURED` drawings and `NEIGHBOURS` neighbours per class in the order of the
    split.

    Args:
        files: drawings by source. They are split together, so that no drawing can be in two
            splits; repeats are dropped.
        classes: of the model.
        part: test, valid or train.

    Raises:
        InputError: an unknown split, or one with fewer than two drawings of a class.
    """
    if part not in SPLITS:
        raise InputError(f"no split called {part!r}; choose one of {', '.join(SPLITS)}")
    given = [drawing for drawings in files.values() for drawing in drawings]
    known = [drawing for drawing in given if drawing.strokes and drawing.label in classes]
    kept = unique(known)
    parts = split(kept)
    members = by_label(parts[part])
    scarce = [label for label in classes if len(members.get(label, ())) < MIN_DRAWINGS]
    if scarce:
        raise InputError(
            f"the {part} split of {', '.join(files)} holds "
            + ", ".join(f"{len(members.get(label, ()))} of {label}" for label in scarce)
            + f"; every class of the model needs at least {MIN_DRAWINGS}: add a file to data",
            option="data",
        )
    chosen = {label: tuple(members[label][:MEASURED]) for label in classes}
    others = [] if part == "train" else parts["train"]
    train = tuple(d for same in by_label(others).values() for d in same[:NEIGHBOURS])
    return HeldOut(
        tuple(files),
        part,
        chosen,
        train,
        ignored=len(given) - len(known),
        repeats=len(known) - len(kept),
        left_out=len(parts[part]) + len(others) - sum(map(len, chosen.values())) - len(train),
    )


def synthetic_drawings(classes: Sequence[str], count: int = SYNTHETIC) -> HeldOut:
    """Return `count` synthetic drawings per class with seed 0.

    The neighbours are as many with seed 1, the first of those that the bundled model was trained
    on.

    Raises:
        InputError: the generator lacks a class of the model.
    """
    unknown = [label for label in classes if label not in CLASSES]
    if unknown:
        raise InputError(
            f"there are no synthetic drawings of {', '.join(unknown)}; give real ones as data",
            option="data",
        )
    members = by_label(synthesise_many(count * len(classes), 0, classes))
    chosen = {label: tuple(members[label]) for label in classes}
    return HeldOut((), "test", chosen, tuple(synthesise_many(count * len(classes), 1, classes)))


def fill(classes: Classes, size: int) -> list[Drawing]:
    """Return the synthetic drawings, seed 0, that bring `classes` up to `size` in all.

    The smallest class gets the next drawing, so that sizes become as equal as possible. Classes
    that the generator lacks get none.
    """
    counts = {label: len(members) for label, members in classes.items() if label in CLASSES}
    lacking = dict.fromkeys(counts, 0)
    for _ in range(size - sum(map(len, classes.values())) if counts else 0):
        smallest = min(counts, key=lambda label: counts[label])
        counts[smallest] += 1
        lacking[smallest] += 1
    taken = {drawing.key for members in classes.values() for drawing in members}
    # A file written by `data synth` may hold some of these; take the next ones then.
    most = max(lacking.values(), default=0) + (len(taken) if any(lacking.values()) else 0)
    pool = by_label(d for d in synthesise_many(most * len(CLASSES), 0) if d.key not in taken)
    return [drawing for label, count in lacking.items() for drawing in pool.get(label, [])[:count]]


def fingerprint(drawings: Iterable[Drawing]) -> str:
    """Return the first 16 hex digits of the SHA-256 of labels, keys and strokes.

    Two people whose figures differ can compare fingerprints to tell whether they measured the same
    drawings; synthetic ones change when the generator does.
    """
    digest = hashlib.sha256()
    for drawing in drawings:
        digest.update(f"{drawing.label}\0{drawing.key}\0{len(drawing.strokes)}\0".encode())
        for stroke in drawing.strokes:
            digest.update(np.asarray(stroke, "<f4").tobytes())
    return digest.hexdigest()[:16]
