"""Draw eyes: lids in one stroke or two, an iris whole or cut by the lids, a pupil.

`eye_parts` draws iris and pupil, and sometimes lashes and a brow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strokeanim.datasets.synthetic.context import face
from strokeanim.datasets.synthetic.curves import arc, curve, ellipse, line, sample_at, spiral, vec
from strokeanim.datasets.synthetic.eye_parts import brow, iris, lashes
from strokeanim.typing import Points


@dataclass(frozen=True)
class Lids:
    """The strokes of an outline, and the upper and lower lid that they consist of."""

    outline: list[Points]
    upper: Points
    lower: Points
    high: float


def eye(rng: np.random.Generator) -> list[Points]:
    """Draw an eye, corners near (−1, 0) and (1, 0), y down; rarely a pair, closed, or in a face."""
    kinds = [_open_eye, _pair, _closed_eye, _rings, _side_view, _in_face]
    shapes = kinds[rng.choice(len(kinds), p=[0.88, 0.03, 0.025, 0.025, 0.02, 0.02])](rng)
    if rng.random() < 0.08:  # rarely, as most people begin at the left
        shapes = [shape * vec(-1, 1) for shape in shapes]
    return shapes


def _open_eye(rng: np.random.Generator) -> list[Points]:
    lids = _lids(rng)
    gaze = rng.normal(0, 0.13) if rng.random() < 0.85 else rng.uniform(-0.45, 0.45)
    inner = iris(rng, gaze, lids.high)
    if rng.random() < 0.04:
        return [*inner, *lids.outline]
    parts = [*lids.outline, *inner]
    if rng.random() < 0.06:
        return parts
    if rng.random() < 0.5:
        strokes = lashes(rng, lids.upper, lids.lower)
        is_early = rng.random() < 0.2
        parts = [*lids.outline, *strokes, *inner] if is_early else [*parts, *strokes]
    return parts + (brow(rng, lids.high) if rng.random() < 0.1 else [])


def _lids(rng: np.random.Generator) -> Lids:
    high = float(np.clip(0.54 * np.exp(rng.normal(0, 0.26)), 0.25, 0.85))
    share = rng.normal(0.5, 0.07)
    up, down = 2 * high * share, 2 * high * (1 - share)
    tilt = rng.normal(0, 0.06)
    style = rng.random()
    if style < 0.4:  # an almond
        upper = arc((-1, 0), (1, tilt), up, rng.normal(0, 0.35))
        lower = arc((1, tilt), (-1, 0), down, rng.normal(0, 0.35))
    elif style < 0.85:  # fuller, with barely visible corners
        upper, lower = _full_lid(rng, up, tilt), _full_lid(rng, down, -tilt)[::-1] * vec(1, -1)
    else:  # pointed on one side, round on the other, like a fish or a drop
        upper, lower = _drop_lid(rng, up), _drop_lid(rng, down)[::-1] * vec(1, -1)
        if rng.random() < 0.5:
            upper, lower = upper[::-1] * vec(-1, 1), lower[::-1] * vec(-1, 1)
    lower = np.concatenate([upper[-1:], lower[1:-1], upper[:1]])
    return Lids(_outline(rng, upper, lower, high), upper, lower, high)


def _full_lid(rng: np.random.Generator, high: float, tilt: float) -> Points:
    shoulder = rng.uniform(0.6, 0.98)
    left = rng.uniform(0.5, 0.85)
    summit = rng.normal(0, 0.15)
    knots = [(-1, 0), (-left, -shoulder * high * 0.9), (summit, -high)]
    knots += [(rng.uniform(0.5, 0.85), -rng.uniform(0.6, 0.98) * high * 0.9), (1, tilt)]
    return curve(knots)


def _drop_lid(rng: np.random.Generator, high: float) -> Points:
    knots = [(-1, 0), (-0.5, -rng.uniform(0.3, 0.6) * high), (0.1, -0.95 * high)]
    knots += [(rng.uniform(0.6, 0.8), -rng.uniform(0.7, 1.0) * high), (1, 0)]
    return curve(knots)


def _outline(rng: np.random.Generator, upper: Points, lower: Points, high: float) -> list[Points]:
    """Split the outline of two lids into strokes: one from any corner, two, or with a crease."""
    style = rng.random()
    loop = np.concatenate([upper, lower[1:]])
    if style < 0.48:
        outline = [loop if rng.random() < 0.75 else loop[::-1]]
    elif style < 0.66:  # from another point, clockwise or counterclockwise
        shift = int(rng.integers(1, len(loop) - 1))
        rotated = np.concatenate([loop[shift:], loop[1 : shift + 1]])
        outline = [rotated if rng.random() < 0.35 else rotated[::-1]]
    elif style < 0.95:
        overshoot = vec(rng.uniform(-0.05, 0.12), rng.normal(0, 0.06))
        low = np.concatenate([lower[::-1], lower[:1] + overshoot])
        outline = [upper, low if rng.random() < 0.9 else low[::-1]]
    else:
        outline = [ellipse((0, 0), (1, high), rng.uniform(0, 2 * np.pi))]
    if rng.random() < 0.04:  # the crease of the lid
        outline.append(upper * vec(0.92, 1) + vec(0, -rng.uniform(0.1, 0.22)))
    return outline


def _pair(rng: np.random.Generator) -> list[Points]:
    lids = _lids(rng)
    parts = [*lids.outline, *iris(rng, 0.0, lids.high)]
    size, apart = rng.uniform(0.5, 0.8), rng.uniform(1.1, 1.5)
    return [
        (part * size + vec(side * apart, 0)).astype(np.float32)
        for side in (-1, 1)
        for part in parts
    ]


def _closed_eye(rng: np.random.Generator) -> list[Points]:
    lid = arc((-1, 0), (1, 0), -rng.uniform(0.2, 0.5), rng.normal(0, 0.2))
    long = rng.uniform(0.2, 0.5)
    shares = np.linspace(0.1, 0.9, rng.integers(3, 8))
    strokes = [
        line(
            sample_at(lid, share),
            sample_at(lid, share) + vec(0.6 * sample_at(lid, share)[0] * long, long),
        )
        for share in shares
    ]
    return [lid, *strokes, *(brow(rng, 0.15) if rng.random() < 0.3 else [])]


def _rings(rng: np.random.Generator) -> list[Points]:
    """Draw concentric circles, or a long spiral, inside plain lids."""
    lids = _lids(rng)
    if rng.random() < 0.4:
        radius = lids.high * rng.uniform(0.6, 0.9)
        return [*lids.outline, spiral((0, 0), (radius, radius), rng.uniform(2.2, 4))]
    radii = np.linspace(0.85, 0.15, rng.integers(3, 5)) * lids.high
    return [*lids.outline, *(ellipse((0, 0), (r, r), rng.uniform(0, 6)) for r in radii)]


def _side_view(rng: np.random.Generator) -> list[Points]:
    """Draw a side view: a wedge that opens in the direction of gaze, with the iris at its mouth."""
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
    parts = [*lids.outline, *iris(rng, 0.0, lids.high)]
    pair = [(part + vec(x, 0)).astype(np.float32) for x in (-1.3, 1.3) for part in parts]
    return face(pair, rng, rng.uniform(0.3, 0.38), (0.0, -0.2), pair=False)
