"""Augment drawings for training with random but plausible variations.

The encoder's picture is rasterised from the augmented strokes, never from the originals, so that
the model learns to draw what it is shown.
"""

from __future__ import annotations

import numpy as np

from strokeanim.geometry.drawing import Drawing
from strokeanim.typing import Points


def augment(drawing: Drawing, rng: np.random.Generator, strength: float = 1.0) -> Drawing:
    """Mirror, rotate, stretch and bend a drawing, shift its strokes and drop one, all at random.

    `strength` scales every change except mirroring, the only change left at 0. The result is
    centred and in units of the original's longer side.
    """
    box = drawing.box
    points = np.concatenate(drawing.strokes).astype(np.float64)
    points = (points - box.centre) / (box.longer or 1.0)
    lengths = np.array([len(stroke) for stroke in drawing.strokes])
    if rng.random() < 0.5:
        points[:, 0] *= -1
    if strength > 0:
        points = _nudge(points, lengths, rng, strength)
        points = _bend(points, rng, strength) @ _draw_affine(rng, strength).T
    strokes = np.split(points, np.cumsum(lengths)[:-1])
    return drawing.with_strokes(_drop_stroke(strokes, rng, strength))


def _draw_affine(rng: np.random.Generator, strength: float) -> np.ndarray:
    """Draw a matrix of rotation (σ 7°), unequal scale (σ 12 %) and slant (σ 8 %)."""
    angle = np.deg2rad(rng.normal(0, 7 * strength))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scale = np.diag(np.exp(rng.normal(0, 0.12 * strength, 2)))
    slant = np.array([[1, rng.normal(0, 0.08 * strength)], [0, 1]])
    return np.asarray(turn @ scale @ slant)


def _bend(points: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Displace points by a smooth field of four sine waves, which keeps lines connected."""
    wave_vectors = rng.normal(0, 3.0, (4, 2))
    amplitudes = rng.normal(0, 0.018 * strength, (4, 2))
    phases = rng.uniform(0, 2 * np.pi, 4)
    return np.asarray(points + np.sin(points @ wave_vectors.T + phases) @ amplitudes)


def _nudge(
    points: np.ndarray, lengths: np.ndarray, rng: np.random.Generator, strength: float
) -> np.ndarray:
    """Shift each stroke, scale it about its centroid, and add jitter to each point."""
    count = len(lengths)
    stroke = np.repeat(np.arange(count), lengths)
    centroid = np.stack([np.bincount(stroke, points[:, axis]) for axis in (0, 1)], axis=1)
    centroid = centroid / lengths[:, None]
    scale = np.exp(rng.normal(0, 0.05 * strength, (count, 2)))
    shift = rng.normal(0, 0.012 * strength, (count, 2))
    moved = (points - centroid[stroke]) * scale[stroke] + (centroid + shift)[stroke]
    return np.asarray(moved + rng.normal(0, 0.003 * strength, points.shape))


def _drop_stroke(
    strokes: list[np.ndarray], rng: np.random.Generator, strength: float
) -> list[np.ndarray] | list[Points]:
    """Drop one small stroke with a probability of 15 % times `strength`."""
    if len(strokes) > 2 and rng.random() < 0.15 * strength:
        sizes = np.array([np.ptp(stroke, axis=0).max() for stroke in strokes])
        small = np.flatnonzero(sizes < 0.4 * sizes.max())
        if len(small):
            del strokes[int(rng.choice(small))]
    return strokes
