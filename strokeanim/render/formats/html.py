"""HTML: one page with a player in it, that needs no other file and no network.

The page is written as the frames come: what is above the first frame with that frame as a picture,
which is what shows without JavaScript, then a line of JSON per frame, then the player. The JSON is
ASCII without `<`, so no label can end its element or upset a parser of JavaScript.
"""

from __future__ import annotations

import html
import json
import math
import numbers
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from strokeanim.animation.frame import Frame
from strokeanim.geometry.colours import rgb
from strokeanim.render.protocol import RenderContext, RendererSpec

PLAYER = Path(__file__).parents[2] / "assets" / "player"
_MARK = re.compile(r"\{\{(\w+)\}\}")
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class HtmlOptions:
    """`-O` options of the html renderer."""

    autoplay: bool = field(
        default=True,
        metadata={"help": "play when the page opens, unless the reader asks for less motion"},
    )
    loop: bool = field(default=True, metadata={"help": "begin again at the end"})
    decimals: int = field(
        default=1, metadata={"help": "of coordinates, px; fewer are smaller", "min": 0, "max": 6}
    )


class HtmlRenderer:
    """A page that plays, steps and scrubs through the frames."""

    spec = RendererSpec(
        name="html",
        extensions=(".html", ".htm"),
        media_type="text/html",
        kind="sequence",
        streaming=True,
        options=HtmlOptions,
        description="a web page with a player, in one file that needs no network",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: HtmlOptions) -> HtmlSession:
        """Begin a page; its head goes out with the first frame."""
        return HtmlSession(sink, context, options)


class HtmlSession:
    """Writes a line for each frame as it comes."""

    def __init__(self, sink: BinaryIO, context: RenderContext, options: HtmlOptions) -> None:
        self._sink, self._context, self._options = sink, context, options
        self._label = visible_label(context.label)
        self._count = 0
        page = (PLAYER / "page.html").read_text(encoding="utf-8")
        self._head, _, self._tail = page.partition("{{frames}}")

    def frame(self, frame: Frame) -> None:
        """Write the line of one frame."""
        paths = path_data(frame, self._context.smooth, self._options.decimals)
        if self._count == 0:
            self._write(self._filled(self._head, self._parts(frame, paths)))
        self._write(",\n" if self._count else "\n")
        self._write(_json(self._described(frame, paths)))
        self._count += 1

    def finish(self) -> None:
        """Write the player."""
        player = (PLAYER / "player.js").read_text(encoding="utf-8")
        self._write(self._filled("\n" + self._tail.lstrip(), {"player": player.rstrip()}))

    def abort(self) -> None:
        """Nothing is held."""

    def _described(self, frame: Frame, paths: list[str]) -> dict[str, object]:
        """What the player is told of a frame; what goes without saying is left out."""
        context = self._context
        facts, inks = context.facts[self._count], frame.stroke_colours(context)
        label = facts.get("label")
        label = visible_label(label) if isinstance(label, str) and label else self._label
        found: dict[str, object] = {"seconds": str(Fraction(context.durations[self._count]))}
        if (t := _number_in(facts, "t")) is not None:
            found["t"] = round(t, 4)
        if label != self._label:
            found["label"] = label
        if frame.opacity < 1:
            found["opacity"] = round(frame.opacity, 4)
        if any(ink != context.stroke for ink in inks):
            found["colours"] = inks
        return {**found, "paths": paths}

    def _parts(self, frame: Frame, paths: list[str]) -> dict[str, str]:
        """What the marks in the page stand for."""
        context = self._context
        sides = context.width, context.height
        about = {
            "label": self._label,
            "name": _file_name(context.label),
            "width": context.width,
            "height": context.height,
            "size": [f"{_short(side * context.mm_per_px, 4)}mm" for side in sides],
            "stroke": context.stroke,
            "stroke_width": float(_short(context.stroke_width, 4)),
            "background": context.background,
            "autoplay": self._options.autoplay,
            "loop": self._options.loop,
        }
        return {
            "title": html.escape(self._label or "animation"),
            "about": html.escape(_about(context)),
            "css": (PLAYER / "player.css").read_text(encoding="utf-8").rstrip(),
            "ratio": f"{context.width / context.height:.5g}",
            "ground": _ground(context),
            "view_box": "0 0 {} {}".format(*sides),
            "picture": self._picture(frame, paths),
            "data": _json(about).removesuffix("}"),
        }

    def _picture(self, frame: Frame, paths: list[str]) -> str:
        """The first frame, as the player would draw it."""
        context, parts = self._context, []
        if context.background is not None:
            size = f'width="{context.width}" height="{context.height}"'
            parts.append(f'<rect {size} fill="{context.background}"/>')
        parts.append(f'<g opacity="{_short(frame.opacity, 4)}">')
        parts += (
            f'<path d="{data}" fill="none" stroke="{ink}" '
            f'stroke-width="{_short(context.stroke_width, 4)}" '
            'stroke-linecap="round" stroke-linejoin="round"/>'
            for data, ink in zip(paths, frame.stroke_colours(context), strict=True)
        )
        return "\n".join([*parts, "</g>"])

    def _filled(self, text: str, parts: Mapping[str, str]) -> str:
        # In one pass, so that nothing in a label is taken for a mark.
        return _MARK.sub(lambda mark: parts[mark[1]], text)

    def _write(self, text: str) -> None:
        self._sink.write(text.encode())


