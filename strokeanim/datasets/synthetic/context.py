"""Draw what some people add to a feature: a head, other features, stray marks, shading."""

from __future__ import annotations

import numpy as np

from strokeanim.datasets.synthetic.curves import arc, ellipse, line, spiral, vec
from strokeanim.typing import Points


def face(
    shapes: list[Points],
    rng: np.random.Generator,
    size: float,
    place: tuple[float, float],
    pair: bool = True,
) -> list[Points]:
    """Shrink `shapes` by `size`, move them to `place` and draw a face around them, −1..1, y down.

    The head comes first or last and may lack a part. Its eyes are dots or circles, so that the
    feature remains the subject of the drawing; without `pair`, no eyes are added.
    """
    feature = [(shape * size + vec(*place)).astype(np.float32) for shape in shapes]
    start = rng.uniform(-2.2, -1.0)
    sweep = 2 * np.pi if rng.random() < 0.75 else rng.uniform(3.0, 5.5)
    head = ellipse((0, 0), (rng.uniform(0.8, 1.05), 1.1), start, -sweep)
    context = []
    if pair and (place[1] > 0.2 or rng.random() < 0.6):
        context += eyes(rng, rng.uniform(-0.45, -0.2))
    if place[1] < 0.2 and rng.random() < 0.6:
        y = rng.uniform(0.55, 0.7)
        context.append(arc((-0.35, y), (0.35, y), -rng.uniform(-0.02, 0.18)))
    return [head, *context, *feature] if rng.random() < 0.7 else [*feature, *context, head]


def eyes(rng: np.random.Generator, y: float) -> list[Points]:
    """Draw a pair of eyes as two small ellipses at height `y`."""
    apart = rng.uniform(0.25, 0.45)
    radius = rng.uniform(0.02, 0.14)
    start = rng.uniform(0, 2 * np.pi)
    return [ellipse((x, y), (radius, radius * 1.1), start, samples=20) for x in (-apart, apart)]


def dot(rng: np.random.Generator, centre: tuple[float, float], radius: float = 0.02) -> Points:
    """Draw a touch of the finger: a tap, a tiny dash or a blob."""
    x, y = centre
    if rng.random() < 0.5:
        return line(centre, (x + rng.normal(0, radius), y + rng.normal(0, radius)), 3)
    return spiral(centre, (radius, radius), rng.uniform(0.8, 1.8), rng.uniform(0, 6))


def scribble(
    rng: np.random.Generator, centre: tuple[float, float], radii: tuple[float, float], turns: float
) -> Points:
    """Fill a disc as people do, with loops that keep missing each other."""
    count = max(8, int(turns * 7))
    angle = rng.uniform(0, 6) + np.linspace(0, 2 * np.pi * turns, count) * rng.choice([-1, 1])
    reach = rng.uniform(0.45, 1.05, count)
    squash = rng.uniform(0.5, 1.0)
    x = centre[0] + radii[0] * reach * np.cos(angle)
    y = centre[1] + radii[1] * reach * np.sin(angle) * squash
    return np.stack([x, y], axis=1).astype(np.float32)


def shading(
    rng: np.random.Generator, centre: tuple[float, float], radii: tuple[float, float], count: int
) -> Points:
    """Draw hatching to and fro across an ellipse, upright or slanted."""
    t = np.linspace(-1, 1, count) + rng.normal(0, 0.3 / count, count)
    reach = np.sqrt(np.maximum(0.05, 1 - t**2)) * np.where(np.arange(count) % 2, 1, -1)
    reach = reach * rng.uniform(0.75, 1.1, count)
    points = np.stack([t, reach + rng.normal(0, 0.4) * t], axis=1)
    if rng.random() < 0.4:
        points = points[:, ::-1]
    return np.asarray(points * radii + centre, dtype=np.float32)


def keep_first(rng: np.random.Generator, shapes: list[Points], keep: int) -> list[Points]:
    """Keep the first strokes, at least `keep`, as when the time is up or the player is content."""
    count = int(rng.integers(keep, max(keep, len(shapes)) + 1))
    return shapes[:count]
