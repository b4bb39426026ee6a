"""Several drawings for each frame, of which one will be chosen: see `choosing`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from strokeanim.latent.codec import Codec
from strokeanim.strokes import Box, Drawing
from strokeanim.strokes.geometry import cloud, fit
from strokeanim.typing import Float64, Latents

UNIT = Box(-0.5, -0.5, 1.0, 1.0)
"""Frames are compared with their centre at the origin and their longer side at 1."""

CLOUD = 64
"""Points of a candidate's cloud."""


@dataclass(frozen=True)
class Candidates:
    """What a frame may look like, for each frame of a path.

    Attributes:
        drawings: per frame at least one; of those that are fixed only the greedy one. Unit box.
        surprise: per frame −log p of the class aimed at, one per candidate.
        miss: per frame the distance from the code of the candidate's own picture to the latent
            that it was decoded from, as a share of the latter's length.
        clouds: per frame `(candidates, CLOUD, 2)`.
    """

    drawings: Sequence[Sequence[Drawing]]
    surprise: Sequence[Float64[np.ndarray, " candidates"]]
    miss: Sequence[Float64[np.ndarray, " candidates"]]
    clouds: Sequence[Float64[np.ndarray, "candidates points 2"]]


def candidates(
    codec: Codec,
    z: Latents,
    labels: Sequence[str],
    fixed: Sequence[int],
    *,
    count: int,
    temperature: float,
    seed: int,
) -> Candidates:
    """Greedy, and `count` more at `temperature` for every frame that is not `fixed`, in one batch.

    The k-th one of every frame is drawn with the same random numbers, so that what differs between
    frames is what their latents say.
    """
    alone = set(fixed)
    places = [frame for frame in range(len(z)) for _ in range(1 if frame in alone else 1 + count)]
    which = [k for frame in range(len(z)) for k in range(1 if frame in alone else 1 + count)]
    heat = np.array([temperature * (k > 0) for k in which], np.float32)
    chance = [np.random.default_rng([seed, k]) for k in which]
    drawn = [fit(one, UNIT) for one in codec.decode(z[places], heat, chance)]
    _, sure = codec.identify(drawn)
    again = codec.encode(drawn)
    aims = np.array([codec.classes.index(labels[place]) for place in places])
    surprise = -np.log(np.maximum(sure[np.arange(len(drawn)), aims].astype(np.float64), 1e-9))
    length = np.maximum(np.linalg.norm(z[places], axis=1), 1e-9)
    miss = np.linalg.norm(again - z[places], axis=1).astype(np.float64) / length
    clouds = np.array([cloud(one.strokes, CLOUD) for one in drawn], np.float64)
    cuts = np.flatnonzero(np.diff(places)) + 1
    return Candidates(
        [drawn[a:b] for a, b in pairwise([0, *cuts.tolist(), len(drawn)])],
        np.split(surprise, cuts),
        np.split(miss, cuts),
        np.split(clouds, cuts),
    )
