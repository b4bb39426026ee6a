"""`python -m benchmarks.loading`: 100 000 drawings from ndjson, against json.loads line by line.

The drawings are synthetic eyes, and the lines are as long as QuickDraw's, 500 bytes. Both ways
take turns; the ratio is the median of those of the rounds. Memory is what Python and NumPy hold at
most meanwhile, as tracemalloc has it.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np

from strokeanim.data.ndjson import format_line
from strokeanim.data.sources import load, stream
from strokeanim.data.synth import synthesise_many
from strokeanim.strokes import Drawings

COUNT = 100_000
DISTINCT = 2_000
ROUNDS = 7
WHEN = "2017-03-02 23:25:10.07453 UTC"


def by_line(file: Path) -> list[list[np.ndarray]]:
    """What one would write: a list of (n, 2) arrays for each line."""
    drawings = []
    with file.open("rb") as lines:
        for line in lines:
            strokes = json.loads(line)["drawing"]
            drawings.append([np.array(stroke, np.float32).T for stroke in strokes])
    return drawings


def peak(call: Callable[[Path], object], file: Path) -> int:
    """Bytes that Python and NumPy hold at most meanwhile."""
    tracemalloc.start()
    kept = call(file)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del kept
    return most


def count(file: Path) -> int:
    """Look at one drawing after the other."""
    return sum(1 for _ in stream(file))


def seconds(call: Callable[[Path], object], file: Path) -> float:
    start = time.perf_counter()
    call(file)
    return time.perf_counter() - start


def main() -> None:
    made = synthesise_many(DISTINCT, 0, ["eye"])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "faces.ndjson")
        with file.open("w") as out:
            for place in range(COUNT):
                drawing = made[place % DISTINCT]
                drawing = drawing.relabelled(drawing.label, str(4_500_000_000_000_000 + place))
                extra = {"countrycode": "DE", "timestamp": WHEN, "recognized": True}
                out.write(format_line(drawing, **extra) + "\n")
        size = file.stat().st_size / 1e6
        ways: dict[str, list[float]] = {"ours": [], "by line": [], "stream": []}
        for _ in range(ROUNDS):  # by turns: the machine is not as fast all the time
            ways["ours"].append(seconds(load, file))
            ways["by line"].append(seconds(by_line, file))
            ways["stream"].append(seconds(count, file))
        ours, theirs, streamed = map(min, ways.values())
        found = load(file)
        assert isinstance(found, Drawings)
        columns = (found.points, found.strokes, found.bounds, found.labels, found.keys, found.timed)
        arrays = sum(column.nbytes for column in columns)
        grown, flat = peak(load, file), peak(count, file)
    ratios = [b / a for a, b in zip(ways["ours"], ways["by line"], strict=True)]
    print(f"{COUNT} drawings, {size:.0f} MB of ndjson, {len(found.points)} points")
    middle = statistics.median(ratios)
    print(f"load    {ours:.2f} s; json.loads + NumPy {theirs:.2f} s: {middle:.1f} × by turns")
    print(f"        round by round {', '.join(f'{ratio:.1f}' for ratio in ratios)}")
    print(
        f"        {grown / 1e6:.0f} MB for {arrays / 1e6:.0f} MB of arrays: {grown / arrays:.2f} ×"
    )
    print(f"stream  {streamed:.2f} s, a Drawing each; {flat / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
