"""New drawings from old ones: what could as well have been drawn, for training.

The picture that the encoder sees is rasterised from the augmented strokes, never from the
originals, or the model would learn to draw something other than what it is shown.
"""

from __future__ import annotations

import numpy as np

from strokeanim.geometry.drawing import Drawing
from strokeanim.typing import Points


def augment(drawing: Drawing, rng: np.random.Generator, strength: float = 1.0) -> Drawing:
    """One random variation: mirrored, turned, stretched, bent, strokes nudged, one left out.

    `strength` scales every change but mirroring, which is all that 0 leaves. Coordinates come
    back centred, with the longer side of the original at 1.
    """
    box = drawing.box
    points = np.concatenate(drawing.strokes).astype(np.float64)
    points = (points - box.centre) / (box.longer or 1.0)
    lengths = np.array([len(stroke) for stroke in drawing.strokes])
    if rng.random() < 0.5:
        points[:, 0] *= -1
    if strength > 0:
        points = _nudge(points, lengths, rng, strength)
        points = _bend(points, rng, strength) @ _affine(rng, strength).T
    strokes = np.split(points, np.cumsum(lengths)[:-1])
    return drawing.with_strokes(_thin(strokes, rng, strength))


def _affine(rng: np.random.Generator, strength: float) -> np.ndarray:
    """Rotation (σ 7°), unequal scale (σ 12 %) and slant (σ 8 %)."""
    angle = np.deg2rad(rng.normal(0, 7 * strength))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scale = np.diag(np.exp(rng.normal(0, 0.12 * strength, 2)))
    slant = np.array([[1, rng.normal(0, 0.08 * strength)], [0, 1]])
    return np.asarray(turn @ scale @ slant)


def _bend(points: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """A smooth field of a few sine waves: the plane bends, lines stay joined."""
    ways = rng.normal(0, 3.0, (4, 2))
    waves = rng.normal(0, 0.018 * strength, (4, 2))
    return np.asarray(points + np.sin(points @ ways.T + rng.uniform(0, 2 * np.pi, 4)) @ waves)


def _nudge(
    points: np.ndarray, lengths: np.ndarray, rng: np.random.Generator, strength: float
) -> np.ndarray:
    """Each stroke moves and scales a little about its own middle; each point trembles."""
    count = len(lengths)
    stroke = np.repeat(np.arange(count), lengths)
    middle = np.stack([np.bincount(stroke, points[:, axis]) for axis in (0, 1)], axis=1)
    middle = middle / lengths[:, None]
    scale = np.exp(rng.normal(0, 0.05 * strength, (count, 2)))
    shift = rng.normal(0, 0.012 * strength, (count, 2))
    moved = (points - middle[stroke]) * scale[stroke] + (middle + shift)[stroke]
    return np.asarray(moved + rng.normal(0, 0.003 * strength, points.shape))


def _thin(
    strokes: list[np.ndarray], rng: np.random.Generator, strength: float
) -> list[np.ndarray] | list[Points]:
    """Now and then one small stroke is left out."""
    if len(strokes) > 2 and rng.random() < 0.15 * strength:
        sizes = np.array([np.ptp(stroke, axis=0).max() for stroke in strokes])
        small = np.flatnonzero(sizes < 0.4 * sizes.max())
        if len(small):
            del strokes[int(rng.choice(small))]
    return strokes
