"""What every renderer is styled with: size, colours, stroke width; and colour arithmetic.

The host resolves a `Style` before a renderer is opened, so a renderer sees final numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import ImageColor

from strokeanim.errors import InputError

MOST_PX = 8192


@dataclass(frozen=True)
class Style:
    """The options that all renderers share; see each field's help.

    Raises:
        InputError: a colour that is none, or one that is not opaque.
    """

    size: int = field(default=512, metadata={"help": "longer side, px", "min": 16, "max": MOST_PX})
    stroke: str = field(default="#000000", metadata={"help": "colour of the strokes"})
    width: float | None = field(
        default=None,
        metadata={"help": "stroke width, px; none for size / 128", "min": 0.05, "max": MOST_PX},
    )
    background: str | None = field(
        default="auto",
        metadata={"help": "a colour, none for transparent, auto for what suits the format"},
    )
    smooth: bool = field(default=True, metadata={"help": "curves instead of straight pieces"})

    def __post_init__(self) -> None:
        object.__setattr__(self, "stroke", colour(self.stroke, "stroke"))
        if self.background not in (None, "auto"):
            object.__setattr__(self, "background", colour(str(self.background), "background"))

    @property
    def stroke_width(self) -> float:
        """In px."""
        return self.size / 128 if self.width is None else self.width


def colour(text: str, place: str = "colour") -> str:
    """`"#rrggbb"` from a hex colour or a CSS name.

    Raises:
        InputError: it is no colour, or a partly transparent one.

    >>> colour("Tomato"), colour("#07f")
    ('#ff6347', '#0077ff')
    """
    try:
        red, green, blue, *alpha = ImageColor.getrgb(text.strip())
    except ValueError:
        raise InputError(
            f"{place} {text!r} is not a colour; give #rrggbb or a CSS name such as navy"
        ) from None
    if alpha not in ([], [255]):
        raise InputError(f"{place} {text!r} is partly transparent; give an opaque colour")
    return f"#{red:02x}{green:02x}{blue:02x}"


def rgb(text: str) -> tuple[int, int, int]:
    """The three channels, 0..255, of `"#rrggbb"`."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def ramp(
    background: str, stroke: str, levels: int
) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """`(levels, 3)` colours in even steps from the background to the stroke's."""
    ends = np.array([rgb(background), rgb(stroke)], dtype=np.float64)
    share = np.linspace(0.0, 1.0, levels)[:, None]
    colours: np.ndarray[tuple[int, int], np.dtype[np.uint8]] = np.rint(
        ends[0] * (1 - share) + ends[1] * share
    ).astype(np.uint8)
    return colours
