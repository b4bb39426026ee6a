"""The experiment that strokeanim grows from, repeated: 25 pairs of each feature, a map of 200
latents, and what was said of them, each claim with the number that confirms or refutes it.

How the report shows it is left to `report`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d
from sklearn.cluster import KMeans
from sklearn.linear_model import Ridge
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix
from sklearn.model_selection import KFold, cross_val_predict
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from strokeanim.analysis.bootstrap import Estimate, Resamples, Values, weighted_means
from strokeanim.analysis.held_out import HeldOut, fill
from strokeanim.analysis.judging import Judge, check_judge
from strokeanim.analysis.latent_map import embed
from strokeanim.analysis.metrics import at_least, choose_pairs, silhouette
from strokeanim.analysis.walks import walks_between
from strokeanim.latent.codec import Codec
from strokeanim.strokes import Drawing
from strokeanim.strokes.geometry import arc_length, resample
from strokeanim.typing import Float32, Latents

PAIRS, STEPS, PER_CLASS = 25, 10, 50
RESAMPLES, PERMUTATIONS = 2000, 500

PURE = 0.95
"""Share of a cluster that makes it clean: one stranger in twenty."""

APART = 0.75
"""Balanced accuracy that counts as apart: half-way from chance to perfect."""

FOLDS = 5
FEW = 10
"""Noses of a kind, from which on a classifier is asked: two a fold."""

CONFIRMED, REFUTED, OPEN = "confirmed", "refuted", "not settled"


@dataclass(frozen=True)
class Pairs:
    """Of one feature: pairs with every in-between recognised, of how many.

    Attributes:
        right: such pairs.
        of: all pairs.
        at_least: exact one-sided 95 % lower bound of their share.
    """

    right: int
    of: int
    at_least: float


@dataclass(frozen=True)
class Claim:
    """What was said, what is found, and the numbers behind it."""

    words: str
    verdict: str
    told: str
    numbers: Mapping[str, object]


@dataclass(frozen=True)
class Original:
    """The experiment.

    Attributes:
        pairs: per class.
        drawings: on the map, those that fill it up last.
        places: on the map.
        filled: how many of them are synthetic ones that fill it up.
        claims: by which latents they are about: those of the `map`; where it has been filled up,
            those of the `drawings` alone as well, on a map of their own.
    """

    pairs: Mapping[str, Pairs]
    drawings: Sequence[Drawing]
    places: Float32[np.ndarray, "n 2"]
    filled: int
    claims: Mapping[str, Sequence[Claim]]


def stages(classes: Sequence[str]) -> int:
    """How many times `repeat` calls `report`."""
    return len(classes) + 1


def repeat(
    codec: Codec,
    judge: Judge,
    data: HeldOut,
    *,
    seed: int = 0,
    per_class: int = PER_CLASS,
    report: Callable[[str], None] = lambda _: None,
) -> Original:
    """The whole experiment; arguments are those of `evaluate`.

    Raises:
        InputError: the judge does not know a class of the model.
    """
    check_judge(judge, codec.classes)
    pairs = {}
    for label, members in data.classes.items():
        report(f"pairs of {label}")
        chosen = choose_pairs(len(members), PAIRS, seed)
        walks = walks_between(codec, judge, members, chosen, steps=STEPS, seed=seed)
        good = sum(bool(walk.right.all()) for walk in walks)
        pairs[label] = Pairs(good, len(walks), at_least(good, len(walks)))
    report("the map")
    own = {label: members[:per_class] for label, members in data.classes.items()}
    mapped = [drawing for members in own.values() for drawing in members]
    filling = fill(own, per_class * len(own))
    z = codec.encode(mapped + filling)
    # One thread: the order of summation decides where points end on the map.
    with threadpool_limits(1):
        places = embed(z, seed)
        claims = {"map": _claims(mapped + filling, z, places, seed)}
        if filling:
            alone = len(mapped)
            claims["drawings"] = _claims(mapped, z[:alone], embed(z[:alone], seed), seed)
    return Original(pairs, mapped + filling, places, len(filling), claims)


def _claims(
    drawings: Sequence[Drawing], z: Latents, places: Float32[np.ndarray, "n 2"], seed: int
) -> list[Claim]:
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


REACH = 0.15
"""How far to both sides of a point its turn is looked at, as a share of the longer side."""

SHARP = 80.0
"""Degrees that a sharp nose turns at its tip."""

_POINTS = 257


def sharpness(nose: Drawing) -> float:
    """How far the outline of a nose turns at its tip, degrees.

    The outline is its longest stroke, resampled to 257 points and smoothed (Gaussian, σ 2 points).
    The tip is where it is farthest from the line through its ends, or from its start if it closes.
    The turn at a point is between the chords to the points 0.15 of the longer side before and
    after; the answer is the largest at the tip or that far from it.
    """
    outline = max(nose.strokes, key=arc_length)
    length, size = arc_length(outline), nose.box.longer
    if length <= 0:
        return 0.0
    points = gaussian_filter1d(
        resample(outline, _POINTS).astype(np.float64), 2, axis=0, mode="nearest"
    )
    reach = max(1, round(REACH * size / length * (_POINTS - 1)))
    away, chord = points - points[0], points[-1] - points[0]
    across = float(np.hypot(*chord))
    if across > 0.1 * size:
        distance = np.abs(away @ [chord[1], -chord[0]]) / across
    else:
        distance = np.hypot(*away.T)
    tip = int(distance.argmax())
    near = np.arange(max(reach, tip - reach), min(_POINTS - 1 - reach, tip + reach) + 1)
    if not len(near):
        return 0.0
    (ax, ay), (bx, by) = (
        (points[near] - points[near - reach]).T,
        (points[near + reach] - points[near]).T,
    )
    return float(np.degrees(np.abs(np.arctan2(ax * by - ay * bx, ax * bx + ay * by))).max())


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
