"""Draw noses: profiles, front views, triangles, buttons and separate wings.

`nose_parts` draws nostrils; `nose_rare` draws the rarer kinds.
"""

from __future__ import annotations

import numpy as np

from strokeanim.datasets.synthetic.curves import arc, curve, ellipse, line, polyline, vec
from strokeanim.datasets.synthetic.nose_parts import nostrils, profile_nostril
from strokeanim.datasets.synthetic.nose_rare import (
    brackets,
    in_face,
    shaded_nose,
    snout,
    with_mouth,
)
from strokeanim.typing import Points


def nose(rng: np.random.Generator) -> list[Points]:
    """Draw a nose, roughly −1..1, bridge at the top, y down; most profiles face left."""
    kinds = [_profile, _front, _triangle, _button, _wings, _bell, _hook]
    kinds += [brackets, snout, shaded_nose, with_mouth, in_face]
    shares = [0.46, 0.23, 0.07, 0.025, 0.035, 0.06, 0.06, 0.015, 0.01, 0.005, 0.015, 0.015]
    shapes = kinds[rng.choice(len(kinds), p=shares)](rng)
    wide = np.exp(rng.normal(0.08, 0.12))
    return [shape * vec(wide, 1) for shape in shapes]


def _profile(rng: np.random.Generator) -> list[Points]:
    """Draw a side view: down the bridge, round the tip, back to the face, sometimes further."""
    style = rng.random()
    if style < 0.35:
        outline, tip, back = _sharp_profile(rng)
    elif style < 0.72:
        outline, tip, back = _round_profile(rng)
    else:
        outline, tip, back = _stepped_profile(rng)
    if rng.random() < 0.22:
        outline = np.concatenate([outline, _wing(rng, outline[-1])[1:]])
        parts = [outline]
    else:
        parts = [outline, *profile_nostril(rng, (tip + back) / 2, back, 0.9)]
    if rng.random() < 0.65:
        parts = [part * vec(-1, 1) for part in parts]
    return parts


def _sharp_profile(rng: np.random.Generator) -> tuple[Points, float, float]:
    """Draw an L of two nearly straight lines; return it with x of its tip and of its back end."""
    lean = rng.uniform(0.2, 1.7)  # how far the tip protrudes from the root
    root, tip = (-lean / 2, -1.0), (lean / 2, rng.uniform(0.55, 1.0))
    bridge = arc(root, tip, rng.normal(0, 0.08), rng.normal(0, 0.5))
    back = lean / 2 - rng.uniform(0.5, 1.9)
    under = arc(tip, (back, rng.uniform(0.75, 1.05)), rng.normal(0, 0.06))
    return np.concatenate([bridge, under[1:]]), lean / 2, back


def _round_profile(rng: np.random.Generator) -> tuple[Points, float, float]:
    lean = rng.uniform(0.2, 1.4)
    root, tip = (-lean / 2, -1.0), (lean / 2, rng.uniform(0.3, 0.75))
    saddle = rng.normal(0.04, 0.1) if rng.random() < 0.8 else rng.uniform(0.1, 0.35)
    middle = ((root[0] + tip[0]) / 2 - saddle, -0.25 + rng.normal(0, 0.1))
    ball = rng.uniform(0.1, 0.4)
    back, base = tip[0] - rng.uniform(0.5, 1.6), rng.uniform(0.85, 1.05)
    knots = [root, middle, (tip[0] - 0.08, tip[1] - 1.2 * ball), tip]
    knots += [(tip[0] - 0.5 * ball, base - 0.04), (back, base)]
    if rng.random() < 0.2:  # the wing of the nostril, curling up behind
        knots += [(back - 0.2, base - rng.uniform(0.15, 0.4))]
    return curve(knots), tip[0], back


def _stepped_profile(rng: np.random.Generator) -> tuple[Points, float, float]:
    """Draw a 5 or a b: straight down, then abruptly out into a bulge."""
    out, knee = rng.uniform(0.4, 0.95), rng.uniform(-0.45, 0.15)
    start = rng.normal(0, 0.12)
    stem = arc((start, -1), (0, knee), rng.normal(0, 0.06), rng.normal(0, 0.3))
    back = rng.uniform(-0.3, 0.6) * out
    step = knee + rng.normal(0.05, 0.08)
    knots = [(0, knee), (0.6 * out, step), (out, (knee + 1) / 2), (0.75 * out, 0.9), (back, 1.0)]
    return np.concatenate([stem, curve(knots)[1:]]), out, back


