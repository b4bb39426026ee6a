"""Run `strokeanim generate`: sample new drawings from the latent space."""

from __future__ import annotations

from typing import Annotated

import typer

from strokeanim.cli import _shared


def generate(
    label: Annotated[str, typer.Option("--class", help="Class to draw: mouth, nose, eye or ear.")],
    out: _shared.Out,
    count: Annotated[int, typer.Option("-n", min=1, help="Number of drawings.")] = 1,
    seed: _shared.Seed = 0,
    fps: _shared.Fps = 5,
    renderer: _shared.Renderer = None,
    options: _shared.Options = None,
    model: _shared.Model = "faces",
) -> None:
    """Draw new drawings of a class, each as a frame or as a line of ndjson.

    Example: strokeanim generate --class eye -n 16 --out eyes.ndjson
    """
    from strokeanim.animation.animation import Animation
    from strokeanim.engine.generation import generate as make

    drawings = make(label, count, seed, _shared.load_codec(model))
    animation = Animation.from_drawings(drawings, fps=fps)
    files = _shared.save(animation, out, renderer, options)
    _shared.echo(f"{count} drawings of {label}: {', '.join(map(str, files[:4]))}")
