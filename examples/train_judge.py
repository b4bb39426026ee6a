"""Train a classifier that judges or selects: the two bundled ones, or one for classes of your own.

    python examples/train_judge.py judge DRAWINGS OTHER --out my-judge

DRAWINGS holds the classes to tell apart, of which the `train` split is learned from; OTHER holds
drawings of any other classes, a fifth of which stay unseen: the share of their drawings that is
called *other* is in the card, with the accuracy on held-out drawings. `selector` in place of
`judge` takes other random numbers, another fifth, a wider network, and measures itself on `valid`
instead of `test`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from strokeanim.data.labelled import OTHER
from strokeanim.data.sources import load
from strokeanim.data.splits import by_label, split
from strokeanim.data.synth import CLASSES, synthesise_many
from strokeanim.engine.classifier import Classifier, load_classifier
from strokeanim.strokes import Drawing


@dataclass(frozen=True)
class Role:
    seed: int
    absent: int  # which fifth of the other classes is never seen
    measured: str
    filters: tuple[int, ...]


ROLES = {
    "judge": Role(seed=11, absent=0, measured="test", filters=(24, 48, 96, 128)),
    "selector": Role(seed=12, absent=2, measured="valid", filters=(16, 48, 112, 128)),
}


def main(
    role: Annotated[str, typer.Argument(help="judge or selector")],
    drawings: Path,
    other: Path,
    out: Path = Path("my-judge"),
    steps: int = 4000,
    synthetic: int = 20_000,
    name: str = "",
) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from strokeanim.model.classifier import ClassifierConfig, train_classifier, write_classifier

    chosen = ROLES[role]
    parts = split(_drawn(drawings))
    classes = tuple(sorted({d.label for d in parts["train"]}, key=_place))
    words = sorted(by_label(_drawn(other)))
    absent = set(words[chosen.absent :: 5])
    seen = [d for d in _drawn(other) if d.label not in absent]
    never = [d for d in _drawn(other) if d.label in absent]
    made = [name for name in classes if name in CLASSES]
    synth = synthesise_many(synthetic, chosen.seed, made) if made else []
    config = ClassifierConfig(classes, filters=chosen.filters, steps=steps, seed=chosen.seed)
    model = train_classifier(config, (parts["train"], synth), seen, _report)
    facts = {
        "name": name or role,
        "steps": steps,
        "seed": chosen.seed,
        "synthetic": len(synth),
        "real": len(parts["train"]),
        "other_classes": len(words) - len(absent),
    }
    write_classifier(model, config, facts, out)  # to be measured as it will be used
    measured = _measure(load_classifier(out), parts[chosen.measured], never)
    write_classifier(model, config, {**facts, "split": chosen.measured, **measured}, out)
    print(measured)


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
    typer.run(main)
