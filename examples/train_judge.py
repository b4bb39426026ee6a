"""Train a classifier that judges or selects: the two bundled ones, or one for classes of your own.

    python examples/train_judge.py judge DRAWINGS OTHER --out my-judge

DRAWINGS holds the classes to tell apart, of which the `train` split is learned from; OTHER holds
drawings of any other classes, a fifth of which stay unseen: the share of their drawings that is
called *other* is in the card, with the accuracy on held-out drawings. `selector` in place of
`judge` takes other random numbers, another fifth and a wider network.

Both are measured on `valid`, as often as you like. `--final` measures a judge on `test` as well,
and that is what its card then tells: do it once, when nothing is left to choose, since whoever
looks twice has begun to choose by it. A selector makes choices, so it never sees `test`.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from strokeanim.data.labelled import OTHER
from strokeanim.data.sources import load
from strokeanim.data.splits import by_label, split
from strokeanim.data.synth import CLASSES, synthesise_many
from strokeanim.engine.classifier import Classifier, load_classifier
from strokeanim.errors import InputError, StrokeAnimError
from strokeanim.strokes import Drawing


class Role(Enum):
    judge = "judge"
    selector = "selector"


@dataclass(frozen=True)
class Recipe:
    seed: int
    absent: int  # which fifth of the other classes is never seen
    filters: tuple[int, ...]


RECIPES = {
    Role.judge: Recipe(seed=11, absent=0, filters=(24, 48, 96, 128)),
    Role.selector: Recipe(seed=12, absent=2, filters=(16, 48, 112, 128)),
}


def main(
    role: Role,
    drawings: Path,
    other: Path,
    out: Path = Path("my-judge"),
    steps: int = 4000,
    synthetic: int = 20_000,
    name: str = "",
    final: Annotated[bool, typer.Option("--final", help="Measure a judge on test, once.")] = False,
) -> None:
    if final and role is Role.selector:
        raise InputError("a selector makes choices and is never measured on test; omit --final")
    recipe = RECIPES[role]
    parts = split(_drawn(drawings))
    classes = tuple(sorted({d.label for d in parts["train"]}, key=_place))
    if not classes:
        raise InputError(f"{drawings} holds no drawing to learn from")
    seen, never = _others(other, classes, recipe.absent)

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from strokeanim.model.classifier import ClassifierConfig, train_classifier, write_classifier

    made = [name for name in classes if name in CLASSES]
    synth = synthesise_many(synthetic, recipe.seed, made) if made else []
    config = ClassifierConfig(classes, filters=recipe.filters, steps=steps, seed=recipe.seed)
    model = train_classifier(config, (parts["train"], synth), seen, _report)
    facts = {
        "name": name or role.value,
        "steps": steps,
        "seed": recipe.seed,
        "synthetic": len(synth),
        "real": len(parts["train"]),
        "other_classes": len(by_label(seen)),
    }
    write_classifier(model, config, facts, out)  # to be measured as it will be used
    for part in ("valid", "test") if final else ("valid",):
        print(f"on {part}:")
        measured = {"split": part, **_measure(load_classifier(out), parts[part], never)}
        print(measured)
    write_classifier(model, config, {**facts, **measured}, out)


def _others(
    other: Path, classes: tuple[str, ...], absent: int
) -> tuple[list[Drawing], list[Drawing]]:
    """Drawings of other classes to learn from, and those of every fifth, from number `absent` on.

    Raises:
        InputError: there are too few other classes for both.
    """
    drawings = [d for d in _drawn(other) if d.label not in classes]
    words = sorted(by_label(drawings))
    unseen = set(words[absent::5])
    seen = [d for d in drawings if d.label not in unseen]
    never = [d for d in drawings if d.label in unseen]
    if not (seen and never):
        raise InputError(
            f"{other} holds too few classes besides {', '.join(classes)}: {len(words)}, and it "
            f"takes {max(2, absent + 1)}, some to learn from and some that stay unseen"
        )
    return seen, never


def _measure(
    classifier: Classifier, drawings: list[Drawing], never: list[Drawing]
) -> dict[str, object]:
    accuracy = {}
    for label, own in by_label(drawings).items():
        found, _ = classifier.classify(own)
        accuracy[label] = round(float(np.mean([word == label for word in found])), 4)
        print(label, len(own), {word: found.count(word) for word in sorted(set(found))})
    found, _ = classifier.classify(never)
    return {"accuracy": accuracy, "other": round(found.count(OTHER) / len(found), 4)}


def _drawn(path: Path) -> list[Drawing]:
    return [d for d in load(str(path)) if isinstance(d, Drawing) and d.strokes]


def _place(label: str) -> tuple[int, str]:
    """The bundled classes in their usual order, then the alphabet."""
    return (CLASSES.index(label) if label in CLASSES else len(CLASSES), label)


def _report(step: int, values: dict[str, float]) -> None:
    print(f"step {step}  loss {values['loss']:.3f}  accuracy {values['accuracy']:.3f}", flush=True)


if __name__ == "__main__":
    try:
        typer.run(main)
    except StrokeAnimError as error:
        print(f"train_judge: {error}", file=sys.stderr)
        sys.exit(2)
