"""Parse an SVG document into a checked tree whose shapes can be iterated.

Iteration follows `use` and resolves inherited properties. Because files come from strangers,
entities are refused, references outside the file are ignored, and the elements that `use` would
repeat are counted before they are repeated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

import svgelements
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from strokeanim.errors import InputError
from strokeanim.io.limits import Limits
from strokeanim.io.svg.path import finite, numbers
from strokeanim.io.svg.shapes import SHAPES, Matrix, length
from strokeanim.io.svg.style import INITIAL, Declared, Stylesheet, amount

_SVG = "{http://www.w3.org/2000/svg}"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_DRAWN = SHAPES | {"g", "a", "switch", "svg", "use"}
_VIEWPORTS = frozenset({"svg", "symbol"})
_TRANSFORM = re.compile(r"(?:[\s,]*[a-zA-Z]+\s*\([^()]*\))*[\s,]*")
"""Transforms passed to svgelements, which takes long over unclosed brackets."""
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True)
class InheritedState:
    """The inherited state of an element.

    Attributes:
        matrix: maps its coordinates to those of the root.
        style: the inherited properties that affect visibility and colour.
        viewport: width and height that percentages refer to.
    """

    matrix: Matrix
    style: Declared
    viewport: tuple[float, float]


@dataclass(frozen=True)
class _OwnProperties:
    """An element's own properties, apart from its viewBox."""

    hides: bool
    style: Declared
    matrix: Matrix


