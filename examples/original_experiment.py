"""Repeat the experiment that strokeanim is based on, and write its pictures to a folder.

    python examples/original_experiment.py
    python examples/original_experiment.py --data quickdraw.ndjson --out real

- original/pairs.png: 25 pairs, one per row; the ends are black and the ten in-betweens blue, or red
  if the model classifies them wrongly. The model generated all frames.
- original/map.png: 200 latents, as t-SNE arranges them (needs the [analysis] extra).
- original/demo.gif and demo.mp4: seven drawings of each class in a cycle, 5 frames a second.

Drawings are synthetic unless DATA has real ones. The script prints how many pairs have all
in-betweens recognised, by the model that generated them, so the number is optimistic. `strokeanim
evaluate --original` uses a judge that was trained separately, and more pairs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import strokeanim as sa
from strokeanim.cli.main import main as strokeanim

CYCLE = 7
INK = {"drawn": "#000000", "right": "#2471a3", "wrong": "#c0392b"}


def main(
    out: Annotated[Path, typer.Option(help="A folder.")] = Path("original"),
    data: Annotated[Path | None, typer.Option(help="QuickDraw ndjson.")] = None,
    pairs: Annotated[int, typer.Option(help="Of drawings of one class.", min=1)] = 25,
    points: Annotated[int, typer.Option(help="On the map.", min=5)] = 200,
    seed: Annotated[int, typer.Option(help="Decides which drawings.", min=0)] = 0,
) -> None:
    codec, rng = sa.load_model(), np.random.default_rng(seed)
    if data is None:
        names = [name for _ in range(50) for name in codec.classes]
        found = [sa.synthesise(name, rng, f"drawing-{n}") for n, name in enumerate(names)]
    else:
        found = [d for d in sa.load(data) if isinstance(d, sa.Drawing) and d.strokes]
    drawings = {name: [centred(d) for d in found if d.label == name] for name in codec.classes}
    for name, own in drawings.items():
        if len(own) < CYCLE:
            raise sa.InputError(f"{data} has {len(own)} drawings of {name!r}; it takes {CYCLE}")
    out.mkdir(parents=True, exist_ok=True)

    rows, whole = [], 0
    for number in range(pairs):
        own = drawings[codec.classes[number % len(codec.classes)]]
        first, second = rng.choice(len(own), 2, replace=False)
        # as in the original, each in-between is decoded independently
        way = sa.animate(own[first], own[second], steps=10, coherent=False, model=codec)
        is_right = [fact["identified"] == fact["label"] for fact in way.facts]
        whole += all(is_right[1:-1])
        rows += cells(way, is_right)
    sa.grid(rows, columns=12, gap=24).save(out / "pairs.png", size=2400, width=2)
    print(f"{whole} of {pairs} pairs have all ten in-betweens recognised")

    mapped = out / "drawings.ndjson"
    sa.save([drawing for own in drawings.values() for drawing in own], mapped)
    if code := strokeanim(["latents", str(mapped), "-n", str(points), "--seed", str(seed),
                           "--out", str(out / "map.png")]):  # fmt: skip
        sys.exit(code)

    cycles = []
    for own in drawings.values():
        chosen = [own[place] for place in rng.permutation(len(own))[:CYCLE]]
        cycles.append(sa.animate(*chosen, steps=10, fps=5, loop="cycle", model=codec))
    demo = sa.grid(cycles, columns=2)
    demo.save(out / "demo.gif", size=640)
    demo.save(out / "demo.mp4", size=640)
    print(f"{len(demo.frames)} frames, {float(demo.duration):g} s: {out}/demo.gif, {out}/demo.mp4")


def centred(drawing: sa.Drawing) -> sa.Drawing:
    """Scale the longer side of a drawing to 255, with its centre at the origin."""
    box = drawing.box
    scale = 255 / (box.longer or 1)
    return drawing.with_strokes([(stroke - box.centre) * scale for stroke in drawing.strokes])


def cells(way: sa.Animation, is_right: list[bool]) -> list[sa.Animation]:
    """Return each frame as an animation of its own, so that a grid can lay them out."""
    last, still = len(way.frames) - 1, []
    for place, (frame, right) in enumerate(zip(way.frames, is_right, strict=True)):
        ink = INK["drawn" if place in (0, last) else "right" if right else "wrong"]
        inked = sa.Frame(frame.strokes, colours=[ink] * len(frame.strokes))
        still.append(sa.Animation((inked,), (1,), way.canvas))
    return still


if __name__ == "__main__":
    try:
        typer.run(main)
    except (sa.StrokeAnimError, OSError) as error:
        print(f"original_experiment: {error}", file=sys.stderr)
        sys.exit(2)
