"""SVG in: any file as one drawing, files written by `write_svg` as the drawings they are.

A drawing's coordinates are those of the root's user space, whatever size the page is printed in.
What has a stroke is a centre line. Of shapes that are only filled the outlines are strokes, if
nothing has a stroke, or if they are filled with the ink that strokes have (a pupil in a face);
else they are colouring and left out, and so is a rectangle as large as the page. Nothing is
clipped or masked, and text and pictures are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from xml.etree.ElementTree import Element

import numpy as np

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing
from strokeanim.io._open import stem_of
from strokeanim.io.limits import Limits
from strokeanim.io.svg.path import Curve, check_count, numbers, path_curves
from strokeanim.io.svg.shapes import extent, flattened, path_data, transformed
from strokeanim.io.svg.style import Declared, amount, colour
from strokeanim.io.svg.tree import Document, Place, tag_of
from strokeanim.io.svg.writer import KEY, LABEL, MARK
from strokeanim.typing import Points

PRECISION = 1 / 1000
"""How far a polyline may be from its curve, as a part of the drawing's longer side."""
_MOST_LISTED = 20
_NAMES = ("id", "{http://www.inkscape.org/namespaces/inkscape}label", "data-name")
_IGNORED = {
    "text": "text, which has no lines before it is converted to paths: in Inkscape Path > Object "
    "to Path, in Illustrator Type > Create Outlines, in Figma Flatten",
    "image": "an embedded picture, which has no lines: export it as PNG and read that, or have it "
    "traced (Inkscape: Path > Trace Bitmap)",
    "foreignObject": "foreign objects, as diagram programs export them for their text: export "
    "without HTML labels",
}


def parse_svg(
    data: bytes, name: str, limits: Limits = Limits(), layer: str | None = None
) -> list[Drawing]:
    """The drawings in an SVG.

    Args:
        data: the file, unpacked.
        name: what error messages call it; its stem is the key.
        limits: beyond which it is refused.
        layer: read only what is in the element of that id, `inkscape:label` or `data-name`, be it
            hidden or not; that name is the key.

    Returns:
        Those of a file written by `write_svg`, which may be none; of any other file just one, with
        every visible stroke.

    Raises:
        InputError: not SVG, damaged or dangerous, beyond the limits, without that layer, or with
            nothing to draw.
    """
    try:
        with np.errstate(all="ignore"):  # what comes out infinite is refused
            document = Document(data, name, limits)
            if layer is not None:
                return [_layer(document, layer)]
            if MARK in document.root.attrib:
                groups = (e for e in document.root.iter() if {KEY, LABEL} <= e.attrib.keys())
                return list(_own_drawings(document, groups))
            return [_drawn(document, document.root, stem_of(name))]
    except MemoryError as error:
        raise InputError(f"{name} takes more memory than there is") from error
    except ArithmeticError as error:
        raise InputError(
            f"{name} holds numbers too large to draw ({error}); export it at an ordinary size"
        ) from error


@dataclass
class _Ink:
    """A shape that can be seen.

    Attributes:
        curves: its subpaths, in the root's user space.
        stroke: the colour of its line, or None.
        fill: that of its inside, or None.
    """

    curves: list[Curve]
    stroke: str | None
    fill: str | None


def _drawn(document: Document, element: Element, key: str) -> Drawing:
    inks = list(_inks(document, element, document.place_in(element)))
    found = [curve for ink in _chosen(inks, document) for curve in ink.curves]
    if not found:
        raise InputError(f"{document.name} {_why_nothing(document, element, bool(inks))}")
    strokes = [_without_repeats(points) for points in _polylines(found, document)]
    return Drawing(strokes, key=key)


def _own_drawings(document: Document, groups: Iterable[Element]) -> Iterator[Drawing]:
    size = 0
    for group in groups:
        drawing = _own(document, group)
        size += sum(stroke.nbytes for stroke in drawing.strokes)  # they may `use` the same path
        document.limits.check("bytes", size, f"{document.name}, drawn,")
        yield drawing


def _own(document: Document, group: Element) -> Drawing:
    """A drawing that `write_svg` wrote, wherever its group has been moved to since."""
    place = document.place_in(group)
    place = Place(document.top().matrix, place.style, place.viewport)
    found = [curve for ink in _inks(document, group, place) for curve in ink.curves]
    strokes = _polylines(found, document) if found else []
    # repeated points are kept as they were, but a line to itself is a dot
    dots = [len(points) == 2 and bool((points[0] == points[1]).all()) for points in strokes]
    strokes = [points[:1] if dot else points for points, dot in zip(strokes, dots, strict=True)]
    return Drawing(strokes, group.get(LABEL, ""), group.get(KEY, ""))


