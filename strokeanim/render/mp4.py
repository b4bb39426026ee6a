"""MP4: H.264 through PyAV, 4:2:0, exact frame times, playable while it loads.

The PyAV wheel carries x264, which is under the GPL; strokeanim only calls it.
"""

from __future__ import annotations

import contextlib
import io
import math
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import BinaryIO

import av
import numpy as np
from av.packet import Packet

from strokeanim.render.protocol import Frame, RenderContext, RendererSpec
from strokeanim.render.raster import Coverage, coverage
from strokeanim.render.style import ramp

FINEST = 90_000
"""Ticks a second where the durations have no coarser common measure."""


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
        streaming=True,
        transparency=False,
        options=Mp4Options,
        description="H.264 video (yuv420p) that plays everywhere",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: Mp4Options) -> Mp4Session:
        """Set the encoder up."""
        return Mp4Session(sink, context, options)


class Mp4Session:
    """Encodes each frame as it comes."""

    def __init__(self, sink: BinaryIO, context: RenderContext, options: Mp4Options) -> None:
        self._context = context
        self._tables = _yuv_tables(context.background or "#ffffff", context.stroke)
        # 4:2:0 needs even sides: one row or column of paper, never a rescaled picture.
        self._width, self._height = (side + side % 2 for side in (context.width, context.height))
        tick = time_base(context.durations)
        ends = [round(end / tick) for end in accumulate(context.durations)]
        self._starts = [0, *ends[:-1]]
        self._lasts = {start: end - start for start, end in zip(self._starts, ends, strict=True)}
        self._count = 0
        self._container = av.open(
            sink,
            "w",
            format="mp4",
            options={
                "movflags": "+faststart",
                "fflags": "+bitexact",  # no version and no date in the file
                "movie_timescale": str(tick.denominator),  # or its length is rounded to ms
            },
            # To move the index to the front the muxer reads back what it wrote.
            io_open=lambda *_: _Reader(sink),
        )
        rate = len(context.durations) / sum(context.durations, Fraction(0))
        stream = self._container.add_stream(
            "libx264",
            rate=rate.limit_denominator(FINEST),
            options=_encoder_options(options.crf, context.durations),
        )
        stream.width, stream.height, stream.pix_fmt = self._width, self._height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = tick
        # BT.709, limited range, said so that no player has to guess.
        stream.color_primaries = stream.color_trc = stream.colorspace = stream.color_range = 1
        # The number of threads changes the bytes: the same on every machine.
        stream.thread_count = 2
        self._stream, self._tick = stream, tick

    def frame(self, frame: Frame) -> None:
        """Encode one frame."""
        picture = self._picture(coverage(frame, self._context))
        picture.pts, picture.time_base = self._starts[self._count], self._tick
        self._mux(self._stream.encode(picture))
        self._count += 1

    def finish(self) -> None:
        """Flush the encoder and write the index."""
        self._mux(self._stream.encode(None))
        self._container.close()

    def abort(self) -> None:
        """Let go of the encoder; closing writes the index, for which there may be no room."""
        with contextlib.suppress(Exception):
            self._container.close()

    def _mux(self, packets: list[Packet[av.VideoStream]]) -> None:
        for packet in packets:
            # Nothing follows the last frame that could tell how long it is shown.
            packet.duration = self._lasts[packet.pts or 0]
            self._container.mux(packet)

    def _picture(self, ink: Coverage) -> av.VideoFrame:
        padding = [(0, self._height - ink.shape[0]), (0, self._width - ink.shape[1])]
        if padding != [(0, 0), (0, 0)]:
            ink = np.pad(ink, padding)
        quarter = ink.reshape(self._height // 2, 2, self._width // 2, 2).mean(axis=(1, 3))
        small = np.rint(quarter).astype(np.uint8)
        planes = [
            table[part].reshape(-1)
            for table, part in zip(self._tables, (ink, small, small), strict=True)
        ]
        stacked = np.concatenate(planes).reshape(self._height * 3 // 2, self._width)
        return av.VideoFrame.from_ndarray(stacked, "yuv420p")


def _encoder_options(crf: int, durations: tuple[Fraction, ...]) -> dict[str, str]:
    found = {"crf": str(crf), "preset": "veryfast"}
    if len(set(durations)) > 1:
        # B-frames halve the size, but another frame is last in the file than on the screen then,
        # and the muxer ends the video when the last one in the file has been shown.
        found["bf"] = "0"
    return found


def time_base(durations: tuple[Fraction, ...]) -> Fraction:
    """The longest tick, in seconds, that all durations are multiples of.

    Durations with no common measure above 1/90000 s are rounded to that.

    >>> time_base((Fraction(1, 5), Fraction(1, 5))), time_base((Fraction(1, 5), Fraction(1, 2)))
    (Fraction(1, 5), Fraction(1, 10))
    """
    numerator = math.gcd(*(duration.numerator for duration in durations))
    denominator = math.lcm(*(duration.denominator for duration in durations))
    return max(Fraction(numerator, denominator), Fraction(1, FINEST))


def _yuv_tables(background: str, stroke: str) -> list[np.ndarray[tuple[int], np.dtype[np.uint8]]]:
    """Y, Cb and Cr for each coverage 0..255 (ITU-R BT.709-6, limited range).

    The conversion is affine, so a blend of two colours is the blend of their Y, Cb and Cr.
    """
    red, green, blue = ramp(background, stroke, 256).astype(np.float64).T / 255
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    planes = 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748
    return [np.rint(plane).astype(np.uint8) for plane in planes]


class _Reader(io.RawIOBase):
    """A second, independent reading position on the sink."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink, self._at = sink, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with_writer = self._sink.tell()
        try:
            if whence == io.SEEK_CUR:
                offset, whence = offset + self._at, io.SEEK_SET
            self._at = self._sink.seek(offset, whence)
        finally:
            self._sink.seek(with_writer)
        return self._at

    def read(self, size: int = -1) -> bytes:
        with_writer = self._sink.tell()
        try:
            self._sink.seek(self._at)
            data = self._sink.read(size)
        finally:
            self._sink.seek(with_writer)
        self._at += len(data)
        return data
