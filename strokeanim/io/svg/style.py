"""What an SVG element declares about its looks: attributes, `<style>` rules and `style="…"`.

As much of CSS as drawing programs write: selectors of an element, a class, an id and their
combinations, one inside another; `!important`; the cascade by specificity. Rules that need more
(`:hover`, `[x]`, `a + b`, `@media`, `@import`) are passed over. `>` counts as "inside".
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
"""Property values, without those that say `inherit`."""
_Ranked: TypeAlias = dict[str, tuple[tuple[int, ...], str]]
"""Values with what decides between them: important, inline, specificity, order."""
_Words: TypeAlias = frozenset[str]
"""`*`, an element, `.class` and `#id`; of a part of a selector, or of an element."""

INITIAL = {
    "fill": "black",
    "fill-opacity": "1",
    "stroke": "none",
    "stroke-opacity": "1",
    "stroke-width": "1",
    "visibility": "visible",
    "color": "black",
}
"""What is inherited and decides about ink, and where it starts."""

_PROPERTIES = frozenset(INITIAL) | {"display", "opacity", "transform"}
_SIMPLE = re.compile(r"(?:\*|[\w-]+)?(?:[.#][\w-]+)*")
_WORD = re.compile(r"\*|[.#]?[\w-]+")
_LENGTH = 100
"""Characters of a selector or number that are looked at; longer ones mean nothing."""
MOST_MATCHES = 10_000_000
"""Rules times elements times their depth, beyond which nobody wants to wait."""


class Stylesheet:
    """The rules of all `<style>` elements of a document."""

    def __init__(self, texts: list[str]) -> None:
        # by one word of the last part of the selector, so that an element meets few of them
        self._rules: dict[str, dict[tuple[_Words, ...], _Ranked]] = {}
        self._words: dict[Element, _Words] = {}
        order = 0
        for text in texts:
            for head, body in _blocks(_uncommented(text)):
                # what ends in ";" before a rule is an @import or the like
                for selector in head.rpartition(";")[2].split(","):
                    order += 1
                    self._add(selector.strip(), body, order)

    def check(self, elements: int, depth: int, name: str) -> None:
        """Refuse a sheet that takes too long to apply.

        Raises:
            InputError: there are too many rules for that many elements.
        """
        most = max(map(len, self._rules.values()), default=0)
        if most > 1 and most * elements * depth > MOST_MATCHES:
            raise InputError(
                f"{name} has {most} style rules for the same elements, too many to apply; export "
                "it with presentation attributes in place of CSS"
            )

    def declared(self, element: Element, parents: Mapping[Element, Element]) -> Declared:
        """The properties that an element sets, whatever it inherits."""
        found: _Ranked = {
            name: ((0, 0, 0, 0), element.attrib[name].strip())
            for name in _PROPERTIES & element.attrib.keys()
        }
        for word in self._words_of(element):
            for parts, rules in self._rules.get(word, {}).items():
                if self._matches(parts, element, parents):
                    _merge(found, rules)
        _merge(found, _declarations(element.get("style", ""), (1,)))
        return {name: value for name, (_, value) in found.items() if value != "inherit"}

    def _add(self, selector: str, body: str, order: int) -> None:
        texts = selector[: _LENGTH + 1].replace(">", " ").split()
        if not texts or len(selector) > _LENGTH or not all(map(_SIMPLE.fullmatch, texts)):
            return
        parts = tuple(frozenset(_WORD.findall(text)) for text in texts)
        words = sorted(word for part in parts for word in part)
        # ids before classes before elements
        specificity = [sum(word[0] == mark for word in words) for mark in "#."]
        specificity.append(sum(word[0] not in "*.#" for word in words))
        rarest = min(parts[-1], key=lambda word: ("#.".find(word[0]) % 3, word))
        rules = self._rules.setdefault(rarest, {}).setdefault(parts, {})
        _merge(rules, _declarations(body, (0, *specificity, order)))

    def _matches(
        self, parts: tuple[_Words, ...], element: Element, parents: Mapping[Element, Element]
    ) -> bool:
        """Whether an element is what the last part says, inside of what the others say."""
        *outer, last = parts
        if not last <= self._words_of(element):
            return False
        above = parents.get(element)
        while outer and above is not None:
            if outer[-1] <= self._words_of(above):
                outer.pop()
            above = parents.get(above)
        return not outer

    def _words_of(self, element: Element) -> _Words:
        """What selectors can call an element."""
        if element not in self._words:
            classes = (f".{name}" for name in element.get("class", "").split())
            names = ("*", element.tag.rpartition("}")[2], f"#{element.get('id', '')}")
            self._words[element] = frozenset([*names, *classes])
        return self._words[element]


def amount(text: str, whole: float = 1.0) -> float:
    """A number or percentage such as an opacity; `whole` if it is neither.

    >>> amount("0.5"), amount("20%"), amount("?")
    (0.5, 0.2, 1.0)
    """
    text = text[:_LENGTH].strip()
    try:
        return float(text[:-1]) / 100 * whole if text.endswith("%") else float(text)
    except ValueError:
        return whole


@lru_cache(maxsize=1024)
def colour(paint: str) -> str | None:
    """A paint in one spelling, `#rrggbb` where it is a plain colour; None if nothing is painted.

    >>> colour("Black"), colour("rgb(0, 0, 0)"), colour("none"), colour("#0000")
    ('#000000', '#000000', None, None)
    """
    paint = paint[:_LENGTH].strip()
    if paint.lower() == "none":
        return None
    if paint.startswith(("url(", "context-")):
        return paint
    try:
        parsed: Any = Color(paint)
        return None if not parsed.opacity else str(parsed.hex)[:7]
    except (ValueError, TypeError, ArithmeticError):
        return paint


def _uncommented(text: str) -> str:
    """Without comments; by splitting, since a regex takes long over `/*/*/*…`."""
    first, *rest = text.replace("<!--", "").replace("-->", "").split("/*")
    return first + " ".join(part.partition("*/")[2] for part in rest)


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """What stands before and between outermost braces."""
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


def _declarations(text: str, rank: tuple[int, ...]) -> _Ranked:
    found: _Ranked = {}
    for declaration in _uncommented(text).split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip().lower()
        if name in _PROPERTIES and value.strip():
            value, _, flag = value.partition("!")
            is_important = flag.strip().lower() == "important"
            _merge(found, {name: ((int(is_important), *rank), value.strip())})
    return found


def _merge(into: _Ranked, more: _Ranked) -> None:
    for name, ranked in more.items():
        if name not in into or ranked[0] >= into[name][0]:
            into[name] = ranked
