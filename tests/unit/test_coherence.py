"""In-betweens that keep their strokes: laws that hold for any pair, and the parts they rest on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from strokeanim.correspondence.arc_segments import (
    Curve,
    Segment,
    closest_part,
    closest_segment,
    closest_whole,
    mean_distance,
)
from strokeanim.correspondence.dtw import align
from strokeanim.correspondence.matching import NEIGHBOURS, match, match_each
from strokeanim.correspondence.occlusion import attach_hidden
from strokeanim.correspondence.track_simplification import select_points
from strokeanim.correspondence.tracking import track_moves
from strokeanim.engine import load_model
from strokeanim.errors import InputError
from strokeanim.evaluation.metrics import movement
from strokeanim.evaluation.pairs import choose_pairs
from strokeanim.geometry import Box, Drawing, Picture
from strokeanim.geometry.chamfer import chamfer
from strokeanim.geometry.polylines import fit_to_box, point_cloud, resample
from strokeanim.geometry.splines import flatten, outline
from strokeanim.inbetween import Coherence, track_motion
from strokeanim.inbetween.candidates import sample_candidates
from strokeanim.inbetween.smoothing import restore_sizes, smooth
from strokeanim.inbetween.viterbi import viterbi
from strokeanim.io.samples import samples_of
from strokeanim.latent.interpolation import interpolation_times, slerp
from strokeanim.pipeline import animate

FEATURES = ("mouth", "nose", "eye", "ear")
PAIRS = [(label, 3, 5) for label in FEATURES] + [("eye", 0, 1), ("mouth", 8, 14)]
UNIT = Box(-0.5, -0.5, 1.0, 1.0)


@pytest.fixture(scope="module")
def model():
    return load_model()


def pair(label, i, j):
    return samples_of(label)[i], samples_of(label)[j]


def drawings(animation):
    return [Drawing(frame.strokes) for frame in animation.frames]


def ink(drawing):
    """Points close to each other on all that is drawn."""
    curves = [flatten(*outline(stroke, True)) for stroke in drawing.strokes]
    return np.concatenate(
        [np.linspace(a, b, 12) for curve in curves for a, b in pairwise([curve[0], *curve])]
    )


def off(one, other):
    """The largest distance from any ink of either drawing to the other's, of the longer side."""
    a, b = ink(one), ink(other)
    worst = max(cKDTree(a).query(b)[0].max(), cKDTree(b).query(a)[0].max())
    return worst / max(one.box.longer, 1e-9)


def alike(one, other, tolerance):
    for a, b in zip(one, other, strict=True):
        assert off(a, b) < tolerance


# Laws


@pytest.mark.parametrize(("label", "i", "j"), PAIRS)
def test_every_frame_has_the_same_strokes_and_both_ends_are_the_decoded_ones(model, label, i, j):
    ends = pair(label, i, j)
    moved = drawings(animate(*ends, steps=4, model=model))
    alone = drawings(animate(*ends, steps=4, model=model, coherent=False))
    assert len({tuple(map(len, frame.strokes)) for frame in moved}) == 1
    for place in (0, -1):
        assert off(alone[place], moved[place]) < 0.025


def test_they_move_less_and_more_evenly_and_nothing_pops(model):
    ours, theirs = [], []
    for label in FEATURES:
        for i, j in choose_pairs(len(samples_of(label)), 6):
            ours.append(movement(drawings(animate(*pair(label, i, j), model=model))))
            alone = animate(*pair(label, i, j), model=model, coherent=False)
            theirs.append(movement(drawings(alone)))
    # A fifth of these pairs turn from one side to the other, where there is least to be had;
    # `evaluate` measures it on more and other drawings.
    assert np.mean([m.jitter for m in ours]) < 0.6 * np.mean([m.jitter for m in theirs])
    assert max(m.flips for m in ours) == 0
    assert np.mean([m.pops for m in ours]) < 0.9 * np.mean([m.pops for m in theirs])
    assert np.median([m.max_mean_step for m in ours]) < 1.6
    for one, other in zip(ours, theirs, strict=True):
        assert one.reach == pytest.approx(other.reach, rel=0.1)


@pytest.mark.parametrize("pin", [False, True])
def test_a_drawing_to_itself_stands_still(model, pin):
    a = samples_of("eye")[0]
    still = drawings(animate(a, a, steps=4, pin=pin, model=model))
    alike(still, still[:1] * 6, 0.003)


