"""Which pairs of drawings are looked at: some of all of them, for two people the same.

Needs nothing but numpy, so that training and benchmarks choose as an evaluation does.
"""

from __future__ import annotations

from math import isqrt

import numpy as np


def choose_pairs(count: int, most: int, seed: int = 0) -> list[tuple[int, int]]:
    """`most` of the unordered pairs `i < j` of `count` things at random; all if there are fewer.

    Asking for fewer gives the first of the same pairs. Pairs are never listed: the ranks of those
    wanted are shuffled out of `range(count * (count - 1) / 2)` (Fisher and Yates, as far as asked
    for), and each rank is turned into its pair.

    >>> choose_pairs(3, 65)
    [(1, 2), (0, 1), (0, 2)]
    """
    total = count * (count - 1) // 2
    rng = np.random.default_rng(seed)
    moved: dict[int, int] = {}
    pairs = []
    for place in range(min(most, total)):
        other = int(rng.integers(place, total))
        rank = moved.get(other, other)
        moved[other] = moved.get(place, place)
        pairs.append(_unranked(rank))
    return pairs


def _unranked(rank: int) -> tuple[int, int]:
    """Ranks 0, 1, 2, 3 … are (0, 1), (0, 2), (1, 2), (0, 3) …"""
    j = (1 + isqrt(8 * rank + 1)) // 2
    return rank - j * (j - 1) // 2, j
