import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import written
from strokeanim_plotter import PlotterOptions
from strokeanim_plotter.sheet import Box, lay_out

from strokeanim.errors import InputError

PAGE = Box(0, 0, 297, 210)
AREA = Box(10, 12, 280, 200)


@given(
    canvas=st.tuples(st.integers(1, 2000), st.integers(1, 2000)),
    cells=st.integers(1, 60),
    columns=st.none() | st.integers(1, 12),
    gap=st.floats(0, 2),
)
def test_cells_lie_inside_the_area_apart_and_centred(canvas, cells, columns, gap):
    sheet = lay_out([(PAGE, AREA)], canvas, cells, columns, gap)
    width, height = (side * sheet.scale for side in canvas)
    corners = [sheet.corner(index) for index in range(sheet.grid.columns * sheet.grid.rows)]
    lefts, tops = (sorted(set(places)) for places in zip(*corners, strict=True))
    assert lefts[0] - AREA.left == pytest.approx(AREA.right - lefts[-1] - width, abs=1e-6)
    assert tops[0] - AREA.top == pytest.approx(AREA.bottom - tops[-1] - height, abs=1e-6)
    assert lefts[0] > AREA.left - 1e-6
    assert tops[0] > AREA.top - 1e-6
    for places, size in ((lefts, width), (tops, height)):
        steps = [after - before for before, after in itertools.pairwise(places)]
        assert all(step == pytest.approx(size + gap, abs=1e-6) for step in steps if step > 1e-6)


def test_reading_order():
    sheet = lay_out([(PAGE, PAGE)], (10, 10), cells=5, columns=3, gap=0)
    corners = [sheet.corner(index) for index in range(5)]
    assert corners == sorted(corners, key=lambda corner: (corner[1], corner[0]))
    assert corners[2][1] < corners[3][1]


@pytest.mark.parametrize(
    ("extension", "options", "says"),
    [
        (".svg", {"margin": 105}, "smaller margin"),
        (".gcode", {"gap": 200}, "gaps of 200 mm"),
        (".hpgl", {"page": "a2"}, "device=artisan, dmp_161"),
        (".hpgl", {"page": "a6"}, "a4, a3, letter, tabloid"),
        (".plt", {"device": "abacus"}, "hp7475a"),
    ],
)
def test_wishes_that_cannot_be_granted(extension, options, says):
    with pytest.raises(InputError, match=says):
        written([[]] * 4, extension, **options)


@pytest.mark.parametrize("name", ["pen_up", "pen_down"])
def test_a_pen_must_have_commands(name):
    with pytest.raises(InputError, match=name):
        PlotterOptions(**{name: " | "})
