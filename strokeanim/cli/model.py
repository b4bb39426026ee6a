"""Run `strokeanim model`: print a model card, and export a training run as a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from strokeanim.cli import _shared
from strokeanim.errors import InputError

app = typer.Typer(
    help="Describe models; export a training run.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def info(model: _shared.Model = "faces", json: _shared.Json = False) -> None:
    """Print the model card, or the metadata as JSON.

    Example: strokeanim model info --model faces
    """
    from strokeanim.engine import model_folder, read_metadata

    folder = model_folder(model)
    metadata = read_metadata(folder)
    if json:
        _shared.print_json(metadata)
        return
    card = folder / "README.md"
    if card.exists():
        typer.echo(card.read_text(encoding="utf-8").rstrip())
        return
    config = metadata["config"]["model"]
    typer.echo(f"{metadata['name']}: {', '.join(config['classes'])}")
    typer.echo(
        f"latent {config['latent']}, {metadata['steps_trained']} steps trained; no model card"
    )


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="The --out folder of a training run.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The model folder to write.")],
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            help="Drawings to fit `generate` to; by default synthetic ones.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the model; by default that of the folder.")
    ] = None,
) -> None:
    """Write a model folder: ONNX graphs, weights and metadata. Needs the extra `train`.

    Example: strokeanim model export runs/faces --out my-model
    """
    from strokeanim.datasets.synthetic import CLASSES, synthesise_many
    from strokeanim.errors import MissingDependencyError

    try:
        from strokeanim.model.export import export as write
        from strokeanim.model.export import load_run
    except ImportError as error:
        raise MissingDependencyError(
            f"exporting needs {error.name}: pip install 'strokeanim[train]'"
        ) from error
    model, metadata = load_run(run)
    if data is not None:
        drawings = _shared.training_drawings(data)
    elif set(model.config.classes) <= set(CLASSES):
        drawings = synthesise_many(4000, 1, model.config.classes)
    else:
        raise InputError("the model has classes of its own; give drawings of them with --data")
    write(model, metadata, drawings, out, name or out.resolve().name)
    _shared.echo(
        f"model folder: {out}, weights of step {metadata['step']}; use it with --model {out}"
    )
