"""Parse and check renderer options: from `key=value` to an instance of an options dataclass.

A field's type is one of int, float, bool, str, a `Literal` of strings or ints, or any of these
`| None`. Its `metadata` may hold `help` (one line), `min` and `max` (both inclusive).

>>> from dataclasses import dataclass, field
>>> @dataclass(frozen=True)
... class Options:
...     crf: int = field(default=18, metadata={"help": "0 is lossless", "min": 0, "max": 51})
>>> parse_options(Options, parse_pairs(["crf=23"]), "mp4")
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
_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True}
_BOOLEANS |= {"false": False, "no": False, "off": False, "0": False}
_ALLOWED = "options are int, float, bool, str, a Literal, or one of these | None"
_RESERVED = ("self", "path", "renderer")
"""Parameters of `Animation.save`, which no option may be named after."""
_TYPE_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


@dataclasses.dataclass(frozen=True)
class OptionInfo:
    """An option as help texts show it: `type` in words, `default` as typed."""

    name: str
    type: str
    default: str
    help: str


def parse_pairs(texts: Iterable[str]) -> dict[str, str]:
    """Parse `["crf=20", "loop=0"]` into a mapping.

    Raises:
        InputError: a text has no `=`, or an option is given twice.

    >>> parse_pairs(["crf=20", "label=a=b"])
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
    """Return the names of the options of an options dataclass."""
    return tuple(field.name for field in dataclasses.fields(options))


def describe_options(options: type[Any]) -> tuple[OptionInfo, ...]:
    """Describe each option of an options dataclass, in the order of its fields."""
    hints = get_type_hints(options)
    return tuple(
        OptionInfo(
            field.name,
            _describe_type(hints[field.name], field.metadata),
            _format_default(field.default),
            str(field.metadata.get("help", "")),
        )
        for field in dataclasses.fields(options)
    )


def check_options(options: type[Any]) -> None:
    """Check that a class can declare options.

    Raises:
        InputError: it is not a frozen dataclass, or a field has no default, a default outside its
            own type and limits, or a type that options can't have.
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
        subject = f"the default of {field.name!r} in {name}"
        if field.name in _RESERVED or not field.init:
            raise InputError(f"{field.name!r} in {name} can't be an option; rename it")
        if field.default is dataclasses.MISSING:
            raise InputError(
                f"{subject} is missing; every option needs one, and no default_factory"
            )
        try:
            value = _convert(field.default, hints[field.name], field.metadata, subject)
        except PluginError as error:
            raise InputError(str(error)) from error
        if type(value) is not type(field.default) and not isinstance(value, float):
            raise InputError(f"{subject} must be {value!r} itself, not {field.default!r}")


def schema(options: type[Any]) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of an object that holds the options.

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
            field.name: _build_property(hints[field.name], field)
            for field in dataclasses.fields(options)
        },
        "additionalProperties": False,
    }


def parse_options(options: type[T], given: Mapping[str, object], renderer: str) -> T:
    """Build an instance of `options` from values, or from text as typed on a command line.

    Raises:
        InputError: an option is unknown, or a value has the wrong type or is out of range.
        PluginError: the dataclass declares a type that options can't have.
    """
    hints = _resolve_hints(options)  # type: ignore[arg-type]  # a class can be hashed
    fields = {field.name: field for field in dataclasses.fields(options)}  # type: ignore[arg-type]
    unknown = [key for key in given if key not in fields]
    if unknown:
        raise unknown_option(unknown[0], fields, renderer)
    values = {
        key: _convert(value, hints[key], fields[key].metadata, f"option {key!r} of {renderer}")
        for key, value in given.items()
    }
    return options(**values)


@cache
def _resolve_hints(options: type[Any]) -> dict[str, Any]:
    """Resolve and cache the type hints; this takes longer than the rest of `parse_options`."""
    return get_type_hints(options)


def unknown_option(key: str, known: Iterable[str], renderer: str) -> InputError:
    """Return the error for an unknown option, with the nearest name and the list of options."""
    known = sorted(known)
    nearest = difflib.get_close_matches(key, known, n=1)
    guess = f"did you mean {nearest[0]!r}? " if nearest else ""
    return InputError(
        f"{renderer} has no option {key!r}; {guess}it has: {', '.join(known) or 'none'}"
    )


def _convert(value: object, hint: Any, limits: Mapping[str, Any], subject: str) -> object:
    """Convert `value` to the type of `hint` and check its limits; `subject` names it in errors."""
    choices = _list_choices(hint, subject)
    try:
        result = _convert_to_any(value, choices)
        low, high = limits.get("min", -math.inf), limits.get("max", math.inf)
        is_number = isinstance(result, int | float) and not isinstance(result, bool)
        if is_number and not low <= result <= high:
            raise ValueError
    except (ValueError, TypeError):
        raise InputError(
            f"{subject} must be {_describe_type(hint, limits)}, not {value!r}"
        ) from None
    return result


def _convert_to_any(value: object, choices: tuple[Any, ...]) -> object:
    """Convert `value` to the first choice that allows it; raise ValueError if none does."""
    text = value.strip() if isinstance(value, str) else value
    for choice in choices:
        with contextlib.suppress(ValueError, TypeError):
            return _convert_to(choice, text)
    raise ValueError


def _convert_to(choice: Any, text: Any) -> object:
    """Convert a value to what `choice` allows; raise ValueError or TypeError if it can't be."""
    if choice is NoneType and text in (None, "none"):
        return None
    if not isinstance(choice, type) and choice is not None:
        if (text == choice and type(text) is type(choice)) or text == str(choice):
            return choice
        raise ValueError
    if choice is bool and (isinstance(text, bool) or str(text).lower() in _BOOLEANS):
        return text if isinstance(text, bool) else _BOOLEANS[str(text).lower()]
    if choice is str and isinstance(text, str):
        return text
    if choice in (int, float) and not isinstance(text, bool):
        number = choice(text)
        # Refuse 2.5 as an int, for int(2.5) is 2, and NaN as a float.
        if (not isinstance(text, float) or number == text) and math.isfinite(number):
            return number
    raise ValueError


