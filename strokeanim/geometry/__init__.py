"""Pure geometry: drawings, pictures and what can be computed from their strokes alone."""

from strokeanim.geometry.drawing import Box, Drawing, Picture
from strokeanim.geometry.drawing_array import DrawingArray

__all__ = ["Box", "Drawing", "DrawingArray", "Picture"]
