"""What a network is shown of drawings and pictures, outside of training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strokeanim.datasets.batches import prepare, to_model_units
from strokeanim.datasets.raster import rasterise, rasterise_picture
from strokeanim.errors import InputError
from strokeanim.geometry.drawing import Drawing, Picture
from strokeanim.geometry.stroke_formats import to_stroke5
from strokeanim.typing import Float32, Stroke5Batch


def encoder_inputs(
    encoder: str, drawings: Sequence[Drawing | Picture], side: int, steps: int
) -> Float32[np.ndarray, "n ..."]:
    """What an encoder of that kind takes: pictures for `cnn`, stroke-5 rows for `bilstm`.

    Raises:
        InputError: one of them is empty, blank, or a picture for an encoder that reads strokes.
    """
    return rasterise_all(drawings, side) if encoder == "cnn" else stroke5_rows(drawings, steps)


def rasterise_all(
    drawings: Sequence[Drawing | Picture], side: int
) -> Float32[np.ndarray, "n side side 1"]:
    """`(n, side, side, 1)` ink coverage of drawings and pictures.

    Raises:
        InputError: one of them is empty or blank.
    """
    pages = np.zeros((len(drawings), side, side, 1), np.float32)
    for place, item in enumerate(drawings):
        if not isinstance(item, Picture):
            pages[place, ..., 0] = rasterise(_drawn(item), side)
        elif item.box.longer > 0:
            pages[place, ..., 0] = rasterise_picture(item, side)
        else:
            raise InputError(f"picture{_named(item)} is blank: it has no ink to look at")
    return pages


def stroke5_rows(drawings: Sequence[Drawing | Picture], steps: int) -> Stroke5Batch:
    """`(n, steps, 5)` stroke-5 rows in model units, canonical.

    Raises:
        InputError: one of them is empty or a picture.
    """
    rows = np.zeros((len(drawings), steps, 5), np.float32)
    for place, item in enumerate(drawings):
        if isinstance(item, Picture):
            raise InputError(
                f"picture{_named(item)}: this model's encoder reads strokes, not pixels; give a "
                "drawing, or a model with a CNN"
            )
        rows[place] = to_stroke5(to_model_units(prepare(_drawn(item), steps)), steps)
    return rows


def _drawn(drawing: Drawing) -> Drawing:
    if not drawing.strokes:
        raise InputError(f"drawing{_named(drawing)} is empty: it has no strokes to look at")
    return drawing


def _named(item: Drawing | Picture) -> str:
    return f" {item.key}" if item.key else ""
