"""Eyes: almond or round lids, an iris whole or cut by them, pupils, lashes, brows."""

from __future__ import annotations

import numpy as np

from strokeanim.data.synth.curves import (
    arc,
    at,
    curve,
    ellipse,
    line,
    polyline,
    spiral,
    vec,
    zigzag,
)
from strokeanim.typing import Points


def eye(rng: np.random.Generator) -> list[Points]:
    """One eye, corners near (−1, 0) and (1, 0), y down; rarely a pair, rarely closed."""
    kind = rng.random()
    if kind < 0.04:
        return _pair(rng)
    if kind < 0.07:
        return _closed(rng)
    outline, upper, lower, high = _lids(rng)
    look = rng.normal(0, 0.12) if rng.random() < 0.8 else rng.uniform(-0.4, 0.4)
    inner = _iris(rng, look, high)
    lashes = _lashes(rng, upper, lower)
    parts = [*outline, *inner, *lashes]
    if rng.random() < 0.08:
        parts = [*inner, *outline, *lashes]
    if rng.random() < 0.1:
        parts.append(_brow(rng, high))
    return parts


def _lids(rng: np.random.Generator) -> tuple[list[Points], Points, Points, float]:
    up, down = rng.uniform(0.35, 0.8), rng.uniform(0.3, 0.75)
    skew = rng.normal(0, 0.35)
    if rng.random() < 0.25:  # round rather than almond
        knots = [(-1, 0.05), (-0.65, -0.8 * up), (0, -up), (0.65, -0.8 * up), (1, 0)]
        upper = curve(knots)
    else:
        upper = arc((-1, 0), (1, rng.normal(0, 0.06)), up, skew)
    lower = arc(upper[-1], upper[0], down, rng.normal(0, 0.35))
    style = rng.random()
    if style < 0.45:
        outline = [np.concatenate([upper, lower[1:]])]
    elif style < 0.9:
        beyond = vec(rng.uniform(0, 0.12), rng.normal(0, 0.05))
        outline = [upper, np.concatenate([lower[::-1], lower[:1] + beyond])]
    else:
        outline = [ellipse((0, 0), (1, (up + down) / 2), rng.uniform(0, 2 * np.pi))]
    if rng.random() < 0.05:  # the crease of the lid
        outline.append(upper * vec(0.95, 1) + vec(0, -0.18))
    return outline, upper, lower, (up + down) / 2


def _iris(rng: np.random.Generator, x: float, high: float) -> list[Points]:
    style = rng.random()
    centre = (x, rng.normal(0, 0.05))
    start = rng.uniform(0, 2 * np.pi)
    if style < 0.6:
        radius = rng.uniform(0.35, 0.85) * high
        parts = [ellipse(centre, (radius * rng.uniform(0.8, 1.15), radius), start)]
    elif style < 0.88:  # cut by the lids: two arcs from lid to lid
        radius = rng.uniform(0.25, 0.45)
        reach = high * np.sqrt(max(0.1, 1 - (x / 1.2) ** 2)) * rng.uniform(0.85, 1.0)
        sides = [
            arc(
                (x + side * radius * 0.7, -reach),
                (x + side * radius * 0.7, reach),
                side * radius * 0.5,
            )
            for side in (-1, 1)
        ]
        parts = sides if rng.random() < 0.6 else [np.concatenate([sides[0], sides[1][::-1]])]
    else:
        radius, parts = 0.6 * high, []
    return parts + _pupil(rng, centre, radius, lone=not parts)


