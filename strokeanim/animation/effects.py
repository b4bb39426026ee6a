"""What a style does to the frames themselves: another margin, colours, drawing them on.

From animation to animation, so that every renderer shows it without knowing.
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
from strokeanim.geometry.colours import rgb
from strokeanim.geometry.splines import flatten, outline
from strokeanim.typing import Float64, Points

PALETTE = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#000000",
)  # fmt: skip
"""Eight colours that people with colour blindness can tell apart (Okabe and Ito, "Color universal
design", 2008), those that stand out on white first."""

LONGEST = 3600
"""Seconds that a drawing may be drawn in."""

DRAWING_FPS = 25
"""Frames a second while a drawing is drawn on."""


def set_margin(animation: Animation, margin: float) -> Animation:
    """On a canvas around all that is drawn, and `margin` of its longer side around that."""
    around = Box.around([stroke for frame in animation.frames for stroke in frame.strokes])
    return replace(animation, canvas=around.expand(margin * around.longer or 1.0))


def colour_strokes(animation: Animation, by: str) -> Animation:
    """Strokes in colours of their own: by their id, or by the place or the label of their frame."""
    labels = [_label(animation, facts) for facts in animation.facts]
    order = {label: place for place, label in enumerate(dict.fromkeys(labels))}
    frames = []
    for place, (frame, label) in enumerate(zip(animation.frames, labels, strict=True)):
        if by == "stroke":
            colours = [PALETTE[number % len(PALETTE)] for number in frame.ids]
        elif by == "label":
            colours = [PALETTE[order[label] % len(PALETTE)]] * len(frame.ids)
        else:
            colours = [_between(place / max(1, len(animation.frames) - 1))] * len(frame.ids)
        frames.append(Frame(frame.strokes, frame.ids, frame.opacity, colours))
    return replace(animation, frames=tuple(frames))


def draw_on(animation: Animation, seconds: float | str, smooth: bool) -> Animation:
    """Before it moves, the first frame is drawn, stroke by stroke, at an even speed.

    If the animation knows when the pen was where, it moves as it did then; `"real"` takes as long
    as it did then.
    """
    first = animation.frames[0]
    strokes = [_dense(stroke, smooth) for stroke in first.strokes]
    clock = _pen_clock(animation, strokes)
    if seconds == "real":
        if animation.times is None:
            raise InputError(
                "draw_on=real needs a drawing with pen times, such as raw QuickDraw; give seconds"
            )
        seconds = float(animation.times[-1][-1] - animation.times[0][0]) / 1000
        if seconds > LONGEST:
            raise InputError(f"it took {seconds:g} s to draw, too long to watch; give seconds")
    whole = max(Fraction(1, 1000), Fraction(str(round(float(seconds), 3))))
    count = max(1, math.ceil(whole * DRAWING_FPS))
    frames = tuple(
        _part(first, strokes, clock, clock[-1][-1] * place / count if clock else 0.0)
        for place in range(count)
    )
    return replace(
        animation,
        frames=frames + animation.frames,
        durations=(whole / count,) * count + animation.durations,
        facts=(animation.facts[0],) * count + animation.facts,
    )


def _label(animation: Animation, facts: Mapping[str, object]) -> str:
    return str(facts.get("label") or animation.label)


def _between(share: float) -> str:
    """From blue by way of purple to vermilion; straight on would be grey half-way."""
    ends = np.array([rgb(PALETTE[place]) for place in (0, 3, 1)], float)
    channels = [np.interp(2 * share, [0, 1, 2], channel) for channel in ends.T]
    red, green, blue = np.rint(channels).astype(int).tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def _dense(stroke: Points, smooth: bool) -> Float64[np.ndarray, "n 2"]:
    return flatten(*outline(stroke, smooth))


def _pen_clock(
    animation: Animation, strokes: Sequence[Float64[np.ndarray, "n 2"]]
) -> list[Float64[np.ndarray, " n"]]:
    """When the pen is at each point of each stroke: from its times, or else as it goes along."""
    clock: list[Float64[np.ndarray, " n"]] = []
    now = 0.0
    for place, stroke in enumerate(strokes):
        way = np.append(0, np.hypot(*np.diff(stroke, axis=0).T).cumsum())
        if animation.times is not None:
            times = animation.times[place].astype(float) - float(animation.times[0][0])
            raw = animation.frames[0].strokes[place].astype(float)
            along = np.append(0, np.hypot(*np.diff(raw, axis=0).T).cumsum())
            share = along / (along[-1] or 1)
            clock.append(np.interp(way / (way[-1] or 1), share, times))
        else:
            clock.append(now + way)
            now += float(way[-1]) or 1.0  # a dot takes a moment as well
    return clock


def _part(
    frame: Frame,
    strokes: Sequence[Float64[np.ndarray, "n 2"]],
    clock: Sequence[Float64[np.ndarray, " n"]],
    now: float,
) -> Frame:
    """What is drawn at a moment: whole strokes, and the beginning of the one under the pen."""

    def parts() -> Iterator[tuple[int, Points]]:
        for place, (stroke, times) in enumerate(zip(strokes, clock, strict=True)):
            if times[-1] <= now and now > 0:
                yield place, frame.strokes[place]
            elif times[0] < now:
                count = int(np.searchsorted(times, now, side="right"))
                end = [np.interp(now, times, stroke[:, axis]) for axis in (0, 1)]
                yield place, np.vstack([stroke[:count], end]).astype(np.float32)

    found = list(parts())
    return Frame(
        [stroke for _, stroke in found],
        [frame.ids[place] for place, _ in found],
        frame.opacity,
        [frame.colours[place] for place, _ in found] if frame.colours else (),
    )