@pytest.mark.parametrize(("label", "i", "j"), PAIRS)
def test_back_is_there_reversed(model, label, i, j):
    a, b = pair(label, i, j)
    there, back = animate(a, b, steps=5, model=model), animate(b, a, steps=5, model=model)
    for one, other in zip(there.frames, back.frames[::-1], strict=True):
        for x, y in zip(one.strokes, other.strokes, strict=True):
            np.testing.assert_allclose(x, y, atol=0.05)


@pytest.mark.parametrize("pin", [False, True])
def test_order_and_direction_of_the_strokes_drawn_play_no_part(model, pin):
    a, b = pair("eye", 3, 5)
    mixed = a.with_strokes([stroke[::-1] for stroke in a.strokes[::-1]])
    expected = drawings(animate(a, b, steps=3, pin=pin, model=model))
    alike(drawings(animate(mixed, b, steps=3, pin=pin, model=model)), expected, 0.03 * pin + 1e-4)


def test_size_and_place_of_the_drawings_carry_through(model):
    a, b = pair("mouth", 3, 5)
    far_a, far_b = (one.with_strokes([3 * s + (500, -90) for s in one.strokes]) for one in (a, b))
    near = drawings(animate(a, b, steps=3, model=model))
    far = drawings(animate(far_a, far_b, steps=3, model=model))
    alike(far, [one.with_strokes([3 * s + (500, -90) for s in one.strokes]) for one in near], 0.01)


def test_through_many_drawings_strokes_keep_their_ids_and_each_drawing_appears(model):
    some = samples_of("eye")[:5]
    for loop in (None, "cycle"):
        animation = animate(*some, loop=loop, steps=3, model=model)
        moved = drawings(animation)
        assert len({tuple(map(len, frame.strokes)) for frame in moved}) == 1
        assert len({frame.ids for frame in animation.frames}) == 1
        copies = [
            fit_to_box(copy, d.box)
            for copy, d in zip(model.decode(model.encode(some)), some, strict=True)
        ]
        shown = [
            one for one, fact in zip(moved, animation.facts, strict=True) if fact["t"] % 1 == 0
        ]
        for copy, frame in zip(copies, shown, strict=True):
            place = Box(*frame.box.centre, 0, 0).expand(copy.box.longer / 2)
            assert off(fit_to_box(copy, place), frame) < 0.05


def test_through_many_drawings_the_speed_is_even(model):
    def unevenness(animation):
        clouds = [point_cloud(frame.strokes) for frame in animation.frames]
        steps = [chamfer(a, b) for a, b in pairwise(clouds)]
        return np.std(steps) / np.mean(steps)

    some = [samples_of("nose")[k] for k in (0, 9, 4)]
    legs = [animate(a, b, model=model) for a, b in pairwise(some)]
    together = animate(*some, model=model)
    assert len(together.frames) == sum(len(leg.frames) for leg in legs) - 1
    by_t = type(together)(
        (*legs[0].frames, *legs[1].frames[1:]), together.durations, together.canvas
    )
    assert unevenness(together) < 0.7 * unevenness(by_t)
    assert sum(fact["t"] % 1 == 0 for fact in together.facts) == 3


# Pins, tweens, easing, loops


def test_pinned_drawings_appear_as_they_are(model):
    some = [one for k in (3, 5, 7) for one in samples_of("mouth")[k : k + 1]]
    some[1] = some[1].with_strokes([2 * stroke + 100 for stroke in some[1].strokes])
    animation = animate(*some, pin=True, steps=4, model=model)
    shown = [
        f for f, fact in zip(animation.frames, animation.facts, strict=True) if fact["t"] % 1 == 0
    ]
    alike([Drawing(frame.strokes) for frame in shown], some, 0.012)


def test_what_can_not_be_pinned_is_refused(model):
    a, b = pair("mouth", 3, 5)
    ink = np.zeros((40, 40), np.float32)
    ink[10:30, 20] = 1
    with pytest.raises(InputError, match="no strokes to be pinned"):
        animate(a, Picture(ink, label="mouth"), pin=True, model=model)
    with pytest.raises(InputError, match="leave out pin, or let frames"):
        animate(a, b, pin=True, coherent=False, model=model)
    with pytest.raises(InputError, match="at least two"):
        animate(a, model=model)


