"""GIF: sixteen shades shared by all frames, exact timing, endless by default.

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

from strokeanim.errors import InputError
from strokeanim.render.protocol import Frame, RenderContext, RendererSpec
from strokeanim.render.raster import coverage
from strokeanim.render.style import ramp

LEVELS = 16
LONGEST = 65535
"""Hundredths of a second one frame can last."""


@dataclass(frozen=True)
class GifOptions:
    """`-O` options of the gif renderer."""

    loop: int = field(
        default=0,
        metadata={"help": "repeats after the first showing; 0 for ever", "min": -1, "max": 65535},
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
        description="animated GIF in sixteen shades, looping",
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
        # White under the soft edges of the strokes when the paper itself is transparent.
        self._palette = ramp(context.background or "#ffffff", context.stroke, LEVELS).tobytes()
        self._shades = np.rint(np.linspace(0, LEVELS - 1, 256)).astype(int).tolist()
        self._before: Image.Image | None = None

    def frame(self, frame: Frame) -> None:
        """Encode and write one frame."""
        shades = Image.fromarray(coverage(frame, self._context)).point(self._shades)
        if self._before is None:
            self._header(shades)
        milliseconds = 10 * next(self._delays)
        if self._context.background is None:
            # 2: the frame is cleared before the next one, which can't be drawn over it.
            self._image(shades, (0, 0), duration=milliseconds, transparency=0, disposal=2)
        else:
            # A frame equal to the one before still needs a pixel, or it would not be a frame.
            box = (0, 0, *shades.size) if self._before is None else _changes(self._before, shades)
            self._image(shades.crop(box), box[:2], duration=milliseconds, disposal=1)
        self._before = shades

    def finish(self) -> None:
        """Write the trailer."""
        self._sink.write(b";")

    def abort(self) -> None:
        """Nothing is held."""

    def _header(self, shades: Image.Image) -> None:
        info: dict[str, int] = {"duration": 10}  # any: it makes the file a GIF89a
        if self._options.loop >= 0:
            info["loop"] = self._options.loop
        blocks, _ = GifImagePlugin.getheader(self._coloured(shades), info=info)
        self._sink.writelines(blocks)

    def _image(self, shades: Image.Image, corner: tuple[int, int], **info: int) -> None:
        self._sink.writelines(GifImagePlugin.getdata(self._coloured(shades), corner, **info))

    def _coloured(self, shades: Image.Image) -> Image.Image:
        image = shades.copy()
        image.putpalette(self._palette)
        return image


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
