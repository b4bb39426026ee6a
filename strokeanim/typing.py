"""Define array types with named axes for signatures.

The string after the array type names the axes (jaxtyping); equal names mean equal lengths within
one signature. Coordinates are in drawing units with y pointing down unless a docstring says px.
"""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

Points = Float32[np.ndarray, "n 2"]
"""x, y of the points of a stroke."""

Stroke3 = Float32[np.ndarray, "steps 3"]
"""dx, dy, and 1 where the pen lifts after the point (sketch-rnn, arXiv 1704.03477)."""

Stroke5 = Float32[np.ndarray, "steps 5"]
"""dx, dy, and the one-hot pen state: drawing, lifted after this point, end of the drawing."""

Stroke5Batch = Float32[np.ndarray, "batch steps 5"]
Latents = Float32[np.ndarray, "batch latent"]
Latent = Float32[np.ndarray, " latent"]
Probabilities = Float32[np.ndarray, "batch classes"]
Raster = Float32[np.ndarray, "height width"]
"""Ink coverage: 1 is ink, 0 is paper."""

MovingStroke = Float64[np.ndarray, "frames points 2"]
"""A moving stroke: the same points in every frame."""

__all__ = [
    "Bool",
    "Float32",
    "Float64",
    "Int64",
    "Latent",
    "Latents",
    "MovingStroke",
    "Points",
    "Probabilities",
    "Raster",
    "Stroke3",
    "Stroke5",
    "Stroke5Batch",
]
