"""Synthetic drawings: reproducible, well formed, and about as complex as real ones."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest

from strokeanim.datasets.synthetic import CLASSES, motor_noise, synthesise, synthesise_many
from strokeanim.errors import InputError

# Medians of real drawings of each class, as QuickDraw simplifies them: points and strokes.
REAL = {"mouth": (31, 3), "nose": (20, 1), "eye": (47, 5), "ear": (31, 2)}


def test_a_seed_gives_the_same_drawings_and_a_longer_run_starts_with_them():
    assert synthesise_many(12, 3) == synthesise_many(20, 3)[:12]
    assert synthesise_many(4, 3) != synthesise_many(4, 4)


def test_a_drawing_depends_on_seed_number_and_class_alone():
    number = 9
    alone = synthesise("nose", np.random.default_rng([3, number]), f"synth-3-{number}")
    assert synthesise_many(number + 1, 3)[number] == alone
    assert synthesise_many(number + 1, 3, ["nose"])[number] == alone


@pytest.mark.parametrize("label", CLASSES)
def test_drawings_are_as_quickdraw_has_them(label):
    for seed in range(150):
        drawing = synthesise(label, np.random.default_rng(seed))
        assert drawing.label == label
        points = np.concatenate(drawing.strokes)
        assert (points == np.round(points)).all()
        assert points.min(axis=0).tolist() == [0, 0]
        assert drawing.box.longer == 255
        assert all(len(stroke) >= 2 for stroke in drawing.strokes)


@pytest.mark.parametrize("label", CLASSES)
def test_they_are_about_as_complex_as_real_ones(label):
    drawn = [synthesise(label, np.random.default_rng([9, n])) for n in range(200)]
    points, strokes = REAL[label]
    assert np.median([d.points for d in drawn]) == pytest.approx(points, rel=0.25)
    assert np.median([len(d.strokes) for d in drawn]) == pytest.approx(strokes, abs=1)


@pytest.mark.parametrize("label", CLASSES)
def test_people_differ_in_how_much_they_draw(label):
    points = [synthesise(label, np.random.default_rng([7, n])).points for n in range(200)]
    low, high = np.percentile(points, [10, 90])
    assert high > 1.7 * low


@pytest.mark.parametrize("label", CLASSES)
def test_every_kind_is_drawn_by_someone(label, monkeypatch):
    """Every function of a feature that takes a generator is reached from the feature."""
    package = "strokeanim.datasets.synthetic."
    modules = [
        import_module(package + name)
        for name in (label, f"{label}_parts", f"{label}_rare")
        if find_spec(package + name)
    ]
    kinds, drawn = set(), set()
    for module in modules:
        for name, shape in list(vars(module).items()):
            if getattr(shape, "__module__", "") == module.__name__ and "rng" in (
                getattr(shape, "__annotations__", {})
            ):
                kinds.add(name)
                for user in modules:
                    if getattr(user, name, None) is shape:
                        monkeypatch.setattr(user, name, noting(shape, drawn))
    for seed in range(1500):
        getattr(modules[0], label)(np.random.default_rng(seed))
    assert len(kinds) > 8
    assert kinds == drawn


def noting(shape, drawn):
    """`shape`, which adds its name to `drawn` when it is called."""

    def noted(*args, **kwargs):
        drawn.add(shape.__name__)
        return shape(*args, **kwargs)

    return noted


def test_no_two_are_alike():
    drawn = synthesise_many(400)
    assert len({tuple(stroke.tobytes() for stroke in d.strokes) for d in drawn}) == 400


def test_a_hand_keeps_what_it_is_given_to_draw():
    """Strokes stay in their order and near their places, however hasty the hand."""
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32)
    for seed in range(50):
        drawing = motor_noise.draw([square, square * 0.2], np.random.default_rng(seed))
        large, small = (np.ptp(stroke, axis=0).max() for stroke in drawing.strokes)
        assert large > 3 * small
        assert np.hypot(*(drawing.strokes[1].mean(axis=0) - drawing.box.centre)) < 50


def test_an_unknown_class_is_named():
    with pytest.raises(InputError, match="no synthetic 'cat'; choose one of mouth"):
        synthesise("cat", np.random.default_rng(0))
