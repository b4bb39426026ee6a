"""GIF: sixteen shades a colour, exact timing, endless by default.

Frames are encoded one at a time with Pillow's per-frame functions. `Image.save(save_all=True)`
would hold all frames in memory and merge equal neighbours into one.
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
"""More colours than a palette holds beside the paper: further ones become the nearest of these."""
LONGEST = 65535
"""Hundredths of a second one frame can last."""


@dataclass(frozen=True)
class GifOptions:
    """`-O` options of the gif renderer."""

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
    """Animated GIF, constant memory."""

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
        """Begin a file; the header goes out with the first frame."""
        return GifSession(sink, context, options)


class GifSession:
    """Writes each frame as it comes: only the rectangle that differs from the one before."""

    def __init__(self, sink: BinaryIO, context: RenderContext, options: GifOptions) -> None:
        self._sink, self._context, self._options = sink, context, options
        self._delays = iter(delays(context.durations))
        if min(delays(context.durations)) < 2:
            context.log.warning("browsers slow down GIF frames shorter than 20 ms; lower the fps")
        self._inks = _Inks(context)
        self._before: Image.Image | None = None
        self._waiting: Image.Image | None = None
        self._delay = 0

    def frame(self, frame: Frame) -> None:
        """Encode and write the frame before, now that it is clear how long it lasts."""
        image, delay = self._inks.drawn(frame), next(self._delays)
        if self._waiting is not None:
            same = self._options.merge and not ImageChops.difference(self._waiting, image).getbbox()
            if same and self._delay + delay <= LONGEST:
                self._delay += delay
                return
            self._write()
        self._waiting, self._delay = image, delay

    def finish(self) -> None:
        """Write the last frame and the trailer."""
        self._write()
        self._sink.write(b";")

    def abort(self) -> None:
        """Nothing is held."""

    def _write(self) -> None:
        image = self._waiting
        assert image is not None
        if self._before is None:
            self._header(image)
        milliseconds = 10 * self._delay
        if self._context.background is None:
            # 2: the frame is cleared before the next one, which can't be drawn over it.
            self._image(image, (0, 0), duration=milliseconds, transparency=0, disposal=2)
        else:
            # A frame equal to the one before still needs a pixel, or it would not be a frame.
            box = (0, 0, *image.size) if self._before is None else _changes(self._before, image)
            self._image(image.crop(box), box[:2], duration=milliseconds, disposal=1)
        self._before = image

    def _header(self, image: Image.Image) -> None:
        info: dict[str, int] = {"duration": 10}  # any: it makes the file a GIF89a
        if self._options.loop >= 0:
            info["loop"] = self._options.loop
        blocks, _ = GifImagePlugin.getheader(self._inks.coloured(image), info=info)
        self._sink.writelines(blocks)

    def _image(self, image: Image.Image, corner: tuple[int, int], **info: int) -> None:
        self._sink.writelines(GifImagePlugin.getdata(self._inks.coloured(image), corner, **info))


class _Inks:
    """Draws frames in indices of one palette for all: each ink in shades down to the paper."""

    def __init__(self, context: RenderContext) -> None:
        self._context = context
        # White under the soft edges of the strokes when the paper itself is transparent.
        paper = context.background or "#ffffff"
        inks = context.colours[:MOST_INKS]
        levels = max(2, min(LEVELS, 256 // len(inks)))
        shades_of = [colour_ramp(paper, ink, levels)[1:] for ink in inks]
        colours = np.concatenate([colour_ramp(paper, inks[0], 2)[:1], *shades_of])
        self._palette = colours.tobytes()
        self._colours = Image.new("P", (1, 1))
        self._colours.putpalette(self._palette)
        self._shades = shades().tolist()

    def drawn(self, frame: Frame) -> Image.Image:
        if len(self._context.colours) == 1:
            return Image.fromarray(coverage(frame, self._context)).point(self._shades)
        image = pixels(frame, self._context)
        clear = image[..., 3:] == 0
        alpha = image[..., 3:].astype(np.uint16)
        # On white where there is no paper, as the one palette is.
        image = ((image[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
        found = Image.fromarray(image).quantize(palette=self._colours, dither=Image.Dither.NONE)
        indices = np.asarray(found)
        if self._context.background is None:
            indices = np.where(clear[..., 0], 0, np.maximum(indices, 1))
        return Image.fromarray(indices.astype(np.uint8))

    def coloured(self, image: Image.Image) -> Image.Image:
        found = image.copy()
        found.putpalette(self._palette)
        return found


def delays(durations: Sequence[Fraction]) -> list[int]:
    """Hundredths of a second per frame; the rounding error is carried on, never added up.

    Raises:
        InputError: a frame longer than a GIF can hold.

    >>> delays([Fraction(1, 30)] * 6)
    [3, 4, 3, 3, 4, 3]
    """
    longest = max(durations)
    if longest * 100 > LONGEST:
        raise InputError(
            f"a GIF frame can last {LONGEST / 100} s at most, not {float(longest):g} s; "
            "use a higher fps, or repeat the frame"
        )
    found, shown, due = [], 0, Fraction(0)
    for duration in durations:
        due += duration * 100
        # 0 would mean "as fast as you can" to some players and 100 ms to others.
        delay = max(1, math.floor(due + Fraction(1, 2)) - shown)
        found.append(delay)
        shown += delay
    return found


def _changes(before: Image.Image, after: Image.Image) -> tuple[int, int, int, int]:
    return ImageChops.difference(before, after).getbbox() or (0, 0, 1, 1)
