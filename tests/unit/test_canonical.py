"""The canonical form depends on the ink alone, and keeps it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strokeanim.datasets.synthetic import CLASSES, synthesise
from strokeanim.geometry import Drawing
from strokeanim.geometry.canonical import canonicalise, orient


@given(st.sampled_from(CLASSES), st.integers(0, 10_000), st.randoms())
def test_order_and_direction_of_the_input_do_not_matter(label, seed, random):
    drawing = synthesise(label, np.random.default_rng(seed))
    strokes = [s[::-1] if random.random() < 0.5 else s for s in drawing.strokes]
    random.shuffle(strokes)
    assert canonicalise(drawing.with_strokes(strokes)) == canonicalise(drawing)


@given(st.sampled_from(CLASSES), st.integers(0, 10_000))
def test_no_point_is_lost_and_a_second_time_changes_nothing(label, seed):
    drawing = synthesise(label, np.random.default_rng(seed))
    once = canonicalise(drawing)
    for stroke in drawing.strokes:
        assert any({*map(tuple, stroke)} == {*map(tuple, other)} for other in once.strokes)
    assert canonicalise(once) == once


def test_open_strokes_run_down_and_right():
    across = np.float32([[9, 0], [5, 1], [0, 0]])
    assert orient(across)[0].tolist() == [0, 0]
    assert orient(across[:, ::-1])[0].tolist() == [0, 0]


@pytest.mark.parametrize("start", [0, 7, 23])
@pytest.mark.parametrize("way", [1, -1])
def test_closed_strokes_run_clockwise_from_the_left(start, way):
    angle = np.linspace(0, 2 * np.pi, 40)[:-1] * way + start
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    drawn = orient(np.concatenate([circle, circle[:1]]))
    assert drawn[0][0] < -0.98
    assert drawn[3][1] < 0  # clockwise on the page: from the left upwards, y points down


def test_an_empty_drawing_stays_empty():
    assert canonicalise(Drawing()) == Drawing()
