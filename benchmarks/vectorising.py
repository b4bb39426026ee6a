"""Pictures to strokes: how long, and how much of the ink stays. `python -m benchmarks.vectorising`.

Drawings at 256 px with a pen of 3 px, on one core. The ink figures are the share of the picture's
ink within 2 px of the strokes drawn again with the same pen, and the other way round. Real drawings
are taken from `../shared/data` where that is there, synthetic ones otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

if __name__ == "__main__":
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import numpy as np

from benchmarks.__main__ import row
from strokeanim.data.ndjson import read_ndjson
from strokeanim.data.synth import synthesise_many
from strokeanim.data.vectorise import vectorise
from strokeanim.strokes import Box, Drawing, Picture
from strokeanim.strokes.geometry import fit
from tests.ink import SIDE, inked, shared_ink

DATA = Path(__file__).parents[2] / "shared" / "data"
MOST_MS, LEAST_INK = 50, 0.9


def drawings(others: int) -> dict[str, list[Drawing]]:
    if not DATA.is_dir():
        return {"synthetic": synthesise_many(400, seed=1)}
    features = list(read_ndjson(DATA / "quickdraw_features.ndjson.gz"))
    rest = list(read_ndjson(DATA / "quickdraw_other.ndjson.gz"))
    step = max(1, len(rest) // others)
    return {"features": features, "other classes": rest[::step]}


def measured(name: str, some: list[Drawing]) -> dict[str, object]:
    box = Box(6, 6, SIDE - 12, SIDE - 12)
    seconds, kept, sizes = [], [], []
    vectorise(Picture(inked(fit(some[0], box))))
    for drawing in some:
        ink = inked(fit(drawing, box))
        picture = Picture(ink)
        start = time.perf_counter()
        found = vectorise(picture)
        seconds.append(time.perf_counter() - start)
        again = inked(found)
        kept.append(shared_ink(ink, again))
        sizes.append((len(drawing.strokes), len(found.strokes), drawing.points, found.points))
    ms, shares, counts = 1e3 * np.array(seconds), np.array(kept), np.mean(sizes, axis=0)
    row(f"{name}: {len(some)} drawings", "", "", "    ratio  target")
    middle, slow = float(np.median(ms)), float(np.percentile(ms, 95))
    row("  ms, median / allowed", f"{middle:.1f} ms", f"{MOST_MS} ms", target(middle / MOST_MS, 1))
    row("  ms, 95th percentile / allowed", f"{slow:.1f} ms", f"{MOST_MS} ms", ratio(slow / MOST_MS))
    for what, column in (("ink found again", 0), ("ink that was there", 1)):
        share = shares[:, column]
        low, least = float(np.percentile(share, 1)), float(share.min())
        row(f"  {what}: mean", f"{share.mean():.4f}", "", "")
        row("    1st percentile", f"{low:.4f}", "", "")
        good = f"{ratio(least / LEAST_INK)}  ≥ 1 ×{'' if least >= LEAST_INK else '  MISSED'}"
        row("    minimum / wanted", f"{least:.4f}", f"{LEAST_INK}", good)
    row("  strokes / drawn", f"{counts[1]:.2f}", f"{counts[0]:.2f}", ratio(counts[1] / counts[0]))
    row("  points / drawn", f"{counts[3]:.1f}", f"{counts[2]:.1f}", ratio(counts[3] / counts[2]))
    return {
        "what": name,
        "ms": [middle, slow],
        "ink": [*shares.mean(axis=0), *np.percentile(shares, 1, axis=0), *shares.min(axis=0)],
        "strokes and points": list(counts),
    }


def ratio(value: float) -> str:
    return f"{value:.2f} ×"


def target(value: float, most: float) -> str:
    return f"{ratio(value)}  ≤ {most:g} ×{'' if value <= most else '  MISSED'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--others", type=int, default=600, help="real drawings of other classes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    asked = parser.parse_args()
    row("what / against", "ours", "drawn", "")
    found = [measured(name, some) for name, some in drawings(asked.others).items()]
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
