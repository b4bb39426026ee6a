"""Measure coherence with different paths, with pins, and with each setting changed alone.

    python -m benchmarks.coherence                          # synthetic drawings of seed 7
    python -m benchmarks.coherence drawings.ndjson.gz       # the valid split

The selector classifies the frames, never the judge, since the results are used for choices.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from strokeanim.datasets.splits import by_label, split, unique
from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.engine import load_model
from strokeanim.engine.classifier import load_classifier
from strokeanim.evaluation.baselines import morph
from strokeanim.evaluation.judge import is_right
from strokeanim.evaluation.metrics import movement
from strokeanim.evaluation.pairs import choose_pairs
from strokeanim.geometry import Drawing
from strokeanim.inbetween import Coherence
from strokeanim.inbetween import decoded as core
from strokeanim.io.sources import load
from strokeanim.latent.interpolation import PATHS
from strokeanim.pipeline import animate

PAIRS, STEPS, SYNTHETIC = 25, 10, 30
Frames = list[Drawing]


def pairs_of(
    files: Sequence[str], most: int, classes: Sequence[str]
) -> dict[str, list[tuple[Drawing, Drawing]]]:
    """Return pairs of drawings of one class, by class."""
    if files:
        every = unique(one for file in files for one in load(file) if one.strokes)
        found = by_label(split(one for one in every if one.label in classes)["valid"])
    else:
        found = by_label(synthesise_many(SYNTHETIC * len(classes), 7, classes))
    return {
        label: [
            (found[label][i], found[label][j]) for i, j in choose_pairs(len(found[label]), most)
        ]
        for label in classes
    }


def main(files: Sequence[str]) -> None:
    model, selector = load_model(), load_classifier("selector")
    pairs = [
        (label, *pair)
        for label, some in pairs_of(files, PAIRS, model.classes).items()
        for pair in some
    ]
    labels = [label for label, *_ in pairs]
    print(f"{len(pairs)} pairs of {'the valid split' if files else 'synthetic drawings'}")
    print(
        f"{'':26}{'seen as':>9}{'all 10':>9}{'worst t':>9}{'path':>7}{'max/':>7}{'jitter':>8}"
        f"{'pops':>7}{'ms':>6}\n{'':26}{'class':>9}{'':>18}{'ratio':>7}{'mean':>7}"
    )

    def told(name: str, make: Callable[[Drawing, Drawing], Frames]) -> None:
        start = time.perf_counter()
        sequences = [make(a, b) for _, a, b in pairs]
        spent = (time.perf_counter() - start) / len(pairs)
        words, _ = selector.classify([frame for frames in sequences for frame in frames[1:-1]])
        good = is_right(words, np.repeat(labels, STEPS).tolist()).reshape(-1, STEPS)
        moved = [movement(frames) for frames in sequences]
        ratio, most = (
            np.nanmedian([getattr(each, key) for each in moved])
            for key in ("path_ratio", "max_mean_step")
        )
        jitter, pops = (
            np.mean([getattr(each, key) for each in moved]) for key in ("jitter", "pops")
        )
        print(
            f"{name:26}{good.mean():>9.1%}{good.all(axis=1).mean():>9.1%}"
            f"{good.mean(axis=0).min():>9.1%}{ratio:>7.2f}{most:>7.2f}{jitter:>8.2%}{pops:>7.1%}"
            f"{1000 * spent:>6.0f}",
            flush=True,
        )

    def made(**options: object) -> Callable[[Drawing, Drawing], Frames]:
        def make(a: Drawing, b: Drawing) -> Frames:
            frames = animate(a, b, steps=STEPS, model=model, **options).frames  # type: ignore[arg-type]
            return [Drawing(frame.strokes) for frame in frames]

        return make

    told("coherent", made())
    told("independent", made(coherent=False))
    told("straight morph, no model", lambda a, b: list(morph(a, b, STEPS, 0, model)))
    told("coherent, pinned", made(pin=True))
    for path in [path for path in PATHS if path != "slerp"]:
        told(f"coherent, {path}", made(path=path))
    told("greedy candidates only", made(coherence=Coherence(candidates=0)))
    told("seven more candidates", made(coherence=Coherence(candidates=7)))
    told("temperature 0.4", made(coherence=Coherence(temperature=0.4)))
    for name in ("surprise", "miss", "step", "bend"):
        told(f"weight {name} = 0", made(coherence=Coherence(**{name: 0.0})))
    every = core.STIFFNESS, core.OFF_INK
    for stiffness in every[0]:
        core.STIFFNESS = (stiffness,)
        told(f"stiffness {stiffness:g} only", made())
    core.STIFFNESS, core.OFF_INK = every[0], (0.0,)
    told("matched by ends alone", made())
    core.STIFFNESS, core.OFF_INK = every


if __name__ == "__main__":
    main(sys.argv[1:])
