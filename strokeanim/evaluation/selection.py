"""Score a model by reconstructions and in-betweens of held-out drawings, to choose between models.

Used for early stopping and ablations. The classifier is the *selector*, never the judge.
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
"""Largest number of pairs per class."""


def score_model(
    codec: Codec,
    selector: Judge,
    drawings: Sequence[Drawing],
    steps: int = 10,
    seed: int = 0,
    path: str = "slerp",
) -> dict[str, float]:
    """Return the scores to choose a model by, averaged over classes.

    Only drawings that the selector recognises count, since a faithful reconstruction of any other
    won't be recognised either. `between` is the share of in-betweens (`PAIRS` pairs per class) that
    are recognised, `rebuilt` that of reconstructions, `chamfer` the median distance of these to
    their drawings, of the longer side; `score` is the mean of the two shares less that distance. A
    model that draws the same for every latent does well in the first share alone. Everything is
    decoded in one batch; frames are not positioned, since the selector classifies them one by one.

    Args:
        codec: the model.
        selector: a classifier other than the judge.
        drawings: held out of training.
        steps: number of in-betweens of a pair.
        seed: of the pairs.
        path: name of the interpolation.
    """
    predicted, _ = selector.classify(drawings)
    known = [d for d, name in zip(drawings, predicted, strict=True) if d.label == name]
    shares: dict[str, list[float]] = {"between": [], "rebuilt": [], "chamfer": []}
    latents, groups = [], []
    for label, members in sorted(by_label(known).items()):
        z = codec.encode(members)
        t = interpolation_times(steps)[1:-1]
        centre = codec.centre(label) if path == "centred" else None
        ends = choose_pairs(len(members), PAIRS, seed)
        paths = [interpolate(path, z[i], z[j], t, seed, centre) for i, j in ends]
        latents += [z, *paths]
        groups.append((label, members, steps * len(ends)))
    decoded = codec.decode(np.concatenate(latents).astype(np.float32)) if latents else []
    names, _ = selector.classify(decoded)
    for label, members, count in groups:
        reconstructions, total = decoded[: len(members)], len(members) + count
        right = is_right(names[:total], [label] * total)
        shares["rebuilt"].append(float(right[: len(members)].mean()))
        if count:
            shares["between"].append(float(right[len(members) :].mean()))
        pairs = zip(members, reconstructions, strict=True)
        shares["chamfer"].append(float(np.median([drawing_distance(a, b) for a, b in pairs])))
        decoded, names = decoded[total:], names[total:]
    means = {kind: float(np.mean(values)) if values else 0.0 for kind, values in shares.items()}
    return {"score": (means["between"] + means["rebuilt"]) / 2 - means["chamfer"], **means}
