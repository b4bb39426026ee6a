"""Read and write JSON documents of drawings, without loss.

    {"format": "strokeanim drawings", "version": 1, "drawings": [
      {"label": "mouth", "key": "17", "strokes": [[[0, 0.5], [3, 4]], …], "times": [[0, 16], …]}
    ]}

`times`, milliseconds per point, may be missing, and so may `label` and `key`. Numbers have as many
decimals as give the same float32. The reader also accepts a list of such objects or of QuickDraw
ones (`ndjson`), or a single object.
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
from strokeanim.io._open import open_writer
from strokeanim.io.limits import Limits, ReadPolicy
from strokeanim.io.ndjson import build_drawing, label_and_key, refuse_constant

FORMAT, VERSION = "strokeanim drawings", 1


def parse_document(data: bytes, name: str, policy: ReadPolicy) -> Iterator[list[Drawing]]:
    """Yield the drawings of UTF-8 JSON, each in a list of its own.

    Args:
        data: the bytes of the document.
        name: its name in error messages.
        policy: limits, and the treatment of bad drawings.

    Raises:
        InputError: invalid JSON (with line and column), another version, or an invalid drawing
            unless `policy` leaves it out.
    """
    for index, fields in enumerate(_list_objects(_parse_json(data, name), name)):
        try:
            drawing = _parse_drawing(fields, policy.limits)
        except (
            InputError,
            OverflowError,
        ) as error:  # OverflowError: integers too large for a float
            policy.skip(InputError(f"{name}, drawing {index}: {error}"))
        else:
            yield [drawing]


def write_document(drawings: Iterable[Drawing], file: str | PathLike[str]) -> None:
    """Write one drawing a line; the file appears complete or not at all.

    Raises:
        OutputError: the file can't be written; nothing is left of it.
    """
    head = json.dumps({"format": FORMAT, "version": VERSION, "drawings": []})
    with open_writer(file) as sink:
        sink.write(head.removesuffix("]}").encode())
        for index, drawing in enumerate(drawings):
            sink.write((",\n" if index else "\n").encode())
            sink.write(json.dumps(_serialise(drawing), separators=(",", ":")).encode())
        sink.write(b"\n]}\n")


def _parse_json(data: bytes, name: str) -> Any:
    try:
        return json.loads(data.decode("utf-8"), parse_constant=refuse_constant)
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


def _list_objects(document: Any, name: str) -> list[Any]:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        raise InputError(f"{name}: the JSON is neither an object nor a list; it holds no drawings")
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


def _parse_drawing(fields: Any, limits: Limits) -> Drawing:
    if not isinstance(fields, dict) or "strokes" not in fields:
        return build_drawing(fields, limits)
    label, key = label_and_key(fields, ("label", "key"))
    strokes, times = fields["strokes"], fields.get("times")
    if not isinstance(strokes, list) or not isinstance(times, list | None):
        raise InputError("'strokes' and 'times' must be lists")
    limits.check("strokes", len(strokes), "the drawing")
    points = sum(len(stroke) for stroke in strokes if isinstance(stroke, list))
    limits.check("points", points, "the drawing")
    pairs = [_parse_numbers(stroke, 2, f"stroke {index}") for index, stroke in enumerate(strokes)]
    if times is None:
        return Drawing(pairs, label, key)
    stamps = [
        _parse_numbers(time, 1, f"times of stroke {index}") for index, time in enumerate(times)
    ]
    return Drawing(pairs, label, key, stamps)


def _parse_numbers(values: Any, axes: int, where: str) -> npt.NDArray[np.float64]:
    """Build an array of numbers (axes 1) or of pairs (axes 2).

    The types are checked first: NumPy would take "7" and true for numbers and null for NaN.
    """
    what = "numbers" if axes == 1 else "pairs [x, y]"
    if not isinstance(values, list):
        raise InputError(f"{where}: must be a list of {what}")
    rows = [values] if axes == 1 else values
    for index, row in enumerate(rows):
        plain = isinstance(row, list) and set(map(type, row)) <= {int, float}
        if not plain or (axes == 2 and len(row) != 2):
            raise InputError(
                f"{where}: must be {what}" + (f"; point {index} is not" if axes == 2 else "")
            )
    return np.array(values, np.float64)


def _serialise(drawing: Drawing) -> dict[str, Any]:
    fields: dict[str, Any] = {"label": drawing.label, "key": drawing.key}
    fields = {name: value for name, value in fields.items() if value}
    fields["strokes"] = [list(zip(*_shorten(stroke), strict=True)) for stroke in drawing.strokes]
    if drawing.times is not None:
        fields["times"] = [_shorten(time[:, None])[0] for time in drawing.times]
    return fields


def _shorten(values: npt.NDArray[np.float32]) -> list[list[float]]:
    """Return an array's columns, each number with as few decimals as give the same float32."""
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
