"""When an animation is where on its path."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strokeanim.animation.timeline import EASINGS, LOOPS, Timeline, uniform_speed
from strokeanim.errors import InputError

FIFTH = Fraction(1, 5)
RATES = st.fractions(min_value=Fraction(1, 60), max_value=2, max_denominator=90)


def test_two_drawings_and_ten_in_betweens_are_twelve_frames():
    clock = Timeline.of(2, 10, FIFTH)
    assert clock.durations == (FIFTH,) * 12
    np.testing.assert_array_equal(clock.positions(1) * 11, np.arange(12) / 11 * 11)


@given(
    st.integers(2, 6),
    st.integers(0, 6),
    RATES,
    st.none() | RATES,
    st.sampled_from([None, *LOOPS]),
    st.sampled_from(sorted(EASINGS)),
)
def test_time_is_exact_and_every_drawing_has_a_frame(drawings, steps, frame, tween, loop, easing):
    legs = drawings if loop == "cycle" else drawings - 1
    count = (legs * (steps + 1) + (loop is None)) * (2 if loop == "pingpong" else 1)
    try:
        clock = Timeline.of(drawings, steps, frame, tween, loop, easing)
    except InputError:
        assert tween is not None
        assert count * frame / tween < 2 * legs + 2
        return
    assert sum(clock.durations) == count * frame
    if loop is None or tween is None:
        assert set(clock.durations[:-1]) <= {tween or frame}
        assert clock.durations[-1] >= (tween or frame)
    else:  # a loop does not stop for what is left over
        assert len(set(clock.durations)) == 1
        assert abs(clock.durations[0] / tween - 1) <= Fraction(1, len(clock.durations))
    lengths = np.linspace(1, 3, legs)
    for places in (clock.positions(legs), clock.positions(legs, lengths)):
        assert len(places) == len(clock.durations)
        assert (places >= 0).all()
        assert (places <= legs).all()
        assert set(range(drawings)) <= set(places.tolist())
        if loop is None:
            assert places[-1] == legs
        around = np.append(places, places[0])
        assert (np.diff(around[: None if loop == "pingpong" else -1]) != 0).all()


def test_longer_legs_get_more_of_the_frames():
    clock = Timeline.of(3, 9, FIFTH)
    places = clock.positions(2, np.array([1.0, 3.0]))
    assert int((places < 1).sum()) in (5, 6)
    np.testing.assert_array_equal(clock.positions(2, np.zeros(2)), clock.positions(2))


def test_easings_start_and_end_where_they_should():
    t = np.linspace(0, 1, 101)
    for name, ease in EASINGS.items():
        assert ease(t)[[0, -1]].tolist() == [0, 1]
        assert (np.diff(ease(t)) > 0).all(), name
    assert EASINGS["ease-in"](t)[50] < 0.5 < EASINGS["ease-out"](t)[50]
    np.testing.assert_allclose(EASINGS["ease-in-out"](1 - t), 1 - EASINGS["ease-in-out"](t))


def test_even_speed_is_by_the_way_gone_within_each_leg():
    keys = np.array([0, 0.5, 1, 1.5, 2])
    found = uniform_speed(np.array([0, 0.5, 1, 1.5, 2]), keys, np.array([0, 3.0, 4, 4, 4]))
    np.testing.assert_allclose(found, [0, 1 / 3, 1, 1.5, 2])


def test_what_does_not_exist_or_fit_is_told():
    with pytest.raises(InputError, match="choose one of pingpong, cycle"):
        Timeline.of(2, 10, FIFTH, loop="forever")
    with pytest.raises(InputError, match="choose one of linear"):
        Timeline.of(2, 10, FIFTH, easing="bouncy")
    with pytest.raises(InputError, match=r"4 drawings in 0\.8 s need 4 frames or more, and get 1"):
        Timeline.of(4, 0, FIFTH, Fraction(1, 2))
