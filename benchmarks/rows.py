"""Define the rows of the table, in order: what is measured, against what, and the target.

The groups fill in the figures. docs/benchmarks.md explains each row by its name.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

from benchmarks.table import Row

HELP = Row("start", "strokeanim --help", "import typer, rich", "s", "lower", 1.5)

HELP_BESIDE = Row("plugins", "--help with 20 plugins", "without", "s", "lower")
LIST_BESIDE = Row("plugins", "plugins list with 20 plugins", "without", "s", "lower")

ANIMATE = Row("animate", "animate to GIF, cold", "Keras engine", "s", "higher", 6)
ANIMATE_MB = Row("animate", "animate to GIF, cold: memory", "Keras engine", "MB", "higher")
ANIMATE_MOST = Row("animate", ANIMATE_MB.what, "200 MB allowed", "MB", "lower", 1, theirs=200)

DECODE_EACH = Row("decode", "280 frames decoded", "Keras, one at a time", "s", "higher", 20)
DECODE_ALL = Row("decode", "280 frames decoded", "Keras, all at once", "s", "higher")

BETWEEN = Row("between", "ten in-betweens", "each decoded by itself", "s", "lower")

PIXELS = Row("pixels", "a frame as pixels", "SVG, CairoSVG", "s", "higher", 20)
PIXELS_MOST = Row("pixels", "a frame as pixels", "1 ms allowed", "s", "lower", 1, theirs=1e-3)
PNG = Row("pixels", "a frame to PNG", "svgwrite, CairoSVG", "s", "lower")

STRAIGHT = Row("svg", "a layer of SVG, straight", "svgwrite, paths given", "s", "lower", 1.5)
SMOOTH = Row("svg", "a layer of SVG, few nodes", "svgwrite, paths given", "s", "lower", 1.5)
LAYERS = Row("svg", "100 frames to layers of SVG", "drawsvg", "s", "higher")
LAYERS_KB = Row("svg", "100 frames to layers of SVG: size", "drawsvg", "kB", "lower")
MOVING = Row("svg", "100 frames to animated SVG", "drawsvg", "s", "higher")
MOVING_KB = Row("svg", "100 frames to animated SVG: size", "drawsvg", "kB", "lower")

Writer = Literal["matplotlib", "svgwrite, CairoSVG, imageio", "drawsvg"]


def _sizes(times: dict[Writer, Row]) -> dict[Writer, Row]:
    """Return rows for the sizes of the same files."""
    return {
        writer: replace(row, what=f"{row.what}: size", unit="kB", better="lower", wanted=1)
        for writer, row in times.items()
    }


_Gif = partial(Row, "gif", "100 frames to GIF", unit="s", better="higher")
_Mp4 = partial(Row, "mp4", "100 frames to MP4", unit="s", better="higher")
GIF: dict[Writer, Row] = {
    "matplotlib": _Gif("matplotlib", wanted=12),
    "svgwrite, CairoSVG, imageio": _Gif("svgwrite, CairoSVG, imageio", wanted=20),
    "drawsvg": _Gif("drawsvg"),
}
GIF_KB = _sizes(GIF)
MP4: dict[Writer, Row] = {
    "matplotlib": _Mp4("matplotlib", wanted=5),
    "svgwrite, CairoSVG, imageio": _Mp4("svgwrite, CairoSVG, imageio", wanted=6),
    "drawsvg": _Mp4("drawsvg"),
}
MP4_KB = _sizes(MP4)

_Growth = partial(Row, "memory", against="2 000 frames", unit="MB", better="lower")
GROWTH = {
    name: _Growth(what=f"10 000 frames to {name}: memory", wanted=wanted)
    for name, wanted in [
        *((name, 1.05) for name in ("apng", "gif", "html", "mp4", "ndjson", "svg", "webm", "webp")),
        ("sheet", None),
        ("svg-animated", None),
    ]
}
PILLOW = Row("memory", "3 000 frames to GIF", "Pillow's save_all", "s", "higher")
PILLOW_MB = Row("memory", "3 000 frames to GIF: memory", "Pillow's save_all", "MB", "lower", 1)

LOAD = Row("load", "100 000 drawings loaded", "json.loads, NumPy", "s", "higher", 4)
STREAM = Row("load", "100 000 drawings one by one", "json.loads, NumPy", "s", "higher")
LOAD_MOST = Row("load", "100 000 drawings loaded: memory", "their arrays", "MB", "lower", 1.5)
LOAD_MB = Row("load", LOAD_MOST.what, "json.loads, NumPy", "MB", "higher")

_Trace = partial(Row, "vectorise", better="lower")
TRACE = _Trace("a picture to strokes, median", "50 ms allowed", "s", wanted=1, theirs=0.05)
TRACE_SLOW = _Trace("a picture to strokes, 95th percentile", TRACE.against, "s", theirs=0.05)
INK_LOST = _Trace("ink lost in the worst picture", "0.1 allowed", "", wanted=1, theirs=0.1)
INK_ADDED = _Trace("ink added to the worst picture", "0.1 allowed", "", wanted=1, theirs=0.1)
STROKES = _Trace("strokes found in a picture", "drawn", "")
POINTS = _Trace("points found in a picture", "drawn", "")

BATCH = Row("batch", "2 000 animations, two workers: each", "one worker", "s", "higher", 1.7)
BATCH_LOOP = Row("batch", BATCH.what, "a loop over strokeanim animate", "s", "higher", 5)
BATCH_MB = Row("batch", "the largest worker", "400 MB allowed", "MB", "lower", 1, theirs=400)


def every() -> list[Row]:
    """Return all rows, in the order of their definitions."""
    named = [value for name, value in globals().items() if name.isupper()]
    tables = [one.values() if isinstance(one, dict) else (one,) for one in named]
    return [row for table in tables for row in table]
