"""An evaluation from end to end, on the bundled model and a judge that takes its word."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from strokeanim.datasets.splits import by_label, split
from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.engine import load_model
from strokeanim.errors import InputError
from strokeanim.evaluation import claims, held_out
from strokeanim.evaluation import replication as experiment
from strokeanim.evaluation.baselines import decode_each, fade, morph
from strokeanim.evaluation.bootstrap import Estimate, Figure
from strokeanim.evaluation.claims import (
    evaluate_closest_classes,
    evaluate_clusters,
    evaluate_noses,
)
from strokeanim.evaluation.evaluate import Sizes, evaluate, stages
from strokeanim.evaluation.held_out import (
    HeldOut,
    fill,
    fingerprint,
    real_drawings,
    synthetic_drawings,
)
from strokeanim.evaluation.latent_map import embed
from strokeanim.evaluation.metrics import movement
from strokeanim.evaluation.page import as_html
from strokeanim.evaluation.replication import check_replicable, replicate
from strokeanim.evaluation.report import as_json, describe_claims, notes
from strokeanim.evaluation.sequences import evaluate_sequences
from strokeanim.evaluation.sharpness import sharpness
from strokeanim.evaluation.table import Row, compare_methods, rows
from strokeanim.geometry import Drawing
from strokeanim.geometry.chamfer import chamfer
from strokeanim.geometry.polylines import fit_to_box, point_cloud
from strokeanim.pipeline import animate

SMALL = Sizes(pairs=3, generated=8, gallery=30, synthetic=20, resamples=50)
FEATURES = ("mouth", "nose", "eye", "ear")


class Echo:
    """A judge that says what the model's own class head says."""

    name = "echo"

    def __init__(self, model, facts=None):
        self.model = model
        self.classes = (*model.classes, "other")
        self.facts = {} if facts is None else facts

    def classify(self, drawings):
        found, p = self.model.identify(drawings)
        return found, np.hstack([p, np.zeros((len(p), 1), np.float32)])


class Never(Echo):
    """A judge that recognises nothing."""

    def classify(self, drawings):
        p = np.zeros((len(drawings), 5), np.float32)
        p[:, -1] = 1
        return ["other"] * len(drawings), p


@pytest.fixture(scope="module")
def model():
    return load_model()


@pytest.fixture(scope="module")
def data():
    return synthetic_drawings(FEATURES, 4)


@pytest.fixture(scope="module")
def found(model, data):
    return evaluate(model, Echo(model), data, steps=3, sizes=SMALL)


@pytest.fixture(scope="module")
def repeated(model, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "PAIRS", 2)
        patch.setattr(claims, "PERMUTATIONS", 10)
        return replicate(model, Echo(model), data, per_class=14)


def test_synthetic_data_are_of_seed_0_and_their_neighbours_are_not():
    data = synthetic_drawings(FEATURES, 6)
    assert [len(members) for members in data.classes.values()] == [6] * 4
    assert {key.split("-")[1] for key in (d.key for d in data.drawings)} == {"0"}
    assert {d.key.split("-")[1] for d in data.train} == {"1"}
    with pytest.raises(InputError, match="no synthetic drawings of cat"):
        synthetic_drawings(("mouth", "cat"))


def test_real_data_are_split_as_for_training():
    one, two = (
        synthesise_many(48, 7),
        [d.with_label(d.label, f"b{d.key}") for d in synthesise_many(24, 8)],
    )
    extra = [Drawing([[(0, 0), (1, 1)]], "cat", "c"), Drawing(label="ear", key="empty")]
    data = real_drawings({"one": one + extra, "two": two}, FEATURES, "test")
    together = split(one + two)
    assert {d.key for d in data.drawings} == {d.key for d in together["test"]}
    assert list(data.train) == together["train"]
    assert list(data.classes) == list(FEATURES)
    assert (data.ignored, data.sources) == (2, ("one", "two"))
    assert (data.repeats, data.left_out) == (0, 0)
    assert real_drawings({"one": one}, FEATURES, "train").train == ()
    with pytest.raises(InputError, match="choose one of test, valid, train"):
        real_drawings({"one": one}, FEATURES, "all")
    with pytest.raises(InputError, match="valid split of one holds 1 of mouth, 0 of eye"):
        real_drawings(
            {"one": [d for d in one if d.label in ("mouth", "nose", "ear")][:21] * 1},
            ("mouth", "eye"),
            "valid",
        )


