"""QuickDraw ndjson: one JSON object a line, simplified or raw, gzipped or not.

    {"word": "mouth", "key_id": "4510969378111488", "drawing": [[[x, …], [y, …]], …]}

A third list per stroke, as in the raw files, is milliseconds. Other fields (`countrycode`,
`recognized`, …) are passed over. What a reader has to decide:

- a stroke without points says nothing and is dropped;
- a drawing without strokes is kept, so that line numbers and indices stay what they are in the
  file; it can be read, counted and written, but not encoded;
- times count only if every stroke has them;
- coordinates are float32, so integers are exact up to 2²⁴.

Lines are read a block at a time: all of a block at once where they are laid out as QuickDraw's
simplified ones are, else one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing, DrawingArray
from strokeanim.geometry.drawing_array import DrawingArrayBuilder, text_array
from strokeanim.geometry.stroke_formats import from_polylines
from strokeanim.io import _ndjson_vectorised
from strokeanim.io._open import Bytes, as_utf8, reading, writing
from strokeanim.io.limits import Limits, ReadPolicy

DECIMALS = 3
"""Written coordinates and times are rounded to this; whole numbers are written as integers."""

FIELDS = ("word", "key_id")
"""Where label and key are."""

BLOCK = 1 << 19
"""Bytes read at once: few, to be near the processor; enough, that calls of NumPy count little."""


def read_ndjson(file: str | PathLike[str], policy: ReadPolicy = ReadPolicy()) -> DrawingArray:
    """All drawings of an ndjson file, plain or gzipped.

    Blank lines, a byte order mark, UTF-16 with one, and CRLF are tolerated, and so are a missing
    `word` (label "") and `key_id` (key "").

    Raises:
        InputError: the file can't be read, or a line is no drawing; the message names the line.
    """
    gathered = DrawingArrayBuilder()
    with reading(file, policy.limits) as stream:
        for some in parse_ndjson(stream, str(file), policy):
            gathered.add(some)
    return gathered.done()


def parse_ndjson(stream: Bytes, name: str, policy: ReadPolicy) -> Iterator[Sequence[Drawing]]:
    """The drawings in lines of text, some at a time; `name` is what error messages call it.

    Raises:
        InputError: at the first line that is no drawing, if `policy` does not leave it out.
    """
    number = 1
    for lines in _blocks(as_utf8(stream), name, policy.limits):
        drawings = _together(lines, policy.limits)
        if drawings is not None:
            yield drawings
        else:
            yield from _one_by_one(lines, name, number, policy)
        number += len(lines)


def _blocks(stream: Bytes, name: str, limits: Limits) -> Iterator[list[bytes]]:
    """Whole lines, as many at a time as there are in a block or, in a pipe, by then."""
    number, rest = 1, bytearray()
    while piece := stream.read1(BLOCK):
        rest += piece
        end = rest.rfind(b"\n", len(rest) - len(piece)) + 1
        block = bytes(rest[:end])
        del rest[:end]
        lines = block.splitlines(keepends=True) if b"\r" not in block else _at_newlines(block)
        if len(block) + len(rest) > limits.json:
            for place, line in enumerate([*lines, rest], start=number):
                limits.check("json", len(line), f"{name}, line {place},")
        if lines:
            yield lines
        number += len(lines)
    if rest:
        yield [bytes(rest)]


def _at_newlines(block: bytes) -> list[bytes]:
    """`splitlines`, but not at a carriage return alone."""
    *lines, rest = block.split(b"\n")
    return [line + b"\n" for line in lines] + ([rest] if rest else [])


def _together(lines: list[bytes], limits: Limits) -> DrawingArray | None:
    """All the drawings of a block, or None if one of its lines needs a closer look."""
    parts = _ndjson_vectorised.split(lines)
    columns = parts and _ndjson_vectorised.columns(parts[1])
    if not parts or columns is None:
        return None
    points, lengths, counts = columns
    sizes = np.add.reduceat(lengths, np.cumsum(counts) - counts)
    if counts.max() > limits.strokes or sizes.max() > limits.points:
        return None
    try:
        every = orjson.loads(parts[0])
        labels, keys = ([fields.get(field, "") for fields in every] for field in FIELDS)
        if not len(every) == len(counts) == len(lines) or {str} != set(map(type, labels)) | set(
            map(type, keys)
        ):
            return None
        texts = text_array(labels), text_array(keys)
    except ValueError:  # bad UTF-8, bad JSON, or an InputError
        return None
    strokes, bounds = (np.concatenate([[0], np.cumsum(sizes)]) for sizes in (lengths, counts))
    return DrawingArray(points, strokes, bounds, *texts)


def _one_by_one(
    lines: list[bytes], name: str, number: int, policy: ReadPolicy
) -> Iterator[list[Drawing]]:
    for place, line in enumerate(lines, start=number):
        try:
            drawing = _read(line, policy.limits)
        except InputError as error:
            named = InputError(f"{name}, line {place}: {error}")
            named.__cause__ = error.__cause__
            policy.skip(named)
        else:
            yield [] if drawing is None else [drawing]


def _read(line: bytes, limits: Limits) -> Drawing | None:
    """The drawing in a line, or None if the line is blank."""
    if len(line) > BLOCK:  # refuse it before it takes twenty times the memory
        limits.check("strokes", line.count(b"[") // 4, "the drawing")
        limits.check("points", line.count(b",") // 4, "the drawing")
    try:
        try:
            return drawing_of(orjson.loads(line), limits) if line.strip() else None
        except orjson.JSONDecodeError:  # Python's json says better what is wrong
            return drawing_of(_DECODER.decode(line.decode().rstrip("\r\n")), limits)
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text ({error.reason})") from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"invalid JSON at column {error.colno} ({error.msg}); "
            "the file may be cut short, or not ndjson"
        ) from error
    except RecursionError as error:
        raise InputError("JSON nested too deeply") from error
    except InputError:
        raise
    except (ValueError, OverflowError) as error:  # integers beyond measure
        raise InputError(str(error)) from error


def format_line(drawing: Drawing, **extra: object) -> str:
    """One line of ndjson, without the newline; `extra` fields come before `drawing`.

    Label and key are left out where they are "". Non-ASCII text is escaped.

    >>> format_line(Drawing([[(0, 0.5), (3, 4)]], label="nose"), frame=2)
    '{"word":"nose","frame":2,"drawing":[[[0,3],[0.5,4]]]}'
    """
    times: Iterable[npt.NDArray[np.float32] | None] = drawing.times or [None] * len(drawing.strokes)
    fields: dict[str, object] = {"word": drawing.label, "key_id": drawing.key}
    fields = {name: value for name, value in fields.items() if value} | extra
    fields["drawing"] = [
        [_numbers(values) for values in (stroke[:, 0], stroke[:, 1], time) if values is not None]
        for stroke, time in zip(drawing.strokes, times, strict=True)
    ]
    return json.dumps(fields, separators=(",", ":"), allow_nan=False)


def write_ndjson(drawings: Iterable[Drawing], file: str | PathLike[str]) -> None:
    """Write one drawing a line, gzipped if the name ends in `.gz`; the file appears whole or not.

    The same drawings give the same bytes. Coordinates and times keep three decimals.

    Raises:
        OutputError: the file can't be written; nothing is left of it.
    """
    with writing(file) as sink:
        sink.writelines(format_line(drawing).encode("ascii") + b"\n" for drawing in drawings)


def no_constant(name: str) -> None:
    """Refuse what Python's JSON knows and JSON does not."""
    raise InputError(f"{name} is no number that JSON knows, and no coordinate")


