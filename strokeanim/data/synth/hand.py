"""The hand that draws: from ideal curves to strokes as a person's finger leaves them."""

from __future__ import annotations

import numpy as np

from strokeanim.strokes.drawing import Drawing
from strokeanim.strokes.geometry import normalise, simplify
from strokeanim.typing import Points


def draw(shapes: list[Points], rng: np.random.Generator) -> Drawing:
    """Ideal curves (roughly −1..1) → a simplified drawing with a longer side of 255.

    One temper per drawing sets how hasty its hand is; then each stroke shifts, turns and
    wobbles a little by itself, overshoots or falls short, and may run the other way.
    """
    haste = min(rng.gamma(2.0, 0.5), 2.2)
    shapes = _bend(shapes, rng, 0.05 * haste)
    strokes = [_stroke(shape, rng, haste) for shape in shapes]
    strokes = _turn(strokes, rng)
    drawing = normalise(Drawing([np.asarray(stroke) for stroke in strokes]), 255.0)
    kept = [np.round(simplify(stroke, 2.0)) for stroke in drawing.strokes]
    # Rounding may have moved the corner of the box by half a unit; QuickDraw's is exact.
    return Drawing([stroke - np.concatenate(kept).min(axis=0) for stroke in kept])


def _bend(shapes: list[Points], rng: np.random.Generator, amount: float) -> list[Points]:
    """One smooth bending of the whole plane: what makes two drawings of a shape differ."""
    waves = rng.normal(0, amount, (3, 2))
    ways = rng.normal(0, 1.3, (3, 2))
    phases = rng.uniform(0, 2 * np.pi, 3)
    return [
        (shape + np.sin(shape @ ways.T + phases) @ waves).astype(np.float32) for shape in shapes
    ]


def _stroke(shape: Points, rng: np.random.Generator, haste: float) -> Points:
    size = max(float(np.ptp(shape, axis=0).max()), 0.05)
    count = len(shape)
    along = np.linspace(0, 1, count)[:, None]
    wobble = np.zeros((count, 2))
    for cycles in (1.5, 3.0, 6.0):
        phase = rng.uniform(0, 2 * np.pi, 2)
        wobble += np.sin(2 * np.pi * cycles * along + phase) * rng.normal(0, 0.012 / cycles**0.7, 2)
    tremor = rng.normal(0, 0.0018, (count, 2))
    # A drift along the way is what leaves a closed curve open, or crossing its own start.
    drift = along**2 * rng.normal(0, 0.022, 2)
    drawn = shape + haste * size * (wobble + tremor + drift)
    drawn = drawn + rng.normal(0, 0.012 * haste, 2)
    if rng.random() < 0.12:
        drawn = drawn[::-1]
    if count > 20 and rng.random() < 0.15:
        drawn = drawn[: count - rng.integers(1, max(2, count // 12))]
    return np.asarray(drawn, np.float32)


def _turn(strokes: list[Points], rng: np.random.Generator) -> list[Points]:
    """The paper lies askew: a turn of a few degrees, unequal scale, a little slant."""
    angle = np.deg2rad(rng.normal(0, 5))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scale = np.diag(np.exp(rng.normal(0, 0.1, 2)))
    slant = np.array([[1, rng.normal(0, 0.06)], [0, 1]])
    return [(stroke @ (turn @ scale @ slant).T).astype(np.float32) for stroke in strokes]
