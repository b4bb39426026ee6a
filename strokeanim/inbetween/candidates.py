"""Sample and score several candidate drawings for each frame; `viterbi` chooses among them."""

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
"""Box of the frames when they are compared: centre at the origin, longer side 1."""

CLOUD = 64
"""Points of a drawing's cloud."""


@dataclass(frozen=True)
class CandidateScores:
    """The model's scores of drawings, and points on their ink.

    Attributes:
        surprise: −log p of the intended class.
        miss: distance of the code of a drawing's own picture from its latent, as a fraction of
            the latent's length.
        clouds: points on the ink.
    """

    surprise: Float64[np.ndarray, " n"]
    miss: Float64[np.ndarray, " n"]
    clouds: Float64[np.ndarray, "n points 2"]

    def parted(self, cuts: Sequence[int]) -> list[CandidateScores]:
        """Split the scores at the indices `cuts`."""
        bounds = [0, *cuts, len(self.surprise)]
        return [
            CandidateScores(self.surprise[a:b], self.miss[a:b], self.clouds[a:b])
            for a, b in pairwise(bounds)
        ]


def score_drawings(
    codec: Codec, drawings: Sequence[Drawing], z: Latents, labels: Sequence[str]
) -> CandidateScores:
    """Score drawings in a unit box, each against its latent and its class."""
    codes, probabilities = codec.read(drawings)
    targets = [codec.classes.index(label) for label in labels]
    p = probabilities[np.arange(len(targets)), targets]
    surprise = -np.log(np.maximum(p.astype(np.float64), 1e-9))
    length = np.maximum(np.linalg.norm(z, axis=1), 1e-9)
    miss = np.linalg.norm(codes - z, axis=1).astype(np.float64) / length
    clouds = np.array([point_cloud(drawing.strokes, CLOUD) for drawing in drawings], np.float64)
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
    """Decode each frame greedily and `count` times at `temperature`, in a unit box, in one batch.

    A frame in `fixed` gets only the greedy candidate. The k-th candidates of all frames share
    their random numbers, so that they differ only by their latents.
    """
    greedy_only = set(fixed)
    counts = [1 if frame in greedy_only else 1 + count for frame in range(len(z))]
    numbers = np.concatenate([np.arange(each) for each in counts])
    frames = np.repeat(np.arange(len(z)), counts).tolist()
    temperatures = np.where(numbers > 0, temperature, 0.0).astype(np.float32)
    rngs = [np.random.default_rng([seed, k]) for k in numbers.tolist()]
    decoded = codec.decode(z[frames], temperatures, rngs)
    drawings = [fit_to_box(drawing, UNIT) for drawing in decoded]
    scores = score_drawings(codec, drawings, z[frames], [labels[frame] for frame in frames])
    ends = np.cumsum(counts).tolist()
    parts = zip([0, *ends[:-1]], ends, scores.parted(ends[:-1]), strict=True)
    return [(drawings[a:b], part) for a, b, part in parts]
