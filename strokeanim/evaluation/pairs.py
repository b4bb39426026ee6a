"""Choose pairs of drawings at random, reproducibly.

Needs only numpy, so that training and benchmarks can choose as an evaluation does.
"""

from __future__ import annotations

from math import isqrt

import numpy as np


def choose_pairs(count: int, most: int, seed: int = 0) -> list[tuple[int, int]]:
    """Return at most `most` of the unordered pairs `i < j` of `count` items, in random order.

    A smaller `most` gives the first of the same pairs. Pairs are never listed: a partial
    Fisher-Yates shuffle samples ranks from `range(count * (count - 1) / 2)`, and each rank is
    converted to its pair.

    >>> choose_pairs(3, 65)
    [(1, 2), (0, 1), (0, 2)]
    """
    total = count * (count - 1) // 2
    rng = np.random.default_rng(seed)
    moved: dict[int, int] = {}
    pairs = []
    for index in range(min(most, total)):
        swapped = int(rng.integers(index, total))
        rank = moved.get(swapped, swapped)
        moved[swapped] = moved.get(index, index)
        pairs.append(_convert_rank(rank))
    return pairs


def _convert_rank(rank: int) -> tuple[int, int]:
    """Return the pair of a rank: 0, 1, 2, 3 … are (0, 1), (0, 2), (1, 2), (0, 3) …."""
    j = (1 + isqrt(8 * rank + 1)) // 2
    return rank - j * (j - 1) // 2, j
