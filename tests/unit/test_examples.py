"""Training examples: teacher forcing, padding, batches by number; rasters after augmentation."""

from __future__ import annotations

from itertools import islice

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from strokeanim.datasets.augment import augment
from strokeanim.datasets.batches import (
    UNIT,
    TrainingBatches,
    padded_lengths,
    prepare,
    teacher_forcing_targets,
    to_model_units,
)
from strokeanim.datasets.raster import rasterise, rasterise_picture
from strokeanim.datasets.synthetic import CLASSES, synthesise_many
from strokeanim.geometry import Drawing, Picture
from strokeanim.geometry.polylines import transform
from strokeanim.geometry.stroke_formats import from_stroke5, to_stroke5

DRAWINGS = synthesise_many(40)


def examples(**changes):
    return TrainingBatches((DRAWINGS,), (1.0,), CLASSES, **{"batch": 8, "pool": 3} | changes)


def test_a_batch_is_a_function_of_seed_and_number():
    first = list(islice(examples().starting(0), 8))
    later = list(islice(examples().starting(5), 3))
    for ours, theirs in zip(first[5:], later, strict=True):
        np.testing.assert_array_equal(ours.context, theirs.context)
        np.testing.assert_array_equal(ours.pictures, theirs.pictures)
    other = next(examples(seed=1).starting(0))
    assert not np.array_equal(other.pictures, first[0].pictures)


def test_shapes_and_ranges():
    for batch in examples().group(0):
        steps = batch.target.shape[1]
        assert steps in padded_lengths(96)
        assert batch.pictures.shape == (8, 64, 64, 1)
        assert batch.context.shape == (8, steps, 7)
        assert 0 <= batch.pictures.min() <= batch.pictures.max() <= 1
        assert (batch.target[..., 2:].sum(axis=-1) == 1).all()
        ends = batch.target[..., 4].argmax(axis=1)
        np.testing.assert_array_equal(batch.weight.sum(axis=1), ends + 1)


@given(st.integers(0, 39), st.floats(0, 0.3))
def test_following_the_targets_from_the_context_draws_the_drawing(place, noise):
    drawing = to_model_units(prepare(DRAWINGS[place], 96))
    rows = to_stroke5(drawing, 96)[None]
    context, target, _ = teacher_forcing_targets(rows, noise, np.random.default_rng(0))
    reached = context[0, :, 5:] + target[0, :, :2]
    true = np.cumsum(rows[0, :, :2], axis=0)
    np.testing.assert_allclose(reached, true, atol=1e-4)
    assert (context[0, 1:, 2:5] == rows[0, :-1, 2:]).all()
    assert context[0, 0].tolist() == [0, 0, 0, 1, 0, 0, 0]


def test_without_noise_the_target_is_the_drawing_itself():
    rows = to_stroke5(to_model_units(DRAWINGS[0]), 96)[None]
    _, target, _ = teacher_forcing_targets(rows, 0.0, np.random.default_rng(0))
    np.testing.assert_allclose(target, rows, atol=1e-5)


@given(st.sampled_from(DRAWINGS), st.integers(12, 96))
def test_prepared_drawings_fit(drawing, steps):
    small = prepare(drawing, steps)
    assert small.strokes
    assert small.points < steps
    assert from_stroke5(to_stroke5(small, steps)).points == small.points


def test_model_units_are_centred():
    box = to_model_units(Drawing([[(10, 20), (110, 70)]])).box
    assert (box.longer, box.centre) == (UNIT, (0, 0))


@given(st.sampled_from(DRAWINGS), st.integers(0, 1000))
def test_augmentation_keeps_class_and_size_roughly(drawing, seed):
    changed = augment(drawing, np.random.default_rng(seed))
    assert changed.label == drawing.label
    assert len(drawing.strokes) - 1 <= len(changed.strokes) <= len(drawing.strokes)
    assert 0.4 < changed.box.longer < 2.5


def test_strength_zero_only_mirrors():
    drawing = DRAWINGS[1]
    changed = [augment(drawing, np.random.default_rng(seed), 0) for seed in range(20)]
    seen = {round(float(each.strokes[0][0, 0]), 5) for each in changed}
    assert len(seen) == 2
    assert len({abs(x) for x in seen}) == 1


def test_the_raster_holds_the_ink_where_the_strokes_are():
    page = rasterise(Drawing([[(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]]))
    assert page.shape == (64, 64)
    assert page[:, 3].mean() > 0.5
    assert page[10:54, 10:54].max() == 0


@given(st.floats(0.1, 50), st.floats(-500, 500))
def test_the_raster_does_not_depend_on_place_or_size(scale, shift):
    drawing = DRAWINGS[2]
    moved = transform(drawing, scale, (0, 0), (shift, shift))
    np.testing.assert_allclose(rasterise(moved), rasterise(drawing), atol=0.3)


def test_a_picture_of_a_drawing_looks_like_the_drawing():
    for drawing in DRAWINGS[:8]:
        big = rasterise(drawing, 256, pen=6.4)
        page = rasterise_picture(Picture(np.pad(big, ((40, 0), (0, 90)))))
        assert np.abs(page - rasterise(drawing)).mean() < 0.03


def test_a_dot_and_a_blank_picture_have_a_raster():
    assert rasterise(Drawing([[(5, 5)]])).sum() > 0
    assert rasterise_picture(Picture(np.zeros((30, 20), np.float32))).sum() == 0
