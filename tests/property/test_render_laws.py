"""Laws of curves, frames, timing and files, on anything Hypothesis comes up with."""

import json
import tempfile
import xml.etree.ElementTree as ET
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from strokeanim.animation.animation import Animation, grid
from strokeanim.geometry import Drawing, splines
from strokeanim.render.formats.gif import delays
from strokeanim.render.formats.mp4 import time_base
from tests.strategies import drawings, strokes

few = settings(max_examples=25, deadline=None)
near = st.integers(-255, 255).map(float)
moments = st.fractions(Fraction(1, 120), 3, max_denominator=120)


@given(strokes(near), st.booleans())
def test_curves_start_end_and_pass_through_the_points(stroke, smooth):
    start, pieces = splines.outline(stroke, smooth)
    through = np.concatenate([start[None], pieces[:, -1]])
    np.testing.assert_array_equal(start, stroke[0])
    np.testing.assert_array_equal(through[-1], stroke[-1])
    keeps = np.append(True, (np.diff(stroke, axis=0) != 0).any(axis=1))
    if keeps.sum() > 1:
        np.testing.assert_array_equal(through, stroke[keeps])


@given(strokes(near, least=3), st.sampled_from([0.5, 3.0]), st.tuples(near, near))
def test_curves_move_and_scale_with_their_points(stroke, scale, by):
    start, pieces = splines.outline(stroke, True)
    moved_start, moved = splines.outline((stroke * scale + by).astype(np.float32), True)
    np.testing.assert_allclose(moved_start, start * scale + by, atol=1e-3)
    np.testing.assert_allclose(moved, pieces * scale + by, atol=1e-3)


@given(strokes(near, least=3))
def test_curves_are_the_same_backwards(stroke):
    start, pieces = splines.outline(stroke, True)
    _, back = splines.outline(stroke[::-1], True)
    assume(pieces.shape[1] == 3)
    turns = _turns(np.concatenate([start[None], pieces[:, -1]]))
    assume((np.abs(turns - splines.CORNER_DEGREES) > 1e-3).all())
    np.testing.assert_allclose(back[::-1, 1::-1], pieces[:, :2], atol=1e-6)


def _turns(points):
    chords = np.diff(points, axis=0)
    if (points[0] == points[-1]).all():
        chords = np.concatenate([chords, chords[:1]])
    angles = np.degrees(np.arctan2(chords[:, 1], chords[:, 0]))
    return np.abs((np.diff(angles) + 180) % 360 - 180)


def test_a_circle_stays_a_circle_and_a_corner_a_corner():
    angles = np.linspace(0, 2 * np.pi, 13)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    circle[-1] = circle[0]
    controls = splines.catmull_rom(circle)
    middles = (circle[:-1] + 3 * controls[:, 0] + 3 * controls[:, 1] + controls[:, 2]) / 8
    np.testing.assert_allclose(np.hypot(*middles.T), 1, atol=0.002)
    right_angle = splines.catmull_rom(np.array([[0.0, 0], [0, 6], [6, 6]]))
    np.testing.assert_allclose(right_angle[:, :2], [[[0, 2], [0, 4]], [[2, 6], [4, 6]]])


@given(st.lists(moments, min_size=1, max_size=40))
def test_gif_delays_are_within_half_a_hundredth_all_the_way(durations):
    assume(min(durations) >= Fraction(1, 100))
    due = np.cumsum([float(duration * 100) for duration in durations])
    assert np.abs(np.cumsum(delays(durations)) - due).max() <= 0.5 + 1e-6


@given(st.lists(moments, min_size=1, max_size=12))
def test_every_duration_is_a_whole_number_of_ticks(durations):
    tick = time_base(tuple(durations))
    assert tick == Fraction(1, 90_000) or all((one / tick).denominator == 1 for one in durations)


@few
@given(st.lists(drawings(near, empty=True), min_size=1, max_size=4))
def test_any_animation_becomes_a_file_that_reads_back(many):
    animation = Animation.from_drawings(many)
    with tempfile.TemporaryDirectory() as folder:
        saved = {
            ending: animation.save(Path(folder, f"a.{ending}"), size=32).read_bytes()
            for ending in ("svg", "gif", "ndjson")
        }
    layers = ET.fromstring(saved["svg"]).findall("{http://www.w3.org/2000/svg}g")
    assert [len(layer) - 1 for layer in layers] == [len(one.strokes) for one in many]
    assert Image.open(BytesIO(saved["gif"])).n_frames == len(many)
    lines = [json.loads(line) for line in saved["ndjson"].splitlines()]
    for line, one in zip(lines, many, strict=True):
        back = Drawing([np.transpose(stroke) for stroke in line["drawing"]])
        assert back.strokes == () or back == Drawing(one.strokes)
        assert line["label"] == one.label


@few
@given(st.lists(drawings(near), min_size=1, max_size=5), st.integers(1, 4))
def test_a_grid_keeps_every_stroke_inside_its_canvas(many, columns):
    whole = grid([Animation.from_drawings([one]) for one in many], columns)
    frame = whole.frames[0]
    assert len(frame.strokes) == sum(len(one.strokes) for one in many)
    points = np.concatenate(frame.strokes)
    assert (points >= -1e-3).all()
    assert (points <= (whole.canvas.width + 1e-3, whole.canvas.height + 1e-3)).all()
