"""Print the table of docs/adr/0004: `python -m benchmarks.pen_quantile [MODEL]`.

It decodes synthetic drawings that no model is trained on (seed 99), with pens that lift at
different quantiles of the length that the decoder expects.
"""

from __future__ import annotations

import sys
from unittest.mock import patch

import numpy as np

from strokeanim.datasets.batches import prepare
from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.engine import load_model
from strokeanim.geometry.chamfer import drawing_distance
from strokeanim.geometry.polylines import arc_length
from strokeanim.typing import Points


def gap(stroke: Points) -> float:
    """Return the gap between the ends of a stroke, as a share of its length."""
    return float(np.hypot(*(stroke[0] - stroke[-1]))) / max(arc_length(stroke), 1e-6)


def main(model: str = "faces") -> None:
    codec = load_model(model)
    drawings = synthesise_many(400, 99)
    asked = [prepare(drawing, codec.steps) for drawing in drawings]
    closed = [gap(d.strokes[0]) < 0.03 and len(d.strokes[0]) > 4 for d in asked]
    z = codec.encode(drawings)
    names = ("quantile", "points", "open", "Chamfer", "recognised", "cut")
    print("".join(f"{name:>12}" for name in names))
    for quantile in (0.5, 0.35, 0.25, 0.15, 0.05):
        with patch("strokeanim.engine.sampling.QUANTILE", quantile):
            drawn = codec.decode(z)
        found = codec.identify(drawn)[0]
        row = [
            sum(d.points for d in drawn) / sum(d.points for d in asked),
            np.mean([gap(d.strokes[0]) > 0.08 for d, c in zip(drawn, closed, strict=True) if c]),
            np.median([drawing_distance(a, b) for a, b in zip(drawings, drawn, strict=True)]),
            np.mean([name == d.label for name, d in zip(found, drawings, strict=True)]),
            np.mean([d.points == codec.steps for d in drawn]),
        ]
        print(f"{quantile:12}" + "".join(f"{value:12.1%}" for value in row))


if __name__ == "__main__":
    main(*sys.argv[1:])
