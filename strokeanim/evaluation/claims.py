"""What was said of the latent space, each claim with the number that confirms or refutes it."""

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

PURE = 0.95
"""Share of a cluster that makes it clean: one stranger in twenty."""

APART = 0.75
"""Balanced accuracy that counts as apart: half-way from chance to perfect."""

FOLDS = 5
FEW = 10
"""Noses of a kind, from which on a classifier is asked: two a fold."""

CONFIRMED, REFUTED, OPEN = "confirmed", "refuted", "not settled"


@dataclass(frozen=True)
class Claim:
    """What was said, what is found, and the numbers behind it; None is no verdict."""

    words: str
    verdict: str | None
    told: str
    numbers: Mapping[str, object]


def evaluate_claims(
    drawings: Sequence[Drawing], z: Latents, places: Float32[np.ndarray, "n 2"], seed: int
) -> list[Claim]:
    """All that were made, of the latents of drawings and their places on a map of their own."""
    labels = [drawing.label for drawing in drawings]
    claims = [clusters(z, places, labels, seed)]
    if "nose" in labels:
        noses = [place for place, label in enumerate(labels) if label == "nose"]
        claims.append(noses_apart(z[noses], [drawings[place] for place in noses], seed))
    if {"mouth", "eye"} < set(labels):
        claims.append(closest(z, labels, seed))
    return claims


def clusters(
    z: Latents, places: Float32[np.ndarray, "n 2"], labels: Sequence[str], seed: int = 0
) -> Claim:
    """Clean clusters: as many k-means clusters of the map as classes, each nearly of one class."""
    count = len(set(labels))
    in_latents, on_map = (
        KMeans(count, n_init=10, random_state=seed).fit_predict(points.astype(np.float64))
        for points in (z, places)
    )
    pure = float(contingency_matrix(labels, on_map).max(axis=0).sum() / len(labels))
    numbers: dict[str, object] = {
        "purity_map": pure,
        "rand_map": float(adjusted_rand_score(labels, on_map)),
        "rand_latents": float(adjusted_rand_score(labels, in_latents)),
        "silhouette": float(silhouette(z, labels).mean()),
    }
    told = (
        f"k-means with k = {count}: {pure:.1%} of the map lie in the cluster of their class "
        f"(adjusted Rand index {numbers['rand_map']:.2f}; of the latents themselves "
        f"{numbers['rand_latents']:.2f}, silhouette of the classes {numbers['silhouette']:.2f})"
    )
    words = f"the latents of the {count} classes form {count} clean clusters"
    return Claim(words, CONFIRMED if pure >= PURE else REFUTED, told, numbers)


def noses_apart(z: Latents, noses: Sequence[Drawing], seed: int = 0) -> Claim:
    """Sharp noses apart from round ones: a linear classifier tells them, five-fold."""
    words = "sharp noses lie apart from round ones"
    sharp = np.array([sharpness(nose) >= SHARP for nose in noses])
    numbers: dict[str, object] = {"sharp": int(sharp.sum()), "round": int((~sharp).sum())}
    if min(sharp.sum(), (~sharp).sum()) < FEW:
        told = f"{numbers['sharp']} sharp and {numbers['round']} round noses are too few to tell"
        return Claim(words, OPEN, told, numbers)
    score, p = _separation(z, sharp, seed)
    numbers |= {"balanced_accuracy": float(score), "p": float(p)}
    told = (
        f"a linear classifier tells {numbers['sharp']} sharp from {numbers['round']} round noses "
        f"with a balanced accuracy of {score:.1%} (five folds; chance 50 %, p = {p:.3f} by "
        f"{PERMUTATIONS} permutations)"
    )
    return Claim(words, CONFIRMED if score >= APART and p < 0.05 else REFUTED, told, numbers)


def _separation(z: Latents, sharp: npt.NDArray[np.bool_], seed: int) -> tuple[float, float]:
    """Balanced accuracy of a cross-validated linear classifier, and p by permutation.

    Ridge regression on targets of opposite sign that weigh both kinds alike. Every permutation of
    the labels is one more target of the same fits; the folds do not depend on the labels.
    """
    rng = np.random.default_rng(seed)
    labels = np.stack([sharp, *(rng.permutation(sharp) for _ in range(PERMUTATIONS))], axis=1)
    share = sharp.mean()
    targets = np.where(labels, 0.5 / share, -0.5 / (1 - share))
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    told = cross_val_predict(Ridge(), z.astype(np.float64), targets, cv=folds) > 0
    of_sharp = (told & labels).sum(axis=0) / sharp.sum()
    of_round = (~told & ~labels).sum(axis=0) / (~sharp).sum()
    scores = (of_sharp + of_round) / 2
    # The labels as they are count as one of the permutations (Phipson and Smyth 2010).
    return float(scores[0]), float((scores >= scores[0]).mean())


def closest(z: Latents, labels: Sequence[str], seed: int = 0) -> Claim:
    """Mouths and eyes the closest classes: the Euclidean distance of their means is the least."""
    means: dict[str, Values] = {}
    centres: dict[str, Values] = {}
    exact = z.astype(np.float64)
    names = np.array(labels)
    for place, label in enumerate(dict.fromkeys(labels)):
        own = exact[names == label]
        weights = Resamples.of(len(own), RESAMPLES, [seed, place]).times
        means[label], centres[label] = own.mean(axis=0), weighted_means(own, weights)
    pairs = [(a, b) for a in means for b in list(means)[list(means).index(a) + 1 :]]
    resampled = [np.linalg.norm(centres[a] - centres[b], axis=1) for a, b in pairs]
    distances = [float(np.linalg.norm(means[a] - means[b])) for a, b in pairs]
    wanted = next(place for place, pair in enumerate(pairs) if set(pair) == {"mouth", "eye"})
    share = float((np.argmin(resampled, axis=0) == wanted).mean())
    nearest = int(np.argmin(distances))
    numbers: dict[str, object] = {
        "distances": {
            f"{a}–{b}": Estimate.of(distance, each)
            for (a, b), distance, each in zip(pairs, distances, resampled, strict=True)
        },
        "share_of_resamples": share,
    }
    told = (
        f"between the centres of mouth and eye lie {distances[wanted]:.2f}; the closest pair is "
        f"{' and '.join(pairs[nearest])} with {distances[nearest]:.2f}; mouth and eye are the "
        f"closest in {share:.1%} of {RESAMPLES} resamples"
    )
    settled = CONFIRMED if share >= 0.95 else OPEN
    words = "mouths and eyes are the closest of the class pairs"
    return Claim(words, settled if nearest == wanted else REFUTED, told, numbers)
