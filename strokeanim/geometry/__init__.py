"""Represent drawings and pictures, and compute what depends on their strokes alone."""

from strokeanim.geometry.drawing import Box, Drawing, Picture
from strokeanim.geometry.drawing_array import DrawingArray

__all__ = ["Box", "Drawing", "DrawingArray", "Picture"]
