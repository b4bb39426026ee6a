"""Several drawings for each frame, of which one will be chosen: see `choosing`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from strokeanim.geometry import Box, Drawing
from strokeanim.geometry.polylines import fit_to_box, point_cloud
from strokeanim.latent.codec import Codec
from strokeanim.typing import Float64, Latents

UNIT = Box(-0.5, -0.5, 1.0, 1.0)
"""Frames are compared with their centre at the origin and their longer side at 1."""

CLOUD = 64
"""Points of a drawing's cloud."""


@dataclass(frozen=True)
class CandidateScores:
    """What the model says of drawings, and where their ink is.

    Attributes:
        surprise: −log p of the class aimed at.
        miss: the distance from the code of a drawing's own picture to the latent that it stands
            for, as a share of the latter's length.
        clouds: points on the ink.
    """

    surprise: Float64[np.ndarray, " n"]
    miss: Float64[np.ndarray, " n"]
    clouds: Float64[np.ndarray, "n points 2"]

    def parted(self, cuts: Sequence[int]) -> list[CandidateScores]:
        """The sights before, between and after the cuts."""
        bounds = [0, *cuts, len(self.surprise)]
        return [
            CandidateScores(self.surprise[a:b], self.miss[a:b], self.clouds[a:b])
            for a, b in pairwise(bounds)
        ]


def score_drawings(
    codec: Codec, drawings: Sequence[Drawing], z: Latents, labels: Sequence[str]
) -> CandidateScores:
    """At drawings in a unit box, each with the latent and the class it stands for."""
    again, sure = codec.read(drawings)
    aims = [codec.classes.index(label) for label in labels]
    surprise = -np.log(np.maximum(sure[np.arange(len(aims)), aims].astype(np.float64), 1e-9))
    length = np.maximum(np.linalg.norm(z, axis=1), 1e-9)
    miss = np.linalg.norm(again - z, axis=1).astype(np.float64) / length
    clouds = np.array([point_cloud(one.strokes, CLOUD) for one in drawings], np.float64)
    return CandidateScores(surprise, miss, clouds)


def sample_candidates(
    codec: Codec,
    z: Latents,
    labels: Sequence[str],
    fixed: Sequence[int],
    *,
    count: int,
    temperature: float,
    seed: int,
) -> list[tuple[list[Drawing], CandidateScores]]:
    """Per frame, greedy and `count` more at `temperature`, in a unit box, all in one batch.

    Of a frame that is `fixed` only the greedy one. The k-th one of every frame is drawn with the
    same random numbers, so that what differs between frames is what their latents say.
    """
    alone = set(fixed)
    counts = [1 if frame in alone else 1 + count for frame in range(len(z))]
    which = np.concatenate([np.arange(each) for each in counts])
    places = np.repeat(np.arange(len(z)), counts).tolist()
    heat = np.where(which > 0, temperature, 0.0).astype(np.float32)
    chance = [np.random.default_rng([seed, k]) for k in which.tolist()]
    drawn = [fit_to_box(one, UNIT) for one in codec.decode(z[places], heat, chance)]
    seen = score_drawings(codec, drawn, z[places], [labels[place] for place in places])
    ends = np.cumsum(counts).tolist()
    each = zip([0, *ends[:-1]], ends, seen.parted(ends[:-1]), strict=True)
    return [(drawn[a:b], sight) for a, b, sight in each]
