from __future__ import annotations

import numpy as np
import pytest

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing
from strokeanim.geometry.stroke_formats import (
    from_polylines,
    from_stroke3,
    from_stroke5,
    to_polylines,
    to_stroke3,
    to_stroke5,
)

TWO = Drawing([[(2, 1), (5, 5)], [(0, 0)]])


def test_stroke5_rows_are_those_of_the_paper() -> None:
    assert to_stroke5(TWO, 5).tolist() == [
        [2, 1, 1, 0, 0],
        [3, 4, 0, 1, 0],
        [-5, -5, 0, 1, 0],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 1],
    ]


def test_a_drawing_needs_room_for_its_end_row() -> None:
    with pytest.raises(InputError, match="3 points needs 4 steps, not 3"):
        to_stroke5(TWO, 3)


def test_what_follows_the_end_is_not_drawn() -> None:
    rows = np.concatenate([to_stroke5(TWO), [[9, 9, 0, 1, 0]]])
    assert from_stroke5(rows) == TWO


def test_a_last_stroke_left_open_is_closed() -> None:
    assert from_stroke3([[1, 1, 0], [1, 0, 0]]) == Drawing([[(1, 1), (2, 1)]])
    assert from_stroke5([[1, 1, 1, 0, 0]]) == Drawing([[(1, 1)]])


def test_nothing_is_a_drawing_without_strokes() -> None:
    assert to_stroke3(Drawing()).shape == (0, 3)
    assert to_stroke5(Drawing()).tolist() == [[0, 0, 0, 0, 1]]
    assert to_polylines(Drawing()) == []
    assert from_stroke3(np.zeros((0, 3))) == Drawing()


@pytest.mark.parametrize("rows", [[[0, 0]], [0, 0, 0], [[0, np.nan, 1]], [[np.inf, 0, 0]]])
def test_tables_of_the_wrong_kind_are_refused(rows: list[object]) -> None:
    with pytest.raises(InputError, match="stroke-3"):
        from_stroke3(rows)  # type: ignore[arg-type]


def test_offsets_too_large_for_a_drawing_are_refused() -> None:
    with pytest.raises(InputError, match="infinite"):
        from_stroke3([[1e300, 0, 1]])


@pytest.mark.parametrize("stroke", [[[1]], [[1], [2, 3]], [[1], [2], [3], [4]]])
def test_polylines_need_lists_of_one_length(stroke: list[list[float]]) -> None:
    with pytest.raises(InputError, match="stroke 1 must be two or three lists"):
        from_polylines([[[0], [0]], stroke])


def test_times_count_if_every_stroke_has_them() -> None:
    timed = from_polylines([[[1, 2], [3, 4], [0, 16]]])
    assert timed.times is not None
    assert timed.times[0].tolist() == [0, 16]
    assert from_polylines([[[1], [3], [0]], [[1], [2]]]).times is None
