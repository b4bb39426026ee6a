"""Fewer curves stay as close as was asked for, and are the same ones in every frame."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strokeanim.geometry.curve_fitting import fit_curves
from strokeanim.geometry.splines import flatten, outline


def wandering(seed, points, frames):
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(points, 2)).cumsum(axis=0) * 10
    sway = rng.normal(size=(points, 2)) * 3
    return np.stack([steps + sway * np.sin(frame) for frame in range(frames)]).astype(np.float32)


def gap(points, start, pieces):
    """How far the curve through points is from other curves, by closely spaced samples."""
    ours = flatten(*outline(points, True), steps=20)
    theirs = flatten(start.astype(float), pieces, steps=400)
    return max(np.hypot(*(theirs - one).T).min() for one in ours)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 99), st.integers(3, 30), st.sampled_from([0.0, 0.2, 1.0, 5.0]))
def test_the_error_is_within_the_tolerance(seed, points, tolerance):
    track = wandering(seed, points, 3)
    curves = fit_curves(track, tolerance)
    assert curves.shape[::2] == (3, 3)
    assert 1 <= curves.shape[1] <= points - 1
    np.testing.assert_allclose(curves[:, -1, -1], track[:, -1])
    for frame, pieces in zip(track, curves, strict=True):
        # Measured at four places a piece, so a little more between them is possible.
        assert gap(frame, frame[0], pieces) <= 1.3 * tolerance + 0.1


def test_a_larger_tolerance_takes_fewer_pieces():
    track = wandering(3, 40, 4)
    counts = [fit_curves(track, tolerance).shape[1] for tolerance in (0, 0.5, 2, 10)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 39
    assert counts[-1] < 25


def test_many_points_on_a_circle_are_few_curves():
    angle = np.linspace(0, 2 * np.pi, 80)
    circle = 100 * np.stack([np.cos(angle), np.sin(angle)], axis=1)[None].astype(np.float32)
    assert fit_curves(circle, 0.2).shape[1] <= 8


@pytest.mark.parametrize("shape", ["still", "halting", "there and back"])
def test_degenerate_strokes_are_fitted_without_numbers_that_are_none(shape):
    track = wandering(1, 8, 3)
    if shape == "still":
        track[:] = track[:, :1]
    elif shape == "halting":
        track[:, 2:5] = track[:, 2:3]
    else:
        track[:, 4:] = track[:, 3::-1]
    for tolerance in (0, 0.5, 50):
        assert np.isfinite(fit_curves(track, tolerance)).all()
