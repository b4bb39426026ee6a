"""Where the pen goes, for each format."""

import numpy as np
import pytest
import vpype
from reading import gcode_lines, hpgl_lines, length, svg_lines, written

A4 = np.array([210, 297])
RISING = [[(10, 80), (10, 20), (60, 20)]]


@pytest.mark.parametrize(
    ("extension", "read", "down"),
    [(".gcode", gcode_lines, False), (".svg", svg_lines, True)],
)
def test_a_stroke_is_where_it_should_be(extension, read, down):
    told = {"width": 100, "height": 100, "margin": 5, "orientation": "portrait", "sort": False}
    (line,) = read(written([RISING], extension, **told))
    expected = (5, 48.5) + 2.0 * np.array(RISING[0])
    np.testing.assert_allclose(
        line, expected if down else (0, 297) + expected * (1, -1), atol=0.001
    )


def test_hpgl_lies_on_its_side_when_the_paper_does():
    told = {"width": 100, "height": 100, "margin": 5, "sort": False}
    (landscape,) = hpgl_lines(written([RISING], ".hpgl", orientation="landscape", **told))
    np.testing.assert_allclose(
        landscape, (48.5, 205) + 2.0 * np.array(RISING[0]) * (1, -1), atol=0.0126
    )
    (portrait,) = hpgl_lines(written([RISING], ".hpgl", orientation="portrait", **told))
    across = (5, 48.5) + 2.0 * np.array(RISING[0])
    np.testing.assert_allclose(portrait, across[:, ::-1], atol=0.0126)


@pytest.mark.parametrize(
    ("extension", "read"), [(".gcode", gcode_lines), (".hpgl", hpgl_lines), (".svg", svg_lines)]
)
@pytest.mark.parametrize("smooth", [False, True])
def test_all_ink_is_drawn_within_the_margins(extension, read, smooth):
    frames = [[[(0, 0), (64, 0), (64, 48), (0, 48), (0, 0)], [(20, 20), (30, 25), (40, 20)]]] * 12
    told = {"orientation": "landscape", "merge": 0, "columns": 4, "gap": 3, "margin": 20}
    lines = read(written(frames, extension, smooth=smooth, **told))
    points = np.concatenate(lines)
    assert points.min() > 20 - 0.02
    assert points[:, 0].max() < 297 - 20 + 0.02
    assert points[:, 1].max() < 210 - 20 + 0.02
    scale = (297 - 40 - 9) / (4 * 64)
    straight = 12 * scale * (224 + 2 * np.hypot(10, 5))
    assert length(lines) == pytest.approx(straight, rel=0.03 if smooth else 0.001)


def devices_and_pages():
    for device in vpype.config_manager.get_plotter_list():
        try:
            plotter = vpype.config_manager.get_plotter_config(device)
        except ValueError:
            continue
        for page in ("a4", "a3", "a2", "a1", "letter", "tabloid"):
            if paper := plotter.paper_config(page):
                yield pytest.param(device, paper, page, id=f"{device}-{page}")


@pytest.mark.parametrize(("device", "paper", "page"), list(devices_and_pages()))
@pytest.mark.parametrize("orientation", ["portrait", "landscape"])
def test_nothing_is_beyond_the_reach_of_the_plotter(device, paper, page, orientation):
    edge = [[(0, 0), (100, 0), (100, 70), (0, 70), (0, 0)]]
    told = {"device": device, "page": page, "orientation": orientation, "margin": 0}
    (line,) = hpgl_lines(written([edge], ".plt", 100, 70, **told), unit=1)
    sides = np.ptp(line, axis=0)
    assert max(sides) / min(sides) == pytest.approx(100 / 70, rel=0.001)
    assert length([line]) == pytest.approx(2 * sum(sides), abs=4)
    for axis, limits in enumerate((paper.x_range, paper.y_range)):
        assert limits[0] <= line[:, axis].min() <= line[:, axis].max() <= limits[1]


@pytest.mark.parametrize(
    ("extension", "read"), [(".gcode", gcode_lines), (".hpgl", hpgl_lines), (".svg", svg_lines)]
)
@pytest.mark.parametrize("place", [(32, 24), (0, 0), (64, 48)])
def test_a_dot_puts_the_pen_down_for_a_tenth_of_a_millimetre(extension, read, place):
    (line,) = read(written([[[place]]], extension))
    assert length([line]) == pytest.approx(0.1, abs=0.03)


def test_ink_outside_the_canvas_does_not_reach_the_neighbours():
    frames = [[[(-500, 24), (500, 24)], [(70, 5)]], []]
    (line,) = gcode_lines(written(frames, ".gcode", columns=2, gap=10, margin=10))
    assert length([line]) == pytest.approx((297 - 20 - 10) / 2, abs=0.01)


def test_an_overlay_has_a_layer_and_a_pen_for_each_frame():
    frames = [[[(1, 1), (9, 9)]], [], [[(1, 1), (9, 9)]]]
    svg = written(frames, ".svg", layout="overlay")
    assert 'label="frame 1"' in svg
    assert 'label="frame 3"' in svg
    first, last = svg_lines(svg)
    np.testing.assert_array_equal(first, last[::-1])
    hpgl = written(frames, ".hpgl", layout="overlay")
    assert "SP1;" in hpgl
    assert "SP3;" in hpgl
    assert written(frames, ".gcode", layout="overlay").splitlines().count("M0") == 1
    assert "M0" not in written(frames, ".gcode")


def test_commands_of_another_dialect():
    told = {"pen_up": "M5", "pen_down": "M3 S90|G4 P0.2", "feed": 900.5}
    text = written([[[(1, 1), (9, 9)]]], ".nc", **told)
    assert text.startswith("G21\nG90\nM5\nG0 X")
    assert "\nM3 S90\nG4 P0.2\nG1 X" in text
    assert " F900.5\nM5\nG0 X0 Y0\nM2\n" in text


@pytest.mark.parametrize("extension", [".hpgl", ".gcode", ".svg"])
def test_a_sheet_without_ink_is_still_a_file(extension):
    start, end = {
        ".hpgl": ("IN;", "SP0;IN;\n"),
        ".gcode": ("G21\n", "M2\n"),
        ".svg": ("<?xml", "</svg>\n"),
    }[extension]
    text = written([[], []], extension)
    assert text.startswith(start)
    assert text.endswith(end)