def _wing(rng: np.random.Generator, end: Points) -> Points:
    """Continue past the nostril to the cheek with a hump or two, an open curl or a small spiral."""
    x, y = float(end[0]), float(end[1])
    high, wide = rng.uniform(0.15, 0.45), rng.uniform(0.25, 0.55)
    style = rng.random()
    if style < 0.4:
        knots = [
            (x, y),
            (x - 0.2 * wide, y - high),
            (x - 0.7 * wide, y),
            (x - wide, y - 0.6 * high),
        ]
        knots.append((x - wide * 1.3, y - 0.1))
    elif style < 0.75:
        knots = [(x, y), (x - 0.3 * wide, y - 0.7 * high), (x - wide, y + 0.1), (x - 1.3 * wide, y)]
        knots.append((x - 1.5 * wide, y - rng.uniform(0.1, 0.5)))
    else:
        knots = [(x, y), (x - wide, y - 0.05), (x - wide, y - high), (x - 0.5 * wide, y - high)]
        knots.append((x - 0.4 * wide, y - 0.5 * high))
    return curve(knots)


def _front(rng: np.random.Generator) -> list[Points]:
    """Draw bridge, wing, humps along the bottom, wing and bridge, in one stroke or several."""
    narrow = rng.uniform(0.12, 0.42)
    wing = rng.uniform(narrow + 0.2, 0.9)
    waist, foot = rng.uniform(-0.1, 0.5), rng.uniform(0.55, 0.95)
    left = [(-narrow * rng.uniform(0.4, 1.2), -1.0), (-narrow, waist)]
    lobe = (waist + foot) / 2 + rng.uniform(-0.05, 0.15)
    left += [(-(0.35 * narrow + 0.65 * wing), lobe - 0.35 * (foot - waist)), (-wing, lobe)]
    left += [(-wing * rng.uniform(0.7, 0.95), foot)]
    right = [(-x * rng.uniform(0.85, 1.15), y) for x, y in left[::-1]]
    # The right side may end anywhere, often well below the start of the left one.
    stop = rng.uniform(-1, 0.2) if rng.random() < 0.6 else -1.0
    right[-1] = (right[-1][0], min(stop, waist - 0.1))
    bottom = _bottom_knots(rng, wing, foot)
    style = rng.random()
    if style < 0.66:
        shapes = [curve([*left, *bottom, *right])]
        if rng.random() < 0.15:
            shapes[0] = np.concatenate([shapes[0], line(shapes[0][-1], shapes[0][0])[1:]])
    elif style < 0.84:
        shapes = [curve(left), curve(right[::-1])]
        if rng.random() < 0.6:
            shapes.insert(int(rng.integers(1, 3)), curve([left[-1], *bottom, right[0]]))
    elif style < 0.92:
        shapes = [curve(left[:2]), curve([*left[1:], *bottom, *right])]
    else:
        shapes = [curve(left[:2]), curve(right[-2:][::-1])]
        shapes.append(curve([*left[1:], *bottom, *right[:-1]]))
    if rng.random() < 0.25:
        shapes += nostrils(rng, 0, foot - 0.05, wing * rng.uniform(0.35, 0.6))
    return shapes


def _bottom_knots(rng: np.random.Generator, wing: float, foot: float) -> list[tuple[float, float]]:
    """Return knots of the bottom of a front view, left to right: flat, with a notch or a septum."""
    kind = rng.choice(4, p=[0.2, 0.5, 0.2, 0.1])
    if kind == 0:
        return [(0.0, foot + rng.uniform(-0.05, 0.25))]
    if kind == 1:
        low, notch = foot + rng.uniform(0.05, 0.25), foot - rng.uniform(0, 0.4)
        return [(-wing * 0.4, low), (0, notch), (wing * 0.4, low)]
    if kind == 2:
        low = foot + rng.uniform(0.1, 0.35)
        return [(-wing * 0.4, foot - 0.02), (0, low), (wing * 0.4, foot)]
    low = foot + 0.2
    return [(-wing * 0.5, low), (-wing * 0.3, foot), (0, low + 0.05), (wing * 0.3, foot)]


