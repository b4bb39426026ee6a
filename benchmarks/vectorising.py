"""Measure tracing of pictures to strokes: its time, and how much of the ink is kept.

Pictures are drawings at 256 px with a pen of 3 px; one core is used. Ink lost is the share of a
picture's ink that is not within 2 px of the traced strokes, drawn with the same pen; ink added is
the reverse.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from benchmarks import rows
from benchmarks.plan import Plan
from benchmarks.table import Row
from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.geometry import Box, Drawing, Picture
from strokeanim.geometry.polylines import fit_to_box
from strokeanim.io.sources import load
from strokeanim.tracing.vectorise import vectorise as trace
from tests.ink import SIDE, inked, shared_ink

COUNT, MOST = 400, 600
"""The number of synthetic drawings, and the limit of drawings from each file."""


def vectorise(plan: Plan) -> Iterator[Row]:
    seconds, kept, counts = measured(drawings(plan))
    median, slow = np.percentile(seconds, (50, 95)).tolist()
    yield rows.TRACE.found(median)
    yield rows.TRACE_SLOW.found(slow)
    lost, added = (1 - kept.min(axis=0)).tolist()
    yield rows.INK_LOST.found(lost)
    yield rows.INK_ADDED.found(added)
    drawn_strokes, strokes, drawn_points, points = counts.mean(axis=0).tolist()
    yield rows.STROKES.found(strokes, drawn_strokes)
    yield rows.POINTS.found(points, drawn_points)


def drawings(plan: Plan) -> list[Drawing]:
    found: list[Drawing] = []
    for file in plan.drawings:
        some = [one for one in load(file) if isinstance(one, Drawing)]
        found += some[:: max(1, -(-len(some) // plan.count(MOST, 5)))]
    return found or synthesise_many(plan.count(COUNT, 5), seed=1)


def measured(some: list[Drawing]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return seconds, shares of ink, and numbers of strokes and points, for each drawing."""
    box = Box(6, 6, SIDE - 12, SIDE - 12)
    seconds, kept, counts = [], [], []
    trace(Picture(inked(fit_to_box(some[0], box))))
    for drawing in some:
        ink = inked(fit_to_box(drawing, box))
        picture = Picture(ink)
        start = time.perf_counter()
        found = trace(picture)
        seconds.append(time.perf_counter() - start)
        kept.append(shared_ink(ink, inked(found)))
        counts.append((len(drawing.strokes), len(found.strokes), drawing.points, found.points))
    return np.array(seconds), np.array(kept), np.array(counts)
