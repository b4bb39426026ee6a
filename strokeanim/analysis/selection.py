"""Choosing between models: in-betweens of held-out drawings, seen by a classifier.

For early stopping and ablations. The classifier is the *selector*, never the judge.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strokeanim.analysis.judging import Judge, right
from strokeanim.analysis.pairs import choose_pairs
from strokeanim.data.splits import by_label
from strokeanim.latent.codec import Codec
from strokeanim.latent.paths import along, times
from strokeanim.strokes import Drawing

PAIRS = 30
"""Pairs per class at most."""


def selection(
    codec: Codec,
    selector: Judge,
    drawings: Sequence[Drawing],
    steps: int = 10,
    seed: int = 0,
    path: str = "slerp",
) -> dict[str, float]:
    """What a model is chosen by, class-averaged, from drawings that it has not learned from.

    `between` is the share of in-betweens (`PAIRS` pairs per class) that are recognised,
    `rebuilt` that of reconstructions, `score` the mean of the two: a model that draws the same for
    everything would be good at the first alone. Everything is decoded in one batch: frames are not
    laid out, since a classifier looks at one at a time.
    """
    latents, groups = [], []
    for label, own in sorted(by_label(drawings).items()):
        z = codec.encode(own)
        t = times(steps)[1:-1]
        centre = codec.centre(label) if path == "centred" else None
        ends = choose_pairs(len(own), PAIRS, seed)
        paths = [along(path, z[i], z[j], t, seed, centre) for i, j in ends]
        for kind, some in (("rebuilt", z), ("between", np.concatenate(paths) if paths else z[:0])):
            latents.append(some)
            groups.append((kind, label, len(some)))
    found, _ = selector.classify(codec.decode(np.concatenate(latents).astype(np.float32)))
    shares: dict[str, list[float]] = {"rebuilt": [], "between": []}
    for kind, label, count in groups:
        if count:
            shares[kind].append(float(right(found[:count], [label] * count).mean()))
        found = found[count:]
    told = {kind: float(np.mean(values)) for kind, values in shares.items() if values}
    return {"score": float(np.mean(list(told.values()))), **told}
