"""Ears: a C, a question mark, a bean or a 3, with the folds inside, on either side of a head."""

from __future__ import annotations

import numpy as np

from strokeanim.data.synth.curves import arc, curve, ellipse, polyline, spiral, vec
from strokeanim.typing import Points


def ear(rng: np.random.Generator) -> list[Points]:
    """One ear, roughly −1..1 tall, y down; its rim bulges to the left or to the right."""
    kinds = [_rim, _closed, _three]
    kind = kinds[rng.choice(len(kinds), p=[0.62, 0.28, 0.1])]
    shapes = kind(rng)
    if rng.random() < 0.5:
        shapes = [shape * vec(-1, 1) for shape in shapes]
    if rng.random() < 0.02:  # both ears of one head
        apart = vec(rng.uniform(1.2, 1.8), 0)
        shapes = [shape - apart for shape in shapes] + [
            (shape - apart) * vec(-1, 1) for shape in shapes
        ]
    return shapes


def _rim(rng: np.random.Generator) -> list[Points]:
    """Open towards the head: from the top over the rim to the lobe."""
    wide = rng.uniform(0.5, 0.95)
    lobe = rng.uniform(0.25, 0.75) * wide
    pinch = rng.uniform(0.0, 0.35)  # how far the rim draws in above the lobe
    top = (-rng.uniform(0.0, 0.3), rng.uniform(-0.85, -0.45))
    knots = [top, (0.15, -0.97), (0.3 * wide + 0.25, -0.95), (wide, -0.5)]
    knots += [(wide * (1 - 0.3 * pinch), 0.0), (wide * (1 - pinch), 0.35)]
    knots += [(max(lobe, 0.15), 0.8), (0.15 * wide, 1.0), (-0.12, rng.uniform(0.7, 0.95))]
    if rng.random() < 0.25:
        knots = knots[1:]
    if rng.random() < 0.25:
        knots = knots[:-1]
    return [curve(knots), *_folds(rng, wide)]


def _closed(rng: np.random.Generator) -> list[Points]:
    """A bean that goes all the way round, or nearly."""
    wide = rng.uniform(0.45, 0.75)
    lobe = rng.uniform(0.2, 0.5)
    knots = [(-wide * 0.5, -0.55), (0, -0.95), (wide * 0.8, -0.75), (wide, -0.2)]
    knots += [(wide * rng.uniform(0.5, 0.9), 0.4), (lobe, 0.85), (0, 0.98)]
    knots += [(-lobe * 0.7, 0.75), (-wide * rng.uniform(0.3, 0.7), 0.1)]
    outline = curve(knots, closed=True)
    if rng.random() < 0.4:
        outline = outline[: -int(rng.integers(4, 16))]
    return [outline, *_folds(rng, wide)]


def _three(rng: np.random.Generator) -> list[Points]:
    big, small = rng.uniform(0.5, 0.8), rng.uniform(0.35, 0.7)
    notch = (rng.uniform(-0.1, 0.25), rng.uniform(0.0, 0.35))
    upper = curve([(-0.3, -0.75), (0.05, -1), (big, -0.75), (big, -0.3), notch])
    lower = curve([notch, (small, 0.35), (small, 0.75), (0.1, 1), (-0.25, 0.85)])
    shapes = [np.concatenate([upper, lower[1:]])]
    return shapes if rng.random() < 0.75 else shapes + _folds(rng, big)


def _folds(rng: np.random.Generator, wide: float) -> list[Points]:
    kind = rng.random()
    size = rng.uniform(0.4, 0.75)
    x = wide * rng.uniform(0.2, 0.4)
    y = rng.uniform(-0.25, 0.1)
    inner = curve(
        [
            (x - 0.35 * size, y - 0.45 * size),
            (x, y - 0.7 * size),
            (x + 0.45 * wide * size, y - 0.35 * size),
            (x + 0.35 * wide * size, y + 0.2 * size),
            (x - 0.05, y + 0.55 * size),
        ]
    )
    if kind < 0.22:
        return []
    if kind < 0.5:
        return [inner]
    if kind < 0.62:  # a question mark, ending in the tragus
        hook = curve([inner[-1], (x - 0.2, y + 0.6 * size), (x - 0.25, y + 0.35 * size)])
        return [np.concatenate([inner, hook[1:]])]
    if kind < 0.72:
        start = rng.uniform(np.pi, 2 * np.pi)
        return [spiral((x, y), (0.32 * size + 0.1, 0.5 * size), rng.uniform(1.2, 2), start)]
    if kind < 0.82:
        start = rng.uniform(0, 2 * np.pi)
        rings = [ellipse((x, y), (0.45 * wide, 0.5 * size), start)]
        if rng.random() < 0.5:
            rings.append(ellipse((x, y), (0.2 * wide, 0.25 * size), start))
        return rings
    if kind < 0.93:
        second = arc((x - 0.1, y - 0.15), (x - 0.05, y + 0.35), -rng.uniform(0.1, 0.25))
        return [inner, second]
    return [polyline([(x - 0.2, y - 0.4), (x + 0.1, y - 0.3), (x + 0.1, y), (x - 0.1, y + 0.3)])]
