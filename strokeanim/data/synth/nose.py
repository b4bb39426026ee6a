"""Noses: profiles, fronts with wings, triangles, buttons, a few lines that only hint at one."""

from __future__ import annotations

import numpy as np

from strokeanim.data.synth.curves import arc, curve, ellipse, line, polyline, spiral, vec
from strokeanim.typing import Points


def nose(rng: np.random.Generator) -> list[Points]:
    """One nose, roughly −1..1 with the bridge at the top, y down; half of them face left."""
    kinds = [_profile, _front, _triangle, _button, _hints, _bulb]
    shapes = kinds[rng.choice(len(kinds), p=[0.45, 0.24, 0.1, 0.04, 0.08, 0.09])](rng)
    if rng.random() < 0.5:
        shapes = [shape * vec(-1, 1) for shape in shapes]
    return shapes


def _profile(rng: np.random.Generator) -> list[Points]:
    """The side view: down the bridge, round the tip (or sharply about it), back to the face."""
    lean = rng.uniform(0.1, 1.3)  # how far the tip stands out from the root
    root = (-lean / 2, -1.0)
    tip = (lean / 2, rng.uniform(0.45, 0.85))
    saddle = rng.normal(0, 0.1) if rng.random() < 0.7 else rng.uniform(0.1, 0.3)
    middle = ((root[0] + tip[0]) / 2 - saddle, -0.25 + rng.normal(0, 0.1))
    back = tip[0] - rng.uniform(0.3, 1.2)
    base = rng.uniform(0.8, 1.05)
    if rng.random() < 0.35:  # sharp
        bridge = curve([root, middle, tip])
        under = arc(tip, (back, base), rng.normal(0, 0.06))
        outline = np.concatenate([bridge, under[1:]])
    else:
        round_ = rng.uniform(0.05, 0.28)
        knots = [root, middle, (tip[0] - 0.04, tip[1] - 2 * round_), tip]
        knots += [(tip[0] - 0.6 * round_, base - 0.02), (back, base)]
        if rng.random() < 0.35:  # the nostril's wing, curling up behind
            knots += [(back - 0.15, base - rng.uniform(0.15, 0.35))]
        outline = curve(knots)
    parts = [outline]
    if rng.random() < 0.22:
        parts += _nostrils(rng, (back + tip[0]) / 2, base - 0.15, 1)
    elif rng.random() < 0.12:
        x = back + rng.uniform(0.0, 0.2)
        parts.append(arc((x, base - 0.35), (x, base), rng.uniform(0.08, 0.2)))
    return parts


def _front(rng: np.random.Generator) -> list[Points]:
    """Bridge, wing, humps along the bottom, wing, bridge; in one go or in pieces."""
    narrow = rng.uniform(0.12, 0.4)
    wing = rng.uniform(narrow + 0.15, 0.95)
    waist = rng.uniform(-0.1, 0.4)
    foot = rng.uniform(0.55, 0.9)
    high = -1.0 + rng.uniform(0, 0.15)
    left = [(-narrow * rng.uniform(0.5, 1.2), -1.0), (-narrow, waist)]
    left += [(-wing, (waist + foot) / 2 + 0.1), (-wing * 0.8, foot)]
    right = [(-x, y) for x, y in left[::-1]]
    right[-1] = (-left[0][0] * rng.uniform(0.8, 1.4), high)
    humps = rng.integers(0, 4)
    if humps == 0:
        bottom = [(0.0, foot + rng.uniform(-0.05, 0.2))]
    elif humps == 1:
        bottom = [
            (-wing * 0.4, foot + 0.12),
            (0, foot - rng.uniform(0, 0.3)),
            (wing * 0.4, foot + 0.12),
        ]
    else:
        bottom = [(-wing * 0.4, foot - 0.02), (0, foot + rng.uniform(0.1, 0.3)), (wing * 0.4, foot)]
    style = rng.random()
    if style < 0.55:
        shapes = [curve([*left, *bottom, *right])]
        if rng.random() < 0.12:
            shapes[0] = np.concatenate([shapes[0], line(shapes[0][-1], shapes[0][0])[1:]])
    elif style < 0.8:
        shapes = [curve(left), curve(right[::-1])]
        if rng.random() < 0.6:
            shapes.insert(1, curve([left[-1], *bottom, right[0]]))
    else:
        shapes = [
            curve(left[:2]),
            curve(right[-2:][::-1]),
            curve([*left[1:], *bottom, *right[:-1]]),
        ]
    if rng.random() < 0.25:
        shapes += _nostrils(rng, 0, foot - 0.1, 2, wing * 0.5)
    return shapes


