"""Run `strokeanim render`: write strokes to a file, without a model."""

from __future__ import annotations

from typing import Annotated

import typer

from strokeanim.cli import _shared


def render(
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="Drawings: file.ndjson, file.npz#train/7, drawing.svg, sample:ear, -.",
        ),
    ],
    out: _shared.Out,
    fps: _shared.Fps = 5,
    size: _shared.Size = None,
    stroke: _shared.Stroke = None,
    width: _shared.Width = None,
    background: _shared.Background = None,
    margin: _shared.Margin = None,
    colour_by: _shared.ColourBy = None,
    draw_on: _shared.DrawOn = None,
    renderer: _shared.Renderer = None,
    options: _shared.Options = None,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
) -> None:
    """Draw strokes as they are, one frame per drawing of INPUT.

    Example: strokeanim render sample:nose/2 --out nose.svg --size 80mm
    """
    from strokeanim.animation.animation import Animation

    with _shared.policy(allow, skip_bad) as policy:
        animation = Animation.from_drawings(_shared.load_drawings(source, policy), fps=fps)
    files = _shared.save(
        animation, out, renderer, options,
        size=size, stroke=stroke, width=width, background=background, margin=margin,
        colour_by=colour_by, draw_on=draw_on,
    )  # fmt: skip
    count = len(animation.frames)
    note = "" if draw_on is None else ", and those in which the first is drawn"
    _shared.echo(
        f"{count} frame{'s'[: count > 1]}{note}: {_format_list([str(file) for file in files])}"
    )


def _format_list(files: list[str]) -> str:
    return ", ".join(files) if len(files) <= 4 else f"{files[0]} … {files[-1]}"
