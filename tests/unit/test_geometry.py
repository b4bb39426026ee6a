from __future__ import annotations

import numpy as np
import pytest

from strokeanim.geometry import Box, Drawing
from strokeanim.geometry.polylines import (
    arc_length,
    fit_to_box,
    normalise,
    point_cloud,
    resample,
    simplify,
    simplify_to,
)

CORNER = np.array([[0, 0], [1, 0.1], [2, 0], [2, 2]], np.float32)
DOT = np.array([[3, 4]], np.float32)


def test_simplify_drops_what_is_nearer_than_epsilon() -> None:
    assert simplify(CORNER, 0.2).tolist() == [[0, 0], [2, 0], [2, 2]]
    assert len(simplify(CORNER, 0.05)) == 4
    assert simplify(CORNER, 0) is CORNER
    assert simplify(DOT, 9) is DOT


def test_a_closed_curve_keeps_more_than_its_start() -> None:
    square = np.array([[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]], np.float32)
    assert simplify(square, 1).tolist() == square.tolist()


def test_simplify_to_drops_the_shortest_strokes_last() -> None:
    drawing = Drawing([[(0, 0), (9, 0)], [(0, 0), (1, 0)], [(0, 0), (5, 5), (9, 0)]])
    assert simplify_to(drawing, 0.1, 7) == drawing
    assert [len(s) for s in simplify_to(drawing, 0.1, 6).strokes] == [2, 2, 2]
    assert [arc_length(s) for s in simplify_to(drawing, 0.1, 4).strokes] == [9, 9]


def test_arc_length() -> None:
    assert arc_length(np.array([[0, 0], [3, 4], [3, 5]], np.float32)) == pytest.approx(6)
    assert arc_length(DOT) == 0


def test_resample_repeats_a_dot_and_refuses_no_points() -> None:
    assert resample(DOT, 3).tolist() == [[3, 4]] * 3
    assert resample(CORNER, 1).tolist() == [[0, 0]]
    with pytest.raises(ValueError, match="at least 1, not 0"):
        resample(CORNER, 0)


def test_fit_and_normalise_cope_with_lines_and_dots() -> None:
    box = Box(10, 10, 20, 40)
    level = fit_to_box(Drawing([[(0, 0), (5, 0)]]), box)
    assert level.box == Box(10, 30, 20, 0)
    assert fit_to_box(Drawing([DOT]), box).box == Box(20, 30, 0, 0)
    assert normalise(Drawing([DOT])).box == Box(0, 0, 0, 0)
    assert normalise(Drawing([[(5, 5), (5, 10)]])).box == Box(0, 0, 0, 255)
    assert normalise(Drawing()) == Drawing()


def test_transforming_keeps_times() -> None:
    drawing = Drawing([[(0, 0), (1, 2)]], "nose", "7", [[0, 16]])
    moved = normalise(drawing)
    assert moved.times is not None
    assert moved.times[0].tolist() == [0, 16]
    assert (moved.label, moved.key) == ("nose", "7")


def test_a_cloud_of_dots_is_shared_among_them() -> None:
    assert point_cloud([DOT, DOT + 1], 4).tolist() == [[3, 4], [4, 5], [3, 4], [4, 5]]
    line = np.array([[0, 0], [9, 0]], np.float32)
    assert len(point_cloud([line, DOT], 5)) == 5


def test_each_stroke_has_its_share_of_a_cloud() -> None:
    line = np.array([[0, 0], [9, 0]], np.float32)
    assert point_cloud([line, DOT, line + 1], 6).tolist() == [
        *resample(line, 3).tolist(), *resample(line + 1, 3).tolist()
    ]  # fmt: skip
