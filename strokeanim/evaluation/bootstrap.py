"""Figures with intervals: the bootstrap over drawings (Efron 1979), class by class.

Every figure of an evaluation is computed again in each resample of the drawings, weighted by how
often a drawing was drawn; what the figure is, is left to `metrics`.
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
"""As many as figures are quoted with."""

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
        """Whether there was something to average."""
        return math.isfinite(self.value)

    @property
    def narrow(self) -> bool:
        """Whether the interval has no width, which is no certainty: every resample is alike."""
        return self.low == self.high

    @classmethod
    def of(cls, value: float, resampled: Values) -> Estimate:
        """Resamples in which there is nothing to average (NaN) are left out."""
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
        """Of `(n, …)` values under `(resamples, n)` weights; NaN counts as no value."""
        once = np.ones((1, len(values)), np.int64)
        return cls(weighted_means(values, once)[0], weighted_means(values, weights))

    @classmethod
    def median(cls, values: Values, weights: Counts) -> Resampled:
        """The lower median of `(n,)` values under `(resamples, n)` weights; NaN is no value."""
        once = np.ones((1, len(values)), np.int64)
        return cls(weighted_medians(values, once)[0], weighted_medians(values, weights))

    @property
    def estimate(self) -> Estimate:
        return Estimate.of(float(self.value), self.resamples)


@dataclass(frozen=True)
class Figure:
    """One row of a table: the mean of the classes, and each class."""

    mean: Estimate
    classes: Mapping[str, Estimate]

    @property
    def averaged(self) -> int:
        """How many of the classes have a value, which are those that the mean is of."""
        return sum(estimate.known for estimate in self.classes.values())

    @classmethod
    def of(cls, rows: Mapping[str, Resampled]) -> Figure:
        """The mean is over the classes that have a value."""
        return cls(
            averaged(list(rows.values())).estimate,
            {label: row.estimate for label, row in rows.items()},
        )


def averaged(rows: Sequence[Resampled]) -> Resampled:
    """The mean of several classes, each resampled by itself; classes without a value are left out.

    A resample in which one of the others has no value has none either.
    """
    known = [row for row in rows if np.isfinite(row.value).all()] or list(rows)
    return Resampled(
        np.mean([row.value for row in known], axis=0),
        np.mean([row.resamples for row in known], axis=0),
    )


@dataclass(frozen=True)
class Resamples:
    """The bootstrap of one class: which drawings each resample has drawn, with replacement.

    Attributes:
        drawn: `(resamples, drawings)` places.
    """

    drawn: npt.NDArray[np.int64]

    @classmethod
    def of(cls, count: int, resamples: int, seed: Sequence[int]) -> Resamples:
        return cls(np.random.default_rng(seed).integers(count, size=(resamples, count)))

    @cached_property
    def times(self) -> Counts:
        """`(resamples, drawings)`: how often each drawing has been drawn."""
        count = self.drawn.shape[1]
        return np.stack([np.bincount(row, minlength=count) for row in self.drawn])

    def mean(self, values: Values) -> Resampled:
        """Of a value per drawing; NaN counts as no value."""
        return Resampled.mean(values, self.times)

    def median(self, values: Values) -> Resampled:
        """Of a value per drawing."""
        return Resampled(np.array(np.median(values)), np.median(values[self.drawn], axis=1))

    def of_pairs(self, pairs: Sequence[tuple[int, int]]) -> Counts:
        """`(resamples, pairs)`: a pair is there as often as its two drawings can make it.

        That is the product of how often each has been drawn: pairs that share a drawing come and
        go together, as they would with other drawings.
        """
        start, end = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
        return np.asarray(self.times[:, start] * self.times[:, end])


def weighted_medians(values: Values, weights: Counts) -> Values:
    """`(n,)` values and `(resamples, n)` weights to `(resamples,)` lower medians.

    NaN counts as no value, and is the median of nothing.

    >>> weighted_medians(np.array([3.0, 1.0, np.nan, 2.0]), np.array([[1, 1, 9, 1], [5, 1, 0, 1]]))
    array([2., 3.])
    """
    order = np.argsort(values)[: int(np.isfinite(values).sum())]
    if not len(order):
        return np.full(len(weights), np.nan)
    so_far = np.cumsum(weights[:, order], axis=1)
    total = so_far[:, -1:]
    place = (2 * so_far >= total).argmax(axis=1)
    return np.where(total[:, 0] > 0, values[order][place], np.nan)


def weighted_means(values: Values, weights: Counts) -> Values:
    """`(n, …)` values and `(resamples, n)` weights to `(resamples, …)`; NaN counts as no value.

    NaN where nothing is left to average.
    """
    there = np.isfinite(values)
    total = weights @ there.astype(np.float64)
    return np.asarray(weights @ np.where(there, values, 0.0) / np.where(total, total, np.nan))
