"""In-betweens that keep their strokes: laws that hold for any pair, and the parts they rest on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from strokeanim.coherence.tracks import follow

from strokeanim.analysis.metrics import movement
from strokeanim.coherence import moving
from strokeanim.coherence.candidates import UNIT
from strokeanim.coherence.choosing import cheapest
from strokeanim.coherence.smoothing import smooth
from strokeanim.coherence.spans import Curve, Span, aligned, split
from strokeanim.data.samples import of_class
from strokeanim.engine import load_model
from strokeanim.latent.paths import slerp, times
from strokeanim.strokes import Drawing
from strokeanim.strokes.distance import chamfer
from strokeanim.strokes.geometry import arc_length, cloud, fit, resample

PAIRS = [(label, 3, 5) for label in ("mouth", "nose", "eye", "ear")] + [("eye", 0, 1)]


@pytest.fixture(scope="module")
def model():
    return load_model()


def frames_of(model, drawings, steps=10):
    """The frames from drawing to drawing, moved and each by itself, in a unit box."""
    ends = model.encode(drawings)
    t = times(steps)
    z = [slerp(a, b, t[:-1]) for a, b in pairwise(ends)]
    z = np.concatenate([*z, ends[-1:]])
    places = range(0, len(z), steps + 1)
    tracks = moving(model, z, [drawings[0].label] * len(z), places)
    moved = [Drawing([track[place] for track in tracks]) for place in range(len(z))]
    return moved, [fit(one, UNIT) for one in model.decode(z)]


def length(drawing):
    return sum(map(arc_length, drawing.strokes))


@pytest.mark.parametrize(("label", "i", "j"), PAIRS)
def test_every_frame_has_the_same_strokes_and_both_ends_are_the_decoded_ones(model, label, i, j):
    moved, alone = frames_of(model, [of_class(label)[i], of_class(label)[j]], steps=4)
    assert len({tuple(map(len, frame.strokes)) for frame in moved}) == 1
    for place in (0, -1):
        assert length(moved[place]) == pytest.approx(length(alone[place]), rel=0.05)
        clouds = (cloud(frames[place].strokes) for frames in (moved, alone))
        assert chamfer(*clouds) < 0.01


def test_they_move_less_and_more_evenly(model):
    ours, theirs = [], []
    for label, i, j in PAIRS:
        moved, alone = frames_of(model, [of_class(label)[i], of_class(label)[j]])
        ours.append(movement(moved))
        theirs.append(movement(alone))
    assert np.mean([m.jitter for m in ours]) < 0.5 * np.mean([m.jitter for m in theirs])
    assert max(m.flips for m in ours) == 0
    assert np.median([m.max_mean_step for m in ours]) < 1.6


def test_a_drawing_to_itself_stands_still(model):
    a = of_class("eye")[0]
    moved, _ = frames_of(model, [a, a], steps=4)
    for frame in moved[1:]:
        for one, other in zip(frame.strokes, moved[0].strokes, strict=True):
            np.testing.assert_allclose(one, other, atol=0.002)


@pytest.mark.parametrize(("label", "i", "j"), PAIRS)
def test_back_is_there_reversed(model, label, i, j):
    a, b = of_class(label)[i], of_class(label)[j]
    there, back = frames_of(model, [a, b], 5)[0], frames_of(model, [b, a], 5)[0]
    for one, other in zip(there, back[::-1], strict=True):
        for x, y in zip(one.strokes, other.strokes, strict=True):
            np.testing.assert_allclose(x, y, atol=1e-3)


def test_from_drawing_to_drawing_strokes_stay_as_well(model):
    moved, _ = frames_of(model, of_class("eye")[:4], steps=3)
    assert len(moved) == 13
    assert len({tuple(map(len, frame.strokes)) for frame in moved}) == 1


def noisy(rng, strokes, share):
    size = max(np.ptp(np.concatenate(strokes), axis=0))
    return [stroke + rng.normal(0, share * size / 2, stroke.shape) for stroke in strokes]


def test_strokes_are_found_again_under_noise_in_any_order_and_direction():
    rng = np.random.default_rng(0)
    right = count = 0
    for _ in range(60):
        strokes = []
        for _ in range(int(rng.integers(2, 7))):
            knots = rng.uniform(-0.5, 0.5, 2) + np.cumsum(rng.normal(0, 0.12, (4, 2)), axis=0)
            strokes.append(resample(knots.astype(np.float32), 16))
        order = rng.permutation(len(strokes))
        moved = noisy(rng, strokes, 0.05)
        mixed = [moved[k][:: rng.choice([1, -1])] for k in order]
        tracks = follow([Drawing(strokes), Drawing(mixed)], [0, 1])
        ends = [Drawing(mixed).strokes[k] for k in np.argsort(order)]
        for track in tracks:
            first, last = track.spans
            for stroke, goal in zip(Drawing(strokes).strokes, ends, strict=True):
                if np.array_equal(first.curve.stroke, stroke) and first.is_whole:
                    right += np.array_equal(last.curve.stroke, goal) and last.is_whole
        count += len(strokes)
    assert right / count >= 0.95


def test_two_halves_become_the_parts_of_a_whole():
    around = np.linspace(0, 2 * np.pi, 60)
    oval = np.stack([np.cos(around) / 2, np.sin(around) / 4], axis=1).astype(np.float32)
    upper, lower = oval[:31], oval[30:]
    for frames in ([[upper, lower], [oval]], [[oval], [lower, upper]]):
        tracks = follow([Drawing(strokes) for strokes in frames], [0, 1])
        assert len(tracks) == 2
        for track in tracks:
            first, last = track.spans
            np.testing.assert_allclose(first.sampled(), last.sampled(), atol=0.03)


def test_a_closed_stroke_starts_where_the_other_does():
    around = np.linspace(0, 2 * np.pi, 60)
    ring = np.stack([np.cos(around), np.sin(around)], axis=1).astype(np.float32) / 2
    turned = np.concatenate([ring[20:], ring[1:21]])[::-1]
    span, cost = aligned(Curve(turned), Span(Curve(ring)).shape)
    assert cost < 0.05
    assert (span.start, span.end) != (0, 1)


def test_a_stroke_is_cut_where_its_parts_meet():
    line = np.array([[-0.5, 0], [0.1, 0], [0.5, 0]], np.float32)
    left = Span(Curve(line[:2])).shape + 0.01
    right = Span(Curve(line[1:][::-1].copy())).shape + 0.01
    mine, theirs, cost = split(Curve(line), left, right)
    assert cost < 0.04
    assert (mine.start, theirs.end) == pytest.approx((0, mine.end))
    assert mine.end == pytest.approx(0.6, abs=0.05)


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


def test_the_cheapest_way_is_found():
    rng = np.random.default_rng(0)
    own = [rng.random(3) for _ in range(4)]
    steps = [rng.random((3, 3)) for _ in range(3)]
    every = np.array(np.meshgrid(*[range(3)] * 4)).reshape(4, -1).T

    def cost(way):
        return sum(own[f][k] for f, k in enumerate(way)) + sum(
            steps[f][a, b] for f, (a, b) in enumerate(pairwise(way))
        )

    assert cheapest(own, steps) == min(every.tolist(), key=cost)
