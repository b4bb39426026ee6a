"""The small picture that the model's encoder looks at.

Drawn with Pillow, which every installation has, so that latents do not depend on libcairo; the
frames that people look at are drawn by `strokeanim.render`.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from strokeanim.strokes.drawing import Drawing, Picture
from strokeanim.typing import Raster

SIDE = 64
"""Height and width of the encoder's picture in px."""

PEN = 1.6
"""Pen width in px of that picture, at inference; training varies it."""

_MARGIN = 3.0
_OVERSAMPLING = 4


def rasterise(drawing: Drawing, side: int = SIDE, pen: float = PEN) -> Raster:
    """`(side, side)` ink coverage of the drawing, fitted and centred with a small margin.

    The aspect is kept. `pen` is the line width in px of the result.
    """
    big = side * _OVERSAMPLING
    image = Image.new("L", (big, big), 0)
    draw = ImageDraw.Draw(image)
    width = max(1, round(pen * _OVERSAMPLING))
    box = drawing.box
    margin = _MARGIN * side / SIDE
    scale = (side - 2 * margin) / box.longer if box.longer > 0 else 1.0
    offset = np.array([side / 2, side / 2]) - np.array(box.centre) * scale
    for stroke in drawing.strokes:
        points = ((stroke * scale + offset) * _OVERSAMPLING).astype(np.float32)
        _line(draw, points, width)
    return np.asarray(image.reduce(_OVERSAMPLING), dtype=np.float32) / 255


def from_picture(picture: Picture, side: int = SIDE) -> Raster:
    """A picture of any size as the encoder sees drawings: cropped to its ink, fitted, centred.

    Lines keep their width relative to the drawing, so the ink is strengthened where shrinking
    has thinned it below a pixel.
    """
    ink = picture.ink
    rows, columns = (np.flatnonzero((ink > 0.25).any(axis=axis)) for axis in (1, 0))
    if len(rows) and len(columns):
        ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    # A drawing is fitted by the middle of its lines, a picture by their outer edge.
    inner = side - 2 * _MARGIN * side / SIDE + PEN
    scale = inner / max(ink.shape)
    height, width = (max(1, round(size * scale)) for size in ink.shape)
    small = Image.fromarray(ink).resize((width, height), Image.Resampling.BOX)
    shrunk = np.asarray(small, dtype=np.float32)
    strength = np.percentile(shrunk[shrunk > 0.02], 90) if (shrunk > 0.02).any() else 1.0
    page = np.zeros((side, side), np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    page[top : top + height, left : left + width] = np.clip(shrunk / strength, 0, 1)
    return page


def _line(draw: ImageDraw.ImageDraw, points: np.ndarray, width: int) -> None:
    radius = width / 2
    flat: list[float] = points.ravel().tolist()
    if len(points) > 1:
        draw.line(flat, fill=255, width=width, joint="curve")
    for x, y in (flat[:2], flat[-2:]):  # round caps
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
