"""Time rendering of frames to pixels, GIF and MP4."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import rows, writers
from benchmarks.files import Write, saved, written
from benchmarks.frames import SIZE, context, drawn
from benchmarks.plan import Plan
from benchmarks.table import Row
from benchmarks.timing import by_turns
from strokeanim.render.formats.svg import render_frame
from strokeanim.render.raster import coverage

WAYS: dict[rows.Writer, Write] = {
    "matplotlib": writers.with_matplotlib,
    "svgwrite, CairoSVG, imageio": writers.with_cairosvg,
    "drawsvg": writers.with_drawsvg,
}


def pixels(plan: Plan) -> Iterator[Row]:
    [frame], alone = drawn(plan, 1), context(1)

    def through_svg() -> None:
        import cairosvg

        cairosvg.svg2png(render_frame(frame, alone), output_width=SIZE, output_height=SIZE)

    own, found = by_turns(lambda: coverage(frame, alone), {rows.PIXELS: through_svg}, plan.runs(50))
    yield from found
    yield rows.PIXELS_MOST.found(own.best)
    with tempfile.TemporaryDirectory() as folder:
        ours = partial(saved, Path(folder, "ours.png"), [frame])
        theirs = partial(writers.png, Path(folder, "theirs.png"), [frame])
        yield from by_turns(ours, {rows.PNG: theirs}, plan.runs(50))[1]


def gif(plan: Plan) -> Iterator[Row]:
    theirs = [(rows.GIF[name], rows.GIF_KB[name], write) for name, write in WAYS.items()]
    yield from written(saved, theirs, ".gif", drawn(plan), plan.runs(5))


def mp4(plan: Plan) -> Iterator[Row]:
    theirs = [(rows.MP4[name], rows.MP4_KB[name], write) for name, write in WAYS.items()]
    yield from written(saved, theirs, ".mp4", drawn(plan), plan.runs(5))
