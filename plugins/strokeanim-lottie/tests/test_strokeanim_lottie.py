"""The contract, the schema where there is one, and what the layers say."""

import json
import os
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from strokeanim_lottie import LottieRenderer, frame_rate

from strokeanim import Animation
from strokeanim.testing import FileProperties, RendererConformance, animations


class TestLottie(RendererConformance):
    renderer = LottieRenderer

    def seen(self, path):
        known = json.loads(path.read_text())
        layers = [layer for layer in known["layers"] if layer["ty"] == 4]
        if len(layers) == 1 and len(set(moments(layers[0]))) == 1:
            return FileProperties(
                known["w"], known["h"]
            )  # nothing moves, so there are no keyframes
        starts = sorted({moment for layer in layers for moment in moments(layer)} | {known["op"]})
        exact = [Fraction(b - a) / Fraction(known["fr"]) for a, b in pairwise(starts)]
        return FileProperties(known["w"], known["h"], len(exact), tuple(exact), Fraction(1, 2000))


def moments(layer):
    """When something of a layer is keyed, its beginning included."""
    yield layer["ip"]
    for group in layer["shapes"]:
        path = group["it"][0]["ks"]
        if path["a"]:
            yield from (keyframe["t"] for keyframe in path["k"])


def written(folder, animation, **options):
    return json.loads(animation.save(folder / "a.json", LottieRenderer(), **options).read_text())


def test_the_same_strokes_are_one_layer_that_morphs(tmp_path):
    known = written(tmp_path, animations.moving(12, fps=5))
    (layer,) = known["layers"]
    assert (known["fr"], layer["ip"], layer["op"], known["op"]) == (25, 0, 60, 60)
    mouth = next(group for group in layer["shapes"] if group["nm"] == "stroke 6")
    keyframes = mouth["it"][0]["ks"]["k"]
    assert [keyframe["t"] for keyframe in keyframes] == [5 * place for place in range(12)]
    assert {len(keyframe["s"][0]["v"]) for keyframe in keyframes} == {9}
    assert "i" not in keyframes[-1]
    assert all("i" in keyframe for keyframe in keyframes[:-1])
    # What does not move has no keyframes.
    assert [group["it"][0]["ks"]["a"] for group in layer["shapes"]].count(0) == 3


def test_strokes_that_come_and_go_are_a_flip_book(tmp_path):
    known = written(tmp_path, animations.changing())
    spans = [(layer["ip"], layer["op"]) for layer in known["layers"]]
    assert spans == [(0, 5), (5, 10), (10, 15), (15, 20)]


def test_a_flip_book_on_request_holds_each_frame(tmp_path):
    known = written(tmp_path, animations.moving(4), motion="flipbook")
    mouth = next(group for group in known["layers"][0]["shapes"] if group["nm"] == "stroke 6")
    assert [keyframe["h"] for keyframe in mouth["it"][0]["ks"]["k"]] == [1] * 4


def test_drawing_on_comes_first_and_goes_stroke_by_stroke(tmp_path):
    known = written(tmp_path, animations.moving(3, fps=10), draw_on=2)
    drawn, moving = known["layers"]
    assert (drawn["ip"], drawn["op"], moving["ip"]) == (0, 2 * known["fr"], 2 * known["fr"])
    trims = [group["it"][1]["e"]["k"] for group in reversed(drawn["shapes"])]
    ends = [(first["t"], last["t"]) for first, last in trims]
    assert ends[0][0] == 0
    assert all(before[1] == after[0] for before, after in pairwise(ends))
    assert ends[-1][1] == drawn["op"]


def test_a_background_is_the_lowest_layer(tmp_path):
    known = written(tmp_path, animations.still(), background="tomato")
    assert (known["layers"][-1]["ty"], known["layers"][-1]["sc"]) == (1, "#ff6347")
    assert [layer["ind"] for layer in known["layers"]] == [1, 2]


@pytest.mark.parametrize(
    ("durations", "rate"),
    [
        ([Fraction(1, 5)], 25),
        ([Fraction(1, 30)] * 2, 30),
        ([Fraction(1001, 30000)], Fraction(30000, 1001)),
        ([Fraction(2)], 24),
        ([Fraction(1, 3), Fraction(1, 7)], 42),
    ],
)
def test_every_frame_begins_on_a_tick(durations, rate):
    assert frame_rate(durations) == rate
    assert all((one * rate).denominator == 1 for one in durations)


def test_times_without_a_common_measure_stay_countable(tmp_path):
    times = (Fraction(0.1), Fraction(0.2), Fraction(0.3333))
    known = written(tmp_path, Animation(animations.moving(3).frames, times, animations.CANVAS))
    assert (known["fr"], known["op"]) == (1000, 633)


@pytest.mark.parametrize("seconds", [1.3, 1e-12, 0.04])
def test_drawing_on_takes_whole_ticks(tmp_path, seconds):
    known = written(tmp_path, animations.moving(3, fps=10), draw_on=seconds)
    assert all(isinstance(layer[end], int) for layer in known["layers"] for end in ("ip", "op"))
    assert known["layers"][0]["op"] >= max(1, seconds * known["fr"])


def test_strokes_have_their_own_colours(tmp_path):
    known = written(tmp_path, animations.moving(3), colour_by="stroke")
    colours = [group["it"][1]["c"]["k"] for group in reversed(known["layers"][0]["shapes"])]
    assert colours[:2] == [[0, 0.4471, 0.698], [0.8353, 0.3686, 0]]
    known = written(tmp_path, animations.moving(3), colour_by="frame")
    keyframes = known["layers"][0]["shapes"][0]["it"][1]["c"]["k"]
    assert [(one["t"], one["h"]) for one in keyframes] == [(0, 1), (3, 1), (6, 1)]


def test_names_are_text_that_every_decoder_takes(tmp_path):
    known = written(tmp_path, animations.labelled("\ud800"))
    assert known["nm"] == "?"


SCHEMA = Path(
    os.environ.get("LOTTIE_SCHEMA", Path(__file__).parents[4] / "shared/data/lottie.schema.json")
)


@pytest.fixture(scope="module")
def validator():
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    if not SCHEMA.exists():
        pytest.skip("the schema of the Lottie specification is not here; name it in LOTTIE_SCHEMA")
    schema = json.loads(SCHEMA.read_text())
    return jsonschema.validators.validator_for(schema)(schema)


CASES = {
    "empty": animations.empty,
    "dot": animations.dot,
    "still": animations.still,
    "moving": animations.moving,
    "changing": animations.changing,
    "uneven": animations.uneven,
    "faded": animations.faded,
    "crowded": animations.crowded,
    "unicode": lambda: animations.labelled("目\x00\ud800"),
    "fading": lambda: Animation(
        (animations.faded(1.0).frames[0], animations.faded(0.2).frames[0]),
        (1, 1),
        animations.CANVAS,
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    "options",
    [{}, {"colour_by": "frame"}, {"draw_on": 1.3, "background": "white"}, {"motion": "flipbook"}],
    ids=str,
)
def test_files_follow_the_specification(tmp_path, validator, case, options):
    known = written(tmp_path, CASES[case](), **options)
    assert [error.message for error in validator.iter_errors(known)] == []


def test_the_schema_can_refuse(tmp_path, validator):
    known = written(tmp_path, animations.still())
    known["layers"][0]["shapes"][0]["it"][0]["ks"]["k"]["v"] = "no vertices"
    assert list(validator.iter_errors(known))
