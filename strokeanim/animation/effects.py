"""Apply the style options that change frames: margin, stroke colours, drawing on.

Each function returns a new animation, so that renderers need not support these options.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from strokeanim.animation.animation import Animation
from strokeanim.animation.frame import Frame
from strokeanim.errors import InputError
from strokeanim.geometry import Box
from strokeanim.geometry.colours import split_rgb
from strokeanim.geometry.splines import flatten, outline
from strokeanim.typing import Float64, Points

PALETTE = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#000000",
)  # fmt: skip
"""Eight colours that people with colour blindness can tell apart (Okabe and Ito, "Color universal
design", 2008); the first ones contrast most with white."""

MAX_SECONDS = 3600
"""Longest duration in which a drawing is drawn on, seconds."""

DRAWING_FPS = 25
"""Frame rate while a drawing is drawn on, frames a second."""


def set_margin(animation: Animation, margin: float) -> Animation:
    """Return the animation on a canvas around all its strokes.

    `margin` is the width of the margin, as a share of their longer side.
    """
    around = Box.around([stroke for frame in animation.frames for stroke in frame.strokes])
    return replace(animation, canvas=around.expand(margin * around.longer or 1.0))


def colour_strokes(animation: Animation, by: str) -> Animation:
    """Return the animation with strokes coloured by id, or by the label or index of their frame.

    `by` is `"stroke"`, `"label"` or `"frame"`.
    """
    labels = [_label(animation, facts) for facts in animation.facts]
    order = {label: index for index, label in enumerate(dict.fromkeys(labels))}
    frames = []
    for index, (frame, label) in enumerate(zip(animation.frames, labels, strict=True)):
        if by == "stroke":
            colours = [PALETTE[number % len(PALETTE)] for number in frame.ids]
        elif by == "label":
            colours = [PALETTE[order[label] % len(PALETTE)]] * len(frame.ids)
        else:
            colours = [_frame_colour(index / max(1, len(animation.frames) - 1))] * len(frame.ids)
        frames.append(Frame(frame.strokes, frame.ids, frame.opacity, colours))
    return replace(animation, frames=tuple(frames))


def draw_on(animation: Animation, seconds: float | str, smooth: bool) -> Animation:
    """Insert frames in which the first frame is drawn, stroke by stroke, within `seconds`.

    The pen moves as in the animation's pen times, or at constant speed if it has none. `"real"`
    takes the duration from the pen times. With `smooth`, strokes are drawn as curves.

    Raises:
        InputError: `seconds` is `"real"`, and the animation has no pen times, or too long ones.
    """
    first = animation.frames[0]
    strokes = [_flatten_stroke(stroke, smooth) for stroke in first.strokes]
    clock = _pen_clock(animation, strokes)
    if seconds == "real":
        if animation.times is None:
            raise InputError(
                "draw_on=real needs a drawing with pen times, such as raw QuickDraw; give seconds"
            )
        seconds = float(animation.times[-1][-1] - animation.times[0][0]) / 1000
        if seconds > MAX_SECONDS:
            raise InputError(f"the pen times last {seconds:g} s, too long to watch; give seconds")
    duration = max(Fraction(1, 1000), Fraction(str(round(float(seconds), 3))))
    count = max(1, math.ceil(duration * DRAWING_FPS))
    frames = tuple(
        _draw_until(first, strokes, clock, clock[-1][-1] * index / count if clock else 0.0)
        for index in range(count)
    )
    return replace(
        animation,
        frames=frames + animation.frames,
        durations=(duration / count,) * count + animation.durations,
        facts=(animation.facts[0],) * count + animation.facts,
    )


def _label(animation: Animation, facts: Mapping[str, object]) -> str:
    return str(facts.get("label") or animation.label)


def _frame_colour(share: float) -> str:
    """Interpolate from blue by way of purple to vermilion; a direct path would be grey half-way."""
    stops = np.array([split_rgb(PALETTE[index]) for index in (0, 3, 1)], float)
    channels = [np.interp(2 * share, [0, 1, 2], channel) for channel in stops.T]
    red, green, blue = np.rint(channels).astype(int).tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def _flatten_stroke(stroke: Points, smooth: bool) -> Float64[np.ndarray, "n 2"]:
    return flatten(*outline(stroke, smooth))


def _pen_clock(
    animation: Animation, strokes: Sequence[Float64[np.ndarray, "n 2"]]
) -> list[Float64[np.ndarray, " n"]]:
    """Return when the pen reaches each point: from the pen times, ms, or else by arc length."""
    clock: list[Float64[np.ndarray, " n"]] = []
    now = 0.0
    for index, stroke in enumerate(strokes):
        length = np.append(0, np.hypot(*np.diff(stroke, axis=0).T).cumsum())
        if animation.times is not None:
            times = animation.times[index].astype(float) - float(animation.times[0][0])
            raw = animation.frames[0].strokes[index].astype(float)
            raw_length = np.append(0, np.hypot(*np.diff(raw, axis=0).T).cumsum())
            share = raw_length / (raw_length[-1] or 1)
            clock.append(np.interp(length / (length[-1] or 1), share, times))
        else:
            clock.append(now + length)
            now += float(length[-1]) or 1.0  # a dot takes some time as well
    return clock


def _draw_until(
    frame: Frame,
    strokes: Sequence[Float64[np.ndarray, "n 2"]],
    clock: Sequence[Float64[np.ndarray, " n"]],
    now: float,
) -> Frame:
    """Return the strokes drawn until a moment; the last one may be drawn in part."""

    def parts() -> Iterator[tuple[int, Points]]:
        for index, (stroke, times) in enumerate(zip(strokes, clock, strict=True)):
            if times[-1] <= now and now > 0:
                yield index, frame.strokes[index]
            elif times[0] < now:
                count = int(np.searchsorted(times, now, side="right"))
                end = [np.interp(now, times, stroke[:, axis]) for axis in (0, 1)]
                yield index, np.vstack([stroke[:count], end]).astype(np.float32)

    drawn = list(parts())
    return Frame(
        [stroke for _, stroke in drawn],
        [frame.ids[index] for index, _ in drawn],
        frame.opacity,
        [frame.colours[index] for index, _ in drawn] if frame.colours else (),
    )
