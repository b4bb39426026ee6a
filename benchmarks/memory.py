"""Measure whether memory grows over 10 000 small frames, in a new process for each renderer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from benchmarks import rows
from benchmarks.frames import FPS, context, loops, streamed
from benchmarks.plan import Plan
from benchmarks.table import Row
from benchmarks.timing import reason
from strokeanim.animation.frame import Frame
from strokeanim.render.raster import coverage

SMALL, LONG, SETTLED, PILLOW_LONG = (64, 48), 10_000, 2_000, 3_000
STATUS = Path("/proc/self/status")


def memory(plan: Plan) -> Iterator[Row]:
    every = [*rows.GROWTH.values(), rows.PILLOW, rows.PILLOW_MB]
    if not STATUS.exists():
        yield from (row.skip("this system does not tell memory") for row in every)
        return
    for name, row in rows.GROWTH.items():
        try:
            told = in_process(name, plan.count(LONG, 60), plan.count(SETTLED, 30))
            yield row.found(told["after"], told["settled"])
        except subprocess.CalledProcessError as error:
            yield row.skip(reason(error))
    count = plan.count(PILLOW_LONG, 60)
    ours, theirs = (in_process(name, count, count // 2) for name in ("gif", "pillow"))
    yield rows.PILLOW.found(ours["seconds"], theirs["seconds"])
    yield rows.PILLOW_MB.found(ours["peak"], theirs["peak"])


def in_process(name: str, frames: int, settled: int) -> dict[str, float]:
    """Return the result of `measured` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.memory", name, str(frames), str(settled)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def measured(name: str, count: int, settled: int) -> dict[str, float]:
    """Return seconds, including making the frames, and MB: the peak, settled, and at the end."""
    at: dict[int, float] = {}

    def frames() -> Iterator[Frame]:
        for place in range(count):
            if place in (settled, count - 1):
                at[place] = resident("VmRSS")
            yield loops(place, *SMALL)  # the model would take most of the memory

    start, settings = time.perf_counter(), context(count, SMALL)
    with tempfile.TemporaryFile() as sink:
        if name == "pillow":  # alone, with pictures passed one at a time
            pictures = (Image.fromarray(255 - coverage(frame, settings)) for frame in frames())
            timing = {"duration": 1000 // FPS, "loop": 0}
            next(pictures).save(sink, "GIF", save_all=True, append_images=pictures, **timing)
        else:
            streamed(name, settings, frames(), sink)
    seconds = time.perf_counter() - start
    growth = {"settled": at[settled], "after": at[count - 1]}
    return {"seconds": seconds, "peak": resident("VmHWM")} | growth


def resident(line: str) -> float:
    """Return MB from a line of /proc; `getrusage` would count the parent's memory as well."""
    [found] = re.findall(rf"{line}:\s+(\d+)", STATUS.read_text(encoding="utf-8"))
    return int(found) / 1024


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], *map(int, sys.argv[2:]))))
