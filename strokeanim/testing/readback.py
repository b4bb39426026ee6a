"""What a written file shows, for the formats that Pillow and PyAV can read."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image, ImageSequence


@dataclass(frozen=True)
class Seen:
    """A file as others see it; None for what can't be told, which is then not compared.

    Attributes:
        width: px.
        height: px.
        frames: how many there are.
        durations: exact seconds per frame, as the file says.
        tolerance: how far the format's own clock may be off at any moment, seconds.
    """

    width: int | None = None
    height: int | None = None
    frames: int | None = None
    durations: tuple[Fraction, ...] | None = None
    tolerance: Fraction = Fraction(0)


def seen(path: Path, media_type: str) -> Seen | None:
    """What is in a file; None if there is no reader for that media type."""
    if media_type in ("image/gif", "image/png", "image/apng", "image/webp", "image/jpeg"):
        return _picture(path, media_type)
    if media_type in ("video/mp4", "video/webm", "video/quicktime", "video/x-matroska"):
        return _video(path)
    return None


def _picture(path: Path, media_type: str) -> Seen:
    lasting = []
    with Image.open(path) as image:
        size = image.size
        for frame in ImageSequence.Iterator(image):
            frame.load()  # some formats say how long a frame lasts only then
            lasting.append(frame.info.get("duration"))
    if media_type == "image/png":  # one picture, whatever it shows
        return Seen(*size)
    durations = None
    if None not in lasting:
        durations = tuple(Fraction(str(one)) / 1000 for one in lasting)
    tick = Fraction(1, 100) if media_type == "image/gif" else Fraction(1, 1000)
    return Seen(*size, len(lasting), durations, tick / 2)


def _video(path: Path) -> Seen:
    import av  # noqa: PLC0415 - slow to import, and only videos need it

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        tick = stream.time_base or Fraction(1)
        shown = sorted(
            (packet.pts * tick, (packet.duration or 0) * tick)
            for packet in container.demux(stream)
            if packet.pts is not None
        )
        starts = [start for start, _ in shown]
        ends = [*starts[1:], sum(shown[-1])]
        durations = tuple(Fraction(b - a) for a, b in zip(starts, ends, strict=True))
        grid = tick / 2 if "matroska" in container.format.name else Fraction(1, 90_000)
        return Seen(stream.width, stream.height, len(shown), durations, grid)