def test_a_drawing_of_two_files_is_in_one_split():
    drawings = synthesise_many(48, 7)
    once = real_drawings({"one": drawings}, FEATURES)
    twice = real_drawings({"one": drawings, "more": drawings[:30]}, FEATURES)
    assert twice.drawings == once.drawings
    assert twice.train == once.train
    assert (once.repeats, twice.repeats) == (0, 30)


def test_of_a_large_file_the_first_by_hash_are_looked_at(monkeypatch):
    drawings = synthesise_many(96, 7)
    every = real_drawings({"one": drawings}, FEATURES)
    monkeypatch.setattr(held_out, "MEASURED", 5)
    monkeypatch.setattr(held_out, "NEIGHBOURS", 7)
    some = real_drawings({"one": drawings}, FEATURES)
    assert some.classes == {label: own[:5] for label, own in every.classes.items()}
    train = by_label(every.train)
    assert by_label(some.train) == {label: own[:7] for label, own in train.items()}
    assert some.left_out == 4 * (8 - 5) + 4 * (12 - 7)
    assert every.left_out == 0


def test_a_gallery_is_filled_to_equal_classes_with_others():
    classes = by_label(synthesise_many(40, 0))
    few = {"mouth": classes["mouth"][:9], "nose": classes["nose"][:1], "eye": [], "ear": []}
    filled = fill(few, 30)
    counts = {k: len(v) + len(by_label(filled).get(k, ())) for k, v in few.items()}
    assert counts == {"mouth": 9, "nose": 7, "eye": 7, "ear": 7}
    taken = {d.key for members in few.values() for d in members}
    assert not taken & {d.key for d in filled}
    assert fill(classes, 40) == []
    assert fill({"cat": ()}, 5) == []


def test_a_fingerprint_changes_with_any_stroke():
    drawings = synthesise_many(4, 0)
    moved = [*drawings[:3], drawings[3].with_strokes([s + 1 for s in drawings[3].strokes])]
    assert fingerprint(drawings) == fingerprint(synthesise_many(4, 0)) != fingerprint(moved)


@pytest.mark.parametrize("coherent", [True, False])
def test_sequences_are_the_frames_of_animate(model, data, coherent):
    eyes = data.classes["eye"]
    method = partial(decode_each, coherent=coherent)
    pairs = [(0, 2), (3, 1)]
    sequences = evaluate_sequences(model, Echo(model), eyes, pairs, method=method, steps=3, seed=0)
    for sequence, (i, j) in zip(sequences, pairs, strict=True):
        animation = animate(eyes[i], eyes[j], steps=3, model=model, coherent=coherent)
        for frame, other in zip(sequence.frames, animation.frames, strict=True):
            assert all(map(np.array_equal, frame.strokes, other.strokes))
        facts = animation.facts[1:-1]
        assert list(sequence.predicted) == [fact["identified"] for fact in facts]


def test_every_figure_is_there_for_every_class(found):
    for row in rows(found):
        assert list(row.figure.classes) == list(FEATURES)
        if row.title == "flips" and "fade" in row.section:  # which has no strokes
            assert np.isnan(row.figure.mean.value)
            continue
        for estimate in (row.figure.mean, *row.figure.classes.values()):
            assert np.isfinite(estimate.value), row.title
            assert estimate.low <= estimate.value + 1e-9
            assert estimate.high >= estimate.value - 1e-9 or "worst" in row.title
    means = [row.figure for row in rows(found) if row.title not in ("Rec at the worst t", "flips")]
    for figure in means:
        classes = [estimate.value for estimate in figure.classes.values()]
        assert figure.mean.value == pytest.approx(np.mean(classes))


