"""Draw the folds of an ear, its hole, earrings, hairs and the tragus."""

from __future__ import annotations

import numpy as np

from strokeanim.datasets.synthetic.context import dot, scribble
from strokeanim.datasets.synthetic.curves import arc, curve, ellipse, line, polyline, spiral, vec
from strokeanim.typing import Points


def folds(rng: np.random.Generator, wide: float) -> list[Points]:
    """Draw arcs, a question mark, a spiral, rings, a loop, an angle, a hole or nothing in a rim."""
    size = rng.uniform(0.35, 0.8)
    x, y = wide * rng.uniform(0.15, 0.4), rng.uniform(-0.3, 0.1)
    if rng.random() < 0.2:
        return []
    kinds = [_arc, _short_arc, _question_mark, _spiral, _rings, _arcs, _loop, _angle, _hole]
    shares = [0.28, 0.18, 0.12, 0.08, 0.04, 0.15, 0.07, 0.03, 0.05]
    return kinds[rng.choice(len(kinds), p=shares)](rng, x, y, wide, size)


def extras(rng: np.random.Generator, wide: float) -> list[Points]:
    """Draw an earring, a few hairs or a tragus, or nothing."""
    style = rng.random()
    if style < 0.025:
        centre = (wide * rng.uniform(0.1, 0.3), 1.0)
        return [ellipse(centre, (0.09, 0.12), rng.uniform(0, 6), samples=20)]
    if style < 0.04:
        return [line((x, -1), (x + rng.normal(0, 0.1), -1.25)) for x in (0.1, 0.25, 0.4)]
    if style < 0.14:
        x, y = rng.uniform(-0.25, 0.0), rng.uniform(0.0, 0.4)
        return [arc((x, y - 0.15), (x, y + 0.15), -rng.uniform(0.05, 0.2))]
    return []


def _arc(rng: np.random.Generator, x: float, y: float, wide: float, size: float) -> list[Points]:
    """Draw an arc along the inside of the rim."""
    out = wide * rng.uniform(0.35, 0.55)
    knots = [(x - 0.35 * size, y - 0.45 * size), (x, y - 0.7 * size)]
    knots += [(x + out * size, y - 0.35 * size), (x + 0.8 * out * size, y + 0.2 * size)]
    knots.append((x - 0.05, y + 0.55 * size))
    return [curve(knots[: int(rng.integers(3, 6))])]


def _short_arc(
    rng: np.random.Generator, x: float, y: float, wide: float, size: float
) -> list[Points]:
    """Draw a short arc, under the top of the rim or against the head."""
    start = rng.uniform(0, 2 * np.pi)
    sweep = rng.uniform(1.5, 4.0) * rng.choice([-1, 1])
    return [ellipse((x, y), (0.35 * wide * size, 0.4 * size), start, sweep, samples=20)]


def _question_mark(
    rng: np.random.Generator, x: float, y: float, wide: float, size: float
) -> list[Points]:
    """Draw a question mark that ends in the tragus."""
    knots = [(x - 0.35 * size, y - 0.4 * size), (x, y - 0.7 * size)]
    knots += [(x + 0.45 * wide * size, y - 0.35 * size), (x + 0.3 * wide * size, y + 0.15 * size)]
    knots += [(x - 0.05, y + 0.5 * size), (x - 0.2, y + 0.6 * size)]
    if rng.random() < 0.6:
        knots.append((x - 0.25, y + 0.35 * size))
    return [curve(knots)]


def _spiral(rng: np.random.Generator, x: float, y: float, wide: float, size: float) -> list[Points]:
    start = rng.uniform(np.pi, 2 * np.pi)
    radii = (0.32 * size * wide + 0.08, 0.5 * size)
    return [spiral((x, y), radii, rng.uniform(1.0, 2), start)]


def _rings(rng: np.random.Generator, x: float, y: float, wide: float, size: float) -> list[Points]:
    start = rng.uniform(0, 2 * np.pi)
    rings = [ellipse((x, y), (0.45 * wide * size + 0.1, 0.5 * size), start)]
    if rng.random() < 0.4:
        rings.append(ellipse((x, y), (0.2 * wide, 0.25 * size), start))
    return rings


def _arcs(rng: np.random.Generator, x: float, y: float, wide: float, size: float) -> list[Points]:
    """Draw one arc above another."""
    upper = _arc(rng, x, y - 0.15, wide, size)[0]
    low = y + rng.uniform(0.15, 0.45)
    lower = arc((x - 0.15, low), (x - 0.05, low + 0.35), rng.normal(0, 0.15))
    return [upper, lower]


def _loop(rng: np.random.Generator, x: float, y: float, wide: float, size: float) -> list[Points]:
    """Draw a narrow leaf whose outline crosses itself."""
    half = 0.3 * wide * size
    knots = [(x, y - 0.6 * size), (x + half, y), (x, y + 0.6 * size), (x - half, y)]
    knots.append((x + rng.normal(0, 0.05), y - 0.7 * size))
    return [curve(knots)]


def _angle(rng: np.random.Generator, x: float, y: float, wide: float, size: float) -> list[Points]:
    corners = np.array([(-0.4, -0.6), (0.3 * wide, -0.5), (0.3 * wide, 0.1), (-0.2, 0.6)])
    return [polyline(corners * size * rng.uniform(0.8, 1.2) + vec(x, y))]


def _hole(rng: np.random.Generator, x: float, y: float, wide: float, size: float) -> list[Points]:
    """Draw the ear hole, a dot or a dark spot near the head, alone or under an arc."""
    centre = (x - 0.15, y + rng.uniform(0.1, 0.3))
    blob = scribble(rng, centre, (0.1, 0.14), rng.uniform(1.5, 4))
    spot = dot(rng, centre) if rng.random() < 0.5 else blob
    return [spot] if rng.random() < 0.4 else [*_arc(rng, x, y, wide, size), spot]
