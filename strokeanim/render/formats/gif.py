"""Write GIF in sixteen shades per colour, with exact timing, looping for ever by default.

Frames are encoded one at a time with Pillow's per-frame functions. `Image.save(save_all=True)`
would hold all frames in memory and merge equal consecutive frames.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import BinaryIO

import numpy as np
from PIL import GifImagePlugin, Image, ImageChops

from strokeanim.animation.frame import Frame
from strokeanim.errors import InputError
from strokeanim.render.protocol import RenderContext, RendererSpec
from strokeanim.render.raster import coverage, pixels
from strokeanim.render.style import LEVELS, colour_ramp, shades

MOST_INKS = 255
"""Most colours a palette holds beside the background; further ones become the nearest of these."""
MAX_DURATION = 65535
"""Longest time one frame can be shown, in hundredths of a second."""


@dataclass(frozen=True)
class GifOptions:
    """Options of the gif renderer."""

    loop: int = field(
        default=0,
        metadata={
            "help": "repeats after the first showing; 0 for ever, -1 for none",
            "min": -1,
            "max": 65535,
        },
    )
    merge: bool = field(
        default=False,
        metadata={"help": "equal frames that follow one another become one"},
    )


class GifRenderer:
    """Renderer of animated GIF, in constant memory."""

    spec = RendererSpec(
        name="gif",
        extensions=(".gif",),
        media_type="image/gif",
        kind="sequence",
        streaming=True,
        options=GifOptions,
        description="animated GIF in sixteen shades a colour, looping",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: GifOptions) -> GifSession:
        """Begin a file; the header is written with the first frame."""
        return GifSession(sink, context, options)


class GifSession:
    """A session that writes, of each frame, the rectangle that differs from the previous frame."""

    def __init__(self, sink: BinaryIO, context: RenderContext, options: GifOptions) -> None:
        self._sink, self._context, self._options = sink, context, options
        self._delays = iter(delays(context.durations))
        if min(delays(context.durations)) < 2:
            context.log.warning("browsers slow down GIF frames shorter than 20 ms; lower the fps")
        self._palette = _Palette(context)
        self._last: Image.Image | None = None
        self._pending: Image.Image | None = None
        self._delay = 0

    def frame(self, frame: Frame) -> None:
        """Encode and write the previous frame, whose duration is now known, and keep this one."""
        image, delay = self._palette.draw(frame), next(self._delays)
        if self._pending is not None:
            same = self._options.merge and not ImageChops.difference(self._pending, image).getbbox()
            if same and self._delay + delay <= MAX_DURATION:
                self._delay += delay
                return
            self._write()
        self._pending, self._delay = image, delay

    def finish(self) -> None:
        """Write the last frame and the trailer."""
        self._write()
        self._sink.write(b";")

    def abort(self) -> None:
        """Do nothing; the session holds no resources."""

    def _write(self) -> None:
        image = self._pending
        assert image is not None
        if self._last is None:
            self._write_header(image)
        milliseconds = 10 * self._delay
        if self._context.background is None:
            # 2: the frame is cleared before the next, which can't erase by drawing over it.
            self._write_image(image, (0, 0), duration=milliseconds, transparency=0, disposal=2)
        else:
            # A frame equal to the previous one still needs at least one pixel.
            box = (0, 0, *image.size) if self._last is None else _changed_box(self._last, image)
            self._write_image(image.crop(box), box[:2], duration=milliseconds, disposal=1)
        self._last = image

    def _write_header(self, image: Image.Image) -> None:
        info: dict[str, int] = {"duration": 10}  # any value makes the file a GIF89a
        if self._options.loop >= 0:
            info["loop"] = self._options.loop
        blocks, _ = GifImagePlugin.getheader(self._palette.apply(image), info=info)
        self._sink.writelines(blocks)

    def _write_image(self, image: Image.Image, corner: tuple[int, int], **info: int) -> None:
        self._sink.writelines(GifImagePlugin.getdata(self._palette.apply(image), corner, **info))


class _Palette:
    """The palette of all frames: shades from the background to each ink; draws in its indices."""

    def __init__(self, context: RenderContext) -> None:
        self._context = context
        # If the background is transparent, soft edges of strokes blend with white.
        background = context.background or "#ffffff"
        inks = context.colours[:MOST_INKS]
        levels = max(2, min(LEVELS, 256 // len(inks)))
        ramps = [colour_ramp(background, ink, levels)[1:] for ink in inks]
        colours = np.concatenate([colour_ramp(background, inks[0], 2)[:1], *ramps])
        self._bytes = colours.tobytes()
        self._colours = Image.new("P", (1, 1))
        self._colours.putpalette(self._bytes)
        self._shades = shades().tolist()

    def draw(self, frame: Frame) -> Image.Image:
        if len(self._context.colours) == 1:
            return Image.fromarray(coverage(frame, self._context)).point(self._shades)
        image = pixels(frame, self._context)
        clear = image[..., 3:] == 0
        alpha = image[..., 3:].astype(np.uint16)
        # Blend with white, as the palette does if the background is transparent.
        image = ((image[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
        quantised = Image.fromarray(image).quantize(palette=self._colours, dither=Image.Dither.NONE)
        indices = np.asarray(quantised)
        if self._context.background is None:
            indices = np.where(clear[..., 0], 0, np.maximum(indices, 1))
        return Image.fromarray(indices.astype(np.uint8))

    def apply(self, image: Image.Image) -> Image.Image:
        paletted = image.copy()
        paletted.putpalette(self._bytes)
        return paletted


def delays(durations: Sequence[Fraction]) -> list[int]:
    """Return the hundredths of a second per frame, so that rounding errors do not add up.

    Raises:
        InputError: a frame is longer than a GIF can hold.

    >>> delays([Fraction(1, 30)] * 6)
    [3, 4, 3, 3, 4, 3]
    """
    longest = max(durations)
    if longest * 100 > MAX_DURATION:
        raise InputError(
            f"a GIF frame can last {MAX_DURATION / 100} s at most, not {float(longest):g} s; "
            "use a higher fps, or repeat the frame"
        )
    rounded, shown, due = [], 0, Fraction(0)
    for duration in durations:
        due += duration * 100
        # Some players take 0 as "as fast as possible", others as 100 ms.
        delay = max(1, math.floor(due + Fraction(1, 2)) - shown)
        rounded.append(delay)
        shown += delay
    return rounded


def _changed_box(previous: Image.Image, image: Image.Image) -> tuple[int, int, int, int]:
    return ImageChops.difference(previous, image).getbbox() or (0, 0, 1, 1)
