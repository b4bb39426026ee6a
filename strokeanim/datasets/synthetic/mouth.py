"""Draw mouths: lips, smiles, grimaces, single lines, or a mouth in a face.

`mouth_parts` draws teeth, tongues, dimples and stitches.
"""

from __future__ import annotations

import numpy as np

from strokeanim.datasets.synthetic.context import face, keep_first, scribble, shading
from strokeanim.datasets.synthetic.curves import arc, curve, ellipse, line, sample_at, vec
from strokeanim.datasets.synthetic.mouth_parts import (
    dimples,
    single_teeth,
    stitches,
    tongue,
    tooth_rows,
)
from strokeanim.typing import Points


def mouth(rng: np.random.Generator) -> list[Points]:
    """Draw a mouth, corners near (−1, 0) and (1, 0), y down."""
    kinds = [_lips, _grin, _crescent, _teeth, _waves, _open, _smile, _profile, _kiss, _in_face]
    shares = [0.51, 0.23, 0.05, 0.03, 0.03, 0.06, 0.02, 0.005, 0.015, 0.05]
    shapes = kinds[rng.choice(len(kinds), p=shares)](rng)
    tall = np.exp(rng.normal(-0.04, 0.2))
    return [shape * vec(1, tall) for shape in shapes]


def _lips(rng: np.random.Generator) -> list[Points]:
    upper, lower = _upper_lip(rng), _lower_lip(rng)
    lower = np.concatenate([upper[-1:], lower[1:-1], upper[:1]])
    middle = _lip_line(rng, rng.normal(-0.02, 0.1))
    outline = np.concatenate([upper, lower[1:]])
    if rng.random() < 0.15:
        outline = outline[::-1]
    style = rng.random()
    if style < 0.1:  # one stroke that returns through the middle, or round below again
        return [np.concatenate([outline, middle[1:]])]
    if style < 0.36:
        return [outline, middle]
    if style < 0.42:  # from the middle of the bow, all the way round
        half = len(upper) // 2
        rotated = np.concatenate([outline[half:], outline[1 : half + 1]])
        return [rotated[::-1] if rng.random() < 0.6 else rotated, middle]
    if style < 0.5:  # a second, inner pair of lips instead of a line
        inner = arc(middle[0], middle[-1], rng.uniform(0.03, 0.12))
        below = arc(middle[0], middle[-1], -rng.uniform(0.05, 0.2))
        if rng.random() < 0.5:
            return [outline, np.concatenate([inner, below[::-1]])]
        return [outline, inner, below]
    if style < 0.96:
        parts = [upper, lower[::-1] if rng.random() < 0.96 else lower]
        if rng.random() < 0.2:  # the bow in two strokes
            half = len(upper) // 2
            parts[:1] = [upper[: half + 1], upper[half:]]
        parts.insert(int(rng.choice([0, 1, len(parts)], p=[0.2, 0.3, 0.5])), middle)
        return keep_first(rng, parts, 2) if rng.random() < 0.06 else parts
    return [outline, middle, *dimples(rng)]


def _upper_lip(rng: np.random.Generator) -> Points:
    high = rng.uniform(0.2, 0.75)
    peak = rng.uniform(0.18, 0.5)
    dip = high * rng.uniform(0.15, 0.95)
    tilt = rng.normal(0, 0.06)
    shoulder = rng.uniform(0.3, 0.95) * high
    left = [(-1, tilt), (-0.7, -shoulder * 0.8), (-peak, -high), (0, -dip)]
    right = [(peak, -high * rng.uniform(0.8, 1.2)), (0.7, -shoulder * 0.8), (1, -tilt)]
    style = rng.random()
    if style < 0.18:  # without a bow
        return arc(left[0], right[-1], 0.8 * high, rng.normal(0, 0.2))
    if style < 0.55:  # a sharp bow: two curves meeting in the dip
        return np.concatenate([curve(left), curve([left[-1], *right])[1:]])
    return curve(left + right)


