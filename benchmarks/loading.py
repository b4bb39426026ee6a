"""Time loading 100 000 drawings from ndjson, against `json.loads` line by line.

The drawings are synthetic eyes, and the lines are as long as QuickDraw's, 500 bytes. Memory is the
peak of Python and NumPy, measured by tracemalloc.
"""

from __future__ import annotations

import json
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import rows
from benchmarks.plan import Plan
from benchmarks.table import Row
from benchmarks.timing import by_turns
from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.geometry import DrawingArray
from strokeanim.io.ndjson import format_line
from strokeanim.io.sources import load as load_drawings
from strokeanim.io.sources import stream

COUNT, DISTINCT, ROUNDS = 100_000, 2_000, 7
WHEN = "2017-03-02 23:25:10.07453 UTC"


def load(plan: Plan) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "eyes.ndjson")
        write(file, plan.count(COUNT, 500), plan.count(DISTINCT, 50))
        whole, lines = partial(load_drawings, file), partial(by_line, file)
        _, found = by_turns(whole, {rows.LOAD: lines}, plan.runs(ROUNDS))
        yield from found
        _, found = by_turns(partial(count, file), {rows.STREAM: lines}, plan.runs(3))
        yield from found
        drawings = whole()
        assert isinstance(drawings, DrawingArray)
        columns = "points", "strokes", "bounds", "labels", "keys", "timed"
        arrays = sum(getattr(drawings, column).nbytes for column in columns) / 1e6
        del drawings
        ours = peak(whole)
        yield rows.LOAD_MOST.found(ours, arrays)
        yield rows.LOAD_MB.found(ours, peak(lines))


def write(file: Path, count: int, distinct: int) -> None:
    made = synthesise_many(distinct, 0, ["eye"])
    with file.open("w", encoding="utf-8") as out:
        for place in range(count):
            drawing = made[place % distinct]
            drawing = drawing.with_label(drawing.label, str(4_500_000_000_000_000 + place))
            extra = {"countrycode": "DE", "timestamp": WHEN, "recognized": True}
            out.write(format_line(drawing, **extra) + "\n")


def by_line(file: Path) -> list[list[np.ndarray]]:
    """Load drawings in the obvious way: a list of (n, 2) arrays for each line."""
    drawings = []
    with file.open("rb") as lines:
        for line in lines:
            strokes = json.loads(line)["drawing"]
            drawings.append([np.array(stroke, np.float32).T for stroke in strokes])
    return drawings


def count(file: Path) -> int:
    """Count drawings, one after the other."""
    return sum(1 for _ in stream(file))


def peak(call: Callable[[], object]) -> float:
    """Return the peak memory of Python and NumPy during a call, MB."""
    tracemalloc.start()
    kept = call()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del kept
    return most / 1e6
