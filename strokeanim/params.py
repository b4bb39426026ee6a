"""Renderer options: from `key=value` to a checked instance of an options dataclass.

A field's type is one of int, float, bool, str, a `Literal` of strings or ints, or any of these
`| None`. Its `metadata` may hold `help` (one line), `min` and `max` (both inclusive).

>>> from dataclasses import dataclass, field
>>> @dataclass(frozen=True)
... class Options:
...     crf: int = field(default=18, metadata={"help": "0 is lossless", "min": 0, "max": 51})
>>> parse(Options, pairs(["crf=23"]), "mp4")
Options(crf=23)
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import math
from collections.abc import Iterable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from strokeanim.errors import InputError, PluginError

T = TypeVar("T")
_WORDS = {"true": True, "yes": True, "on": True, "1": True}
_WORDS |= {"false": False, "no": False, "off": False, "0": False}
_ALLOWED = "options are int, float, bool, str, a Literal, or one of these | None"
_TAKEN = ("self", "path", "renderer")
"""Names that `Animation.save` has a use for."""
_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


@dataclasses.dataclass(frozen=True)
class OptionInfo:
    """One option, for help texts: `type` in words, `default` as one would type it."""

    name: str
    type: str
    default: str
    help: str


def parse_pairs(texts: Iterable[str]) -> dict[str, str]:
    """`["crf=20", "loop=0"]` as a mapping.

    Raises:
        InputError: something without `=`, or an option given twice.

    >>> pairs(["crf=20", "label=a=b"])
    {'crf': '20', 'label': 'a=b'}
    """
    given: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        key = key.strip().replace("-", "_")
        if not equals or not key:
            raise InputError(f"option {text!r} is not of the form key=value")
        if key in given:
            raise InputError(f"option {key!r} is given twice; keep one")
        given[key] = value.strip()
    return given


def option_names(options: type[Any]) -> tuple[str, ...]:
    """The options an options dataclass has."""
    return tuple(field.name for field in dataclasses.fields(options))


def describe(options: type[Any]) -> tuple[OptionInfo, ...]:
    """What there is to say about each option, in the order of the fields."""
    hints = get_type_hints(options)
    return tuple(
        OptionInfo(
            field.name,
            _words(hints[field.name], field.metadata),
            _shown(field.default),
            str(field.metadata.get("help", "")),
        )
        for field in dataclasses.fields(options)
    )


def check(options: type[Any]) -> None:
    """Make sure that a class can describe options.

    Raises:
        InputError: it is no frozen dataclass, a field has no default or one that the field's own
            type and limits refuse, or a type that options can't have.
    """
    name = getattr(options, "__qualname__", repr(options))
    parameters = getattr(options, "__dataclass_params__", None)
    if not isinstance(options, type) or parameters is None or not parameters.frozen:
        raise InputError(f"options are declared by a @dataclass(frozen=True), which {name} is not")
    try:
        hints = get_type_hints(options)
    except Exception as error:
        raise InputError(f"a type in {name} can't be understood: {error}; {_ALLOWED}") from error
    for field in dataclasses.fields(options):
        place = f"the default of {field.name!r} in {name}"
        if field.name in _TAKEN or not field.init:
            raise InputError(f"{field.name!r} in {name} can't be an option; rename it")
        if field.default is dataclasses.MISSING:
            raise InputError(f"{place} is missing; every option needs one, and no default_factory")
        try:
            found = _value(field.default, hints[field.name], field.metadata, place)
        except PluginError as error:
            raise InputError(str(error)) from error
        if type(found) is not type(field.default) and not isinstance(found, float):
            raise InputError(f"{place} must be {found!r} itself, not {field.default!r}")


def schema(options: type[Any]) -> dict[str, Any]:
    """The options as a JSON schema (draft 2020-12) of one object.

    >>> from dataclasses import dataclass, field
    >>> @dataclass(frozen=True)
    ... class Options:
    ...     crf: int = field(default=18, metadata={"help": "0 is lossless", "min": 0, "max": 51})
    >>> schema(Options)["properties"]["crf"]["maximum"]
    51
    """
    hints = get_type_hints(options)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            field.name: _property(hints[field.name], field) for field in dataclasses.fields(options)
        },
        "additionalProperties": False,
    }


def parse_options(options: type[T], given: Mapping[str, object], renderer: str) -> T:
    """An instance of `options` from values, or from text as typed on a command line.

    Raises:
        InputError: an unknown option, or a value of the wrong type or out of range.
        PluginError: the dataclass declares a type that options can't have.
    """
    hints = _hints(options)  # type: ignore[arg-type]  # a class can be hashed
    fields = {field.name: field for field in dataclasses.fields(options)}  # type: ignore[arg-type]
    unknown = [key for key in given if key not in fields]
    if unknown:
        raise unknown_option(unknown[0], fields, renderer)
    values = {
        key: _value(value, hints[key], fields[key].metadata, f"option {key!r} of {renderer}")
        for key, value in given.items()
    }
    return options(**values)


@cache
def _hints(options: type[Any]) -> dict[str, Any]:
    """They are kept, since working them out takes longer than all the rest of `parse_options`."""
    return get_type_hints(options)


def unknown_option(key: str, known: Iterable[str], renderer: str) -> InputError:
    """The error for an option nobody knows: the nearest one, and the list."""
    known = sorted(known)
    nearest = difflib.get_close_matches(key, known, n=1)
    guess = f"did you mean {nearest[0]!r}? " if nearest else ""
    return InputError(
        f"{renderer} has no option {key!r}; {guess}it has: {', '.join(known) or 'none'}"
    )


def _value(value: object, hint: Any, limits: Mapping[str, Any], place: str) -> object:
    choices = _choices(hint, place)
    try:
        found = _converted(value, choices)
        low, high = limits.get("min", -math.inf), limits.get("max", math.inf)
        is_number = isinstance(found, int | float) and not isinstance(found, bool)
        if is_number and not low <= found <= high:
            raise ValueError
    except (ValueError, TypeError):
        raise InputError(f"{place} must be {_words(hint, limits)}, not {value!r}") from None
    return found


def _converted(value: object, choices: tuple[Any, ...]) -> object:
    text = value.strip() if isinstance(value, str) else value
    for choice in choices:
        with contextlib.suppress(ValueError, TypeError):
            return _as(choice, text)
    raise ValueError


def _as(choice: Any, text: Any) -> object:
    """The value as what this choice allows; raises if it is not that."""
    if choice is NoneType and text in (None, "none"):
        return None
    if not isinstance(choice, type) and choice is not None:
        if (text == choice and type(text) is type(choice)) or text == str(choice):
            return choice
        raise ValueError
    if choice is bool and (isinstance(text, bool) or str(text).lower() in _WORDS):
        return text if isinstance(text, bool) else _WORDS[str(text).lower()]
    if choice is str and isinstance(text, str):
        return text
    if choice in (int, float) and not isinstance(text, bool):
        number = choice(text)
        # int(2.5) is 2, and float("nan") is a float: neither is what was meant.
        if (not isinstance(text, float) or number == text) and math.isfinite(number):
            return number
    raise ValueError


def _choices(hint: Any, place: str) -> tuple[Any, ...]:
    """The types and literal values a hint allows: None and words first, or they would be text."""
    if get_origin(hint) in (Union, UnionType):
        parts = [one for part in get_args(hint) for one in _choices(part, place)]
        order = [NoneType, *(part for part in parts if not isinstance(part, type)), *_NAMES]
        return tuple(sorted(parts, key=order.index))
    if get_origin(hint) is Literal:
        return get_args(hint)
    if hint in (*_NAMES, NoneType):
        return (hint,)
    raise PluginError(f"{place} is declared as {hint}; {_ALLOWED}")


_JSON_TYPES: dict[Any, str] = {
    int: "integer",
    float: "number",
    bool: "boolean",
    str: "string",
    NoneType: "null",
}


def _property(hint: Any, field: dataclasses.Field[Any]) -> dict[str, Any]:
    choices = _choices(hint, f"option {field.name!r}")
    types = [_JSON_TYPES[one] for one in choices if one in _JSON_TYPES]
    found: dict[str, Any] = {}
    if len(types) == len(choices):
        found["type"] = types[0] if len(types) == 1 else types
    elif not types or types == ["null"]:
        found["enum"] = [None if one is NoneType else one for one in choices]
    else:
        constants = [{"const": one} for one in choices if one not in _JSON_TYPES]
        found["anyOf"] = [{"type": one} for one in types] + constants
    for limit, word in (("min", "minimum"), ("max", "maximum")):
        if limit in field.metadata:
            found[word] = field.metadata[limit]
    if "help" in field.metadata:
        found["description"] = field.metadata["help"]
    return found | {"default": field.default}


def _words(hint: Any, limits: Mapping[str, Any]) -> str:
    choices = _choices(hint, "an option")
    parts = [_NAMES[one] if one in _NAMES else str(one) for one in choices if one is not NoneType]
    words = " or ".join(parts) if len(parts) < 3 else "one of " + ", ".join(parts)
    low, high = limits.get("min"), limits.get("max")
    if low is not None and high is not None:
        words += f" from {low} to {high}"
    elif low is not None or high is not None:
        words += f", {'at least' if high is None else 'at most'} {low if high is None else high}"
    if NoneType not in choices:
        return words
    return f"{words}{',' if ' ' in words.removeprefix('a ') else ''} or none"


def _shown(default: object) -> str:
    if default is None or isinstance(default, bool):
        return str(default).lower()
    return str(default)