_DECODER = json.JSONDecoder(parse_constant=no_constant)


def drawing_of(fields: Any, limits: Limits) -> Drawing:
    """What a QuickDraw object describes.

    Raises:
        InputError: it is no such object, or has more than `limits` allow.
    """
    if not isinstance(fields, dict):
        raise InputError(f"a drawing is a JSON object, not {_kind(fields)}")
    if "drawing" not in fields:
        raise InputError("the object has no 'drawing'; is it QuickDraw ndjson?")
    label, key = named(fields)
    strokes = fields["drawing"]
    if not isinstance(strokes, list):
        raise InputError(f"'drawing' must be a list of strokes, not {_kind(strokes)}")
    limits.check("strokes", len(strokes), "the drawing")
    for place, stroke in enumerate(strokes):
        _check(stroke, place)
    limits.check("points", sum(len(stroke[0]) for stroke in strokes), "the drawing")
    inked = [stroke for stroke in strokes if stroke[0] or len(set(map(len, stroke))) > 1]
    return from_polylines(inked, label, key)


def named(fields: dict[str, Any], names: tuple[str, str] = FIELDS) -> tuple[str, str]:
    """Label and key, "" where there is none.

    Raises:
        InputError: one is neither text nor a whole number, or holds half a character.
    """
    label, key = map(fields.get, names)
    if not isinstance(label, str | None):
        raise InputError(f"'{names[0]}' must be a string, not {_kind(label)}")
    if not isinstance(key, str | int | None) or isinstance(key, bool):
        raise InputError(f"'{names[1]}' must be a string, not {_kind(key)}")
    label, key = label or "", "" if key is None else str(key)
    if not (label.isascii() and key.isascii()):
        text_array([label, key])
    return label, key


def _check(stroke: Any, place: int) -> None:
    """NumPy would take "7" and true for numbers and null for NaN; a file that has them is wrong."""
    if not (isinstance(stroke, list) and 2 <= len(stroke) <= 3):
        raise InputError(f"stroke {place} must be lists of x and y, and maybe of ms")
    for values in stroke:
        if not isinstance(values, list):
            raise InputError(f"stroke {place} holds {_kind(values)} where a list must be")
        for wrong in set(map(type, values)) - {int, float}:
            odd = next(value for value in values if type(value) is wrong)
            raise InputError(f"stroke {place} holds {_kind(odd)} where a number must be")


def _kind(value: object) -> str:
    """What JSON calls it."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return names.get(type(value), "null" if value is None else f"the number {value}")


def _numbers(values: npt.NDArray[np.float32]) -> list[float]:
    rounded: list[float] = np.round(values.astype(np.float64), DECIMALS).tolist()
    return [int(value) if value.is_integer() else value for value in rounded]
