"""Convert drawings and pictures to the inputs of a network, outside of training."""

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
    """Return the inputs of an encoder: ink coverage for `cnn`, stroke-5 rows for `bilstm`.

    Raises:
        InputError: a drawing is empty, a picture is blank, or the encoder does not read pictures.
    """
    return rasterise_all(drawings, side) if encoder == "cnn" else stroke5_rows(drawings, steps)


def rasterise_all(
    drawings: Sequence[Drawing | Picture], side: int
) -> Float32[np.ndarray, "n side side 1"]:
    """Rasterise drawings and pictures to `(n, side, side, 1)` ink coverage.

    Raises:
        InputError: a drawing is empty or a picture is blank.
    """
    pages = np.zeros((len(drawings), side, side, 1), np.float32)
    for index, item in enumerate(drawings):
        if not isinstance(item, Picture):
            pages[index, ..., 0] = rasterise(_require_strokes(item), side)
        elif item.box.longer > 0:
            pages[index, ..., 0] = rasterise_picture(item, side)
        else:
            raise InputError(f"picture{_format_key(item)} is blank: it has no ink to look at")
    return pages


def stroke5_rows(drawings: Sequence[Drawing | Picture], steps: int) -> Stroke5Batch:
    """Convert drawings to `(n, steps, 5)` canonical stroke-5 rows in model units.

    Raises:
        InputError: an item is an empty drawing or a picture.
    """
    rows = np.zeros((len(drawings), steps, 5), np.float32)
    for index, item in enumerate(drawings):
        if isinstance(item, Picture):
            raise InputError(
                f"picture{_format_key(item)}: this model's encoder reads strokes, not pixels; give "
                "a drawing, or a model with a CNN"
            )
        rows[index] = to_stroke5(to_model_units(prepare(_require_strokes(item), steps)), steps)
    return rows


def _require_strokes(drawing: Drawing) -> Drawing:
    if not drawing.strokes:
        raise InputError(f"drawing{_format_key(drawing)} is empty: it has no strokes to look at")
    return drawing


def _format_key(item: Drawing | Picture) -> str:
    return f" {item.key}" if item.key else ""
