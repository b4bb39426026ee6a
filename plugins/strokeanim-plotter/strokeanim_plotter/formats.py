"""Define the interface of formats, and write SVG by vpype."""

from __future__ import annotations

import io
from typing import Protocol

import numpy as np
import vpype

from strokeanim_plotter.sheet import Box

MM: float = vpype.convert_length("mm")
"""Px of vpype (96 per inch) per mm."""

DECIMALS = 4
"""Decimals in px of vpype: 0.03 µm, below any plotter's resolution."""


class Format(Protocol):
    """A file format for plotters."""

    def reach(self, page: Box) -> Box:
        """Return the part of a page that the pen reaches, mm."""

    def text(self, document: vpype.Document) -> str:
        """Return the whole file of a document with a page size."""


class Svg:
    """SVG as vpype writes it: black lines, a layer of Inkscape's per layer, size in cm."""

    def reach(self, page: Box) -> Box:
        return page

    def text(self, document: vpype.Document) -> str:
        for layer in document.layers.values():
            layer.lines[:] = [np.round(line, DECIMALS) for line in layer]
        text = io.StringIO()
        vpype.write_svg(text, document, color_mode="none", set_date=False)
        return text.getvalue()
