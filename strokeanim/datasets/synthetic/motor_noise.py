"""Add motor noise to ideal curves and simplify the strokes as QuickDraw does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from strokeanim.geometry.drawing import Drawing
from strokeanim.geometry.polylines import normalise, simplify
from strokeanim.typing import Points

_CORNER_ANGLE = 0.7
"""Smallest turn, in radians, that counts as a corner, where people slow down."""

_WAVELENGTHS = np.array([1.9, 0.85, 0.4])
"""Wavelengths of the wobble along a stroke, in half features."""


@dataclass(frozen=True)
class DrawingStyle:
    """The motor noise of one drawing, shared by all its strokes.

    Attributes:
        wobble: standard deviation of the slow deviation, in half features.
        tremor: standard deviation of the noise of each touch point alone, as on a coarse touch
            screen or a jolting bus; in half features.
        stride: mean distance between two touch points, in half features; fast drawing leaves few
            points, which makes new corners.
        sloppy: scale of how far strokes miss their intended start and end.
    """

    wobble: float
    tremor: float
    stride: float
    sloppy: float

    @classmethod
    def any(cls, rng: np.random.Generator) -> DrawingStyle:
        """Return a random style; fast drawing is less accurate."""
        speed = rng.gamma(2.5, 0.4)
        return cls(
            wobble=0.0125 * min(speed, 2.2),
            tremor=0.006 * np.exp(rng.normal(0, 0.4)),
            stride=float(np.clip(0.07 * np.exp(0.25 * speed + rng.normal(0, 0.35)), 0.04, 0.3)),
            sloppy=float(0.7 * speed * np.exp(rng.normal(0, 0.4))),
        )


def draw(shapes: list[Points], rng: np.random.Generator) -> Drawing:
    """Turn ideal curves (roughly −1..1) into a simplified drawing with a longer side of 255.

    The strokes share one style; each is shifted, wobbles and ends too late or too early
    independently, and rarely runs in reverse.
    """
    style = DrawingStyle.any(rng)
    ends = np.cumsum([len(shape) for shape in shapes])[:-1]
    points = np.concatenate(shapes)  # deformed together, which is faster
    points = _distort(_bend(points, rng, 0.045 * min(style.sloppy, 2.0)), rng)
    shapes = np.split(points, ends)
    drawing = normalise(Drawing([_perturb(shape, rng, style) for shape in shapes]), 255.0)
    # Simplifying may have removed the points that touched the box.
    simplified = normalise(Drawing([simplify(stroke, 2.0) for stroke in drawing.strokes]), 255.0)
    return Drawing([np.round(stroke) for stroke in simplified.strokes])


def _bend(points: Points, rng: np.random.Generator, amount: float) -> Points:
    """Deform the whole plane smoothly: the main difference between two drawings of a shape."""
    amplitudes = rng.normal(0, amount, (3, 2))
    wave_vectors = rng.normal(0, 1.3, (3, 2))
    phases = rng.uniform(0, 2 * np.pi, 3)
    return np.asarray(points + np.sin(points @ wave_vectors.T + phases) @ amplitudes, np.float32)


def _distort(points: Points, rng: np.random.Generator) -> Points:
    """Rotate by a few degrees, scale the axes unequally and shear a little."""
    angle = np.deg2rad(rng.normal(0, 4) if rng.random() < 0.9 else rng.normal(0, 12))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scale = np.diag(np.exp(rng.normal(0, 0.1, 2)))
    shear = np.array([[1, rng.normal(0, 0.08)], [0, 1]])
    return np.asarray(points @ (rotation @ scale @ shear).T, np.float32)


def _perturb(shape: Points, rng: np.random.Generator, style: DrawingStyle) -> Points:
    size = float(np.ptp(shape, axis=0).max())
    if rng.random() < 0.04:
        shape = shape[::-1]
    points = _sample(_vary_end(shape, rng, style), rng, min(style.stride, 0.42 * size + 0.02))
    # Small strokes need small movements, which deviate less.
    scale = min(1.0, 0.12 + 0.88 * size)
    lengths = _arc_lengths(points)[:, None]
    phases = rng.uniform(0, 2 * np.pi, (3, 2))
    amplitudes = (
        rng.normal(0, style.wobble, (3, 2)) * (_WAVELENGTHS / _WAVELENGTHS[0])[:, None] ** 0.6
    )
    wobble = (
        np.sin(2 * np.pi * lengths[:, :, None] / _WAVELENGTHS[:, None] + phases) * amplitudes
    ).sum(axis=1)
    # A drift along the stroke leaves a closed curve open, or makes it cross its start.
    drift = (lengths / (lengths[-1] + 1e-6)) ** 2 * rng.normal(0, 0.016 * style.sloppy, 2) * size
    # Slow drawing, which leaves many touch points, trembles less.
    tremor_scale = float(np.clip(style.stride / 0.11, 0.45, 1.2)) * (0.3 + 0.7 * scale)
    tremor = rng.normal(0, style.tremor * tremor_scale, points.shape)
    shift = rng.normal(0, 0.014 * style.sloppy, 2)
    return np.asarray(points + scale * wobble + drift + tremor + shift, np.float32)


def _vary_end(shape: Points, rng: np.random.Generator, style: DrawingStyle) -> Points:
    """End a stroke too early, too late, or with a hook where the finger lifts."""
    count = len(shape)
    choice = rng.random()
    share = min(0.14, 0.035 * style.sloppy * rng.exponential())
    extra = max(1, round(share * count))
    is_closed = count > 12 and float(np.hypot(*(shape[-1] - shape[0]))) < 0.01
    if choice < 0.3 and count > 12:
        return shape[: count - extra]
    if choice < 0.52 and is_closed:  # past its start, at a small offset
        return np.concatenate([shape, shape[1 : extra + 1] + rng.normal(0, 0.012, 2)])
    if choice > 0.94 and count > 12:
        hook = shape[-1:] + rng.normal(0, 0.05 * style.sloppy, (1, 2))
        return np.concatenate([shape, hook])
    return shape


def _sample(shape: Points, rng: np.random.Generator, stride: float) -> Points:
    """Sample the touch points of a stroke, about one per `stride` and one per corner."""
    segments = np.diff(shape, axis=0).astype(np.float64)
    lengths = _arc_lengths(shape)
    count = max(2, round(float(lengths[-1]) / stride) + 1)
    angles = np.arctan2(segments[:, 1], segments[:, 0])
    turns = np.abs((np.diff(angles) + np.pi) % (2 * np.pi) - np.pi)
    corners = lengths[1:-1][turns > _CORNER_ANGLE]
    steps = np.cumsum(rng.uniform(0.6, 1.4, count))
    even = (steps - steps[0]) / (steps[-1] - steps[0]) * lengths[-1]
    positions = np.sort(np.concatenate([even, corners]))
    return np.stack([np.interp(positions, lengths, shape[:, axis]) for axis in (0, 1)], axis=1)


def _arc_lengths(points: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return the arc length from the start of a polyline to each of its points."""
    segments = np.diff(points.astype(np.float64), axis=0)
    return np.concatenate([[0.0], np.cumsum(np.hypot(segments[:, 0], segments[:, 1]))])
