"""Eyes: lids in one go or two, an iris whole or cut by them, a pupil; lashes and brows at times.

Lashes and pupils are a matter of many small choices and live in `eye_parts`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strokeanim.datasets.synthetic.context import face
from strokeanim.datasets.synthetic.curves import arc, at, curve, ellipse, line, spiral, vec
from strokeanim.datasets.synthetic.eye_parts import brow, iris, lashes
from strokeanim.typing import Points


@dataclass(frozen=True)
class Lids:
    """The outline as it is drawn, and the two lids that it is made of."""

    outline: list[Points]
    upper: Points
    lower: Points
    high: float


def eye(rng: np.random.Generator) -> list[Points]:
    """One eye, corners near (−1, 0) and (1, 0), y down; rarely a pair, closed, or in a head."""
    kinds = [_open, _pair, _closed, _rings, _side, _in_face]
    shapes = kinds[rng.choice(len(kinds), p=[0.88, 0.03, 0.025, 0.025, 0.02, 0.02])](rng)
    if rng.random() < 0.08:  # seldom: most begin at the left, whatever they draw
        shapes = [shape * vec(-1, 1) for shape in shapes]
    return shapes


def _open(rng: np.random.Generator) -> list[Points]:
    lids = _lids(rng)
    look = rng.normal(0, 0.13) if rng.random() < 0.85 else rng.uniform(-0.45, 0.45)
    inner = iris(rng, look, lids.high)
    if rng.random() < 0.04:
        return [*inner, *lids.outline]
    parts = [*lids.outline, *inner]
    if rng.random() < 0.06:
        return parts
    if rng.random() < 0.5:
        fringe = lashes(rng, lids.upper, lids.lower)
        early = rng.random() < 0.2
        parts = [*lids.outline, *fringe, *inner] if early else [*parts, *fringe]
    return parts + (brow(rng, lids.high) if rng.random() < 0.1 else [])


def _lids(rng: np.random.Generator) -> Lids:
    high = float(np.clip(0.54 * np.exp(rng.normal(0, 0.26)), 0.25, 0.85))
    share = rng.normal(0.5, 0.07)
    up, down = 2 * high * share, 2 * high * (1 - share)
    tilt = rng.normal(0, 0.06)
    form = rng.random()
    if form < 0.4:  # an almond
        upper = arc((-1, 0), (1, tilt), up, rng.normal(0, 0.35))
        lower = arc((1, tilt), (-1, 0), down, rng.normal(0, 0.35))
    elif form < 0.85:  # fuller, with corners that are hardly there
        upper, lower = _full(rng, up, tilt), _full(rng, down, -tilt)[::-1] * vec(1, -1)
    else:  # pointed on one side, round on the other, like a fish or a drop
        upper, lower = _drop(rng, up), _drop(rng, down)[::-1] * vec(1, -1)
        if rng.random() < 0.5:
            upper, lower = upper[::-1] * vec(-1, 1), lower[::-1] * vec(-1, 1)
    lower = np.concatenate([upper[-1:], lower[1:-1], upper[:1]])
    return Lids(_drawn(rng, upper, lower, high), upper, lower, high)


def _full(rng: np.random.Generator, high: float, tilt: float) -> Points:
    shoulder = rng.uniform(0.6, 0.98)
    out = rng.uniform(0.5, 0.85)
    summit = rng.normal(0, 0.15)
    knots = [(-1, 0), (-out, -shoulder * high * 0.9), (summit, -high)]
    knots += [(rng.uniform(0.5, 0.85), -rng.uniform(0.6, 0.98) * high * 0.9), (1, tilt)]
    return curve(knots)


def _drop(rng: np.random.Generator, high: float) -> Points:
    knots = [(-1, 0), (-0.5, -rng.uniform(0.3, 0.6) * high), (0.1, -0.95 * high)]
    knots += [(rng.uniform(0.6, 0.8), -rng.uniform(0.7, 1.0) * high), (1, 0)]
    return curve(knots)


def _drawn(rng: np.random.Generator, upper: Points, lower: Points, high: float) -> list[Points]:
    """The same two lids in one stroke from some corner, in two, or with the lid's crease."""
    style = rng.random()
    around = np.concatenate([upper, lower[1:]])
    if style < 0.48:
        outline = [around if rng.random() < 0.75 else around[::-1]]
    elif style < 0.66:  # from somewhere else on the way round, or counterclockwise
        shift = int(rng.integers(1, len(around) - 1))
        turned = np.concatenate([around[shift:], around[1 : shift + 1]])
        outline = [turned if rng.random() < 0.35 else turned[::-1]]
    elif style < 0.95:
        beyond = vec(rng.uniform(-0.05, 0.12), rng.normal(0, 0.06))
        low = np.concatenate([lower[::-1], lower[:1] + beyond])
        outline = [upper, low if rng.random() < 0.9 else low[::-1]]
    else:
        outline = [ellipse((0, 0), (1, high), rng.uniform(0, 2 * np.pi))]
    if rng.random() < 0.04:  # the crease of the lid
        outline.append(upper * vec(0.92, 1) + vec(0, -rng.uniform(0.1, 0.22)))
    return outline


