"""Write a web page on which the pointer explores the latent space between four drawings.

    python examples/latent_walk.py
    python examples/latent_walk.py sample:eye/4 sample:eye/9 sample:eye/22 mine.svg --out eyes.html

The drawings are the corners of a square. The model decodes a grid of latents between them before
the page is written, so the page is one file, and needs neither the model nor a network. It reacts
to mouse, finger and arrow keys. The template is latent_walk.html, beside this file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import strokeanim as sa

CORNERS = ["sample:mouth/2", "sample:nose/3", "sample:eye/22", "sample:ear/0"]
PAGE = Path(__file__).with_name("latent_walk.html")


def main(
    drawings: Annotated[list[str] | None, typer.Argument(help="Four of them.")] = None,
    out: Annotated[Path, typer.Option(help="An HTML page.")] = Path("latent-walk.html"),
    side: Annotated[int, typer.Option(help="Of the grid, in points.", min=2, max=40)] = 15,
    model: Annotated[str, typer.Option(help="Its folder, or faces.")] = "faces",
) -> None:
    sources = drawings or CORNERS
    if len(sources) != 4:
        raise sa.InputError(f"a square has 4 corners; there are {len(sources)} drawings")
    codec = sa.load_model(model)
    corners = [sa.load(source)[0] for source in sources]
    found = codec.decode(square(codec.encode(corners), side))
    names, probabilities = codec.identify(found)
    cells = [
        [path(drawing), codec.classes.index(name), round(float(row.max()) * 100)]
        for drawing, name, row in zip(found, names, probabilities, strict=True)
    ]
    facts = json.dumps({"side": side, "classes": codec.classes, "cells": cells})
    page = PAGE.read_text(encoding="utf-8").replace("{}", facts.replace("<", "\\u003c"), 1)
    out.write_text(page, encoding="utf-8")
    print(f"{out}: {side} × {side} drawings, {len(page) // 1000} kB")


def square(z: np.ndarray, side: int) -> np.ndarray:
    """Interpolate latents and norms between all four: `(side * side, latent)`, row by row."""
    t = np.linspace(0, 1, side)
    x, y = np.meshgrid(t, t)
    weights = np.stack([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y], axis=-1)
    weights = weights.reshape(-1, 4)
    mixed = weights @ z
    lengths = weights @ np.linalg.norm(z, axis=1)
    return (mixed * (lengths / np.linalg.norm(mixed, axis=1))[:, None]).astype(np.float32)


class PathPen:
    """A pen that writes SVG path data in whole numbers, relative to the previous point."""

    def __init__(self) -> None:
        self.data, self.at = "", (0, 0)

    def move(self, *to: float) -> None:
        self._step("m", to)

    def line(self, *to: float) -> None:
        self._step("l", to)

    def curve(self, *to: float) -> None:
        self._step("c", to)

    def close(self) -> None:
        self.data += "z"

    def _step(self, letter: str, to: tuple[float, ...]) -> None:
        whole = [round(number) for number in to]
        steps = [number - self.at[n % 2] for n, number in enumerate(whole)]
        self.data += letter + " ".join(map(str, steps)).replace(" -", "-")
        self.at = whole[-2], whole[-1]


def path(drawing: sa.Drawing) -> str:
    """Return path data of a drawing, scaled to a square from -250 to 250."""
    box, pen = drawing.box, PathPen()
    strokes = [(s - box.centre) * (500 / (box.longer or 1)) for s in drawing.strokes]
    sa.Frame(strokes).draw(pen, smooth=True)
    return pen.data


if __name__ == "__main__":
    try:
        typer.run(main)
    except (sa.StrokeAnimError, OSError) as error:
        print(f"latent_walk: {error}", file=sys.stderr)
        sys.exit(2)
