"""The hand that draws: from ideal curves to strokes as a person's finger leaves them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from strokeanim.geometry.drawing import Drawing
from strokeanim.geometry.polylines import normalise, simplify
from strokeanim.typing import Points

_CORNER = 0.7
"""A turn of this many radians between two samples is a corner, where a hand slows down."""

_WAVES = np.array([1.9, 0.85, 0.4])
"""Wavelengths of a hand's wobble along its way, in half features."""


@dataclass(frozen=True)
class DrawingStyle:
    """How one person draws today; all strokes of a drawing share it.

    Attributes:
        wobble: standard deviation of the slow swaying, in half features.
        tremor: of each touch point by itself: a coarse touch screen, a jolting bus.
        stride: way between two touch points; a hasty finger leaves few, and corners of its own.
        sloppy: scales how far strokes miss the place where they should begin and end.
    """

    wobble: float
    tremor: float
    stride: float
    sloppy: float

    @classmethod
    def any(cls, rng: np.random.Generator) -> DrawingStyle:
        haste = rng.gamma(2.5, 0.4)
        return cls(
            wobble=0.0125 * min(haste, 2.2),
            tremor=0.006 * np.exp(rng.normal(0, 0.4)),
            stride=float(np.clip(0.07 * np.exp(0.25 * haste + rng.normal(0, 0.35)), 0.04, 0.3)),
            sloppy=float(0.7 * haste * np.exp(rng.normal(0, 0.4))),
        )


def draw(shapes: list[Points], rng: np.random.Generator) -> Drawing:
    """Ideal curves (roughly −1..1) → a simplified drawing with a longer side of 255.

    One temper per drawing; then each stroke shifts, wobbles, overshoots or falls short by itself,
    and rarely runs the other way.
    """
    temper = DrawingStyle.any(rng)
    ends = np.cumsum([len(shape) for shape in shapes])[:-1]
    plane = np.concatenate(shapes)  # bent and turned as one, which is faster
    plane = _turn(_bend(plane, rng, 0.045 * min(temper.sloppy, 2.0)), rng)
    shapes = np.split(plane, ends)
    drawing = normalise(Drawing([_stroke(shape, rng, temper) for shape in shapes]), 255.0)
    # Simplifying may have cut off what touched the box.
    kept = normalise(Drawing([simplify(stroke, 2.0) for stroke in drawing.strokes]), 255.0)
    return Drawing([np.round(stroke) for stroke in kept.strokes])


def _bend(points: Points, rng: np.random.Generator, amount: float) -> Points:
    """One smooth bending of the whole plane: what makes two drawings of a shape differ."""
    waves = rng.normal(0, amount, (3, 2))
    ways = rng.normal(0, 1.3, (3, 2))
    phases = rng.uniform(0, 2 * np.pi, 3)
    return np.asarray(points + np.sin(points @ ways.T + phases) @ waves, np.float32)


def _turn(points: Points, rng: np.random.Generator) -> Points:
    """The paper lies askew: a turn of a few degrees, unequal scale, a little slant."""
    angle = np.deg2rad(rng.normal(0, 4) if rng.random() < 0.9 else rng.normal(0, 12))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scale = np.diag(np.exp(rng.normal(0, 0.1, 2)))
    slant = np.array([[1, rng.normal(0, 0.08)], [0, 1]])
    return np.asarray(points @ (turn @ scale @ slant).T, np.float32)


def _stroke(shape: Points, rng: np.random.Generator, temper: DrawingStyle) -> Points:
    size = float(np.ptp(shape, axis=0).max())
    if rng.random() < 0.04:
        shape = shape[::-1]
    drawn = _touches(_ended(shape, rng, temper), rng, min(temper.stride, 0.42 * size + 0.02))
    # Small strokes are drawn with small movements, which miss by less.
    ease = min(1.0, 0.12 + 0.88 * size)
    way = _way(drawn)[:, None]
    phases = rng.uniform(0, 2 * np.pi, (3, 2))
    heights = rng.normal(0, temper.wobble, (3, 2)) * (_WAVES / _WAVES[0])[:, None] ** 0.6
    wobble = (np.sin(2 * np.pi * way[:, :, None] / _WAVES[:, None] + phases) * heights).sum(axis=1)
    # A drift along the way is what leaves a closed curve open, or crossing its own start.
    drift = (way / (way[-1] + 1e-6)) ** 2 * rng.normal(0, 0.016 * temper.sloppy, 2) * size
    # A careful hand, which leaves many touches, trembles less.
    care = float(np.clip(temper.stride / 0.11, 0.45, 1.2)) * (0.3 + 0.7 * ease)
    jolt = rng.normal(0, temper.tremor * care, drawn.shape)
    shift = rng.normal(0, 0.014 * temper.sloppy, 2)
    return np.asarray(drawn + ease * wobble + drift + jolt + shift, np.float32)


def _ended(shape: Points, rng: np.random.Generator, temper: DrawingStyle) -> Points:
    """Where a stroke stops: too early, too late, or with a hook as the finger lifts."""
    count = len(shape)
    luck = rng.random()
    reach = min(0.14, 0.035 * temper.sloppy * rng.exponential())
    more = max(1, round(reach * count))
    closed = count > 12 and float(np.hypot(*(shape[-1] - shape[0]))) < 0.01
    if luck < 0.3 and count > 12:
        return shape[: count - more]
    if luck < 0.52 and closed:  # past its own start, a little beside it
        return np.concatenate([shape, shape[1 : more + 1] + rng.normal(0, 0.012, 2)])
    if luck > 0.94 and count > 12:
        hook = shape[-1:] + rng.normal(0, 0.05 * temper.sloppy, (1, 2))
        return np.concatenate([shape, hook])
    return shape


def _touches(shape: Points, rng: np.random.Generator, stride: float) -> Points:
    """The places at which the screen noticed the finger, about one per `stride`, and corners."""
    legs = np.diff(shape, axis=0).astype(np.float64)
    way = _way(shape)
    count = max(2, round(float(way[-1]) / stride) + 1)
    angles = np.arctan2(legs[:, 1], legs[:, 0])
    turns = np.abs((np.diff(angles) + np.pi) % (2 * np.pi) - np.pi)
    corners = way[1:-1][turns > _CORNER]
    paces = np.cumsum(rng.uniform(0.6, 1.4, count))
    even = (paces - paces[0]) / (paces[-1] - paces[0]) * way[-1]
    at = np.sort(np.concatenate([even, corners]))
    return np.stack([np.interp(at, way, shape[:, axis]) for axis in (0, 1)], axis=1)


def _way(points: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """The way walked along a polyline up to each of its points."""
    legs = np.diff(points.astype(np.float64), axis=0)
    return np.concatenate([[0.0], np.cumsum(np.hypot(legs[:, 0], legs[:, 1]))])