def _list_choices(hint: Any, subject: str) -> tuple[Any, ...]:
    """List the types and literal values of a hint, None and literals first, before str."""
    if get_origin(hint) in (Union, UnionType):
        parts = [choice for part in get_args(hint) for choice in _list_choices(part, subject)]
        order = [NoneType, *(part for part in parts if not isinstance(part, type)), *_TYPE_NAMES]
        return tuple(sorted(parts, key=order.index))
    if get_origin(hint) is Literal:
        return get_args(hint)
    if hint in (*_TYPE_NAMES, NoneType):
        return (hint,)
    raise PluginError(f"{subject} is declared as {hint}; {_ALLOWED}")


_JSON_TYPES: dict[Any, str] = {
    int: "integer",
    float: "number",
    bool: "boolean",
    str: "string",
    NoneType: "null",
}


def _build_property(hint: Any, field: dataclasses.Field[Any]) -> dict[str, Any]:
    choices = _list_choices(hint, f"option {field.name!r}")
    types = [_JSON_TYPES[choice] for choice in choices if choice in _JSON_TYPES]
    entry: dict[str, Any] = {}
    if len(types) == len(choices):
        entry["type"] = types[0] if len(types) == 1 else types
    elif not types or types == ["null"]:
        entry["enum"] = [None if choice is NoneType else choice for choice in choices]
    else:
        constants = [{"const": choice} for choice in choices if choice not in _JSON_TYPES]
        entry["anyOf"] = [{"type": name} for name in types] + constants
    for limit, word in (("min", "minimum"), ("max", "maximum")):
        if limit in field.metadata:
            entry[word] = field.metadata[limit]
    if "help" in field.metadata:
        entry["description"] = field.metadata["help"]
    return entry | {"default": field.default}


def _describe_type(hint: Any, limits: Mapping[str, Any]) -> str:
    choices = _list_choices(hint, "an option")
    parts = [_TYPE_NAMES[c] if c in _TYPE_NAMES else str(c) for c in choices if c is not NoneType]
    words = " or ".join(parts) if len(parts) < 3 else "one of " + ", ".join(parts)
    low, high = limits.get("min"), limits.get("max")
    if low is not None and high is not None:
        words += f" from {low} to {high}"
    elif low is not None or high is not None:
        words += f", {'at least' if high is None else 'at most'} {low if high is None else high}"
    if NoneType not in choices:
        return words
    return f"{words}{',' if ' ' in words.removeprefix('a ') else ''} or none"


def _format_default(default: object) -> str:
    if default is None or isinstance(default, bool):
        return str(default).lower()
    return str(default)
