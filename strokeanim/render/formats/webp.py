"""Write lossless animated WebP, with times exact to the millisecond.

Pillow compresses each frame, and this module writes the container, because libwebp's own encoder of
animations, through FFmpeg and Pillow alike, merges equal frames and guesses the duration of the
last. RIFF and the chunks `VP8X`, `ANIM` and `ANMF` follow Google's "WebP container specification".
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageChops

from strokeanim.animation.frame import Frame
from strokeanim.errors import InputError
from strokeanim.geometry.colours import split_rgb
from strokeanim.render.protocol import RenderContext, RendererSpec
from strokeanim.render.raster import coverage, pixels
from strokeanim.render.style import colour_ramp, shades

MAX_DURATION = 0xFFFFFF
"""Longest duration of a frame, ms."""
LARGEST = 16383
"""Largest side, px."""
ALPHA, ANIMATION = 0x10, 0x02
OVERWRITE = 0x02
"""The flag of a frame that replaces the canvas below it, transparency included."""


@dataclass(frozen=True)
class WebpOptions:
    """Options of the webp renderer."""

    loop: int = field(
        default=0, metadata={"help": "times it is shown; 0 for ever", "min": 0, "max": 65535}
    )
    effort: int = field(
        default=1, metadata={"help": "0 is quick, 6 a little smaller and slow", "min": 0, "max": 6}
    )


class WebpRenderer:
    """Renderer of animated WebP."""

    spec = RendererSpec(
        name="webp",
        extensions=(".webp",),
        media_type="image/webp",
        kind="sequence",
        streaming=True,
        options=WebpOptions,
        description="lossless animated WebP: small, soft edges on any background",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: WebpOptions) -> WebpSession:
        """Write the header."""
        return WebpSession(sink, context, options)


class WebpSession:
    """A session that writes, of each frame, the rectangle that differs from the previous frame."""

    def __init__(self, sink: BinaryIO, context: RenderContext, options: WebpOptions) -> None:
        if max(context.width, context.height) > LARGEST:
            raise InputError(f"a side of a WebP has {LARGEST} px at most; give a smaller size")
        self._sink, self._context, self._options = sink, context, options
        self._delays = _delays(context.durations)
        self._previous: Image.Image | None = None
        self._shades = [_shade_colours(context)[shade].tolist() for shade in shades()]
        flags = ANIMATION | (ALPHA if context.background is None else 0)
        sink.write(b"RIFF\0\0\0\0WEBP")
        size = _uint24(context.width - 1) + _uint24(context.height - 1)
        sink.write(_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + size))
        # The background colour is transparent; players ignore it.
        sink.write(_chunk(b"ANIM", bytes(4) + struct.pack("<H", options.loop)))

    def frame(self, frame: Frame) -> None:
        """Compress and write one frame."""
        image = self._draw(frame)
        box = (0, 0, *image.size) if self._previous is None else _changed_box(self._previous, image)
        self._previous = image
        header = _uint24(box[0] // 2) + _uint24(box[1] // 2)
        header += _uint24(box[2] - box[0] - 1) + _uint24(box[3] - box[1] - 1)
        header += _uint24(next(self._delays)) + bytes([OVERWRITE])
        self._sink.write(_chunk(b"ANMF", header + self._compress(image.crop(box))))

    def finish(self) -> None:
        """Write the size of the file into its header."""
        end = self._sink.seek(0, io.SEEK_END)
        self._sink.seek(4)
        self._sink.write(struct.pack("<I", end - 8))
        self._sink.seek(end)

    def abort(self) -> None:
        """Do nothing; the session holds no resources."""

    def _draw(self, frame: Frame) -> Image.Image:
        context = self._context
        if len(context.colours) > 1:
            image = Image.fromarray(pixels(frame, context))
        else:
            table = np.array(self._shades, np.uint8)
            image = Image.fromarray(table[coverage(frame, context)])
        return image if context.background is None else image.convert("RGB")

    def _compress(self, image: Image.Image) -> bytes:
        """Return the image chunks of a still picture, without its container."""
        still = io.BytesIO()
        image.save(still, "WEBP", lossless=True, method=self._options.effort, exact=True)
        data = still.getvalue()
        return b"".join(
            data[start:end]
            for name, start, end in _chunks(data)
            if name in (b"VP8L", b"VP8 ", b"ALPH")
        )


def _shade_colours(context: RenderContext) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Return red, green, blue and alpha of each shade of the single ink, `(levels, 4)`."""
    levels = int(shades()[-1]) + 1
    rgba = np.full((levels, 4), 255, np.uint8)
    if context.background is None:
        rgba[:, :3] = split_rgb(context.colours[0])
        rgba[:, 3] = np.rint(np.linspace(0, 255, levels))
    else:
        rgba[:, :3] = colour_ramp(context.background, context.colours[0], levels)
    return rgba


def _delays(durations: tuple[Fraction, ...]) -> Iterator[int]:
    """Yield the milliseconds per frame, so that rounding errors do not add up."""
    if max(durations) * 1000 > MAX_DURATION:
        raise InputError(
            f"a WebP frame can last {MAX_DURATION // 1000} s at most; use a higher fps"
        )
    shown = 0
    for end in accumulate(durations):
        rounded_end = max(shown + 1, round(end * 1000))
        yield rounded_end - shown
        shown = rounded_end


def _changed_box(previous: Image.Image, image: Image.Image) -> tuple[int, int, int, int]:
    """Return the rectangle that differs, with an even corner as the format requires."""
    difference = ImageChops.difference(previous, image)
    if difference.mode == "RGBA":  # getbbox would use alpha only by default
        left, top, right, bottom = difference.getbbox(alpha_only=False) or (0, 0, 1, 1)
    else:
        left, top, right, bottom = difference.getbbox() or (0, 0, 1, 1)
    return left - left % 2, top - top % 2, right, bottom


def _chunk(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<I", len(payload)) + payload + bytes(len(payload) % 2)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of each chunk of a file, padding included."""
    start = 12
    while start + 8 <= len(data):
        (size,) = struct.unpack_from("<I", data, start + 4)
        end = start + 8 + size + size % 2
        yield data[start : start + 4], start, end
        start = end


def _uint24(number: int) -> bytes:
    return number.to_bytes(3, "little")
