"""SVG path data of strokes over frames, with the same structure as long as they stay the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strokeanim.render.protocol import Frame
from strokeanim.strokes.brush import Brush, ribbon
from strokeanim.strokes.curves import outline
from strokeanim.strokes.fitting import fitted
from strokeanim.typing import Float64, Moving


def morphs(before: Frame, after: Frame) -> bool:
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
        if smooth and track.shape[1] > 2:
            pieces = fitted(track, tolerance)
        else:
            lines = [outline(points, False, every_point=True)[1] for points in track]
            pieces = np.stack(lines)
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


def _data(
    starts: Float64[np.ndarray, "frames 2"],
    pieces: Float64[np.ndarray, "frames pieces controls 2"],
    is_closed: bool,
    decimals: int,
) -> list[str]:
    command = "C" if pieces.shape[2] == 3 else "L"
    end = "Z" if is_closed else ""
    found = []
    for start, curve in zip(starts, pieces, strict=True):
        parts = [f"M{short(start[0], decimals)} {short(start[1], decimals)}"]
        parts += [
            command + " ".join([short(value, decimals) for value in piece])
            for piece in curve.reshape(len(curve), -1).tolist()
        ]
        found.append("".join(parts) + end)
    return found


def _ring(left: Moving, right: Moving, radii: tuple[float, float], decimals: int) -> str:
    """Along one side, round the end, back along the other, round the beginning."""

    def side(points: Float64[np.ndarray, "n 2"]) -> str:
        _, pieces = outline(points.astype(np.float32), True)
        command = "C" if pieces.shape[1] == 3 else "L"
        return "".join(
            command + " ".join([short(value, decimals) for value in piece])
            for piece in pieces.reshape(len(pieces), -1).tolist()
        )

    def cap(radius: float, to: Float64[np.ndarray, " 2"]) -> str:
        numbers = [short(value, decimals) for value in (radius, to[0], to[1])]
        return f"A{numbers[0]} {numbers[0]} 0 0 1 {numbers[1]} {numbers[2]}"

    start = f"M{short(left[0][0], decimals)} {short(left[0][1], decimals)}"
    back = right[::-1]
    return "".join(
        [start, side(left), cap(radii[1], back[0]), side(back), cap(radii[0], left[0]), "Z"]
    )
