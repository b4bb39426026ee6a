"""APNG: animated PNG with exact times and soft edges on any background, through PyAV.

Art in one colour on nothing is in sixteen shades of it, which a palette holds. On paper there is no
palette: FFmpeg's encoder clears frames to the first colour of it, and players to transparent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

import av
import numpy as np

from strokeanim.animation.frame import Frame
from strokeanim.geometry.colours import rgb
from strokeanim.render.formats.video import Encoding, VideoSession, time_base
from strokeanim.render.protocol import RenderContext, RendererSpec
from strokeanim.render.raster import coverage, pixels
from strokeanim.render.style import LEVELS, colour_ramp, shades

FINEST = 65535
"""Ticks a second that the format can count."""


@dataclass(frozen=True)
class ApngOptions:
    """`-O` options of the apng renderer."""

    loop: int = field(
        default=0, metadata={"help": "times it is shown; 0 for ever", "min": 0, "max": 65535}
    )


class ApngRenderer:
    """Animated PNG."""

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
        """Set the encoder up."""
        last = context.durations[-1].limit_denominator(FINEST)
        is_clear, is_plain = context.background is None, len(context.colours) == 1
        encoding = Encoding(
            format="apng",
            codec="apng",
            pixels="rgb24" if not is_clear else "pal8" if is_plain else "rgba",
            tick=time_base(context.durations, FINEST),
            options={"pred": "none" if is_plain and is_clear else "mixed"},
            container={
                "plays": str(options.loop),
                "final_delay": f"{last.numerator}/{last.denominator}",
            },
        )
        return VideoSession(sink, context, encoding, _Drawer(context).draw)


class _Drawer:
    """Draws frames in the pixels of the encoding."""

    def __init__(self, context: RenderContext) -> None:
        self._context = context
        self._clear = np.zeros((256, 4), np.uint8)  # alpha, red, green, blue
        self._clear[:LEVELS, 0] = np.rint(np.linspace(0, 255, LEVELS))
        self._clear[:LEVELS, 1:] = rgb(context.colours[0])
        paper = context.background or "#ffffff"
        self._opaque = colour_ramp(paper, context.colours[0], LEVELS)[shades()]

    def draw(self, frame: Frame) -> av.VideoFrame:
        context = self._context
        is_clear, is_plain = context.background is None, len(context.colours) == 1
        if is_plain and is_clear:
            shade = shades()[coverage(frame, context)]
            return av.VideoFrame.from_ndarray((shade, self._clear), format="pal8")  # type: ignore[arg-type]
        if is_plain:
            image = self._opaque[coverage(frame, context)]
            return av.VideoFrame.from_ndarray(image, format="rgb24")
        image = pixels(frame, context)
        if is_clear:
            return av.VideoFrame.from_ndarray(image, format="rgba")
        return av.VideoFrame.from_ndarray(np.ascontiguousarray(image[..., :3]), format="rgb24")