def _triangle(rng: np.random.Generator) -> list[Points]:
    top = (rng.normal(0, 0.3) if rng.random() < 0.6 else -0.6, -1.0)
    wide = rng.uniform(0.4, 0.85)
    corners = [top, (-wide, 0.9), (wide, 0.9 + rng.normal(0, 0.05)), top]
    if rng.random() < 0.35:
        outline = np.concatenate(
            [polyline(corners[:2]), arc(corners[1], corners[2], rng.normal(0, 0.12))[1:]]
        )
        outline = np.concatenate([outline, line(corners[2], top)[1:]])
    else:
        outline = polyline(corners)
    if rng.random() < 0.2:
        outline = outline[: int(len(outline) * 0.72)]
    shapes = [outline]
    if rng.random() < 0.55:
        shapes += _nostrils(rng, 0, 0.68, 2, wide * 0.45)
    return shapes


def _button(rng: np.random.Generator) -> list[Points]:
    start = rng.uniform(0, 2 * np.pi)
    shapes = [ellipse((0, 0), (rng.uniform(0.75, 1), rng.uniform(0.7, 1)), start)]
    if rng.random() < 0.9:
        shapes += _nostrils(rng, 0, rng.uniform(0.0, 0.45), 2, rng.uniform(0.25, 0.4))
    return shapes


def _hints(rng: np.random.Generator) -> list[Points]:
    """Two bridge lines, or one, and two wings that do not touch."""
    wing = rng.uniform(0.5, 0.95)
    turn = rng.uniform(0.25, 0.45)
    low = rng.uniform(0.4, 0.8)
    wings = [
        arc((-wing + 0.15, low - turn), (-wing + 0.2, low + turn), -rng.uniform(0.1, 0.3)),
        arc((wing - 0.15, low - turn), (wing - 0.2, low + turn), rng.uniform(0.1, 0.3)),
    ]
    style = rng.random()
    if style < 0.3:
        return wings
    if style < 0.65:
        gap = rng.uniform(0.12, 0.3)
        bridge = [arc((side * gap, -1), (side * gap, 0.3), -side * 0.1) for side in (-1, 1)]
        return [*bridge, *wings]
    below = curve([(-0.4, low), (-0.2, low + 0.15), (0, low), (0.2, low + 0.15), (0.4, low)])
    if style < 0.8:
        return [*wings, below]
    return [arc((-0.15, -1), (-0.1, low - 0.1), rng.normal(0, 0.1)), below, *wings]


def _bulb(rng: np.random.Generator) -> list[Points]:
    """A long bridge that ends in a round tip: keyhole, J or hook."""
    stem = rng.uniform(0.1, 0.3)
    ball = rng.uniform(0.35, 0.6)
    low = 1 - ball
    if rng.random() < 0.5:
        left = [(-stem, -1), (-stem, low - ball * 0.8), (-ball, low)]
        right = [(-x, y) for x, y in left[::-1]]
        bottom = [
            (-0.5 * ball, low + 0.8 * ball),
            (0, low + ball * rng.uniform(0.5, 1)),
            (0.5 * ball, low + 0.8 * ball),
        ]
        return [curve([*left, *bottom, *right])]
    hook = [(stem, -1), (stem * 0.5, low - ball), (-0.1, low), (0.1, low + 0.8 * ball)]
    hook += [(0.1 + ball * 0.7, low + ball), (0.1 + ball * 1.2, low + rng.uniform(0, 0.6) * ball)]
    shapes = [curve(hook)]
    if rng.random() < 0.4:
        x = 0.1 + ball * 1.5
        shapes.append(arc((x, low - 0.15), (x, low + ball * 0.8), rng.uniform(0.1, 0.25)))
    return shapes


def _nostrils(
    rng: np.random.Generator, x: float, y: float, count: int, apart: float = 0.0
) -> list[Points]:
    radius = rng.uniform(0.05, 0.15)
    places = [x] if count == 1 else [x - apart, x + apart]
    style = rng.random()
    shapes = []
    for place in places:
        start = rng.uniform(0, 2 * np.pi)
        if style < 0.6:
            shapes.append(ellipse((place, y), (radius * 1.3, radius), start, samples=24))
        elif style < 0.8:
            shapes.append(ellipse((place, y), (radius * 1.3, radius), np.pi, np.pi, samples=16))
        else:
            shapes.append(spiral((place, y), (radius, radius * 0.8), 2.5, start))
    return shapes
