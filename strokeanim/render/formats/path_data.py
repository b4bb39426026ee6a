"""SVG path data of strokes over frames, with the same structure as long as they stay the same."""

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
"""Points of a stroke up to which fewer curves are looked for, which takes their square in time."""


def is_morphable(before: Frame, after: Frame) -> bool:
    """Whether two frames have the same strokes, each with as many points."""
    return before.ids == after.ids and all(
        len(one) == len(other) for one, other in zip(before.strokes, after.strokes, strict=True)
    )


def paths(
    frames: Sequence[Frame], smooth: bool, tolerance: float, decimals: int = 2
) -> list[list[str]]:
    """Path data of each stroke, `[stroke][frame]`, of frames that morph into one another.

    A stroke's data has the same commands in every frame.

    Args:
        frames: at least one.
        smooth: whether strokes are curves.
        tolerance: how far fewer curves may be from those through all points, px.
        decimals: of the coordinates.
    """
    found = []
    for strokes in zip(*(frame.strokes for frame in frames), strict=True):
        track = np.stack(strokes).astype(np.float64)
        if smooth and 2 < track.shape[1] <= MOST_FITTED:
            pieces = fit_curves(track, tolerance)
        else:
            curves = [outline(points, smooth, every_point=True)[1] for points in track]
            pieces = np.stack(curves)
        is_closed = track.shape[1] > 2 and bool((track[:, 0] == track[:, -1]).all())
        found.append(_data(track[:, 0], pieces, is_closed, decimals))
    return found


def ribbons(frame: Frame, brush: Brush, width: float, decimals: int = 2) -> list[str]:
    """Path data of the outline of each stroke drawn with a brush, to be filled."""
    found = []
    for stroke in frame.strokes:
        left, right, radii = ribbon(stroke, brush, width)
        found.append(_ring(left, right, radii, decimals))
    return found


def short(value: float, decimals: int = 2) -> str:
    """Without zeros at the end.

    >>> short(1.0), short(-0.001), short(2.345)
    ('1', '0', '2.35')
    """
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"
    return "0" if text in ("-0", "") else text


class _Texts(dict[int, str]):
    """Numbers as text, by how many of the last decimal they are: the same few are needed again."""

    def __init__(self, decimals: int) -> None:
        super().__init__()
        self._decimals = decimals
        self.unit = 10**decimals

    def __missing__(self, count: int) -> str:
        if len(self) > 100_000:
            self.clear()
        text = short(count / self.unit, self._decimals)
        self[count] = text
        return text


@functools.cache
def _texts(decimals: int) -> _Texts:
    return _Texts(decimals)


def _numbers(points: Float64[np.ndarray, "..."], decimals: int) -> list[str]:
    texts = _texts(decimals)
    counts = np.rint(points * texts.unit).astype(np.int64).ravel().tolist()
    return [texts[count] for count in counts]


def _pieces(curve: Float64[np.ndarray, "pieces controls 2"], decimals: int) -> str:
    """Commands for the pieces of a curve, after its start."""
    size = 2 * curve.shape[1]
    command = "C" if size == 6 else "L"
    numbers = _numbers(curve, decimals)
    return "".join(
        [command + " ".join(numbers[at : at + size]) for at in range(0, len(numbers), size)]
    )


def _data(
    starts: Float64[np.ndarray, "frames 2"],
    pieces: Float64[np.ndarray, "frames pieces controls 2"],
    is_closed: bool,
    decimals: int,
) -> list[str]:
    end = "Z" if is_closed else ""
    return [
        f"M{' '.join(_numbers(start, decimals))}{_pieces(curve, decimals)}{end}"
        for start, curve in zip(starts, pieces, strict=True)
    ]


def _ring(
    left: Float64[np.ndarray, "n 2"],
    right: Float64[np.ndarray, "n 2"],
    radii: tuple[float, float],
    decimals: int,
) -> str:
    """Along one side, round the end, back along the other, round the beginning."""

    def side(points: Float64[np.ndarray, "n 2"]) -> str:
        return _pieces(outline(points.astype(np.float32), True)[1], decimals)

    def cap(radius: float, to: Float64[np.ndarray, " 2"]) -> str:
        size = short(radius, decimals)
        return f"A{size} {size} 0 0 1 {' '.join(_numbers(to, decimals))}"

    start, back = f"M{' '.join(_numbers(left[0], decimals))}", right[::-1]
    return "".join(
        [start, side(left), cap(radii[1], back[0]), side(back), cap(radii[0], left[0]), "Z"]
    )
