"""`strokeanim train`: Keras training, killable and resumable."""

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
"""Of the synthetic drawings that a model learns from, and of those that choose its weights."""

HELD_OUT = 60
"""Real drawings per class that choose its weights, at most."""


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
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
) -> None:
    """Train a model: checkpoints and log.csv in --out. Kill it and --resume goes on.

    Example: strokeanim train examples/faces.toml --out runs/faces --resume
    """
    from strokeanim.datasets.shards import list_shards, read_first
    from strokeanim.datasets.splits import by_label
    from strokeanim.datasets.synthetic import CLASSES, synthesise_many
    from strokeanim.engine import model_folder, read_metadata
    from strokeanim.model.config import read_config
    from strokeanim.model.run import check_run

    # What can be wrong is found out before Keras is imported, which takes seconds and is not quiet.
    settings = read_config(config, data or (), other or ())
    check_run(settings, out, resume)
    folder = None
    if start is not None:
        folder = model_folder(start)
        read_metadata(folder)
    wanted = dict.fromkeys(settings.model.classes)
    with _shared.policy(allow, skip_bad) as policy:
        parts = _shared.split_drawings(settings.data.real, policy)
        unnamed = _shared.other_drawings(settings.data.other, wanted, policy)["train"]
    real, held = ([d for d in parts[name] if d.label in wanted] for name in ("train", "valid"))
    if settings.data.real and not real:
        raise _nothing_of(settings.data.real, by_label(parts["train"]), wanted)
    shards = list_shards(settings.data.shards, "train")
    if shards and not real and not any(map(shards.get, wanted)):
        raise _nothing_of(settings.data.shards, shards, wanted)
    # What validates in a file may be in a shard that is learnt from.
    held = [drawing for drawing in held if drawing.label not in shards]
    for label, every in list_shards(settings.data.shards, "valid").items():
        held += read_first(every, HELD_OUT) if label in wanted else []
    validate, chosen_by = _validation(settings, selector, held)
    run = _training()
    classes = [name for name in settings.model.classes if name in CLASSES]
    count = settings.data.synthetic if classes else 0
    _shared.echo(f"making {count} synthetic drawings")
    synthetic = synthesise_many(count, TRAINING_SEED, classes) if count else []
    _shared.echo(
        f"{len(synthetic)} synthetic and {len(real)} real drawings, {len(unnamed)} of other classes"
    )
    if shards:
        count = sum(shard.count for every in shards.values() for shard in every)
        _shared.echo(f"and {count} in shards, of {len(shards)} classes")
        if missing := [label for label in wanted if label not in shards]:
            _shared.echo(f"no shard is of {', '.join(missing)}")
    with _progress(settings.train.steps) as report:
        run(settings, synthetic, real, unnamed, out, resume, report, folder, validate, chosen_by)
    _shared.echo(
        f"done: {out}; write a model folder with `strokeanim model export {out} --out DIR`"
    )


def _nothing_of(places: Iterable[str], found: Iterable[str], wanted: Iterable[str]) -> InputError:
    there = ", ".join(sorted(found)[:4]) or "nothing"
    return InputError(
        f"{', '.join(places)}: holds {there}, …, and nothing that the model is "
        f"to learn: {', '.join(wanted)}"
    )


def _validation(
    settings: RunConfig, name: str, held: list[Drawing]
) -> tuple[Callable[[Any], dict[str, float]] | None, str]:
    """What held-out drawings say of a model in training, seen by the selector; and its name."""
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
    # A path needs two drawings of a class.
    few = [label for label in classes if len(by_label(held).get(label, ())) < 2]
    made = [label for label in few if label in CLASSES]
    held += synthesise_many(12 * len(made), HELD_OUT_SEED, made) if made else []
    if set(few) - set(made):
        _shared.echo(f"too few held-out drawings of {few[0]}: the last weights will be kept")
        return None, ""

    def validate(model: Any) -> dict[str, float]:
        from strokeanim.engine.keras import KerasEngine
        from strokeanim.evaluation.selection import selection

        return selection(KerasEngine.of(model), selector, held)

    return validate, selector.name


def _training() -> Callable[..., Any]:
    from strokeanim.errors import MissingDependencyError

    # TensorFlow has much to say about devices that are not there.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        from strokeanim.model.train import train as run
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
    _shared.echo(
        f"step {step}  loss {values['loss']:.3f}  accuracy {values['accuracy']:.2f}  "
        f"{values['drawings_per_second']:.0f} drawings/s  {values['minutes']:.1f} min"
    )
