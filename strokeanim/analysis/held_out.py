"""The drawings a model is evaluated on, the ones it may be compared with, and what fills them up.

Synthetic drawings here are those of seed 0, real ones a split; neither is what a model learned
from. Nothing is measured in this file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from strokeanim.data.splits import SPLITS, by_label, split
from strokeanim.data.synth import CLASSES, synthesise_many
from strokeanim.errors import InputError
from strokeanim.strokes import Drawing

SYNTHETIC = 250
"""Synthetic drawings per class, where no real ones are given."""

FEWEST = 2
"""Drawings per class that make a pair."""

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
    """

    sources: tuple[str, ...]
    split: str
    classes: Classes
    train: tuple[Drawing, ...]
    ignored: int = 0

    @property
    def drawings(self) -> list[Drawing]:
        """All of them, class by class."""
        return [drawing for members in self.classes.values() for drawing in members]


def real(
    files: Mapping[str, Iterable[Drawing]], classes: Sequence[str], part: str = "test"
) -> HeldOut:
    """A split of real drawings; its neighbours are those of `train`.

    Args:
        files: drawings by where they are from. Each is split by itself, as it is for training.
        classes: those of the model.
        part: test, valid or train.

    Raises:
        InputError: no such split, or a class with fewer than two drawings in it.
    """
    if part not in SPLITS:
        raise InputError(f"no split called {part!r}; choose one of {', '.join(SPLITS)}")
    parts: dict[str, list[Drawing]] = {name: [] for name in SPLITS}
    ignored = 0
    for drawings in files.values():
        every = list(drawings)
        known = [drawing for drawing in every if drawing.strokes and drawing.label in classes]
        ignored += len(every) - len(known)
        for name, some in split(known).items():
            parts[name] += some
    found = by_label(parts[part])
    poor = [label for label in classes if len(found.get(label, ())) < FEWEST]
    if poor:
        raise InputError(
            f"the {part} split of {', '.join(files)} holds "
            + ", ".join(f"{len(found.get(label, ()))} of {label}" for label in poor)
            + f"; every class of the model needs at least {FEWEST}: add a file with --data"
        )
    train = () if part == "train" else tuple(parts["train"])
    chosen = {label: tuple(found[label]) for label in classes}
    return HeldOut(tuple(files), part, chosen, train, ignored)


def synthetic(classes: Sequence[str], count: int = SYNTHETIC) -> HeldOut:
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
