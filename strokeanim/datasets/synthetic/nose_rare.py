"""Draw rare kinds of noses: brackets, snouts, shaded ones, with a mouth, in a face."""

from __future__ import annotations

import numpy as np

from strokeanim.datasets.synthetic.context import face, shading
from strokeanim.datasets.synthetic.curves import arc, curve, ellipse, line, polyline, vec
from strokeanim.datasets.synthetic.nose_parts import nostrils
from strokeanim.typing import Points


def brackets(rng: np.random.Generator) -> list[Points]:
    """Draw both sides as separate lines, alike (two profiles in a row) or mirrored."""
    out, knee = rng.uniform(0.2, 0.5), rng.uniform(-0.2, 0.2)
    profile = curve([(0, -1), (0.02, knee), (-out, 0.5), (-0.6 * out, 0.95), (0.1, 1.0)])
    apart = rng.uniform(0.3, 0.6)
    side = rng.choice([-1.0, 1.0])
    return [profile - vec(apart, 0), profile * vec(side, rng.uniform(0.6, 1)) + vec(apart, 0)]


def snout(rng: np.random.Generator) -> list[Points]:
    """Draw a flat oval with large nostrils (a pig) or a dark heart with a line below (a dog)."""
    if rng.random() < 0.6:
        oval = ellipse((0, 0), (1, rng.uniform(0.6, 0.8)), rng.uniform(-2, -1))
        holes = (rng.uniform(0.1, 0.16), rng.uniform(0.2, 0.35))
        return [
            oval,
            *(ellipse((x, 0), holes, rng.uniform(0, 6), samples=24) for x in (-0.35, 0.35)),
        ]
    heart = curve([(0, 0.2), (-0.7, -0.35), (-0.4, -0.75), (0.4, -0.75), (0.7, -0.35), (0, 0.2)])
    below = curve([(-0.6, 0.7), (-0.3, 0.9), (0, 0.6), (0.3, 0.9), (0.6, 0.7)])
    return [heart, line((0, 0.2), (0, 0.6)), below]


def shaded_nose(rng: np.random.Generator) -> list[Points]:
    """Draw a filled triangle or button."""
    fill = shading(rng, (0, 0.3), (0.35, 0.45), int(rng.integers(10, 24)))
    if rng.random() < 0.5:
        return [ellipse((0, 0.2), (0.7, 0.75), rng.uniform(-2, -1)), fill]
    return [polyline([(0, -1), (-0.7, 0.9), (0.7, 0.9), (0, -1)]), fill]


def with_mouth(rng: np.random.Generator) -> list[Points]:
    """Draw a nose and a mouth below it as an arc, sometimes joined by two lines."""
    shapes = _plain_nose(rng)
    wide, y = rng.uniform(0.4, 0.8), rng.uniform(1.2, 1.5)
    below = arc((-wide, y), (wide, y), -rng.uniform(-0.1, 0.3))
    groove = [line((x, 1.0), (x, y - 0.05)) for x in ((-0.1, 0.1) if rng.random() < 0.4 else ())]
    return [*shapes, *groove, below]


def in_face(rng: np.random.Generator) -> list[Points]:
    """Draw a nose in the middle of a face that has little else."""
    return face(_plain_nose(rng), rng, rng.uniform(0.3, 0.45), (rng.normal(0, 0.05), 0.08))


def _plain_nose(rng: np.random.Generator) -> list[Points]:
    style = rng.random()
    if style < 0.4:
        wing, foot = rng.uniform(0.4, 0.7), 0.7
        knots = [(-0.2, -1), (-0.25, 0.1), (-wing, 0.5), (-0.3, 0.85), (0, foot), (0.3, 0.85)]
        return [curve([*knots, (wing, 0.5), (0.25, 0.1), (0.2, -1)])]
    if style < 0.7:
        return [polyline([(0.1, -1), (-0.6, 0.8), (rng.uniform(0.1, 0.5), 0.9)])]
    oval = ellipse((0, 0), (0.8, 0.7), rng.uniform(-2, -1))
    return [oval, *nostrils(rng, 0, 0.2, 0.35)]
