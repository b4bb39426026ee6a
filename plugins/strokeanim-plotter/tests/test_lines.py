"""Curves, merging and sorting."""

import numpy as np
import pytest
import vpype
from hypothesis import given
from hypothesis import strategies as st
from reading import gcode_lines, length, travel, written
from strokeanim_plotter import PlotterRenderer
from strokeanim_plotter.lines import flattened
from strokeanim_plotter.order import sort

from strokeanim.errors import InputError
from strokeanim.testing import animations

points = st.builds(complex, st.integers(-99, 99), st.integers(-99, 99))


@given(curve=st.tuples(points, points, points, points), tolerance=st.floats(0.01, 5))
def test_the_pieces_of_a_curve_stay_within_the_tolerance(curve, tolerance):
    pieces = np.array([curve[0], *flattened(*curve, tolerance)])
    assert pieces[-1] == pytest.approx(curve[3])
    count = len(pieces) - 1
    middles = (np.arange(count) + 0.5) / count
    s, t = 1 - middles, middles
    p0, p1, p2, p3 = curve
    between = s**3 * p0 + 3 * s**2 * t * p1 + 3 * s * t**2 * p2 + t**3 * p3
    assert np.all(abs(between - (pieces[:-1] + pieces[1:]) / 2) <= tolerance + 1e-9)


def drawn(folder, **options):
    animation = animations.moving(12)
    return gcode_lines(animation.save(folder / "f.nc", PlotterRenderer(), **options).read_text())


@pytest.mark.parametrize("layout", ["grid", "overlay"])
def test_sorting_and_merging_shorten_the_ways_in_the_air(tmp_path, layout):
    plain = drawn(tmp_path, sort=False, merge=0, layout=layout)
    better = drawn(tmp_path, layout=layout)
    assert length(better) == pytest.approx(length(plain), rel=0.001)
    assert travel(better) < 0.8 * travel(plain)


def test_strokes_that_meet_are_drawn_without_lifting_the_pen():
    meeting = [[[(10, 10), (30, 10)], [(50, 30), (30, 10)], [(50, 30.01), (50, 40)]]]
    assert len(gcode_lines(written(meeting, ".gcode"))) == 1
    assert len(gcode_lines(written(meeting, ".gcode", merge=0))) == 3


def test_a_dot_at_the_end_of_a_stroke_stays_a_dot():
    lines = gcode_lines(written([[[(10, 10), (30, 10)], [(30, 10)]]], ".gcode"))
    assert sorted(len(line) for line in lines) == [2, 2]
    assert min(length([line]) for line in lines) == pytest.approx(0.1)


def test_a_command_that_is_none_is_refused():
    with pytest.raises(InputError, match="pen_up must be ASCII"):
        written([[[(1, 1), (9, 9)]]], ".gcode", pen_up="G0 \ud800")


def test_sorting_turns_lines_and_moves_the_seams_of_closed_ones():
    square = [10 + 10j, 10 + 5j, 5 + 5j, 5 + 10j, 10 + 10j]
    lines = sort(vpype.LineCollection([square, [40, 5 + 4j]]), pen=0j)
    np.testing.assert_array_equal(lines[0], [5 + 4j, 40])
    assert lines[1][0] == lines[1][-1] == 10 + 5j
    assert lines.length() == pytest.approx(20 + abs(35 - 4j))
