"""MP4: H.264 through PyAV, 4:2:0, exact frame times, playable while it loads.

The PyAV wheel carries x264, which is under the GPL; strokeanim only calls it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from strokeanim.render.formats.video import Encoding, VideoSession, time_base, yuv420p
from strokeanim.render.protocol import RenderContext, RendererSpec


@dataclass(frozen=True)
class Mp4Options:
    """`-O` options of the mp4 renderer."""

    crf: int = field(
        default=18, metadata={"help": "quality: 0 is lossless, 51 the worst", "min": 0, "max": 51}
    )


class Mp4Renderer:
    """H.264 video."""

    spec = RendererSpec(
        name="mp4",
        extensions=(".mp4", ".m4v"),
        media_type="video/mp4",
        kind="sequence",
        transparency=False,
        streaming=True,
        options=Mp4Options,
        description="H.264 video (yuv420p) that plays everywhere",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: Mp4Options) -> VideoSession:
        """Set the encoder up."""
        tick = time_base(context.durations)
        found = {"crf": str(options.crf), "preset": "veryfast"}
        if len(set(context.durations)) > 1:
            # B-frames halve the size, but another frame is last in the file than on the screen
            # then, and the muxer ends the video when the last one in the file has been shown.
            found["bf"] = "0"
        encoding = Encoding(
            format="mp4",
            codec="libx264",
            pixels="yuv420p",
            tick=tick,
            options=found,
            container={
                "movflags": "+faststart",
                "movie_timescale": str(tick.denominator),  # or its length is rounded to ms
            },
            is_even=True,
        )
        return VideoSession(sink, context, encoding, yuv420p(context))
