"""Judge and measure in-betweens, the frames between pairs of drawings.

The methods that make the frames are in `baselines`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from strokeanim.evaluation.baselines import Fade, Frames, Method
from strokeanim.evaluation.bootstrap import Estimate, Figure, Resampled, Resamples, Values, average
from strokeanim.evaluation.judge import Judge, is_right
from strokeanim.evaluation.metrics import Movement, movement
from strokeanim.geometry import Drawing
from strokeanim.latent.codec import Codec

MOVEMENT = ("path_ratio", "max_mean_step", "jitter", "flips", "pops", "reach")

MEDIANS = ("path_ratio", "max_mean_step")
"""Figures with the median over pairs as well as the mean."""

RIGHT_SUMMARIES: Mapping[str, Callable[[Values], Any]] = {"rec": np.mean, "all_right": np.all}
"""Functions of `FrameSequence.right` by figure."""

PAIRED = ("rec", "all_right", *MOVEMENT)
"""Figures by which two methods are compared, pair by pair."""

Pair = tuple[int, int]


@dataclass(frozen=True)
class FrameSequence:
    """A pair of drawings, the frames between them, and the judge's labels of the in-betweens.

    Attributes:
        pair: the indices of both drawings in their class.
        start: the first drawing.
        end: the second drawing.
        frames: `steps + 2`, both ends included.
        predicted: the judge's label of each in-between.
        probabilities: the judge's probability of the right class for each in-between.
        both_recognised: whether the judge recognises both drawings.
    """

    pair: Pair
    start: Drawing
    end: Drawing
    frames: Frames
    predicted: tuple[str, ...]
    probabilities: tuple[float, ...]
    both_recognised: bool

    @property
    def right(self) -> Values:
        """Return 1 for each in-between that is recognised, else 0."""
        return is_right(self.predicted, [self.start.label] * len(self.predicted))

    @cached_property
    def movement(self) -> Movement:
        """Return the measures of movement through the frames."""
        return movement(self.frames)


@dataclass(frozen=True)
class SequenceFigures:
    """The figures of one method over a selection of pairs.

    Attributes:
        pairs: their number, per class.
        disjoint: `count_disjoint` of them, per class: the number of pairs that are as independent
            as pairs can be.
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
    method: Method,
    steps: int,
    seed: int,
) -> list[FrameSequence]:
    """Make the frames between pairs of drawings of one class, and judge all in one call."""
    label = drawings[0].label
    known = is_right(judge.classify(drawings)[0], [label] * len(drawings)) == 1
    frames = [method(drawings[i], drawings[j], steps, seed, codec) for i, j in pairs]
    inner = [frame for each in frames for frame in each[1:-1]]
    inputs = [frame.picture if isinstance(frame, Fade) else frame for frame in inner]
    predicted, all_probabilities = judge.classify(inputs)
    probabilities = all_probabilities[:, judge.classes.index(label)].tolist()
    return [
        FrameSequence(
            pair=(i, j),
            start=drawings[i],
            end=drawings[j],
            frames=each,
            predicted=tuple(predicted[first : first + steps]),
            probabilities=tuple(probabilities[first : first + steps]),
            both_recognised=bool(known[i] and known[j]),
        )
        for first, (i, j), each in zip(range(0, len(predicted), steps), pairs, frames, strict=True)
    ]


def summarise(
    sequences: Mapping[str, Sequence[FrameSequence]],
    resamples: Mapping[str, Resamples],
    steps: int,
) -> SequenceFigures:
    """Compute the figures of sequences by class, `steps` in-betweens each; a class may be empty."""
    shares: dict[str, Resampled] = {}
    rows: dict[str, dict[str, Resampled]] = {}
    for label, members in sequences.items():
        weights = resamples[label].pair_weights([sequence.pair for sequence in members])
        right = np.array([sequence.right for sequence in members]).reshape(-1, steps)
        shares[label] = Resampled.mean(right, weights)
        rows[label] = {
            "rec": Resampled.mean(_collect_values(members, "rec"), weights),
            "worst_t": _minimise_over_t(shares[label]),
            "all_right": Resampled.mean(_collect_values(members, "all_right"), weights),
        }
        for name in MOVEMENT:
            rows[label][name] = Resampled.mean(_collect_movement(members, name), weights)
        for name in MEDIANS:
            values = _collect_movement(members, name)
            rows[label][f"{name}_median"] = Resampled.median(values, weights)
    figures = {
        name: Figure.of({label: row[name] for label, row in rows.items()})
        for name in next(iter(rows.values()))
    }
    # The minimum over t of the mean of the classes, not the mean of the minima of the classes.
    mean = average(list(shares.values()))
    figures["worst_t"] = Figure(_minimise_over_t(mean).estimate, figures["worst_t"].classes)
    curve = {label: _estimate_curve(each) for label, each in {"mean": mean, **shares}.items()}
    return SequenceFigures(
        {label: len(members) for label, members in sequences.items()},
        {
            label: count_disjoint([sequence.pair for sequence in members])
            for label, members in sequences.items()
        },
        figures,
        curve,
    )


def differences(
    sequences: Mapping[str, Sequence[FrameSequence]],
    others: Mapping[str, Sequence[FrameSequence]],
    resamples: Mapping[str, Resamples],
) -> dict[str, Figure]:
    """Subtract the figures of another method, pair by pair.

    `jitter_ratio` is the jitter divided by that of the other method.
    """
    rows: dict[str, dict[str, Resampled]] = {name: {} for name in (*PAIRED, "jitter_ratio")}
    for label, members in sequences.items():
        weights = resamples[label].pair_weights([sequence.pair for sequence in members])
        for name in PAIRED:
            both = (_collect_values(each, name) for each in (members, others[label]))
            rows[name][label] = Resampled.mean(np.subtract(*both), weights)
        a, b = (
            Resampled.mean(_collect_movement(each, "jitter"), weights)
            for each in (members, others[label])
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            rows["jitter_ratio"][label] = Resampled(a.value / b.value, a.resamples / b.resamples)
    return {name: Figure.of(each) for name, each in rows.items()}


def count_disjoint(pairs: Sequence[Pair]) -> int:
    """Count the pairs left if each pair that shares a drawing with an earlier one left is dropped.

    >>> count_disjoint([(0, 1), (1, 2), (2, 3), (0, 3)])
    2
    """
    used: set[int] = set()
    for pair in pairs:
        if used.isdisjoint(pair):
            used.update(pair)
    return len(used) // 2


def _collect_values(sequences: Sequence[FrameSequence], name: str) -> Values:
    """Return one number per sequence."""
    if name in MOVEMENT:
        return _collect_movement(sequences, name)
    return np.array([RIGHT_SUMMARIES[name](each.right) for each in sequences], np.float64)


def _collect_movement(sequences: Sequence[FrameSequence], name: str) -> Values:
    return np.array([getattr(each.movement, name) for each in sequences], np.float64)


def _minimise_over_t(shares: Resampled) -> Resampled:
    """Return the lowest share over t, and that of each resample, which may be at another t.

    Chance lowers the minimum of several shares, and resampling lowers it again: the interval is
    biased low, and may lie below the value.
    """
    return Resampled(shares.value.min(axis=-1), shares.resamples.min(axis=-1))


def _estimate_curve(shares: Resampled) -> tuple[Estimate, ...]:
    columns = zip(shares.value, shares.resamples.T, strict=True)
    return tuple(Estimate.of(float(value), column) for value, column in columns)
