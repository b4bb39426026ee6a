"""The ONNX graphs and the Keras weights are one model."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from strokeanim.datasets.batches import prepare, teacher_forcing_targets, to_model_units
from strokeanim.engine import load_model
from strokeanim.geometry.stroke_formats import to_stroke5
from strokeanim.io.samples import all_samples

pytestmark = pytest.mark.slow

SAMPLES = all_samples()[::4]


@pytest.fixture(scope="module")
def engines():
    return load_model("faces"), load_model("faces", engine="keras")


def test_latents_and_classes_agree(engines):
    onnx, keras = engines
    np.testing.assert_allclose(onnx.encode(SAMPLES), keras.encode(SAMPLES), atol=1e-4)
    ours, theirs = onnx.identify(SAMPLES), keras.identify(SAMPLES)
    assert ours[0] == theirs[0]
    np.testing.assert_allclose(ours[1], theirs[1], atol=1e-4)


def test_teacher_forced_outputs_agree(engines):
    onnx, keras = engines
    rows = np.stack([to_stroke5(to_model_units(prepare(d, 96)), 96) for d in SAMPLES])
    context, _, weight = teacher_forcing_targets(rows, 0.0, np.random.default_rng(0))
    z = onnx.encode(SAMPLES)
    expected = np.asarray(keras.model.decode(z, context))
    state, got = onnx.start(z), []
    for step in range(context.shape[1]):
        params, state = onnx.step(np.ascontiguousarray(context[:, step]), state)
        got.append(params)
    drawn = weight.astype(bool)
    np.testing.assert_allclose(np.stack(got, axis=1)[drawn], expected[drawn], atol=1e-4)


def test_both_draw_the_same_strokes(engines):
    onnx, keras = engines
    z = onnx.encode(SAMPLES)
    for ours, theirs in zip(onnx.decode(z), keras.decode(z), strict=True):
        assert [len(s) for s in ours.strokes] == [len(s) for s in theirs.strokes]
        for a, b in zip(ours.strokes, theirs.strokes, strict=True):
            np.testing.assert_allclose(a, b, atol=0.1)


def test_sampling_with_the_same_random_numbers_agrees(engines):
    onnx, keras = engines
    z = onnx.encode(SAMPLES[:4])
    ours = onnx.decode(z, 0.2, np.random.default_rng(1))
    theirs = keras.decode(z, 0.2, np.random.default_rng(1))
    assert [d.points for d in ours] == [d.points for d in theirs]