class Document:
    """An SVG file that has passed all checks.

    Raises:
        InputError: the file is not XML or not SVG, is damaged, declares entities, is nested too
            deeply, or its `use` elements repeat too much or themselves.
    """

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self.root = _parse(data, name, limits)
        if tag_of(self.root) != "svg":
            raise InputError(
                f"{name} is no SVG: its outermost element is <{self.root.tag[:80]}>; export the "
                "drawing as SVG"
            )
        self.parents = {child: parent for parent in self.root.iter() for child in parent}
        self.ids: dict[str, Element] = {}
        for element in self.root.iter():
            self.ids.setdefault(element.get("id", ""), element)
        styles = [e for e in self.root.iter() if tag_of(e) == "style"]
        self._styles = Stylesheet(["".join(style.itertext()) for style in styles])
        self._styles.check(*self._count_expanded(), name)
        self._own_properties: dict[Element, _OwnProperties] = {}
        self.page = self._find_page()

    def top(self) -> InheritedState:
        """Return the inherited state of the root."""
        size = (self.page[2], self.page[3]) if self.page else (100.0, 100.0)
        return InheritedState(_IDENTITY, INITIAL, size)

    def place_in(self, element: Element) -> InheritedState:
        """Compute the inherited state of an element's children, as if nothing hid the element."""
        ancestors = [element]
        while (parent := self.parents.get(ancestors[-1])) is not None:
            ancestors.append(parent)
        place = self.top()
        for ancestor in reversed(ancestors):
            place = self._enter(ancestor, place, self._resolve_own(ancestor))
        return replace(place, style=place.style | {"visibility": "visible"})

    def shapes(
        self, element: Element, place: InheritedState
    ) -> Iterator[tuple[Element, InheritedState]]:
        """Yield the shapes of an element, or the element if it is a shape, without hidden ones.

        Shapes come in the order in which they are drawn, and as often as they are used.

        Args:
            element: the root of the iteration, whose own `display` is ignored.
            place: the inherited state of its children, as from `place_in`.
        """
        stack: list[tuple[Element, InheritedState, Element | None]] = []
        if tag_of(element) in SHAPES:
            yield element, place
        elif (target := self.target(element)) is not None:
            stack.append((target, place, element))
        else:
            stack += [(child, place, None) for child in reversed(_list_drawn_children(element))]
        while stack:
            element, place, use = stack.pop()
            own = self._resolve_own(element)
            if own.hides:
                continue
            tag = tag_of(element)
            inside = self._enter(element, place, own, use)
            a, b, c, d, _, _ = inside.matrix
            if a * d == b * c:
                continue  # the transform is singular
            if tag in SHAPES:
                yield element, inside
            elif (target := self.target(element)) is not None:
                stack.append((target, inside, element))
            else:
                stack += [
                    (child, inside, None) for child in reversed(_list_drawn_children(element))
                ]

    def target(self, element: Element) -> Element | None:
        """Return the element that a `use` repeats, or None if it is not in this file."""
        if tag_of(element) != "use":
            return None
        href = next((element.attrib[name] for name in _HREFS if name in element.attrib), "").strip()
        return self.ids.get(href[1:]) if len(href) > 1 and href[0] == "#" else None

    def _resolve_own(self, element: Element) -> _OwnProperties:
        if element not in self._own_properties:
            declared = self._styles.declared(element, self.parents)
            hides = (
                declared.get("display", "").lower() == "none"
                or amount(declared.get("opacity", "1")) <= 0
            )
            style = {name: value for name, value in declared.items() if name in INITIAL}
            self._own_properties[element] = _OwnProperties(
                hides, style, _parse_transform(declared.get("transform", ""))
            )
        return self._own_properties[element]

    def _enter(
        self,
        element: Element,
        place: InheritedState,
        own: _OwnProperties,
        use: Element | None = None,
    ) -> InheritedState:
        """Compute the inherited state of an element's children; `use` is what repeats it."""
        style = place.style | own.style if own.style else place.style
        if element is self.root:
            return InheritedState(place.matrix, style, place.viewport)
        matrix = _multiply(place.matrix, own.matrix)
        tag, viewport = tag_of(element), place.viewport
        if tag == "use":
            shift = length(element, "x", viewport[0]), length(element, "y", viewport[1])
            matrix = _multiply(matrix, (1.0, 0.0, 0.0, 1.0, *shift))
        elif tag in _VIEWPORTS:
            fit, viewport = _establish_viewport(element, viewport, use)
            matrix = _multiply(matrix, fit)
        return InheritedState(matrix, style, viewport)

    def _find_page(self) -> tuple[float, float, float, float] | None:
        """Return x, y, width and height of the root's viewport in user units, if specified."""
        box = _parse_view_box(self.root)
        if box is not None:
            return box
        if "%" in self.root.get("width", "%") + self.root.get("height", "%"):
            return None
        size = length(self.root, "width", 0), length(self.root, "height", 0)
        return (0.0, 0.0, *size) if min(size) > 0 else None

    def _count_expanded(self) -> tuple[int, int]:
        """Count the elements with every `use` followed, and measure the depth of their nesting.

        Raises:
            InputError: the elements are too many, or nested too deeply.
        """
        weights: dict[Element, tuple[int, int]] = {}  # element -> count and depth of its subtree
        opened: set[Element] = set()
        stack = [(self.root, False)]
        while stack:
            element, is_done = stack.pop()
            if element in weights:
                continue
            below = list(element)
            target = self.target(element)
            if target is not None:
                below.append(target)
            if is_done:
                subtrees = [weights[child] for child in below]
                count, depth = (
                    1 + sum(n for n, _ in subtrees),
                    1 + max((d for _, d in subtrees), default=0),
                )
                self.limits.check("nesting", depth, f"{self.name}, with <use> followed,")
                if count > self.limits.points:
                    raise InputError(
                        f"{self.name} has more than {self.limits.points} elements, counting what "
                        "<use> repeats; if you trust it, allow more with Limits(points=…)"
                    )
                weights[element] = count, depth
                opened.discard(element)
                continue
            opened.add(element)
            stack.append((element, True))
            for child in below:
                if child in opened:
                    raise InputError(
                        f"{self.name}: <use> repeats {'#' + child.get('id', '')!r} inside of "
                        "itself, without end; remove that <use>"
                    )
                stack.append((child, False))
        return weights[self.root]


def tag_of(element: Element) -> str:
    """Return the local name of an SVG element; "" for an element of another namespace."""
    tag = element.tag.removeprefix(_SVG)
    return "" if tag.startswith("{") else tag


