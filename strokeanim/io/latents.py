"""Write latents to an `.npz` file with one row per drawing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from strokeanim.geometry import Drawing
from strokeanim.io.atomic_files import replace_file
from strokeanim.typing import Latents


def write_latents(path: Path, z: Latents, drawings: Sequence[Drawing]) -> None:
    """Write `z` (n, latent) float32, `label` and `key` (n,) text; readable without pickle.

    Raises:
        OutputError: the file can't be written.
    """
    labels = np.array([drawing.label for drawing in drawings])
    keys = np.array([drawing.key for drawing in drawings])
    with replace_file(path) as file:
        np.savez(file, z=z, label=labels, key=keys)
