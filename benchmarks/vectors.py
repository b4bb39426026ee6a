"""Time frames to SVG: layers against svgwrite with given paths, files against drawsvg."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from functools import partial
from xml.etree import ElementTree

import svgwrite

from benchmarks import rows, writers
from benchmarks.files import saved, written
from benchmarks.frames import context, drawn, streamed
from benchmarks.plan import Plan
from benchmarks.table import Row
from benchmarks.timing import by_turns
from strokeanim.animation.frame import Frame
from strokeanim.render.protocol import RenderContext


def svg(plan: Plan) -> Iterator[Row]:
    frames = drawn(plan)
    for row, smooth in ((rows.STRAIGHT, False), (rows.SMOOTH, True)):
        settings = context(len(frames), smooth=smooth)
        theirs = partial(with_svgwrite, as_svgwrite_takes_it(rendered(settings, frames)))
        ours = partial(rendered, settings, frames)
        yield from by_turns(ours, {row: theirs}, plan.runs(12), per=len(frames))[1]
    for times, sizes, write, renderer in (
        (rows.LAYERS, rows.LAYERS_KB, writers.drawsvg_layers, "svg"),
        (rows.MOVING, rows.MOVING_KB, writers.drawsvg_moving, "svg-animated"),
    ):
        own = partial(saved, renderer=renderer)
        yield from written(own, [(times, sizes, write)], ".svg", frames, plan.runs(8))


def rendered(settings: RenderContext, frames: Sequence[Frame]) -> bytes:
    streamed("svg", settings, frames, sink := io.BytesIO())
    return sink.getvalue()


def as_svgwrite_takes_it(document: bytes) -> ElementTree.Element:
    """Parse SVG, replacing namespace URLs of attributes by a prefix, as svgwrite needs."""
    root = ElementTree.fromstring(document)
    for one in root.iter():
        one.attrib = {re.sub("{.*}", "inkscape:", key): value for key, value in one.items()}
    return root


def with_svgwrite(ours: ElementTree.Element) -> bytes:
    """Write the layers of a document again: same elements, same attributes, same path data."""
    document = svgwrite.Drawing(debug=False, **ours.attrib)
    document["xmlns:inkscape"] = "http://www.inkscape.org/namespaces/inkscape"
    for group in ours.iterfind("{*}g"):
        layer = document.g(**group.attrib)
        layer.set_desc(title=group.findtext("{*}title"))
        for path in group.iterfind("{*}path"):
            layer.add(document.path(**path.attrib))
        document.add(layer)
    return bytes(document.tostring(), "utf-8")
