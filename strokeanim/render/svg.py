"""SVG for design tools: a layer per frame, a path per stroke.

Presentation attributes only and no CSS, which Inkscape, Affinity and Figma read least reliably;
the fill is explicitly none, or Illustrator fills the shapes; sizes are in mm, since a px is
1/72 inch to Illustrator and 1/96 inch to everybody else.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

import svgwrite

from strokeanim.render.protocol import Frame, RenderContext, RendererSpec

MM_PER_PX = 25.4 / 96


@dataclass(frozen=True)
class SvgOptions:
    """`-O` options of the svg renderer."""

    visible: Literal["first", "all"] = field(
        default="first",
        metadata={"help": "which frames' layers are shown; the others are hidden layers"},
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
    """Writes each layer as it comes, so that memory does not grow with the frames."""

    def __init__(self, sink: BinaryIO, context: RenderContext, options: SvgOptions) -> None:
        self._sink, self._context, self._options = sink, context, options
        self._count = 0
        self._factory = svgwrite.Drawing(
            size=(_mm(context.width), _mm(context.height)),
            viewBox=f"0 0 {context.width} {context.height}",
            debug=False,  # its validator takes most of the time
        )
        self._factory["xmlns:inkscape"] = "http://www.inkscape.org/namespaces/inkscape"
        self._label = _text(context.label)
        if self._label:
            self._factory.set_desc(title=self._label)
        if context.background is not None:
            paper = self._factory.rect((0, 0), ("100%", "100%"), id="background")
            self._factory.add(paper.fill(context.background).stroke("none"))
        head = self._factory.tostring().removesuffix("</svg>")
        self._write(f'<?xml version="1.0" encoding="utf-8"?>\n{head}\n')

    def frame(self, frame: Frame) -> None:
        """Write one layer."""
        context, place = self._context, self._count
        number = str(place + 1).zfill(len(str(context.frames)))
        name = f"{sanitised(context.label)}-{number}"
        layer = self._factory.g(id=name)
        layer["data-name"] = layer["inkscape:label"] = f"{self._label or 'frame'} {number}"
        layer["inkscape:groupmode"] = "layer"
        if frame.opacity < 1:
            layer["opacity"] = f"{frame.opacity:.3g}"
        if place > 0 and self._options.visible == "first":
            layer["display"] = "none"
        layer.set_desc(title=self._title(place))
        for stroke_id, stroke in zip(frame.ids, frame.strokes, strict=True):
            pen = _PathPen()
            Frame([stroke]).draw(pen, context.smooth)
            path = self._factory.path("".join(pen.commands), id=f"{name}-stroke-{stroke_id + 1}")
            # On the path, not on the layer: it keeps its looks when it is moved to another one.
            path.fill("none").stroke(
                context.stroke, width=f"{context.stroke_width:g}", linecap="round", linejoin="round"
            )
            layer.add(path)
        self._write(layer.tostring() + "\n")
        self._count += 1

    def finish(self) -> None:
        """Close the document."""
        self._write("</svg>\n")

    def abort(self) -> None:
        """Nothing is held."""

    def _title(self, place: int) -> str:
        parts = [self._label or "frame", f"frame {place + 1} of {self._context.frames}"]
        t = self._context.facts[place].get("t")
        if isinstance(t, int | float):
            parts.append(f"t = {t:.3f}")
        return ", ".join(parts)

    def _write(self, text: str) -> None:
        self._sink.write(text.encode())


class _PathPen:
    """Writes path data with two decimals, a hundredth of a px."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def move(self, x: float, y: float) -> None:
        self.commands.append(f"M{_short(x)} {_short(y)}")

    def line(self, x: float, y: float) -> None:
        self.commands.append(f"L{_short(x)} {_short(y)}")

    def curve(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> None:
        self.commands.append("C" + " ".join(map(_short, (x1, y1, x2, y2, x, y))))

    def close(self) -> None:
        self.commands.append("Z")


def picture(frame: Frame, context: RenderContext) -> bytes:
    """One frame as an SVG document, for those who go on from there."""
    sink = io.BytesIO()
    session = SvgRenderer().open(sink, context, SvgOptions())
    session.frame(frame)
    session.finish()
    return sink.getvalue()


def sanitised(label: str) -> str:
    """An XML name from a label: letters, digits, `-` and `_`; "frame" if nothing is left.

    >>> sanitised("ear, left"), sanitised("3D"), sanitised("目")
    ('ear-left', '_3D', 'frame')
    """
    name = re.sub(r"[^A-Za-z0-9_]+", "-", label).strip("-")
    return f"_{name}" if name[:1].isdigit() else name or "frame"


def _text(label: str) -> str:
    """Without the characters that XML 1.0 can't hold, not even escaped."""
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", label)


def _mm(px: int) -> str:
    return f"{_short(px * MM_PER_PX, 4)}mm"


def _short(value: float, decimals: int = 2) -> str:
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
