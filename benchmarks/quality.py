"""The figures of the model card: `python -m benchmarks.quality DRAWINGS [MODEL [SPLIT]]`.

On the test split of real drawings, which the model has not learned from; choices are made on valid.
Recognised means by the model's own class head, which is no judge; an independent one is a matter
for the evaluation.
"""

from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
from scipy.spatial import cKDTree

from strokeanim.animate import animate, generate
from strokeanim.data.sources import load
from strokeanim.data.splits import by_label, split
from strokeanim.engine import load_model
from strokeanim.strokes import Drawing
from strokeanim.strokes.geometry import cloud, normalise


def chamfer(a: Drawing, b: Drawing) -> float:
    """Mean of the two directed mean distances, as a share of the longer side."""
    first, second = (cKDTree(cloud(normalise(d, 1.0).strokes)) for d in (a, b))
    there, back = first.query(second.data)[0].mean(), second.query(first.data)[0].mean()
    return float(there + back) / 2


def main(source: str, model: str = "faces", part: str = "test", pairs: int = 65) -> None:
    codec = load_model(model)
    drawings = [d for d in load(source) if isinstance(d, Drawing) and d.strokes]
    tested = by_label(split(drawings)[part])
    names = ("identify", "rebuilt", "Chamfer", "cut", "between", "all ten")
    print(f"{'':8}{'n':>5}" + "".join(f"{name:>10}" for name in names))
    rows = []
    for label, own in tested.items():
        back = codec.decode(codec.encode(own))
        found, again = codec.identify(own)[0], codec.identify(back)[0]
        rng = np.random.default_rng(0)
        every = list(combinations(range(len(own)), 2))
        chosen = [every[k] for k in rng.permutation(len(every))[:pairs]]
        between = []
        for i, j in chosen:
            facts = animate(own[i], own[j], model=codec).facts[1:-1]
            between.append([fact["identified"] == label for fact in facts])
        rows.append(
            [
                np.mean([name == label for name in found]),
                np.mean([name == label for name in again]),
                np.median([chamfer(a, b) for a, b in zip(own, back, strict=True)]),
                np.mean([d.points == codec.steps for d in back]),
                np.mean(between),
                np.mean(np.all(between, axis=1)),
            ]
        )
        show(label, len(own), rows[-1])
    show("mean", sum(map(len, tested.values())), np.mean(rows, axis=0).tolist())
    print("\ngenerated, 1 000 per class, seed 1: recognised, cut")
    for label in codec.classes:
        drawn = generate(label, 1000, seed=1, model=codec)
        right = np.mean([name == label for name in codec.identify(drawn)[0]])
        show(label, 1000, [float(right), float(np.mean([d.points == codec.steps for d in drawn]))])


def show(label: str, count: int, row: list[float]) -> None:
    print(f"{label:8}{count:5}" + "".join(f"{value:10.1%}" for value in row))


if __name__ == "__main__":
    main(*sys.argv[1:])
