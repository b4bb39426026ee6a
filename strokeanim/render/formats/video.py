"""Encode frames with FFmpeg through PyAV, for the MP4, WebM and APNG renderers.

Frame times are exact where the format can hold them; otherwise they are rounded so that errors do
not add up. Each frame is encoded and written as it arrives; none is kept.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import BinaryIO, cast

import av
import numpy as np
from av.packet import Packet
from PIL import Image

from strokeanim.animation.frame import Frame
from strokeanim.errors import InputError
from strokeanim.render.protocol import RenderContext
from strokeanim.render.raster import Coverage, coverage, pixels
from strokeanim.render.style import colour_ramp

MAX_DURATION = 10_000
"""Longest duration of a frame, s; FFmpeg's containers fail at some multiple of it."""
FINEST = 90_000
"""Most ticks per second, for durations without a coarser common measure."""


@dataclass(frozen=True)
class Encoding:
    """The settings with which a format is written.

    Attributes:
        format: FFmpeg's name of the container format.
        codec: FFmpeg's name of the encoder.
        pixels: FFmpeg's name of the pixel format.
        tick: the unit of all times, s.
        options: options of the encoder.
        container: options of the muxer.
        is_even: whether both sides must be even; a row or column of background is added.
    """

    format: str
    codec: str
    pixels: str
    tick: Fraction
    options: dict[str, str]
    container: dict[str, str] = field(default_factory=dict)
    is_even: bool = False


class VideoSession:
    """A session that encodes each frame as it arrives, drawn by `picture`."""

    def __init__(
        self,
        sink: BinaryIO,
        context: RenderContext,
        encoding: Encoding,
        picture: Callable[[Frame], av.VideoFrame],
    ) -> None:
        if max(context.durations) > MAX_DURATION:
            raise InputError(
                f"a frame of {encoding.format} can last {MAX_DURATION} s; use a higher fps"
            )
        if min(context.durations) < encoding.tick:
            fastest = round(1 / encoding.tick)
            raise InputError(f"{encoding.format} can show {fastest} frames a second; lower the fps")
        self._picture, self._tick = picture, encoding.tick
        ends = [round(end / encoding.tick) for end in accumulate(context.durations)]
        self._starts = [0, *ends[:-1]]
        self._spans = {start: end - start for start, end in zip(self._starts, ends, strict=True)}
        self._count = 0
        self._container = av.open(
            sink,
            "w",
            format=encoding.format,
            options={"fflags": "+bitexact"} | encoding.container,  # writes no version and no date
            # To move an index to the front, a muxer reads back what it has written.
            io_open=lambda *_: _Reader(sink),
        )
        rate = len(context.durations) / sum(context.durations, Fraction(0))
        stream = cast(
            av.VideoStream,
            self._container.add_stream(
                encoding.codec, rate=rate.limit_denominator(FINEST), options=encoding.options
            ),
        )
        size = context.width, context.height
        stream.width, stream.height = (s + s % 2 if encoding.is_even else s for s in size)
        stream.pix_fmt = encoding.pixels
        stream.time_base = stream.codec_context.time_base = encoding.tick
        if encoding.pixels.startswith("yuv"):
            # BT.709, limited range, declared so that players need not guess.
            stream.color_primaries = stream.color_trc = stream.colorspace = stream.color_range = 1
        # Fixed, because the number of threads changes the bytes.
        stream.thread_count = 2
        self._stream = stream

    def frame(self, frame: Frame) -> None:
        """Encode one frame."""
        picture = self._picture(frame)
        picture.pts, picture.time_base = self._starts[self._count], self._tick
        self._mux(self._stream.encode(picture))
        self._count += 1

    def finish(self) -> None:
        """Flush the encoder and write the index."""
        self._mux(self._stream.encode(None))
        self._container.close()

    def abort(self) -> None:
        """Release the encoder; closing it writes the index, which may fail for lack of space."""
        with contextlib.suppress(Exception):
            self._container.close()

    def _mux(self, packets: list[Packet[av.VideoStream]]) -> None:
        for packet in packets:
            # Set explicitly, since no later frame determines the duration of the last one.
            packet.duration = self._spans[packet.pts or 0]
            self._container.mux(packet)


