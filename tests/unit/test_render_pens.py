"""Pens record, transform and share; what is recorded can be drawn again."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from strokeanim.render.pens import RecordingPen, TeePen, TransformPen
from strokeanim.render.protocol import Frame
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
