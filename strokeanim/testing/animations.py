"""Make small, reproducible animations for tests."""

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
"""The default canvas of these animations, in drawing units."""


def empty() -> Animation:
    """Return one frame without strokes."""
    return _single_frame(())


def dot() -> Animation:
    """Return one frame with one stroke of one point."""
    return _single_frame([[(50, 40)]])


def still() -> Animation:
    """Return one frame: a face of six strokes, of which two are closed and one is a dot."""
    return _single_frame(face(0.0))


def moving(frames: int = 12, fps: int = 10) -> Animation:
    """Return a face with a moving mouth; strokes keep their ids and their numbers of points."""
    return Animation(
        tuple(Frame(face(index / max(1, frames - 1))) for index in range(frames)),
        (Fraction(1, fps),) * frames,
        CANVAS,
        "face",
        tuple({"t": index / max(1, frames - 1), "label": "face"} for index in range(frames)),
    )


def changing() -> Animation:
    """Return strokes that come, go, and change their points and order; one frame is empty."""
    nose, mouth = [(50, 30), (45, 50), (55, 50)], [(30, 60), (50, 70), (70, 60)]
    frames = (
        Frame([nose], [0]),
        Frame([mouth, nose], [3, 0]),
        Frame(),
        Frame([mouth[:2], [(50, 40)]], [3, 7]),
    )
    return Animation(frames, (Fraction(1, 5),) * len(frames), CANVAS, "face")


def uneven() -> Animation:
    """Return five frames with durations of 1/3, 1/7, 2, 1/25 and 1/30 of a second."""
    durations = [Fraction(1, 3), Fraction(1, 7), Fraction(2), Fraction(1, 25), Fraction(1, 30)]
    return Animation(moving(len(durations)).frames, tuple(durations), CANVAS, "face")


def outside() -> Animation:
    """Return a stroke across the canvas with both ends far outside, and one wholly outside."""
    return _single_frame([[(-500, 40), (9000, 41)], [(-90, -90), (-80, -90)]])


def faded(opacity: float = 0.5) -> Animation:
    """Return one frame of the given opacity."""
    return Animation((Frame(face(0.0), opacity=opacity),), (Fraction(1, 5),), CANVAS, "face")


def labelled(label: str, frames: int = 2) -> Animation:
    """Return a moving face with the given label."""
    animation = moving(frames)
    facts = tuple({"t": 0.0, "label": label, "key": label} for _ in range(frames))
    return Animation(animation.frames, animation.durations, CANVAS, label, facts)


def sized(width: float, height: float) -> Animation:
    """Return a diagonal stroke on a canvas of the given size."""
    strokes = [[(0.1 * width, 0.1 * height), (0.9 * width, 0.9 * height)]]
    return Animation((Frame(strokes),), (Fraction(1, 5),), Box(0, 0, width, height))


def crowded() -> Animation:
    """Return two frames of three hundred strokes, the first also with one of 5000 points."""
    angle = np.linspace(0, 40 * np.pi, 5000)
    spiral = np.stack([50 + angle / 4 * np.cos(angle), 40 + angle / 4 * np.sin(angle)], axis=1)
    hatching = [[(x / 3, 5), (x / 3, 75)] for x in range(300)]
    return Animation((Frame([*hatching, spiral]), Frame(hatching)), (Fraction(1, 5),) * 2, CANVAS)


def of(strokes: Sequence[npt.ArrayLike]) -> Animation:
    """Return an animation with a frame for each stroke."""
    frames = tuple(Frame([stroke]) for stroke in strokes)
    return Animation(frames, (Fraction(1, 5),) * len(frames), CANVAS, "face")


def stream(frames: int) -> Iterator[Frame]:
    """Yield frames made on demand and all different, in px of a canvas of 64 × 48."""
    for index in range(frames):
        angle = np.linspace(0, 6, 40) + index / 50
        yield Frame([np.stack([32 + 20 * np.cos(angle), 24 + 15 * np.sin(angle)], axis=1)])


def face(t: float) -> list[Points]:
    """Return the strokes of a face; its mouth goes from a smile (t = 0) to surprise (t = 1)."""
    angle = np.linspace(0, 2 * np.pi, 17)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    circle[-1] = circle[0]
    x = np.linspace(-1, 1, 9)[:, None]
    smile = np.hstack([20 * x, 60 - 8 * x**2 + 10 * t * (1 - x**2)])
    smile[:, 0] += 50
    strokes = [
        circle * (46, 38) + (50, 40),
        circle * (6, 4 + 2 * t) + (34, 30),
        np.array([(58, 30), (66, 26 - 2 * t), (74, 30)]),
        np.array([(34.0, 30.0)]),
        np.array([(50, 34), (46, 48), (54, 48)]),
        smile,
    ]
    return [stroke.astype(np.float32) for stroke in strokes]


def context(frames: int = 1, **changes: Any) -> RenderContext:
    """Return a context to open a session with: 64 × 48 px, black on white, ten frames per second.

    Args:
        frames: the number of frames.
        changes: fields of `RenderContext` to replace; a renderer of several formats needs an
            `extension`.

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


def _single_frame(strokes: Sequence[Any]) -> Animation:
    return Animation((Frame(strokes),), (Fraction(1, 5),), CANVAS)