def _lower_lip(rng: np.random.Generator) -> Points:
    """Draw the lower lip from right to left, 8 % of them with a bow."""
    low = rng.uniform(0.25, 0.9)
    flat, skew = rng.uniform(0.4, 0.75), rng.normal(0, 0.1)
    knots = [(1, 0), (flat + skew, rng.uniform(0.6, 0.9) * low), (skew, low)]
    knots += [(-flat + skew, rng.uniform(0.6, 0.9) * low), (-1, 0)]
    if rng.random() < 0.08:
        knots[2] = (skew, low * rng.uniform(0.6, 0.85))
        knots[1], knots[3] = (flat * 0.7, low), (-flat * 0.7, low)
    return curve(knots)


def _lip_line(rng: np.random.Generator, offset: float) -> Points:
    reach = rng.normal(0.98, 0.07) if rng.random() < 0.8 else rng.uniform(0.6, 0.85)
    tilt = rng.normal(0, 0.05)
    if rng.random() < 0.55:
        return arc((-reach, tilt), (reach, -tilt), -offset, rng.normal(0, 0.3))
    dip = rng.uniform(0.02, 0.12)
    knots = [(-reach, tilt), (-0.4, -dip), (0, dip), (0.4, -dip), (reach, -tilt)]
    return curve(knots) + vec(0, offset)


def _grin(rng: np.random.Generator) -> list[Points]:
    depth = rng.uniform(0.5, 1.2)
    sag = rng.normal(-0.06, 0.1)
    top = arc((-1, rng.normal(0, 0.03)), (1, rng.normal(0, 0.06)), sag)
    square = rng.uniform(0.55, 0.97)
    fall = rng.uniform(0.5, 0.85) * depth
    bottom = curve([top[-1], (square, fall), (rng.normal(0, 0.1), depth), (-square, fall), top[0]])
    loop = np.concatenate([top, bottom[1:]])
    stroke = loop if rng.random() < 0.6 else loop[::-1]
    outline = [stroke] if rng.random() < 0.6 else [top, bottom[::-1]]
    style = rng.random()
    parts: list[Points] = []
    if style < 0.62:
        parts += tooth_rows(rng, top, bottom, depth)
    elif style < 0.85:
        parts += single_teeth(rng, top, depth)
    if rng.random() < 0.3 or (not parts and rng.random() < 0.6):
        parts += tongue(rng, depth)
    if rng.random() < 0.06:
        parts += dimples(rng)
    return outline + parts


def _crescent(rng: np.random.Generator) -> list[Points]:
    inner, outer = rng.uniform(0.15, 0.5), rng.uniform(0.6, 1.0)
    upper, lower = arc((-1, 0), (1, 0), -inner), arc((1, 0), (-1, 0), outer)
    parts = [np.concatenate([upper, lower[1:]])] if rng.random() < 0.5 else [upper, lower[::-1]]
    if rng.random() < 0.55:
        parts.append(arc((-0.95, 0), (0.95, 0), -(inner + outer) / 2))
    if rng.random() < 0.35:
        count = rng.integers(3, 8)
        for share in np.linspace(0, 1, count + 2)[1:-1]:
            parts.append(line(sample_at(upper, share), sample_at(lower, 1 - share)))
    return parts + (dimples(rng) if rng.random() < 0.25 else [])


def _teeth(rng: np.random.Generator) -> list[Points]:
    """Draw clenched teeth in an oval, as boxes or two rows, sometimes with lips all round."""
    high = rng.uniform(0.35, 0.6)
    start = rng.uniform(0, 2 * np.pi)
    parts = [ellipse((0, 0), (1, high), start)]
    inner = rng.uniform(0.55, 0.8) if rng.random() < 0.6 else 0.97
    if inner < 0.9:
        parts.append(ellipse((0, 0), (inner, high * inner), start))
    if rng.random() < 0.4:
        top = arc((-inner, 0), (inner, 0), high * inner * 0.8)
        return parts + single_teeth(rng, top, 2 * high * inner)
    parts.append(line((-inner, 0), (inner, rng.normal(0, 0.04))))
    for x in np.linspace(-inner, inner, rng.integers(4, 9))[1:-1]:
        reach = high * inner * np.sqrt(1 - (x / inner) ** 2)
        parts.append(line((x, -reach), (x + rng.normal(0, 0.03), reach)))
    return parts


