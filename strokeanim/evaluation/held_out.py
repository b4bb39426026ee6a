"""The drawings a model is evaluated on, the ones it may be compared with, and what fills them up.

Synthetic drawings here are those of seed 0, real ones a split; neither is what a model learned
from. Nothing is measured in this file.
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
"""Synthetic drawings per class, where no real ones are given."""

FEWEST = 2
"""Drawings per class that make a pair."""

MEASURED, NEIGHBOURS = 1000, 2000
"""Real drawings per class that are measured, and that are their neighbours, at most."""

Classes = Mapping[str, Sequence[Drawing]]


@dataclass(frozen=True)
class HeldOut:
    """Drawings to measure on.

    Attributes:
        sources: where they are from, as the user named it; none for synthetic ones.
        split: test, valid or train.
        classes: per class of the model, in its order, at least two drawings.
        train: neighbours for k-NN that are not measured themselves.
        ignored: drawings of no class that the model knows, or empty.
        repeats: drawings that were there already, in the same file or in another.
        left_out: drawings of the split, and neighbours, beyond as many as are looked at.
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
        """All of them, class by class."""
        return [drawing for members in self.classes.values() for drawing in members]


def real_drawings(
    files: Mapping[str, Iterable[Drawing]], classes: Sequence[str], part: str = "test"
) -> HeldOut:
    """A split of real drawings; its neighbours are those of `train`.

    At most `MEASURED` drawings per class and `NEIGHBOURS` of its neighbours, the first by the order
    that splits are made by.

    Args:
        files: drawings by where they are from. They are split together, so that no drawing can be
            in two splits; what comes again is dropped.
        classes: those of the model.
        part: test, valid or train.

    Raises:
        InputError: no such split, or a class with fewer than two drawings in it.
    """
    if part not in SPLITS:
        raise InputError(f"no split called {part!r}; choose one of {', '.join(SPLITS)}")
    every = [drawing for drawings in files.values() for drawing in drawings]
    known = [drawing for drawing in every if drawing.strokes and drawing.label in classes]
    kept = unique(known)
    parts = split(kept)
    found = by_label(parts[part])
    poor = [label for label in classes if len(found.get(label, ())) < FEWEST]
    if poor:
        raise InputError(
            f"the {part} split of {', '.join(files)} holds "
            + ", ".join(f"{len(found.get(label, ()))} of {label}" for label in poor)
            + f"; every class of the model needs at least {FEWEST}: add a file with --data"
        )
    chosen = {label: tuple(found[label][:MEASURED]) for label in classes}
    others = [] if part == "train" else parts["train"]
    train = tuple(d for own in by_label(others).values() for d in own[:NEIGHBOURS])
    return HeldOut(
        tuple(files),
        part,
        chosen,
        train,
        ignored=len(every) - len(known),
        repeats=len(known) - len(kept),
        left_out=len(parts[part]) + len(others) - sum(map(len, chosen.values())) - len(train),
    )


def synthetic_drawings(classes: Sequence[str], count: int = SYNTHETIC) -> HeldOut:
    """`count` synthetic drawings per class with seed 0.

    The neighbours are the first of seed 1, which the bundled model learned from, as many again.

    Raises:
        InputError: a class of the model that nobody has described to the generator.
    """
    unknown = [label for label in classes if label not in CLASSES]
    if unknown:
        raise InputError(
            f"there are no synthetic drawings of {', '.join(unknown)}; give real ones with --data"
        )
    found = by_label(synthesise_many(count * len(classes), 0, classes))
    chosen = {label: tuple(found[label]) for label in classes}
    return HeldOut((), "test", chosen, tuple(synthesise_many(count * len(classes), 1, classes)))


def fill(classes: Classes, size: int) -> list[Drawing]:
    """Synthetic drawings, seed 0, that bring `classes` up to `size` in all.

    The class that has fewest gets the next, so that classes end as equal as they can. Classes
    that the generator does not know get none.
    """
    counts = {label: len(members) for label, members in classes.items() if label in CLASSES}
    lacking = dict.fromkeys(counts, 0)
    for _ in range(size - sum(map(len, classes.values())) if counts else 0):
        poorest = min(counts, key=lambda label: counts[label])
        counts[poorest] += 1
        lacking[poorest] += 1
    taken = {drawing.key for members in classes.values() for drawing in members}
    # A file made by `data synth` may hold some of these: then the ones after them.
    most = max(lacking.values(), default=0) + (len(taken) if any(lacking.values()) else 0)
    pool = by_label(d for d in synthesise_many(most * len(CLASSES), 0) if d.key not in taken)
    return [drawing for label, count in lacking.items() for drawing in pool.get(label, [])[:count]]


def fingerprint(drawings: Iterable[Drawing]) -> str:
    """The first 16 hex digits of a SHA-256 of drawings: the same for the same drawings only.

    Two people whose figures differ see here whether they have measured on the same drawings; the
    synthetic ones change when the generator does.
    """
    digest = hashlib.sha256()
    for drawing in drawings:
        digest.update(f"{drawing.label}\0{drawing.key}\0{len(drawing.strokes)}\0".encode())
        for stroke in drawing.strokes:
            digest.update(np.asarray(stroke, "<f4").tobytes())
    return digest.hexdigest()[:16]
