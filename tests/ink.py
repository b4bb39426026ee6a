"""Drawings as ink, and how much of it two pictures share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt

from strokeanim.geometry import Drawing

Ink = npt.NDArray[np.float32]

SIDE, PEN = 256, 3.0
"""Px of a picture and of the pen that draws it."""


def inked(drawing: Drawing, pen: float = PEN, side: int = SIDE) -> Ink:
    """The drawing in its own px, with round ends and joints."""
    image = Image.new("L", (4 * side, 4 * side))
    draw, width = ImageDraw.Draw(image), round(4 * pen)
    for stroke in drawing.strokes:
        points = 4 * stroke
        if len(points) > 1:
            draw.line(points.ravel().tolist(), 255, width, joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), 255)
    return np.asarray(image.reduce(4), np.float32) / 255


def shared_ink(one: Ink, other: Ink, reach: float = 2.0) -> tuple[float, float]:
    """The share of each one's ink within `reach` px of the other's."""
    a, b = one > 0.5, other > 0.5
    near = (distance_transform_edt(~other)[ink] <= reach for ink, other in ((a, b), (b, a)))
    first, second = (float(share.mean()) for share in near)
    return first, second
