"""SVG for design tools: a layer per frame, a path per stroke.

Presentation attributes only and no CSS, which Inkscape, Affinity and Figma read least reliably;
the fill is explicitly none, or Illustrator fills the shapes; sizes are in mm, since a px is
1/72 inch to Illustrator and 1/96 inch to everybody else. As long as frames have the same strokes,
each with as many points, a stroke's path has the same nodes in each layer, so that one can be
turned into the other.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

import svgwrite

from strokeanim.animation.frame import Frame
from strokeanim.geometry.brush import Brush
from strokeanim.render.formats.path_data import is_morphable, paths, ribbons, short
from strokeanim.render.protocol import RenderContext, RendererSpec
from strokeanim.render.style import onion_opacity

RUN = 200
"""Frames for which the nodes are chosen together, at most: memory stays constant."""
Profile = Literal["inkscape", "plain", "illustrator", "figma", "web"]


@dataclass(frozen=True)
class SvgOptions:
    """`-O` options of the svg renderer."""

    profile: Profile = field(
        default="inkscape", metadata={"help": "the program it is for, which decides about names"}
    )
    frames: Literal["layers", "onion"] = field(
        default="layers",
        metadata={"help": "onion: all are visible, the earlier the fainter"},
    )
    visible: Literal["first", "all"] = field(
        default="first",
        metadata={"help": "which frames' layers are shown; the others are hidden layers"},
    )
    tolerance: float = field(
        default=0.2,
        metadata={
            "help": "px by which fewer nodes may change a curve; 0 for a node at every point",
            "min": 0,
            "max": 100,
        },
    )
    brush: Brush | None = field(
        default=None,
        metadata={"help": "strokes of varying width as filled outlines: thin ends, or a broad nib"},
    )


class SvgRenderer:
    """Layered SVG, written frame by frame."""

    spec = RendererSpec(
        name="svg",
        extensions=(".svg",),
        media_type="image/svg+xml",
        kind="sequence",
        streaming=True,
        timing=False,
        background=None,
        options=SvgOptions,
        description="layered SVG for design tools: a layer per frame, a path per stroke",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: SvgOptions) -> SvgSession:
        """Write the head of the document."""
        return SvgSession(sink, context, options)


class SvgSession:
    """Writes layers as soon as it knows which nodes their paths need."""

    def __init__(self, sink: BinaryIO, context: RenderContext, options: SvgOptions) -> None:
        self._sink, self._context, self._options = sink, context, options
        self._count = 0
        self._run: list[Frame] = []
        self._name = sanitise(context.label)
        self._label = text(context.label)
        self._factory = document(context, in_mm=options.profile not in ("figma", "web"))
        if options.profile == "inkscape":
            self._factory["xmlns:inkscape"] = "http://www.inkscape.org/namespaces/inkscape"
        self._sink.write(head(self._factory))

    def frame(self, frame: Frame) -> None:
        """Keep it while the next may have the same nodes; write what can't."""
        if self._run and (len(self._run) == RUN or not is_morphable(self._run[-1], frame)):
            self._flush()
        self._run.append(frame)

    def finish(self) -> None:
        """Close the document."""
        self._flush()
        self._sink.write(b"</svg>\n")

    def abort(self) -> None:
        """Nothing is held."""

    def _flush(self) -> None:
        options, context = self._options, self._context
        decimals = 1 if options.profile == "web" else 2
        if self._run and options.brush is None:
            tracks = paths(self._run, context.smooth, options.tolerance, decimals)
            data = list(zip(*tracks, strict=True)) or [()] * len(self._run)
        elif options.brush is not None:
            data = [
                tuple(ribbons(frame, options.brush, context.stroke_width, decimals))
                for frame in self._run
            ]
        else:
            data = []
        for frame, strokes in zip(self._run, data, strict=True):
            self._layer(frame, strokes)
            self._count += 1
        self._run.clear()

    def _layer(self, frame: Frame, strokes: tuple[str, ...]) -> None:
        options, context, place = self._options, self._context, self._count
        number = str(place + 1).zfill(len(str(context.frames)))
        name = f"{self._name}-{number}"
        layer = self._factory.g(id=name)
        self._named(layer, f"{self._label or 'frame'} {number}")
        if options.profile == "inkscape":
            layer["inkscape:groupmode"] = "layer"
        opacity = frame.opacity
        if options.frames == "onion":
            opacity *= onion_opacity(place, context.frames)
        is_hidden = place > 0 and options.visible == "first" and options.frames == "layers"
        if is_hidden and options.profile == "figma":
            opacity = 0.0  # Figma leaves out what is not displayed
        elif is_hidden:
            layer["display"] = "none"
        if opacity < 1:
            layer["opacity"] = short(opacity, 3)
        layer.set_desc(title=self._title(place))
        inks = frame.stroke_colours(context)
        for stroke_id, data, colour in zip(frame.ids, strokes, inks, strict=True):
            path = self._factory.path(data)
            if options.profile != "web":
                path["id"] = f"{name}-stroke-{stroke_id + 1}"
                self._named(path, f"stroke {stroke_id + 1}")
            # On the path, not on the layer: it keeps its looks when it is moved to another one.
            if options.brush is not None:
                path.fill(colour).stroke("none")
            else:
                pen(path, colour, context.stroke_width)
            layer.add(path)
        self._sink.write(layer.tostring().encode() + b"\n")

    def _named(self, element: svgwrite.base.BaseElement, name: str) -> None:
        """Where each program looks for the name of a layer or an object, beside its id."""
        if self._options.profile == "inkscape":
            element["inkscape:label"] = name
        elif self._options.profile in ("illustrator", "figma"):
            element["data-name"] = name

    def _title(self, place: int) -> str:
        parts = [self._label or "frame", f"frame {place + 1} of {self._context.frames}"]
        t = self._context.facts[place].get("t")
        if isinstance(t, int | float):
            parts.append(f"t = {t:.3f}")
        return ", ".join(parts)


