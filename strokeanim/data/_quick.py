"""Many lines of QuickDraw's simplified ndjson at once, with NumPy.

`json.loads` makes a Python object of each coordinate, which takes most of the time. Here the
numbers are made from the bytes of hundreds of lines together. Only the plain layout is known,
`drawing` last and whole numbers up to 999 without spaces; whatever differs in the least gives
None, and then a reader of lines has to say what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from strokeanim.strokes.drawings import Int

Bools: TypeAlias = "npt.NDArray[np.bool_]"

MARK = b'"drawing":'


class Columns(NamedTuple):
    """Drawings in columns: `(n, 2)` points, points per stroke, strokes per drawing."""

    points: npt.NDArray[np.float32]
    lengths: Int
    counts: Int


def split(lines: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """What is before and what is after `"drawing":` in lines of objects that end with it.

    Returns:
        A JSON array of as many objects as there are lines, with all other fields, and the lists of
        strokes, one a line; or None if there are lists or objects in other fields.
    """
    heads, _, bodies = zip(*[line.partition(MARK) for line in lines], strict=True)
    head = b"[" + b"},".join([head[:-1] if len(head) > 1 else head for head in heads]) + b"}]"
    if head.count(b"{") != len(lines) or head.count(b"[") != 1:
        return None  # what seems to be an object may be parts of several lines
    body = b"".join(bodies)
    return head, body if body.endswith(b"\n") else body + b"\n"


def columns(body: bytes) -> Columns | None:
    """The strokes of lines like `[[[x,x],[y,y]],[[x],[y]]]}`, or None if they are not like that."""
    text = np.frombuffer(body, np.uint8)
    kinds = _Kinds.of(text)
    if not kinds.follow_each_other():
        return None
    ends = np.flatnonzero(kinds.digit[:-1] & ~kinds.digit[1:])
    values = _numbers(ends, text, kinds.digit)
    shape = _shape(ends, kinds)
    if values is None or shape is None:
        return None
    sizes, counts = shape
    lengths = sizes[::2]
    if len(sizes) % 2 or (lengths != sizes[1::2]).any():
        return None
    # lists of x and of y take turns
    is_x = np.repeat(np.arange(len(sizes)) % 2 == 0, sizes)
    points = np.empty((len(ends) // 2, 2), np.float32)
    points[:, 0], points[:, 1] = values[is_x], values[~is_x]
    return Columns(points, lengths, counts)


class _Kinds(NamedTuple):
    """Which bytes are what."""

    digit: Bools
    comma: Bools
    open: Bools
    close: Bools
    end: Bools
    carriage: Bools
    newline: Bools

    @classmethod
    def of(cls, text: npt.NDArray[np.uint8]) -> _Kinds:
        digit = (text - np.uint8(ord("0"))) < 10
        return cls(digit, *(text == mark for mark in b",[]}\r\n"))

    def follow_each_other(self) -> bool:
        """Whether no byte is of another kind, or at a place where JSON can't have its kind.

        Empty lists are left to others.
        """
        digit, comma, opened, close, end, carriage, newline = (kind[1:] for kind in self)
        before = _Kinds(*(kind[:-1] for kind in self))
        # a comma stands between two numbers or between two lists
        is_wrong = before.digit & ~(digit | comma | close)
        is_wrong |= (before.comma | before.open) & ~(digit | opened)
        is_wrong |= before.close & ~(comma | close | end)
        is_wrong |= before.end & ~(carriage | newline)
        is_wrong |= before.carriage & ~newline
        is_wrong |= before.newline & ~opened
        is_wrong[1:] |= before.comma[1:] & (before.digit[:-1] != digit[1:])
        is_known = self.digit | self.comma | self.open | self.close
        is_known |= self.end | self.carriage | self.newline
        return bool(self.open[0] and is_known.all() and not is_wrong.any())


def _numbers(
    ends: Int, text: npt.NDArray[np.uint8], is_digit: Bools
) -> npt.NDArray[np.uint16] | None:
    """The numbers that end at `ends`, or None if one has four digits or a needless zero."""
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


def _shape(ends: Int, kinds: _Kinds) -> tuple[Int, Int] | None:
    """Numbers in each list and strokes on each line, or None if the brackets don't pair so."""
    places = np.flatnonzero(kinds.open | kinds.close | kinds.newline)
    is_open, is_close, is_newline = (
        kind[places] for kind in (kinds.open, kinds.close, kinds.newline)
    )
    depth = np.cumsum(is_open.astype(np.int8) - is_close, dtype=np.int32)
    is_outside = depth == 0
    # nothing is outside but the bracket that ends a line, and the end of the line
    if depth.min() < 0 or depth.max() != 3 or not is_outside[is_newline].all():
        return None
    if is_outside.sum() != 2 * is_newline.sum():
        return None
    lists = np.flatnonzero(is_open & (depth == 3))
    # lists that hold no list are those of numbers, and come in twos: first x, then y
    leaves = np.flatnonzero(is_open[:-1] & is_close[1:])
    is_x = is_open[lists - 1]
    if not np.array_equal(lists, leaves) or not is_x[::2].all() or is_x[1::2].any():
        return None
    # a list ends with a number
    sizes = np.diff(np.flatnonzero(kinds.close[ends + 1]), prepend=-1)
    strokes = np.searchsorted(places[lists[::2]], places[is_newline])
    return sizes, np.diff(strokes, prepend=0)
