"""Training on stars and houses, cut short: what is drawn, and what comes out."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import strokeanim as sa
from tests.examples.scripts import load


def test_what_is_drawn_is_new_to_the_model_and_not_too_long_for_it():
    new = load("train_new_class")
    rng = np.random.default_rng(0)
    for shape in new.SHAPES.values():
        for _ in range(40):
            drawing = sa.Drawing(new.by_hand(shape(rng), rng))
            assert 0.4 < drawing.box.width / drawing.box.height < 2.5
            assert drawing.points < 96
    assert not set(new.SHAPES) & set(sa.load_model().classes)


@pytest.mark.slow
def test_a_model_of_stars_and_houses(tmp_path):
    pytest.importorskip("keras")
    new = load("train_new_class")
    new.COUNT = 20
    new.main(out=tmp_path, steps=1)
    assert sa.load_model(str(tmp_path / "model")).classes == ("star", "house")
    labels = [drawing.label for drawing in sa.load(tmp_path / "drawings.ndjson")]
    assert labels == ["star"] * 20 + ["house"] * 20
    for name in ("star", "house"):
        with Image.open(tmp_path / f"{name}.gif") as gif:
            assert gif.n_frames == 12
