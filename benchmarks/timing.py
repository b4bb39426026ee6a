"""Measure times by turns, and the memory of whole processes.

Alternatives take turns, since the speed of a machine varies, and the best run of each counts, which
was disturbed least.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from benchmarks.table import Row

Call = Callable[[], object]


class Timed(NamedTuple):
    """Seconds of the best run, and the ratio of the median to it; None for a single run."""

    best: float
    noise: float | None


def by_turns(
    ours: Call, theirs: Mapping[Row, Call], runs: int, per: float = 1
) -> tuple[Timed, list[Row]]:
    """Return our times, and the rows of `theirs` with figures, or skipped if a call fails.

    All calls run once before they are timed, if they are timed more than once. Figures are divided
    by `per`, such as the number of frames. An exception from `ours` is raised.
    """
    ways, skipped = dict(theirs), dict[Row, Row]()
    times: dict[Row | None, list[float]] = {}
    for turn in range(runs + (runs > 1)):
        for row, call in [(None, ours), *ways.items()]:
            start = time.perf_counter()
            try:
                call()
            except Exception as error:
                if row is None:
                    raise
                skipped[row] = row.skip(reason(error))
                del ways[row]
                continue
            if turn or runs == 1:
                times.setdefault(row, []).append((time.perf_counter() - start) / per)
    timed = {row: _timed(seconds) for row, seconds in times.items()}
    own = timed[None]
    noises = {row: max(own.noise or 0, one.noise or 0) or None for row, one in timed.items()}
    return own, [
        skipped.get(row) or row.found(own.best, timed[row].best, noises[row]) for row in theirs
    ]


def _timed(seconds: list[float]) -> Timed:
    best = min(seconds)
    return Timed(best, statistics.median(seconds) / best if len(seconds) > 1 else None)


def reason(error: BaseException | str) -> str:
    """Return the first line of an error message, without paths.

    >>> reason(ImportError("No module named 'drawsvg'"))
    "No module named 'drawsvg'"
    >>> reason("cannot open /home/me/drawings.svg")
    'cannot open …'
    """
    if isinstance(error, subprocess.CalledProcessError):
        error = (error.stderr or "").strip().rpartition("\n")[2] or "a process failed"
    line = str(error).strip().partition("\n")[0] or type(error).__name__
    return re.sub(r"\S*[/\\]\S*", "…", line)


def process(*arguments: str, path: str | None = None) -> float:
    """Run Python with these arguments, and return its peak memory in MB.

    `path` is its PYTHONPATH. The kernel also counts the memory of the parent process, so that
    should be small.
    """
    child = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ} | ({} if path is None else {"PYTHONPATH": path}),
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    if status:
        raise RuntimeError(f"python {' '.join(arguments)} failed")
    return usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
