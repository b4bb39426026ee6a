"""Synthetic drawings: reproducible, well formed, and about as complex as real ones."""

from __future__ import annotations

import numpy as np
import pytest

from strokeanim.data.synth import CLASSES, synthesise, synthesise_many
from strokeanim.errors import InputError

# Median points of real drawings of each class, as QuickDraw simplifies them.
REAL_POINTS = {"mouth": 31, "nose": 20, "eye": 47, "ear": 31}


def test_a_seed_gives_the_same_drawings_and_a_longer_run_starts_with_them():
    assert synthesise_many(12, 3) == synthesise_many(20, 3)[:12]
    assert synthesise_many(4, 3) != synthesise_many(4, 4)


@pytest.mark.parametrize("label", CLASSES)
def test_drawings_are_as_quickdraw_has_them(label):
    for seed in range(60):
        drawing = synthesise(label, np.random.default_rng(seed))
        assert drawing.label == label
        points = np.concatenate(drawing.strokes)
        assert (points == np.round(points)).all()
        assert points.min(axis=0).tolist() == [0, 0]
        assert 250 <= drawing.box.longer <= 256
        assert all(len(stroke) >= 2 for stroke in drawing.strokes)


@pytest.mark.parametrize("label", CLASSES)
def test_they_are_about_as_complex_as_real_ones(label):
    points = [synthesise(label, np.random.default_rng([9, n])).points for n in range(300)]
    assert np.median(points) == pytest.approx(REAL_POINTS[label], rel=0.3)


def test_no_two_are_alike():
    assert len({hash(drawing.strokes[0].tobytes()) for drawing in synthesise_many(400)}) == 400


def test_an_unknown_class_is_named():
    with pytest.raises(InputError, match="no synthetic 'cat'; choose one of mouth"):
        synthesise("cat", np.random.default_rng(0))
