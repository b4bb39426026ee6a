"""Test claims about the latent space, each by the number that confirms or refutes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.linear_model import Ridge
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix
from sklearn.model_selection import KFold, cross_val_predict

from strokeanim.evaluation.bootstrap import RESAMPLES, Estimate, Resamples, Values, weighted_means
from strokeanim.evaluation.metrics import silhouette
from strokeanim.evaluation.sharpness import SHARP, sharpness
from strokeanim.geometry import Drawing
from strokeanim.typing import Float32, Latents

PERMUTATIONS = 500

MIN_PURITY = 0.95
"""Least purity of clean clusters: at most one drawing of another class in twenty."""

MIN_ACCURACY = 0.75
"""Least balanced accuracy of separate kinds: half-way from chance to perfect."""

FOLDS = 5
MIN_NOSES = 10
"""Least number of noses of each kind for which a classifier is fitted: two a fold."""

CONFIRMED, REFUTED, OPEN = "confirmed", "refuted", "not settled"


@dataclass(frozen=True)
class Claim:
    """A claim, its verdict, and the numbers behind it.

    Attributes:
        words: the claim as a sentence.
        verdict: confirmed, refuted or not settled; None for no verdict.
        told: the finding as a sentence.
        numbers: by name.
    """

    words: str
    verdict: str | None
    told: str
    numbers: Mapping[str, object]


def evaluate_claims(
    drawings: Sequence[Drawing], z: Latents, positions: Float32[np.ndarray, "n 2"], seed: int
) -> list[Claim]:
    """Test all claims, on the latents of drawings and their positions on a map of these alone."""
    labels = [drawing.label for drawing in drawings]
    claims = [evaluate_clusters(z, positions, labels, seed)]
    if "nose" in labels:
        noses = [index for index, label in enumerate(labels) if label == "nose"]
        claims.append(evaluate_noses(z[noses], [drawings[index] for index in noses], seed))
    if {"mouth", "eye"} < set(labels):
        claims.append(evaluate_closest_classes(z, labels, seed))
    return claims


def evaluate_clusters(
    z: Latents, positions: Float32[np.ndarray, "n 2"], labels: Sequence[str], seed: int = 0
) -> Claim:
    """Test whether k-means finds clean clusters on the map, k being the number of classes.

    Clusters are clean if nearly all points lie in a cluster of which their class is the majority.
    """
    count = len(set(labels))
    in_latents, on_map = (
        KMeans(count, n_init=10, random_state=seed).fit_predict(points.astype(np.float64))
        for points in (z, positions)
    )
    pure = float(contingency_matrix(labels, on_map).max(axis=0).sum() / len(labels))
    numbers: dict[str, object] = {
        "purity_map": pure,
        "rand_map": float(adjusted_rand_score(labels, on_map)),
        "rand_latents": float(adjusted_rand_score(labels, in_latents)),
        "silhouette": float(silhouette(z, labels).mean()),
    }
    message = (
        f"k-means with k = {count}: {pure:.1%} of the map lie in the cluster of their class "
        f"(adjusted Rand index {numbers['rand_map']:.2f}; of the latents themselves "
        f"{numbers['rand_latents']:.2f}, silhouette of the classes {numbers['silhouette']:.2f})"
    )
    words = f"the latents of the {count} classes form {count} clean clusters"
    return Claim(words, CONFIRMED if pure >= MIN_PURITY else REFUTED, message, numbers)


def evaluate_noses(z: Latents, noses: Sequence[Drawing], seed: int = 0) -> Claim:
    """Test whether a linear classifier separates sharp noses from round ones, in five folds."""
    words = "sharp noses lie apart from round ones"
    sharp = np.array([sharpness(nose) >= SHARP for nose in noses])
    numbers: dict[str, object] = {"sharp": int(sharp.sum()), "round": int((~sharp).sum())}
    if min(sharp.sum(), (~sharp).sum()) < MIN_NOSES:
        message = f"{numbers['sharp']} sharp and {numbers['round']} round noses are too few to tell"
        return Claim(words, OPEN, message, numbers)
    score, p = _measure_separation(z, sharp, seed)
    numbers |= {"balanced_accuracy": float(score), "p": float(p)}
    message = (
        f"a linear classifier tells {numbers['sharp']} sharp from {numbers['round']} round noses "
        f"with a balanced accuracy of {score:.1%} (five folds; chance 50 %, p = {p:.3f} by "
        f"{PERMUTATIONS} permutations)"
    )
    return Claim(
        words, CONFIRMED if score >= MIN_ACCURACY and p < 0.05 else REFUTED, message, numbers
    )


def _measure_separation(z: Latents, sharp: npt.NDArray[np.bool_], seed: int) -> tuple[float, float]:
    """Return the balanced accuracy of a cross-validated linear classifier, and p by permutation.

    The classifier is a ridge regression on targets of opposite sign that weigh both kinds alike.
    Every permutation of the labels is another target of the same fits; the folds do not depend on
    the labels.
    """
    rng = np.random.default_rng(seed)
    labels = np.stack([sharp, *(rng.permutation(sharp) for _ in range(PERMUTATIONS))], axis=1)
    share = sharp.mean()
    targets = np.where(labels, 0.5 / share, -0.5 / (1 - share))
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    predicted = cross_val_predict(Ridge(), z.astype(np.float64), targets, cv=folds) > 0
    sharp_recall = (predicted & labels).sum(axis=0) / sharp.sum()
    round_recall = (~predicted & ~labels).sum(axis=0) / (~sharp).sum()
    scores = (sharp_recall + round_recall) / 2
    # The true labels count as one of the permutations (Phipson and Smyth 2010).
    return float(scores[0]), float((scores >= scores[0]).mean())


def evaluate_closest_classes(z: Latents, labels: Sequence[str], seed: int = 0) -> Claim:
    """Test whether mouth and eye are the classes with the least Euclidean distance of means."""
    means: dict[str, Values] = {}
    centres: dict[str, Values] = {}
    exact = z.astype(np.float64)
    names = np.array(labels)
    for index, label in enumerate(dict.fromkeys(labels)):
        members = exact[names == label]
        weights = Resamples.of(len(members), RESAMPLES, [seed, index]).counts
        means[label], centres[label] = members.mean(axis=0), weighted_means(members, weights)
    pairs = [(a, b) for a in means for b in list(means)[list(means).index(a) + 1 :]]
    resampled = [np.linalg.norm(centres[a] - centres[b], axis=1) for a, b in pairs]
    distances = [float(np.linalg.norm(means[a] - means[b])) for a, b in pairs]
    expected = next(index for index, pair in enumerate(pairs) if set(pair) == {"mouth", "eye"})
    share = float((np.argmin(resampled, axis=0) == expected).mean())
    nearest = int(np.argmin(distances))
    numbers: dict[str, object] = {
        "distances": {
            f"{a}–{b}": Estimate.of(distance, each)
            for (a, b), distance, each in zip(pairs, distances, resampled, strict=True)
        },
        "share_of_resamples": share,
    }
    message = (
        f"between the centres of mouth and eye lie {distances[expected]:.2f}; the closest pair is "
        f"{' and '.join(pairs[nearest])} with {distances[nearest]:.2f}; mouth and eye are the "
        f"closest in {share:.1%} of {RESAMPLES} resamples"
    )
    settled = CONFIRMED if share >= 0.95 else OPEN
    words = "mouths and eyes are the closest of the class pairs"
    return Claim(words, settled if nearest == expected else REFUTED, message, numbers)
