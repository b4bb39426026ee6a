"""QuickDraw ndjson: one JSON object a line, simplified or raw, gzipped or not.

    {"word": "mouth", "key_id": "4510969378111488", "drawing": [[[x, …], [y, …]], …]}

A third list per stroke, as in the raw files, is milliseconds. Other fields (`countrycode`,
`recognized`, …) are passed over. What a reader has to decide:

- a stroke without points says nothing and is dropped;
- a drawing without strokes is kept, so that line numbers and indices stay what they are in the
  file; it can be read, counted and written, but not encoded;
- times count only if every stroke has them;
- coordinates are float32, so integers are exact up to 2²⁴.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from os import PathLike, fspath
from typing import Any

import numpy as np
import numpy.typing as npt

from strokeanim.data._open import reading
from strokeanim.errors import InputError
from strokeanim.files import replacing
from strokeanim.strokes import Drawing
from strokeanim.strokes.formats import from_polylines

DECIMALS = 3
"""Written coordinates and times are rounded to this; whole numbers are written as integers."""

BOM = "\ufeff"


def read_ndjson(file: str | PathLike[str]) -> list[Drawing]:
    """All drawings of an ndjson file, plain or gzipped.

    Blank lines, a byte order mark and CRLF are tolerated, and so are a missing `word` (label "")
    and `key_id` (key "").

    Raises:
        InputError: the file can't be read, or a line is no drawing; the message names the line.
    """
    with reading(file) as stream:
        return list(parse_ndjson(stream, str(file)))


def parse_ndjson(lines: Iterable[bytes], name: str) -> Iterator[Drawing]:
    """The drawings in UTF-8 lines, one after the other; `name` is what error messages call them.

    Raises:
        InputError: at the first line that is no drawing.
    """
    for number, line in enumerate(lines, start=1):
        try:
            text = line.decode("utf-8")
            if number == 1:
                text = text.removeprefix(BOM)
            if text.strip():
                yield _drawing(_DECODER.decode(text))
        except UnicodeDecodeError as error:
            raise InputError(f"{name}, line {number}: not UTF-8 text ({error.reason})") from error
        except json.JSONDecodeError as error:
            raise InputError(
                f"{name}, line {number}: invalid JSON at column {error.colno} ({error.msg}); "
                "the file may be cut short, or not ndjson"
            ) from error
        except RecursionError as error:
            raise InputError(f"{name}, line {number}: JSON nested too deeply") from error
        except (ValueError, OverflowError) as error:  # InputError, and integers beyond measure
            raise InputError(f"{name}, line {number}: {error}") from error


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
    lines = (format_line(drawing).encode("ascii") + b"\n" for drawing in drawings)
    with replacing(file) as stream:
        if fspath(file).lower().endswith(".gz"):
            # neither name nor time of day in the header: same drawings, same bytes
            with gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packed:
                packed.writelines(lines)
        else:
            stream.writelines(lines)


def _no_constant(name: str) -> None:
    raise InputError(f"{name} is no number that JSON knows, and no coordinate")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _drawing(fields: Any) -> Drawing:
    if not isinstance(fields, dict):
        raise InputError(f"a drawing is a JSON object, not {_kind(fields)}")
    if "drawing" not in fields:
        raise InputError("the object has no 'drawing'; is it QuickDraw ndjson?")
    label, key, strokes = fields.get("word"), fields.get("key_id"), fields["drawing"]
    if not isinstance(label, str | None):
        raise InputError(f"'word' must be a string, not {_kind(label)}")
    if not isinstance(key, str | int | None) or isinstance(key, bool):
        raise InputError(f"'key_id' must be a string, not {_kind(key)}")
    if not isinstance(strokes, list):
        raise InputError(f"'drawing' must be a list of strokes, not {_kind(strokes)}")
    for place, stroke in enumerate(strokes):
        _check(stroke, place)
    inked = [stroke for stroke in strokes if stroke[0] or len(set(map(len, stroke))) > 1]
    return from_polylines(inked, label or "", "" if key is None else str(key))


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
