"""Time `batch`: 2000 animations with two workers, 500 with one, and some in a loop of `animate`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import rows
from benchmarks.plan import Plan
from benchmarks.table import Row
from benchmarks.timing import process


def batch(plan: Plan) -> Iterator[Row]:
    """Run each alternative once, since they take minutes; the loop before and after two workers."""
    from strokeanim.batch import random_pairs
    from strokeanim.datasets.synthetic import synthesise_many
    from strokeanim.io.saving import save

    per_class, fewer, some = plan.count(500, 3), plan.count(125, 2), plan.count(12, 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drawings = str(folder / "drawings.ndjson")
        save(synthesise_many(4 * (per_class + 50), seed=0), drawings)
        pairs = [entry.values["source"] for entry in random_pairs(drawings, per_class)]
        step = len(pairs) // (2 * some)
        loop = _loop(pairs[: some * step : step], folder)
        two, memory = _batch(drawings, per_class, folder / "two", workers=2)
        loop = min(loop, _loop(pairs[some * step :: step][:some], folder))
        one, _ = _batch(drawings, fewer, folder / "one", workers=1)
    yield rows.BATCH.found(two / len(pairs), one / (4 * fewer))
    yield rows.BATCH_LOOP.found(two / len(pairs), loop)
    if memory:
        yield rows.BATCH_MB.found(memory)
    else:
        yield rows.BATCH_MB.skip("this system does not tell")


def _loop(pairs: Sequence[Sequence[str]], folder: Path) -> float:
    """Return the seconds per call of `strokeanim animate`."""
    start = time.perf_counter()
    for pair in pairs:
        process("-m", "strokeanim", "animate", *pair, "--out", str(folder / "loop.svg"))
    return (time.perf_counter() - start) / len(pairs)


def _batch(drawings: str, per_class: int, out: Path, workers: int) -> tuple[float, float]:
    """Return the seconds of the whole process, and the peak MB of its largest worker, or 0."""
    start = time.perf_counter()
    memory = 0.0
    with subprocess.Popen(
        [sys.executable, "-m", "strokeanim", "batch", "--pairs", drawings, "--json",
         "--per-class", str(per_class), "--workers", str(workers), "--out", str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as child:  # fmt: skip
        last = {}
        for number, line in enumerate(child.stdout or ()):
            last = json.loads(line)
            if number % 20 == 4:
                memory = max(memory, _peak(child.pid))
    if child.returncode or last["failed"]:
        raise RuntimeError(f"the batch failed: {last}")
    return time.perf_counter() - start, memory


def _peak(parent: int) -> float:
    """Return the peak memory of any worker so far, MB; 0 on systems without /proc."""
    peaks = [0.0]
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            status = path.read_text()
            if f"\nPPid:\t{parent}\n" in status:
                peaks.append(int(status.partition("VmHWM:")[2].split()[0]) / 1024)
        except (OSError, IndexError):
            continue  # the process has ended
    return max(peaks)
