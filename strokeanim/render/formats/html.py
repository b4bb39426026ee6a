"""Write HTML, one page with a player that needs no other file and no network.

The page is written as the frames arrive: the head with the first frame as a picture, which is shown
without JavaScript, then a line of JSON per frame, then the player. The JSON is ASCII without `<`,
so that no label can end its element or break a JavaScript parser.
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
from strokeanim.geometry.colours import split_rgb
from strokeanim.render.protocol import RenderContext, RendererSpec

PLAYER = Path(__file__).parents[2] / "assets" / "player"
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_INVALID_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class HtmlOptions:
    """Options of the html renderer."""

    autoplay: bool = field(
        default=True,
        metadata={"help": "play when the page opens, unless the reader asks for less motion"},
    )
    loop: bool = field(default=True, metadata={"help": "start again after the last frame"})
    decimals: int = field(
        default=1,
        metadata={"help": "decimals of coordinates; fewer save space", "min": 0, "max": 6},
    )


class HtmlRenderer:
    """Renderer of a page that plays, steps and scrubs through the frames."""

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
        """Begin a page; its head is written with the first frame."""
        return HtmlSession(sink, context, options)


class HtmlSession:
    """A session that writes a line of JSON per frame."""

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
            self._write(self._fill(self._head, self._placeholder_values(frame, paths)))
        self._write(",\n" if self._count else "\n")
        self._write(_dump_json(self._describe(frame, paths)))
        self._count += 1

    def finish(self) -> None:
        """Write the player."""
        player = (PLAYER / "player.js").read_text(encoding="utf-8")
        self._write(self._fill("\n" + self._tail.lstrip(), {"player": player.rstrip()}))

    def abort(self) -> None:
        """Do nothing; the session holds no resources."""

    def _describe(self, frame: Frame, paths: list[str]) -> dict[str, object]:
        """Return the data of a frame for the player; values equal to the defaults are omitted."""
        context = self._context
        facts, inks = context.facts[self._count], frame.stroke_colours(context)
        label = facts.get("label")
        label = visible_label(label) if isinstance(label, str) and label else self._label
        data: dict[str, object] = {"seconds": str(Fraction(context.durations[self._count]))}
        if (t := _get_number(facts, "t")) is not None:
            data["t"] = round(t, 4)
        if label != self._label:
            data["label"] = label
        if frame.opacity < 1:
            data["opacity"] = round(frame.opacity, 4)
        if any(ink != context.stroke for ink in inks):
            data["colours"] = inks
        return {**data, "paths": paths}

    def _placeholder_values(self, frame: Frame, paths: list[str]) -> dict[str, str]:
        """Return the values of the placeholders above the frames in the page."""
        context = self._context
        sides = context.width, context.height
        header = {
            "label": self._label,
            "name": _file_name(context.label),
            "width": context.width,
            "height": context.height,
            "size": [f"{_format_number(side * context.mm_per_px, 4)}mm" for side in sides],
            "stroke": context.stroke,
            "stroke_width": float(_format_number(context.stroke_width, 4)),
            "background": context.background,
            "autoplay": self._options.autoplay,
            "loop": self._options.loop,
        }
        return {
            "title": html.escape(self._label or "animation"),
            "about": html.escape(_summarise(context)),
            "css": (PLAYER / "player.css").read_text(encoding="utf-8").rstrip(),
            "ratio": f"{context.width / context.height:.5g}",
            "ground": _choose_ground(context),
            "view_box": "0 0 {} {}".format(*sides),
            "picture": self._draw_picture(frame, paths),
            "data": _dump_json(header).removesuffix("}"),
        }

    def _draw_picture(self, frame: Frame, paths: list[str]) -> str:
        """Return the first frame as SVG elements, as the player would draw it."""
        context, parts = self._context, []
        if context.background is not None:
            size = f'width="{context.width}" height="{context.height}"'
            parts.append(f'<rect {size} fill="{context.background}"/>')
        parts.append(f'<g opacity="{_format_number(frame.opacity, 4)}">')
        parts += (
            f'<path d="{data}" fill="none" stroke="{ink}" '
            f'stroke-width="{_format_number(context.stroke_width, 4)}" '
            'stroke-linecap="round" stroke-linejoin="round"/>'
            for data, ink in zip(paths, frame.stroke_colours(context), strict=True)
        )
        return "\n".join([*parts, "</g>"])

    def _fill(self, text: str, values: Mapping[str, str]) -> str:
        # In one pass, so that nothing in a label is taken for a placeholder.
        return _PLACEHOLDER.sub(lambda match: values[match[1]], text)

    def _write(self, text: str) -> None:
        self._sink.write(text.encode())


class _PathPen:
    """A pen of relative path data on a grid of `decimals`, so that rounding errors don't add up."""

    def __init__(self, decimals: int) -> None:
        self.paths: list[str] = []
        self._decimals = decimals
        self._scale: int = 10**decimals
        self._x = self._y = 0
        self._command = ""

    def move(self, x: float, y: float) -> None:
        self._x, self._y = self._snap(x), self._snap(y)
        self.paths.append("M" + _join_numbers([self._x, self._y], self._decimals))
        self._command = "M"

    def line(self, x: float, y: float) -> None:
        self._append("l", x, y)

    def curve(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> None:
        self._append("c", x1, y1, x2, y2, x, y)

    def close(self) -> None:
        self.paths[-1] += "z"

    def _append(self, command: str, *coordinates: float) -> None:
        ends = [self._snap(value) for value in coordinates]
        steps = [end - (self._y if index % 2 else self._x) for index, end in enumerate(ends)]
        text = _join_numbers(steps, self._decimals)
        # A command letter applies until another follows.
        letter = command if command != self._command else "" if text[0] == "-" else " "
        self.paths[-1] += letter + text
        self._x, self._y, self._command = ends[-2], ends[-1], command

    def _snap(self, value: float) -> int:
        return round(value * self._scale)


def path_data(frame: Frame, smooth: bool, decimals: int) -> list[str]:
    """Return SVG path data of each stroke.

    >>> path_data(Frame([[(0, 0.26), (3, -4), (0, 0.26)], [(5, 5)]]), False, 1)
    ['M0 .3l3-4.3-3 4.3z', 'M5 5l0 0']
    """
    pen = _PathPen(decimals)
    frame.draw(pen, smooth)
    return pen.paths


def visible_label(label: str) -> str:
    """Return a label in one line; replace characters that HTML and XML can't hold even escaped."""
    return " ".join(_INVALID_XML.sub("\ufffd", label).split())


def _join_numbers(units: list[int], decimals: int) -> str:
    """Join numbers in the shortest form that SVG allows, such as `0 .3-4`."""
    text = ""
    for index, count in enumerate(units):
        sign, (whole, part) = "-" * (count < 0), divmod(abs(count), 10**decimals)
        fraction = f".{part:0{decimals}}".rstrip("0") if part else ""
        number = f"{sign}{whole or ''}{fraction}" if count else "0"
        text += number if index == 0 or sign else f" {number}"
    return text


def _dump_json(value: object) -> str:
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _get_number(facts: Mapping[str, object], name: str) -> float | None:
    value = facts.get(name)
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None  # type: ignore[arg-type]


def _file_name(label: str) -> str:
    return re.sub(r"\W+", "-", label).strip("-")[:60] or "frame"


def _summarise(context: RenderContext) -> str:
    frames = "1 frame" if context.frames == 1 else f"{context.frames} frames"
    seconds = _format_number(math.fsum(map(float, context.durations)), 2)
    return f"{frames}, {seconds} s, {context.width} × {context.height} px"


def _choose_ground(context: RenderContext) -> str:
    """Return the CSS class of what shows through: a chequered board that contrasts with the ink."""
    if context.background is not None:
        return "paper"
    channels = zip(*map(split_rgb, context.colours), strict=True)
    red, green, blue = (sum(values) / len(values) for values in channels)
    return "light board" if 0.3 * red + 0.6 * green + 0.1 * blue < 140 else "dark board"


def _format_number(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
