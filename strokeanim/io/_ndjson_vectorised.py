"""Parse many lines of QuickDraw's simplified ndjson at once with NumPy.

`json.loads` makes a Python object of each coordinate, which takes most of the time. This module
computes the numbers from the bytes of hundreds of lines together. It accepts the plain layout
only: `drawing` last, and whole numbers up to 999 without spaces. For anything else it returns
None, and the caller parses the lines one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from strokeanim.geometry.drawing_array import Int

Bools: TypeAlias = "npt.NDArray[np.bool_]"
Numbers: TypeAlias = "npt.NDArray[np.uint16]"

MARK = b'"drawing":'


class Columns(NamedTuple):
    """Drawings in columns: `(n, 2)` points, points per stroke, strokes per drawing."""

    points: npt.NDArray[np.float32]
    lengths: Int
    counts: Int


def split(lines: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Split lines of objects whose last field is `"drawing"` into other fields and strokes.

    Returns:
        A JSON array with one object of the other fields per line, and the lists of strokes, one
        per line; or None if another field holds a list or an object.
    """
    heads, _, bodies = zip(*[line.partition(MARK) for line in lines], strict=True)
    head = b"\n".join(heads) + b"\n"
    # each head is the start of an object up to "drawing"; with an object or a list in it, what
    # seems to be a single object could be parts of several
    count = len(lines)
    if head.count(b",\n") + head.count(b"{\n") != count or head.count(b"\n") != count:
        return None
    if head.count(b"{") != count or b"[" in head:
        return None
    head = head.replace(b",\n", b"},").replace(b"{\n", b"{},")
    body = b"".join(bodies)
    return b"[" + head[:-1] + b"]", body if body.endswith(b"\n") else body + b"\n"


def columns(body: bytes) -> Columns | None:
    """Parse lines like `[[[x,x],[y,y]],[[x],[y]]]}`; return None if one differs from that."""
    text = np.frombuffer(body, np.uint8)
    is_digit, is_comma = (text - np.uint8(ord("0"))) < 10, text == ord(",")
    # a number begins after a bracket or a comma; a comma separates numbers or lists
    is_inside = is_digit | is_comma
    if (is_digit[1:] & ~(is_inside | (text == ord("[")))[:-1]).any() or is_comma[0]:
        return None
    if (is_comma[1:-1] & (is_digit[:-2] != is_digit[2:])).any():
        return None
    ends = np.flatnonzero(is_digit[:-1] & ~is_digit[1:])
    shape = _count_items(np.flatnonzero(~is_inside), ends, text)
    values = _parse_numbers(ends, text, is_digit)
    if shape is None or values is None:
        return None
    sizes, counts = shape
    lengths = sizes[::2]
    if len(sizes) % 2 or (lengths != sizes[1::2]).any():
        return None
    # lists of x and of y alternate
    is_x = np.repeat(np.arange(len(sizes)) % 2 == 0, sizes)
    points = np.empty((len(ends) // 2, 2), np.float32)
    points[:, 0], points[:, 1] = values[is_x], values[~is_x]
    return Columns(points, lengths, counts)


def _count_items(positions: Int, ends: Int, text: npt.NDArray[np.uint8]) -> tuple[Int, Int] | None:
    """Count the numbers in each list and the strokes on each line.

    Args:
        positions: indices of all bytes that are neither digit nor comma.
        ends: indices of the last digits of numbers.
        text: the bytes.

    Returns:
        Both counts, or None if the brackets do not nest as they should.
    """
    # index -1 wraps round: the byte before the first is the last, a newline
    mark, before = text[positions], text[positions - 1]
    is_open, is_close, is_end, is_newline = (mark == kind for kind in b"[]}\n")
    is_return = mark == ord("\r")
    after = {kind: before == ord(kind) for kind in "[],}\r\n"}
    is_valid = is_open & (after["["] | after[","] | after["\n"])
    is_valid |= is_close & ((before - np.uint8(ord("0")) < 10) | after["]"])
    is_valid |= (is_end & after["]"]) | (is_return & after["}"])
    is_valid |= is_newline & (after["}"] | after["\r"])
    if not is_valid.all():
        return None
    depth = np.cumsum(is_open.astype(np.int8) - is_close, dtype=np.int32)
    # all brackets are closed at the end of each line, and nowhere else
    if depth.min() < 0 or depth.max() != 3 or (depth[is_end] != 0).any():
        return None
    if (is_close & (depth == 0)).sum() != is_newline.sum():
        return None
    lists = np.flatnonzero(is_open & (depth == 3))
    # the innermost lists hold the numbers and come in pairs: x, then y
    leaves = np.flatnonzero(is_open[:-1] & is_close[1:])
    is_x = is_open[lists - 1]
    if not np.array_equal(lists, leaves) or not is_x[::2].all() or is_x[1::2].any():
        return None
    sizes = np.diff(np.flatnonzero(text[ends + 1] == ord("]")), prepend=-1)
    strokes = np.searchsorted(positions[lists[::2]], positions[is_newline])
    return sizes, np.diff(strokes, prepend=0)


def _parse_numbers(ends: Int, text: npt.NDArray[np.uint8], is_digit: Bools) -> Numbers | None:
    """Parse the numbers that end at `ends`; return None on four digits or a leading zero."""
    is_second = is_digit[1:] & is_digit[:-1]
    is_third = is_second[1:] & is_second[:-1]
    is_zero_first = (text[1:-1] == ord("0")) & ~is_digit[:-2] & is_digit[2:]
    if (is_third[1:] & is_third[:-1]).any() or is_zero_first.any():
        return None
    digit = (text - np.uint8(ord("0"))) * is_digit
    low, high = digit.copy(), np.zeros_like(digit)
    low[1:] += np.uint8(10) * digit[:-1]
    high[2:] = digit[:-2] * is_digit[1:-1]
    numbers = high[ends].astype(np.uint16)
    numbers *= 100
    numbers += low[ends]
    return numbers
