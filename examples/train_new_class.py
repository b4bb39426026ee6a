"""Draw stars and houses, train the model on these new classes, and animate them.

    python examples/train_new_class.py
    python examples/train_new_class.py --steps 100 --out hasty

A function for each class draws a few hundred drawings with random distortions. Then
`train_own_classes.py` runs: training begins with the weights of the bundled model, and ends with
new-classes/star.gif, house.gif, and a model to use with `--model new-classes/model`. The script
needs the [train] extra, and takes six to ten minutes on two cores.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import strokeanim as sa

COUNT = 300
"""Number of drawings of each class."""


def main(
    out: Annotated[Path, typer.Option(help="A folder for everything.")] = Path("new-classes"),
    steps: Annotated[int, typer.Option(help="Of training.", min=1)] = 400,
    start: Annotated[str, typer.Option("--from", help="The model to begin with.")] = "faces",
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    drawings = [
        sa.Drawing(by_hand(shape(rng), rng), name, f"{name}-{number}")
        for name, shape in SHAPES.items()
        for number in range(COUNT)
    ]
    # drawings of other classes keep the model from forgetting how to draw
    others = ["mouth", "nose", "eye", "ear"] * (COUNT // 4)
    drawings += [sa.synthesise(name, rng, f"other-{n}") for n, name in enumerate(others)]
    sa.save(drawings, out / "drawn.ndjson")
    train = runpy.run_path(str(Path(__file__).with_name("train_own_classes.py")))["main"]
    train(list(SHAPES), data=out / "drawn.ndjson", out=out, steps=steps, start=start)


def star(rng: np.random.Generator) -> list[np.ndarray]:
    """Draw a star, as one self-crossing line or as an outline with four to seven points."""
    if rng.random() < 0.4:
        turns, deep = np.arange(6) * 2 / 5, np.ones(6)
    else:
        points = int(rng.integers(4, 8))
        turns = np.arange(2 * points + 1) / (2 * points)
        deep = np.where(np.arange(2 * points + 1) % 2, rng.uniform(0.35, 0.55), 1)
    angle = 2 * np.pi * turns - np.pi / 2 + rng.normal(0, 0.08)
    return [np.stack([deep * np.cos(angle), deep * np.sin(angle)], axis=1)]


def house(rng: np.random.Generator) -> list[np.ndarray]:
    """Draw a house: walls and a roof, and at random a door, a window and a chimney."""
    high, roof, eaves = rng.uniform(0.6, 1.1), rng.uniform(0.4, 0.9), rng.uniform(0, 0.25)
    strokes = [box(-1, -high, 1, high)]
    strokes.append(np.array([(-1 - eaves, -high), (0, -high - roof), (1 + eaves, -high)]))
    if rng.random() < 0.8:
        left = rng.uniform(-0.8, -0.2)
        strokes.append(box(left, rng.uniform(-0.2, 0.1) * high, left + 0.4, high)[:4])
    if rng.random() < 0.6:
        strokes.append(box(0.4, -0.6 * high, 0.8, -0.6 * high + 0.4))
    if rng.random() < 0.4:
        x = rng.uniform(0.4, 0.6)
        foot = -high - roof * (1 - x - 0.1)
        strokes.append(np.array([(x - 0.1, foot), (x - 0.1, foot - 0.5), (x + 0.1, foot - 0.5),
                                 (x + 0.1, foot + 0.1)]))  # fmt: skip
    return strokes


SHAPES: dict[str, Callable[[np.random.Generator], list[np.ndarray]]] = {
    "star": star,
    "house": house,
}


def box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([(left, bottom), (left, top), (right, top), (right, bottom), (left, bottom)])


def by_hand(strokes: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Distort strokes: slant and stretch them, move each corner, bend each line."""
    turn = np.eye(2) + rng.normal(0, 0.06, (2, 2))
    drawn = []
    for stroke in strokes:
        corners = stroke @ turn * 100 + rng.normal(0, 3.5, stroke.shape)
        halves = (corners[:-1] + corners[1:]) / 2 + rng.normal(0, 1.5, corners[1:].shape)
        drawn.append(np.insert(corners, range(1, len(corners)), halves, axis=0))
    return drawn


if __name__ == "__main__":
    try:
        typer.run(main)
    except (sa.StrokeAnimError, OSError) as error:
        print(f"train_new_class: {error}", file=sys.stderr)
        sys.exit(2)
