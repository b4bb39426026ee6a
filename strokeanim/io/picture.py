"""Read PNG, JPEG or WebP pictures of drawings as `Picture`, with ink 1 and paper 0.

The pictures are scans, exports and photographs of line art: dark on light or light on dark, of any
size, transparent or not. Uneven paper, as under a lamp or with a shadow across, is detected along
the border and levelled first; it has to fill the picture. Other modules draw the picture at the
encoder's size, and trace strokes (`strokeanim.tracing.vectorise`).
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
from strokeanim.io._open import open_reader, read_all, stem_of
from strokeanim.io.limits import Limits

FORMATS = ("PNG", "JPEG", "WEBP")

FAINTEST = 8 / 255
"""Tones nearer to the paper's than this are paper: artefacts of JPEG and of scanners."""

SHADE = 5 / 255
"""Bound on the variation of tone across even paper."""

DULL = 0.12
"""Share by which uneven paper may be darker locally: under creases, along edges of shadows."""

_PARTS = 16
"""Parts of the border per side; a picture of fewer than 4 px a part counts as even."""

_COARSE_CELLS = 128
"""Cells along the longer side at which the tone of uneven paper is estimated."""


def read_picture(file: str | PathLike[str], limits: Limits = Limits()) -> Picture:
    """Read the picture in a file, upright (EXIF); `key` is the file's stem, `label` is "".

    Raises:
        InputError: the file is unreadable, not a PNG, JPEG or WebP, damaged, beyond the limits, or
            blank.
    """
    with open_reader(file, limits) as stream:
        return parse_picture(read_all(stream, str(file), limits), str(file), limits)


def parse_picture(data: bytes, name: str, limits: Limits = Limits()) -> Picture:
    """Read a picture from bytes, as `read_picture` does; `name` is their name in error messages."""
    grey, scale = _decode_grey(data, name, limits)
    ink = estimate_coverage(grey)
    if ink is None:
        raise InputError(f"{name} shows no ink: the picture is blank, all of one tone")
    return Picture(ink, key=stem_of(name), scale=scale)


def estimate_coverage(grey: npt.NDArray[np.float32]) -> npt.NDArray[np.float32] | None:
    """Compute ink coverage 0 to 1 from `(height, width)` tones, 0 black and 1 white.

    The median tone of the border is the paper's. Of darker and lighter tones, those that differ
    from it more are ink. Paper and its noise (five median deviations along the border, 3.4 σ) map
    to 0, the 95th percentile of the inked pixels to 1, so that a speck doesn't set the scale. If
    the border has several tones, the paper's tone is estimated all over the picture instead.

    Returns:
        The `(height, width)` coverage, or None if the picture holds no ink.
    """
    border = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    paper = float(np.median(border))
    if _is_uneven(grey):
        depth = _relative_depth(grey)
        return _coverage(depth, max(5 * float(np.median(np.abs(depth))), DULL))
    if paper < (float(grey.min()) + float(grey.max())) / 2:
        grey, paper, border = 1 - grey, 1 - paper, 1 - border
    return _coverage(paper - grey, 5 * float(np.median(np.abs(border - paper))))


def _coverage(depth: npt.NDArray[np.float32], noise: float) -> npt.NDArray[np.float32] | None:
    """Compute coverage from the tones' depth below the paper's tone, and from the paper's noise."""
    noise = max(noise, FAINTEST)
    inked = depth[depth > noise]
    if not len(inked):
        return None
    full = float(np.percentile(inked, 95))
    # scale from `noise` to `full` if they differ: a picture of two tones has a single depth
    floor = noise if full > 2 * noise else 0.0
    return np.where(depth > noise, np.clip((depth - floor) / (full - floor), 0, 1), 0).astype(
        np.float32
    )


