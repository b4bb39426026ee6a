"""Time how alternatives write the same frames to a file, and compare the sizes of the files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

from benchmarks.frames import FPS, SIZE, WIDTH
from benchmarks.table import Row
from benchmarks.timing import by_turns
from strokeanim.animation.animation import Animation
from strokeanim.animation.frame import Frame
from strokeanim.geometry import Box

Write = Callable[[Path, Sequence[Frame]], object]


def saved(path: Path, frames: Sequence[Frame], renderer: str | None = None) -> None:
    """Write frames with strokeanim."""
    times = (Fraction(1, FPS),) * len(frames)
    animation = Animation(tuple(frames), times, Box(0, 0, SIZE, SIZE))
    animation.save(path, renderer, size=SIZE, width=WIDTH, smooth=False, background="#ffffff")


def written(
    ours: Write,
    theirs: Sequence[tuple[Row, Row, Write]],
    extension: str,
    frames: Sequence[Frame],
    runs: int,
) -> Iterator[Row]:
    """Yield the rows of times and of sizes, for each alternative."""
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder, f"ours{extension}")
        paths = [Path(folder, f"{place}{extension}") for place in range(len(theirs))]
        calls = {
            times: partial(write, path, frames)
            for (times, _, write), path in zip(theirs, paths, strict=True)
        }
        _, found = by_turns(partial(ours, own, frames), calls, runs)
        for times, (_, sizes, _), path in zip(found, theirs, paths, strict=True):
            yield times
            if times.skipped:
                yield sizes.skip(times.skipped)
            else:
                yield sizes.found(own.stat().st_size / 1000, path.stat().st_size / 1000)
