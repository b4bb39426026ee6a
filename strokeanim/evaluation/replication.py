"""The experiment that strokeanim grows from, repeated: 25 pairs of each feature, a map of 200
latents, and what was said of them.

What confirms or refutes a claim is in `claims`; how the report shows it is left to `report`.
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
from strokeanim.evaluation.metrics import at_least
from strokeanim.evaluation.pairs import choose_pairs
from strokeanim.evaluation.sequences import evaluate_sequences
from strokeanim.geometry import Drawing
from strokeanim.latent.codec import Codec
from strokeanim.typing import Float32

PAIRS, STEPS, PER_CLASS = 25, 10, 50

ILLUSTRATION = 0.5
"""Share of synthetic drawings on a map beyond which it shows, and settles nothing."""

ALONE, MAP = "drawings", "map"


@dataclass(frozen=True)
class Pairs:
    """Of one feature: pairs with every in-between recognised, of how many.

    Attributes:
        right: such pairs.
        of: all pairs.
        drawings: that these pairs are made of.
        at_least: one-sided 95 % lower bound of their share, if pairs were independent.
    """

    right: int
    of: int
    drawings: int
    at_least: float


@dataclass(frozen=True)
class Replication:
    """The experiment.

    Attributes:
        pairs: per class.
        drawings: on the map, those that fill it up last.
        places: on the map.
        filled: how many of them are synthetic ones that fill it up.
        claims: by which latents they are about: those of the `map`; where it has been filled up,
            those of the `drawings` alone before, on a map of their own, and theirs are the
            verdicts. The map has none if most of it has been filled up.
    """

    pairs: Mapping[str, Pairs]
    drawings: Sequence[Drawing]
    places: Float32[np.ndarray, "n 2"]
    filled: int
    claims: Mapping[str, Sequence[Claim]]


def stages(classes: Sequence[str]) -> int:
    """How many times `replicate` calls `report`."""
    return len(classes) + 1


def check_replicable(codec: Codec, data: HeldOut, per_class: int = PER_CLASS) -> None:
    """Raises `InputError` if there is nothing to repeat the experiment on."""
    if len(data.classes) < 2:
        raise InputError(
            f"the original experiment compares classes, and the model knows {len(data.classes)}; "
            "leave out --original"
        )
    own = _mapped(data.classes, per_class)
    try:
        check_map(codec.encode([drawing for members in own.values() for drawing in members]))
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
    """The whole experiment; arguments are those of `evaluate`.

    Raises:
        InputError: the judge does not know a class of the model; see also `check_replicable`.
    """
    check_judge(judge, codec.classes)
    check_replicable(codec, data, per_class)
    pairs = {}
    for label, members in data.classes.items():
        report(f"pairs of {label}")
        chosen = choose_pairs(len(members), PAIRS, seed)
        walks = evaluate_sequences(
            codec, judge, members, chosen, way=METHODS[INDEPENDENT], steps=STEPS, seed=seed
        )
        good = sum(bool(walk.right.all()) for walk in walks)
        used = len({place for pair in chosen for place in pair})
        pairs[label] = Pairs(good, len(walks), used, at_least(good, len(walks)))
    report("the map")
    own = _mapped(data.classes, per_class)
    mapped = [drawing for members in own.values() for drawing in members]
    filling = fill(own, per_class * len(own))
    every = mapped + filling
    z = codec.encode(every)
    claims: dict[str, Sequence[Claim]] = {}
    # One thread: the order of summation decides where points end on the map.
    with threadpool_limits(1):
        if filling:
            alone = z[: len(mapped)]
            claims[ALONE] = evaluate_claims(mapped, alone, embed(alone, seed), seed)
        places = embed(z, seed)
        claims[MAP] = evaluate_claims(every, z, places, seed)
    if len(filling) > ILLUSTRATION * len(every):
        claims[MAP] = [replace(claim, verdict=None) for claim in claims[MAP]]
    return Replication(pairs, every, places, len(filling), claims)


def _mapped(classes: Classes, per_class: int) -> dict[str, Sequence[Drawing]]:
    return {label: members[:per_class] for label, members in classes.items()}
