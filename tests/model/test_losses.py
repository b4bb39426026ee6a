"""The loss terms against closed forms, and their behaviour at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax
from scipy.stats import multivariate_normal

keras = pytest.importorskip("keras")

from strokeanim.model import losses  # noqa: E402
from strokeanim.model.layers import LSTMCell  # noqa: E402

pytestmark = pytest.mark.slow


def test_the_offset_likelihood_is_that_of_the_mixture():
    rng = np.random.default_rng(0)
    params = rng.normal(size=(5, 6 * 3 + 3)).astype(np.float32)
    offset = rng.normal(size=(5, 2)).astype(np.float32)
    got = np.asarray(losses.offset_nll(params, offset, 3))
    for row, point, value in zip(params, offset, got, strict=True):
        weight, x, y, sx, sy, rho = row[:18].reshape(6, 3)
        rho = 0.95 * np.tanh(rho)
        density = [
            np.exp(log_softmax(weight)[k])
            * multivariate_normal.pdf(
                point,
                [x[k], y[k]],
                [
                    [np.exp(2 * sx[k]), rho[k] * np.exp(sx[k] + sy[k])],
                    [rho[k] * np.exp(sx[k] + sy[k]), np.exp(2 * sy[k])],
                ],
            )
            for k in range(3)
        ]
        assert value == pytest.approx(-np.log(np.sum(density)), rel=1e-4)


@pytest.mark.parametrize("size", [0.0, 1e2, 1e4])
def test_the_likelihood_is_finite_for_any_finite_output(size):
    rng = np.random.default_rng(1)
    params = (rng.normal(size=(64, 21)) * size).astype(np.float32)
    target = np.zeros((64, 1, 5), np.float32)
    target[..., :2] = rng.normal(size=(64, 1, 2)) * 50
    target[..., 2] = 1
    offset, pen = losses.stroke_nll(params[:, None], target, np.ones((64, 1), np.float32), 3)
    assert np.isfinite([float(offset), float(pen)]).all()


def test_what_is_drawn_after_the_end_does_not_count():
    rng = np.random.default_rng(2)
    params = rng.normal(size=(1, 4, 21)).astype(np.float32)
    target = np.zeros((1, 4, 5), np.float32)
    target[0, :2, 2] = target[0, 2:, 4] = 1
    weight = np.float32([[1, 1, 1, 0]])
    before = [float(v) for v in losses.stroke_nll(params, target, weight, 3)]
    params[0, 3] += 5
    target[0, 2:, :2] = 9
    after = [float(v) for v in losses.stroke_nll(params, target, weight, 3)]
    assert before == after


def test_kl_is_zero_for_the_prior_and_matches_the_closed_form():
    zero = np.zeros((4, 6), np.float32)
    assert float(losses.kl_divergence(zero, zero, 0.0)) == 0
    mean, log_variance = np.float32([[1.5, -2.0]]), np.float32([[0.3, -1.0]])
    expected = 0.5 * np.sum(np.exp(log_variance) + mean**2 - 1 - log_variance)
    assert float(losses.kl_divergence(mean, log_variance, 0.0)) == pytest.approx(expected, rel=1e-5)
    assert float(losses.kl_divergence(zero, zero, 0.1)) == pytest.approx(0.6, rel=1e-5)


@pytest.mark.parametrize("layer_norm", [True, False])
def test_the_cell_is_the_textbook_lstm(layer_norm):
    cell = LSTMCell(4, layer_norm)
    rng = np.random.default_rng(0)
    gates = rng.normal(size=(3, 16)).astype(np.float32)
    h, c = rng.normal(size=(2, 3, 4)).astype(np.float32)
    out, (next_h, next_c) = cell(gates, [h, c])

    def normal(x):
        return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    recurrent = h @ np.asarray(cell.recurrent)
    recurrent = normal(recurrent) * 0.5 if layer_norm else recurrent
    i, f, g, o = np.split(gates + recurrent, 4, axis=1)
    expected = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(g)
    np.testing.assert_allclose(np.asarray(next_c), expected, rtol=1e-4, atol=1e-5)
    seen = normal(expected) if layer_norm else expected
    np.testing.assert_allclose(np.asarray(next_h), sigmoid(o) * np.tanh(seen), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(np.asarray(out), np.asarray(next_h))


def test_the_cell_survives_saving():
    cell = LSTMCell(4, layer_norm=False, name="cell")
    again = keras.layers.deserialize(keras.layers.serialize(cell))
    assert again.get_config() == cell.get_config()
