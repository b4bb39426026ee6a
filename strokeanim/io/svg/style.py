"""Resolve the style properties of SVG elements from attributes, `<style>` and `style="…"`.

Covers the CSS that drawing programs write: selectors of elements, classes, ids, their combinations
and descendants; `!important`; the cascade by specificity. Rules that need more (`:hover`, `[x]`,
`a + b`, `@media`, `@import`) are ignored. `>` is treated as the descendant combinator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element

from svgelements import Color

from strokeanim.errors import InputError

Declared: TypeAlias = dict[str, str]
"""Property values by name, without those that are `inherit`."""
_RankedValues: TypeAlias = dict[str, tuple[tuple[int, ...], str]]
"""Property values with their precedence: important, inline, specificity, order."""
_Selectors: TypeAlias = frozenset[str]
"""Simple selectors, `*`, `element`, `.class` and `#id`, of a compound selector or an element."""

INITIAL = {
    "fill": "black",
    "fill-opacity": "1",
    "stroke": "none",
    "stroke-opacity": "1",
    "stroke-width": "1",
    "visibility": "visible",
    "color": "black",
}
"""Initial values of the inherited properties that decide what is painted."""

_PROPERTIES = frozenset(INITIAL) | {"display", "opacity", "transform"}
_COMPOUND_PATTERN = re.compile(r"(?:\*|[\w-]+)?(?:[.#][\w-]+)*")
_SIMPLE_PATTERN = re.compile(r"\*|[.#]?[\w-]+")
_MAX_LENGTH = 100
"""Maximum characters of a selector, number or paint; longer ones are cut or ignored."""
MOST_MATCHES = 10_000_000
"""Rules times elements times depth beyond which applying a sheet would take too long."""


class Stylesheet:
    """The rules of all `<style>` elements of a document."""

    def __init__(self, texts: list[str]) -> None:
        # by a simple selector of the last compound, so that few rules are tried per element
        self._rules: dict[str, dict[tuple[_Selectors, ...], _RankedValues]] = {}
        self._selectors: dict[Element, _Selectors] = {}
        order = 0
        for text in texts:
            for prelude, body in _split_rules(_strip_comments(text)):
                # text that ends in ";" before a rule is an @import or the like
                for selector in prelude.rpartition(";")[2].split(","):
                    order += 1
                    self._add(selector.strip(), body, order)

    def check(self, elements: int, depth: int, name: str) -> None:
        """Check that the sheet does not take too long to apply.

        Raises:
            InputError: the sheet has too many rules for that many elements.
        """
        most = max(map(len, self._rules.values()), default=0)
        if most > 1 and most * elements * depth > MOST_MATCHES:
            raise InputError(
                f"{name} has {most} style rules for the same elements, too many to apply; export "
                "it with presentation attributes in place of CSS"
            )

    def declared(self, element: Element, parents: Mapping[Element, Element]) -> Declared:
        """Return the properties that an element sets itself, without inherited ones."""
        values: _RankedValues = {
            name: ((0, 0, 0, 0), element.attrib[name].strip())
            for name in _PROPERTIES & element.attrib.keys()
        }
        for simple in self._selectors_of(element):
            for compounds, declarations in self._rules.get(simple, {}).items():
                if self._matches(compounds, element, parents):
                    _merge(values, declarations)
        _merge(values, _parse_declarations(element.get("style", ""), (1,)))
        return {name: value for name, (_, value) in values.items() if value != "inherit"}

    def _add(self, selector: str, body: str, order: int) -> None:
        texts = selector[: _MAX_LENGTH + 1].replace(">", " ").split()
        if (
            not texts
            or len(selector) > _MAX_LENGTH
            or not all(map(_COMPOUND_PATTERN.fullmatch, texts))
        ):
            return
        compounds = tuple(frozenset(_SIMPLE_PATTERN.findall(text)) for text in texts)
        simples = sorted(simple for compound in compounds for simple in compound)
        # ids before classes before elements
        specificity = [sum(simple[0] == mark for simple in simples) for mark in "#."]
        specificity.append(sum(simple[0] not in "*.#" for simple in simples))
        rarest = min(compounds[-1], key=lambda simple: ("#.".find(simple[0]) % 3, simple))
        declarations = self._rules.setdefault(rarest, {}).setdefault(compounds, {})
        _merge(declarations, _parse_declarations(body, (0, *specificity, order)))

    def _matches(
        self,
        compounds: tuple[_Selectors, ...],
        element: Element,
        parents: Mapping[Element, Element],
    ) -> bool:
        """Return whether an element matches the last compound, and its ancestors the others."""
        *outer, last = compounds
        if not last <= self._selectors_of(element):
            return False
        ancestor = parents.get(element)
        while outer and ancestor is not None:
            if outer[-1] <= self._selectors_of(ancestor):
                outer.pop()
            ancestor = parents.get(ancestor)
        return not outer

    def _selectors_of(self, element: Element) -> _Selectors:
        """Return the simple selectors that match an element."""
        if element not in self._selectors:
            classes = (f".{name}" for name in element.get("class", "").split())
            names = ("*", element.tag.rpartition("}")[2], f"#{element.get('id', '')}")
            self._selectors[element] = frozenset([*names, *classes])
        return self._selectors[element]


def amount(text: str, whole: float = 1.0) -> float:
    """Parse a number or percentage such as an opacity; return `whole` if it is neither.

    >>> amount("0.5"), amount("20%"), amount("?")
    (0.5, 0.2, 1.0)
    """
    text = text[:_MAX_LENGTH].strip()
    try:
        return float(text[:-1]) / 100 * whole if text.endswith("%") else float(text)
    except ValueError:
        return whole


@lru_cache(maxsize=1024)
def colour(paint: str) -> str | None:
    """Normalise a paint, to `#rrggbb` if it is a plain colour; return None if invisible.

    >>> colour("Black"), colour("rgb(0, 0, 0)"), colour("none"), colour("#0000")
    ('#000000', '#000000', None, None)
    """
    paint = paint[:_MAX_LENGTH].strip()
    if paint.lower() == "none":
        return None
    if paint.startswith(("url(", "context-")):
        return paint
    try:
        parsed: Any = Color(paint)
        return None if not parsed.opacity else str(parsed.hex)[:7]
    except (ValueError, TypeError, ArithmeticError):
        return paint


def _strip_comments(text: str) -> str:
    """Remove comments, by splitting, since a regex takes long over `/*/*/*…`."""
    first, *rest = text.replace("<!--", "").replace("-->", "").split("/*")
    return first + " ".join(part.partition("*/")[2] for part in rest)


def _split_rules(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text before and the text between each pair of outermost braces."""
    depth = start = opened = 0
    for brace in re.finditer("[{}]", text):
        if brace.group() == "{":
            opened = opened if depth else brace.start()
            depth += 1
        elif depth:
            depth -= 1
        if not depth:
            yield text[start:opened], text[opened + 1 : brace.start()]
            start = opened = brace.end()


def _parse_declarations(text: str, rank: tuple[int, ...]) -> _RankedValues:
    """Parse `name: value` declarations; `rank` is their precedence among equally important ones."""
    values: _RankedValues = {}
    for declaration in _strip_comments(text).split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip().lower()
        if name in _PROPERTIES and value.strip():
            value, _, flag = value.partition("!")
            is_important = flag.strip().lower() == "important"
            _merge(values, {name: ((int(is_important), *rank), value.strip())})
    return values


def _merge(into: _RankedValues, more: _RankedValues) -> None:
    """Merge values into others; higher precedence wins, and the later of equals."""
    for name, ranked in more.items():
        if name not in into or ranked[0] >= into[name][0]:
            into[name] = ranked
