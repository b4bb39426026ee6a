"""Read and write QuickDraw ndjson: one JSON object a line, simplified or raw.

    {"word": "mouth", "key_id": "4510969378111488", "drawing": [[[x, …], [y, …]], …]}

A third list per stroke, as in the raw files, holds milliseconds. Files may be gzipped. The reader

- ignores other fields (`countrycode`, `recognized`, …);
- drops a stroke without points;
- keeps a drawing without strokes, so that line numbers and indices stay those of the file; it can
  be read, counted and written, but not encoded;
- keeps times only if every stroke has them;
- stores coordinates as float32, so integers are exact up to 2²⁴.

It parses all lines of a block at once (`_ndjson_vectorised`) if they are laid out as in QuickDraw's
simplified files, else one by one.
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
from strokeanim.io._open import Bytes, as_utf8, open_reader, open_writer
from strokeanim.io.limits import Limits, ReadPolicy

DECIMALS = 3
"""Decimals of written coordinates and times; whole numbers are written as integers."""

FIELDS = ("word", "key_id")
"""The fields of label and key."""

BLOCK = 1 << 19
"""Bytes read at once: few enough for the processor's cache, enough to amortise calls of NumPy."""


def read_ndjson(file: str | PathLike[str], policy: ReadPolicy = ReadPolicy()) -> DrawingArray:
    """Read all drawings of an ndjson file, plain or gzipped.

    Blank lines, a byte order mark, UTF-16 with one, and CRLF are tolerated, and so are a missing
    `word` (label "") and `key_id` (key "").

    Raises:
        InputError: the file can't be read, or a line is no drawing; the message names the line.
    """
    builder = DrawingArrayBuilder()
    with open_reader(file, policy.limits) as stream:
        for drawings in parse_ndjson(stream, str(file), policy):
            builder.add(drawings)
    return builder.done()


def parse_ndjson(stream: Bytes, name: str, policy: ReadPolicy) -> Iterator[Sequence[Drawing]]:
    """Yield the drawings in lines of text, several at a time.

    Args:
        stream: the text, in UTF-8 or UTF-16.
        name: its name in error messages.
        policy: limits, and the treatment of bad lines.

    Raises:
        InputError: at the first line that is no drawing, unless `policy` leaves it out.
    """
    number = 1
    for lines in _read_blocks(as_utf8(stream), name, policy.limits):
        drawings = _parse_block(lines, policy.limits)
        if drawings is not None:
            yield drawings
        else:
            yield from _parse_lines(lines, name, number, policy)
        number += len(lines)


def _read_blocks(stream: Bytes, name: str, limits: Limits) -> Iterator[list[bytes]]:
    """Yield whole lines: those of a block or, in a pipe, those written so far."""
    number, rest = 1, bytearray()
    while piece := stream.read1(BLOCK):
        rest += piece
        end = rest.rfind(b"\n", len(rest) - len(piece)) + 1
        block = bytes(rest[:end])
        del rest[:end]
        lines = block.splitlines(keepends=True) if b"\r" not in block else _split_at_newlines(block)
        if len(block) + len(rest) > limits.json:
            for line_number, line in enumerate([*lines, rest], start=number):
                limits.check("json", len(line), f"{name}, line {line_number},")
        if lines:
            yield lines
        number += len(lines)
    if rest:
        yield [bytes(rest)]


def _split_at_newlines(block: bytes) -> list[bytes]:
    """Split as `splitlines` does, but not at a carriage return alone."""
    *lines, rest = block.split(b"\n")
    return [line + b"\n" for line in lines] + ([rest] if rest else [])


def _parse_block(lines: list[bytes], limits: Limits) -> DrawingArray | None:
    """Parse all lines of a block at once; return None if one needs `_parse_lines`."""
    parts = _ndjson_vectorised.split(lines)
    columns = parts and _ndjson_vectorised.columns(parts[1])
    if not parts or columns is None:
        return None
    points, lengths, counts = columns
    sizes = np.add.reduceat(lengths, np.cumsum(counts) - counts)
    if counts.max() > limits.strokes or sizes.max() > limits.points:
        return None
    try:
        objects = orjson.loads(parts[0])
        labels, keys = ([fields.get(field, "") for fields in objects] for field in FIELDS)
        if not len(objects) == len(counts) == len(lines) or {str} != set(map(type, labels)) | set(
            map(type, keys)
        ):
            return None
        texts = text_array(labels), text_array(keys)
    except ValueError:  # bad UTF-8, bad JSON, or an InputError
        return None
    strokes, bounds = (np.concatenate([[0], np.cumsum(sizes)]) for sizes in (lengths, counts))
    return DrawingArray(points, strokes, bounds, *texts)


def _parse_lines(
    lines: list[bytes], name: str, number: int, policy: ReadPolicy
) -> Iterator[list[Drawing]]:
    for line_number, line in enumerate(lines, start=number):
        try:
            drawing = _parse_line(line, policy.limits)
        except InputError as error:
            named = InputError(f"{name}, line {line_number}: {error}")
            named.__cause__ = error.__cause__
            policy.skip(named)
        else:
            yield [] if drawing is None else [drawing]


