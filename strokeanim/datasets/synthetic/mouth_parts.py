"""Draw teeth in rows, as boxes or fangs, tongues inside or stuck out, dimples and stitches."""

from __future__ import annotations

import numpy as np

from strokeanim.datasets.synthetic.curves import arc, curve, line, polyline, sample_at, vec, zigzag
from strokeanim.typing import Points


def tooth_rows(rng: np.random.Generator, top: Points, bottom: Points, depth: float) -> list[Points]:
    """Draw teeth as lines between the top line and the bottom curve, which runs right to left."""
    parts: list[Points] = []
    count = int(rng.integers(1, 7))
    shares = np.linspace(0, 1, count + 2)[1:-1] + rng.normal(0, 0.03, count)
    if rng.random() < 0.55:  # from lip to lip, with or without the line between the rows
        for share in shares:
            start, end = sample_at(top, share), sample_at(bottom, 1 - share)
            reach = rng.normal(0.95, 0.1)
            parts.append(line(start, start + (end - start) * reach + vec(0.04, 0)))
        if rng.random() < 0.7:
            height = depth * rng.uniform(0.25, 0.5)
            between = arc((-0.95, height), (0.95, height), -rng.uniform(0, 0.25))
            parts.insert(0 if rng.random() < 0.5 else len(parts), between)
        return parts
    length = depth * rng.uniform(0.2, 0.45)  # one row of upper teeth
    if rng.random() < 0.65:
        parts.append(arc((-0.92, length), (0.92, length), -rng.uniform(0, 0.15)))
    for share in shares:
        start = sample_at(top, share)
        parts.append(line(start, start + vec(rng.normal(0.03, 0.05), length * rng.normal(1, 0.12))))
    if rng.random() < 0.25:  # a lower row too
        for share in shares[:: int(rng.integers(1, 3))]:
            start = sample_at(bottom, 1 - share)
            parts.append(line(start - vec(0, length * 0.8), start))
    return parts


def single_teeth(rng: np.random.Generator, top: Points, depth: float) -> list[Points]:
    """Draw single teeth that hang from the top line, as boxes or fangs, or a zigzag of teeth."""
    style = rng.random()
    length = depth * rng.uniform(0.2, 0.5)
    if style < 0.15:
        return [zigzag((-0.9, 0.05), (0.9, length), int(rng.integers(5, 12)))]
    if style < 0.3:  # a vampire's, or a hare's, which protrude from any mouth
        offset = rng.uniform(0.35, 0.6) if rng.random() < 0.6 else 0.12
        centres, wide = [-offset, offset], rng.uniform(0.08, 0.14)
        length *= rng.uniform(1.0, 1.8)
    else:
        count = int(rng.integers(1, 6))
        centres = list(np.linspace(-0.75, 0.75, count + 2)[1:-1] + rng.normal(0, 0.05, count))
        wide = min(0.22, rng.uniform(0.3, 0.55) / count)
    is_sharp = rng.random() < (0.7 if style < 0.3 else 0.25)
    return [_tooth(rng, sample_at(top, (x + 1) / 2), wide, length, is_sharp) for x in centres]


def _tooth(
    rng: np.random.Generator, root: Points, wide: float, length: float, is_sharp: bool
) -> Points:
    size = np.array([wide, length * np.exp(rng.normal(0, 0.2))])
    if is_sharp:
        return np.asarray(polyline(np.array([(-1, 0), (0, 1), (1, 0)]) * size + root))
    corners = [(-1, 0), (-0.9, 1), (0.9, rng.normal(1, 0.08)), (1, 0)]
    return np.asarray(polyline(np.array(corners) * size + root))


def tongue(rng: np.random.Generator, depth: float) -> list[Points]:
    """Draw a tongue, lying inside or stuck out over the lower lip with a line along it."""
    x = rng.normal(0, 0.12)
    wide = rng.uniform(0.25, 0.55)
    if rng.random() < 0.7:
        rise = depth * rng.uniform(0.2, 0.45)
        outline = arc((x - wide, depth * 0.82), (x + wide, depth * 0.82), rise)
        crease = line((x, depth * 0.8), (x, depth * 0.62))
        return [outline, crease] if rng.random() < 0.2 else [outline]
    root, long = depth * rng.uniform(0.5, 0.85), rng.uniform(0.35, 0.8)
    wide *= 0.8
    knots = [(x - wide, root), (x - wide, root + 0.7 * long), (x, root + long)]
    knots += [(x + wide, root + 0.7 * long), (x + wide, root)]
    parts = [curve(knots)]
    if rng.random() < 0.6:
        parts.append(line((x, root + 0.1 * long), (x, root + 0.6 * long)))
    return parts


def dimples(rng: np.random.Generator) -> list[Points]:
    """Draw small arcs across the corners of the mouth."""
    long, bulge = rng.uniform(0.1, 0.2), rng.uniform(0.02, 0.1)
    return [arc((x, -long), (x, long), x * bulge) for x in (-1.04, 1.04)]


def stitches(rng: np.random.Generator, lip: Points) -> list[Points]:
    """Draw short lines across the line of the mouth."""
    long = rng.uniform(0.08, 0.2)
    shares = np.linspace(0.08, 0.92, rng.integers(4, 8))
    return [
        line(sample_at(lip, share) - vec(0, long), sample_at(lip, share) + vec(0, long))
        for share in shares
    ]