def test_the_figures_are_what_they_should_be_where_that_is_known(found, model, data):
    figures = found.figures
    assert figures["ceiling"] == figures["identify"]  # the judge takes the model's word
    predicted, _ = model.identify(model.decode(model.encode(data.drawings)))
    right = [a == b.label for a, b in zip(predicted, data.drawings, strict=True)]
    assert figures["rec"].mean.value == pytest.approx(np.mean(right))
    assert figures["ret_1"].mean.value <= figures["ret_10"].mean.value
    assert found.data["gallery"] == 30
    assert found.active_units["of"] == 512
    curve = found.methods["independent"]["all"].curve["mean"]
    worst = found.methods["independent"]["all"].figures["worst_t"].mean
    assert worst.value == pytest.approx(min(estimate.value for estimate in curve))
    assert found.methods["independent"]["all"].pairs == dict.fromkeys(FEATURES, 3)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(found, model, data):
    again = evaluate(model, Echo(model), data, steps=3, sizes=SMALL)
    assert as_json(again) == as_json(found)
    assert as_html(again) == as_html(found)
    other = evaluate(model, Echo(model), data, steps=3, seed=1, sizes=SMALL)
    assert as_json(other) != as_json(found)
    for text in (as_json(found), as_html(found)):
        assert not re.search(r"20\d\d-\d\d-\d\d", text)


def test_methods_are_compared_pair_by_pair(found):
    for key in ("all", "both_recognised"):
        ours, theirs = (
            found.methods[method][key].figures for method in ("coherent", "independent")
        )
        for name in ("rec", "all_right", "jitter", "path_ratio", "flips", "pops", "reach"):
            told = found.differences[key][name].mean
            assert told.value == pytest.approx(ours[name].mean.value - theirs[name].mean.value)
            assert told.low <= told.value + 1e-9
        ratios = [
            ours["jitter"].classes[k].value / theirs["jitter"].classes[k].value for k in FEATURES
        ]
        assert found.differences[key]["jitter_ratio"].mean.value == pytest.approx(np.mean(ratios))
    sections = dict(compare_methods(found))
    assert list(sections) == ["all pairs", "pairs whose two drawings the judge recognises"]
    for lines in sections.values():
        by_title = {line.title: line for line in lines}
        assert list(by_title["jitter"].methods) == ["coherent", "independent", "morph", "fade"]
        assert by_title["flips"].methods["fade"] == "–"
        assert "[" in by_title["jitter"].difference


def test_methods_without_a_model_go_from_drawing_to_drawing(model, data):
    start, end = data.classes["mouth"][:2]
    straight = morph(start, end, 3, 0, model)
    for frame, drawing in ((straight[0], start), (straight[-1], end)):
        assert frame.box.centre == pytest.approx(drawing.box.centre, abs=3)
        clouds = (point_cloud(one.strokes) for one in (frame, drawing))
        assert chamfer(*clouds) < 0.02 * drawing.box.longer
    assert len({len(frame.strokes) for frame in straight}) == 1
    faded = fade(start, end, 3, 0, model)
    assert [frame.t for frame in faded] == [0, 0.25, 0.5, 0.75, 1]
    for frame, alone in ((faded[0], start), (faded[-1], end)):
        np.testing.assert_array_equal(
            frame.cloud(64), point_cloud(fit_to_box(alone, alone.box).strokes, 64)
        )
    assert faded[2].picture.coverage.max() >= 0.5
    assert len(faded[1].cloud(64)) == 64
    assert movement(faded).flips != movement(faded).flips  # NaN


def test_progress_is_told_as_often_as_announced(model, data):
    told = []
    tiny = replace(SMALL, pairs=1, generated=1)
    evaluate(model, Echo(model), data, steps=1, sizes=tiny, report=told.append)
    assert len(told) == stages(FEATURES)


def test_a_judge_that_recognises_nothing_leaves_dashes_and_nulls(model, data):
    found = evaluate(model, Never(model), data, steps=2, sizes=SMALL)
    assert found.figures["rec"].mean.value == 0
    assert found.methods["independent"]["all"].figures["rec"].mean.value == 0
    known = found.methods["independent"]["both_recognised"]
    assert known.pairs == dict.fromkeys(FEATURES, 0)
    assert np.isnan(known.figures["worst_t"].mean.value)
    text = json.loads(as_json(found))
    assert text["figures"]["knn_recognised"]["mean"] == {"value": None, "low": None, "high": None}
    assert "–" in as_html(found)


def test_a_judge_must_know_the_classes(model, data):
    judge = Echo(model)
    judge.classes = ("mouth", "nose", "eye", "other")
    for run in (evaluate, replicate):
        with pytest.raises(InputError, match="does not know ear"):
            run(model, judge, data)


