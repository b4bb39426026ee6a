"""Define the style options that all renderers share, and compute sizes and colours from them.

The host resolves a `Style` before it opens a renderer, so that renderers get final values only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from strokeanim.animation.animation import Animation
from strokeanim.animation.effects import colour_strokes, draw_on, set_margin
from strokeanim.errors import InputError
from strokeanim.geometry.colours import parse_colour, split_rgb

MAX_PX = 8192
MM_PER_PX = 25.4 / 96
"""Size of a CSS px, as SVG, browsers and Inkscape define it."""
_MM = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72, "pc": 25.4 / 6, "px": MM_PER_PX}
_LENGTH = re.compile(rf"([0-9]*\.?[0-9]+)\s*({'|'.join(_MM)})")


@dataclass(frozen=True)
class Style:
    """The options that all renderers share; see each field's help.

    Raises:
        InputError: a value is not an opaque colour, not a length, or out of range.
    """

    size: int | str = field(
        default=512,
        metadata={
            "help": "longer side: px, or a length such as 120mm or 5in",
            "min": 16,
            "max": MAX_PX,
        },
    )
    stroke: str = field(default="#000000", metadata={"help": "colour of the strokes"})
    width: float | str | None = field(
        default=None,
        metadata={
            "help": "stroke width: px, or a length such as 0.5mm; none for size / 128",
            "min": 0.05,
            "max": MAX_PX,
        },
    )
    background: str | None = field(
        default="auto",
        metadata={"help": "a colour, none for transparent, auto for what suits the format"},
    )
    smooth: bool = field(default=True, metadata={"help": "curves instead of straight pieces"})
    margin: float | None = field(
        default=None,
        metadata={
            "help": "around the drawing, as a share of its longer side; none to leave it as it is",
            "min": 0,
            "max": 10,
        },
    )
    colour_by: Literal["stroke", "frame", "label"] | None = field(
        default=None, metadata={"help": "colours that tell strokes, frames or labels apart"}
    )
    draw_on: float | Literal["real"] = field(
        default=0.0,
        metadata={
            "help": "seconds in which the first frame is drawn before it moves; real for as long"
            " as it took, if the drawing has pen times",
            "min": 0,
            "max": 3600,
        },
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "stroke", parse_colour(self.stroke, "stroke"))
        if self.background not in (None, "auto"):
            object.__setattr__(self, "background", parse_colour(str(self.background), "background"))
        if not 16 <= self.px <= MAX_PX:
            raise InputError(f"size {self.size} is {self.px} px; between 16 and {MAX_PX} is right")
        if not 0.05 <= self.stroke_width <= MAX_PX:
            raise InputError(f"width {self.width} is {self.stroke_width:g} px; the minimum is 0.05")

    @property
    def px(self) -> int:
        """Return the longer side, px."""
        if isinstance(self.size, int):
            return self.size
        return max(1, round(length_mm(self.size, "size") / MM_PER_PX))

    @property
    def mm_per_px(self) -> float:
        """Return the size of a px on paper, so that a `size` given as a length is kept."""
        is_px = isinstance(self.size, int) or self.size.strip().endswith("px")
        return MM_PER_PX if is_px else length_mm(str(self.size), "size") / self.px

    @property
    def stroke_width(self) -> float:
        """Return the stroke width, px."""
        if self.width is None:
            return self.px / 128
        if isinstance(self.width, str):
            return length_mm(self.width, "width") / self.mm_per_px
        return self.width


def apply_style(animation: Animation, style: Style) -> Animation:
    """Apply the options `margin`, `colour_by` and `draw_on` to an animation.

    Raises:
        InputError: `draw_on` is `"real"`, and the animation has no pen times.
    """
    if style.margin is not None:
        animation = set_margin(animation, style.margin)
    if style.colour_by is not None:
        animation = colour_strokes(animation, style.colour_by)
    if style.draw_on != 0:
        animation = draw_on(animation, style.draw_on, style.smooth)
    return animation


def length_mm(text: str, place: str = "length") -> float:
    """Convert a length with a unit to mm; an error names the length by `place`.

    Raises:
        InputError: `text` is not a length.

    >>> length_mm("12 cm"), round(length_mm("72pt"), 3)
    (120.0, 25.4)
    """
    match = _LENGTH.fullmatch(text.strip().lower())
    if not match:
        units = ", ".join(_MM)
        raise InputError(f"{place} {text!r} is not a length; give px, or a number with {units}")
    return float(match[1]) * _MM[match[2]]


def colour_ramp(
    background: str, stroke: str, levels: int
) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Return `(levels, 3)` colours in even steps from the background to the stroke colour."""
    ends = np.array([split_rgb(background), split_rgb(stroke)], dtype=np.float64)
    share = np.linspace(0.0, 1.0, levels)[:, None]
    colours: np.ndarray[tuple[int, int], np.dtype[np.uint8]] = np.rint(
        ends[0] * (1 - share) + ends[1] * share
    ).astype(np.uint8)
    return colours


LEVELS = 16
"""Number of shades per colour of ink in a palette; antialiased edges need no more."""


def shades() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return the nearest of the `LEVELS` shades to each coverage 0..255."""
    return np.rint(np.linspace(0, LEVELS - 1, 256)).astype(np.uint8)


def onion_opacity(place: int, frames: int) -> float:
    """Return the opacity of a frame in an onion skin: from 0.15, the first, to 1, the last.

    >>> onion_opacity(0, 3), onion_opacity(2, 3), onion_opacity(0, 1)
    (0.15, 1.0, 1.0)
    """
    faintest = 0.15
    return 1.0 if frames == 1 else faintest + (1 - faintest) * place / (frames - 1)