def _waves(rng: np.random.Generator) -> list[Points]:
    """Draw two lines that never meet, or two separate flat lips, one above the other."""
    gap, high = rng.uniform(0.25, 0.7), rng.uniform(0.15, 0.4)
    upper = curve([(-1, 0), (-0.45, -high), (0, -0.2 * high), (0.45, -high), (1, 0)])
    dip = rng.uniform(0.3, 1.1) * high
    lower = curve([(-1, 0), (-0.5, high), (0, dip), (0.5, high), (1, 0)]) + vec(0, gap)
    if rng.random() < 0.35:
        upper = np.concatenate([upper, line(upper[-1], upper[0])[1:]])
        return [upper, lower, arc(lower[0], lower[-1], rng.normal(0, 0.08))]
    return [upper, lower]


def _open(rng: np.random.Generator) -> list[Points]:
    """Draw lips around an opening that may show teeth or be shaded."""
    upper, low = _upper_lip(rng), rng.uniform(0.55, 1.0)
    lower = curve([upper[-1], (0.6, 0.7 * low), (0, low), (-0.6, 0.7 * low), upper[0]])
    reach, depth = rng.uniform(0.7, 0.95), rng.uniform(0.1, 0.4)
    top = arc((-reach, 0.05), (reach, 0.05), rng.uniform(-0.08, 0.12))
    bottom = arc((reach, 0.05), (-reach, 0.05), depth)
    parts = [np.concatenate([upper, lower[1:]]), np.concatenate([top, bottom[1:]])]
    style = rng.random()
    if style < 0.4:
        for share in np.linspace(0, 1, rng.integers(3, 7) + 2)[1:-1]:
            parts.append(line(sample_at(top, share), sample_at(bottom, 1 - share)))
    elif style < 0.55:
        radii = (0.6 * reach, 0.4 * depth)
        fill = scribble(rng, (0, 0.5 * depth), radii, 4)
        parts.append(fill if rng.random() < 0.4 else shading(rng, (0, 0.4 * depth), radii, 14))
    return parts


def _smile(rng: np.random.Generator) -> list[Points]:
    """Draw the arc of a smiley, marked as a mouth by dimples, a lower lip or a doll's stitches."""
    smile = arc((-1, 0), (1, 0), -rng.uniform(0.2, 0.7), rng.normal(0, 0.3))
    style = rng.random()
    if style < 0.45:
        return [smile, *dimples(rng)]
    if style < 0.7:
        return [smile, *stitches(rng, smile)]
    low = 0.35 + 0.3 * rng.random()
    return [smile, arc((-0.3, low + 0.3), (0.3, low + 0.3), -0.1), *dimples(rng)]


def _profile(rng: np.random.Generator) -> list[Points]:
    """Draw a side view: nose, lips and chin in one line, and the corner of the mouth behind it."""
    depth = rng.uniform(0.2, 0.45)
    knots = [(0.1, -1), (0, -0.6), (depth, -0.3), (0.1, 0), (depth * 0.9, 0.3), (0, 0.55), (0.1, 1)]
    corner = line((0.1, 0), (-rng.uniform(0.5, 0.9), rng.normal(0, 0.1)))
    side = rng.choice([-1.0, 1.0])
    return [shape * vec(side, 0.9) for shape in (curve(knots), corner)]


def _kiss(rng: np.random.Generator) -> list[Points]:
    """Draw pursed lips: small, tall, heart-shaped with a dark middle."""
    parts = [shape * vec(0.75, 1.2) for shape in (_upper_lip(rng), _lower_lip(rng)[::-1])]
    middle = ellipse((0, 0.05), (rng.uniform(0.1, 0.3), 0.12), rng.uniform(0, 6), samples=24)
    return [*parts, middle]


def _in_face(rng: np.random.Generator) -> list[Points]:
    shapes = (_lips if rng.random() < 0.5 else _grin)(rng)
    if rng.random() < 0.4:  # only the chin
        chin = arc((-1.2, -0.9), (1.2, -0.9), -rng.uniform(2.4, 3.2), rng.normal(0, 0.2))
        return [*shapes, chin] if rng.random() < 0.7 else [chin, *shapes]
    return face(shapes, rng, rng.uniform(0.45, 0.62), (0.0, 0.42))
