"""JSON documents of drawings: strokeanim's own, which loses nothing, and arrays of QuickDraw's.

    {"format": "strokeanim drawings", "version": 1, "drawings": [
      {"label": "mouth", "key": "17", "strokes": [[[0, 0.5], [3, 4]], …], "times": [[0, 16], …]}
    ]}

`times`, milliseconds per point, may be missing, and so may `label` and `key`. Numbers have as many
decimals as give the same float32. What others may have is read as well: a list of such objects,
or of QuickDraw's, or one alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing
from strokeanim.io._open import writing
from strokeanim.io.limits import Limits, ReadPolicy
from strokeanim.io.ndjson import drawing_of, named, no_constant

FORMAT, VERSION = "strokeanim drawings", 1


def parse_document(data: bytes, name: str, policy: ReadPolicy) -> Iterator[list[Drawing]]:
    """The drawings in UTF-8 JSON, one after the other; `name` is what error messages call it.

    Raises:
        InputError: no JSON (with line and column), another version, or a drawing that is none, if
            `policy` does not leave it out.
    """
    for place, fields in enumerate(_listed(_parsed(data, name), name)):
        try:
            drawing = _drawing(fields, policy.limits)
        except (InputError, OverflowError) as error:  # OverflowError: integers beyond measure
            policy.skip(InputError(f"{name}, drawing {place}: {error}"))
        else:
            yield [drawing]


def write_document(drawings: Iterable[Drawing], file: str | PathLike[str]) -> None:
    """Write one drawing a line; the file appears whole or not at all.

    Raises:
        OutputError: the file can't be written; nothing is left of it.
    """
    head = json.dumps({"format": FORMAT, "version": VERSION, "drawings": []})
    with writing(file) as sink:
        sink.write(head.removesuffix("]}").encode())
        for place, drawing in enumerate(drawings):
            sink.write((",\n" if place else "\n").encode())
            sink.write(json.dumps(_fields(drawing), separators=(",", ":")).encode())
        sink.write(b"\n]}\n")


def _parsed(data: bytes, name: str) -> Any:
    try:
        return json.loads(data.decode("utf-8"), parse_constant=no_constant)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{name}, line {line}: not UTF-8 text ({error.reason})") from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"{name}, line {error.lineno}: invalid JSON at column {error.colno} ({error.msg}); "
            "the file may be cut short"
        ) from error
    except RecursionError as error:
        raise InputError(f"{name}: JSON nested too deeply") from error
    except ValueError as error:  # InputError, and integers of thousands of digits
        raise InputError(f"{name}: {error}") from error


def _listed(document: Any, name: str) -> list[Any]:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        raise InputError(f"{name}: the JSON is no object and no list; it holds no drawings")
    if "strokes" in document or "drawing" in document:
        return [document]
    if not isinstance(document.get("drawings"), list):
        raise InputError(f"{name}: the object has no list of 'drawings'; is it another JSON?")
    version = document.get("version", VERSION)
    if version != VERSION:
        raise InputError(
            f"{name}: version {version!r}; this strokeanim reads {VERSION}: upgrade it"
        )
    return list(document["drawings"])


def _drawing(fields: Any, limits: Limits) -> Drawing:
    if not isinstance(fields, dict) or "strokes" not in fields:
        return drawing_of(fields, limits)
    label, key = named(fields, ("label", "key"))
    strokes, times = fields["strokes"], fields.get("times")
    if not isinstance(strokes, list) or not isinstance(times, list | None):
        raise InputError("'strokes' and 'times' must be lists")
    limits.check("strokes", len(strokes), "the drawing")
    points = sum(len(stroke) for stroke in strokes if isinstance(stroke, list))
    limits.check("points", points, "the drawing")
    pairs = [_numbers(stroke, 2, f"stroke {place}") for place, stroke in enumerate(strokes)]
    if times is None:
        return Drawing(pairs, label, key)
    stamps = [_numbers(time, 1, f"times of stroke {place}") for place, time in enumerate(times)]
    return Drawing(pairs, label, key, stamps)


def _numbers(values: Any, axes: int, where: str) -> npt.NDArray[np.float64]:
    """Numbers, or pairs of them; NumPy would take "7" and true for numbers and null for NaN."""
    what = "numbers" if axes == 1 else "pairs [x, y]"
    if not isinstance(values, list):
        raise InputError(f"{where}: must be a list of {what}")
    rows = [values] if axes == 1 else values
    for place, row in enumerate(rows):
        plain = isinstance(row, list) and set(map(type, row)) <= {int, float}
        if not plain or (axes == 2 and len(row) != 2):
            raise InputError(
                f"{where}: must be {what}" + (f", not at {place}" if axes == 2 else "")
            )
    return np.array(values, np.float64)


def _fields(drawing: Drawing) -> dict[str, Any]:
    fields: dict[str, Any] = {"label": drawing.label, "key": drawing.key}
    fields = {name: value for name, value in fields.items() if value}
    fields["strokes"] = [list(zip(*_short(stroke), strict=True)) for stroke in drawing.strokes]
    if drawing.times is not None:
        fields["times"] = [_short(time[:, None])[0] for time in drawing.times]
    return fields


def _short(values: npt.NDArray[np.float32]) -> list[list[float]]:
    """The columns of an array, each number with as few decimals as give the same float32."""
    exact = values.astype(np.float64)
    short = exact.copy()
    for decimals in range(6, -1, -1):
        rounded = np.round(exact, decimals)
        same = rounded.astype(np.float32) == values
        short[same] = rounded[same]
    return [
        [int(value) if value.is_integer() else value for value in column]
        for column in short.T.tolist()
    ]