def test_tweens_show_the_same_motion_in_the_same_time(model):
    a, b = pair("ear", 3, 5)
    keys = animate(a, b, steps=4, fps=5, model=model)
    tween = animate(a, b, steps=4, fps=5, tween_fps=24, model=model)
    assert tween.duration == keys.duration
    assert len(tween.frames) == 28
    assert set(tween.durations[:-1]) == {tween.durations[0]}
    alike(drawings(tween)[:: len(tween.frames) - 1], drawings(keys)[::5], 1e-5)
    assert {f.ids for f in tween.frames} == {f.ids for f in keys.frames}
    whole = animate(a, b, steps=4, fps=6, tween_fps=31, model=model)  # 31 frames: every sixth a key
    alike(drawings(whole)[::6], drawings(keys), 1e-5)


def test_independent_frames_can_be_tweened_as_well(model):
    a, b = pair("ear", 3, 5)
    tween = animate(a, b, steps=4, fps=5, tween_fps=10, coherent=False, model=model)
    assert len(tween.frames) == 12
    assert tween.facts[0]["t"] == 0
    assert tween.facts[-1]["t"] == 1


def test_easing_begins_and_ends_slowly(model):
    a, b = pair("nose", 3, 5)
    even, eased = (animate(a, b, easing=e, model=model) for e in ("linear", "ease-in-out"))
    t = [fact["t"] for fact in eased.facts]
    assert t[1] < 1 / 11 / 2
    assert t[0] == 0
    assert t[-1] == 1
    alike(drawings(eased)[::11], drawings(even)[::11], 1e-5)


def test_loops_show_no_frame_twice_in_a_row(model):
    a, b, c = samples_of("ear")[:3]
    there = animate(a, b, c, steps=3, model=model)
    pingpong = animate(a, b, c, steps=3, loop="pingpong", model=model)
    assert pingpong.frames == there.frames + there.frames[-2:0:-1]
    cycle = animate(a, b, c, steps=3, loop="cycle", model=model)
    assert len(cycle.frames) == 12
    for loop in (pingpong, cycle):
        for one, other in pairwise([*loop.frames, loop.frames[0]]):
            assert one != other


# Choosing


def test_the_cheapest_way_is_found():
    rng = np.random.default_rng(0)
    own = [rng.random(3) for _ in range(4)]
    steps = [rng.random((3, 3)) for _ in range(3)]
    every = np.array(np.meshgrid(*[range(3)] * 4)).reshape(4, -1).T

    def cost(way):
        return sum(own[f][k] for f, k in enumerate(way)) + sum(
            steps[f][a, b] for f, (a, b) in enumerate(pairwise(way))
        )

    assert viterbi(own, steps) == min(every.tolist(), key=cost)


def test_the_same_candidate_of_every_frame_has_the_same_random_numbers(model):
    z = np.repeat(model.encode(samples_of("eye")[:1]), 3, axis=0)
    found = sample_candidates(model, z, ["eye"] * 3, [0], count=4, temperature=0.3, seed=1)
    assert [len(drawn) for drawn, _ in found] == [1, 5, 5]
    assert found[1][0] == found[2][0]
    assert found[1][0][0] == found[0][0][0]
    assert len(set(found[1][0])) > 1
    for drawn, sight in found:
        assert len(drawn) == len(sight.surprise) == len(sight.miss) == len(sight.clouds)


def test_settings_change_what_is_chosen_and_are_checked(model):
    ends = model.encode(pair("nose", 3, 8))
    z, labels = slerp(*ends, interpolation_times(6)), ["nose"] * 8
    usual = track_motion(model, z, labels, [0, 7])
    again = track_motion(model, z, labels, [0, 7], how=Coherence())
    other = track_motion(model, z, labels, [0, 7], how=Coherence(candidates=2, temperature=0.8))
    place = np.array([3.0])
    assert usual.at(place) == again.at(place)
    assert usual.at(place) != other.at(place)
    for wrong in (
        {"candidates": -1},
        {"candidates": 2.5},
        {"candidates": True},
        {"step": float("nan")},
        {"temperature": 9},
        {"bend": "much"},
        {"miss": None},
    ):
        with pytest.raises(InputError, match=f"coherence: {next(iter(wrong))} = "):
            Coherence(**wrong)
    a, b = pair("nose", 3, 8)
    with pytest.raises(InputError, match="leave out coherence"):
        animate(a, b, coherent=False, coherence=Coherence(), model=model)
    with pytest.raises(InputError, match="seed"):
        animate(a, b, seed=-1, model=model)


