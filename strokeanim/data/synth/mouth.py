"""Mouths: closed lips, open smiles with teeth, crescents, grimaces, a tongue now and then."""

from __future__ import annotations

import numpy as np

from strokeanim.data.synth.curves import arc, at, curve, ellipse, line, vec, zigzag
from strokeanim.typing import Points


def mouth(rng: np.random.Generator) -> list[Points]:
    """One mouth, corners near (−1, 0) and (1, 0), y down."""
    kinds = [_lips, _grin, _crescent, _bared, _waves, _talking]
    return kinds[rng.choice(len(kinds), p=[0.56, 0.2, 0.08, 0.05, 0.04, 0.07])](rng)


def _lips(rng: np.random.Generator) -> list[Points]:
    upper = _upper_lip(rng)
    low = rng.uniform(0.25, 0.85)
    corner = upper[-1]
    flat = rng.uniform(0.4, 0.75)
    skew = rng.normal(0, 0.08)
    lower = curve(
        [corner, (flat + skew, 0.75 * low), (skew, low), (-flat + skew, 0.75 * low), upper[0]]
    )
    middle = _parting(rng, rng.normal(0, 0.09))
    style = rng.random()
    if style < 0.45:
        return [np.concatenate([upper, lower[1:]]), middle]
    if style < 0.8:
        parts = [upper, lower if rng.random() < 0.6 else lower[::-1]]
        parts.insert(rng.integers(0, 3), middle)
        return parts
    if style < 0.9:  # drawn from the parting outwards
        return [middle, upper, lower[::-1]]
    return [np.concatenate([upper, lower[1:]])]


def _upper_lip(rng: np.random.Generator) -> Points:
    high = rng.uniform(0.2, 0.65)
    peak = rng.uniform(0.15, 0.5)
    dip = high * rng.uniform(0.15, 0.95) if rng.random() < 0.85 else high * 1.02
    lift = rng.normal(0, 0.06)
    shoulder = rng.uniform(0.3, 0.85) * high
    left = [(-1, lift), (-0.7, -shoulder * 0.8), (-peak, -high), (0, -dip)]
    right = [(peak, -high * rng.uniform(0.9, 1.1)), (0.7, -shoulder * 0.8), (1, -lift)]
    if rng.random() < 0.45:  # a sharp bow: two curves meeting in the dip
        return np.concatenate([curve(left), curve([left[-1], *right])[1:]])
    return curve(left + right)


def _parting(rng: np.random.Generator, bow: float) -> Points:
    reach = rng.normal(1.0, 0.07) if rng.random() < 0.85 else rng.uniform(0.6, 0.85)
    tilt = rng.normal(0, 0.04)
    if rng.random() < 0.6:
        return arc((-reach, tilt), (reach, -tilt), -bow)
    dip = rng.uniform(0.02, 0.12)
    knots = [(-reach, tilt), (-0.4, -dip), (0, dip), (0.4, -dip), (reach, -tilt)]
    return curve(knots) + vec(0, bow)


def _grin(rng: np.random.Generator) -> list[Points]:
    depth = rng.uniform(0.5, 1.15)
    sag = rng.normal(-0.06, 0.1)
    top = arc((-1, rng.normal(0, 0.03)), (1, rng.normal(0, 0.03)), sag)
    square = rng.uniform(0.55, 0.9)
    bottom = curve([(1, 0), (square, 0.6 * depth), (0, depth), (-square, 0.6 * depth), (-1, 0)])
    outline = [np.concatenate([top, bottom[1:]])] if rng.random() < 0.5 else [top, bottom[::-1]]
    return outline + _inside(rng, top, bottom, depth)


