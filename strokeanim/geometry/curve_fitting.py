"""Fit few cubic curves to moving strokes: the same knots in every frame, and a bounded error.

The lengths of the tangents are fitted by least squares, as in Schneider, "An algorithm for
automatically fitting digitized curves" (Graphics Gems, 1990). A piece that misses the stroke in any
frame is split in all of them.
"""

from __future__ import annotations

import numpy as np

from strokeanim.geometry.splines import outline
from strokeanim.typing import Float64, MovingStroke

SAMPLES = 4
"""Samples on each piece of the interpolating curve, at which a fit is measured."""


def fit_curves(track: MovingStroke, tolerance: float) -> Float64[np.ndarray, "frames pieces 3 2"]:
    """Fit cubic curves to the smooth curves through a stroke's points, alike in every frame.

    Args:
        track: a stroke's points over frames, `(frames, n, 2)`, n ≥ 3.
        tolerance: largest distance from the curves through the points, in units of the points;
            at 0 every point is a knot.

    Returns:
        `(frames, pieces, 3, 2)`: two control points and the end of each piece; the first piece
        begins at the stroke's first point.
    """
    through = np.stack([outline(points, True, every_point=True)[1] for points in track])
    starts = np.concatenate([track[:, :1], through[:, :-1, 2]], axis=1)
    if tolerance <= 0:
        return through
    dense = _sample(starts, through)
    return np.stack(_fit_or_split(dense, starts, through, 0, through.shape[1], tolerance), axis=1)