def _pupil(
    rng: np.random.Generator, centre: tuple[float, float], radius: float, lone: bool
) -> list[Points]:
    style = rng.random() * (0.85 if lone else 1.0)
    start = rng.uniform(0, 2 * np.pi)
    small = radius * rng.uniform(0.18, 0.5)
    parts: list[Points]
    if style < 0.3:
        parts = [ellipse(centre, (small, small * rng.uniform(0.8, 1.2)), start, samples=24)]
    elif style < 0.6:
        parts = [spiral(centre, (small, small), rng.uniform(2, 5), start)]
    elif style < 0.68:
        parts = [ellipse(centre, (0.03, 0.03), start, samples=8)]
    elif style < 0.76:
        low = (centre[0] - small, centre[1] - small)
        high = (centre[0] + small, centre[1] + small)
        parts = [zigzag(low, high, int(rng.integers(8, 18)))]
    elif style < 0.82:  # a cat's slit
        parts = [spiral(centre, (small * 0.5, radius * 0.9), rng.uniform(1, 3), start)]
    elif style < 0.86:
        parts = [
            polyline(
                [
                    centre,
                    (centre[0] + small, centre[1] - small),
                    (centre[0], centre[1] - small),
                    centre,
                ]
            )
        ]
    else:
        parts = []
    if parts and rng.random() < 0.1:  # light in the eye
        spot = (centre[0] + radius * 0.4, centre[1] - radius * 0.4)
        parts.append(ellipse(spot, (radius * 0.15, radius * 0.15), start, samples=14))
    return parts


def _lashes(rng: np.random.Generator, upper: Points, lower: Points) -> list[Points]:
    kind = rng.random()
    if kind < 0.48:
        return []
    long = rng.uniform(0.18, 0.6)
    if kind < 0.56:  # one zigzag along the lid
        count = int(rng.integers(5, 11))
        along = [at(upper, share) for share in np.linspace(0.08, 0.92, 2 * count + 1)]
        lift = vec(0, -long * 0.6)
        return [polyline([p + lift * (n % 2) for n, p in enumerate(along)])]
    count = int(rng.integers(2, 8))
    low, high = (0.1, 0.9) if rng.random() < 0.6 else sorted(rng.uniform(0, 1, 2))
    if high - low < 0.2:
        low, high = 0.55, 0.95
    bend = rng.normal(0, 0.08)
    lashes = [_lash(rng, upper, share, long, bend) for share in np.linspace(low, high, count)]
    if rng.random() < 0.15:
        lashes += [
            _lash(rng, lower, share, long * 0.7, bend)
            for share in np.linspace(0.15, 0.85, rng.integers(2, 6))
        ]
    return lashes if rng.random() < 0.75 else lashes[::-1]


def _lash(rng: np.random.Generator, lid: Points, share: float, long: float, bend: float) -> Points:
    root = at(lid, share)
    fan = 0.75 * root[0] + rng.normal(0, 0.1)
    away = -1.0 if lid is not None and root[1] <= 0.02 else 1.0
    tip = root + vec(fan * long, away * long * rng.uniform(0.75, 1.1))
    return arc(root, tip, bend) if abs(bend) > 0.04 else line(root, tip)


def _brow(rng: np.random.Generator, high: float) -> Points:
    y = -high - rng.uniform(0.25, 0.6)
    return arc((-0.8, y), (0.85, y + rng.normal(0, 0.1)), rng.uniform(0, 0.3))


def _pair(rng: np.random.Generator) -> list[Points]:
    outline, _, _, high = _lids(rng)
    inner = _iris(rng, 0.0, high)
    one = [*outline, *inner]
    apart = rng.uniform(1.2, 1.6)
    return [
        (part * np.float32(0.8) + vec(side * apart, 0)).astype(np.float32)
        for side in (-1, 1)
        for part in one
    ]


def _closed(rng: np.random.Generator) -> list[Points]:
    lid = arc((-1, 0), (1, 0), -rng.uniform(0.2, 0.5))
    long = rng.uniform(0.2, 0.45)
    shares = np.linspace(0.1, 0.9, rng.integers(3, 7))
    lashes = [
        line(at(lid, share), at(lid, share) + vec(0.6 * at(lid, share)[0] * long, long))
        for share in shares
    ]
    return [lid, *lashes]
