"""Train a judge or a selector: the two bundled classifiers, or one for classes of your own.

    python examples/train_judge.py judge DRAWINGS OTHER --out my-judge

DRAWINGS holds the classes to tell apart, OTHER drawings of any other classes. The `train` split of
both is for training; the threshold of *other* is set on `valid`. A fifth of the labels in OTHER are
in no split: the share of their drawings that is called *other* measures how the classifier treats
classes that it has never seen. `selector` in place of `judge` uses other random numbers and another
network.

Training ends with a confusion table on `valid`; you can repeat it as often as you like. `--final`
trains nothing: it measures the classifier in `--out` on `test` and on the unseen labels, and writes
the result into its card. Do this once, after the last choice: choosing by a second look at `test`
would bias the result.
"""

from __future__ import annotations

import json
import os
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from strokeanim.datasets.classifier_batches import OTHER
from strokeanim.datasets.splits import by_label, split, split_other
from strokeanim.datasets.synthetic import CLASSES, synthesise_many
from strokeanim.engine.classifier import METADATA, load_classifier
from strokeanim.errors import InputError, StrokeAnimError
from strokeanim.evaluation.judge import confusion, measured_groups
from strokeanim.geometry import Drawing
from strokeanim.io.sources import load


class Role(Enum):
    judge = "judge"
    selector = "selector"


RECIPES: dict[Role, dict[str, Any]] = {
    Role.judge: {"seed": 21, "network": "plain", "side": 64, "filters": (24, 48, 96, 128)},
    Role.selector: {"seed": 22, "network": "residual", "side": 48, "filters": (32, 64, 96, 160)},
}
FEWEST_WORDS = 3
"""Labels of other classes: one stays unseen, and the rest are for training."""


def main(
    role: Role,
    drawings: Path,
    other: Path,
    out: Path = Path("my-judge"),
    steps: int = 5000,
    synthetic: Annotated[
        int, typer.Option(help="Synthetic drawings to learn from beside the real ones.")
    ] = 0,
    name: str = "",
    final: Annotated[
        bool, typer.Option("--final", help="Measure the one in --out on test; train nothing.")
    ] = False,
) -> None:
    known = _load(drawings)
    parts = split(known)
    classes = tuple(sorted(by_label(parts["train"]), key=_rank))
    if not classes:
        raise InputError(f"{drawings} holds no drawing to learn from")
    rest = [drawing for drawing in _load(other) if drawing.label not in classes]
    if len(by_label(rest)) < FEWEST_WORDS:
        raise InputError(
            f"{other} holds too few classes besides {', '.join(classes)}: "
            f"{len(by_label(rest))}, and it takes {FEWEST_WORDS}, some to learn from and some "
            "that stay unseen"
        )
    if not final:
        learned = [*parts["train"], *_synthesise(synthetic, role, classes)]
        _train(role, learned, parts["valid"], split_other(rest)["train"], classes, steps, out)
    classifier = load_classifier(out)
    part = "test" if final else "valid"
    table = confusion(classifier, measured_groups(known, rest, part))
    print(f"on {part}:")
    _print(table)
    facts = {**classifier.facts, "name": name or classifier.name, "split": part}
    facts |= {"confusion": table, **_shares(table, classes)}
    (out / METADATA).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _train(
    role: Role,
    drawings: list[Drawing],
    valid: list[Drawing],
    other: list[Drawing],
    classes: tuple[str, ...],
    steps: int,
    out: Path,
) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from strokeanim.model.classifier import (
        ClassifierConfig,
        set_threshold,
        train_classifier,
        write_classifier,
    )

    config = ClassifierConfig(classes, steps=steps, **RECIPES[role])
    model = train_classifier(config, drawings, other, _report)
    facts = {
        "name": role.value,
        "network": config.network,
        "steps": steps,
        "seed": config.seed,
        "drawings": len(drawings),
        "other_drawings": len(other),
        "other_classes": len(by_label(other)),
        "threshold": round(set_threshold(model, config, valid), 2),
    }
    write_classifier(model, config, facts, out)


def _synthesise(count: int, role: Role, classes: tuple[str, ...]) -> list[Drawing]:
    made = [label for label in classes if label in CLASSES]
    return synthesise_many(count, RECIPES[role]["seed"], made) if made and count else []


def _shares(table: dict[str, dict[str, int]], classes: tuple[str, ...]) -> dict[str, object]:
    """Compute the share of each class that is recognised, and of the rest that is *other*."""
    rows = {name: sum(counts.values()) or 1 for name, counts in table.items()}
    accuracy = {name: round(table[name][name] / rows[name], 4) for name in classes}
    rest = {
        name: round(table[name][OTHER] / rows[name], 4) for name in table if name not in classes
    }
    return {"accuracy": accuracy, "called_other": rest, "other": rest.get("unseen", rest[OTHER])}


def _print(table: dict[str, dict[str, int]]) -> None:
    columns = list(next(iter(table.values())))
    print(f"{'':8}{'n':>6}" + "".join(f"{name:>8}" for name in columns) + "    right")
    for name, counts in table.items():
        total = sum(counts.values())
        right = counts[name if name in counts else OTHER] / (total or 1)
        cells = "".join(f"{count:8}" for count in counts.values())
        print(f"{name:8}{total:6}{cells}{right:9.1%}")


def _load(path: Path) -> list[Drawing]:
    return [d for d in load(str(path)) if isinstance(d, Drawing) and d.strokes]


def _rank(label: str) -> tuple[int, str]:
    """Return a sort key: bundled classes in their usual order, then others alphabetically."""
    return (CLASSES.index(label) if label in CLASSES else len(CLASSES), label)


def _report(step: int, values: dict[str, float]) -> None:
    print(f"step {step}  loss {values['loss']:.3f}  accuracy {values['accuracy']:.3f}", flush=True)


if __name__ == "__main__":
    try:
        typer.run(main)
    except StrokeAnimError as error:
        print(f"train_judge: {error}", file=sys.stderr)
        sys.exit(2)
