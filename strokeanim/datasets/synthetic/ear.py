"""Draw ears: a C, a question mark, a bean or a 3, alone or on a head.

`ear_parts` draws what lies inside the rim.
"""

from __future__ import annotations

import numpy as np

from strokeanim.datasets.synthetic.curves import arc, curve, ellipse, line, vec
from strokeanim.datasets.synthetic.ear_parts import extras, folds
from strokeanim.typing import Points


def ear(rng: np.random.Generator) -> list[Points]:
    """Draw an ear, roughly −1..1 tall, y down; 70 % of them bulge to the right."""
    kinds = [_open_rim, _closed_rim, _figure_three, _curl, _pieces, _animal, _pair, _on_head]
    shares = [0.56, 0.16, 0.08, 0.05, 0.05, 0.02, 0.04, 0.04]
    shapes = kinds[rng.choice(len(kinds), p=shares)](rng)
    wide = np.exp(rng.normal(0.1, 0.13))
    if rng.random() < 0.3:
        wide = -wide
    return [shape * vec(wide, 1) for shape in shapes]


def _open_rim(rng: np.random.Generator) -> list[Points]:
    """Draw a rim that is open towards the head, from the top to the lobe."""
    wide = rng.uniform(0.7, 1.1)
    lobe = rng.uniform(0.25, 0.75) * wide
    pinch = max(0.0, rng.normal(0.12, 0.2))  # how far the rim narrows above the lobe
    top = (-rng.uniform(-0.05, 0.4), rng.uniform(-0.85, -0.45))
    knots = [top, (0.12, -0.97), (0.35 * wide + 0.2, -0.95), (wide, rng.uniform(-0.6, -0.35))]
    knots += [(wide * (1 - 0.3 * pinch), 0.05), (wide * (1 - pinch), 0.4)]
    knots += [
        (max(lobe, 0.15), 0.82),
        (0.15 * wide, 1.0),
        (rng.uniform(-0.25, 0.15), rng.uniform(0.75, 1.02)),
    ]
    if rng.random() < 0.2:
        knots = knots[1:]
    if rng.random() < 0.3:
        knots = knots[:-1]
    if rng.random() < 0.12:  # the lobe runs on into the neck, or the top into the hair
        knots.append((-rng.uniform(0.2, 0.5), rng.uniform(0.9, 1.1)))
    strokes = [curve(knots)]
    if rng.random() < 0.12:  # where the ear meets the head
        x = rng.uniform(-0.25, -0.05)
        strokes.insert(0, arc((x, -0.6), (x, rng.uniform(0.3, 0.8)), rng.normal(0, 0.12)))
    return _add_details(rng, strokes, wide)


def _closed_rim(rng: np.random.Generator) -> list[Points]:
    """Draw a bean-shaped rim that is closed, or nearly."""
    wide, lobe = rng.uniform(0.45, 0.8), rng.uniform(0.2, 0.55)
    waist = rng.uniform(-0.1, 0.7)  # negative: dented on the side of the head, like a kidney
    knots = [(-wide * 0.6, -0.55), (0, -0.95), (wide * 0.8, -0.75), (wide, -0.2)]
    knots += [(wide * rng.uniform(0.4, 0.95), 0.4), (lobe, 0.85), (0, 0.98)]
    knots += [(-lobe * 0.7, 0.75), (-wide * waist, 0.1)]
    shift = int(rng.integers(len(knots)))
    outline = curve(knots[shift:] + knots[:shift], closed=True)
    if rng.random() < 0.3:
        outline = outline[::-1]
    if rng.random() < 0.5:
        outline = outline[: -int(rng.integers(4, 24))]
    return _add_details(rng, [outline], wide)


