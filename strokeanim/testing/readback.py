"""Read a written file back, in the formats that Pillow and PyAV can read."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image, ImageSequence


@dataclass(frozen=True)
class FileProperties:
    """The properties of a file as a reader sees them; None is unknown, and is not compared.

    Attributes:
        width: in px.
        height: in px.
        frames: number of frames.
        durations: exact seconds per frame, as stored in the file.
        tolerance: largest error of the format's own clock at any moment, in seconds.
    """

    width: int | None = None
    height: int | None = None
    frames: int | None = None
    durations: tuple[Fraction, ...] | None = None
    tolerance: Fraction = Fraction(0)


def seen(path: Path, media_type: str) -> FileProperties | None:
    """Return the properties of a file, or None if its media type can't be read."""
    if media_type in ("image/gif", "image/png", "image/apng", "image/webp", "image/jpeg"):
        return _read_image(path, media_type)
    if media_type in ("video/mp4", "video/webm", "video/quicktime", "video/x-matroska"):
        return _read_video(path)
    return None


def _read_image(path: Path, media_type: str) -> FileProperties:
    times = []
    with Image.open(path) as image:
        size = image.size
        for frame in ImageSequence.Iterator(image):
            frame.load()  # some formats give the duration of a frame only then
            times.append(frame.info.get("duration"))
    if media_type == "image/png":  # a still picture
        return FileProperties(*size)
    durations = None
    if None not in times:
        durations = tuple(Fraction(str(time)) / 1000 for time in times)
    tick = Fraction(1, 100) if media_type == "image/gif" else Fraction(1, 1000)
    return FileProperties(*size, len(times), durations, tick / 2)


def _read_video(path: Path) -> FileProperties:
    import av  # noqa: PLC0415 - slow to import, and only videos need it

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        tick = stream.time_base or Fraction(1)
        packets = sorted(
            (packet.pts * tick, (packet.duration or 0) * tick)
            for packet in container.demux(stream)
            if packet.pts is not None
        )
        starts = [start for start, _ in packets]
        ends = [*starts[1:], sum(packets[-1])]
        durations = tuple(Fraction(b - a) for a, b in zip(starts, ends, strict=True))
        grid = tick / 2 if "matroska" in container.format.name else Fraction(1, 90_000)
        return FileProperties(stream.width, stream.height, len(packets), durations, grid)
