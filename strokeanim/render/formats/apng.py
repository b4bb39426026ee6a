"""Write APNG, animated PNG with exact times and soft edges on any background, through PyAV.

Strokes of one colour on a transparent background are written in sixteen shades of that colour, with
a palette. A file with a background has no palette, because FFmpeg's encoder clears frames to the
first colour of the palette, but players clear them to transparent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

import av
import numpy as np

from strokeanim.animation.frame import Frame
from strokeanim.geometry.colours import split_rgb
from strokeanim.render.formats.video import Encoding, VideoSession, time_base
from strokeanim.render.protocol import RenderContext, RendererSpec
from strokeanim.render.raster import coverage, pixels
from strokeanim.render.style import LEVELS, colour_ramp, shades

FINEST = 65535
"""Most ticks per second that the format can express."""


@dataclass(frozen=True)
class ApngOptions:
    """Options of the apng renderer."""

    loop: int = field(
        default=0, metadata={"help": "times it is shown; 0 for ever", "min": 0, "max": 65535}
    )


class ApngRenderer:
    """Renderer of animated PNG."""

    spec = RendererSpec(
        name="apng",
        extensions=(".apng",),
        media_type="image/apng",
        kind="sequence",
        streaming=True,
        options=ApngOptions,
        description="animated PNG: exact times, soft edges on any background",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: ApngOptions) -> VideoSession:
        """Set up the encoder."""
        final_delay = context.durations[-1].limit_denominator(FINEST)
        is_clear, is_plain = context.background is None, len(context.colours) == 1
        encoding = Encoding(
            format="apng",
            codec="apng",
            pixels="rgb24" if not is_clear else "pal8" if is_plain else "rgba",
            tick=time_base(context.durations, FINEST),
            options={"pred": "none" if is_plain and is_clear else "mixed"},
            container={
                "plays": str(options.loop),
                "final_delay": f"{final_delay.numerator}/{final_delay.denominator}",
            },
        )
        return VideoSession(sink, context, encoding, _Drawer(context).draw)


class _Drawer:
    """Converter of frames to pictures in the pixel format of the encoding."""

    def __init__(self, context: RenderContext) -> None:
        self._context = context
        self._transparent = np.zeros((256, 4), np.uint8)  # alpha, red, green, blue
        self._transparent[:LEVELS, 0] = np.rint(np.linspace(0, 255, LEVELS))
        self._transparent[:LEVELS, 1:] = split_rgb(context.colours[0])
        background = context.background or "#ffffff"
        self._opaque = colour_ramp(background, context.colours[0], LEVELS)[shades()]

    def draw(self, frame: Frame) -> av.VideoFrame:
        context = self._context
        is_clear, is_plain = context.background is None, len(context.colours) == 1
        if is_plain and is_clear:
            indices = shades()[coverage(frame, context)]
            return av.VideoFrame.from_ndarray((indices, self._transparent), format="pal8")  # type: ignore[arg-type]
        if is_plain:
            image = self._opaque[coverage(frame, context)]
            return av.VideoFrame.from_ndarray(image, format="rgb24")
        image = pixels(frame, context)
        if is_clear:
            return av.VideoFrame.from_ndarray(image, format="rgba")
        return av.VideoFrame.from_ndarray(np.ascontiguousarray(image[..., :3]), format="rgb24")
