"""Pictures of drawings: PNG, JPEG or WebP → `Picture`, ink 1 and paper 0.

Scans, exports and photographs of line art: dark on light or light on dark, any size, transparent or
not. Paper that is not of one tone, as under a lamp or with a shadow across, is told from its border
and made even first; it has to fill the picture. What is left to others: drawing the picture at the
encoder's size, and strokes (`strokeanim.tracing.vectorise`).
"""

from __future__ import annotations

import io
import warnings
from os import PathLike

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from strokeanim.errors import InputError
from strokeanim.geometry import Picture
from strokeanim.geometry.drawing import MAX_PICTURE_SIDE
from strokeanim.io._open import reading, stem_of, whole
from strokeanim.io.limits import Limits

FORMATS = ("PNG", "JPEG", "WEBP")

FAINTEST = 8 / 255
"""Tones nearer to the paper's than this are paper: what JPEG and scanners leave behind."""

SHADE = 5 / 255
"""The paper's own tone differs by less where it is even."""

DULL = 0.12
"""Uneven paper is by this share darker in places: under creases, along the edges of shadows."""

_PARTS = 16
"""The border is looked at in so many parts a side; smaller pictures than 4 px a part are even."""

_COARSE = 128
"""Cells along the longer side at which the tone of uneven paper is followed."""


def read_picture(file: str | PathLike[str], limits: Limits = Limits()) -> Picture:
    """The picture in a file, upright (EXIF); `key` is the file's stem, `label` is "".

    Raises:
        InputError: unreadable, not a PNG, JPEG or WebP, damaged, beyond the limits, or blank.
    """
    with reading(file, limits) as stream:
        return parse_picture(whole(stream, str(file), limits), str(file), limits)


def parse_picture(data: bytes, name: str, limits: Limits = Limits()) -> Picture:
    """`read_picture` of bytes already read; `name` is what error messages call them."""
    grey, scale = _grey(data, name, limits)
    ink = ink_of(grey)
    if ink is None:
        raise InputError(f"{name} shows no ink: the picture is blank, all of one tone")
    return Picture(ink, key=stem_of(name), scale=scale)


def ink_of(grey: npt.NDArray[np.float32]) -> npt.NDArray[np.float32] | None:
    """Ink coverage 0..1 from `(height, width)` tones, 0 black and 1 white; None if there is none.

    The median tone of the border is the paper's, and whatever differs from it more, darker or
    lighter, is ink. Paper and its noise (five median deviations along the border, 3.4 σ) map to
    0, the 95th percentile of the inked pixels to 1, so that a speck doesn't set the scale. Where
    the border has several tones, the paper's is followed over the picture instead.
    """
    border = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    paper = float(np.median(border))
    if _is_uneven(grey):
        depth = _flat_depth(grey)
        return _coverage(depth, max(5 * float(np.median(np.abs(depth))), DULL))
    if paper < (float(grey.min()) + float(grey.max())) / 2:
        grey, paper, border = 1 - grey, 1 - paper, 1 - border
    return _coverage(paper - grey, 5 * float(np.median(np.abs(border - paper))))


def _coverage(depth: npt.NDArray[np.float32], noise: float) -> npt.NDArray[np.float32] | None:
    """Ink 0..1 from how far tones are from the paper's, and how far the paper's own are."""
    noise = max(noise, FAINTEST)
    inked = depth[depth > noise]
    if not len(inked):
        return None
    full = float(np.percentile(inked, 95))
    # from `noise` to `full`, where they differ: a picture of two tones has only the one depth
    floor = noise if full > 2 * noise else 0.0
    return np.where(depth > noise, np.clip((depth - floor) / (full - floor), 0, 1), 0).astype(
        np.float32
    )