def _list_drawn_children(element: Element) -> list[Element]:
    """List the children that are drawn in place, neither definitions nor symbols."""
    children = [child for child in element if tag_of(child) in _DRAWN]
    return children[:1] if tag_of(element) == "switch" else children


class _Builder(TreeBuilder):
    """A tree builder that refuses trees that are too deep or too large."""

    def __init__(self, name: str, limits: Limits) -> None:
        super().__init__()
        self._name, self._limits = name, limits
        self._depth = self._count = 0

    def start(self, tag: Any, attrs: dict[Any, Any], /) -> Element:
        self._depth += 1
        self._count += 1
        self._limits.check("nesting", self._depth, self._name)
        if self._count > self._limits.points:
            raise InputError(
                f"{self._name} has more than {self._limits.points} elements; if you trust it, "
                "allow more with Limits(points=…)"
            )
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _parse(data: bytes, name: str, limits: Limits) -> Element:
    limits.check("bytes", len(data), name)
    parser = DefusedXMLParser(
        target=_Builder(name, limits), forbid_dtd=False, forbid_entities=True, forbid_external=True
    )
    try:
        parser.feed(data)
        root: Element = parser.close()
    except InputError:
        raise
    except DefusedXmlException as error:
        raise InputError(
            f"{name} declares entities, which can be used for harm; save it again without them "
            "(Illustrator: Export As SVG, or Save As without 'Preserve Illustrator Editing "
            "Capabilities'; Inkscape: as Plain SVG)"
        ) from error
    except ParseError as error:
        line, column = error.position
        reason = str(error).partition(":")[0]
        raise InputError(
            f"{name}, line {line}: invalid XML at column {column + 1} ({reason}); the file may "
            "be cut short, or no SVG"
        ) from error
    except (ValueError, LookupError) as error:
        raise InputError(
            f"{name}: can't decode its text ({error}); save it again as UTF-8"
        ) from error
    return root


def _parse_transform(text: str) -> Matrix:
    """Parse a `transform` attribute; an invalid one is the identity, as in browsers."""
    if not text or text == "none" or not _TRANSFORM.fullmatch(text):
        return _IDENTITY
    try:
        m: Any = svgelements.Matrix(text)
        return float(m.a), float(m.b), float(m.c), float(m.d), float(m.e), float(m.f)
    except (ValueError, TypeError, IndexError, ArithmeticError):
        return _IDENTITY


def _multiply(outer: Matrix, inner: Matrix) -> Matrix:
    """Return the matrix that applies `inner` first and then `outer`."""
    if inner is _IDENTITY:
        return outer
    a, b, c, d, e, f = outer
    p, q, r, s, t, u = inner
    product = a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s
    shift = a * t + c * u + e, b * t + d * u + f
    if not math.isfinite(sum(product) + sum(shift)):
        raise OverflowError("a transform is too large")
    return *product, *shift


def _parse_view_box(element: Element) -> tuple[float, float, float, float] | None:
    """Return x, y, width and height of a viewBox, or None if it is missing or invalid."""
    values = numbers(element.get("viewBox", "")[:200])
    if len(values) != 4 or min(values[2:]) <= 0:
        return None
    return values[0], values[1], values[2], values[3]


def _establish_viewport(
    element: Element, outer: tuple[float, float], use: Element | None
) -> tuple[Matrix, tuple[float, float]]:
    """Compute the transform of a nested `svg` or a `symbol`, and the size of its viewport."""
    sized = dict.fromkeys(("width", "height"), element)
    if use is not None:
        sized = {name: use if name in use.attrib else element for name in sized}
    width = length(sized["width"], "width", outer[0], "100%")
    height = length(sized["height"], "height", outer[1], "100%")
    x, y = length(element, "x", outer[0]), length(element, "y", outer[1])
    box = _parse_view_box(element)
    if box is None:
        return (1.0, 0.0, 0.0, 1.0, x, y), (width, height)
    aspect = " ".join(element.get("preserveAspectRatio", "")[:100].split()) or None
    finite(width / box[2] + height / box[3])
    fit: Any = svgelements.Viewbox.viewbox_transform(x, y, width, height, *box, aspect)
    return _parse_transform(fit), box[2:]