def picture(frame: Frame, context: RenderContext) -> bytes:
    """One frame as an SVG document, for those who go on from there."""
    sink = io.BytesIO()
    session = SvgRenderer().open(sink, context, SvgOptions(profile="plain"))
    session.frame(frame)
    session.finish()
    return sink.getvalue()


def document(context: RenderContext, in_mm: bool = True) -> svgwrite.Drawing:
    """An SVG document of the size of the canvas, with its background."""
    width, height = context.width, context.height
    scale = context.mm_per_px
    size = (f"{short(width * scale, 4)}mm", f"{short(height * scale, 4)}mm")
    made = svgwrite.Drawing(
        size=size if in_mm else (width, height),
        viewBox=f"0 0 {width} {height}",
        debug=False,  # its validator takes most of the time
    )
    title = text(context.label)
    if title:
        made.set_desc(title=title)
    if context.background is not None:
        paper = made.rect((0, 0), ("100%", "100%"), id="background")
        made.add(paper.fill(context.background).stroke("none"))
    return made


def head(made: svgwrite.Drawing) -> bytes:
    """The document up to where frames go."""
    start = made.tostring().removesuffix("</svg>")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{start}\n'.encode()


def pen(path: svgwrite.path.Path, colour: str, width: float) -> None:
    """Drawn as a pen does."""
    path.fill("none").stroke(colour, width=f"{width:g}", linecap="round", linejoin="round")


def sanitise(label: str) -> str:
    """An XML name from a label: letters, digits, `-` and `_`; "frame" if nothing is left.

    >>> sanitised("ear, left"), sanitised("3D"), sanitised("目")
    ('ear-left', '_3D', 'frame')
    """
    name = re.sub(r"[^A-Za-z0-9_]+", "-", label).strip("-")
    return f"_{name}" if name[:1].isdigit() else name or "frame"


def text(label: str) -> str:
    """Without the characters that XML 1.0 can't hold, not even escaped."""
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", label)
