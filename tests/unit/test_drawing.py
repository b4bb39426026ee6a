from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strokeanim.errors import InputError
from strokeanim.geometry import Box, Drawing, Picture
from tests.strategies import boxes, drawings

LINE = [[(0, 0), (3, 4)]]


def test_a_drawing_copies_and_freezes_what_it_is_given() -> None:
    mine = np.zeros((2, 2), np.float32)
    drawing = Drawing([mine], times=[[0, 16]])
    mine[:] = 9
    assert drawing.strokes[0].tolist() == [[0, 0], [0, 0]]
    with pytest.raises(ValueError, match="read-only"):
        drawing.strokes[0][0, 0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        drawing.label = "nose"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("strokes", "message"),
    [
        ([[(0, 0, 1)]], "stroke 0 has shape"),
        ([[(0, 0)], []], "stroke 1 has shape"),
        ([[(0, float("nan"))]], "stroke 0 holds NaN"),
        ([[(0, 1e300)]], "stroke 0 holds NaN or infinite"),
        ([[("a", "b")]], "stroke 0 is not"),
        ([[(0, 0), (1,)]], "stroke 0 is not"),
    ],
)
def test_a_bad_stroke_is_named(strokes: list[object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Drawing(strokes)  # type: ignore[arg-type]


@pytest.mark.parametrize("times", [[], [[0]], [[0, 1], [2]], [[0, float("inf")]], [[0, 1e300]]])
def test_times_must_match_the_points(times: list[list[float]]) -> None:
    with pytest.raises(InputError, match="times"):
        Drawing(LINE, times=times)


@given(drawings(), drawings())
def test_equal_drawings_hash_alike(a: Drawing, b: Drawing) -> None:
    copy = Drawing(a.strokes, a.label, a.key, a.times)
    assert copy == a
    assert hash(copy) == hash(a)
    assert (a == b) == (b == a)
    assert a != "a drawing"


@given(drawings(timed=True))
def test_relabelling_keeps_all_but_the_label(drawing: Drawing) -> None:
    other = drawing.with_label("ear")
    assert (other.label, other.key) == ("ear", drawing.key)
    assert other.with_label(drawing.label) == drawing
    assert drawing.with_label("ear", "7").key == "7"
    assert drawing.with_strokes(drawing.strokes).times is None


def test_a_drawing_without_strokes_has_an_empty_box() -> None:
    assert Drawing().box == Box(0, 0, 0, 0)
    assert Drawing().points == 0


@given(boxes, boxes)
def test_a_union_holds_both_and_knows_no_order(a: Box, b: Box) -> None:
    both = a.union(b)
    assert both == b.union(a)
    for box in (a, b):
        assert both.x <= box.x
        assert both.y <= box.y
        assert both.x + both.width >= box.x + box.width - 1e-9
        assert both.y + both.height >= box.y + box.height - 1e-9


@given(boxes, boxes, st.floats(0, 1))
def test_blending_boxes_hits_both_ends_and_is_linear_in_the_centre(
    a: Box, b: Box, t: float
) -> None:
    assert a.interpolate(b, 0) == a
    assert a.interpolate(b, 1) == b
    expected = (1 - t) * np.array(a.centre) + t * np.array(b.centre)
    assert np.allclose(a.interpolate(b, t).centre, expected, atol=1e-9)


def test_box_measures() -> None:
    box = Box(1, 2, 3, 4)
    assert (box.longer, box.diagonal, box.centre) == (4, 5, (2.5, 4))
    assert box.expand(1) == Box(0, 1, 5, 6)


def test_a_picture_is_frozen_float32() -> None:
    picture = Picture(np.array([[0, 1.0]]))
    assert picture.coverage.dtype == np.float32
    assert not picture.coverage.flags.writeable


@pytest.mark.parametrize(
    "ink", [np.zeros(3), np.zeros((0, 4)), [[1.5]], [[-0.1]], [[float("nan")]]]
)
def test_a_picture_refuses_what_is_no_ink(ink: object) -> None:
    with pytest.raises(InputError, match="picture"):
        Picture(ink)  # type: ignore[arg-type]