def _triangle(rng: np.random.Generator) -> list[Points]:
    top = (rng.normal(0, 0.3) if rng.random() < 0.7 else rng.choice([-0.6, 0.6]), -1.0)
    wide, low = rng.uniform(0.4, 0.95), 0.9 + rng.normal(0, 0.06)
    left, right = (-wide, 0.9), (wide, low)
    down = arc(top, left, rng.normal(0, 0.08))
    base = arc(left, right, rng.normal(-0.03, 0.1))
    up = arc(right, top, rng.normal(0, 0.08))
    style = rng.random()
    if style < 0.55:
        shapes = [np.concatenate([down, base[1:], up[1:]])]
    elif style < 0.75:
        shapes = [np.concatenate([down, base[1:]]), up[::-1]]
    elif style < 0.9:  # without a base
        shapes = [down, up[::-1]]
    else:
        shapes = [polyline([top, left, right])]
    if rng.random() < 0.4:
        shapes += nostrils(rng, 0, rng.uniform(0.6, 0.85), wide * rng.uniform(0.3, 0.55))
    return shapes


def _button(rng: np.random.Generator) -> list[Points]:
    start = rng.uniform(-2.5, -0.6)
    sweep = 2 * np.pi * rng.choice([-1, 1])
    outline = ellipse((0, 0), (rng.uniform(0.75, 1), rng.uniform(0.7, 1)), start, sweep)
    return [outline, *nostrils(rng, 0, rng.uniform(-0.1, 0.45), rng.uniform(0.25, 0.45))]


def _wings(rng: np.random.Generator) -> list[Points]:
    """Draw two wings that do not touch, with or without a bridge or a curve below."""
    wing, half, low = rng.uniform(0.5, 0.95), rng.uniform(0.25, 0.45), rng.uniform(0.4, 0.8)
    wings = [
        arc((side * (wing - 0.15), low - half), (side * (wing - 0.2), low + half), side * bulge)
        for side, bulge in ((-1, rng.uniform(0.1, 0.3)), (1, rng.uniform(0.1, 0.3)))
    ]
    style = rng.random()
    if style < 0.35:
        return wings
    if style < 0.65:
        gap = rng.uniform(0.12, 0.3)
        bridge = [arc((side * gap, -1), (side * gap, 0.3), -side * 0.1) for side in (-1, 1)]
        return [*bridge, *wings]
    below = curve([(-0.4, low), (-0.2, low + 0.15), (0, low), (0.2, low + 0.15), (0.4, low)])
    if style < 0.8:
        return [wings[0], below, wings[1]]
    return [arc((-0.15, -1), (-0.1, low - 0.1), rng.normal(0, 0.1)), below, *wings]


def _bell(rng: np.random.Generator) -> list[Points]:
    """Draw a wide foot under a narrower top, round or open, like a bell, a hat or a keyhole."""
    stem, foot = rng.uniform(0.12, 0.4), rng.uniform(0.55, 1.0)
    knee, low = rng.uniform(-0.1, 0.5), rng.uniform(0.7, 0.95)
    left = [(-stem, knee - 0.15), (-foot, (knee + low) / 2 + 0.1), (-foot * 0.7, low)]
    under = [(-0.3 * foot, low + 0.05), (0, low + rng.uniform(-0.15, 0.1))]
    right = [(-x * rng.uniform(0.85, 1.15), y) for x, y in left[::-1]]
    if rng.random() < 0.55:  # round or pointed on top, starting at a wing
        crown = [(stem, -0.5), (0, -1.0 - rng.uniform(0, 0.15)), (-stem, -0.5)]
        knots = [*left, *under, *right, *crown]
        return [curve(knots + knots[: int(rng.integers(0, 2))])]
    flat = [(-stem, -1), *left, *under, *right, (stem * rng.uniform(0.9, 1.5), -1)]
    return [curve(flat)]


def _hook(rng: np.random.Generator) -> list[Points]:
    """Draw a J: down, round below and up a little, sometimes closed by an arc."""
    ball, stem = rng.uniform(0.35, 0.7), rng.uniform(-0.1, 0.4)
    low = 1 - ball
    knots = [(stem, -1), (stem * 0.5, low - ball), (-0.25 * ball, low), (0.1, low + 0.8 * ball)]
    knots += [(0.1 + ball * 0.7, low + ball)]
    knots += [(0.1 + ball * 1.3, low + rng.uniform(-0.6, 0.8) * ball)]
    shapes = [curve(knots)]
    if rng.random() < 0.2:
        x = 0.1 + ball * 1.6
        shapes.append(arc((x, low - 0.15), (x, low + ball * 0.8), rng.uniform(0.1, 0.25)))
    side = 1 if rng.random() < 0.65 else -1
    return [shape * vec(side, 1) for shape in shapes]