def _figure_three(rng: np.random.Generator) -> list[Points]:
    big, small = rng.uniform(0.5, 0.9), rng.uniform(0.35, 0.9)
    notch = (rng.uniform(-0.1, 0.3), rng.uniform(-0.2, 0.3))
    upper = curve([(-0.4, -0.75), (0.05, -1), (big, -0.75), (big, -0.35), notch])
    lower = curve([notch, (small, 0.35), (small, 0.75), (0.1, 1), (-0.3, 0.9)])
    shapes = [np.concatenate([upper, lower[1:]])]
    return shapes if rng.random() < 0.7 else _add_details(rng, shapes, big)


def _curl(rng: np.random.Generator) -> list[Points]:
    """Draw rim and fold in one stroke; the lobe turns up and inwards, like a 6 or a snail."""
    wide = rng.uniform(0.65, 1.0)
    knots = [(-0.2, -0.6), (0.2, -0.98), (0.6 * wide + 0.1, -0.9), (wide, -0.45), (0.95 * wide, 0)]
    knots += [(0.7 * wide, 0.55), (0.3, 0.98), (-0.05, 0.8), (0.05, 0.4)]
    inner = rng.uniform(0.3, 0.6) * wide
    knots += [(inner, 0.1), (inner, -0.35), (0.1, -0.5), (-0.05, -0.2), (0.2, -0.05)]
    return [curve(knots[: int(rng.integers(10, len(knots) + 1))])]


def _pieces(rng: np.random.Generator) -> list[Points]:
    """Draw rim, lobe and head as lines that barely meet."""
    wide = rng.uniform(0.65, 1.0)
    rim = curve([(0, -0.7), (0.3, -1), (wide, -0.8), (wide, -0.2), (0.5 * wide, 0.3)])
    lobe = curve([(0.5 * wide, 0.3), (0.6 * wide, 0.7), (0.2, 1), (-0.1, 0.8)])
    head = line((-0.05, -0.75), (-0.1, rng.uniform(0.3, 0.8)))
    parts = [rim, lobe, head] if rng.random() < 0.5 else [head, rim, lobe]
    return _add_details(rng, parts, wide)


def _animal(rng: np.random.Generator) -> list[Points]:
    """Draw a pointed ear, an elf's or a cat's, with a smaller copy inside."""
    tip = (rng.uniform(0.0, 0.5), -1)
    wide = rng.uniform(0.5, 0.7)
    left = curve([(-wide, 0.9), (-wide * 0.8, 0), tip])
    right = curve([tip, (wide, 0.1), (wide * 0.8, 0.9)])
    outer = np.concatenate([left, right[1:]])
    return [outer, outer * vec(0.55, 0.6) + vec(0, 0.25)]


def _pair(rng: np.random.Generator) -> list[Points]:
    """Draw both ears of a head, side by side."""
    ear_shapes = (_open_rim if rng.random() < 0.7 else _closed_rim)(rng)
    offset = vec(rng.uniform(0.4, 1.6), 0)
    right = [shape + offset for shape in ear_shapes]
    left = [shape * vec(-1, 1) for shape in right]
    return left + right


def _on_head(rng: np.random.Generator) -> list[Points]:
    """Draw an ear with the side of the head and the jaw, or a whole head between two ears."""
    shapes = _open_rim(rng)
    if rng.random() < 0.6:
        x = -rng.uniform(0.0, 0.25)
        above, below = rng.uniform(1.1, 1.4), rng.uniform(1.1, 1.5)
        head = arc((x - 0.15, -above), (x - 0.3, below), rng.uniform(-0.2, 0.1))
        return [head, *shapes] if rng.random() < 0.6 else [*shapes, head]
    half_width = rng.uniform(1.0, 1.4)
    right = [shape * 0.6 + vec(half_width, 0) for shape in shapes]
    left = [shape * vec(-1, 1) for shape in right]
    head = ellipse((0, 0), (half_width, rng.uniform(1.1, 1.4)), -np.pi / 2)
    return [head, *left, *right]


def _add_details(rng: np.random.Generator, rim: list[Points], wide: float) -> list[Points]:
    return [*rim, *folds(rng, wide), *extras(rng, wide)]
