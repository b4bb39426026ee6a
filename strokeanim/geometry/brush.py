"""Outline strokes of varying width: the two sides of the ribbon that a brush leaves."""

from __future__ import annotations

from typing import Literal

import numpy as np

from strokeanim.geometry.splines import flatten, outline
from strokeanim.typing import Float64, Points

Brush = Literal["taper", "nib"]
"""How the width varies. `taper`: thin where the stroke begins and ends. `nib`: a broad nib held at
45°, thick across and thin along."""

MIN_WIDTH_SHARE = 0.25
"""Smallest width, as a share of the full width."""


def ribbon(
    stroke: Points, brush: Brush, width: float
) -> tuple[Float64[np.ndarray, "n 2"], Float64[np.ndarray, "n 2"], tuple[float, float]]:
    """Return the left and the right side of a stroke, and the radii of its two round ends.

    Args:
        stroke: `(n, 2)` points, y down.
        brush: the brush that draws it.
        width: the full width, in units of the points.
    """
    line = flatten(*outline(stroke, smooth=True), steps=2)
    is_distinct = np.append(True, (np.diff(line, axis=0) != 0).any(axis=1))
    line = line[is_distinct]
    if len(line) == 1:  # a dot has the full width
        offset = np.array([width / 200, 0.0])
        line = np.vstack([line - offset, line + offset])
        half = np.full(2, width / 2)
    else:
        half = width / 2 * _width_shares(line, brush)
    slopes = np.gradient(line, axis=0)
    lengths = np.linalg.norm(slopes, axis=1, keepdims=True)
    normals = np.stack([slopes[:, 1], -slopes[:, 0]], axis=1) / np.where(lengths > 0, lengths, 1)
    across = normals * half[:, None]
    return line + across, line - across, (float(half[0]), float(half[-1]))


def _width_shares(line: Float64[np.ndarray, "n 2"], brush: Brush) -> Float64[np.ndarray, " n"]:
    """Compute the width at each point, as a share of the full width."""
    if brush == "nib":
        slopes = np.gradient(line, axis=0)
        across: Float64[np.ndarray, " n"] = np.abs(
            np.sin(np.arctan2(slopes[:, 1], slopes[:, 0]) - np.pi / 4)
        )
        return MIN_WIDTH_SHARE + (1 - MIN_WIDTH_SHARE) * _smooth(across)
    distances = np.append(0, np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum())
    shares: Float64[np.ndarray, " n"] = np.sqrt(
        np.clip(np.sin(np.pi * distances / distances[-1]), 0, 1)
    )
    return MIN_WIDTH_SHARE + (1 - MIN_WIDTH_SHARE) * shares


def _smooth(values: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """Return the running mean over five values; without it corners would show as steps."""
    padded = np.pad(values, 2, mode="edge")
    return np.convolve(padded, np.full(5, 0.2), mode="valid")