def _pair(rng: np.random.Generator) -> list[Points]:
    lids = _lids(rng)
    one = [*lids.outline, *iris(rng, 0.0, lids.high)]
    size, apart = rng.uniform(0.5, 0.8), rng.uniform(1.1, 1.5)
    return [
        (part * size + vec(side * apart, 0)).astype(np.float32) for side in (-1, 1) for part in one
    ]


def _closed(rng: np.random.Generator) -> list[Points]:
    lid = arc((-1, 0), (1, 0), -rng.uniform(0.2, 0.5), rng.normal(0, 0.2))
    long = rng.uniform(0.2, 0.5)
    shares = np.linspace(0.1, 0.9, rng.integers(3, 8))
    fringe = [
        line(at(lid, share), at(lid, share) + vec(0.6 * at(lid, share)[0] * long, long))
        for share in shares
    ]
    return [lid, *fringe, *(brow(rng, 0.15) if rng.random() < 0.3 else [])]


def _rings(rng: np.random.Generator) -> list[Points]:
    """Circles in circles, or one long spiral, inside the simplest lids."""
    lids = _lids(rng)
    if rng.random() < 0.4:
        radius = lids.high * rng.uniform(0.6, 0.9)
        return [*lids.outline, spiral((0, 0), (radius, radius), rng.uniform(2.2, 4))]
    radii = np.linspace(0.85, 0.15, rng.integers(3, 5)) * lids.high
    return [*lids.outline, *(ellipse((0, 0), (r, r), rng.uniform(0, 6)) for r in radii)]


def _side(rng: np.random.Generator) -> list[Points]:
    """From the side: a wedge that opens towards the look, with the iris at its mouth."""
    high = rng.uniform(0.4, 0.75)
    corner = vec(-1, 0)
    upper = arc(corner, (0.7, -high), rng.uniform(0.05, 0.25))
    lower = arc(corner, (0.6, high), -rng.uniform(0.02, 0.2))
    ball = arc((0.62, -0.9 * high), (0.55, 0.9 * high), -rng.uniform(0.15, 0.35))
    inner = ellipse((0.45, 0), (0.16, 0.55 * high), rng.uniform(0, 6), samples=24)
    shapes = [upper, lower, ball, inner]
    shapes += lashes(rng, upper, lower) if rng.random() < 0.5 else []
    return shapes if rng.random() < 0.5 else [shape * vec(-1, 1) for shape in shapes]


def _in_face(rng: np.random.Generator) -> list[Points]:
    lids = _lids(rng)
    one = [*lids.outline, *iris(rng, 0.0, lids.high)]
    both = [(part + vec(x, 0)).astype(np.float32) for x in (-1.3, 1.3) for part in one]
    return face(both, rng, rng.uniform(0.3, 0.38), (0.0, -0.2), pair=False)
