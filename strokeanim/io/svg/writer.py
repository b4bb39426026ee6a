"""Write drawings as SVG: a group per drawing, a path of straight lines per stroke.

Groups are laid out in a grid so that all are visible. Moving a group in an editor does not change
its drawing, whose coordinates are those within the group.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from os import PathLike
from xml.etree.ElementTree import Element, tostring

import numpy as np
import svgwrite

from strokeanim.geometry import Box, Drawing
from strokeanim.io._open import open_writer
from strokeanim.typing import Points

DECIMALS = 3
"""Decimals to which coordinates are rounded; whole numbers are written as integers."""
MARK = "data-strokeanim"
"""Attribute of the root that marks each group with a key and a label as a drawing."""
KEY, LABEL = "data-key", "data-label"
_GAP = 0.15
"""Gap between and around drawings, as a share of the longer side of the largest."""
_PEN = 0.01
"""Line width, as a share of the longer side of the largest drawing."""


def write_svg(drawings: Iterable[Drawing], file: str | PathLike[str]) -> None:
    """Write drawings next to each other, gzipped if the name ends in `.svgz` or `.gz`.

    The same drawings give the same bytes, and the file is written completely or not at all.
    Coordinates keep three decimals; times are dropped.

    Raises:
        OutputError: the file can't be written; nothing is left of it.
    """
    lines = _generate_lines(list(drawings))
    with open_writer(file) as stream:
        stream.writelines(lines)


def _generate_lines(drawings: list[Drawing]) -> Iterator[bytes]:
    boxes = [drawing.box for drawing in drawings]
    width, height = (max((getattr(b, s) for b in boxes), default=0.0) for s in ("width", "height"))
    longer = max(width, height) or 1.0
    gap = longer * _GAP
    columns = math.ceil(math.sqrt(len(drawings)))
    if len(drawings) == 1:
        page = boxes[0].expand(gap)
    else:
        rows = math.ceil(len(drawings) / max(columns, 1))
        page = Box(0.0, 0.0, columns * (width + gap) + gap, rows * (height + gap) + gap)
    view = [_format_number(value) for value in (page.x, page.y, page.width, page.height)]
    # debug is off since the validator takes most of the time and rejects data-… attributes
    document = svgwrite.Drawing(size=view[2:], viewBox=" ".join(view), debug=False)
    document[MARK] = "drawings"
    head = document.tostring().removesuffix("</svg>")
    yield f'<?xml version="1.0" encoding="utf-8"?>\n{head}\n'.encode()
    for index, (drawing, box) in enumerate(zip(drawings, boxes, strict=True)):
        group = document.g(
            fill="none",
            stroke="black",
            stroke_width=f"{longer * _PEN:.3g}",
            stroke_linecap="round",
            stroke_linejoin="round",
        )
        if len(drawings) > 1:
            row, column = divmod(index, columns)
            x = gap + column * (width + gap) + (width - box.width) / 2 - box.x
            y = gap + row * (height + gap) + (height - box.height) / 2 - box.y
            group["transform"] = f"translate({_format_number(x)} {_format_number(y)})"
        yield _format_group(group, document, drawing)
    yield b"</svg>\n"


def _format_group(
    group: svgwrite.container.Group, document: svgwrite.Drawing, drawing: Drawing
) -> bytes:
    key, label = _replace_invalid(drawing.key), _replace_invalid(drawing.label)
    if key or label:
        group.set_desc(title=f"{label} {key}".strip())
    for stroke in drawing.strokes:
        group.add(document.path(_format_path(stroke)))
    element: Element = group.get_xml()
    element.attrib |= {KEY: key, LABEL: label}  # svgwrite leaves out empty attributes
    return tostring(element) + b"\n"


def _format_path(stroke: Points) -> str:
    """Format path data; a dot is a line to its own point, as SVG draws no lone move command."""
    start, *others = (
        [_format_number(x), _format_number(y)] for x, y in stroke.astype(np.float64).tolist()
    )
    pairs = " ".join(" ".join(pair) for pair in others or [start])
    return f"M {' '.join(start)} L {pairs}"


def _format_number(value: float) -> str:
    rounded = round(value, DECIMALS)
    return str(int(rounded)) if rounded.is_integer() else repr(rounded)


def _replace_invalid(label: str) -> str:
    """Replace the characters that XML 1.0 can't contain, not even escaped, by U+FFFD."""
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", label)
