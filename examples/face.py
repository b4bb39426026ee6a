"""Assemble a face from moving features, as a layered SVG and as an MP4 of one loop.

    python examples/face.py
    python examples/face.py --seed 7 --people 5 --out crowd

It writes face.svg and face.mp4. Each feature cycles through drawings by several people. The eye and
the ear are used twice, once mirrored. Strokes keep their ids: those of part n of seven are n,
n + 7, n + 14, …, so no two are the same.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import strokeanim as sa

CHOSEN = {"eye": (9, 22, 6, 23), "nose": (3, 19, 1, 16), "mouth": (2, 19, 21, 22),
          "ear": (0, 18, 6, 13)}  # fmt: skip
SIZES = {"eye": (76, 60), "nose": (52, 84), "mouth": (92, 52), "ear": (46, 92)}
# the centre of each part, and whether it is mirrored
PARTS = [("eye", -52, -30, False), ("eye", 52, -30, True), ("nose", 0, 22, False),
         ("mouth", 0, 98, False), ("ear", 134, 10, False), ("ear", -134, 10, True)]  # fmt: skip


def main(
    people: Annotated[int, typer.Option(help="Drawings of each feature.", min=2, max=24)] = 4,
    seed: Annotated[int | None, typer.Option(help="Draw lots for them.", min=0)] = None,
    out: Annotated[Path, typer.Option(help="Name of the files, without suffix.")] = Path("face"),
) -> None:
    rng = np.random.default_rng(seed)
    moving = {}
    for name, chosen in CHOSEN.items():
        samples = sa.load(f"sample:{name}")
        others = [place for place in range(len(samples)) if place not in chosen]
        lots = rng.permutation(len(samples)) if seed is not None else [*chosen, *others]
        drawings = [sized(samples[int(place)], *SIZES[name]) for place in lots[:people]]
        if name == "ear":
            drawings = [open_to_the_left(drawing) for drawing in drawings]
        moving[name] = sa.animate(*drawings, loop="cycle", fps=12, easing="ease-in-out")
    count, durations = len(moving["eye"].frames), moving["eye"].durations
    frames = [together(moving, number) for number in range(count)]
    canvas = sa.Box.around([stroke for frame in frames for stroke in frame.strokes]).expand(20)
    face = sa.Animation(tuple(frames), durations, canvas, "face")
    face.save(f"{out}.svg")
    face.save(f"{out}.mp4", size=640, width=5)
    print(f"{out}.svg, {out}.mp4: {count} frames, {float(face.duration):.1f} s")


def sized(drawing: sa.Drawing, width: float, height: float) -> sa.Drawing:
    """Scale a drawing to fit the size, with its centre at the origin."""
    box = drawing.box
    scale = min(width / (box.width or 1), height / (box.height or 1))
    return drawing.with_strokes([(stroke - box.centre) * scale for stroke in drawing.strokes])


def open_to_the_left(ear: sa.Drawing) -> sa.Drawing:
    """Mirror an ear if its opening, where its longest stroke ends, is on the right."""
    outer = max(ear.strokes, key=len)
    is_right = outer[[0, -1], 0].mean() > outer[:, 0].mean()
    return ear.with_strokes([s * [-1, 1] for s in ear.strokes]) if is_right else ear


def together(moving: dict[str, sa.Animation], number: int) -> sa.Frame:
    """Combine the frames of all parts with this index, and add the head, which does not move."""
    strokes, ids = [], []
    for part, (name, x, y, is_mirrored) in enumerate(PARTS):
        frame = moving[name].frames[number]
        strokes += [stroke * [-1 if is_mirrored else 1, 1] + [x, y] for stroke in frame.strokes]
        ids += [one * 7 + part for one in frame.ids]
    for place, (start, end) in enumerate([(190, 350), (15, 165)]):  # the top of the head, the chin
        angle = np.radians(np.linspace(start, end, 33))
        strokes.append(np.stack([118 * np.cos(angle), 20 + 165 * np.sin(angle)], axis=1))
        ids.append(place * 7 + 6)
    return sa.Frame(strokes, ids)


if __name__ == "__main__":
    try:
        typer.run(main)
    except sa.StrokeAnimError as error:
        print(f"face: {error}", file=sys.stderr)
        sys.exit(2)