def time_base(durations: tuple[Fraction, ...], finest: int = FINEST) -> Fraction:
    """Return the longest tick, in seconds, of which all durations are multiples.

    If it would be shorter than `1 / finest`, that is returned, and durations are rounded to it.

    >>> time_base((Fraction(1, 5), Fraction(1, 5))), time_base((Fraction(1, 5), Fraction(1, 2)))
    (Fraction(1, 5), Fraction(1, 10))
    """
    numerator = math.gcd(*(duration.numerator for duration in durations))
    denominator = math.lcm(*(duration.denominator for duration in durations))
    return max(Fraction(numerator, denominator), Fraction(1, finest))


def yuv420p(context: RenderContext) -> Callable[[Frame], av.VideoFrame]:
    """Return a function that draws a frame in 4:2:0, with both sides even."""
    width, height = context.width + context.width % 2, context.height + context.height % 2
    if len(context.colours) > 1:
        return lambda frame: _from_rgb(pixels(frame, context), width, height)
    tables = _yuv_tables(context.background or "#ffffff", context.colours[0])
    return lambda frame: _from_coverage(coverage(frame, context), tables, width, height)


def yuva420p(context: RenderContext) -> Callable[[Frame], av.VideoFrame]:
    """Return a function that draws a frame in 4:2:0 with transparency, with both sides even."""
    width, height = context.width + context.width % 2, context.height + context.height % 2

    def draw(frame: Frame) -> av.VideoFrame:
        image = pixels(frame, context)
        padding = [(0, height - image.shape[0]), (0, width - image.shape[1]), (0, 0)]
        padded = av.VideoFrame.from_ndarray(np.pad(image, padding), "rgba")
        return padded.reformat(format="yuva420p", dst_colorspace=1, dst_color_range=1)

    return draw


Table = np.ndarray[tuple[int], np.dtype[np.uint8]]


def _from_coverage(ink: Coverage, tables: list[Table], width: int, height: int) -> av.VideoFrame:
    padding = [(0, height - ink.shape[0]), (0, width - ink.shape[1])]
    if padding != [(0, 0), (0, 0)]:
        ink = np.pad(ink, padding)
    luma, *chroma = tables
    planes = [_look_up(ink, luma)]
    if all((table == table[0]).all() for table in chroma):  # grey has no chroma
        planes += [np.full(width * height // 4, table[0]) for table in chroma]
    else:
        rows = ink[::2].astype(np.uint16) + ink[1::2]
        quarter = ((rows[:, ::2] + rows[:, 1::2] + 2) // 4).astype(np.uint8)
        planes += [_look_up(quarter, table) for table in chroma]
    stacked = np.concatenate(planes).reshape(height * 3 // 2, width)
    return av.VideoFrame.from_ndarray(stacked, "yuv420p")


def _look_up(ink: Coverage, table: Table) -> Table:
    """Return `table[ink]`, flat, in a fifth of the time of NumPy's indexing."""
    image = Image.fromarray(np.ascontiguousarray(ink)).point(table.tolist())
    values: Table = np.asarray(image).reshape(-1)
    return values


def _from_rgb(
    image: np.ndarray[tuple[int, int, int], np.dtype[np.uint8]], width: int, height: int
) -> av.VideoFrame:
    padding = [(0, height - image.shape[0]), (0, width - image.shape[1]), (0, 0)]
    padded = av.VideoFrame.from_ndarray(np.pad(image[..., :3], padding, mode="edge"), "rgb24")
    return padded.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1)


def _yuv_tables(background: str, stroke: str) -> list[Table]:
    """Compute Y, Cb and Cr for each coverage 0..255 (ITU-R BT.709-6, limited range).

    The conversion is affine, so a blend of two colours is the blend of their Y, Cb and Cr.
    """
    red, green, blue = colour_ramp(background, stroke, 256).astype(np.float64).T / 255
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    planes = 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748
    return [np.rint(plane).astype(np.uint8) for plane in planes]


class _Reader(io.RawIOBase):
    """A second, independent reading position on the sink."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink, self._position = sink, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        write_position = self._sink.tell()
        try:
            if whence == io.SEEK_CUR:
                offset, whence = offset + self._position, io.SEEK_SET
            self._position = self._sink.seek(offset, whence)
        finally:
            self._sink.seek(write_position)
        return self._position

    def read(self, size: int = -1) -> bytes:
        write_position = self._sink.tell()
        try:
            self._sink.seek(self._position)
            data = self._sink.read(size)
        finally:
            self._sink.seek(write_position)
        self._position += len(data)
        return data
