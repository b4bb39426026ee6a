"""Run `strokeanim train`: train a model with Keras, in a run that can be killed and resumed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from strokeanim.cli import _shared
from strokeanim.errors import InputError

if TYPE_CHECKING:
    from strokeanim.geometry import Drawing
    from strokeanim.model.config import RunConfig

TRAINING_SEED, HELD_OUT_SEED = 1, 2
"""Seeds of the synthetic drawings for training, and of those for the selection of weights."""

HELD_OUT = 60
"""Real drawings per class for the selection of weights, at most."""


def train(
    config: Annotated[Path, typer.Argument(help="A TOML file; see examples/faces.toml.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder of the run.")] = Path(
        "runs/faces"
    ),
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="Real drawings, besides those of the config. Repeatable."),
    ] = None,
    other: Annotated[
        list[Path] | None,
        typer.Option("--other", help="Drawings of other classes, to train drawing in general."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="MODEL", help="Start from the weights of this model."),
    ] = None,
    selector: Annotated[
        str,
        typer.Option(help="The classifier that selects the best weights: a folder, or none."),
    ] = "selector",
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue from the last checkpoint, if any.")
    ] = False,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
) -> None:
    """Train a model, with checkpoints and log.csv in --out; resume a killed run with --resume.

    Example: strokeanim train examples/faces.toml --out runs/faces --resume
    """
    from strokeanim.datasets.shards import list_shards, read_first
    from strokeanim.datasets.splits import by_label
    from strokeanim.datasets.synthetic import CLASSES, synthesise_many
    from strokeanim.engine import model_folder, read_metadata
    from strokeanim.model.config import read_config
    from strokeanim.model.run import check_run

    # Check all inputs before Keras is imported, which takes seconds and prints messages.
    settings = read_config(config, data or (), other or ())
    check_run(settings, out, resume)
    folder = None
    if start is not None:
        folder = model_folder(start)
        read_metadata(folder)
    classes = dict.fromkeys(settings.model.classes)
    with _shared.policy(allow, skip_bad) as policy:
        parts = _shared.split_drawings(settings.data.real, policy)
        unnamed = _shared.other_drawings(settings.data.other, classes, policy)["train"]
    real, held = ([d for d in parts[name] if d.label in classes] for name in ("train", "valid"))
    if settings.data.real and not real:
        raise _no_drawings_error(settings.data.real, by_label(parts["train"]), classes)
    shards = list_shards(settings.data.shards, "train")
    if shards and not real and not any(map(shards.get, classes)):
        raise _no_drawings_error(settings.data.shards, shards, classes)
    # A validation drawing of a file may be a training drawing of a shard.
    held = [drawing for drawing in held if drawing.label not in shards]
    for label, class_shards in list_shards(settings.data.shards, "valid").items():
        held += read_first(class_shards, HELD_OUT) if label in classes else []
    validate, chosen_by = _build_validation(settings, selector, held)
    run = _import_training()
    synthetic_classes = [name for name in settings.model.classes if name in CLASSES]
    count = settings.data.synthetic if synthetic_classes else 0
    _shared.echo(f"making {count} synthetic drawings")
    synthetic = synthesise_many(count, TRAINING_SEED, synthetic_classes) if count else []
    _shared.echo(
        f"{len(synthetic)} synthetic and {len(real)} real drawings, {len(unnamed)} of other classes"
    )
    if shards:
        count = sum(shard.count for class_shards in shards.values() for shard in class_shards)
        _shared.echo(f"and {count} in shards, of {len(shards)} classes")
        if missing := [label for label in classes if label not in shards]:
            _shared.echo(f"no shard is of {', '.join(missing)}")
    with _show_progress(settings.train.steps) as report:
        run(settings, synthetic, real, unnamed, out, resume, report, folder, validate, chosen_by)
    _shared.echo(
        f"done: {out}; write a model folder with `strokeanim model export {out} --out DIR`"
    )


def _no_drawings_error(
    sources: Iterable[str], labels: Iterable[str], classes: Iterable[str]
) -> InputError:
    first_labels = ", ".join(sorted(labels)[:4]) or "nothing"
    return InputError(
        f"{', '.join(sources)}: holds {first_labels}, …, and nothing that the model is "
        f"to learn: {', '.join(classes)}"
    )


def _build_validation(
    settings: RunConfig, name: str, held: list[Drawing]
) -> tuple[Callable[[Any], dict[str, float]] | None, str]:
    """Return a function that scores a model on held-out drawings, and the selector's name.

    They are None and "" without a selector, or if it can't judge each class.
    """
    from strokeanim.datasets.splits import balanced, by_label
    from strokeanim.datasets.synthetic import CLASSES, synthesise_many
    from strokeanim.engine.classifier import load_classifier

    if name == "none":
        return None, ""
    classes = settings.model.classes
    selector = load_classifier(name)
    if unknown := set(classes) - set(selector.classes):
        _shared.echo(f"the selector does not know {min(unknown)}: the last weights will be kept")
        return None, ""
    held = balanced(held, HELD_OUT * len(classes))
    # An interpolation needs two drawings of a class.
    scarce = [label for label in classes if len(by_label(held).get(label, ())) < 2]
    synthetic = [label for label in scarce if label in CLASSES]
    held += synthesise_many(12 * len(synthetic), HELD_OUT_SEED, synthetic) if synthetic else []
    if set(scarce) - set(synthetic):
        _shared.echo(f"too few held-out drawings of {scarce[0]}: the last weights will be kept")
        return None, ""

    def validate(model: Any) -> dict[str, float]:
        from strokeanim.engine.keras import KerasEngine
        from strokeanim.evaluation.selection import score_model

        return score_model(KerasEngine.of(model), selector, held)

    return validate, selector.name


def _import_training() -> Callable[..., Any]:
    from strokeanim.errors import MissingDependencyError

    # Silence the messages of TensorFlow about missing devices.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        from strokeanim.model.train import train as run
    except ImportError as error:
        raise MissingDependencyError(
            f"training needs {error.name}: pip install 'strokeanim[train]'"
        ) from error
    return run


def _show_progress(steps: int) -> Any:
    """Return a context manager that yields the function to call with each line of the log."""
    if not _shared.interactive():
        return nullcontext(_print_step)
    from strokeanim.cli._progress import bar

    return bar(steps)


def _print_step(step: int, values: dict[str, float]) -> None:
    _shared.echo(
        f"step {step}  loss {values['loss']:.3f}  accuracy {values['accuracy']:.2f}  "
        f"{values['drawings_per_second']:.0f} drawings/s  {values['minutes']:.1f} min"
    )
