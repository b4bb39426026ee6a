"""Measure how sharp a nose is by the geometry of its outline, without a model."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from strokeanim.geometry import Drawing
from strokeanim.geometry.polylines import arc_length, resample

REACH = 0.15
"""Length of the chords on both sides of a point that give its turn, of the longer side."""

SHARP = 80.0
"""Least turn of a sharp nose at its tip, degrees."""

_POINTS = 257


def sharpness(nose: Drawing) -> float:
    """Return how far the outline of a nose turns at its tip, degrees.

    The outline is its longest stroke, resampled to 257 points and smoothed (Gaussian, σ 2 points).
    The tip is the point farthest from the line through its ends, or from its start if it closes.
    The turn at a point is the angle between the chords to the points 0.15 of the longer side before
    and after; the result is the largest turn within that arc length of the tip.
    """
    outline = max(nose.strokes, key=arc_length)
    length, size = arc_length(outline), nose.box.longer
    if length <= 0:
        return 0.0
    points = gaussian_filter1d(
        resample(outline, _POINTS).astype(np.float64), 2, axis=0, mode="nearest"
    )
    reach = max(1, round(REACH * size / length * (_POINTS - 1)))
    offsets, chord = points - points[0], points[-1] - points[0]
    span = float(np.hypot(*chord))
    if span > 0.1 * size:
        distance = np.abs(offsets @ [chord[1], -chord[0]]) / span
    else:
        distance = np.hypot(*offsets.T)
    tip = int(distance.argmax())
    near = np.arange(max(reach, tip - reach), min(_POINTS - 1 - reach, tip + reach) + 1)
    if not len(near):
        return 0.0
    (ax, ay), (bx, by) = (
        (points[near] - points[near - reach]).T,
        (points[near + reach] - points[near]).T,
    )
    return float(np.degrees(np.abs(np.arctan2(ax * by - ay * bx, ax * bx + ay * by))).max())
