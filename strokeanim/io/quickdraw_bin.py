"""Read and write QuickDraw `.bin`: records of little-endian integers, without any header.

Each record is a drawing:

    uint64  key_id
    2 bytes country code, two capital letters
    uint8   recognised, 0 or 1
    uint32  Unix time, in seconds
    uint16  number of strokes, and of each:
        uint16  number of points
        uint8   x of every point, then y of every point

The layout is that of the data set's page (Google Creative Lab, "The Quick, Draw! Dataset"). The
file holds no label; the reader derives it from the file's name.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing
from strokeanim.io._open import STDIN, Bytes, open_writer
from strokeanim.io.limits import Limits, ReadPolicy
from strokeanim.typing import Points

_HEAD = struct.Struct("<Q2sBIH")
_COUNT = struct.Struct("<H")
MAX_COORDINATE = 255
"""The largest coordinate: coordinates are bytes."""
MAX_COUNT = 0xFFFF
"""Maximum of the strokes of a drawing, and of the points of a stroke."""


def parse_binary(stream: Bytes, name: str, policy: ReadPolicy) -> Iterator[list[Drawing]]:
    """Yield the drawings of a stream, each in a list of its own.

    Args:
        stream: the bytes.
        name: its name in error messages.
        policy: limits, and the treatment of bad records.

    Raises:
        InputError: a record is invalid, cut short or beyond the limits, unless `policy` leaves it
            out. Records after an invalid one can't be located, so the reader stops there.
    """
    label = label_from(name)
    index, offset = 0, 0
    while head := stream.read(_HEAD.size):
        where = f"{name}, drawing {index} (at byte {offset})"
        try:
            drawing, size, excess = _read_record(head, stream, label, policy.limits)
        except InputError as error:
            policy.skip(InputError(f"{where}: {error}"))
            return
        if excess is None:
            yield [drawing]
        else:
            policy.skip(InputError(f"{where}: {excess}"))
        index, offset = index + 1, offset + size


def looks_binary(head: bytes) -> bool:
    """Return whether a file that begins with `head` may be a `.bin`, which has no signature."""
    if len(head) < _HEAD.size:
        return False
    _, country, recognised, _, strokes = _HEAD.unpack_from(head)
    return bool(country.isalpha() and recognised < 2 and 0 < strokes < 1000)


def holds_key(key: str) -> bool:
    """Return whether a record can store a key as the number it spells and restore it."""
    return (
        len(key) <= 20
        and key.isascii()
        and key.isdecimal()
        and key[0] != "0"
        and (int(key) < 1 << 64)
    )


def label_from(name: str) -> str:
    """Derive the label from a file's name.

    >>> label_from("full_binary_ice%20cream.bin"), label_from("mouth.bin.gz")
    ('ice cream', 'mouth')
    """
    stem = "" if name == STDIN else Path(name).name
    stem = re.sub(r"\.bin(\.gz)?$", "", stem, flags=re.IGNORECASE)
    stem = re.sub(r"-first-[0-9]+$", "", unquote(stem))  # as `data download --limit` names it
    return stem.removeprefix("full_binary_").replace("_", " ").strip()


def write_binary(drawings: Iterable[Drawing], file: str | PathLike[str]) -> None:
    """Write one record per drawing; the file appears complete or not at all.

    Coordinates are rounded. A key of digits is kept; another becomes 0. Labels and times are lost,
    and country and time are set to `XX` and 0.

    Raises:
        InputError: coordinates lie outside 0 to 255, or more strokes or points than fit.
        OutputError: the file can't be written; nothing is left of it.
    """
    with open_writer(file) as sink:
        for index, drawing in enumerate(drawings):
            try:
                sink.write(_pack(drawing))
            except InputError as error:
                raise InputError(f"drawing {index}: {error}") from error


def _read_record(
    head: bytes, stream: Bytes, label: str, limits: Limits
) -> tuple[Drawing, int, InputError | None]:
    """Read a record; return its drawing, its bytes, and the error if it exceeds a limit."""
    if len(head) < _HEAD.size:
        raise InputError("cut short; fetch the file again")
    key, country, recognised, _, count = _HEAD.unpack(head)
    if recognised > 1 or not country.isascii():
        raise InputError("no record of a drawing; is it a QuickDraw .bin?")
    strokes: list[Points] = []
    size, points = _HEAD.size, 0
    for _ in range(count):
        (length,) = _COUNT.unpack(_read_exactly(stream, _COUNT.size))
        flat = np.frombuffer(_read_exactly(stream, 2 * length), np.uint8)
        size, points = size + _COUNT.size + 2 * length, points + length
        if length and points <= limits.points:  # strokes without points are dropped
            stroke = flat.reshape(2, length).T.astype(np.float32)
            stroke.setflags(write=False)
            strokes.append(stroke)
    try:
        limits.check("strokes", count, "the drawing")
        limits.check("points", points, "the drawing")
    except InputError as error:
        return Drawing(), size, error
    return Drawing.unchecked(tuple(strokes), label, str(key or "")), size, None


def _read_exactly(stream: Bytes, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise InputError("cut short; fetch the file again")
    return data


def _pack(drawing: Drawing) -> bytes:
    strokes = [np.round(stroke) for stroke in drawing.strokes]
    if any(stroke.min() < 0 or stroke.max() > MAX_COORDINATE for stroke in strokes):
        box = drawing.box
        raise InputError(
            f"x from {box.x:g} to {box.x + box.width:g} and y from {box.y:g} to "
            f"{box.y + box.height:g}; .bin holds 0 to {MAX_COORDINATE}: "
            "scale it with simplify_as_quickdraw",
            option="simplify_as_quickdraw",
        )
    if len(strokes) > MAX_COUNT or any(len(stroke) > MAX_COUNT for stroke in strokes):
        raise InputError(
            f"more than {MAX_COUNT} strokes or points; .bin can't hold it, .ndjson can"
        )
    key = int(drawing.key) if holds_key(drawing.key) else 0
    parts = [_HEAD.pack(key, b"XX", 1, 0, len(strokes))]
    for stroke in strokes:
        parts += _COUNT.pack(len(stroke)), stroke.T.astype(np.uint8).tobytes()
    return b"".join(parts)
