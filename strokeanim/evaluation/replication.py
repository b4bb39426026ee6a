"""Replicate the original experiment: 25 pairs of each class, a map of 200 latents, and its claims.

Tests of the claims are in `claims`; the presentation is left to `report`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from strokeanim.errors import InputError
from strokeanim.evaluation.baselines import INDEPENDENT, METHODS
from strokeanim.evaluation.claims import Claim, evaluate_claims
from strokeanim.evaluation.held_out import Classes, HeldOut, fill
from strokeanim.evaluation.judge import Judge, check_judge
from strokeanim.evaluation.latent_map import check_map, embed
from strokeanim.evaluation.metrics import share_lower_bound
from strokeanim.evaluation.pairs import choose_pairs
from strokeanim.evaluation.sequences import evaluate_sequences
from strokeanim.geometry import Drawing
from strokeanim.latent.codec import Codec
from strokeanim.typing import Float32

PAIRS, STEPS, PER_CLASS = 25, 10, 50

ILLUSTRATION = 0.5
"""Share of synthetic drawings beyond which a map illustrates, without verdicts on claims."""

ALONE, MAP = "drawings", "map"


@dataclass(frozen=True)
class Pairs:
    """Counts of the pairs of one class with every in-between recognised.

    Attributes:
        right: number of such pairs.
        of: number of all pairs.
        drawings: number of drawings in all pairs.
        at_least: one-sided 95 % lower bound of the share of right pairs, if pairs were independent.
    """

    right: int
    of: int
    drawings: int
    at_least: float


@dataclass(frozen=True)
class Replication:
    """Results of the experiment.

    Attributes:
        pairs: per class.
        drawings: on the map; the synthetic ones that fill it up come last.
        positions: on the map.
        filled: number of the synthetic drawings that fill it up.
        claims: by the latents that they are tested on: those of the `map`; if it was filled up,
            before them those of the `drawings` alone, on a map of these, whose verdicts count. The
            claims of a map have no verdicts if most of it was filled up.
    """

    pairs: Mapping[str, Pairs]
    drawings: Sequence[Drawing]
    positions: Float32[np.ndarray, "n 2"]
    filled: int
    claims: Mapping[str, Sequence[Claim]]


def stages(classes: Sequence[str]) -> int:
    """Return how many times `replicate` calls `report`."""
    return len(classes) + 1


def check_replicable(codec: Codec, data: HeldOut, per_class: int = PER_CLASS) -> None:
    """Raise `InputError` if the experiment can't be repeated on `data`."""
    if len(data.classes) < 2:
        raise InputError(
            "the original experiment compares classes, and the model knows only "
            f"{len(data.classes)}"
        )
    by_class = _select_mapped(data.classes, per_class)
    try:
        check_map(codec.encode([drawing for members in by_class.values() for drawing in members]))
    except InputError as error:
        raise InputError(f"the original experiment can't be repeated: {error}") from error


def replicate(
    codec: Codec,
    judge: Judge,
    data: HeldOut,
    *,
    seed: int = 0,
    per_class: int = PER_CLASS,
    report: Callable[[str], None] = lambda _: None,
) -> Replication:
    """Repeat the whole experiment; arguments are those of `evaluate`.

    Raises:
        InputError: the judge lacks a class of the model; see also `check_replicable`.
    """
    check_judge(judge, codec.classes)
    check_replicable(codec, data, per_class)
    pairs = {}
    for label, members in data.classes.items():
        report(f"pairs of {label}")
        chosen = choose_pairs(len(members), PAIRS, seed)
        sequences = evaluate_sequences(
            codec, judge, members, chosen, method=METHODS[INDEPENDENT], steps=STEPS, seed=seed
        )
        right, count = sum(bool(each.right.all()) for each in sequences), len(sequences)
        used = len({index for pair in chosen for index in pair})
        pairs[label] = Pairs(right, count, used, share_lower_bound(right, count))
    report("the map")
    by_class = _select_mapped(data.classes, per_class)
    mapped = [drawing for members in by_class.values() for drawing in members]
    filling = fill(by_class, per_class * len(by_class))
    drawings = mapped + filling
    z = codec.encode(drawings)
    claims: dict[str, Sequence[Claim]] = {}
    # Use one thread, since positions on the map depend on the order of summation.
    with threadpool_limits(1):
        if filling:
            alone = z[: len(mapped)]
            claims[ALONE] = evaluate_claims(mapped, alone, embed(alone, seed), seed)
        positions = embed(z, seed)
        claims[MAP] = evaluate_claims(drawings, z, positions, seed)
    if len(filling) > ILLUSTRATION * len(drawings):
        claims[MAP] = [replace(claim, verdict=None) for claim in claims[MAP]]
    return Replication(pairs, drawings, positions, len(filling), claims)


def _select_mapped(classes: Classes, per_class: int) -> dict[str, Sequence[Drawing]]:
    return {label: members[:per_class] for label, members in classes.items()}
