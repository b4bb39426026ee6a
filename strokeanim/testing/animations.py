"""Ready-made animations, small and the same every time."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from strokeanim.animation.animation import Animation
from strokeanim.animation.frame import Frame
from strokeanim.geometry import Box
from strokeanim.render.protocol import RenderContext
from strokeanim.typing import Points

CANVAS = Box(0, 0, 100, 80)
"""Of all animations here that say nothing else, drawing units."""


def empty() -> Animation:
    """One frame without strokes."""
    return _still(())


def dot() -> Animation:
    """One frame with one stroke of one point."""
    return _still([[(50, 40)]])


def still() -> Animation:
    """One frame: a face of six strokes, two of them closed, one a dot."""
    return _still(face(0.0))


def moving(frames: int = 12, fps: int = 10) -> Animation:
    """A face whose mouth moves; strokes keep their ids and their number of points."""
    return Animation(
        tuple(Frame(face(place / max(1, frames - 1))) for place in range(frames)),
        (Fraction(1, fps),) * frames,
        CANVAS,
        "face",
        tuple({"t": place / max(1, frames - 1), "label": "face"} for place in range(frames)),
    )


def changing() -> Animation:
    """Strokes come and go, change their points and their order; one frame is empty."""
    nose, mouth = [(50, 30), (45, 50), (55, 50)], [(30, 60), (50, 70), (70, 60)]
    frames = (
        Frame([nose], [0]),
        Frame([mouth, nose], [3, 0]),
        Frame(),
        Frame([mouth[:2], [(50, 40)]], [3, 7]),
    )
    return Animation(frames, (Fraction(1, 5),) * len(frames), CANVAS, "face")


def uneven() -> Animation:
    """Five frames shown for 1/3, 1/7, 2, 1/25 and 1/30 of a second."""
    durations = [Fraction(1, 3), Fraction(1, 7), Fraction(2), Fraction(1, 25), Fraction(1, 30)]
    return Animation(moving(len(durations)).frames, tuple(durations), CANVAS, "face")


def outside() -> Animation:
    """Ink that begins far outside the canvas and ends far outside, one that never meets it."""
    return _still([[(-500, 40), (9000, 41)], [(-90, -90), (-80, -90)]])


def faded(opacity: float = 0.5) -> Animation:
    """One frame of that opacity."""
    return Animation((Frame(face(0.0), opacity=opacity),), (Fraction(1, 5),), CANVAS, "face")


def labelled(label: str, frames: int = 2) -> Animation:
    """A face of that name."""
    some = moving(frames)
    facts = tuple({"t": 0.0, "label": label, "key": label} for _ in range(frames))
    return Animation(some.frames, some.durations, CANVAS, label, facts)


def sized(width: float, height: float) -> Animation:
    """One diagonal on a canvas of that shape."""
    strokes = [[(0.1 * width, 0.1 * height), (0.9 * width, 0.9 * height)]]
    return Animation((Frame(strokes),), (Fraction(1, 5),), Box(0, 0, width, height))


def crowded() -> Animation:
    """Two frames with three hundred strokes, and one stroke of five thousand points."""
    angle = np.linspace(0, 40 * np.pi, 5000)
    spiral = np.stack([50 + angle / 4 * np.cos(angle), 40 + angle / 4 * np.sin(angle)], axis=1)
    hatching = [[(x / 3, 5), (x / 3, 75)] for x in range(300)]
    return Animation((Frame([*hatching, spiral]), Frame(hatching)), (Fraction(1, 5),) * 2, CANVAS)


def of(strokes: Sequence[npt.ArrayLike]) -> Animation:
    """A frame for each of these strokes."""
    frames = tuple(Frame([stroke]) for stroke in strokes)
    return Animation(frames, (Fraction(1, 5),) * len(frames), CANVAS, "face")


def stream(frames: int) -> Iterator[Frame]:
    """Frames that are made one by one and are all different, in px of a canvas of 64 × 48."""
    for place in range(frames):
        angle = np.linspace(0, 6, 40) + place / 50
        yield Frame([np.stack([32 + 20 * np.cos(angle), 24 + 15 * np.sin(angle)], axis=1)])


def face(t: float) -> list[Points]:
    """The strokes of a face, whose mouth goes from a smile (t = 0) to surprise (t = 1)."""
    angle = np.linspace(0, 2 * np.pi, 17)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    circle[-1] = circle[0]
    x = np.linspace(-1, 1, 9)[:, None]
    smile = np.hstack([20 * x, 60 - 8 * x**2 + 10 * t * (1 - x**2)])
    smile[:, 0] += 50
    found = [
        circle * (46, 38) + (50, 40),
        circle * (6, 4 + 2 * t) + (34, 30),
        np.array([(58, 30), (66, 26 - 2 * t), (74, 30)]),
        np.array([(34.0, 30.0)]),
        np.array([(50, 34), (46, 48), (54, 48)]),
        smile,
    ]
    return [stroke.astype(np.float32) for stroke in found]


def context(frames: int = 1, **changes: Any) -> RenderContext:
    """What a session might be opened with: 64 × 48 px, black on white, ten frames a second.

    Args:
        frames: how many will come.
        changes: fields of `RenderContext` to have otherwise; a renderer of several formats needs
            an `extension`.

    Examples:
        >>> context(3, stroke="#ff0000").durations
        (Fraction(1, 10), Fraction(1, 10), Fraction(1, 10))
    """
    fields: dict[str, Any] = {
        "width": 64,
        "height": 48,
        "stroke": "#000000",
        "stroke_width": 1.0,
        "background": "#ffffff",
        "smooth": True,
        "durations": (Fraction(1, 10),) * frames,
        "label": "face",
        "facts": ({},) * frames,
        "log": logging.getLogger("strokeanim.testing"),
        "companion": lambda extension: io.BytesIO(),  # noqa: ARG005
    }
    return RenderContext(**(fields | changes))


def _still(strokes: Sequence[Any]) -> Animation:
    return Animation((Frame(strokes),), (Fraction(1, 5),), CANVAS)
