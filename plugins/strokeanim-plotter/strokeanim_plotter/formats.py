"""What all formats have in common, and SVG, for which vpype does the work."""

from __future__ import annotations

import io
from typing import Protocol

import numpy as np
import vpype

from strokeanim_plotter.sheet import Box

MM: float = vpype.convert_length("mm")
"""Px of vpype, of which an inch has 96, per mm."""

DECIMALS = 4
"""After the point, in px of vpype; 0.03 µm is less than a plotter knows of."""


class Format(Protocol):
    """One way to tell a plotter what to draw."""

    def reach(self, page: Box) -> Box:
        """The part of a page that the pen gets to, mm."""

    def text(self, document: vpype.Document) -> str:
        """The whole file, for a document with a page size."""


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
