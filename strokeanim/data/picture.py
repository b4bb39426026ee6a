"""Pictures of drawings: PNG, JPEG or WebP → `Picture`, ink 1 and paper 0.

Scans and exports of line art on even paper: dark on light or light on dark, any size, transparent
or not. What is left to others: photographs on uneven paper, and drawing the picture at the
encoder's size.
"""

from __future__ import annotations

import io
import warnings
from os import PathLike
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from strokeanim.data._open import reading
from strokeanim.errors import InputError
from strokeanim.strokes import Picture

FORMATS = ("PNG", "JPEG", "WEBP")

MOST_PIXELS = 50_000_000
"""Refuse larger pictures before decoding them."""

LONGEST = 1024
"""Larger pictures are averaged down to at most about this many px: the encoder looks at 64."""

FAINTEST = 8 / 255
"""Tones nearer to the paper's than this are paper: what JPEG and scanners leave behind."""


def read_picture(file: str | PathLike[str]) -> Picture:
    """The picture in a file, upright (EXIF); `key` is the file's stem, `label` is "".

    Raises:
        InputError: unreadable, not a PNG, JPEG or WebP, damaged, over 50 megapixels, or blank.
    """
    with reading(file) as stream:
        return parse_picture(stream.read(), str(file))


def parse_picture(data: bytes, name: str) -> Picture:
    """`read_picture` of bytes already read; `name` is what error messages call them."""
    ink = ink_of(_grey(data, name))
    if ink is None:
        raise InputError(f"{name} shows no ink: the picture is blank, all of one tone")
    return Picture(ink, key=Path(name).stem)


def ink_of(grey: npt.NDArray[np.float32]) -> npt.NDArray[np.float32] | None:
    """Ink coverage 0..1 from `(height, width)` tones, 0 black and 1 white; None if there is none.

    The median tone of the border is the paper's, and whatever differs from it more, darker or
    lighter, is ink. Paper and its noise (five median deviations along the border, 3.4 σ) map to
    0, the 95th percentile of the inked pixels to 1, so that a speck doesn't set the scale.
    """
    border = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    paper = float(np.median(border))
    if paper < (float(grey.min()) + float(grey.max())) / 2:
        grey, paper, border = 1 - grey, 1 - paper, 1 - border
    noise = max(5 * float(np.median(np.abs(border - paper))), FAINTEST)
    depth = paper - grey
    inked = depth[depth > noise]
    if not len(inked):
        return None
    full = float(np.percentile(inked, 95))
    # from `noise` to `full`, where they differ: a picture of two tones has only the one depth
    floor = noise if full > 2 * noise else 0.0
    return np.where(depth > noise, np.clip((depth - floor) / (full - floor), 0, 1), 0).astype(
        np.float32
    )


def _grey(data: bytes, name: str) -> npt.NDArray[np.float32]:
    try:
        with warnings.catch_warnings():
            # of large pictures (the limit here is lower, and an error) and of bad metadata
            warnings.simplefilter("ignore")
            return _decoded(data, name)
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(f"{name} has too many pixels; scale it down") from error
    except Exception as error:  # decoders of damaged files raise anything
        raise InputError(
            f"{name} is not a picture that can be read: PNG, JPEG or WebP ({error})"
        ) from error


def _decoded(data: bytes, name: str) -> npt.NDArray[np.float32]:
    opened = Image.open(io.BytesIO(data), formats=FORMATS)  # reads the header only
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise InputError(
            f"{name} has {width} × {height} pixels; scale it down to less than "
            f"{MOST_PIXELS // 1_000_000} megapixels"
        )
    ImageOps.exif_transpose(opened, in_place=True)
    image: Image.Image = opened
    if image.mode.startswith("I"):  # 16 bits, which convert("L") would clip instead of scale
        deep = np.asarray(image, np.float32)
        return _smaller(Image.fromarray(np.clip(deep / 257, 0, 255).astype(np.uint8)))
    if image.has_transparency_data:
        image = _on_paper(image.convert("RGBA"))
    return _smaller(image.convert("L"))


def _smaller(grey: Image.Image) -> npt.NDArray[np.float32]:
    factor = -(-max(grey.size) // LONGEST)
    return np.asarray(grey.reduce(factor) if factor > 1 else grey, np.float32) / np.float32(255)


def _on_paper(image: Image.Image) -> Image.Image:
    """Put a picture with transparent parts on the paper that lets it be seen.

    Line art of one tone, on nothing, gets the opposite tone: black lines white paper, white lines
    black. Art that has both tones, a sticker, is taken to bring its own paper, the more frequent
    tone.
    """
    grey, alpha = image.convert("L"), image.getchannel("A")
    seen = np.asarray(grey)[np.asarray(alpha) >= 128]
    if not len(seen):
        seen = np.asarray(grey)[np.asarray(alpha) > 0]
    if not len(seen):
        return Image.new("L", image.size, 255)  # nothing at all: blank
    low, middle, high = np.percentile(seen, [0.5, 50, 99.5])
    brings_paper = high - low >= 128
    white = (middle >= 128) == brings_paper
    paper = Image.new("L", image.size, 255 if white else 0)
    return Image.composite(grey, paper, alpha)