def test_reports_say_how_good_the_judge_is(found):
    unknown = " ".join(notes(found))
    assert "does not say" in unknown
    facts = {"name": "j", "classes": [], "accuracy": {"mouth": 0.9}, "other": 0.7}
    assert "mouth 90.0%" in " ".join(notes(replace(found, judge=facts)))
    assert "less than the 80 %" in " ".join(notes(replace(found, judge=facts)))
    assert "less than" not in " ".join(notes(replace(found, judge={**facts, "other": 0.8})))


def test_reports_say_if_the_judge_chose_the_weights(found):
    assert "chose the model's weights" not in " ".join(notes(found))
    chosen = replace(found, model={**found.model, "selector": "echo"})
    assert "this classifier chose the model's weights" in " ".join(notes(chosen))


def test_reports_name_files_without_their_folders(found):
    sources = ["/home/me/secret/a.ndjson.gz", "there/b.ndjson#3", "sample:mouth/3"]
    told = replace(found, data={**found.data, "sources": sources})
    assert "on a.ndjson.gz and b.ndjson#3 and sample:mouth/3, test" in notes(told)[0]
    assert "secret" not in as_html(told)
    assert json.loads(as_json(told))["data"]["sources"] == sources


def test_reports_count_what_was_dropped(found):
    assert "repeats" not in notes(found)[0]
    told = replace(found, data={**found.data, "repeats": 3, "left_out": 9})
    assert "3 repeats dropped, 9 more" in notes(told)[0]


def estimate(value, low=None, high=None):
    return Estimate(value, value if low is None else low, value if high is None else high)


def test_no_interval_suggests_certainty():
    classes = {
        "ear": estimate(1.0),
        "eye": estimate(0.0),
        "nose": estimate(0.5, 0.25, 0.75),
        "mouth": Estimate(np.nan, np.nan, np.nan),
    }
    figure = Figure(estimate(0.5, 0.4, 0.6), classes)
    row = Row("", "Rec", "", figure, counts=dict.fromkeys(classes, 3))
    assert row.format_mean() == "50.0% [40.0, 60.0] (3 of 4 classes)"
    assert [row.format_class(label) for label in classes] == [
        "100.0% (≥ 36.8%)",
        "0.0% (≤ 63.2%)",
        "50.0% [25.0, 75.0]",
        "–",
    ]
    assert [row.format_class_value(label) for label in classes] == ["100.0%", "0.0%", "50.0%", "–"]
    assert replace(row, lowest=True).format_class("eye") == "0.0% (no interval)"
    assert replace(row, counts={}).format_class("ear") == "100.0% (no interval)"
    alike = Row("", "Rec", "", Figure(estimate(1.0), {"ear": classes["ear"]}))
    assert alike.format_mean() == "100.0% (no interval)"


def test_bounds_count_drawings_and_pairs_that_share_none(found):
    by_title = {(row.section, row.title): row for row in rows(found)}
    assert by_title["", "Rec"].counts == dict.fromkeys(FEATURES, 4)
    assert by_title["", "generated: Rec"].counts == dict.fromkeys(FEATURES, 8)
    assert by_title["", "silhouette"].counts == by_title["", "Chamfer, median"].counts == {}
    pairs = by_title["in-betweens, independent, all pairs", "pairs all right"]
    assert set(pairs.counts.values()) <= {1, 2}
    assert "[100.0, 100.0]" not in as_html(found)


def test_the_page_needs_nothing_else(found, repeated):
    page = as_html(found, repeated)
    assert page.count("<svg") == page.count("</svg>") == 4 * 2 + 1 + 4 + 4
    assert not re.search(r"(src|href)=", page)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)
    assert "nan" not in page.lower().replace("nano", "")


def test_the_experiment_is_repeated(repeated):
    assert {label: found.of for label, found in repeated.pairs.items()} == dict.fromkeys(
        FEATURES, 2
    )
    assert (len(repeated.drawings), repeated.filled) == (56, 40)
    assert repeated.positions.shape == (56, 2)
    assert {about: len(claims) for about, claims in repeated.claims.items()} == {
        "map": 3,
        "drawings": 3,
    }
    assert len(describe_claims(repeated)) == 10


