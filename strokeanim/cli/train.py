"""`strokeanim train`: Keras training, killable and resumable."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from strokeanim.cli import _shared

if TYPE_CHECKING:
    from strokeanim.model.config import RunConfig
    from strokeanim.strokes import Drawing


def train(
    config: Annotated[Path, typer.Argument(help="A TOML file; see examples/faces.toml.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the run lives.")] = Path(
        "runs/faces"
    ),
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="Real drawings, besides those of the config. Repeatable."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint.")
    ] = False,
) -> None:
    """Train a model: checkpoints and log.csv in --out. Kill it and --resume goes on.

    Example: strokeanim train examples/faces.toml --out runs/faces --resume
    """
    from strokeanim.errors import MissingDependencyError

    # TensorFlow has much to say about devices that are not there.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import keras

        from strokeanim.model.training import train as run
    except ImportError as error:
        raise MissingDependencyError(
            f"training needs {error.name}: pip install 'strokeanim[train]'"
        ) from error
    from strokeanim.data.synth import CLASSES, synthesise_many
    from strokeanim.model.config import read_config

    settings = read_config(config, data or ())
    classes = [name for name in settings.model.classes if name in CLASSES]
    count = settings.data.synthetic if classes else 0
    _shared.say(f"backend {keras.backend.backend()}; making {count} synthetic drawings")
    synthetic = synthesise_many(count, 1, classes) if count else []
    real = _real(settings)
    _shared.say(f"{len(synthetic)} synthetic and {len(real)} real drawings")
    with _progress(settings.train.steps) as report:
        run(settings, synthetic, real, out, resume, report)
    _shared.say(f"done: {out}; write a model folder with `strokeanim model export {out} --out DIR`")


def _real(settings: RunConfig) -> list[Drawing]:
    """The train split of the real drawings; those without strokes teach nothing."""
    from strokeanim.data.splits import split

    found = [d for name in settings.data.real for d in _shared.load_drawings(name) if d.strokes]
    return split(found)["train"]


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
