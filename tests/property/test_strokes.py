"""Laws of drawings, their formats and their geometry."""

from __future__ import annotations

import io
import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

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
from strokeanim.geometry.stroke_formats import (
    from_polylines,
    from_stroke3,
    from_stroke5,
    to_polylines,
    to_stroke3,
    to_stroke5,
)
from strokeanim.io.limits import ReadPolicy
from strokeanim.io.ndjson import format_line, parse_ndjson, read_ndjson, write_ndjson
from tests.strategies import boxes, drawings, fractional, strokes, whole

Points = npt.NDArray[np.float32]


def close(a: Drawing, b: Drawing, within: float) -> bool:
    return [len(s) for s in a.strokes] == [len(s) for s in b.strokes] and all(
        np.abs(p.astype(float) - q).max() <= within
        for p, q in zip(a.strokes, b.strokes, strict=True)
    )


def through_ndjson(drawing: Drawing) -> Drawing:
    line = io.BufferedReader(io.BytesIO(format_line(drawing).encode()))
    ((back,),) = parse_ndjson(line, "line", ReadPolicy())
    return back


def distance_to(polyline: Points, points: Points) -> npt.NDArray[np.float64]:
    """From each point to the nearest place on the polyline, by the definition."""
    line, dots = polyline.astype(float), points.astype(float)[:, None]
    starts, steps = line[:-1], np.diff(line, axis=0)
    squared = np.maximum((steps**2).sum(-1), 1e-30)
    along = np.clip(((dots - starts) * steps).sum(-1) / squared, 0, 1)
    apart = dots - (starts + along[..., None] * steps)
    return np.asarray(np.linalg.norm(apart, axis=-1).min(axis=1))


# ---------------------------------------------------------------- formats


@given(drawings(whole, timed=False, empty=True))
def test_every_format_gives_whole_coordinates_back_exactly(drawing: Drawing) -> None:
    label, key = drawing.label, drawing.key
    assert from_stroke3(to_stroke3(drawing), label, key) == drawing
    assert from_stroke5(to_stroke5(drawing), label, key) == drawing
    assert from_polylines(to_polylines(drawing), label, key) == drawing
    assert through_ndjson(drawing) == drawing


@given(drawings(fractional, timed=False))
def test_every_format_gives_other_coordinates_back_to_a_thousandth(drawing: Drawing) -> None:
    assert close(from_stroke3(to_stroke3(drawing)), drawing, 1e-3)
    assert close(from_stroke5(to_stroke5(drawing)), drawing, 1e-3)
    assert from_polylines(to_polylines(drawing), drawing.label, drawing.key) == drawing
    assert close(through_ndjson(drawing), drawing, 1e-3)


@given(drawings(whole, timed=True))
def test_ndjson_keeps_times(drawing: Drawing) -> None:
    assert through_ndjson(drawing) == drawing


@given(drawings(timed=None, empty=True))
def test_ndjson_settles_after_one_writing(drawing: Drawing) -> None:
    once = format_line(drawing)
    assert format_line(through_ndjson(drawing)) == once
    assert "\n" not in once
    assert once.isascii()


@given(drawings(whole, empty=True))
def test_whole_numbers_are_written_as_integers(drawing: Drawing) -> None:
    def integers(value: object) -> bool:
        return all(map(integers, value)) if isinstance(value, list) else type(value) is int

    assert integers(json.loads(format_line(drawing))["drawing"])


@given(st.lists(drawings(whole, empty=True), max_size=4), st.sampled_from(["a.ndjson", "a.gz"]))
def test_a_file_gives_its_drawings_back(
    tmp_path_factory: pytest.TempPathFactory, many: list[Drawing], name: str
) -> None:
    file = tmp_path_factory.mktemp("ndjson") / name
    write_ndjson(many, file)
    first = file.read_bytes()
    assert read_ndjson(file) == many
    write_ndjson(many, file)
    assert file.read_bytes() == first


