"""What a network is shown: drawings and pictures as small rasters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strokeanim.data.raster import from_picture, rasterise
from strokeanim.errors import InputError
from strokeanim.strokes.drawing import Drawing, Picture
from strokeanim.typing import RasterBatch


def pictures_of(drawings: Sequence[Drawing | Picture], side: int) -> RasterBatch:
    """`(n, side, side)` ink coverage of drawings and pictures.

    Raises:
        InputError: one of them is empty or blank, or it is no list.
    """
    if isinstance(drawings, Drawing | Picture):
        raise InputError("give a list of drawings, if only of one: [drawing]")
    pages = np.zeros((len(drawings), side, side), np.float32)
    for place, item in enumerate(drawings):
        name = f" {item.key}" if item.key else ""
        if isinstance(item, Picture):
            if item.box.longer == 0:
                raise InputError(f"picture{name} is blank: it has no ink to look at")
            pages[place] = from_picture(item, side)
        elif not item.strokes:
            raise InputError(f"drawing{name} is empty: it has no strokes to look at")
        else:
            pages[place] = rasterise(item, side)
    return pages
