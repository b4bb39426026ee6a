"""Draw nostrils: dots, circles, commas, arcs, spirals, scribbles and dashes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from strokeanim.datasets.synthetic.context import dot, scribble
from strokeanim.datasets.synthetic.curves import arc, ellipse, line, spiral
from strokeanim.typing import Points

Nostril = Callable[[np.random.Generator, float, float, float], Points]
"""A function that draws a nostril at (x, y), about as large as a radius."""


def nostrils(rng: np.random.Generator, x: float, y: float, apart: float) -> list[Points]:
    """Draw two nostrils of a kind, not quite alike, `apart` from `x`; rarely only the left one."""
    kind = _choose_nostril(rng)
    radius = rng.uniform(0.05, 0.18)
    centres = [x - apart, x + apart] if rng.random() < 0.93 else [x - apart]
    return [kind(rng, centre, y + rng.normal(0, 0.03), radius) for centre in centres]


def profile_nostril(rng: np.random.Generator, x: float, back: float, y: float) -> list[Points]:
    """Draw nothing, a nostril near the base, or the wing as an arc behind it, in a side view."""
    style = rng.random()
    if style < 0.62:
        return []
    if style < 0.8:
        return [_choose_nostril(rng)(rng, x, y - rng.uniform(0.05, 0.25), rng.uniform(0.05, 0.15))]
    wing = back + rng.uniform(-0.1, 0.2)
    low, high = y, rng.uniform(0.2, 0.45)
    if style < 0.92:
        return [arc((wing, low), (wing - 0.05, low - high), rng.uniform(0.1, 0.3))]
    # the wing as an arch from the end of the outline
    angle = rng.uniform(-0.3, 0.3)
    return [ellipse((back - high * 0.5, low), (high * 0.6, high), angle, -np.pi, samples=24)]


def _choose_nostril(rng: np.random.Generator) -> Nostril:
    kinds = [_circle, _dot, _comma, _arch, _spiral, _scribble, _dash]
    return kinds[rng.choice(len(kinds), p=[0.36, 0.16, 0.14, 0.14, 0.09, 0.07, 0.04])]


def _circle(rng: np.random.Generator, x: float, y: float, radius: float) -> Points:
    wide = radius * rng.uniform(0.9, 1.6)
    sweep = rng.uniform(5.2, 7.2) * rng.choice([-1, 1])
    return ellipse((x, y), (wide, radius), rng.uniform(0, 6), sweep, samples=24)


def _dot(rng: np.random.Generator, x: float, y: float, radius: float) -> Points:
    return dot(rng, (x, y), 0.25 * radius)


def _comma(rng: np.random.Generator, x: float, y: float, radius: float) -> Points:
    """Draw most of a circle, with a tail."""
    sweep = rng.uniform(3.5, 5.5) * rng.choice([-1, 1])
    ring = ellipse((x, y), (radius, radius), rng.uniform(0, 6), sweep, samples=18)
    tail = ring[-1] + rng.normal(0, radius, 2)
    return np.concatenate([ring, line(ring[-1], tail, 4)[1:]])


def _arch(rng: np.random.Generator, x: float, y: float, radius: float) -> Points:
    return ellipse((x, y), (radius * 1.3, radius), np.pi, np.pi * rng.uniform(0.8, 1.3), samples=16)


def _spiral(rng: np.random.Generator, x: float, y: float, radius: float) -> Points:
    return spiral((x, y), (radius, radius * 0.8), rng.uniform(1.3, 2.8), rng.uniform(0, 6))


def _scribble(rng: np.random.Generator, x: float, y: float, radius: float) -> Points:
    return scribble(rng, (x, y), (radius, radius), rng.uniform(1.5, 3.5))


def _dash(rng: np.random.Generator, x: float, y: float, radius: float) -> Points:
    return line((x - radius, y), (x + radius, y + rng.normal(0, 0.5 * radius)), 6)