def _layer(document: Document, layer: str) -> Drawing:
    named: dict[str, Element] = {}
    for attribute in _NAMES:
        for element in document.root.iter():
            if element.get(attribute):
                named.setdefault(element.get(attribute, ""), element)
    if layer in named:
        return _drawn(document, named[layer], layer)
    groups = list(dict.fromkeys(_names(document)))
    # difflib is slow: look for a likely typing error among the first names only
    close = get_close_matches(layer, [*groups[:500], *list(named)[:500]], n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    more = ", …" if len(groups) > _MOST_LISTED else ""
    there = f"it has {', '.join(map(repr, groups[:_MOST_LISTED]))}{more}" if groups else ""
    raise InputError(
        f"{document.name} has no layer {layer!r}; {hint}{there or 'no group in it has a name'}"
    )


def _names(document: Document) -> Iterator[str]:
    """What groups are called by whoever drew them, layers' labels rather than their ids."""
    for element in document.root.iter():
        if tag_of(element) in ("g", "symbol"):
            name = next((element.get(a) for a in reversed(_NAMES) if element.get(a)), None)
            if name:
                yield name[:100]


def _inks(document: Document, element: Element, place: Place) -> Iterator[_Ink]:
    """What can be seen below an element, or of it."""
    limits, name = document.limits, document.name
    known: dict[tuple[Element, tuple[float, float]], list[Curve]] = {}
    points = strokes = 0
    for shape, where in document.shapes(element, place):
        line, inside = _paints(where.style)
        if line is None and inside is None:
            continue
        which = shape, where.viewport
        if which not in known:
            check_count(shape.get("points", ""), limits, name)
            text = path_data(shape, tag_of(shape), where.viewport)
            known[which] = path_curves(text, limits, name)
        found = [transformed(curve, where.matrix) for curve in known[which]]
        strokes += len(found)
        points += sum(map(len, found))
        limits.check("strokes", strokes, name)
        limits.check("points", points, name)
        if found:
            yield _Ink(found, line, inside)


def _paints(style: Declared) -> tuple[str | None, str | None]:
    """The colours of line and inside, None for what can't be seen."""
    if style["visibility"] in ("hidden", "collapse"):
        return None, None
    paints = []
    for name in ("stroke", "fill"):
        paint = style[name] if style[name].lower() != "currentcolor" else style["color"]
        paints.append(colour(paint) if amount(style[f"{name}-opacity"]) > 0 else None)
    line, inside = paints
    return (line if _has_width(style["stroke-width"]) else None), inside


@lru_cache(maxsize=1024)
def _has_width(text: str) -> bool:
    return next(iter(numbers(text[:100])), 1) > 0


def _chosen(inks: list[_Ink], document: Document) -> list[_Ink]:
    """Lines, and the filled shapes that are no background or colouring."""
    pens = {ink.stroke for ink in inks} - {None}

    def is_drawn(ink: _Ink) -> bool:
        if ink.stroke is not None:
            return len(inks) == 1 or not _is_page(ink.curves, document)  # a frame is no drawing
        if pens and (ink.fill not in pens or max(map(len, ink.curves)) == 1):
            return False  # colouring, or a lone line, which has no inside to fill
        return not _is_page(ink.curves, document)

    return [ink for ink in inks if is_drawn(ink)]


def _is_page(found: list[Curve], document: Document) -> bool:
    """Whether it is a rectangle that covers the page."""
    if document.page is None or len(found) != 1:
        return False
    x, y, width, height = document.page
    low, high = found[0].min(axis=(0, 1)), found[0].max(axis=(0, 1))
    slack = np.array([width, height]) / 1000
    if (low > np.array([x, y]) + slack).any() or (high < [x + width, y + height] - slack).any():
        return False
    corners = found[0][:, 3]
    at_edge = (np.abs(corners - low) <= slack) | (np.abs(corners - high) <= slack)
    return bool(at_edge.all())


def _polylines(found: list[Curve], document: Document) -> list[Points]:
    tolerance = PRECISION * extent(found)
    lines = flattened(found, tolerance, document.limits, document.name)
    polylines = [line.astype(np.float32) for line in lines]
    if not all(np.isfinite(line).all() for line in polylines):
        raise OverflowError("coordinates beyond 3e38")
    return polylines


def _without_repeats(points: Points) -> Points:
    distinct: Points = points[np.append(True, (points[1:] != points[:-1]).any(axis=1))]
    return distinct


def _why_nothing(document: Document, element: Element, is_page: bool) -> str:
    tags = {tag_of(e) for e in element.iter()}
    what = "" if element is document.root else " in that layer"
    if is_page:
        return f"holds nothing{what} but a rectangle as large as the page; is a layer hidden?"
    for tag, reason in _IGNORED.items():
        if tag in tags:
            return f"holds nothing{what} but {reason}"
    return (
        f"has nothing to draw{what}: no path or other shape that can be seen; show what is hidden, "
        "or name the layer to read"
    )
