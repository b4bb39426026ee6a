"""Compute SVG path data of strokes, with the same commands in all frames that can be morphed."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from strokeanim.animation.frame import Frame
from strokeanim.geometry.brush import Brush, ribbon
from strokeanim.geometry.curve_fitting import fit_curves
from strokeanim.geometry.splines import outline
from strokeanim.typing import Float64

MOST_FITTED = 2_000
"""Most points of a stroke for which curves are fitted, which takes quadratic time."""


def is_morphable(before: Frame, after: Frame) -> bool:
    """Return whether two frames have the same strokes, each with the same number of points."""
    return before.ids == after.ids and all(
        len(a) == len(b) for a, b in zip(before.strokes, after.strokes, strict=True)
    )


def paths(
    frames: Sequence[Frame], smooth: bool, tolerance: float, decimals: int = 2
) -> list[list[str]]:
    """Return the path data of each stroke of morphable frames, `[stroke][frame]`.

    A stroke's data has the same commands in every frame.

    Args:
        frames: at least one frame.
        smooth: whether to draw strokes as curves.
        tolerance: largest distance of the fitted curves from those through all points, px.
        decimals: number of decimals of the coordinates.
    """
    data = []
    for strokes in zip(*(frame.strokes for frame in frames), strict=True):
        track = np.stack(strokes).astype(np.float64)
        if smooth and 2 < track.shape[1] <= MOST_FITTED:
            pieces = fit_curves(track, tolerance)
        else:
            curves = [outline(points, smooth, every_point=True)[1] for points in track]
            pieces = np.stack(curves)
        is_closed = track.shape[1] > 2 and bool((track[:, 0] == track[:, -1]).all())
        data.append(_format_paths(track[:, 0], pieces, is_closed, decimals))
    return data


def ribbons(frame: Frame, brush: Brush, width: float, decimals: int = 2) -> list[str]:
    """Return the path data of the outline of each stroke drawn with a brush, to be filled."""
    data = []
    for stroke in frame.strokes:
        left, right, radii = ribbon(stroke, brush, width)
        data.append(_format_outline(left, right, radii, decimals))
    return data


def format_number(value: float, decimals: int = 2) -> str:
    """Format a number without trailing zeros.

    >>> format_number(1.0), format_number(-0.001), format_number(2.345)
    ('1', '0', '2.35')
    """
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"
    return "0" if text in ("-0", "") else text


class _NumberCache(dict[int, str]):
    """A cache of formatted numbers, few of which occur, keyed by units of the last decimal."""

    def __init__(self, decimals: int) -> None:
        super().__init__()
        self._decimals = decimals
        self.unit = 10**decimals

    def __missing__(self, count: int) -> str:
        if len(self) > 100_000:
            self.clear()
        text = format_number(count / self.unit, self._decimals)
        self[count] = text
        return text


@functools.cache
def _number_cache(decimals: int) -> _NumberCache:
    return _NumberCache(decimals)


def _format_numbers(points: Float64[np.ndarray, "..."], decimals: int) -> list[str]:
    texts = _number_cache(decimals)
    counts = np.rint(points * texts.unit).astype(np.int64).ravel().tolist()
    return [texts[count] for count in counts]


def _format_pieces(curve: Float64[np.ndarray, "pieces controls 2"], decimals: int) -> str:
    """Return the commands of the pieces of a curve, without its start."""
    size = 2 * curve.shape[1]
    command = "C" if size == 6 else "L"
    numbers = _format_numbers(curve, decimals)
    return "".join(
        [command + " ".join(numbers[i : i + size]) for i in range(0, len(numbers), size)]
    )


def _format_paths(
    starts: Float64[np.ndarray, "frames 2"],
    pieces: Float64[np.ndarray, "frames pieces controls 2"],
    is_closed: bool,
    decimals: int,
) -> list[str]:
    end = "Z" if is_closed else ""
    return [
        f"M{' '.join(_format_numbers(start, decimals))}{_format_pieces(curve, decimals)}{end}"
        for start, curve in zip(starts, pieces, strict=True)
    ]


def _format_outline(
    left: Float64[np.ndarray, "n 2"],
    right: Float64[np.ndarray, "n 2"],
    radii: tuple[float, float],
    decimals: int,
) -> str:
    """Return the outline along one side, round the end, back along the other, round the start."""

    def side(points: Float64[np.ndarray, "n 2"]) -> str:
        return _format_pieces(outline(points.astype(np.float32), True)[1], decimals)

    def cap(radius: float, to: Float64[np.ndarray, " 2"]) -> str:
        size = format_number(radius, decimals)
        return f"A{size} {size} 0 0 1 {' '.join(_format_numbers(to, decimals))}"

    start, back = f"M{' '.join(_format_numbers(left[0], decimals))}", right[::-1]
    return "".join(
        [start, side(left), cap(radii[1], back[0]), side(back), cap(radii[0], left[0]), "Z"]
    )