def _inside(rng: np.random.Generator, top: Points, bottom: Points, depth: float) -> list[Points]:
    """Teeth, and sometimes a tongue, between the top line and the bottom curve."""
    parts: list[Points] = []
    style = rng.random()
    count = int(rng.integers(1, 7))
    shares = np.linspace(0, 1, count + 2)[1:-1] + rng.normal(0, 0.02, count)
    if style < 0.45:  # teeth from lip to lip, with or without the line between the rows
        for share in shares:
            parts.append(line(at(top, share), at(bottom, 1 - share)))
        if rng.random() < 0.6:
            height = depth * rng.uniform(0.3, 0.55)
            middle = arc((-0.85, height * 0.8), (0.85, height * 0.8), -rng.uniform(0, 0.2))
            parts.insert(0 if rng.random() < 0.5 else len(parts), middle)
    elif style < 0.8:  # one row of upper teeth
        length = depth * rng.uniform(0.2, 0.4)
        for share in shares:
            start = at(top, share)
            parts.append(line(start, start + vec(rng.normal(0, 0.03), length)))
        if rng.random() < 0.6:
            parts.append(arc((-0.9, length), (0.9, length), -rng.uniform(0, 0.1)))
    if rng.random() < 0.3:  # tongue
        wide = rng.uniform(0.3, 0.55)
        parts.append(
            arc((-wide, depth * 0.85), (wide, depth * 0.85), depth * rng.uniform(0.2, 0.45))
        )
    return parts


def _crescent(rng: np.random.Generator) -> list[Points]:
    inner, outer = rng.uniform(0.15, 0.5), rng.uniform(0.6, 1.0)
    upper, lower = arc((-1, 0), (1, 0), -inner), arc((1, 0), (-1, 0), outer)
    parts = [np.concatenate([upper, lower[1:]])] if rng.random() < 0.5 else [upper, lower[::-1]]
    if rng.random() < 0.5:
        parts.append(arc((-0.95, 0), (0.95, 0), -(inner + outer) / 2))
    if rng.random() < 0.35:
        count = rng.integers(3, 8)
        parts += [
            line(at(upper, share), at(lower, 1 - share))
            for share in np.linspace(0, 1, count + 2)[1:-1]
        ]
    if rng.random() < 0.4:  # dimples
        parts += [arc((x, -0.15), (x, 0.15), 0.08 * x) for x in (-1.04, 1.04)]
    return parts


def _bared(rng: np.random.Generator) -> list[Points]:
    high = rng.uniform(0.35, 0.6)
    start = rng.uniform(0, 2 * np.pi)
    parts = [ellipse((0, 0), (1, high), start)]
    inner = rng.uniform(0.55, 0.8)
    if rng.random() < 0.7:
        parts.append(ellipse((0, 0), (inner, high * inner), start))
    else:
        inner = 0.95
    parts.append(line((-inner, 0), (inner, rng.normal(0, 0.04))))
    for x in np.linspace(-inner, inner, rng.integers(4, 9))[1:-1]:
        reach = high * inner * np.sqrt(1 - (x / inner) ** 2)
        parts.append(line((x, -reach), (x + rng.normal(0, 0.03), reach)))
    return parts


def _waves(rng: np.random.Generator) -> list[Points]:
    gap = rng.uniform(0.25, 0.6)
    high = rng.uniform(0.1, 0.3)
    upper = curve([(-1, 0), (-0.45, -high), (0, 0), (0.45, -high), (1, 0)])
    lower = curve([(-1, 0), (-0.5, high), (0, 0.3 * high), (0.5, high), (1, 0)])
    return [upper, lower + vec(0, gap)]


def _talking(rng: np.random.Generator) -> list[Points]:
    """Lips around an opening, which may show teeth or be shaded."""
    upper = _upper_lip(rng)
    low = rng.uniform(0.55, 1.0)
    lower = curve([(1, 0), (0.6, 0.7 * low), (0, low), (-0.6, 0.7 * low), (-1, 0)])
    reach, open_ = rng.uniform(0.7, 0.95), rng.uniform(0.1, 0.35)
    gap_top = arc((-reach, 0.05), (reach, 0.05), rng.uniform(-0.08, 0.12))
    gap_low = arc((reach, 0.05), (-reach, 0.05), open_)
    parts = [np.concatenate([upper, lower[1:]]), np.concatenate([gap_top, gap_low[1:]])]
    if rng.random() < 0.5:
        for share in np.linspace(0, 1, rng.integers(3, 7) + 2)[1:-1]:
            parts.append(line(at(gap_top, share), at(gap_low, 1 - share)))
    elif rng.random() < 0.3:
        parts.append(zigzag((-0.6 * reach, 0.02), (0.6 * reach, 0.05 + open_ * 0.6), 14))
    return parts
