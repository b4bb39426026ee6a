"""The figures of an evaluation as pure functions, each by its definition in the field.

Arrays and drawings in, numbers out; models, files and tables are left to `evaluation` and `report`.
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
"""Variance from which a latent dimension is in use (Burda et al. 2016, section 5.2)."""

CLOUD = 256
"""Points of a drawing's cloud."""

FAR, SPECK = 0.08, 0.02
"""How far ink is from other ink if it is by itself, as a share of the diagonal of the box around
all frames; and how much of it is no mere speck, as a share of all ink."""

BLOCK = 512
"""Rows of a table of distances that are held at a time."""


@dataclass(frozen=True)
class Movement:
    """How frames follow each other, both ends included.

    Attributes:
        path_ratio: Chamfer distances of neighbours summed ÷ that between the ends; 1 is the
            shortest way, NaN if the ends are equal.
        max_mean_step: the largest of those distances ÷ their mean; 1 is even, NaN if nothing moves.
        jitter: see `jitter`, as a share of the diagonal of the box around all frames.
        flips: share of the steps at which the number of strokes changes; NaN of what has none.
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
    """Of at least two frames, where they lie: nothing is normalised in between."""
    clouds = [
        frame.cloud(CLOUD) if isinstance(frame, Fade) else point_cloud(frame.strokes, CLOUD)
        for frame in frames
    ]
    steps = np.array([chamfer(a, b) for a, b in pairwise(clouds)])
    diagonal = Box.around(clouds).diagonal or 1.0
    counts = [len(frame.strokes) for frame in frames if isinstance(frame, Drawing)]
    reach = chamfer(clouds[0], clouds[-1])
    return Movement(
        path_ratio=_ratio(float(steps.sum()), reach),
        max_mean_step=_ratio(float(steps.max()), float(steps.mean())),
        jitter=jitter(clouds) / diagonal,
        flips=float(np.mean([a != b for a, b in pairwise(counts)])) if counts else float("nan"),
        pops=float(np.mean([has_pop(a, b, FAR * diagonal) for a, b in pairwise(clouds)])),
        reach=reach / diagonal,
    )


def has_pop(before: Points, after: Points, far: float) -> bool:
    """Whether ink appears, or vanishes, away from all ink that was there, or that is left.

    That is so if more than `SPECK` of the points of one cloud are farther than `far` from every
    point of the other. Ink that moves no farther in a step, or grows out of other ink, does not.
    """
    there, back = cKDTree(before).query(after)[0], cKDTree(after).query(before)[0]
    return bool(max((gaps > far).mean() for gaps in (there, back)) > SPECK)


def jitter(clouds: Sequence[Points]) -> float:
    """Mean |p₋ − 2 p + p₊| over the points of all clouds but the first and the last.

    p₋ and p₊ are the points that p is assigned to in the cloud before and in the one after, by the
    assignment of least squared distance. A shift or a scaling then matches every point to itself,
    and one that goes on evenly has no jitter. 0 for fewer than three clouds.
    """
    if len(clouds) < 3:
        return 0.0
    exact = [each.astype(np.float64) for each in clouds]
    onward = [linear_sum_assignment(cdist(a, b, "sqeuclidean"))[1] for a, b in pairwise(exact)]
    bends = []
    for place in range(1, len(exact) - 1):
        before = exact[place - 1][np.argsort(onward[place - 1])]
        after = exact[place + 1][onward[place]]
        bends.append(np.linalg.norm(before - 2 * exact[place] + after, axis=1).mean())
    return float(np.mean(bends))


def purity(
    z: Latents, labels: Sequence[str], others: Latents, other_labels: Sequence[str], k: int = 5
) -> Values:
    """For each of `z` the share of its `k` nearest neighbours that are of its class.

    Neighbours are the rows of `z` less itself and all of `others`, by Euclidean distance; fewer
    than `k` where there are no more.
    """
    every = np.concatenate([z, others])
    names = np.array([*labels, *other_labels])
    pure = np.empty(len(z))
    for rows, distances in _distances(z, every):
        distances[np.arange(len(rows)), rows] = np.inf
        nearest = np.argsort(distances, axis=1, kind="stable")[:, : min(k, len(every) - 1)]
        pure[rows] = (names[nearest] == names[rows, None]).mean(axis=1)
    return pure


def silhouette(z: Latents, labels: Sequence[str]) -> Values:
    """The silhouette of each latent (Rousseeuw 1987); NaN where there is only one class."""
    if not 1 < len(set(labels)) < len(labels):
        return np.full(len(z), np.nan)
    return np.asarray(silhouette_samples(z.astype(np.float64), np.array(labels)))


def active_units(z: Latents, threshold: float = ACTIVE) -> int:
    """How many dimensions of the posterior mean vary over the drawings by more than `threshold`."""
    return int((z.astype(np.float64).var(axis=0) > threshold).sum())


def ranks(queries: Latents, gallery: Latents, own: Sequence[int]) -> npt.NDArray[np.int64]:
    """1 where `gallery[own]` is the nearest to a query, 2 where one other is as near, and so on.

    Of codes at equal distance the own comes last: an encoder that gives all drawings one code finds
    none of them again.
    """
    places = np.asarray(own, dtype=np.intp)
    found = np.empty(len(queries), np.int64)
    for rows, distances in _distances(queries, gallery):
        mine = distances[np.arange(len(rows)), places[rows]]
        found[rows] = (distances <= mine[:, None]).sum(axis=1)  # the own code is one of them
    return found


def at_least(successes: int, trials: int, confidence: float = 0.95) -> float:
    """The one-sided lower bound of a share (Clopper and Pearson 1934), exact if trials are
    independent.

    >>> round(at_least(25, 25), 3)
    0.887
    """
    if not 0 <= successes <= trials or trials < 1:
        raise InputError(f"{successes} of {trials} is no share")
    if successes == 0:
        return 0.0
    return float(beta.ppf(1 - confidence, successes, trials - successes + 1))


def _distances(queries: Latents, gallery: Latents) -> Iterator[tuple[npt.NDArray[np.intp], Values]]:
    """Some rows of `queries` at a time, and their distances to all of `gallery`."""
    exact = gallery.astype(np.float64)
    for start in range(0, len(queries), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(queries)))
        yield rows, cdist(queries[rows].astype(np.float64), exact)


def _ratio(a: float, b: float) -> float:
    return a / b if b > 0 else float("nan")
