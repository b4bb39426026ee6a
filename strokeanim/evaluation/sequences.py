"""In-betweens: the frames between pairs of drawings, judged and measured.

What makes the frames is in `ways`; here they are only looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from strokeanim.evaluation.baselines import Fade, Frames, Way
from strokeanim.evaluation.bootstrap import Estimate, Figure, Resampled, Resamples, Values, averaged
from strokeanim.evaluation.judge import Judge, is_right
from strokeanim.evaluation.metrics import Movement, movement
from strokeanim.geometry import Drawing
from strokeanim.latent.codec import Codec

MOVEMENT = ("path_ratio", "max_mean_step", "jitter", "flips", "pops", "reach")

MEDIANS = ("path_ratio", "max_mean_step")
"""Of these the median pair is told as well."""

OF_RIGHT: Mapping[str, Callable[[Values], Any]] = {"rec": np.mean, "all_right": np.all}

PAIRED = ("rec", "all_right", *MOVEMENT)
"""What two ways are compared by, pair by pair."""

Pair = tuple[int, int]


@dataclass(frozen=True)
class FrameSequence:
    """A pair of drawings, the frames between them, and what the judge says of the in-betweens.

    Attributes:
        pair: the places of its two drawings among those of their class.
        start: the drawing it starts from.
        end: the drawing it goes to.
        frames: `steps + 2`, both ends among them.
        found: the judge's word for each in-between.
        sure: the judge's probability of the right class for each in-between.
        known: whether the judge recognises both drawings.
    """

    pair: Pair
    start: Drawing
    end: Drawing
    frames: Frames
    found: tuple[str, ...]
    sure: tuple[float, ...]
    known: bool

    @property
    def right(self) -> Values:
        """1 for each in-between that is recognised, else 0."""
        return is_right(self.found, [self.start.label] * len(self.found))

    @cached_property
    def movement(self) -> Movement:
        return movement(self.frames)


@dataclass(frozen=True)
class SequenceFigures:
    """The figures of one way over some of the pairs.

    Attributes:
        pairs: how many, per class.
        disjoint: how many of them share no drawing, per class: each taken in turn that shares none
            with those taken before. As independent as pairs get.
        figures: by name.
        curve: the share recognised at each t, per class and as `"mean"`.
    """

    pairs: Mapping[str, int]
    disjoint: Mapping[str, int]
    figures: Mapping[str, Figure]
    curve: Mapping[str, tuple[Estimate, ...]]


def evaluate_sequences(
    codec: Codec,
    judge: Judge,
    drawings: Sequence[Drawing],
    pairs: Sequence[Pair],
    *,
    way: Way,
    steps: int,
    seed: int,
) -> list[FrameSequence]:
    """The frames between pairs of drawings of one class, made in that way, judged at once."""
    label = drawings[0].label
    known = is_right(judge.classify(drawings)[0], [label] * len(drawings)) == 1
    frames = [way(drawings[i], drawings[j], steps, seed, codec) for i, j in pairs]
    inner = [frame for each in frames for frame in each[1:-1]]
    seen = [frame.picture if isinstance(frame, Fade) else frame for frame in inner]
    found, probabilities = judge.classify(seen)
    sure = probabilities[:, judge.classes.index(label)].tolist()
    return [
        FrameSequence(
            pair=(i, j),
            start=drawings[i],
            end=drawings[j],
            frames=each,
            found=tuple(found[place : place + steps]),
            sure=tuple(sure[place : place + steps]),
            known=bool(known[i] and known[j]),
        )
        for place, (i, j), each in zip(range(0, len(found), steps), pairs, frames, strict=True)
    ]


def summarise(
    walks: Mapping[str, Sequence[FrameSequence]], resamples: Mapping[str, Resamples], steps: int
) -> SequenceFigures:
    """The figures of the walks of each class, `steps` in-betweens each; a class may have none."""
    shares: dict[str, Resampled] = {}
    rows: dict[str, dict[str, Resampled]] = {}
    for label, some in walks.items():
        weights = resamples[label].of_pairs([walk.pair for walk in some])
        good = np.array([walk.right for walk in some]).reshape(-1, steps)
        shares[label] = Resampled.mean(good, weights)
        rows[label] = {
            "rec": Resampled.mean(_values(some, "rec"), weights),
            "worst_t": _worst(shares[label]),
            "all_right": Resampled.mean(_values(some, "all_right"), weights),
        }
        for name in MOVEMENT:
            rows[label][name] = Resampled.mean(_movement(some, name), weights)
        for name in MEDIANS:
            values = _movement(some, name)
            rows[label][f"{name}_median"] = Resampled.median(values, weights)
    figures = {
        name: Figure.of({label: row[name] for label, row in rows.items()})
        for name in next(iter(rows.values()))
    }
    # The worst t of the mean of the classes, not the mean of each class's own worst.
    mean = averaged(list(shares.values()))
    figures["worst_t"] = Figure(_worst(mean).estimate, figures["worst_t"].classes)
    curve = {label: _curve(each) for label, each in {"mean": mean, **shares}.items()}
    return SequenceFigures(
        {label: len(some) for label, some in walks.items()},
        {label: count_disjoint([walk.pair for walk in some]) for label, some in walks.items()},
        figures,
        curve,
    )


def differences(
    walks: Mapping[str, Sequence[FrameSequence]],
    others: Mapping[str, Sequence[FrameSequence]],
    resamples: Mapping[str, Resamples],
) -> dict[str, Figure]:
    """By how much the figures of one way exceed those of another, pair by pair; and as
    `jitter_ratio` the jitter of the one as a share of the other's.
    """
    rows: dict[str, dict[str, Resampled]] = {name: {} for name in (*PAIRED, "jitter_ratio")}
    for label, some in walks.items():
        weights = resamples[label].of_pairs([walk.pair for walk in some])
        for name in PAIRED:
            both = (_values(each, name) for each in (some, others[label]))
            rows[name][label] = Resampled.mean(np.subtract(*both), weights)
        one, other = (
            Resampled.mean(_movement(each, "jitter"), weights) for each in (some, others[label])
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            rows["jitter_ratio"][label] = Resampled(
                one.value / other.value, one.resamples / other.resamples
            )
    return {name: Figure.of(each) for name, each in rows.items()}


def count_disjoint(pairs: Sequence[Pair]) -> int:
    """How many pairs share no drawing, each taken in turn that shares none with those before.

    >>> apart([(0, 1), (1, 2), (2, 3), (0, 3)])
    2
    """
    used: set[int] = set()
    for pair in pairs:
        if used.isdisjoint(pair):
            used.update(pair)
    return len(used) // 2


def _values(walks: Sequence[FrameSequence], name: str) -> Values:
    """One number per walk."""
    if name in MOVEMENT:
        return _movement(walks, name)
    return np.array([OF_RIGHT[name](walk.right) for walk in walks], np.float64)


def _movement(walks: Sequence[FrameSequence], name: str) -> Values:
    return np.array([getattr(walk.movement, name) for walk in walks], np.float64)


def _worst(shares: Resampled) -> Resampled:
    """The lowest share over t; in each resample anew, at whichever t that is.

    Chance lowers the lowest of several shares, and resampling does so once more: the interval lies
    low, and may lie below the value.
    """
    return Resampled(shares.value.min(axis=-1), shares.resamples.min(axis=-1))


def _curve(shares: Resampled) -> tuple[Estimate, ...]:
    columns = zip(shares.value, shares.resamples.T, strict=True)
    return tuple(Estimate.of(float(value), column) for value, column in columns)
