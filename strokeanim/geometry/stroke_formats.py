"""Convert a `Drawing` to stroke-3, stroke-5 or polylines, and back.

The stroke formats are those of sketch-rnn (Ha and Eck, arXiv 1704.03477): offsets from the previous
point, and the state of the pen after the point. Offsets start at the origin, so the first row holds
the first point itself and nothing is lost: integer coordinates are restored exactly, others to
float32 rounding of the running sum.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from strokeanim.errors import InputError
from strokeanim.geometry.drawing import Drawing
from strokeanim.typing import Points, Stroke3, Stroke5

DRAWING, LIFTED, END = 0, 1, 2
"""Pen states of stroke-5, in the order of its last three columns."""


def to_stroke3(drawing: Drawing) -> Stroke3:
    """Return `(points, 3)` rows: dx, dy, and 1 where the pen lifts after the point.

    >>> to_stroke3(Drawing([[(2, 1), (5, 5)], [(0, 0)]])).tolist()
    [[2.0, 1.0, 0.0], [3.0, 4.0, 1.0], [-5.0, -5.0, 1.0]]
    """
    if not drawing.strokes:
        return np.zeros((0, 3), np.float32)
    points = np.concatenate(drawing.strokes).astype(np.float64)
    rows = np.zeros((len(points), 3), np.float32)
    rows[:, :2] = np.diff(points, axis=0, prepend=np.zeros((1, 2)))
    rows[np.cumsum([len(stroke) for stroke in drawing.strokes]) - 1, 2] = 1
    return rows


def from_stroke3(rows: npt.ArrayLike, label: str = "", key: str = "") -> Drawing:
    """Return the drawing of `(points, 3)` rows; the last stroke needs no pen lift.

    Raises:
        InputError: `rows` is not `(n, 3)` or holds NaN or infinity.
    """
    table = _check_rows(rows, 3)
    return _split_at_lifts(table[:, :2], table[:, 2] > 0.5, label, key)


def to_stroke5(drawing: Drawing, steps: int | None = None) -> Stroke5:
    """Return `(steps, 5)` rows: dx, dy and one-hot drawing / lifted / end, padded with end rows.

    Without `steps`, exactly one end row is added.

    Raises:
        InputError: `steps` is too small for the points and one end row.
    """
    points = to_stroke3(drawing)
    steps = len(points) + 1 if steps is None else steps
    if steps < len(points) + 1:
        raise InputError(
            f"a drawing of {len(points)} points needs {len(points) + 1} steps, not {steps}; "
            "simplify it first"
        )
    rows = np.zeros((steps, 5), np.float32)
    rows[: len(points), :2] = points[:, :2]
    rows[: len(points), 2 + DRAWING] = 1 - points[:, 2]
    rows[: len(points), 2 + LIFTED] = points[:, 2]
    rows[len(points) :, 2 + END] = 1
    return rows


def from_stroke5(rows: npt.ArrayLike, label: str = "", key: str = "") -> Drawing:
    """Return the drawing of `(steps, 5)` rows, up to the first whose pen state is end.

    Raises:
        InputError: `rows` is not `(n, 5)` or holds NaN or infinity.
    """
    table = _check_rows(rows, 5)
    state = table[:, 2:].argmax(axis=1)
    ends = np.flatnonzero(state == END)
    length = int(ends[0]) if len(ends) else len(table)
    return _split_at_lifts(table[:length, :2], state[:length] == LIFTED, label, key)


def to_polylines(drawing: Drawing) -> list[list[list[float]]]:
    """Return `[[[x, …], [y, …]], …]`, QuickDraw's own layout: one pair of lists per stroke."""
    return [stroke.T.astype(float).tolist() for stroke in drawing.strokes]


def from_polylines(
    polylines: Sequence[Sequence[Sequence[float]]], label: str = "", key: str = ""
) -> Drawing:
    """Return the drawing of `[[[x, …], [y, …]], …]`.

    A third list per stroke holds milliseconds, as in raw QuickDraw.

    Raises:
        InputError: a stroke lacks x or y, or its lists differ in length.
    """
    for index, lists in enumerate(polylines):
        if not 2 <= len(lists) <= 3 or len({len(values) for values in lists}) != 1:
            raise InputError(f"stroke {index} must be two or three lists of equal length")
    timed = bool(polylines) and all(len(lists) == 3 for lists in polylines)
    strokes = [np.stack([np.asarray(values, float) for values in s[:2]], axis=1) for s in polylines]
    return Drawing(strokes, label, key, [s[2] for s in polylines] if timed else None)


def _check_rows(rows: npt.ArrayLike, columns: int) -> npt.NDArray[np.float64]:
    table = np.asarray(rows, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != columns:
        raise InputError(f"stroke-{columns} must have shape (steps, {columns}), not {table.shape}")
    if not np.isfinite(table).all():
        raise InputError(f"stroke-{columns} holds NaN or infinity")
    return table


def _split_at_lifts(
    offsets: npt.NDArray[np.float64], lifted: npt.NDArray[np.bool_], label: str, key: str
) -> Drawing:
    with np.errstate(over="ignore"):  # float32 overflows to infinity, which Drawing refuses
        points: Points = np.cumsum(offsets, axis=0).astype(np.float32)
    strokes = np.split(points, np.flatnonzero(lifted) + 1)
    return Drawing([stroke for stroke in strokes if len(stroke)], label, key)
