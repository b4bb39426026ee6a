"""Parse colours and split them into channels."""

from __future__ import annotations

from PIL import ImageColor

from strokeanim.errors import InputError


def parse_colour(text: str, place: str = "colour") -> str:
    """Return a hex colour or a CSS name as `"#rrggbb"`; `place` names it in errors.

    Raises:
        InputError: `text` is not a colour, or a partly transparent one.

    >>> parse_colour("Tomato"), parse_colour("#07f")
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


def split_rgb(text: str) -> tuple[int, int, int]:
    """Return the three channels, 0..255, of `"#rrggbb"`."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
