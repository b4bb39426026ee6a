"""Pure geometry: drawings, pictures and what can be computed from their strokes alone."""

from strokeanim.strokes.drawing import Box, Drawing, Picture
from strokeanim.strokes.drawings import Drawings

__all__ = ["Box", "Drawing", "Drawings", "Picture"]
