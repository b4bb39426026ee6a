"""Make a seamless loop of a blinking eye, as a GIF and as an animated SVG for a web page.

    python examples/blinking_eye.py
    python examples/blinking_eye.py --eye sample:eye/22 --out wink
    python examples/blinking_eye.py --eye my-eye.svg --shut my-closed-eye.svg

It writes blink.gif and blink.svg. If you do not draw a closed eye, it is made from the open one:
the lids lie on one line, the lashes point down. Both are pinned, so they appear as they were drawn,
and the model generates the in-betweens.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import strokeanim as sa

TICK = Fraction(1, 25)
# the index of each frame to show, and its number of ticks: the eye shuts fast, opens slowly, and
# blinks twice; still frames come twice, because an animated SVG always moves to the next frame
BLINK = [(0, 34), (0, 1), (2, 1), (5, 1), (7, 2), (7, 1), (6, 1), (4, 1), (3, 1), (2, 1), (1, 2)]
AGAIN = [(0, 3), (0, 1), (3, 1), (6, 1), (7, 1), (5, 1), (3, 1), (2, 1), (1, 2), (0, 18), (0, 1)]


def main(
    eye: Annotated[str, typer.Option(help="An open eye: any drawing.")] = "sample:eye/4",
    shut: Annotated[str, typer.Option(help="The same eye, closed.")] = "",
    out: Annotated[Path, typer.Option(help="Name of the files, without .gif or .svg.")] = Path(
        "blink"
    ),
) -> None:
    opened = drawing(eye)
    closed = drawing(shut) if shut else closing(opened)
    way = sa.animate(opened, closed, steps=6, pin=True)
    shown = [*BLINK, *AGAIN]
    blink = replace(
        way,
        frames=[way.frames[place] for place, _ in shown],
        durations=[ticks * TICK for _, ticks in shown],
        facts=[way.facts[place] for place, _ in shown],
    )
    style = {"size": 400, "width": 5, "margin": 0.12}
    blink.save(f"{out}.gif", merge=True, **style)
    blink.save(f"{out}.svg", "svg-animated", **style)
    print(f"{out}.gif, {out}.svg: {float(blink.duration):g} s, {len(blink.frames)} frames")


def drawing(source: str) -> sa.Drawing:
    found = sa.load(source)[0]
    if not isinstance(found, sa.Drawing):
        raise sa.InputError(f"{source} is a picture; strokeanim vectorise makes strokes of it")
    return found.with_label("eye")


def closing(eye: sa.Drawing) -> sa.Drawing:
    """Return the same strokes with the lids closed: all on one line, the lashes below it."""
    widths = [sa.Box.around([stroke]).width for stroke in eye.strokes]
    lids = [s for s, width in zip(eye.strokes, widths, strict=True) if width > 0.9 * max(widths)]
    box = sa.Box.around(lids)
    (x0, y0), half = box.centre, box.height / 2

    def shut(stroke: np.ndarray) -> np.ndarray:
        x, y = stroke.T
        across = np.clip((x - x0) / (box.width / 2), -1, 1)  # -1 and 1 are the corners
        bulge = half * (1 - across**2)
        above = np.maximum(y0 - bulge - y, 0)  # what is outside the eye are lashes
        if any(stroke is lid for lid in lids):
            above = np.zeros_like(y)
        line = y0 + 0.15 * half + 0.6 * bulge
        return np.stack([x + 0.3 * across * above, line + 0.9 * above], axis=1)

    return eye.with_strokes([shut(stroke) for stroke in eye.strokes])


if __name__ == "__main__":
    try:
        typer.run(main)
    except sa.StrokeAnimError as error:
        print(f"blinking_eye: {error}", file=sys.stderr)
        sys.exit(2)
