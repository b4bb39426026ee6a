"""Draw the iris, pupil, lashes and brow of an eye."""

from __future__ import annotations

import numpy as np

from strokeanim.datasets.synthetic.context import dot, scribble, shading
from strokeanim.datasets.synthetic.curves import (
    arc,
    ellipse,
    line,
    polyline,
    sample_at,
    spiral,
    vec,
    zigzag,
)
from strokeanim.typing import Points

Place = tuple[float, float]


def iris(rng: np.random.Generator, x: float, high: float) -> list[Points]:
    """Draw iris and pupil, looking towards `x`, between lids that reach ±`high`."""
    style = rng.random()
    centre = (x, rng.normal(0, 0.09) * high)
    start = rng.uniform(0, 2 * np.pi) if rng.random() < 0.4 else rng.uniform(-2.4, -0.8)
    sweep = 2 * np.pi * rng.uniform(0.88, 1.03) * (-1 if rng.random() < 0.7 else 1)
    if style < 0.62:  # a circle within the lids
        radius = rng.uniform(0.34, 0.95) * high
        wide = radius * np.exp(rng.normal(0, 0.14))
        ring = ellipse(centre, (wide, radius), start, sweep)
        if rng.random() < 0.12:  # a careless polygon
            ring = ring[:: int(rng.integers(6, 9))]
        return [ring, *pupil(rng, centre, radius)]
    if style < 0.84:
        return _cut_iris(rng, x, high, centre)
    if style < 0.9:  # an upright slit, empty or filled
        wide = rng.uniform(0.1, 0.25)
        slit = ellipse(centre, (wide, high * rng.uniform(0.8, 1.0)), -np.pi / 2, sweep)
        if rng.random() < 0.35:
            return [shading(rng, centre, (wide, 0.9 * high), int(rng.integers(8, 26)))]
        return [slit, *pupil(rng, centre, wide)] if rng.random() < 0.6 else [slit]
    return pupil(rng, centre, 0.7 * high, lone=True)


def _cut_iris(rng: np.random.Generator, x: float, high: float, centre: Place) -> list[Points]:
    """Draw an iris cut by the lids: two arcs from lid to lid, or a circle below the upper lid."""
    radius = rng.uniform(0.25, 0.5)
    reach = high * np.sqrt(max(0.1, 1 - (x / 1.2) ** 2)) * rng.uniform(0.75, 1.05)
    if rng.random() < 0.3:
        middle = (x, -reach + radius * rng.uniform(0.5, 0.9))
        start = -np.pi / 2 - rng.uniform(0.6, 1.2)
        ring = ellipse(middle, (radius, radius * 1.1), start, -2 * np.pi + 2 * (-np.pi / 2 - start))
        return [ring, *pupil(rng, middle, radius)]
    bulge = rng.uniform(0.3, 0.7)
    sides = [
        arc(
            (x + side * radius * 0.75, -reach),
            (x + side * radius * 0.75, reach * rng.uniform(0.75, 1.1)),
            side * radius * bulge,
        )
        for side in (-1, 1)
    ]
    return [*sides, *pupil(rng, centre, radius)]


def pupil(
    rng: np.random.Generator, centre: Place, radius: float, lone: bool = False
) -> list[Points]:
    """Draw a dot, a circle, a scribble, a spiral or a rarer pupil; maybe none, unless `lone`."""
    style = rng.random() * (0.8 if lone else 1.0)
    start = rng.uniform(0, 2 * np.pi)
    small = radius * rng.uniform(0.18, 0.5)
    centre = (centre[0] + rng.normal(0, 0.08) * radius, centre[1] + rng.normal(0, 0.08) * radius)
    if style < 0.24:
        wide = small * np.exp(rng.normal(0, 0.25))
        parts = [
            ellipse(
                centre,
                (wide, small),
                start,
                rng.choice([-1, -1, 1]) * rng.uniform(5.5, 6.5),
                samples=24,
            )
        ]
    elif style < 0.42:
        parts = [dot(rng, centre, rng.uniform(0.01, 0.05))]
    elif style < 0.58:
        parts = [scribble(rng, centre, (small, small), rng.uniform(1.2, 3.5))]
    elif style < 0.66:
        parts = [spiral(centre, (small, small), rng.uniform(1.5, 4.5), start)]
    elif style < 0.7:
        parts = [shading(rng, centre, (small, small), int(rng.integers(5, 14)))]
    elif style < 0.73:  # filled all over, untidily
        parts = [scribble(rng, centre, (0.8 * radius, 0.8 * radius), rng.uniform(4, 9))]
    elif style < 0.76:  # a cat's slit
        parts = [ellipse(centre, (small * 0.4, radius * 0.85), -np.pi / 2, samples=20)]
    elif style < 0.8:  # a wedge
        wedge = np.array([(0, 0), (1, -1), (0, -1), (0, 0)]) * small + centre
        parts = [polyline(wedge)]
    else:
        return []
    if not lone and rng.random() < 0.1:  # a highlight
        spot = (centre[0] + radius * 0.4, centre[1] - radius * 0.4)
        parts.append(ellipse(spot, (radius * 0.2, radius * 0.2), start, samples=14))
    return parts


