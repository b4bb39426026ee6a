"""Run `strokeanim vectorise`: trace the strokes of a picture, without a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strokeanim.cli import _shared
from strokeanim.errors import InputError

if TYPE_CHECKING:
    from strokeanim.animation.animation import Animation
    from strokeanim.geometry import Drawing, Picture


def vectorise(
    picture: Annotated[
        str, typer.Argument(help="A drawing or a photo of one, as PNG, JPEG or WebP; or -.")
    ],
    out: Annotated[
        list[Path],
        typer.Option(
            "--out",
            "-o",
            help="drawing.svg, .ndjson, .json, .npz, or a format of `render`. Repeatable.",
        ),
    ],
    label: Annotated[str, typer.Option("--class", help="Label of the drawing.")] = "",
    size: _shared.Size = None,
    stroke: _shared.Stroke = None,
    width: _shared.Width = None,
    background: _shared.Background = None,
    options: _shared.Options = None,
    allow: _shared.Allow = None,
) -> None:
    """Trace the lines of a picture as strokes along the middle of the ink, in its pixels.

    For many pictures into one file, use `strokeanim convert *.png drawings.ndjson --vectorise`.

    Example: strokeanim vectorise photo.jpg --out drawing.svg
    """
    from strokeanim.geometry import Picture
    from strokeanim.io.atomic_files import check_destination
    from strokeanim.io.saving import save
    from strokeanim.io.sources import load_one
    from strokeanim.tracing.vectorise import vectorise as trace

    with _shared.policy(allow, skip_bad=False) as policy:
        source = load_one(picture, policy.limits)
    if not isinstance(source, Picture):
        raise InputError(f"{picture} holds strokes already; `strokeanim convert` writes them")
    drawing = trace(source).with_label(label)
    data_files = [
        file for file in out if file.suffix.lower() != ".svg" and _is_drawing_format(file)
    ]
    rendered = [file for file in out if file not in data_files]
    for file in out:  # check all before any is written
        check_destination(file)
    if rendered:
        height, width_px = (side * source.scale for side in source.coverage.shape)
        _shared.save(
            _build_page(drawing, source), rendered, None, options,
            size=size or str(max(width_px, height)),
            stroke=stroke, width=width, background=background,
        )  # fmt: skip
    for file in data_files:
        save([drawing], file)
    count = len(drawing.strokes)
    summary = f"{count} stroke{'s'[: count != 1]}, {drawing.points} points"
    _shared.echo(f"{summary}: {', '.join(map(str, out))}")


def _is_drawing_format(file: Path) -> bool:
    from strokeanim.io.saving import FORMATS

    return Path(file.name.lower().removesuffix(".gz")).suffix in FORMATS


def _build_page(drawing: Drawing, picture: Picture) -> Animation:
    """Build an animation of one frame, with the drawing at its position in the picture."""
    from fractions import Fraction

    from strokeanim.animation.animation import Animation
    from strokeanim.animation.frame import Frame
    from strokeanim.geometry import Box

    height, width = (side * picture.scale for side in picture.coverage.shape)
    canvas = Box(0, 0, width, height)
    return Animation((Frame(drawing.strokes),), (Fraction(1),), canvas, drawing.label)
