"""Drawings written as SVG: a group per drawing, a path of straight lines per stroke.

Groups stand in a grid so that all can be seen; moving a group in a drawing program moves nothing
in the drawing, whose coordinates are those within the group.
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
from strokeanim.io._open import writing
from strokeanim.typing import Points

DECIMALS = 3
"""Coordinates are rounded to this; whole numbers are written as integers."""
MARK = "data-strokeanim"
"""Attribute of the root that says: each group with a key and a label is a drawing."""
KEY, LABEL = "data-key", "data-label"
_GAP = 0.15
"""Between drawings, and around one, as a part of the longer side of the largest."""
_PEN = 0.01
"""Width of the lines, as a part of the same."""


def write_svg(drawings: Iterable[Drawing], file: str | PathLike[str]) -> None:
    """Write drawings next to each other, gzipped if the name ends in `.svgz` or `.gz`.

    The same drawings give the same bytes; the file appears whole or not at all. Coordinates keep
    three decimals. Times have no place in SVG.

    Raises:
        OutputError: the file can't be written; nothing is left of it.
    """
    lines = _document(list(drawings))
    with writing(file) as stream:
        stream.writelines(lines)


def _document(drawings: list[Drawing]) -> Iterator[bytes]:
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
    view = [_number(value) for value in (page.x, page.y, page.width, page.height)]
    # debug off: the validator takes most of the time, and data-… is not to its liking
    made = svgwrite.Drawing(size=view[2:], viewBox=" ".join(view), debug=False)
    made[MARK] = "drawings"
    head = made.tostring().removesuffix("</svg>")
    yield f'<?xml version="1.0" encoding="utf-8"?>\n{head}\n'.encode()
    for place, (drawing, box) in enumerate(zip(drawings, boxes, strict=True)):
        group = made.g(
            fill="none",
            stroke="black",
            stroke_width=f"{longer * _PEN:.3g}",
            stroke_linecap="round",
            stroke_linejoin="round",
        )
        if len(drawings) > 1:
            row, column = divmod(place, columns)
            x = gap + column * (width + gap) + (width - box.width) / 2 - box.x
            y = gap + row * (height + gap) + (height - box.height) / 2 - box.y
            group["transform"] = f"translate({_number(x)} {_number(y)})"
        yield _filled(group, made, drawing)
    yield b"</svg>\n"


def _filled(group: svgwrite.container.Group, made: svgwrite.Drawing, drawing: Drawing) -> bytes:
    key, label = _text(drawing.key), _text(drawing.label)
    if key or label:
        group.set_desc(title=f"{label} {key}".strip())
    for stroke in drawing.strokes:
        group.add(made.path(_data(stroke)))
    element: Element = group.get_xml()
    element.attrib |= {KEY: key, LABEL: label}  # svgwrite leaves out what is empty
    return tostring(element) + b"\n"


def _data(stroke: Points) -> str:
    """Path data; a dot is a line to itself, or nothing would be drawn."""
    start, *others = ([_number(x), _number(y)] for x, y in stroke.astype(np.float64).tolist())
    pairs = " ".join(" ".join(pair) for pair in others or [start])
    return f"M {' '.join(start)} L {pairs}"


def _number(value: float) -> str:
    rounded = round(value, DECIMALS)
    return str(int(rounded)) if rounded.is_integer() else repr(rounded)


def _text(label: str) -> str:
    """Without the characters that XML 1.0 can't hold, not even escaped."""
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", label)