def _is_uneven(grey: npt.NDArray[np.float32]) -> bool:
    """Return whether more than an eighth of the border has neither the paper's tone nor ink.

    Ink at the border differs from the paper about as much as any tone of the picture, or has paper
    beside it; a shadow differs by less, and evenly.
    """
    if min(grey.shape) < 4 * _PARTS:
        return False
    parts = []
    for side in (grey, grey[::-1], grey.T, grey.T[::-1]):
        strip = side[: max(4, len(side) // (2 * _PARTS))]
        parts += [np.percentile(part, [10, 50, 90]) for part in np.array_split(strip, _PARTS, 1)]
    low, middle, high = np.array(parts).T
    deviation = np.abs(middle - np.median(middle))
    largest = float(np.percentile(np.abs(grey - np.median(middle)), 99.5))
    is_shade = (deviation > SHADE) & (deviation < 0.7 * largest) & (high - low < largest / 3)
    return float(np.mean(is_shade)) > 1 / 8


def _relative_depth(grey: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Compute by what share of the local paper tone pixels are darker, or lighter for light ink.

    The first estimate of the paper's tone is a grey closing, which fills narrow dark structures;
    the second is the mean of all pixels about as light as that, over a fiftieth of the picture
    (normalised convolution; Knutsson and Westin, CVPR 1993). In poor light, noise is a larger
    share, so depths within the camera's noise, five median deviations, become 0.
    """
    size = -(-max(grey.shape) // _COARSE_CELLS)  # px of a cell
    blurred = _upsample(_blur(_average_cells(grey, size), 4.0), size, grey.shape)
    is_light = float(np.mean((grey - blurred) ** 3)) > 0  # ink makes the longer tail
    grey = _soften(1 - grey if is_light else grey)
    coarse = Image.fromarray(np.round(_average_cells(grey, size) * 255).astype(np.uint8))
    reach = _COARSE_CELLS // 10 | 1
    closed = coarse.filter(ImageFilter.MaxFilter(reach)).filter(ImageFilter.MinFilter(reach))
    paper = np.asarray(closed, np.float32) / np.float32(255)
    for _ in range(2):
        is_paper = (grey > (1 - DULL) * _upsample(paper, size, grey.shape)).astype(np.float32)
        known = _blur(_average_cells(is_paper, size), 2.5)
        sums = _blur(_average_cells(is_paper * grey, size), 2.5)
        paper = np.where(known > 1e-3, sums / np.maximum(known, 1e-3), paper).astype(np.float32)
    tone = _upsample(paper, size, grey.shape)
    depth = tone - grey
    depth = np.where(depth > 5 * np.median(np.abs(depth)), depth, np.minimum(depth, 0))
    rim = -(-max(grey.shape) // 100)  # where the estimate has paper on one side only
    depth[:rim] = depth[-rim:] = depth[:, :rim] = depth[:, -rim:] = 0
    return (depth / np.maximum(1 - tone if is_light else tone, 0.05)).astype(np.float32)


def _average_cells(image: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    """Compute means of squares of `size` px; edge pixels are repeated at the right and below."""
    fill = [(0, -side % size) for side in image.shape]
    height, width = (side + more for side, (_, more) in zip(image.shape, fill, strict=True))
    padded = np.pad(image, fill, mode="edge")
    means: npt.NDArray[np.float32] = padded.reshape(height // size, size, width // size, size).mean(
        axis=(1, 3)
    )
    return means


def _upsample(
    cells: npt.NDArray[np.float32], size: int, shape: tuple[int, ...]
) -> npt.NDArray[np.float32]:
    """Enlarge cells to the picture's shape, with linear interpolation between their centres."""
    height, width = (side * size for side in cells.shape)
    large = Image.fromarray(cells).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(large, np.float32)[: shape[0], : shape[1]]


def _blur(cells: npt.NDArray[np.float32], sigma: float) -> npt.NDArray[np.float32]:
    """Apply a Gaussian blur, with weights normalised over the pixels inside the picture."""
    for _ in range(2):
        position = np.arange(len(cells))
        weights = np.exp(-((position[:, None] - position) ** 2) / (2 * sigma**2))
        cells = ((weights / weights.sum(axis=1, keepdims=True)) @ cells).T
    return cells.astype(np.float32)


def _soften(image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Average each pixel with its neighbours along each axis: a camera's noise is finer."""
    for _ in range(2):
        padded = np.pad(image, ((1, 1), (0, 0)), mode="edge")
        image = ((padded[:-2] + padded[2:]) / 4 + padded[1:-1] / 2).T.astype(np.float32)
    return image


def _decode_grey(data: bytes, name: str, limits: Limits) -> tuple[npt.NDArray[np.float32], int]:
    """Return tones 0 to 1, and the reduction factor: px of the file per px, along a side."""
    try:
        with warnings.catch_warnings():
            # Pillow warns of bad metadata and of large pictures (the limit here is lower)
            warnings.simplefilter("ignore")
            return _decode(data, name, limits)
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(f"{name} has too many pixels; scale it down") from error
    except UnidentifiedImageError as error:  # its message is an address in memory
        raise InputError(
            f"{name} is not a picture that can be read: PNG, JPEG or WebP; save it as one of them"
        ) from error
    except Exception as error:  # decoders of damaged files raise anything
        raise InputError(
            f"{name} is not a picture that can be read: PNG, JPEG or WebP ({error})"
        ) from error


def _decode(data: bytes, name: str, limits: Limits) -> tuple[npt.NDArray[np.float32], int]:
    original = Image.open(io.BytesIO(data), formats=FORMATS)  # reads the header only
    width, height = original.size
    limits.check("pixels", width * height, f"{name}, {width} × {height},")
    ImageOps.exif_transpose(original, in_place=True)
    image: Image.Image = original
    if image.mode.startswith("I"):  # 16 bits, which convert("L") would clip instead of scale
        deep = np.asarray(image, np.float32)
        return _reduce(Image.fromarray(np.clip(deep / 257, 0, 255).astype(np.uint8)))
    if image.has_transparency_data:
        image = _add_paper(image.convert("RGBA"))
    return _reduce(image.convert("L"))


def _reduce(grey: Image.Image) -> tuple[npt.NDArray[np.float32], int]:
    factor = -(-max(grey.size) // MAX_PICTURE_SIDE)
    small = grey.reduce(factor) if factor > 1 else grey
    return np.asarray(small, np.float32) / np.float32(255), factor


def _add_paper(image: Image.Image) -> Image.Image:
    """Composite a transparent picture over paper on which its ink is visible.

    Transparent line art of one tone gets paper of the opposite tone: black lines white, white lines
    black. A picture with both tones, such as a sticker, is taken to include its own paper, the more
    frequent tone.
    """
    grey, alpha = image.convert("L"), image.getchannel("A")
    visible = np.asarray(grey)[np.asarray(alpha) >= 128]
    if not len(visible):
        visible = np.asarray(grey)[np.asarray(alpha) > 0]
    if not len(visible):
        return Image.new("L", image.size, 255)  # fully transparent: blank
    low, middle, high = np.percentile(visible, [0.5, 50, 99.5])
    has_paper = high - low >= 128
    white = (middle >= 128) == has_paper
    paper = Image.new("L", image.size, 255 if white else 0)
    return Image.composite(grey, paper, alpha)
