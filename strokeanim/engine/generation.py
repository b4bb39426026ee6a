"""Generate new drawings of a class from the latent space."""

from __future__ import annotations

import numpy as np

from strokeanim.engine import load_model
from strokeanim.errors import InputError
from strokeanim.geometry import Box, Drawing
from strokeanim.geometry.polylines import fit_to_box
from strokeanim.latent.codec import Codec

SIDE = 255.0
"""Longer side of generated drawings."""


def generate(label: str, count: int, seed: int = 0, model: Codec | None = None) -> list[Drawing]:
    """Generate new drawings of a class, with keys `generated-SEED-NUMBER`.

    Their longer side is 255, and they are centred in a square of that size.

    Args:
        label: the class.
        count: number of drawings, at least 1.
        seed: seed of the latents; equal seeds give equal drawings.
        model: the codec; the bundled model if None.

    Raises:
        InputError: the model does not know the class, or `count` is below 1.
    """
    if count < 1:
        raise InputError(f"count = {count} must be at least 1")
    if seed < 0:
        raise InputError(f"seed = {seed} must be 0 or more")
    codec = model or load_model()
    z = codec.sample(label, count, np.random.default_rng(seed))
    return [
        fit_to_box(drawing, Box(0, 0, SIDE, SIDE)).with_label(label, f"generated-{seed}-{number}")
        for number, drawing in enumerate(codec.decode(z))
    ]