def lashes(rng: np.random.Generator, upper: Points, lower: Points) -> list[Points]:
    """Draw upper lashes and sometimes lower ones, as a few lines or a zigzag along the lid."""
    if rng.random() < 0.08:
        return [_zigzag_lashes(rng, upper)]
    count = int(rng.choice([1, 2, 3, 4, 5, 6, 8], p=[0.07, 0.16, 0.28, 0.22, 0.14, 0.08, 0.05]))
    long = rng.uniform(0.2, 0.75)
    low, high = (0.1, 0.9) if rng.random() < 0.5 else sorted(rng.uniform(0, 1, 2))
    if high - low < 0.08 * count:
        low, high = (0.05, 0.5) if rng.random() < 0.5 else (0.5, 0.95)
    bend = rng.normal(0, 0.05)
    shares = np.linspace(low, high, count) + rng.normal(0, 0.02, count)
    parts = [_lash(rng, upper, float(np.clip(share, 0, 1)), long, bend, -1) for share in shares]
    if rng.random() < 0.12:
        lower_shares = np.linspace(0.15, 0.85, rng.integers(2, 6))
        parts += [_lash(rng, lower, share, long * 0.7, bend, 1) for share in lower_shares]
    return parts if rng.random() < 0.8 else parts[::-1]


def _zigzag_lashes(rng: np.random.Generator, upper: Points) -> Points:
    count = int(rng.integers(4, 10))
    points = [sample_at(upper, share) for share in np.linspace(0.05, 0.95, 2 * count + 1)]
    lift = vec(0, -rng.uniform(0.12, 0.3))
    return polyline([point + lift * (n % 2) for n, point in enumerate(points)])


def _lash(
    rng: np.random.Generator, lid: Points, share: float, long: float, bend: float, away: float
) -> Points:
    """Draw a lash fanning out from a lid; few are drawn towards it, some do not touch it."""
    root = sample_at(lid, share)
    fan = 0.75 * root[0] + rng.normal(0.12, 0.2)
    tip = root + vec(fan * long, away * long * rng.uniform(0.7, 1.15))
    root = root + (tip - root) * rng.normal(0.02, 0.12)
    lash = arc(root, tip, bend) if abs(bend) > 0.05 else line(root, tip)
    if rng.random() < 0.06:  # there and back again
        lash = np.concatenate([lash, lash[-2::-2] + vec(rng.normal(0, 0.05), 0)])
    return lash if rng.random() < 0.8 else lash[::-1]


def brow(rng: np.random.Generator, high: float) -> list[Points]:
    """Draw a brow as a line, a flat loop or hatching."""
    y = -high - rng.uniform(0.2, 0.6)
    left, right = (-rng.uniform(0.5, 0.9), y), (rng.uniform(0.5, 0.9), y + rng.normal(0, 0.12))
    style = rng.random()
    outline = arc(left, right, rng.uniform(0, 0.3))
    if style < 0.7:
        return [outline]
    if style < 0.88:
        return [np.concatenate([outline, outline[::-1] + vec(0, -rng.uniform(0.05, 0.15))])]
    return [zigzag((left[0], y), (right[0], y - 0.15), int(rng.integers(6, 14)))]
