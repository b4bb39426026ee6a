"""Rasterise drawings and pictures for the model's encoder.

Pillow, which is part of every installation, does the drawing, so that latents do not depend on
libcairo. Frames of animations are rendered by `strokeanim.render`.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from strokeanim.geometry.drawing import Drawing, Picture
from strokeanim.typing import Raster

SIDE = 64
"""Height and width of the encoder's picture in px."""

PEN = 1.6
"""Line width in px of the encoder's picture at inference; training varies it."""

_MARGIN = 3.0
_OVERSAMPLING = 4


def rasterise(drawing: Drawing, side: int = SIDE, pen: float = PEN) -> Raster:
    """Rasterise a drawing, scaled to fit with a small margin, to `(side, side)` ink coverage.

    The drawing is centred and keeps its aspect ratio. `pen` is the line width in px of the result.
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
        _draw_stroke(draw, points, width)
    return np.asarray(image.reduce(_OVERSAMPLING), dtype=np.float32) / 255


def rasterise_picture(picture: Picture, side: int = SIDE) -> Raster:
    """Crop a picture to its ink and scale it to fit, as `rasterise` does with drawings.

    Line widths scale with the picture. Ink is strengthened to make up for lines that shrink to
    less than a pixel.
    """
    box = picture.box
    if box.longer == 0:
        return np.zeros((side, side), np.float32)
    x, y = int(box.x), int(box.y)
    ink = picture.coverage[y : y + int(box.height), x : x + int(box.width)]
    # The box of a drawing ends at the middle of its lines, that of a picture at their outer edge.
    inner = side - 2 * _MARGIN * side / SIDE + PEN
    page = max(ink.shape) * side / inner  # side of the square to be scaled, in px of the picture
    border = int(page) + 1
    padded = Image.fromarray(np.pad(ink, border))
    left, top = (border + (size - page) / 2 for size in reversed(ink.shape))
    window = (left, top, left + page, top + page)
    shrunk = np.asarray(padded.resize((side, side), Image.Resampling.BOX, box=window), np.float32)
    strength = max(float(np.percentile(shrunk[shrunk > 0], 90)), 1e-3)
    return np.asarray(np.clip(shrunk / strength, 0, 1), dtype=np.float32)


def _draw_stroke(draw: ImageDraw.ImageDraw, points: np.ndarray, width: int) -> None:
    radius = width / 2
    # Pillow's lines depend slightly on direction, so the direction is normalised.
    flat = min(points.ravel().tolist(), points[::-1].ravel().tolist())
    if len(points) > 1:
        draw.line(flat, fill=255, width=width, joint="curve")
    for x, y in (flat[:2], flat[-2:]):  # round caps
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
