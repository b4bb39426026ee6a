"""Write MP4, H.264 in 4:2:0 with exact frame times, playable while it loads, through PyAV.

The PyAV wheel contains x264, which is under the GPL; strokeanim only calls it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from strokeanim.render.formats.video import Encoding, VideoSession, time_base, yuv420p
from strokeanim.render.protocol import RenderContext, RendererSpec


@dataclass(frozen=True)
class Mp4Options:
    """Options of the mp4 renderer."""

    crf: int = field(
        default=18, metadata={"help": "quality: 0 is lossless, 51 the worst", "min": 0, "max": 51}
    )


class Mp4Renderer:
    """Renderer of H.264 video."""

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
        """Set up the encoder."""
        tick = time_base(context.durations)
        codec_options = {"crf": str(options.crf), "preset": "veryfast"}
        if len(set(context.durations)) > 1:
            # B-frames halve the size, but with them the last frame in the file is not the last one
            # shown, and the muxer ends the video after the last frame in the file.
            codec_options["bf"] = "0"
        encoding = Encoding(
            format="mp4",
            codec="libx264",
            pixels="yuv420p",
            tick=tick,
            options=codec_options,
            container={
                "movflags": "+faststart",
                "movie_timescale": str(tick.denominator),  # otherwise the length is rounded to ms
            },
            is_even=True,
        )
        return VideoSession(sink, context, encoding, yuv420p(context))