def test_a_pinned_dot_grows_steadily(model):
    dot, b = Drawing([[(7, 7)]], "mouth"), samples_of("mouth")[3]
    sizes = [one.box.longer for one in drawings(animate(dot, b, pin=True, model=model))]
    assert sizes[0] == 0
    assert (np.diff(sizes) > 5).all()


def test_pinned_drawings_that_the_model_can_not_tell_apart_stay_two(model):
    square = [[(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]]
    big, marked = Drawing(square, "mouth"), Drawing([*square, [(1, 1), (1, 4)]], "mouth")
    frames = drawings(animate(big, marked, steps=2, pin=True, model=model))
    assert off(frames[0], big) < 0.01
    assert off(frames[-1], marked) < 0.01


def test_a_long_scribble_is_pinned_as_it_is(model):
    x = np.linspace(0, 255, 120)
    zigzag = Drawing([np.stack([x, 127 + 120 * (-1.0) ** np.arange(120)], axis=1)], "mouth")
    frames = drawings(animate(zigzag, samples_of("mouth")[3], steps=2, pin=True, model=model))
    assert off(frames[0], zigzag) < 0.03  # most of it how far the points of `ink` are apart


def test_many_drawings_do_not_wear_away(model):
    some = samples_of("eye")[:12]
    animation = animate(*some, steps=1, pin=True, model=model)
    assert off(drawings(animation)[0], some[0]) < 0.02


# Matching


def noisy(rng, strokes, share):
    size = max(np.ptp(np.concatenate(strokes), axis=0))
    return [stroke + rng.normal(0, share * size / 2, stroke.shape) for stroke in strokes]


def curves(strokes):
    return [Curve(np.asarray(stroke, np.float64)) for stroke in strokes]


def whole(span):
    return abs(span.end - span.start) > 0.9


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_strokes_are_found_again_under_noise_in_any_order_and_direction(seed):
    rng = np.random.default_rng(seed)
    right = count = 0
    for _ in range(12):
        strokes = []
        for _ in range(int(rng.integers(2, 7))):
            knots = rng.uniform(-0.5, 0.5, 2) + np.cumsum(rng.normal(0, 0.12, (4, 2)), axis=0)
            strokes.append(resample(knots.astype(np.float32), 16))
        order = rng.permutation(len(strokes))
        moved = noisy(rng, strokes, 0.05)
        mixed = [moved[k][:: rng.choice([1, -1])] for k in order]
        found = {
            (move.source, move.target)
            for move in match(curves(strokes), curves(mixed))
            if whole(move.start) and whole(move.end)
        }
        right += sum((int(k), place) in found for place, k in enumerate(order))
        count += len(strokes)
    assert right / count >= 0.95


def oval(n=60):
    around = np.linspace(0, 2 * np.pi, n)
    return np.stack([np.cos(around) / 2, np.sin(around) / 4], axis=1)


def test_two_halves_become_the_parts_of_a_whole():
    upper, lower = oval()[:31], oval()[30:]
    for one, other in (([upper, lower], [oval()]), ([oval()], [lower, upper])):
        moves = match(curves(one), curves(other))
        assert len(moves) == 2
        for move in moves:
            np.testing.assert_allclose(move.start.shape, move.end.shape, atol=0.02)


def test_a_stroke_too_many_comes_from_the_nearest_part_of_another():
    line = np.array([[-0.5, 0.3], [0.5, 0.3]])
    tooth = np.array([[0.2, 0.3], [0.2, 0.0]])
    moves = match(curves([line]), curves([line, tooth]))
    assert [(move.source, move.target) for move in moves] == [(0, 0), (0, 1)]
    np.testing.assert_allclose(moves[1].start.shape, [[0.2, 0.3]] * 16, atol=0.02)
    back = match(curves([line, tooth]), curves([line]))
    np.testing.assert_allclose(back[1].end.shape, [[0.2, 0.3]] * 16, atol=0.02)


def test_all_ink_of_both_drawings_is_covered():
    rng = np.random.default_rng(3)
    for count, others in ((1, 4), (5, 2), (NEIGHBOURS + 6, NEIGHBOURS + 9)):
        one, other = (
            curves(np.cumsum(rng.normal(0, 0.1, (n, 9, 2)), axis=1) + rng.normal(0, 0.2, (n, 1, 2)))
            for n in (count, others)
        )
        moves = match(one, other)
        for place, curve in enumerate(one):
            cells = [move.start.cells for move in moves if move.source == place]
            assert np.any(cells, axis=0).all(), curve
        for place, curve in enumerate(other):
            cells = [move.end.cells for move in moves if move.target == place]
            assert np.any(cells, axis=0).all(), curve


def test_strokes_go_where_there_is_ink_in_between():
    a, b = np.array([[-0.4, -0.3], [-0.1, -0.3]]), np.array([[-0.4, 0.2], [-0.1, 0.2]])
    usual = match(curves([a, b]), curves([a, b]))
    assert {(move.source, move.target) for move in usual} == {(0, 0), (1, 1)}
    # Ink on the way across, and none where they are: they have changed places.
    middle = np.linspace((-0.4, -0.05), (-0.1, -0.05), 30)
    crossed = match(curves([a, b]), curves([a, b]), [middle] * 3, off_ink=50.0)
    assert {(0, 1), (1, 0)} <= {(move.source, move.target) for move in crossed}


def test_each_price_of_leaving_the_ink_has_the_answer_that_it_has_alone():
    a, b = np.array([[-0.4, -0.3], [-0.1, -0.3]]), np.array([[-0.4, 0.2], [-0.1, 0.2]])
    one, other, ink = curves([a, b]), curves([a, b, oval()]), [np.linspace((-0.4, 0), (0, 0), 30)]
    for price, moves in zip((0, 50), match_each(one, other, ink, [0, 50]), strict=True):
        assert [m.key for m in moves] == [m.key for m in match(one, other, ink, price)]


def test_the_closest_of_several_strokes_is_the_closest_of_each_alone():
    rng = np.random.default_rng(0)
    for _ in range(20):
        some = [Curve(rng.normal(rng.normal(0, 0.4, 2), 0.1, (5, 2))) for _ in range(6)]
        wanted = np.linspace(*rng.normal(0, 0.3, (2, 2)), 16)
        span, cost = closest_segment(some, wanted)
        alone, least = closest_part(span.curve, wanted)
        assert (span.key, cost) == (alone.key, least)
        assert mean_distance(span.curve.shapes, wanted).min() == min(
            mean_distance(curve.shapes, wanted).min() for curve in some
        )


def test_a_closed_stroke_starts_where_the_other_does():
    ring = oval()
    turned = np.concatenate([ring[20:], ring[1:21]])[::-1]
    span = closest_whole(Curve(turned), Curve(ring).whole.shape)
    assert np.abs(span.shape - Curve(ring).whole.shape).max() < 0.04
    assert span.curve.closed
    assert whole(span)


def test_a_part_of_a_stroke_is_found():
    line = Curve(np.array([[-0.5, 0.0], [0.1, 0], [0.5, 0]]))
    wanted = np.linspace((0.3, 0.01), (-0.2, 0.01), 16)
    span, cost = closest_part(line, wanted)
    assert (span.start, span.end) == pytest.approx((0.8, 0.3), abs=0.03)
    assert cost < 0.03


def test_a_long_scribble_is_no_ring_and_a_shrunk_stroke_keeps_its_points():
    turns = np.linspace(0, 20 * np.pi, 400)
    scribble = (
        np.stack([np.cos(turns), np.sin(turns)], axis=1) * np.linspace(0.1, 0.4, 400)[:, None]
    )
    assert not Curve(scribble).closed
    assert Curve(oval()).closed
    point = Curve(np.zeros((9, 2)), material=True)
    np.testing.assert_allclose(point.places(np.array([0.0, 0.5, 1.0])), [0, 4, 8])
    assert point.whole.cells.all()


# Following, warping, smoothing, thinning, resting


def test_what_a_frame_does_not_show_is_not_known_there():
    line = np.array([[-0.5, 0.0], [0.5, 0.0]])
    moves = match(curves([line]), curves([line + np.array([0, 0.1])]))
    frames = [curves([line + np.array([0, 0.05])]), curves([np.array([[0.0, 0.9], [0.0, 0.95]])])]
    (followed,) = track_moves(moves, frames)
    assert followed.known.tolist() == [True, True, False, True]
    np.testing.assert_allclose(followed.points[1, :, 1], 0.05, atol=1e-6)


def test_warping_is_even_for_equal_shapes_and_keeps_corners():
    even = np.linspace(0, 1, 48)
    corner = np.array([[0, 0], [0, 1], [1, 1]], np.float64)
    late = np.array([[0, -0.4], [0, 1], [0.6, 1]], np.float64)
    shapes = [Segment(Curve(points), 0.0, 1.0).at(even) for points in (corner, late)]
    same, too = align(np.array(shapes[:1]), np.array(shapes[:1]))
    np.testing.assert_allclose(same, [even], atol=1e-9)
    np.testing.assert_allclose(too, [even], atol=1e-9)
    one, other = align(np.array(shapes[:1]), np.array(shapes[1:]))
    assert np.interp(0.5, one[0], other[0]) == pytest.approx(0.7, abs=0.03)
    assert (np.diff(one) >= 0).all()
    assert one[0, 0] == other[0, 0] == 0
    assert one[0, -1] == other[0, -1] == 1


def test_smoothing_keeps_ends_and_even_motion_and_fills_in():
    t = np.linspace(0, 1, 12)[:, None, None]
    even = t * np.array([[3.0, 1.0], [0.0, -2.0]]) + 1
    known = np.ones(12, bool)
    np.testing.assert_allclose(smooth(even, known, 30.0), even, atol=1e-9)
    known[3:8] = False
    gappy = np.where(known[:, None, None], even, 0)
    np.testing.assert_allclose(smooth(gappy, known, 30.0), even, atol=1e-9)
    rough = even + np.random.default_rng(0).normal(0, 0.3, even.shape)
    calm = smooth(rough, np.ones(12, bool), 30.0)
    np.testing.assert_array_equal(calm[[0, -1]], rough[[0, -1]])
    assert np.abs(np.diff(calm, 2, axis=0)).mean() < 0.2 * np.abs(np.diff(rough, 2, axis=0)).mean()


def test_what_turns_half_round_does_not_shrink_to_nothing():
    line = np.linspace((-0.5, -0.1), (0.5, 0.1), 20)
    t = np.linspace(0, 1, 12)[:, None, None]
    straight = (1 - t) * line + t * line[:, ::-1]  # a quarter turn
    (kept,) = restore_sizes([straight])
    assert np.ptp(straight, axis=1).max(axis=1).min() < 0.65
    assert np.ptp(kept, axis=1).max(axis=1).min() > 0.75
    np.testing.assert_allclose(kept[[0, -1]], straight[[0, -1]], atol=1e-9)


@given(st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_thinning_keeps_the_shape_in_every_frame(seed):
    rng = np.random.default_rng(seed)
    points = np.cumsum(rng.normal(0, 0.02, (3, 60, 2)), axis=1)
    kept = select_points(points, 0.01)
    for frame in points:
        thin = np.stack([np.interp(range(60), kept, frame[kept, axis]) for axis in (0, 1)], axis=1)
        dense = np.concatenate([np.linspace(a, b, 40) for a, b in pairwise(thin)])
        assert cKDTree(dense).query(frame)[0].max() <= 0.012


def test_what_rests_on_a_line_at_both_ends_moves_with_it():
    t = np.linspace(0, 1, 5)[:, None, None]
    x = np.linspace(-0.5, 0.5, 200)
    bowed = np.stack(
        [np.broadcast_to(x, (5, 200)), 0.4 * np.sin(np.pi * t[..., 0]) * np.ones(200)], -1
    )
    speck = np.zeros((5, 3, 2)) + np.array([0.1, 0.0])
    alone = speck + np.array([0.0, 0.3])
    found = attach_hidden([speck, bowed, alone])
    np.testing.assert_allclose(found[0][:, :, 1], bowed[:, :3, 1], atol=1e-9)
    np.testing.assert_array_equal(found[1], bowed)
    np.testing.assert_array_equal(found[2], alone)
