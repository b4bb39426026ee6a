"""Make the frames that every alternative writes, and the context that renderers receive."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable
from fractions import Fraction
from typing import BinaryIO

import numpy as np

import strokeanim
from benchmarks.plan import Plan
from strokeanim.animation.frame import Frame
from strokeanim.render.plugins import registry
from strokeanim.render.protocol import RenderContext

SIZE, FRAMES, FPS, WIDTH = 512, 100, 20, 4.0


def drawn(plan: Plan, count: int = FRAMES) -> list[Frame]:
    """Make frames on a square canvas in px: in-betweens of mouths, or loops for dense frames."""
    count = plan.count(count, 1 if count == 1 else 3)
    if plan.dense:
        return [loops(place, SIZE, SIZE) for place in range(count)]
    mouths = strokeanim.load("sample:mouth")
    animation = strokeanim.animate(mouths[0], mouths[3], mouths[5], steps=plan.count(49, 1))
    scale = SIZE / animation.canvas.longer
    corner = animation.canvas.x, animation.canvas.y
    return [
        Frame([(stroke - corner) * scale for stroke in frame.strokes], frame.ids)
        for frame in animation.frames[:count]
    ]


def loops(place: int, width: int, height: int) -> Frame:
    """Make a frame of five loops of sixty points, which turn, grow and shrink over time."""
    angle, moment = np.linspace(0, 5.8, 60), place / 50
    centre, strokes = np.array([width, height]) / 2, []
    for loop in range(5):
        reach = (0.12 + 0.07 * loop) * (1 + 0.1 * np.sin(moment + loop))
        radius = reach * (1 + 0.15 * np.sin((loop + 2) * angle + 3 * moment))
        turned = angle + moment * (1 if loop % 2 else -1)
        strokes.append(centre + min(width, height) * (radius * [np.cos(turned), np.sin(turned)]).T)
    return Frame(strokes)


def context(frames: int, size: Iterable[int] = (SIZE, SIZE), smooth: bool = False) -> RenderContext:
    """Make the context that a renderer receives."""
    times, facts, log = (Fraction(1, FPS),) * frames, ({},) * frames, logging.getLogger()
    given = (*size, "#000000", WIDTH, "#ffffff", smooth, times, "", facts, log)
    return RenderContext(*given, companion=lambda _: io.BytesIO())


def streamed(name: str, settings: RenderContext, frames: Iterable[Frame], sink: BinaryIO) -> None:
    """Render frames one after the other."""
    renderer = registry.get(name)
    session = renderer.open(sink, settings, renderer.spec.options())
    for frame in frames:
        session.frame(frame)
    session.finish()
