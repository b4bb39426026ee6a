"""`strokeanim train`: Keras training, killable and resumable."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from strokeanim.cli import _shared

if TYPE_CHECKING:
    from strokeanim.model.config import RunConfig

TRAINING_SEED, HELD_OUT_SEED = 1, 2
"""Of the synthetic drawings that a model learns from, and of those that choose its weights."""


def train(
    config: Annotated[Path, typer.Argument(help="A TOML file; see examples/faces.toml.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the run lives.")] = Path(
        "runs/faces"
    ),
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="Real drawings, besides those of the config. Repeatable."),
    ] = None,
    other: Annotated[
        list[Path] | None,
        typer.Option("--other", help="Drawings of other classes, to learn drawing from."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="MODEL", help="Begin with the weights of this model."),
    ] = None,
    selector: Annotated[
        str,
        typer.Option(help="The classifier that chooses the best weights: a folder, or none."),
    ] = "selector",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint, if there is one.")
    ] = False,
) -> None:
    """Train a model: checkpoints and log.csv in --out. Kill it and --resume goes on.

    Example: strokeanim train examples/faces.toml --out runs/faces --resume
    """
    from strokeanim.data.synth import CLASSES, synthesise_many
    from strokeanim.engine import model_folder, read_facts
    from strokeanim.model.config import read_config
    from strokeanim.model.run import check_run

    # What can be wrong is found out before Keras is imported, which takes seconds and is not quiet.
    settings = read_config(config, data or (), other or ())
    check_run(settings, out, resume)
    folder = None
    if start is not None:
        folder = model_folder(start)
        read_facts(folder)
    validate = _validation(settings, selector)
    real = [d for name in settings.data.real for d in _shared.training_drawings(name)]
    unnamed = [d for name in settings.data.other for d in _shared.load_drawings(name) if d.strokes]
    run = _training()
    classes = [name for name in settings.model.classes if name in CLASSES]
    count = settings.data.synthetic if classes else 0
    _shared.say(f"making {count} synthetic drawings")
    synthetic = synthesise_many(count, TRAINING_SEED, classes) if count else []
    _shared.say(f"{len(synthetic)} synthetic and {len(real)} real drawings")
    with _progress(settings.train.steps) as report:
        run(settings, synthetic, real, unnamed, out, resume, report, folder, validate)
    _shared.say(f"done: {out}; write a model folder with `strokeanim model export {out} --out DIR`")


def _validation(settings: RunConfig, name: str) -> Callable[[Any], dict[str, float]] | None:
    """What held-out drawings say of a model in training, as the selector sees its in-betweens."""
    from strokeanim.data.synth import CLASSES, synthesise_many
    from strokeanim.engine.classifier import load_classifier

    if name == "none":
        return None
    classes = settings.model.classes
    selector = load_classifier(name)
    if unknown := set(classes) - set(selector.classes):
        _shared.say(f"the selector does not know {min(unknown)}: the last weights will be kept")
        return None
    held = [d for file in settings.data.real for d in _shared.split_drawings(file)["valid"]]
    held = [d for d in held if d.label in classes]
    if not held and set(classes) <= set(CLASSES):
        held = synthesise_many(12 * len(classes), HELD_OUT_SEED, classes)
    if not held:
        return None

    def validate(model: Any) -> dict[str, float]:
        from strokeanim.analysis.selection import selection
        from strokeanim.engine.keras import KerasEngine

        return selection(KerasEngine.of(model), selector, held)

    return validate


def _training() -> Callable[..., Any]:
    from strokeanim.errors import MissingDependencyError

    # TensorFlow has much to say about devices that are not there.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        from strokeanim.model.training import train as run
    except ImportError as error:
        raise MissingDependencyError(
            f"training needs {error.name}: pip install 'strokeanim[train]'"
        ) from error
    return run


def _progress(steps: int) -> Any:
    """A context manager that gives the function to call with each line of the log."""
    if not _shared.interactive():
        return nullcontext(_plain)
    from strokeanim.cli._progress import bar

    return bar(steps)


def _plain(step: int, values: dict[str, float]) -> None:
    _shared.say(
        f"step {step}  loss {values['loss']:.3f}  accuracy {values['accuracy']:.2f}  "
        f"{values['drawings_per_second']:.0f} drawings/s  {values['minutes']:.1f} min"
    )
