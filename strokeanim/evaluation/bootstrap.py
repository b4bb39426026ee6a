"""Compute figures with intervals by the bootstrap over drawings (Efron 1979), class by class.

Every figure of an evaluation is computed again in each resample of the drawings, weighted by how
often each drawing was sampled. Definitions of figures are left to `metrics`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

RESAMPLES = 2000
"""Number of resamples of published figures."""

TAIL = 2.5
"""Per cent of the resamples on either side of an interval."""


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % interval: percentiles of the figure over resamples."""

    value: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        """Return whether the value is finite, as it is unless nothing could be averaged."""
        return math.isfinite(self.value)

    @property
    def degenerate(self) -> bool:
        """Return whether the interval has no width, as all resamples are alike: no certainty."""
        return self.low == self.high

    @classmethod
    def of(cls, value: float, resampled: Values) -> Estimate:
        """Build an estimate; resamples with nothing to average (NaN) are left out."""
        known = resampled[np.isfinite(resampled)]
        if not len(known) or not np.isfinite(value):
            return cls(float(value), np.nan, np.nan)
        low, high = np.percentile(known, [TAIL, 100 - TAIL])
        return cls(float(value), float(low), float(high))


@dataclass(frozen=True)
class Resampled:
    """A figure, and the same figure in each resample: `(resamples,)`, or `(resamples, …)`."""

    value: Values
    resamples: Values

    @classmethod
    def mean(cls, values: Values, weights: Counts) -> Resampled:
        """Average `(n, …)` values under `(resamples, n)` weights; NaN counts as no value."""
        once = np.ones((1, len(values)), np.int64)
        return cls(weighted_means(values, once)[0], weighted_means(values, weights))

    @classmethod
    def median(cls, values: Values, weights: Counts) -> Resampled:
        """Take the lower median of `(n,)` values under `(resamples, n)` weights, without NaN."""
        once = np.ones((1, len(values)), np.int64)
        return cls(weighted_medians(values, once)[0], weighted_medians(values, weights))

    @property
    def estimate(self) -> Estimate:
        """Return the figure with its interval."""
        return Estimate.of(float(self.value), self.resamples)


@dataclass(frozen=True)
class Figure:
    """One row of a table: the mean of the classes, and each class."""

    mean: Estimate
    classes: Mapping[str, Estimate]

    @property
    def valid_count(self) -> int:
        """Return the number of classes with a value, which are those in the mean."""
        return sum(estimate.known for estimate in self.classes.values())

    @classmethod
    def of(cls, rows: Mapping[str, Resampled]) -> Figure:
        """Build a figure; its mean is over the classes that have a value."""
        return cls(
            average(list(rows.values())).estimate,
            {label: row.estimate for label, row in rows.items()},
        )


def average(rows: Sequence[Resampled]) -> Resampled:
    """Average classes that are resampled independently; leave out classes without a value.

    A resample in which a remaining class has no value has none either.
    """
    known = [row for row in rows if np.isfinite(row.value).all()] or list(rows)
    return Resampled(
        np.mean([row.value for row in known], axis=0),
        np.mean([row.resamples for row in known], axis=0),
    )


@dataclass(frozen=True)
class Resamples:
    """The bootstrap of one class: the drawings of each resample, sampled with replacement.

    Attributes:
        indices: of drawings, `(resamples, drawings)`.
    """

    indices: npt.NDArray[np.int64]

    @classmethod
    def of(cls, count: int, resamples: int, seed: Sequence[int]) -> Resamples:
        """Resample `count` drawings, `resamples` times."""
        return cls(np.random.default_rng(seed).integers(count, size=(resamples, count)))

    @cached_property
    def counts(self) -> Counts:
        """Return how often each drawing was sampled, `(resamples, drawings)`."""
        count = self.indices.shape[1]
        return np.stack([np.bincount(row, minlength=count) for row in self.indices])

    def mean(self, values: Values) -> Resampled:
        """Average one value per drawing; NaN counts as no value."""
        return Resampled.mean(values, self.counts)

    def median(self, values: Values) -> Resampled:
        """Take the median of one value per drawing."""
        return Resampled(np.array(np.median(values)), np.median(values[self.indices], axis=1))

    def pair_weights(self, pairs: Sequence[tuple[int, int]]) -> Counts:
        """Return `(resamples, pairs)`: how often the drawings of a resample can make each pair.

        That is the product of the counts of its two drawings: pairs that share a drawing come and
        go together, as they would with other drawings.
        """
        start, end = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
        return np.asarray(self.counts[:, start] * self.counts[:, end])


def weighted_medians(values: Values, weights: Counts) -> Values:
    """Return `(resamples,)` lower medians of `(n,)` values under `(resamples, n)` weights.

    NaN counts as no value; the median of no values is NaN.

    >>> weighted_medians(np.array([3.0, 1.0, np.nan, 2.0]), np.array([[1, 1, 9, 1], [5, 1, 0, 1]]))
    array([2., 3.])
    """
    order = np.argsort(values)[: int(np.isfinite(values).sum())]
    if not len(order):
        return np.full(len(weights), np.nan)
    cumulative = np.cumsum(weights[:, order], axis=1)
    total = cumulative[:, -1:]
    index = (2 * cumulative >= total).argmax(axis=1)
    return np.where(total[:, 0] > 0, values[order][index], np.nan)


def weighted_means(values: Values, weights: Counts) -> Values:
    """Return `(resamples, …)` means of `(n, …)` values under `(resamples, n)` weights.

    NaN counts as no value; the mean of no values is NaN.
    """
    known = np.isfinite(values)
    total = weights @ known.astype(np.float64)
    return np.asarray(weights @ np.where(known, values, 0.0) / np.where(total, total, np.nan))
