"""Strokes of varying width: the two sides of the ribbon that a brush leaves along its way."""

from __future__ import annotations

from typing import Literal

import numpy as np

from strokeanim.geometry.splines import flatten, outline
from strokeanim.typing import Float64, Points

Brush = Literal["taper", "nib"]
"""`taper`: thin where the stroke begins and ends. `nib`: a broad nib held at 45°, which is thick
across and thin along."""

THINNEST = 0.25
"""Share of the full width."""


def ribbon(
    stroke: Points, brush: Brush, width: float
) -> tuple[Float64[np.ndarray, "n 2"], Float64[np.ndarray, "n 2"], tuple[float, float]]:
    """The left and the right side of a stroke, and the radii of its round ends.

    Args:
        stroke: its points, y down.
        brush: what it is drawn with.
        width: the widest it gets, in units of the points.
    """
    line = flatten(*outline(stroke, smooth=True), steps=2)
    steps = np.append(True, (np.diff(line, axis=0) != 0).any(axis=1))
    line = line[steps]
    if len(line) == 1:  # a dot, which is as wide as it gets
        along = np.array([width / 200, 0.0])
        line = np.vstack([line - along, line + along])
        half = np.full(2, width / 2)
    else:
        half = width / 2 * _shares(line, brush)
    slopes = np.gradient(line, axis=0)
    lengths = np.linalg.norm(slopes, axis=1, keepdims=True)
    normals = np.stack([slopes[:, 1], -slopes[:, 0]], axis=1) / np.where(lengths > 0, lengths, 1)
    across = normals * half[:, None]
    return line + across, line - across, (float(half[0]), float(half[-1]))


def _shares(line: Float64[np.ndarray, "n 2"], brush: Brush) -> Float64[np.ndarray, " n"]:
    """Of the full width, at each point."""
    if brush == "nib":
        slopes = np.gradient(line, axis=0)
        across: Float64[np.ndarray, " n"] = np.abs(
            np.sin(np.arctan2(slopes[:, 1], slopes[:, 0]) - np.pi / 4)
        )
        return THINNEST + (1 - THINNEST) * _smooth(across)
    way = np.append(0, np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum())
    shares: Float64[np.ndarray, " n"] = np.sqrt(np.clip(np.sin(np.pi * way / way[-1]), 0, 1))
    return THINNEST + (1 - THINNEST) * shares


def _smooth(values: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """A running mean over five, or corners would show as steps."""
    padded = np.pad(values, 2, mode="edge")
    return np.convolve(padded, np.full(5, 0.2), mode="valid")