def _is_uneven(grey: npt.NDArray[np.float32]) -> bool:
    """Whether an eighth of the border or more has neither the paper's tone nor ink.

    Ink that touches the border differs from the paper by about as much as anything in the picture,
    or shows beside paper; a shadow differs by less, and evenly.
    """
    if min(grey.shape) < 4 * _PARTS:
        return False
    parts = []
    for side in (grey, grey[::-1], grey.T, grey.T[::-1]):
        strip = side[: max(4, len(side) // (2 * _PARTS))]
        parts += [np.percentile(part, [10, 50, 90]) for part in np.array_split(strip, _PARTS, 1)]
    low, middle, high = np.array(parts).T
    off = np.abs(middle - np.median(middle))
    most = float(np.percentile(np.abs(grey - np.median(middle)), 99.5))
    is_shade = (off > SHADE) & (off < 0.7 * most) & (high - low < most / 3)
    return float(np.mean(is_shade)) > 1 / 8


def _flat_depth(grey: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """By what share of the paper's tone around them tones are darker, or lighter if the ink is.

    The paper's tone is what a grey closing leaves, which fills what is narrow and dark; then the
    mean of all that is about as light as that, over a fiftieth of the picture (normalised
    convolution; Knutsson and Westin, CVPR 1993). Where there is little light, noise is a larger
    share: what is in the camera's noise, five median deviations, is 0.
    """
    size = -(-max(grey.shape) // _COARSE)  # px of a cell
    blurred = _seen(_blurred(_cells(grey, size), 4.0), size, grey.shape)
    is_light = float(np.mean((grey - blurred) ** 3)) > 0  # the ink is the longer tail
    grey = _softened(1 - grey if is_light else grey)
    coarse = Image.fromarray(np.round(_cells(grey, size) * 255).astype(np.uint8))
    reach = _COARSE // 10 | 1
    closed = coarse.filter(ImageFilter.MaxFilter(reach)).filter(ImageFilter.MinFilter(reach))
    paper = np.asarray(closed, np.float32) / np.float32(255)
    for _ in range(2):
        is_paper = (grey > (1 - DULL) * _seen(paper, size, grey.shape)).astype(np.float32)
        known = _blurred(_cells(is_paper, size), 2.5)
        sums = _blurred(_cells(is_paper * grey, size), 2.5)
        paper = np.where(known > 1e-3, sums / np.maximum(known, 1e-3), paper).astype(np.float32)
    even = _seen(paper, size, grey.shape)
    off = even - grey
    off = np.where(off > 5 * np.median(np.abs(off)), off, np.minimum(off, 0))
    rim = -(-max(grey.shape) // 100)  # where the paper is known from one side only
    off[:rim] = off[-rim:] = off[:, :rim] = off[:, -rim:] = 0
    return (off / np.maximum(1 - even if is_light else even, 0.05)).astype(np.float32)


def _cells(image: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    """Means of squares of `size` px; what is missing at the right and below is repeated."""
    fill = [(0, -side % size) for side in image.shape]
    height, width = (side + more for side, (_, more) in zip(image.shape, fill, strict=True))
    padded = np.pad(image, fill, mode="edge")
    means: npt.NDArray[np.float32] = padded.reshape(height // size, size, width // size, size).mean(
        axis=(1, 3)
    )
    return means


def _seen(
    cells: npt.NDArray[np.float32], size: int, shape: tuple[int, ...]
) -> npt.NDArray[np.float32]:
    """Cells at the size of the picture, straight lines between their middles."""
    height, width = (side * size for side in cells.shape)
    large = Image.fromarray(cells).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(large, np.float32)[: shape[0], : shape[1]]


def _blurred(cells: npt.NDArray[np.float32], sigma: float) -> npt.NDArray[np.float32]:
    """Gaussian blur, which at the border counts what is inside only."""
    for _ in range(2):
        place = np.arange(len(cells))
        weights = np.exp(-((place[:, None] - place) ** 2) / (2 * sigma**2))
        cells = ((weights / weights.sum(axis=1, keepdims=True)) @ cells).T
    return cells.astype(np.float32)


def _softened(image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Half of each pixel and half of its neighbours along each axis: a camera's noise is finer."""
    for _ in range(2):
        padded = np.pad(image, ((1, 1), (0, 0)), mode="edge")
        image = ((padded[:-2] + padded[2:]) / 4 + padded[1:-1] / 2).T.astype(np.float32)
    return image


def _grey(data: bytes, name: str, limits: Limits) -> tuple[npt.NDArray[np.float32], int]:
    """Tones 0 to 1, and how many px of the file a side of one of theirs is."""
    try:
        with warnings.catch_warnings():
            # of large pictures (the limit here is lower, and an error) and of bad metadata
            warnings.simplefilter("ignore")
            return _decoded(data, name, limits)
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(f"{name} has too many pixels; scale it down") from error
    except UnidentifiedImageError as error:  # whose message is an address in memory
        raise InputError(
            f"{name} is not a picture that can be read: PNG, JPEG or WebP; save it as one of them"
        ) from error
    except Exception as error:  # decoders of damaged files raise anything
        raise InputError(
            f"{name} is not a picture that can be read: PNG, JPEG or WebP ({error})"
        ) from error


def _decoded(data: bytes, name: str, limits: Limits) -> tuple[npt.NDArray[np.float32], int]:
    opened = Image.open(io.BytesIO(data), formats=FORMATS)  # reads the header only
    width, height = opened.size
    limits.check("pixels", width * height, f"{name}, {width} × {height},")
    ImageOps.exif_transpose(opened, in_place=True)
    image: Image.Image = opened
    if image.mode.startswith("I"):  # 16 bits, which convert("L") would clip instead of scale
        deep = np.asarray(image, np.float32)
        return _smaller(Image.fromarray(np.clip(deep / 257, 0, 255).astype(np.uint8)))
    if image.has_transparency_data:
        image = _on_paper(image.convert("RGBA"))
    return _smaller(image.convert("L"))


def _smaller(grey: Image.Image) -> tuple[npt.NDArray[np.float32], int]:
    factor = -(-max(grey.size) // MAX_PICTURE_SIDE)
    small = grey.reduce(factor) if factor > 1 else grey
    return np.asarray(small, np.float32) / np.float32(255), factor


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
