"""Read any SVG as one drawing, and an SVG written by `write_svg` as the drawings in it.

A drawing's coordinates are those of the root's user space, whatever the physical size of the page.
Shapes with a stroke are centre lines. The outlines of shapes that are only filled become strokes if
no shape has a stroke, or if their fill is the colour of a stroke (a pupil in a face); otherwise
they are colouring and left out, as is a rectangle as large as the page. Clipping and masks are not
applied, and text and images are ignored.
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
from strokeanim.io.svg.shapes import bounds, flatten_curves, path_data, transform_points
from strokeanim.io.svg.style import Declared, amount, colour
from strokeanim.io.svg.tree import Document, InheritedState, tag_of
from strokeanim.io.svg.writer import KEY, LABEL, MARK
from strokeanim.typing import Points

PRECISION = 1 / 1000
"""Largest distance of a polyline from its curve, as a share of the drawing's longer side."""
_MOST_LISTED = 20
_NAME_ATTRIBUTES = ("id", "{http://www.inkscape.org/namespaces/inkscape}label", "data-name")
_IGNORED_ELEMENTS = {
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
    """Read the drawings in an SVG.

    Args:
        data: the uncompressed file.
        name: its name in error messages; the stem of the name is the key.
        limits: sizes beyond which it is refused.
        layer: id, `inkscape:label` or `data-name` of the only element to read, visible or hidden;
            it becomes the key.

    Returns:
        The drawings, possibly none, of a file written by `write_svg`; of any other file a single
        drawing of all visible strokes.

    Raises:
        InputError: the file is not SVG, damaged, dangerous or beyond the limits, lacks the layer,
            or contains nothing to draw.
    """
    try:
        with np.errstate(all="ignore"):  # infinite results are refused
            document = Document(data, name, limits)
            if layer is not None:
                return [_read_layer(document, layer)]
            if MARK in document.root.attrib:
                groups = (e for e in document.root.iter() if {KEY, LABEL} <= e.attrib.keys())
                return list(_read_groups(document, groups))
            return [_read_element(document, document.root, stem_of(name))]
    except MemoryError as error:
        raise InputError(f"{name} takes more memory than there is") from error
    except ArithmeticError as error:
        raise InputError(
            f"{name} holds numbers too large to draw ({error}); export it at an ordinary size"
        ) from error


@dataclass
class _VisibleShape:
    """A visible shape.

    Attributes:
        curves: its subpaths, in the root's user space.
        stroke: colour of its stroke, or None.
        fill: colour of its fill, or None.
    """

    curves: list[Curve]
    stroke: str | None
    fill: str | None


def _read_element(document: Document, element: Element, key: str) -> Drawing:
    shapes = list(_collect_shapes(document, element, document.place_in(element)))
    curves = [curve for shape in _select_shapes(shapes, document) for curve in shape.curves]
    if not curves:
        reason = _explain_nothing(document, element, bool(shapes))
        raise InputError(f"{document.name} {reason}")
    strokes = [_drop_repeats(points) for points in _flatten(curves, document)]
    return Drawing(strokes, key=key)


def _read_groups(document: Document, groups: Iterable[Element]) -> Iterator[Drawing]:
    size = 0
    for group in groups:
        drawing = _read_group(document, group)
        size += sum(stroke.nbytes for stroke in drawing.strokes)  # groups may `use` the same path
        document.limits.check("bytes", size, f"{document.name}, drawn,")
        yield drawing


def _read_group(document: Document, group: Element) -> Drawing:
    """Read a drawing that `write_svg` wrote, wherever its group has been moved since."""
    place = document.place_in(group)
    place = InheritedState(document.top().matrix, place.style, place.viewport)
    curves = [curve for shape in _collect_shapes(document, group, place) for curve in shape.curves]
    strokes = _flatten(curves, document) if curves else []
    # repeated points are kept, except that a line to its own point is a dot
    dots = [len(points) == 2 and bool((points[0] == points[1]).all()) for points in strokes]
    strokes = [points[:1] if dot else points for points, dot in zip(strokes, dots, strict=True)]
    return Drawing(strokes, group.get(LABEL, ""), group.get(KEY, ""))


def _read_layer(document: Document, layer: str) -> Drawing:
    """Read the element of a name, or raise an error that lists the names of the groups."""
    named: dict[str, Element] = {}
    for attribute in _NAME_ATTRIBUTES:
        for element in document.root.iter():
            if element.get(attribute):
                named.setdefault(element.get(attribute, ""), element)
    if layer in named:
        return _read_element(document, named[layer], layer)
    groups = list(dict.fromkeys(_list_group_names(document)))
    # difflib is slow, so only the first names are compared
    close = get_close_matches(layer, [*groups[:500], *list(named)[:500]], n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    more = ", …" if len(groups) > _MOST_LISTED else ""
    names = f"it has {', '.join(map(repr, groups[:_MOST_LISTED]))}{more}" if groups else ""
    raise InputError(
        f"{document.name} has no layer {layer!r}; {hint}{names or 'no group in it has a name'}"
    )


def _list_group_names(document: Document) -> Iterator[str]:
    """Yield the names of groups and symbols as the editor displays them, else their ids."""
    for element in document.root.iter():
        if tag_of(element) in ("g", "symbol"):
            attributes = reversed(_NAME_ATTRIBUTES)
            name = next((element.get(a) for a in attributes if element.get(a)), None)
            if name:
                yield name[:100]


def _collect_shapes(
    document: Document, element: Element, place: InheritedState
) -> Iterator[_VisibleShape]:
    """Yield the visible shapes of an element, which may be a shape itself."""
    limits, name = document.limits, document.name
    cache: dict[tuple[Element, tuple[float, float]], list[Curve]] = {}
    points = strokes = 0
    for shape, inherited in document.shapes(element, place):
        stroke, fill = _resolve_paints(inherited.style)
        if stroke is None and fill is None:
            continue
        cache_key = shape, inherited.viewport
        if cache_key not in cache:
            check_count(shape.get("points", ""), limits, name)
            text = path_data(shape, tag_of(shape), inherited.viewport)
            cache[cache_key] = path_curves(text, limits, name)
        curves = [transform_points(curve, inherited.matrix) for curve in cache[cache_key]]
        strokes += len(curves)
        points += sum(map(len, curves))
        limits.check("strokes", strokes, name)
        limits.check("points", points, name)
        if curves:
            yield _VisibleShape(curves, stroke, fill)


def _resolve_paints(style: Declared) -> tuple[str | None, str | None]:
    """Return the colours of stroke and fill; None for an invisible one."""
    if style["visibility"] in ("hidden", "collapse"):
        return None, None
    paints = []
    for name in ("stroke", "fill"):
        paint = style[name] if style[name].lower() != "currentcolor" else style["color"]
        paints.append(colour(paint) if amount(style[f"{name}-opacity"]) > 0 else None)
    stroke, fill = paints
    return (stroke if _has_width(style["stroke-width"]) else None), fill


@lru_cache(maxsize=1024)
def _has_width(text: str) -> bool:
    return next(iter(numbers(text[:100])), 1) > 0


def _select_shapes(shapes: list[_VisibleShape], document: Document) -> list[_VisibleShape]:
    """Select the stroked shapes, and the filled ones that are neither background nor colouring."""
    pens = {shape.stroke for shape in shapes} - {None}

    def is_drawn(shape: _VisibleShape) -> bool:
        if shape.stroke is not None:
            # a rectangle around the page is a frame
            return len(shapes) == 1 or not _covers_page(shape.curves, document)
        if pens and (shape.fill not in pens or max(map(len, shape.curves)) == 1):
            return False  # colouring, or a lone line, which has no inside to fill
        return not _covers_page(shape.curves, document)

    return [shape for shape in shapes if is_drawn(shape)]


def _covers_page(curves: list[Curve], document: Document) -> bool:
    """Return whether the only curve is a rectangle that covers the page."""
    if document.page is None or len(curves) != 1:
        return False
    x, y, width, height = document.page
    low, high = curves[0].min(axis=(0, 1)), curves[0].max(axis=(0, 1))
    slack = np.array([width, height]) / 1000
    if (low > np.array([x, y]) + slack).any() or (high < [x + width, y + height] - slack).any():
        return False
    corners = curves[0][:, 3]
    at_edge = (np.abs(corners - low) <= slack) | (np.abs(corners - high) <= slack)
    return bool(at_edge.all())


def _flatten(curves: list[Curve], document: Document) -> list[Points]:
    """Approximate curves by polylines in float32, to `PRECISION` of their extent."""
    tolerance = PRECISION * bounds(curves)
    lines = flatten_curves(curves, tolerance, document.limits, document.name)
    polylines = [line.astype(np.float32) for line in lines]
    if not all(np.isfinite(line).all() for line in polylines):
        raise OverflowError("coordinates beyond 3e38")
    return polylines


def _drop_repeats(points: Points) -> Points:
    distinct: Points = points[np.append(True, (points[1:] != points[:-1]).any(axis=1))]
    return distinct


def _explain_nothing(document: Document, element: Element, is_page: bool) -> str:
    """Return the end of the error message for an element without strokes."""
    tags = {tag_of(e) for e in element.iter()}
    scope = "" if element is document.root else " in that layer"
    if is_page:
        return f"holds nothing{scope} but a rectangle as large as the page; is a layer hidden?"
    for tag, reason in _IGNORED_ELEMENTS.items():
        if tag in tags:
            return f"holds nothing{scope} but {reason}"
    return (
        f"has nothing to draw{scope}: no path or other shape that can be seen; show what is "
        "hidden, or name the layer to read"
    )
