"""Pens record, transform and share; what is recorded can be drawn again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strokeanim.animation.frame import Frame
from strokeanim.render.pens import RecordingPen, TeePen, TransformPen
from strokeanim.testing import animations

FACE = animations.still().frames[0]


def test_a_stroke_that_ends_where_it_starts_is_closed():
    for smooth in (False, True):
        pen = RecordingPen()
        Frame([[(0, 0), (9, 0), (9, 9), (0, 0)], [(0, 0), (5, 5)], [(3, 3)]]).draw(pen, smooth)
        closed = [method for method, _ in pen.value].count("close")
        assert (closed, [method for method, _ in pen.value].index("close")) == (1, 4)
    still = RecordingPen()
    Frame([[(3, 3), (3, 3), (3, 3)]]).draw(still)
    assert still.value == [("move", (3.0, 3.0)), ("line", (3.0, 3.0))]


def test_replaying_draws_the_same():
    first, again = RecordingPen(), RecordingPen()
    FACE.draw(first, smooth=True)
    first.replay(again)
    assert again.value == first.value
    assert {method for method, _ in first.value} == {"move", "line", "curve", "close"}


def test_a_tee_draws_with_all():
    pens = RecordingPen(), RecordingPen()
    FACE.draw(TeePen(*pens), smooth=True)
    assert pens[0].value == pens[1].value != []


@given(st.floats(-9, 9), st.floats(-9, 9), st.floats(-99, 99), st.floats(-99, 99))
def test_transforming_is_affine(sx, sy, dx, dy):
    plain, moved = RecordingPen(), RecordingPen()
    FACE.draw(TeePen(plain, TransformPen(moved, (sx, sy), dx, dy)), smooth=True)
    for (method, before), (same, after) in zip(plain.value, moved.value, strict=True):
        assert method == same
        np.testing.assert_allclose(
            np.reshape(after, (-1, 2)), np.reshape(before, (-1, 2)) * (sx, sy) + (dx, dy)
        )


@pytest.mark.parametrize("smooth", [False, True])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_with_every_point_as_many_points_are_as_many_pieces(count, smooth):
    rng = np.random.default_rng(count)
    spread = rng.normal(size=(count, 2))
    closed, halting, still = spread.copy(), spread.copy(), spread.copy()
    closed[-1], halting[1:3], still[:] = closed[0], halting[0], still[0]
    drawn = []
    for points in (spread, closed, halting, still):
        pen = RecordingPen()
        Frame([points]).draw(pen, smooth, every_point=True)
        drawn.append([method for method, _ in pen.value])
        assert pen.value[-1][1][-2:] == pytest.approx(points[-1])
    assert all(methods == drawn[0] for methods in drawn)
    assert len(drawn[0]) == max(2, count)
