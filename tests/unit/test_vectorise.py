from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt

from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.errors import InputError
from strokeanim.geometry import Box, Drawing, Picture
from strokeanim.geometry.polylines import arc_length, fit_to_box
from strokeanim.io.ndjson import read_ndjson
from strokeanim.tracing.vectorise import vectorise
from tests.ink import PEN, SIDE, inked, shared_ink

DATA = Path(__file__).parents[2].parent / "shared" / "data"
Strokes = list[list[tuple[float, float]]]


def fitted(drawing: Drawing, side: int = SIDE, margin: float = 6.0) -> Drawing:
    return fit_to_box(drawing, Box(margin, margin, side - 2 * margin, side - 2 * margin))


def found(strokes: Strokes, pen: float = PEN) -> tuple[np.ndarray, ...]:
    return vectorise(Picture(inked(Drawing(strokes), pen))).strokes


def ring(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    angles = np.linspace(0, 2 * np.pi, 40)
    return [(x + radius * np.cos(angle), y + radius * np.sin(angle)) for angle in angles]


def same_ends(stroke: np.ndarray, *ends: tuple[float, float], within: float = 3.0) -> bool:
    ways = (stroke[[0, -1]], stroke[[-1, 0]])
    return any(np.hypot(*(way - np.array(ends)).T).max() <= within for way in ways)


# --- the ink stays ---


def test_the_ink_of_synthetic_drawings_is_kept_both_ways() -> None:
    for drawing in synthesise_many(48, seed=3):
        ink = inked(fitted(drawing))
        again = vectorise(Picture(ink))
        assert min(shared_ink(ink, inked(again))) > 0.93, drawing
        assert again.points < 2 * drawing.points + 10


@pytest.mark.parametrize(
    ("name", "every"), [("quickdraw_features", 1), ("quickdraw_other", 120)], ids=["all", "some"]
)
def test_the_ink_of_real_drawings_is_kept_both_ways(name: str, every: int) -> None:
    path = DATA / f"{name}.ndjson.gz"
    if not path.exists():
        pytest.skip(f"no {path.name} beside the checkout")
    shares = []
    for drawing in list(read_ndjson(path))[::every]:
        ink = inked(fitted(drawing))
        shares.append(shared_ink(ink, inked(vectorise(Picture(ink)))))
        assert min(shares[-1]) > 0.9, drawing
    assert np.mean(shares, axis=0).min() > 0.99


@pytest.mark.parametrize(("side", "pen"), [(64, 1.0), (128, 2.0), (512, 8.0), (1024, 20.0)])
def test_any_size_and_pen_will_do(side: int, pen: float) -> None:
    for drawing in synthesise_many(4, seed=1):
        ink = inked(fitted(drawing, side, pen + 2), pen, side)
        again = inked(vectorise(Picture(ink)), pen, side)
        assert min(shared_ink(ink, again, max(2.0, pen / 2))) > 0.9


def test_strokes_of_a_larger_picture_are_in_its_px() -> None:
    drawing = fitted(synthesise_many(1, seed=2)[0], 1800, 30)
    ink = inked(drawing, 12, 1800)
    assert min(shared_ink(ink, inked(vectorise(Picture(ink)), 12, 1800), 4)) > 0.95


# --- strokes as a person draws them ---


@pytest.mark.parametrize("angle", [25, 40, 60, 90])
@pytest.mark.parametrize("pen", [2.0, 3.0, 8.0])
def test_lines_go_straight_on_where_they_cross(angle: float, pen: float) -> None:
    turn = np.radians(angle)
    way = (90 * np.cos(turn), 90 * np.sin(turn))
    lines = [[(38.0, 128.0), (218.0, 128.0)]]
    lines.append([(128 - way[0], 128 - way[1]), (128 + way[0], 128 + way[1])])
    strokes = found(lines, pen)
    assert len(strokes) == 2
    for line in lines:
        assert any(same_ends(stroke, *line) for stroke in strokes)
    assert all(arc_length(stroke) == pytest.approx(180, abs=4) for stroke in strokes)


def test_a_loop_that_crosses_itself_is_one_stroke() -> None:
    t = np.linspace(0, 2 * np.pi, 60)
    eight = np.stack([128 + 100 * np.sin(t), 128 + 70 * np.sin(2 * t)], axis=1)
    (stroke,) = found([eight.tolist()])
    assert (stroke[0] == stroke[-1]).all()
    assert arc_length(stroke) == pytest.approx(arc_length(eight.astype(np.float32)), rel=0.02)


def test_a_line_that_meets_another_ends_there() -> None:
    bar, stem = [(30.0, 60.0), (220.0, 60.0)], [(128.0, 60.0), (128.0, 200.0)]
    strokes = found([bar, stem])
    assert len(strokes) == 2
    assert all(any(same_ends(stroke, *line) for stroke in strokes) for line in (bar, stem))


def test_a_closed_line_ends_where_it_begins() -> None:
    (stroke,) = found([ring(128, 128, 80)])
    assert (stroke[0] == stroke[-1]).all()
    assert np.hypot(*(stroke - 128).T) == pytest.approx(80, abs=1.5)
    assert len(stroke) < 40


@pytest.mark.parametrize("pen", [1.0, 3.0, 6.0])
def test_corners_stay_and_need_no_more_points(pen: float) -> None:
    square = [(60.0, 60.0), (200.0, 60.0), (200.0, 200.0), (60.0, 200.0), (60.0, 60.0)]
    (stroke,) = found([square], pen)
    assert len(stroke) <= 7
    for corner in square:
        assert np.hypot(*(stroke - corner).T).min() < max(2.0, pen / 2)


def test_the_tip_of_a_sharp_angle_is_part_of_one_stroke() -> None:
    tip = [(60.0, 60.0), (200.0, 80.0), (60.0, 100.0)]
    (stroke,) = found([tip])
    assert same_ends(stroke, tip[0], tip[-1])
    assert np.hypot(*(stroke - tip[1]).T).min() < 3


def test_a_dot_is_a_stroke_of_one_point() -> None:
    line, dot = sorted(found([[(40, 40), (200, 40)], [(100, 100)]]), key=len, reverse=True)
    assert len(line) == 2
    assert dot == pytest.approx(np.array([[100, 100]]), abs=1)


def test_dust_is_no_stroke() -> None:
    ink = inked(Drawing([[(40, 40), (200, 40)]]), pen=6)
    ink[100, 100] = ink[200:202, 50] = 1
    assert len(vectorise(Picture(ink)).strokes) == 1


def test_rough_edges_make_no_spurs() -> None:
    rng = np.random.default_rng(0)
    ink = inked(Drawing([[(30, 100), (220, 120)]]), pen=8)
    edge = (distance_transform_edt(ink > 0.5) == 1) & (rng.random(ink.shape) < 0.4)
    assert len(vectorise(Picture(np.where(edge, 0, ink))).strokes) == 1


@pytest.mark.parametrize("radius", [5, 10, 30])
def test_filled_ink_is_filled(radius: float) -> None:
    image = Image.fromarray(inked(Drawing([ring(128, 128, 100)])))
    reach = (128 - radius, 128 - radius, 128 + radius, 128 + radius)
    ImageDraw.Draw(image).ellipse(reach, fill=1)
    ink = np.asarray(image)
    drawing = vectorise(Picture(ink))
    assert len(drawing.strokes) == 2
    assert min(shared_ink(ink, inked(drawing), 1.5)) > 0.99


# --- the contract ---


def test_label_and_key_are_kept_and_the_result_is_always_the_same() -> None:
    picture = Picture(inked(fitted(synthesise_many(1)[0])), "ear", "7")
    once = vectorise(picture)
    assert (once.label, once.key) == ("ear", "7")
    assert once == vectorise(picture)


def test_strokes_move_with_the_ink() -> None:
    ink = inked(fitted(synthesise_many(1)[0], 200), side=200)
    here, there = vectorise(Picture(ink)), vectorise(Picture(np.pad(ink, ((9, 4), (13, 0)))))
    for stroke, moved in zip(here.strokes, there.strokes, strict=True):
        assert moved == pytest.approx(stroke + np.array([13, 9]), abs=1e-3)


def test_a_larger_tolerance_leaves_fewer_points() -> None:
    picture = Picture(inked(fitted(synthesise_many(1)[0])))
    counts = [vectorise(picture, tolerance).points for tolerance in (0, 0.5, 1, 2, 4)]
    assert all(more > fewer for more, fewer in pairwise(counts))


def test_a_blank_picture_is_refused() -> None:
    with pytest.raises(InputError, match="blank"):
        vectorise(Picture(np.zeros((20, 20))))


NOISE = np.random.default_rng(0).random((1000, 1000))
CHECKS = np.indices((200, 200)).sum(axis=0) % 2


@pytest.mark.parametrize(
    "ink",
    [
        np.ones((1, 1)),
        np.ones((1, 500)),
        np.ones((500, 1)),
        np.ones((300, 300)),
        np.eye(2),
        CHECKS,
        CHECKS[:9, :9],
        np.kron(CHECKS[:40, :40], np.ones((5, 5))),
        NOISE,
        NOISE[:100, :100],
        NOISE[:1],
        NOISE > 0.9,
        NOISE > 0.1,
        NOISE > 0.998,
    ],
)
def test_what_is_no_drawing_is_refused_or_gives_a_drawing(ink: np.ndarray) -> None:
    try:
        drawing = vectorise(Picture(ink))
    except InputError as error:
        assert "noise" in str(error)  # noqa: PT017
    else:
        assert 1 <= len(drawing.strokes) < 5_000
        high, low = np.array(ink.shape[::-1]), np.zeros(2)
        assert all(((low <= stroke) & (stroke <= high)).all() for stroke in drawing.strokes)
