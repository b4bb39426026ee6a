"""What an evaluation measures: laws first."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.errors import InputError
from strokeanim.evaluation import metrics
from strokeanim.evaluation.bootstrap import Estimate, Figure, Resampled, Resamples, weighted_means
from strokeanim.evaluation.metrics import (
    active_units,
    jitter,
    movement,
    purity,
    ranks,
    share_lower_bound,
    silhouette,
)
from strokeanim.evaluation.pairs import choose_pairs
from strokeanim.evaluation.sequences import count_disjoint
from strokeanim.evaluation.sheets import draw_curve
from strokeanim.geometry import Drawing
from strokeanim.geometry.chamfer import batch_chamfer, chamfer, drawing_distance
from strokeanim.geometry.polylines import point_cloud

DRAWINGS = synthesise_many(8, 5)
RNG = np.random.default_rng(0)


def shifted(drawing, dx, dy=0.0, scale=1.0):
    return drawing.with_strokes([stroke * scale + [dx, dy] for stroke in drawing.strokes])


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_cloud_has_256_points(drawing):
    assert point_cloud(drawing.strokes).shape == (256, 2)


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_drawing_is_no_distance_from_itself_wherever_it_lies(drawing):
    assert drawing_distance(drawing, drawing) == 0
    assert drawing_distance(drawing, shifted(drawing, 40, -7, 3.0)) == pytest.approx(0, abs=1e-5)


def test_distance_is_symmetric_and_known_where_it_can_be_computed_by_hand():
    a, b = DRAWINGS[:2]
    assert drawing_distance(a, b) > 0
    assert drawing_distance(a, b) == pytest.approx(drawing_distance(b, a))
    near, far = np.float32([[0, 0], [4, 0]]), np.float32([[0, 0]])
    assert chamfer(near, far) == pytest.approx((0 + 2) / 2)


def test_a_straight_even_path_has_ratio_one_no_jitter_and_no_flips():
    # a rod at right angles to its path: the Chamfer distance is the length of the path
    rod = Drawing([[(0, 0), (0, 100)]])
    moved = movement([shifted(rod, 10 * k) for k in range(12)])
    assert moved.path_ratio == pytest.approx(1, abs=1e-5)
    assert moved.max_mean_step == pytest.approx(1, abs=1e-5)
    assert moved.jitter == pytest.approx(0, abs=1e-6)
    assert moved.flips == 0


@pytest.mark.parametrize("drawing", DRAWINGS[:4])
def test_moving_and_growing_evenly_has_no_jitter(drawing):
    moves = [shifted(drawing, 7 * k, -3 * k, 1 + 0.05 * k) for k in range(6)]
    assert movement(moves).jitter == pytest.approx(0, abs=1e-5)


def test_movement_does_not_depend_on_size():
    frames = [shifted(DRAWINGS[0], (-1) ** k * 5 * k, 0, 1 + 0.1 * k) for k in range(5)]
    big = [shifted(frame, 30, 30, 4.0) for frame in frames]
    for name, value in vars(movement(frames)).items():
        assert vars(movement(big))[name] == pytest.approx(value, rel=1e-3)


def test_going_there_and_back_is_a_detour_that_jitters():
    rod = Drawing([[(0, 0), (0, 100)]])
    moved = movement([shifted(rod, x) for x in (0, 30, 0, 30)])
    assert moved.path_ratio == pytest.approx(3, abs=1e-3)
    assert moved.jitter == pytest.approx(60 / np.hypot(30, 100), rel=1e-4)


def test_jitter_ignores_the_order_of_points():
    clouds = [point_cloud(drawing.strokes) for drawing in DRAWINGS[:4]]
    mixed = [RNG.permutation(each) for each in clouds]
    assert jitter(mixed) == pytest.approx(jitter(clouds), rel=1e-6)
    assert jitter(clouds[:2]) == 0


def test_many_distances_at_once_are_those_of_each_pair():
    clouds = np.array([point_cloud(drawing.strokes) for drawing in DRAWINGS[:4]])
    alone = [chamfer(a, b) for a, b in pairwise(clouds)]
    assert batch_chamfer(clouds[:-1], clouds[1:]).tolist() == alone


def test_flips_count_steps_at_which_strokes_come_or_go():
    strokes = [[(0, 0), (9, 9)], [(5, 0), (0, 5)], [(1, 1), (2, 1)]]
    frames = [Drawing(strokes[:count]) for count in (1, 2, 2, 3, 1)]
    assert movement(frames).flips == 3 / 4


def test_frames_that_do_not_move_have_no_ratio():
    moved = movement([DRAWINGS[0]] * 3)
    assert np.isnan(moved.path_ratio)
    assert np.isnan(moved.max_mean_step)
    assert moved.jitter == 0


def blobs(count=10, apart=50.0):
    labels = ["a"] * count + ["b"] * count
    z = RNG.normal(size=(2 * count, 8)).astype(np.float32)
    z[count:] += apart
    return z, labels


def test_purity_of_blobs_apart_is_one_and_of_one_blob_a_half():
    z, labels = blobs()
    assert purity(z, labels, z[:0], []).tolist() == [1.0] * 20
    z, labels = blobs(300, 0.0)
    assert purity(z, labels, z[:0], []).mean() == pytest.approx(0.5, abs=0.05)


def test_purity_leaves_a_latent_out_of_its_neighbours_but_takes_in_others():
    z = np.float32([[0], [1]])
    assert purity(z, ["a", "b"], z[:0], []).tolist() == [0, 0]
    assert purity(z, ["a", "b"], np.float32([[0], [0.4]]), ["a", "a"], k=2).tolist() == [1, 0]
    assert purity(z, ["a", "a"], np.float32([[0], [9]]), ["b", "b"], k=2).tolist() == [0.5, 0.5]


def test_silhouette_of_blobs_and_of_a_single_class():
    z, labels = blobs()
    assert silhouette(z, labels).min() > 0.9
    assert np.isnan(silhouette(z, ["a"] * 20)).all()


def test_active_units_are_those_that_vary():
    z = np.zeros((50, 6), np.float32)
    z[:, :2] = RNG.normal(size=(50, 2))
    z[:, 2] = RNG.normal(size=50) * 0.05  # variance 0.0025
    assert active_units(z) == 2


def test_ranks_count_who_is_nearer():
    gallery = np.float32([[0, 0], [1, 0], [5, 0]])
    assert ranks(np.float32([[0.1, 0], [0.1, 0], [0.1, 0]]), gallery, [0, 1, 2]).tolist() == [
        1,
        2,
        3,
    ]
    assert ranks(gallery, gallery, range(3)).tolist() == [1, 1, 1]


def test_an_encoder_that_gives_all_one_code_finds_none_again():
    same = np.ones((5, 3), np.float32)
    assert ranks(same, same, range(5)).tolist() == [5] * 5
    twins = np.float32([[0, 0], [0, 0], [9, 9]])
    assert ranks(twins, twins, range(3)).tolist() == [2, 2, 1]


def test_distances_in_blocks_are_the_same_distances(monkeypatch):
    z, labels = blobs(20, 1.0)
    others, names = blobs(7, 1.0)
    whole = purity(z, labels, others, names), ranks(z + 0.5, z, range(40))
    monkeypatch.setattr(metrics, "BLOCK", 7)
    again = purity(z, labels, others, names), ranks(z + 0.5, z, range(40))
    assert all(map(np.array_equal, whole, again))


def test_pairs_are_unordered_distinct_and_repeatable():
    pairs = choose_pairs(20, 65, 0)
    assert len({frozenset(pair) for pair in pairs}) == len(pairs) == 65
    assert all(i < j < 20 for i, j in pairs)
    assert choose_pairs(20, 25, 0) == pairs[:25]
    assert choose_pairs(20, 65, 1) != pairs


@pytest.mark.parametrize("count", range(9))
def test_all_pairs_where_there_are_no_more(count):
    assert sorted(choose_pairs(count, 36, 3)) == list(combinations(range(count), 2))


def test_pairs_of_a_whole_class_of_quickdraw_are_not_listed():
    pairs = choose_pairs(130_000, 65, 0)
    assert len(set(pairs)) == 65
    assert choose_pairs(130_000, 25, 0) == pairs[:25]
    assert all(0 <= i < j < 130_000 for i, j in pairs)


def test_every_pair_is_as_likely():
    first = [choose_pairs(5, 1, seed)[0] for seed in range(2000)]
    counts = [first.count(pair) for pair in combinations(range(5), 2)]
    assert min(counts) > 150
    assert max(counts) < 250


def test_pairs_apart_share_no_drawing():
    assert count_disjoint([]) == 0
    assert count_disjoint([(0, 1), (0, 2), (0, 3)]) == 1
    assert count_disjoint([(0, 1), (1, 2), (2, 3)]) == 2


def test_a_class_without_pairs_has_no_line():
    some = [Estimate(0.5, 0.4, 0.6)] * 2
    none = [Estimate(np.nan, np.nan, np.nan)] * 2
    drawn = draw_curve((0.3, 0.6), {"mean": some, "ear": none, "eye": some})
    assert "ear: none" in drawn
    assert "eye: none" not in drawn
    assert "nan" not in drawn
    assert '<polyline points="" ' in drawn


def test_the_exact_bound_of_a_share():
    assert share_lower_bound(25, 25) == pytest.approx(0.05 ** (1 / 25))
    assert share_lower_bound(0, 5) == 0
    assert share_lower_bound(5, 10) < 0.5
    for wrong in ((3, 2), (-1, 2), (0, 0)):
        with pytest.raises(InputError):
            share_lower_bound(*wrong)


def test_the_bootstrap_repeats_itself_and_covers_the_value():
    values = RNG.random(40)
    first, again = (Resamples.of(40, 500, [3, 1]).mean(values).estimate for _ in range(2))
    assert first == again
    assert first != Resamples.of(40, 500, [4, 1]).mean(values).estimate
    assert first.value == pytest.approx(values.mean())
    assert first.low < first.value < first.high
    # the interval of a mean is two standard errors wide on either side
    assert first.high - first.low == pytest.approx(2 * 1.96 * values.std() / np.sqrt(40), rel=0.15)


def test_a_pair_counts_as_often_as_its_drawings_can_make_it():
    resamples = Resamples(np.array([[0, 0, 1], [2, 2, 2], [0, 1, 2]]))
    pairs = [(0, 1), (1, 2)]
    assert resamples.counts.tolist() == [[2, 1, 0], [0, 0, 3], [1, 1, 1]]
    assert resamples.pair_weights(pairs).tolist() == [[2, 0], [0, 0], [1, 1]]
    means = weighted_means(np.array([1.0, 0.0]), resamples.pair_weights(pairs))
    assert means[0] == 1
    assert np.isnan(means[1])
    assert means[2] == 0.5
    assert resamples.pair_weights([]).shape == (3, 0)


def test_no_value_counts_for_nothing():
    resamples = Resamples.of(4, 200, [0])
    some = resamples.mean(np.array([1.0, np.nan, 0.0, np.nan]))
    assert some.value == 0.5
    assert set(some.resamples[np.isfinite(some.resamples)].round(6)) <= {
        round(a / b, 6) for b in range(1, 5) for a in range(b + 1)
    }
    none = resamples.mean(np.full(4, np.nan))
    assert np.isnan([none.estimate.value, none.estimate.low, none.estimate.high]).all()


def test_classes_weigh_alike_and_one_without_value_is_left_out():
    rows = {
        "a": Resampled(np.array(1.0), np.ones(9)),
        "b": Resampled(np.array(0.0), np.zeros(9)),
        "c": Resampled(np.array(np.nan), np.full(9, np.nan)),
    }
    figure = Figure.of(rows)
    assert figure.mean.value == 0.5
    assert (figure.mean.low, figure.mean.high) == (0.5, 0.5)
    assert np.isnan(figure.classes["c"].value)
