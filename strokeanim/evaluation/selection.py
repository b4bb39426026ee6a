"""Choosing between models: reconstructions and in-betweens of held-out drawings.

For early stopping and ablations. The classifier is the *selector*, never the judge.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strokeanim.datasets.splits import by_label
from strokeanim.evaluation.judge import Judge, is_right
from strokeanim.evaluation.pairs import choose_pairs
from strokeanim.geometry import Drawing
from strokeanim.geometry.chamfer import drawing_distance
from strokeanim.latent.codec import Codec
from strokeanim.latent.interpolation import interpolate, interpolation_times

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

    Only drawings that the selector recognises count, for a faithful copy of any other won't be
    recognised either. `between` is the share of in-betweens (`PAIRS` pairs per class) that are
    recognised, `rebuilt` that of reconstructions, `chamfer` the median distance of these to their
    drawings, of the longer side; `score` is the mean of the two shares less that distance. So a
    model that draws the same for everything is good at the first alone. Everything is decoded in
    one batch: frames are not laid out, since a classifier looks at one at a time.
    """
    found, _ = selector.classify(drawings)
    known = [d for d, name in zip(drawings, found, strict=True) if d.label == name]
    shares: dict[str, list[float]] = {"between": [], "rebuilt": [], "chamfer": []}
    latents, groups = [], []
    for label, own in sorted(by_label(known).items()):
        z = codec.encode(own)
        t = interpolation_times(steps)[1:-1]
        centre = codec.centre(label) if path == "centred" else None
        ends = choose_pairs(len(own), PAIRS, seed)
        paths = [interpolate(path, z[i], z[j], t, seed, centre) for i, j in ends]
        latents += [z, *paths]
        groups.append((label, own, steps * len(ends)))
    decoded = codec.decode(np.concatenate(latents).astype(np.float32)) if latents else []
    words, _ = selector.classify(decoded)
    for label, own, count in groups:
        copies, whole = decoded[: len(own)], len(own) + count
        good = is_right(words[:whole], [label] * whole)
        shares["rebuilt"].append(float(good[: len(own)].mean()))
        if count:
            shares["between"].append(float(good[len(own) :].mean()))
        pairs = zip(own, copies, strict=True)
        shares["chamfer"].append(float(np.median([drawing_distance(a, b) for a, b in pairs])))
        decoded, words = decoded[whole:], words[whole:]
    told = {kind: float(np.mean(values)) if values else 0.0 for kind, values in shares.items()}
    return {"score": (told["between"] + told["rebuilt"]) / 2 - told["chamfer"], **told}
