"""What plugin authors test with is itself what it says."""

from __future__ import annotations

import numpy as np
import pytest

import strokeanim as sa
from strokeanim.errors import InputError, PluginError
from strokeanim.geometry import Drawing, Picture
from strokeanim.latent.codec import Codec
from strokeanim.testing import FakeCodec, RecordingRenderer, animations, context

LINE = Drawing([[(0, 0), (10, 4), (30, 20), (60, 18)]])


def test_a_recording_renderer_keeps_what_it_gets(tmp_path):
    renderer = RecordingRenderer()
    animations.moving(3).save(tmp_path / "a.txt", renderer, size=100, stroke="red")
    assert renderer.calls == ["open", "frame1", "frame2", "frame3", "finish"]
    assert (renderer.contexts[0].width, renderer.contexts[0].stroke) == (100, "#ff0000")
    assert renderer.contexts[0].extension == ".txt"
    assert [frame.ids for frame in renderer.frames] == [(0, 1, 2, 3, 4, 5)] * 3


def test_a_recording_renderer_fails_where_it_is_told_to(tmp_path):
    renderer = RecordingRenderer(fail_at="frame2")
    with pytest.raises(PluginError, match="at frame 2 of 3"):
        animations.moving(3).save(tmp_path / "a.txt", renderer)
    assert renderer.calls[-1] == "abort"


def test_the_fake_codec_is_a_codec():
    codec = FakeCodec()
    assert isinstance(codec, Codec)
    z = codec.encode([LINE, LINE])
    assert z.shape == (2, codec.latent)
    assert z.dtype == np.float32
    (back,) = codec.decode(z[:1])
    np.testing.assert_allclose(codec.encode([back])[0], z[0], atol=0.05)
    assert back.box.longer == pytest.approx(255)


def test_the_fake_codec_knows_its_classes():
    codec = FakeCodec()
    for label in codec.classes:
        drawings = codec.decode(codec.sample(label, 5, np.random.default_rng(1)))
        labels, probabilities = codec.identify(drawings)
        assert labels == [label] * 5
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    with pytest.raises(InputError, match="no class 'hand'; there are mouth"):
        codec.centre("hand")
    with pytest.raises(InputError, match="no class 'hand'"):
        codec.encode([LINE.with_label("hand")])
    with pytest.raises(InputError, match="without strokes"):
        codec.encode([Drawing()])


def test_equal_random_numbers_give_equal_drawings():
    codec = FakeCodec()
    z = codec.encode([LINE, LINE])
    twins = codec.decode(z, 0.5, [np.random.default_rng(3) for _ in z])
    assert twins[0] == twins[1] != codec.decode(z)[0]


def test_the_fake_codec_looks_at_pictures():
    ink = np.zeros((32, 32), np.float32)
    ink[8:24, 8], ink[8, 8:24], ink[23, 8:24], ink[8:24, 23] = 1, 1, 1, 1
    codec = FakeCodec()
    assert codec.encode([Picture(ink)]).shape == (1, codec.latent)
    with pytest.raises(InputError, match="without ink"):
        codec.encode([Picture(np.zeros((4, 4), np.float32))])


def test_animate_works_with_the_fake_codec():
    codec = FakeCodec()
    ends = codec.decode(codec.sample("eye", 2, np.random.default_rng(0)))
    animation = sa.animate(*ends, steps=3, model=codec)
    assert [len(frame.strokes) for frame in animation.frames] == [1] * 5


def test_ready_made_animations_are_what_they_say():
    assert animations.empty().frames[0].strokes == ()
    assert [len(stroke) for stroke in animations.dot().frames[0].strokes] == [1]
    assert animations.faded(0.25).frames[0].opacity == 0.25
    assert len(animations.moving(7).frames) == 7
    assert len({frame.ids for frame in animations.changing().frames}) > 2
    assert len(set(animations.uneven().durations)) == 5
    assert len(list(animations.stream(9))) == 9
    assert context(4).frames == 4
    assert animations.moving(3) == animations.moving(3)