@given(drawings(empty=True), st.integers(0, 9))
def test_padding_stroke5_changes_nothing(drawing: Drawing, padding: int) -> None:
    rows = to_stroke5(drawing, drawing.points + 1 + padding)
    assert (rows[:, 2:].sum(axis=1) == 1).all()
    assert from_stroke5(rows) == from_stroke5(to_stroke5(drawing))


# ---------------------------------------------------------------- geometry


@given(strokes(fractional, most=40, least=2), st.floats(0.01, 50))
def test_simplify_keeps_the_ends_moves_nothing_and_stays_within_epsilon(
    stroke: Points, epsilon: float
) -> None:
    kept = simplify(stroke, epsilon)
    assert np.array_equal(kept[[0, -1]], stroke[[0, -1]])
    places = iter(map(tuple, stroke.tolist()))
    assert all(tuple(point) in places for point in kept.tolist()), "a subsequence, unmoved"
    assert distance_to(kept, stroke).max() <= epsilon * (1 + 1e-6) + 1e-6


@given(drawings(fractional), st.integers(2, 40))
def test_simplify_to_keeps_its_budget(drawing: Drawing, most: int) -> None:
    small = simplify_to(drawing, 1.0, most)
    assert 0 < small.points <= max(most, 1)
    assert (small.label, small.key) == (drawing.label, drawing.key)


@given(strokes(fractional, most=12), st.integers(2, 64))
def test_resample_keeps_ends_and_spaces_evenly(stroke: Points, count: int) -> None:
    even = resample(stroke, count)
    assert even.shape == (count, 2)
    length = arc_length(stroke)
    assume(length > 1e-2)
    assert np.allclose(even[[0, -1]], stroke[[0, -1]], atol=1e-3)
    assert distance_to(stroke, even).max() < 1e-3
    chords = np.linalg.norm(np.diff(even.astype(float), axis=0), axis=1)
    assert chords.max() <= length / (count - 1) + 1e-3


@given(st.integers(2, 50), fractional, fractional)
def test_resample_of_a_straight_line_is_linspace(count: int, x: float, y: float) -> None:
    line = np.array([[0, 0], [x, y]], np.float32)
    expected = np.linspace([0, 0], [x, y], count)
    assert np.allclose(resample(line, count), expected, atol=1e-3)


@given(drawings(fractional), boxes)
def test_fit_stays_in_the_box_centred_and_keeps_the_aspect(drawing: Drawing, box: Box) -> None:
    assume(drawing.box.longer > 1e-2)
    own, fitted = drawing.box, fit_to_box(drawing, box).box
    slack = 1e-3
    assert fitted.width <= box.width + slack
    assert fitted.height <= box.height + slack
    assert np.allclose(fitted.centre, box.centre, atol=slack)
    touches = abs(fitted.width - box.width) < slack or abs(fitted.height - box.height) < slack
    assert touches
    assert fitted.width * own.height == pytest.approx(fitted.height * own.width, rel=1e-3, abs=0.1)


@given(drawings(fractional))
def test_normalise_is_idempotent(drawing: Drawing) -> None:
    assume(drawing.box.longer > 1e-2)
    once = normalise(drawing)
    assert once.box.x == pytest.approx(0, abs=1e-3)
    assert once.box.y == pytest.approx(0, abs=1e-3)
    assert once.box.longer == pytest.approx(255, abs=1e-3)
    assert close(normalise(once), once, 1e-3)


@given(drawings(fractional), st.integers(1, 300))
def test_cloud_has_the_points_asked_for_on_the_ink(drawing: Drawing, count: int) -> None:
    points = point_cloud(drawing.strokes, count)
    assert points.shape == (count, 2)
    lines = [s if len(s) > 1 else np.repeat(s, 2, axis=0) for s in drawing.strokes]
    nearest = np.min([distance_to(line, points) for line in lines], axis=0)
    assert nearest.max() < 1e-3
