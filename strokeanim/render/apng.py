"""APNG: animated PNG with exact times and soft edges on any background, through PyAV.

Art in one colour is in sixteen shades of it, which a palette holds; else it is in full colour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

import av
import numpy as np

from strokeanim.errors import InputError
from strokeanim.render.protocol import Frame, RenderContext, RendererSpec
from strokeanim.render.raster import coverage, pixels
from strokeanim.render.style import LEVELS, ramp, rgb, shades
from strokeanim.render.video import Encoding, VideoSession, time_base

LONGEST = 65535
"""Seconds, and ticks a second, that the format can count."""


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
        if max(context.durations) > LONGEST:
            raise InputError(f"an APNG frame can last {LONGEST} s at most; use a higher fps")
        last = context.durations[-1].limit_denominator(LONGEST)
        is_clear, is_plain = context.background is None, len(context.colours) == 1
        encoding = Encoding(
            format="apng",
            codec="apng",
            pixels="pal8" if is_plain else "rgba" if is_clear else "rgb24",
            tick=time_base(context.durations, LONGEST),
            options={"pred": "none" if is_plain else "mixed"},
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
        self._palette = np.zeros((256, 4), np.uint8)  # alpha, red, green, blue
        if context.background is None:
            self._palette[:LEVELS, 0] = np.rint(np.linspace(0, 255, LEVELS))
            self._palette[:LEVELS, 1:] = rgb(context.colours[0])
        else:
            self._palette[:, 0] = 255
            self._palette[:LEVELS, 1:] = ramp(context.background, context.colours[0], LEVELS)

    def draw(self, frame: Frame) -> av.VideoFrame:
        context = self._context
        if len(context.colours) == 1:
            shade = shades()[coverage(frame, context)]
            return av.VideoFrame.from_ndarray((shade, self._palette), format="pal8")  # type: ignore[arg-type]
        image = pixels(frame, context)
        if context.background is None:
            return av.VideoFrame.from_ndarray(image, format="rgba")
        return av.VideoFrame.from_ndarray(np.ascontiguousarray(image[..., :3]), format="rgb24")