def _fit_or_split(
    dense: Float64[np.ndarray, "frames samples 2"],
    starts: Float64[np.ndarray, "frames pieces 2"],
    through: Float64[np.ndarray, "frames pieces 3 2"],
    first: int,
    last: int,
    tolerance: float,
) -> list[Float64[np.ndarray, "frames 3 2"]]:
    """Fit the points from `first` to `last`, with as many curves as they need, in each frame."""
    curve = through[:, first]
    if last - first == 1:
        return [curve]
    # About eight frames expose most misfits, in a fraction of the time.
    errors = np.zeros((1, 1))
    for step in dict.fromkeys([max(1, len(dense) // 8), 1]):
        part = slice(None, None, step)
        curve, errors = _fit_piece(dense[part], starts[part], through[part], first, last, tolerance)
        if errors.max() > tolerance:
            break
    else:
        return [curve]
    worst = first + (int(errors.max(axis=0).argmax()) + SAMPLES // 2) // SAMPLES
    middle = min(max(worst, first + 1), last - 1)
    return [
        *_fit_or_split(dense, starts, through, first, middle, tolerance),
        *_fit_or_split(dense, starts, through, middle, last, tolerance),
    ]


def _fit_piece(
    dense: Float64[np.ndarray, "frames samples 2"],
    starts: Float64[np.ndarray, "frames pieces 2"],
    through: Float64[np.ndarray, "frames pieces 3 2"],
    first: int,
    last: int,
    tolerance: float,
) -> tuple[Float64[np.ndarray, "frames 3 2"], Float64[np.ndarray, "frames samples"]]:
    """Fit one curve per frame to the pieces from `first` to `last`; return it and its errors."""
    samples = dense[:, first * SAMPLES : last * SAMPLES + 1]
    begin, end = samples[:, 0], samples[:, -1]
    leaving = _normalise(through[:, first, 0] - starts[:, first])
    arriving = _normalise(through[:, last - 1, 1] - end)
    steps = np.linalg.norm(np.diff(samples, axis=1), axis=2).cumsum(axis=1)
    t = np.zeros(samples.shape[:2])
    t[:, 1:] = steps / np.maximum(steps[:, -1:], 1e-12)
    curve, offsets = _fit_least_squares(samples, t, begin, end, leaving, arriving)
    errors = np.hypot(offsets[..., 0], offsets[..., 1])
    if errors.max() > tolerance:
        # Fit once more, at the parameters that are nearest now.
        t = _refine_parameters(offsets, t, begin, curve)
        curve, offsets = _fit_least_squares(samples, t, begin, end, leaving, arriving)
        errors = np.hypot(offsets[..., 0], offsets[..., 1])
    return curve, errors


def _fit_least_squares(
    samples: Float64[np.ndarray, "frames samples 2"],
    t: Float64[np.ndarray, "frames samples"],
    begin: Float64[np.ndarray, "frames 2"],
    end: Float64[np.ndarray, "frames 2"],
    leaving: Float64[np.ndarray, "frames 2"],
    arriving: Float64[np.ndarray, "frames 2"],
) -> tuple[Float64[np.ndarray, "frames 3 2"], Float64[np.ndarray, "frames samples 2"]]:
    """Fit a curve to the samples; return it and its offsets from them at `t`."""
    s, u = (1 - t)[..., None], t[..., None]
    w0, w1, w2, w3 = s**3, 3 * s**2 * u, 3 * s * u**2, u**3  # Bernstein polynomials
    a, b = w1 * leaving[:, None], w2 * arriving[:, None]
    ends = (w0 + w1) * begin[:, None] + (w3 + w2) * end[:, None]
    aa, ab, bb = ((x * y).sum(axis=(1, 2)) for x, y in ((a, a), (a, b), (b, b)))
    ra, rb = ((x * (samples - ends)).sum(axis=(1, 2)) for x in (a, b))
    determinant = aa * bb - ab**2
    chord = np.linalg.norm(end - begin, axis=1)
    is_good = np.abs(determinant) > 1e-9 * np.maximum(aa * bb, 1e-12)
    safe = np.where(is_good, determinant, 1.0)
    lengths = np.stack([(bb * ra - ab * rb) / safe, (aa * rb - ab * ra) / safe], axis=1)
    # Singular, or a tangent would point backwards: use a third of the chord instead.
    is_good &= (lengths > 1e-6 * chord[:, None]).all(axis=1)
    lengths = np.where(is_good[:, None], lengths, chord[:, None] / 3)
    p1, p2 = begin + lengths[:, :1] * leaving, end + lengths[:, 1:] * arriving
    fitted = w0 * begin[:, None] + w1 * p1[:, None] + w2 * p2[:, None] + w3 * end[:, None]
    return np.stack([p1, p2, end], axis=1), fitted - samples


def _refine_parameters(
    offsets: Float64[np.ndarray, "frames samples 2"],
    t: Float64[np.ndarray, "frames samples"],
    begin: Float64[np.ndarray, "frames 2"],
    curve: Float64[np.ndarray, "frames 3 2"],
) -> Float64[np.ndarray, "frames samples"]:
    """Move `t` one step of Newton's method towards the parameters of the nearest points."""
    p0, (p1, p2, p3) = begin[:, None], (curve[:, None, k] for k in range(3))
    s, u = (1 - t)[..., None], t[..., None]
    slope = 3 * (s**2 * (p1 - p0) + 2 * s * u * (p2 - p1) + u**2 * (p3 - p2))
    bend = 6 * (s * (p2 - 2 * p1 + p0) + u * (p3 - 2 * p2 + p1))
    divisor = (slope**2).sum(axis=2) + (offsets * bend).sum(axis=2)
    step = (offsets * slope).sum(axis=2) / np.where(np.abs(divisor) < 1e-12, np.inf, divisor)
    refined = np.clip(t - step, 0, 1)
    refined[:, 0], refined[:, -1] = 0, 1
    return np.maximum.accumulate(refined, axis=1)


def _sample(
    starts: Float64[np.ndarray, "frames pieces 2"],
    through: Float64[np.ndarray, "frames pieces 3 2"],
) -> Float64[np.ndarray, "frames samples 2"]:
    """Return the first point of each frame's curve and `SAMPLES` points on each piece."""
    frames, pieces = through.shape[:2]
    t = np.arange(1, SAMPLES + 1)[:, None] / SAMPLES
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3])
    points = weights @ np.concatenate([starts[:, :, None], through], axis=2)
    return np.concatenate([starts[:, :1], points.reshape(frames, pieces * SAMPLES, 2)], axis=1)


def _normalise(vectors: Float64[np.ndarray, "frames 2"]) -> Float64[np.ndarray, "frames 2"]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: Float64[np.ndarray, "frames 2"] = vectors / np.where(lengths > 0, lengths, 1.0)
    return units