def test_where_most_of_the_map_is_filled_up_the_verdicts_are_of_the_drawings(repeated):
    assert list(repeated.claims) == ["drawings", "map"]
    assert {claim.verdict for claim in repeated.claims["map"]} == {None}
    assert None not in {claim.verdict for claim in repeated.claims["drawings"]}
    told = describe_claims(repeated)
    assert all("the 16 drawings alone" in line for line in told[4:7])
    for line in told[7:]:
        assert "illustration, no verdict" in line
        assert not re.search("confirmed|refuted|settled", line)
    assert "None" not in " ".join(told)


def test_the_bound_of_pairs_says_what_it_supposes(repeated):
    assert (
        "2 pairs of 4 drawings" in describe_claims(repeated)[0]
        or "of 3 drawings" in describe_claims(repeated)[0]
    )
    assert (
        "if pairs were independent, which pairs that share drawings are not"
        in describe_claims(repeated)[0]
    )


def test_an_experiment_that_can_not_work_is_refused_at_once(model, data):
    few = replace(data, classes={k: v[:2] for k, v in list(data.classes.items())[:2]})
    with pytest.raises(InputError, match="at least 5 drawings, not 4"):
        check_replicable(model, few)
    one = replace(data, classes={"ear": data.classes["ear"]})
    with pytest.raises(InputError, match="compares classes"):
        check_replicable(model, one)
    told = []
    with pytest.raises(InputError, match="can't be repeated"):
        replicate(model, Echo(model), few, report=told.append)
    assert told == []
    with pytest.raises(InputError, match="same latent"):
        embed(np.ones((9, 4), np.float32))


def test_clusters_are_confirmed_when_there_are_some():
    z = np.concatenate([np.full((12, 4), 9 * k) for k in range(4)]).astype(np.float32)
    z += np.random.default_rng(0).normal(size=z.shape).astype(np.float32)
    labels = [label for label in FEATURES for _ in range(12)]
    assert evaluate_clusters(z, z[:, :2], labels).verdict == "confirmed"
    assert evaluate_clusters(z, z[:, :2], list(FEATURES) * 12).verdict == "refuted"


def test_mouths_and_eyes_are_closest_or_not():
    rng = np.random.default_rng(0)
    labels = [label for label in FEATURES for _ in range(20)]

    def centred(**places):
        return np.float32([[places[label], rng.normal(0, 0.1)] for label in labels])

    assert (
        evaluate_closest_classes(centred(mouth=0, eye=1, nose=5, ear=9), labels).verdict
        == "confirmed"
    )
    assert (
        evaluate_closest_classes(centred(mouth=0, eye=5, nose=6, ear=9), labels).verdict
        == "refuted"
    )
    numbers = evaluate_closest_classes(centred(mouth=0, eye=1, nose=5, ear=9), labels).numbers
    assert numbers["distances"]["mouth–eye"].value == pytest.approx(1, abs=0.1)
    assert numbers["share_of_resamples"] == 1


def corner(turn):
    """A profile that turns by `turn` degrees at its tip."""
    angle = np.radians(turn)
    return Drawing([[(0, 0), (0, 100), (100 * np.sin(angle), 100 + 100 * np.cos(angle))]], "nose")


def arc(radius=100.0):
    t = np.linspace(0, np.pi, 40)
    return Drawing([np.stack([radius * np.cos(t), radius * np.sin(t)], axis=1)], "nose")


def test_sharpness_is_the_turn_of_the_tip():
    assert sharpness(corner(110)) == pytest.approx(110, abs=12)
    assert sharpness(corner(20)) == pytest.approx(20, abs=6)
    assert sharpness(arc()) < 40
    assert sharpness(arc(3.0)) == pytest.approx(sharpness(arc()), abs=1)
    assert sharpness(Drawing([[(0, 0)]])) == 0


def test_noses_apart_need_enough_of_each():
    noses = [corner(110)] * 10 + [arc()] * 10
    rng = np.random.default_rng(0)
    z = rng.normal(size=(20, 6)).astype(np.float32)
    assert evaluate_noses(z[:4], noses[:4]).verdict == "not settled"
    z[:10] += 8
    assert evaluate_noses(z, noses).verdict == "confirmed"
    assert evaluate_noses(z[rng.permutation(20)], noses).verdict == "refuted"


def test_held_out_drawings_come_class_by_class(data):
    assert isinstance(data, HeldOut)
    assert [d.label for d in data.drawings] == [k for k in FEATURES for _ in range(4)]
