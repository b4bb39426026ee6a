"""Compute the figures of an evaluation by pure functions, each by its definition in the field.

They map arrays and drawings to numbers; models are left to `evaluation_run`, tables to `report`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from scipy.stats import beta
from sklearn.metrics import silhouette_samples

from strokeanim.errors import InputError
from strokeanim.evaluation.baselines import Fade
from strokeanim.evaluation.bootstrap import Values
from strokeanim.geometry import Box, Drawing
from strokeanim.geometry.chamfer import chamfer
from strokeanim.geometry.polylines import point_cloud
from strokeanim.typing import Latents, Points

ACTIVE = 0.01
"""Variance above which a latent dimension is active (Burda et al. 2016, section 5.2)."""

CLOUD = 256
"""Number of points of a drawing's point cloud."""

FAR, SPECK = 0.08, 0.02
"""Distance from other ink beyond which ink is isolated, as a share of the diagonal of the box
around all frames; and the share of all ink up to which isolated ink is negligible."""

BLOCK = 512
"""Number of rows of a distance matrix that are computed at a time."""


@dataclass(frozen=True)
class Movement:
    """Measures of the movement through frames, both ends included.

    Attributes:
        path_ratio: Chamfer distances of neighbours summed ÷ that between the ends; 1 is the
            shortest path, NaN if the ends are equal.
        max_mean_step: the largest of those distances ÷ their mean; 1 is even, NaN if nothing moves.
        jitter: see `jitter`, as a share of the diagonal of the box around all frames.
        flips: share of the steps at which the number of strokes changes; NaN for a cross-fade.
        pops: share of the steps at which ink appears or vanishes, see `has_pop`.
        reach: Chamfer distance between the ends, as a share of the same diagonal.
    """

    path_ratio: float
    max_mean_step: float
    jitter: float
    flips: float
    pops: float
    reach: float


def movement(frames: Sequence[Drawing] | Sequence[Fade]) -> Movement:
    """Measure at least two frames at their positions, without normalising them."""
    clouds = [
        frame.cloud(CLOUD) if isinstance(frame, Fade) else point_cloud(frame.strokes, CLOUD)
        for frame in frames
    ]
    steps = np.array([chamfer(a, b) for a, b in pairwise(clouds)])
    diagonal = Box.around(clouds).diagonal or 1.0
    counts = [len(frame.strokes) for frame in frames if isinstance(frame, Drawing)]
    reach = chamfer(clouds[0], clouds[-1])
    return Movement(
        path_ratio=_divide(float(steps.sum()), reach),
        max_mean_step=_divide(float(steps.max()), float(steps.mean())),
        jitter=jitter(clouds) / diagonal,
        flips=float(np.mean([a != b for a, b in pairwise(counts)])) if counts else float("nan"),
        pops=float(np.mean([has_pop(a, b, FAR * diagonal) for a, b in pairwise(clouds)])),
        reach=reach / diagonal,
    )


def has_pop(before: Points, after: Points, far: float) -> bool:
    """Return whether ink appears or vanishes at a distance from all ink of the other frame.

    That is, whether more than `SPECK` of the points of one cloud are farther than `far` from every
    point of the other. Ink that moves no farther in a step, or grows out of other ink, is no pop.
    """
    forward, backward = cKDTree(before).query(after)[0], cKDTree(after).query(before)[0]
    return bool(max((gaps > far).mean() for gaps in (forward, backward)) > SPECK)


def jitter(clouds: Sequence[Points]) -> float:
    """Return the mean |p₋ − 2 p + p₊| over the points of all clouds but the first and the last.

    p₋ and p₊ are the points that p is assigned to in the previous and the next cloud, by the
    assignment of least squared distance. It matches every point to itself under a shift or a
    scaling, so that an even one has no jitter. Returns 0 for fewer than three clouds.
    """
    if len(clouds) < 3:
        return 0.0
    exact = [each.astype(np.float64) for each in clouds]
    assigned = [linear_sum_assignment(cdist(a, b, "sqeuclidean"))[1] for a, b in pairwise(exact)]
    bends = []
    for index in range(1, len(exact) - 1):
        before = exact[index - 1][np.argsort(assigned[index - 1])]
        after = exact[index + 1][assigned[index]]
        bends.append(np.linalg.norm(before - 2 * exact[index] + after, axis=1).mean())
    return float(np.mean(bends))


def purity(
    z: Latents, labels: Sequence[str], others: Latents, other_labels: Sequence[str], k: int = 5
) -> Values:
    """Return for each of `z` the share of its `k` nearest neighbours that are of its class.

    Neighbours are the other rows of `z` and all of `others`, by Euclidean distance; all of them if
    they are fewer than `k`.
    """
    candidates = np.concatenate([z, others])
    names = np.array([*labels, *other_labels])
    purities = np.empty(len(z))
    for rows, distances in _iterate_distances(z, candidates):
        distances[np.arange(len(rows)), rows] = np.inf
        nearest = np.argsort(distances, axis=1, kind="stable")[:, : min(k, len(candidates) - 1)]
        purities[rows] = (names[nearest] == names[rows, None]).mean(axis=1)
    return purities


def silhouette(z: Latents, labels: Sequence[str]) -> Values:
    """Return the silhouette of each latent (Rousseeuw 1987); NaN with only one class."""
    if not 1 < len(set(labels)) < len(labels):
        return np.full(len(z), np.nan)
    return np.asarray(silhouette_samples(z.astype(np.float64), np.array(labels)))


def active_units(z: Latents, threshold: float = ACTIVE) -> int:
    """Count the dimensions of the posterior mean with a variance above `threshold`."""
    return int((z.astype(np.float64).var(axis=0) > threshold).sum())


def ranks(queries: Latents, gallery: Latents, own: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return the rank of `gallery[own]` by distance to each query, 1 being the nearest.

    It ranks last among latents at equal distance: an encoder that gives all drawings the same
    latent retrieves none of them.
    """
    indices = np.asarray(own, dtype=np.intp)
    rank = np.empty(len(queries), np.int64)
    for rows, distances in _iterate_distances(queries, gallery):
        limits = distances[np.arange(len(rows)), indices[rows]]
        rank[rows] = (distances <= limits[:, None]).sum(axis=1)  # counts `gallery[own]` itself
    return rank


def share_lower_bound(successes: int, trials: int, confidence: float = 0.95) -> float:
    """Return the one-sided lower bound of a share (Clopper and Pearson 1934).

    The bound is exact if trials are independent.

    >>> round(share_lower_bound(25, 25), 3)
    0.887
    """
    if not 0 <= successes <= trials or trials < 1:
        raise InputError(f"{successes} of {trials} is no share")
    if successes == 0:
        return 0.0
    return float(beta.ppf(1 - confidence, successes, trials - successes + 1))


def _iterate_distances(
    queries: Latents, gallery: Latents
) -> Iterator[tuple[npt.NDArray[np.intp], Values]]:
    """Yield indices of up to `BLOCK` queries, with their distances to all of `gallery`."""
    exact = gallery.astype(np.float64)
    for start in range(0, len(queries), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(queries)))
        yield rows, cdist(queries[rows].astype(np.float64), exact)


def _divide(a: float, b: float) -> float:
    return a / b if b > 0 else float("nan")
