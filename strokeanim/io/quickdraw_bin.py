"""QuickDraw `.bin`: records of little-endian integers, one a drawing, without any header.

    uint64  key_id
    2 bytes country code, two capital letters
    uint8   recognised, 0 or 1
    uint32  Unix time, in seconds
    uint16  number of strokes, and of each:
        uint16  number of points
        uint8   x of every point, then y of every point

The layout is that of the data set's page (Google Creative Lab, "The Quick, Draw! Dataset"). The
file holds no label; it is taken from the file's name.
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
from strokeanim.io._open import STDIN, Bytes, writing
from strokeanim.io.limits import Limits, ReadPolicy
from strokeanim.typing import Points

_HEAD = struct.Struct("<Q2sBIH")
_COUNT = struct.Struct("<H")
LARGEST = 255
"""Coordinates are bytes."""
MOST = 0xFFFF
"""Strokes of a drawing, and points of a stroke."""


def parse_binary(stream: Bytes, name: str, policy: ReadPolicy) -> Iterator[list[Drawing]]:
    """The drawings in a stream, one after the other; `name` is what error messages call it.

    Raises:
        InputError: a record that is none, or cut short: what follows it can't be told apart. If
            `policy` leaves bad drawings out, it is the last one. A record beyond the limits.
    """
    label = label_from(name)
    index, offset = 0, 0
    while head := stream.read(_HEAD.size):
        where = f"{name}, drawing {index} (at byte {offset})"
        try:
            drawing, size, excess = _record(head, stream, label, policy.limits)
        except InputError as error:
            policy.skip(InputError(f"{where}: {error}"))
            return
        if excess is None:
            yield [drawing]
        else:
            policy.skip(InputError(f"{where}: {excess}"))
        index, offset = index + 1, offset + size


def looks_binary(head: bytes) -> bool:
    """Whether a file that begins like this may be one: it has no signature."""
    if len(head) < _HEAD.size:
        return False
    _, country, recognised, _, strokes = _HEAD.unpack_from(head)
    return bool(country.isalpha() and recognised < 2 and 0 < strokes < 1000)


def holds_key(key: str) -> bool:
    """Whether a record can hold a key, as the number that it spells, and give it back."""
    return (
        len(key) <= 20
        and key.isascii()
        and key.isdecimal()
        and key[0] != "0"
        and (int(key) < 1 << 64)
    )


def label_from(name: str) -> str:
    """The label that a file's name stands for.

    >>> label_from("full_binary_ice%20cream.bin"), label_from("mouth.bin.gz")
    ('ice cream', 'mouth')
    """
    stem = "" if name == STDIN else Path(name).name
    stem = re.sub(r"\.bin(\.gz)?$", "", stem, flags=re.IGNORECASE)
    stem = re.sub(r"-first-[0-9]+$", "", unquote(stem))  # as `data download --limit` names it
    return stem.removeprefix("full_binary_").replace("_", " ").strip()


def write_binary(drawings: Iterable[Drawing], file: str | PathLike[str]) -> None:
    """Write the records one after the other; the file appears whole or not at all.

    Coordinates are rounded. A key of digits is kept; another becomes 0. Labels and times are lost,
    and country and time of day are set to `XX` and 0.

    Raises:
        InputError: coordinates outside 0 to 255, or more strokes or points than fit.
        OutputError: the file can't be written; nothing is left of it.
    """
    with writing(file) as sink:
        for place, drawing in enumerate(drawings):
            try:
                sink.write(_packed(drawing))
            except InputError as error:
                raise InputError(f"drawing {place}: {error}") from error


def _record(
    head: bytes, stream: Bytes, label: str, limits: Limits
) -> tuple[Drawing, int, InputError | None]:
    """The drawing in a record, the record's size, and by what it is beyond the limits."""
    if len(head) < _HEAD.size:
        raise InputError("cut short; fetch the file again")
    key, country, recognised, _, count = _HEAD.unpack(head)
    if recognised > 1 or not country.isascii():
        raise InputError("no record of a drawing; is it a QuickDraw .bin?")
    strokes: list[Points] = []
    size, points = _HEAD.size, 0
    for _ in range(count):
        (length,) = _COUNT.unpack(_exactly(stream, _COUNT.size))
        flat = np.frombuffer(_exactly(stream, 2 * length), np.uint8)
        size, points = size + _COUNT.size + 2 * length, points + length
        if length and points <= limits.points:  # a stroke without points says nothing
            stroke = flat.reshape(2, length).T.astype(np.float32)
            stroke.setflags(write=False)
            strokes.append(stroke)
    try:
        limits.check("strokes", count, "the drawing")
        limits.check("points", points, "the drawing")
    except InputError as error:
        return Drawing(), size, error
    return Drawing.unchecked(tuple(strokes), label, str(key or "")), size, None


def _exactly(stream: Bytes, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise InputError("cut short; fetch the file again")
    return data


def _packed(drawing: Drawing) -> bytes:
    strokes = [np.round(stroke) for stroke in drawing.strokes]
    if any(stroke.min() < 0 or stroke.max() > LARGEST for stroke in strokes):
        box = drawing.box
        raise InputError(
            f"x from {box.x:g} to {box.x + box.width:g} and y from {box.y:g} to "
            f"{box.y + box.height:g}; .bin holds 0 to {LARGEST}: scale with --simplify"
        )
    if len(strokes) > MOST or any(len(stroke) > MOST for stroke in strokes):
        raise InputError(f"more than {MOST} strokes or points; .bin can't hold it, .ndjson can")
    key = int(drawing.key) if holds_key(drawing.key) else 0
    parts = [_HEAD.pack(key, b"XX", 1, 0, len(strokes))]
    for stroke in strokes:
        parts += _COUNT.pack(len(stroke)), stroke.T.astype(np.uint8).tobytes()
    return b"".join(parts)