class _PathPen:
    """Writes relative path data on a grid of `decimals`; errors of rounding don't add up."""

    def __init__(self, decimals: int) -> None:
        self.paths: list[str] = []
        self._decimals = decimals
        self._scale: int = 10**decimals
        self._x = self._y = 0
        self._command = ""

    def move(self, x: float, y: float) -> None:
        self._x, self._y = self._on_grid(x), self._on_grid(y)
        self.paths.append("M" + _joined([self._x, self._y], self._decimals))
        self._command = "M"

    def line(self, x: float, y: float) -> None:
        self._to("l", x, y)

    def curve(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> None:
        self._to("c", x1, y1, x2, y2, x, y)

    def close(self) -> None:
        self.paths[-1] += "z"

    def _to(self, command: str, *coordinates: float) -> None:
        ends = [self._on_grid(one) for one in coordinates]
        steps = [end - (self._y if odd % 2 else self._x) for odd, end in enumerate(ends)]
        more = _joined(steps, self._decimals)
        # A command goes on until another one comes.
        letter = command if command != self._command else "" if more[0] == "-" else " "
        self.paths[-1] += letter + more
        self._x, self._y, self._command = ends[-2], ends[-1], command

    def _on_grid(self, value: float) -> int:
        return round(value * self._scale)


def path_data(frame: Frame, smooth: bool, decimals: int) -> list[str]:
    """SVG path data of each stroke.

    >>> path_data(Frame([[(0, 0.26), (3, -4), (0, 0.26)], [(5, 5)]]), False, 1)
    ['M0 .3l3-4.3-3 4.3z', 'M5 5l0 0']
    """
    pen = _PathPen(decimals)
    frame.draw(pen, smooth)
    return pen.paths


def visible_label(label: str) -> str:
    """In one line, and without what neither HTML nor XML can hold, not even escaped."""
    return " ".join(_NO_XML.sub("\ufffd", label).split())


def _joined(units: list[int], decimals: int) -> str:
    """Numbers as SVG has them at their shortest: `0 .3-4`."""
    text = ""
    for place, one in enumerate(units):
        sign, (whole, part) = "-" * (one < 0), divmod(abs(one), 10**decimals)
        fraction = f".{part:0{decimals}}".rstrip("0") if part else ""
        number = f"{sign}{whole or ''}{fraction}" if one else "0"
        text += number if place == 0 or sign else f" {number}"
    return text


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _number_in(facts: Mapping[str, object], name: str) -> float | None:
    value = facts.get(name)
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None  # type: ignore[arg-type]


def _file_name(label: str) -> str:
    return re.sub(r"\W+", "-", label).strip("-")[:60] or "frame"


def _about(context: RenderContext) -> str:
    frames = "1 frame" if context.frames == 1 else f"{context.frames} frames"
    seconds = _short(math.fsum(map(float, context.durations)), 2)
    return f"{frames}, {seconds} s, {context.width} × {context.height} px"


def _ground(context: RenderContext) -> str:
    """What shows through a transparent picture: a chequered ground that the ink stands out on."""
    if context.background is not None:
        return "paper"
    red, green, blue = (sum(one) / len(one) for one in zip(*map(rgb, context.colours), strict=True))
    return "light board" if 0.3 * red + 0.6 * green + 0.1 * blue < 140 else "dark board"


def _short(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
