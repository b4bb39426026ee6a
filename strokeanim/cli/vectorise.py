"""`strokeanim vectorise`: the strokes of a picture, without a model."""

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
    picture: Annotated[str, typer.Argument(help="A drawing as PNG, JPEG or WebP, or a photo; -.")],
    out: Annotated[
        list[Path],
        typer.Option(
            "--out",
            "-o",
            help="drawing.svg, .ndjson, .json, .npz, or what `render` writes. Repeatable.",
        ),
    ],
    label: Annotated[str, typer.Option("--class", help="What the drawing shows.")] = "",
    size: _shared.Size = None,
    stroke: _shared.Stroke = None,
    width: _shared.Width = None,
    background: _shared.Background = None,
    options: _shared.Options = None,
    allow: _shared.Allow = None,
) -> None:
    """Trace the lines of a picture: strokes along the middle of the ink, in its pixels.

    Many pictures into one file: `strokeanim convert *.png drawings.ndjson --vectorise`.

    Example: strokeanim vectorise photo.jpg --out drawing.svg
    """
    from strokeanim.geometry import Picture
    from strokeanim.io.atomic_files import check_destination
    from strokeanim.io.saving import save
    from strokeanim.io.sources import load_one
    from strokeanim.tracing.vectorise import vectorise as trace

    with _shared.policy(allow, skip_bad=False) as policy:
        found = load_one(picture, policy.limits)
    if not isinstance(found, Picture):
        raise InputError(f"{picture} holds strokes already; `strokeanim convert` writes them")
    drawing = trace(found).with_label(label)
    strokes = [file for file in out if file.suffix.lower() != ".svg" and _is_strokes(file)]
    drawn = [file for file in out if file not in strokes]
    for file in out:  # before any is written
        check_destination(file)
    if drawn:
        height, across = (side * found.scale for side in found.coverage.shape)
        _shared.save(
            _page(drawing, found), drawn, None, options, size=size or str(max(across, height)),
            stroke=stroke, width=width, background=background,
        )  # fmt: skip
    for file in strokes:
        save([drawing], file)
    count = len(drawing.strokes)
    told = f"{count} stroke{'s'[: count != 1]}, {drawing.points} points"
    _shared.echo(f"{told}: {', '.join(map(str, out))}")


def _is_strokes(file: Path) -> bool:
    from strokeanim.io.saving import FORMATS

    return Path(file.name.lower().removesuffix(".gz")).suffix in FORMATS


def _page(drawing: Drawing, picture: Picture) -> Animation:
    """The drawing where it is in the picture."""
    from fractions import Fraction

    from strokeanim.animation.animation import Animation
    from strokeanim.animation.frame import Frame
    from strokeanim.geometry import Box

    height, width = (side * picture.scale for side in picture.coverage.shape)
    canvas = Box(0, 0, width, height)
    return Animation((Frame(drawing.strokes),), (Fraction(1),), canvas, drawing.label)
