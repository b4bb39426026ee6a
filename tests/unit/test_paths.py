"""Laws of the paths between latents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from strokeanim.errors import InputError
from strokeanim.latent.interpolation import (
    PATHS,
    centred,
    interpolate,
    interpolation_times,
    lerp,
    nlerp,
    slerp,
)

numbers = st.floats(-100, 100, width=32).map(lambda x: x if abs(x) > 1e-3 else 0.0)
vectors = hnp.arrays(np.float32, 16, elements=numbers)
shares = st.floats(0, 1)
T = np.linspace(0, 1, 12)
CENTRE = np.full(16, 0.5, np.float32)


@given(vectors, vectors, st.sampled_from(sorted(PATHS)))
def test_every_path_starts_and_ends_where_it_should(a, b, name):
    path = interpolate(name, a, b, [0, 1], centre=CENTRE)
    np.testing.assert_array_equal(path, [a, b])


@given(vectors, vectors, st.sampled_from(sorted(PATHS)))
def test_every_path_is_finite(a, b, name):
    assert np.isfinite(interpolate(name, a, b, T, centre=CENTRE)).all()


@given(vectors, vectors)
def test_slerp_backwards_is_slerp_reversed(a, b):
    if np.linalg.norm(a / max(np.linalg.norm(a), 1e-9) + b / max(np.linalg.norm(b), 1e-9)) < 1e-3:
        return  # opposite: the way round is a choice, and may differ by direction
    np.testing.assert_allclose(slerp(a, b, T), slerp(b, a, 1 - T)[:], atol=1e-3, rtol=1e-3)


@given(vectors, vectors, st.floats(0.1, 10))
def test_slerp_scales_with_its_ends(a, b, scale):
    scaled = slerp((a * scale).astype(np.float32), (b * scale).astype(np.float32), T)
    np.testing.assert_allclose(scaled, slerp(a, b, T) * scale, atol=1e-2 * scale, rtol=1e-3)


@given(vectors)
def test_slerp_between_equal_vectors_stays(a):
    np.testing.assert_allclose(slerp(a, a, T), np.tile(a, (len(T), 1)), rtol=1e-5, atol=1e-5)


def test_slerp_between_unit_vectors_stays_on_the_sphere_at_even_speed():
    rng = np.random.default_rng(0)
    a, b = (v / np.linalg.norm(v) for v in rng.normal(size=(2, 512)))
    path = slerp(a.astype(np.float32), b.astype(np.float32), T)
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), 1, rtol=1e-5)
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-4)


def test_slerp_matches_the_closed_form():
    angle = 0.7
    a = np.array([3, 0], np.float32)
    b = np.array([2 * np.cos(angle), 2 * np.sin(angle)], np.float32)
    expected = (np.sin(0.75 * angle) * a + np.sin(0.25 * angle) * b) / np.sin(angle)
    np.testing.assert_allclose(slerp(a, b, 0.25)[0], expected, rtol=1e-6)


@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_slerp_between_opposite_vectors_goes_round(scale):
    a = np.random.default_rng(1).normal(size=64).astype(np.float32)
    b = (-scale * a).astype(np.float32)
    path = slerp(a, b, T, seed=3)
    lengths = np.linalg.norm(path, axis=1)
    expected = np.linalg.norm(a) * (1 + (scale - 1) * T)
    np.testing.assert_allclose(lengths, expected, rtol=1e-4)
    np.testing.assert_array_equal(path, slerp(a, b, T, seed=3))
    assert not np.allclose(path[5], slerp(a, b, T, seed=4)[5])


def test_slerp_from_or_to_zero_is_a_straight_line():
    a, zero = np.ones(8, np.float32), np.zeros(8, np.float32)
    np.testing.assert_array_equal(slerp(a, zero, T), lerp(a, zero, T))
    np.testing.assert_array_equal(slerp(zero, zero, T), np.zeros((12, 8)))


def test_slerp_nearly_equal_vectors_is_precise():
    a = np.random.default_rng(0).normal(size=512).astype(np.float32)
    b = a.copy()
    b[0] += 1e-3
    middle = slerp(a, b, 0.5)[0]
    np.testing.assert_allclose(middle, (a + b) / 2, atol=1e-6)


def test_nlerp_has_the_lengths_between():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 32)).astype(np.float32)
    lengths = np.linalg.norm(nlerp(a, b, T), axis=1)
    np.testing.assert_allclose(
        lengths, (1 - T) * np.linalg.norm(a) + T * np.linalg.norm(b), rtol=1e-5
    )


def test_centred_is_slerp_about_the_centre():
    rng = np.random.default_rng(0)
    a, b, centre = rng.normal(size=(3, 32)).astype(np.float32)
    np.testing.assert_allclose(
        centred(a, b, T, centre=centre), slerp(a - centre, b - centre, T) + centre, atol=1e-5
    )
    with pytest.raises(InputError, match="mean latent"):
        centred(a, b, T)


@pytest.mark.parametrize("steps", [0, 1, 10])
def test_times_are_even_and_include_both_ends(steps):
    t = interpolation_times(steps)
    assert len(t) == steps + 2
    assert (t[0], t[-1]) == (0, 1)
    np.testing.assert_allclose(np.diff(t), 1 / (steps + 1), rtol=1e-5)


def test_mistakes_are_named():
    a = np.ones(4, np.float32)
    with pytest.raises(InputError, match=r"no path called 'slurp'; choose one of slerp"):
        interpolate("slurp", a, a, T)
    with pytest.raises(InputError, match="equal length"):
        slerp(a, np.ones(5, np.float32), T)
    with pytest.raises(InputError, match="NaN"):
        slerp(a, np.full(4, np.nan, np.float32), T)
    with pytest.raises(InputError, match="number of in-betweens"):
        interpolation_times(-1)
