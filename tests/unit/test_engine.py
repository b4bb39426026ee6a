"""The codec that everybody uses: the bundled model on ONNX Runtime."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from strokeanim.engine import load_model
from strokeanim.engine.generation import generate
from strokeanim.engine.sampling import decode_rows, greedy, sample
from strokeanim.errors import InputError
from strokeanim.geometry import Drawing, DrawingArray, Picture
from strokeanim.geometry.stroke_formats import from_stroke5
from strokeanim.io.samples import all_samples, samples_of
from strokeanim.latent.codec import Codec
from strokeanim.pipeline import animate, count_recognised, random_partner

SAMPLES = all_samples()


@pytest.fixture(scope="module")
def model():
    return load_model()


def test_it_is_a_codec(model):
    assert isinstance(model, Codec)
    assert model.classes == ("mouth", "nose", "eye", "ear")


def test_encoding_is_a_pure_function_of_each_drawing(model):
    z = model.encode(SAMPLES[:12])
    assert (z.shape, z.dtype) == ((12, 512), np.float32)
    np.testing.assert_array_equal(z, model.encode(SAMPLES[:12]))
    np.testing.assert_allclose(z[3:5], model.encode(SAMPLES[3:5]), atol=1e-5)


def test_encoding_does_not_depend_on_place_size_or_stroke_order(model):
    drawing = SAMPLES[2]
    moved = drawing.with_strokes([s[::-1] * 3 + 77 for s in drawing.strokes[::-1]])
    a, b = model.encode([drawing, moved])
    assert a @ b / np.linalg.norm(a) / np.linalg.norm(b) > 0.98


def test_decoded_drawings_are_normalised(model):
    for drawing in model.decode(model.encode(SAMPLES[:16])):
        assert drawing.box.longer == pytest.approx(255, abs=0.01)
        assert (drawing.box.x, drawing.box.y) == pytest.approx((0, 0), abs=1e-3)


def test_samples_and_their_reconstructions_are_recognised(model):
    labels = [drawing.label for drawing in SAMPLES]
    found = model.identify(SAMPLES)[0]
    again = model.identify(model.decode(model.encode(SAMPLES)))[0]
    assert np.mean([a == b for a, b in zip(found, labels, strict=True)]) >= 0.97
    assert np.mean([a == b for a, b in zip(again, labels, strict=True)]) >= 0.93


def test_probabilities_sum_to_one(model):
    _, p = model.identify(SAMPLES[:5])
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)


def test_temperature_varies_and_a_seed_repeats(model):
    z = model.encode(SAMPLES[:4])
    once = model.decode(z, 0.3, np.random.default_rng(0))
    assert once == model.decode(z, 0.3, np.random.default_rng(0))
    assert once != model.decode(z, 0.3, np.random.default_rng(1))


def test_what_cannot_be_encoded_or_decoded_is_named(model):
    with pytest.raises(InputError, match="drawing k7 is empty"):
        model.encode([Drawing(key="k7")])
    with pytest.raises(InputError, match="does not know the class 'cat'"):
        model.encode([Drawing([[(0, 0), (1, 1)]], "cat")])
    with pytest.raises(InputError, match=r"shape \(n, 512\)"):
        model.decode(np.zeros((2, 3), np.float32))
    with pytest.raises(InputError, match="NaN"):
        model.decode(np.full((1, 512), np.nan, np.float32))
    with pytest.raises(InputError, match="temperature"):
        model.decode(np.zeros((1, 512), np.float32), -1)
    assert model.decode(np.zeros((0, 512), np.float32)) == []
    with pytest.raises(InputError, match="choose onnx or keras"):
        load_model("faces", engine="torch")


def test_a_damaged_graph_is_named(tmp_path, model):
    (tmp_path / "model.json").write_text((model.folder / "model.json").read_text())
    (tmp_path / "encoder.onnx").write_bytes(b"no graph")
    with pytest.raises(InputError, match=r"encoder.onnx is missing or damaged"):
        load_model(tmp_path).encode(SAMPLES[:1])
    for prior in (None, (model.folder / "prior.npz").read_bytes()[:500]):
        if prior:
            (tmp_path / "prior.npz").write_bytes(prior)
        with pytest.raises(InputError, match=r"prior.npz is missing or damaged"):
            load_model(tmp_path).centre("ear")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda facts: facts.update(format=99), "has format 99"),
        (lambda facts: facts["config"]["model"].pop("side"), "not a model folder"),
        (lambda facts: facts["config"]["model"].update(classes=3), "not a model folder"),
        (lambda facts: facts.pop("name"), "not a model folder"),
    ],
)
def test_facts_that_do_not_describe_a_model_are_refused(tmp_path, model, change, told):
    facts = json.loads((model.folder / "model.json").read_text())
    change(facts)
    (tmp_path / "model.json").write_text(json.dumps(facts))
    with pytest.raises(InputError, match=told):
        load_model(tmp_path)


def test_a_relative_folder_of_the_same_name_is_not_the_bundled_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no model folder"):
        load_model(Path("faces"))


def test_more_drawings_than_a_batch(model, monkeypatch):
    whole = model.encode(SAMPLES[:10]), model.decode(model.encode(SAMPLES[:10]))
    monkeypatch.setattr("strokeanim.engine.base.BATCH", 3)
    monkeypatch.setattr("strokeanim.engine.base.ENCODE_BATCH", 4)
    np.testing.assert_allclose(model.encode(SAMPLES[:10]), whole[0], atol=1e-5)
    assert [d.points for d in model.decode(whole[0])] == [d.points for d in whole[1]]


def test_pictures_and_drawings_of_them_are_close(model):
    from strokeanim.datasets.raster import rasterise

    drawing = SAMPLES[0]
    a, b = model.encode([drawing, Picture(rasterise(drawing, 300, 7.5))])
    assert a @ b / np.linalg.norm(a) / np.linalg.norm(b) > 0.97


def test_animate_has_both_ends_and_follows_the_boxes():
    start, end = samples_of("nose")[:2]
    end = end.with_strokes([stroke * 2 + 300 for stroke in end.strokes])
    animation = animate(start, end, steps=4, fps=8)
    assert [fact["t"] for fact in animation.facts] == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert float(animation.duration) == 0.75
    centres = [Drawing(frame.strokes).box.centre for frame in animation.frames]
    expected = [start.box.interpolate(end.box, k / 5).centre for k in range(6)]
    np.testing.assert_allclose(centres, expected, atol=0.03 * end.box.longer)


def test_straight_and_thin_drawings_keep_their_size():
    line = Drawing([[(0, 0), (0, 100), (0, 200)]], "nose")
    for end in (line, samples_of("nose")[0]):
        for frame in animate(line, end, steps=2).frames:
            assert 195 <= Drawing(frame.strokes).box.longer <= 260


def test_a_dot_can_be_an_end():
    frames = animate(Drawing([[(7, 7)]], "eye"), samples_of("eye")[0], steps=1).frames
    assert all(Drawing(frame.strokes).box.longer > 100 for frame in frames)


def test_a_picture_counts_as_a_drawing_of_255():
    ink = np.zeros((2000, 1000), np.float32)
    ink[100:1900, 480:520] = 1
    frames = animate(Picture(ink, label="nose"), samples_of("nose")[0], steps=3).frames
    boxes = [Drawing(frame.strokes).box for frame in frames]
    assert [box.longer for box in boxes] == pytest.approx([255] * 5, rel=0.1)
    with pytest.raises(InputError, match="picture k is blank"):
        load_model().identify([Picture(np.zeros((9, 9), np.float32), key="k")])


def test_a_pair_and_its_reverse_are_each_others_reverse():
    a, b = samples_of("eye")[:2]
    there, back = animate(a, b, steps=3), animate(b, a, steps=3)
    for one, other in zip(there.frames, back.frames[::-1], strict=True):
        assert len(one.strokes) == len(other.strokes)


def test_a_drawing_with_itself_stands_still():
    a = samples_of("ear")[0]
    frames = animate(a, a, steps=3).frames
    assert all(frame == frames[0] for frame in frames)


def test_a_cycle_of_m_drawings_has_eleven_m_frames():
    animation = animate(*samples_of("mouth")[:3], loop="cycle")
    assert len(animation.frames) == 33
    assert animation.frames[0] != animation.frames[-1]
    assert count_recognised(animation)[1] == 33
    with pytest.raises(InputError, match="at least two"):
        animate(*samples_of("mouth")[:1], loop="cycle")


def test_a_partner_is_another_of_the_class_and_a_seed_picks_it():
    start = SAMPLES[0]
    chosen = [random_partner(start, SAMPLES, "mouth", seed) for seed in range(30)]
    assert all(other.label == "mouth" and other != start for other in chosen)
    assert len({other.key for other in chosen}) > 5
    assert random_partner(start, [start], "mouth") is None
    columns = DrawingArray.of(SAMPLES)
    assert [random_partner(start, columns, "mouth", seed) for seed in range(30)] == chosen


def test_generated_drawings_are_new_and_of_their_class(model):
    for label in model.classes:
        drawings = generate(label, 40, seed=1, model=model)
        assert drawings == generate(label, 40, seed=1, model=model)
        assert np.mean([name == label for name in model.identify(drawings)[0]]) >= 0.8
    with pytest.raises(InputError, match="at least 1"):
        generate("ear", 0)


def test_greedy_takes_the_likeliest_component():
    params = np.zeros((1, 6 * 2 + 3), np.float32)
    params[0, :2] = [0, 5]  # weights
    params[0, 2:4] = [7, 1]  # x
    params[0, 4:6] = [7, 2]  # y
    assert greedy(params).tolist() == [[1, 2]]


def test_samples_follow_the_mixture():
    params = np.zeros((20_000, 6 * 2 + 3), np.float32)
    params[:, :2] = [0, np.log(3)]  # weights 1/4, 3/4
    params[:, 2:4] = [-50, 50]
    params[:, 8:10] = np.log([3, 2])  # σ of y
    rng = np.random.default_rng(0)
    noise = np.concatenate([rng.random((20_000, 2)), rng.normal(size=(20_000, 2))], axis=1)
    drawn = sample(params, 1.0, noise.astype(np.float32))
    np.testing.assert_allclose((drawn[:, 0] > 0).mean(), 0.75, atol=0.02)
    np.testing.assert_allclose(drawn[drawn[:, 0] > 0][:, 1].std(), 2, rtol=0.05)
    colder = sample(params, 0.25, noise.astype(np.float32))
    np.testing.assert_allclose(colder[colder[:, 0] > 0][:, 1].std(), 1, rtol=0.05)  # σ times √τ


def one_stroke(lift):
    """A decoder of one stroke that lifts with equal probability after every point."""

    def step(context, state):
        params = np.zeros((len(context), 9), np.float32)
        fresh = (context[:, 3] == 1) & (state[0][:, 0] > 0)
        params[:, 6:] = [np.log(1 - lift), np.log(lift), -30]
        params[fresh, 6:] = [-30, -30, 9]
        return params, [state[0] + 1]

    return step


@pytest.mark.parametrize(("lift", "expected"), [(0.05, 28), (0.2, 7), (0.8, 1)])
def test_a_pen_of_uncertain_length_lifts_at_the_quantile(lift, expected):
    rows = decode_rows(one_stroke(lift), [np.zeros((1, 1), np.float32)], 60)
    assert [len(stroke) for stroke in from_stroke5(rows[0]).strokes] == [expected]


def test_sampled_lengths_follow_the_distribution():
    rng = np.random.default_rng(0)
    rows = decode_rows(one_stroke(0.2), [np.zeros((4000, 1), np.float32)], 80, 1.0, rng)
    lengths = np.array([from_stroke5(each).points for each in rows])
    for length in (1, 2, 5, 10):  # geometric
        assert (lengths == length).mean() == pytest.approx(0.2 * 0.8 ** (length - 1), abs=0.025)


def test_a_sampled_drawing_does_not_depend_on_its_neighbours(model):
    z = model.encode(SAMPLES[:4])
    alone = model.decode(z[:1], 0.5, np.random.default_rng(7))
    assert model.decode(z, 0.5, np.random.default_rng(7))[:1] == alone


def test_drawing_stops_at_the_end_and_at_the_limit():
    def step(context, state):
        params = np.zeros((len(context), 9), np.float32)
        params[:, 1:3] = 1
        done = state[0][:, 0] >= 3
        params[:, 6] = np.where(done, -9, 9)
        params[:, 8] = np.where(done, 9, -9)
        return params, [state[0] + 1]

    rows = decode_rows(step, [np.float32([[0], [2], [-50]])], 8)
    assert [from_stroke5(each).points for each in rows] == [3, 1, 8]


def test_drawing_shows_the_decoder_where_its_pen_is():
    seen = []

    def step(context, state):
        seen.append(context.copy())
        params = np.zeros((len(context), 9), np.float32)
        params[:, 1], params[:, 2], params[:, 6] = 2, 1, 9
        return params, state

    decode_rows(step, [np.zeros((1, 1), np.float32)], 3)
    assert [c[0].tolist() for c in seen] == [
        [0, 0, 0, 1, 0, 0, 0],
        [2, 1, 1, 0, 0, 2, 1],
        [2, 1, 1, 0, 0, 4, 2],
    ]
