"""Write SVG for design tools, with a layer per frame and a path per stroke.

The file uses presentation attributes and no CSS, which Inkscape, Affinity and Figma read least
reliably. The fill is explicitly none, otherwise Illustrator fills the shapes. Sizes are in mm,
since a px is 1/72 inch in Illustrator and 1/96 inch elsewhere. As long as frames have the same
strokes, each with the same number of points, a stroke's path has the same nodes in each layer, so
that it can be morphed from one layer to another.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

import svgwrite

from strokeanim.animation.frame import Frame
from strokeanim.geometry.brush import Brush
from strokeanim.render.formats.path_data import format_number, is_morphable, paths, ribbons
from strokeanim.render.protocol import RenderContext, RendererSpec
from strokeanim.render.style import onion_opacity

RUN = 200
"""Most frames for which the nodes are chosen together, so that memory stays constant."""
Profile = Literal["inkscape", "plain", "illustrator", "figma", "web"]


@dataclass(frozen=True)
class SvgOptions:
    """Options of the svg renderer."""

    profile: Profile = field(
        default="inkscape",
        metadata={"help": "the program to write for, which determines how objects are named"},
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
    """Renderer of layered SVG, written frame by frame."""

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
    """A session that writes layers as soon as the nodes of their paths are determined."""

    def __init__(self, sink: BinaryIO, context: RenderContext, options: SvgOptions) -> None:
        self._sink, self._context, self._options = sink, context, options
        self._count = 0
        self._run: list[Frame] = []
        self._name = sanitise(context.label)
        self._label = replace_invalid_xml(context.label)
        self._factory = document(context, in_mm=options.profile not in ("figma", "web"))
        if options.profile == "inkscape":
            self._factory["xmlns:inkscape"] = "http://www.inkscape.org/namespaces/inkscape"
        self._sink.write(serialise_head(self._factory))

    def frame(self, frame: Frame) -> None:
        """Collect morphable frames; write them when the next frame can't share their nodes."""
        if self._run and (len(self._run) == RUN or not is_morphable(self._run[-1], frame)):
            self._flush()
        self._run.append(frame)

    def finish(self) -> None:
        """Close the document."""
        self._flush()
        self._sink.write(b"</svg>\n")

    def abort(self) -> None:
        """Do nothing; the session holds no resources."""

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
            self._write_layer(frame, strokes)
            self._count += 1
        self._run.clear()

    def _write_layer(self, frame: Frame, strokes: tuple[str, ...]) -> None:
        options, context, index = self._options, self._context, self._count
        number = str(index + 1).zfill(len(str(context.frames)))
        name = f"{self._name}-{number}"
        layer = self._factory.g(id=name)
        self._set_name(layer, f"{self._label or 'frame'} {number}")
        if options.profile == "inkscape":
            layer["inkscape:groupmode"] = "layer"
        opacity = frame.opacity
        if options.frames == "onion":
            opacity *= onion_opacity(index, context.frames)
        is_hidden = index > 0 and options.visible == "first" and options.frames == "layers"
        if is_hidden and options.profile == "figma":
            opacity = 0.0  # Figma omits elements that are not displayed
        elif is_hidden:
            layer["display"] = "none"
        if opacity < 1:
            layer["opacity"] = format_number(opacity, 3)
        layer.set_desc(title=self._title(index))
        inks = frame.stroke_colours(context)
        for stroke_id, data, colour in zip(frame.ids, strokes, inks, strict=True):
            path = self._factory.path(data)
            if options.profile != "web":
                path["id"] = f"{name}-stroke-{stroke_id + 1}"
                self._set_name(path, f"stroke {stroke_id + 1}")
            # Style the path, not the layer, so that it keeps its look in another layer.
            if options.brush is not None:
                path.fill(colour).stroke("none")
            else:
                style_stroke(path, colour, context.stroke_width)
            layer.add(path)
        self._sink.write(layer.tostring().encode() + b"\n")

    def _set_name(self, element: svgwrite.base.BaseElement, name: str) -> None:
        """Set the name of a layer or an object where the program reads it, beside its id."""
        if self._options.profile == "inkscape":
            element["inkscape:label"] = name
        elif self._options.profile in ("illustrator", "figma"):
            element["data-name"] = name

    def _title(self, index: int) -> str:
        parts = [self._label or "frame", f"frame {index + 1} of {self._context.frames}"]
        t = self._context.facts[index].get("t")
        if isinstance(t, int | float):
            parts.append(f"t = {t:.3f}")
        return ", ".join(parts)


def render_frame(frame: Frame, context: RenderContext) -> bytes:
    """Return one frame as an SVG document, for further conversion."""
    sink = io.BytesIO()
    session = SvgRenderer().open(sink, context, SvgOptions(profile="plain"))
    session.frame(frame)
    session.finish()
    return sink.getvalue()


def document(context: RenderContext, in_mm: bool = True) -> svgwrite.Drawing:
    """Return an SVG document of the size of the canvas, with its background."""
    width, height = context.width, context.height
    scale = context.mm_per_px
    size = (f"{format_number(width * scale, 4)}mm", f"{format_number(height * scale, 4)}mm")
    drawing = svgwrite.Drawing(
        size=size if in_mm else (width, height),
        viewBox=f"0 0 {width} {height}",
        debug=False,  # the validator takes most of the time
    )
    title = replace_invalid_xml(context.label)
    if title:
        drawing.set_desc(title=title)
    if context.background is not None:
        background = drawing.rect((0, 0), ("100%", "100%"), id="background")
        drawing.add(background.fill(context.background).stroke("none"))
    return drawing


def serialise_head(made: svgwrite.Drawing) -> bytes:
    """Return the document up to the position of the frames."""
    start = made.tostring().removesuffix("</svg>")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{start}\n'.encode()


def style_stroke(path: svgwrite.path.Path, colour: str, width: float) -> None:
    """Style a path as a pen stroke: no fill, round caps and joins."""
    path.fill("none").stroke(colour, width=f"{width:g}", linecap="round", linejoin="round")


def sanitise(label: str) -> str:
    """Return an XML name made of the letters, digits, `-` and `_` of a label, or "frame".

    >>> sanitise("ear, left"), sanitise("3D"), sanitise("目")
    ('ear-left', '_3D', 'frame')
    """
    name = re.sub(r"[^A-Za-z0-9_]+", "-", label).strip("-")
    return f"_{name}" if name[:1].isdigit() else name or "frame"


def replace_invalid_xml(label: str) -> str:
    """Replace the characters of a label that XML 1.0 can't hold even escaped."""
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", label)
