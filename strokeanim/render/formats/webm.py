"""Write WebM, VP9 video with real transparency for web pages, through PyAV."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import BinaryIO

from strokeanim.render.formats.video import Encoding, VideoSession, yuv420p, yuva420p
from strokeanim.render.protocol import RenderContext, RendererSpec


@dataclass(frozen=True)
class WebmOptions:
    """Options of the webm renderer."""

    crf: int = field(
        default=24, metadata={"help": "quality: 0 is the best, 63 the worst", "min": 0, "max": 63}
    )


class WebmRenderer:
    """Renderer of VP9 video."""

    spec = RendererSpec(
        name="webm",
        extensions=(".webm",),
        media_type="video/webm",
        kind="sequence",
        streaming=True,
        options=WebmOptions,
        description="VP9 video for web pages, transparent if asked for",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: WebmOptions) -> VideoSession:
        """Set up the encoder."""
        is_clear = context.background is None
        encoding = Encoding(
            format="webm",
            codec="libvpx-vp9",
            pixels="yuva420p" if is_clear else "yuv420p",
            tick=Fraction(1, 1000),  # fixed by the format
            options={
                "crf": str(options.crf),
                "b": "0",
                "deadline": "good",
                "cpu-used": "5",
                "row-mt": "0",
                # The encoder's alternate reference frames ignore transparency.
                "auto-alt-ref": "0",
            },
            is_even=True,
        )
        return VideoSession(sink, context, encoding, (yuva420p if is_clear else yuv420p)(context))
