"""Hypothesis strategies for the types that cross strokeanim's layers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from strokeanim.geometry import Box, Drawing

whole = st.integers(-100_000, 100_000).map(float)
"""Integers: everything that is said to be lossless must give them back exactly."""

fractional = st.floats(-255, 255, width=32)
"""Any float32 a drawing of QuickDraw's size could hold, subnormals included."""

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def strokes(
    coordinates: st.SearchStrategy[float], most: int = 12, least: int = 1
) -> st.SearchStrategy[npt.NDArray[np.float32]]:
    """One stroke, `(n, 2)`, of `least` to `most` points, some of them in one place."""
    count = st.integers(least, most)
    return count.flatmap(lambda n: arrays(np.float32, (n, 2), elements=coordinates))


@st.composite
def drawings(
    draw: st.DrawFn,
    coordinates: st.SearchStrategy[float] | None = None,
    *,
    timed: bool | None = None,
    empty: bool = False,
    most_strokes: int = 4,
) -> Drawing:
    """A drawing with any label and key; whole or fractional coordinates unless told which.

    `timed` None means that it may have times, `empty` that it may have no strokes.
    """
    if coordinates is None:
        coordinates = draw(st.sampled_from([whole, fractional]))
    lines = draw(st.lists(strokes(coordinates), min_size=int(not empty), max_size=most_strokes))
    times = None
    if timed is None:
        timed = draw(st.booleans())
    if lines and timed:
        ms = st.integers(0, 60_000).map(float)
        times = [draw(arrays(np.float32, len(line), elements=ms)) for line in lines]
    return Drawing(lines, draw(texts), draw(texts), times)


boxes = st.builds(
    Box,
    st.floats(-500, 500),
    st.floats(-500, 500),
    st.floats(1, 500),
    st.floats(1, 500),
)