def _parse_line(line: bytes, limits: Limits) -> Drawing | None:
    """Parse the drawing in a line; return None if the line is blank."""
    if len(line) > BLOCK:  # refuse it before parsing takes twenty times the memory
        limits.check("strokes", line.count(b"[") // 4, "the drawing")
        limits.check("points", line.count(b",") // 4, "the drawing")
    try:
        try:
            return build_drawing(orjson.loads(line), limits) if line.strip() else None
        except orjson.JSONDecodeError:  # Python's json explains the error better
            return build_drawing(_DECODER.decode(line.decode().rstrip("\r\n")), limits)
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
    except (ValueError, OverflowError) as error:  # integers too large
        raise InputError(str(error)) from error


def format_line(drawing: Drawing, **extra: object) -> str:
    """Format a drawing as one line of ndjson, without the newline.

    `extra` fields come before `drawing`. An empty label or key is omitted, non-ASCII text escaped.

    >>> format_line(Drawing([[(0, 0.5), (3, 4)]], label="nose"), frame=2)
    '{"word":"nose","frame":2,"drawing":[[[0,3],[0.5,4]]]}'
    """
    times: Iterable[npt.NDArray[np.float32] | None] = drawing.times or [None] * len(drawing.strokes)
    fields: dict[str, object] = {"word": drawing.label, "key_id": drawing.key}
    fields = {name: value for name, value in fields.items() if value} | extra
    fields["drawing"] = [
        [_round(values) for values in (stroke[:, 0], stroke[:, 1], time) if values is not None]
        for stroke, time in zip(drawing.strokes, times, strict=True)
    ]
    return json.dumps(fields, separators=(",", ":"), allow_nan=False)


def write_ndjson(drawings: Iterable[Drawing], file: str | PathLike[str]) -> None:
    """Write one drawing a line, gzipped if the name ends in `.gz`.

    The file appears complete or not at all. The same drawings give the same bytes. Coordinates and
    times keep three decimals.

    Raises:
        OutputError: the file can't be written; nothing is left of it.
    """
    with open_writer(file) as sink:
        sink.writelines(format_line(drawing).encode("ascii") + b"\n" for drawing in drawings)


def refuse_constant(name: str) -> None:
    """Raise an error for NaN or Infinity, which Python's parser accepts but JSON lacks."""
    raise InputError(f"{name} is no number in JSON, and no coordinate")


_DECODER = json.JSONDecoder(parse_constant=refuse_constant)


def build_drawing(fields: Any, limits: Limits) -> Drawing:
    """Build the drawing that a QuickDraw object describes.

    Raises:
        InputError: `fields` is no such object, or exceeds `limits`.
    """
    if not isinstance(fields, dict):
        raise InputError(f"a drawing is a JSON object, not {_describe(fields)}")
    if "drawing" not in fields:
        raise InputError("the object has no 'drawing'; is it QuickDraw ndjson?")
    label, key = label_and_key(fields)
    strokes = fields["drawing"]
    if not isinstance(strokes, list):
        raise InputError(f"'drawing' must be a list of strokes, not {_describe(strokes)}")
    limits.check("strokes", len(strokes), "the drawing")
    for index, stroke in enumerate(strokes):
        _check_stroke(stroke, index)
    limits.check("points", sum(len(stroke[0]) for stroke in strokes), "the drawing")
    nonempty = [stroke for stroke in strokes if stroke[0] or len(set(map(len, stroke))) > 1]
    return from_polylines(nonempty, label, key)


def label_and_key(fields: dict[str, Any], names: tuple[str, str] = FIELDS) -> tuple[str, str]:
    """Return label and key, "" for a missing one.

    Raises:
        InputError: the label is not text, the key neither text nor a whole number, or one holds a
            lone surrogate.
    """
    label, key = map(fields.get, names)
    if not isinstance(label, str | None):
        raise InputError(f"'{names[0]}' must be a string, not {_describe(label)}")
    if not isinstance(key, str | int | None) or isinstance(key, bool):
        raise InputError(f"'{names[1]}' must be a string, not {_describe(key)}")
    label, key = label or "", "" if key is None else str(key)
    if not (label.isascii() and key.isascii()):
        text_array([label, key])
    return label, key


def _check_stroke(stroke: Any, index: int) -> None:
    """Raise an error unless a stroke is two or three lists of numbers.

    NumPy would take "7" and true for numbers and null for NaN; a file with them is wrong.
    """
    if not (isinstance(stroke, list) and 2 <= len(stroke) <= 3):
        raise InputError(f"stroke {index} must be lists of x and y, and optionally of ms")
    for values in stroke:
        if not isinstance(values, list):
            raise InputError(f"stroke {index} holds {_describe(values)} where a list must be")
        for wrong in set(map(type, values)) - {int, float}:
            odd = next(value for value in values if type(value) is wrong)
            raise InputError(f"stroke {index} holds {_describe(odd)} where a number must be")


def _describe(value: object) -> str:
    """Describe a value in the terms of JSON."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return names.get(type(value), "null" if value is None else f"the number {value}")


def _round(values: npt.NDArray[np.float32]) -> list[float]:
    rounded: list[float] = np.round(values.astype(np.float64), DECIMALS).tolist()
    return [int(value) if value.is_integer() else value for value in rounded]
