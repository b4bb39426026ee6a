"""GIF and MP4 read back with the libraries that play them: count, times, size, format."""

import io
import logging
import tracemalloc
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from strokeanim.animation.animation import Animation
from strokeanim.animation.frame import Frame
from strokeanim.errors import InputError
from strokeanim.geometry import Box, Drawing
from strokeanim.render.formats.gif import GifOptions, GifRenderer, delays
from strokeanim.render.formats.mp4 import Mp4Options, Mp4Renderer
from strokeanim.render.protocol import RenderContext


def moving(count, fps=5):
    return Animation.from_drawings(
        [Drawing([[(0, 0), (60 + k, 40), (100, 80)], [(30, 70)]]) for k in range(count)], fps=fps
    )


def timed(*durations):
    """Frames that are all alike, which is where delays and frames get lost."""
    frames = (Frame([[(10, 10), (90, 60)]]),) * len(durations)
    return Animation(frames, durations, Box(0, 0, 100, 80))


def gif(animation, path, **options):
    image = Image.open(io.BytesIO(animation.save(path, **options).read_bytes()))
    return image, [frame.info["duration"] for frame in ImageSequence.Iterator(image)]


def context(frames, **other):
    fields = {
        "width": 64,
        "height": 48,
        "stroke": "#000000",
        "stroke_width": 2.0,
        "background": "#ffffff",
        "smooth": True,
        "durations": (Fraction(1, 25),) * frames,
        "label": "",
        "facts": ({},) * frames,
        "log": logging.getLogger("test"),
    }
    return RenderContext(**fields | other)


def test_a_gif_has_every_frame_delay_and_an_endless_loop(tmp_path):
    image, shown = gif(moving(12), tmp_path / "a.gif")
    assert shown == [200] * 12
    assert image.size == (512, round(512 * 96 / 116))
    assert image.info["loop"] == 0
    image, _ = gif(moving(2), tmp_path / "b.gif", loop=3)
    assert image.info["loop"] == 3
    image, _ = gif(moving(2), tmp_path / "c.gif", loop=-1)
    assert "loop" not in image.info


def test_equal_frames_are_not_merged(tmp_path):
    image, shown = gif(timed(1, Fraction(1, 2), 2, 2), tmp_path / "a.gif")
    assert image.n_frames == 4
    assert shown == [1000, 500, 2000, 2000]


def test_gif_times_do_not_drift():
    for fps in (24, 30, Fraction(30000, 1001), 7):
        durations = [1 / Fraction(fps)] * 500
        shown = np.cumsum(delays(durations))
        due = np.array([float(100 * (k + 1) / Fraction(fps)) for k in range(500)])
        assert np.abs(shown - due).max() <= 0.5 + 1e-9


def test_gif_frames_too_long_or_too_short(tmp_path, caplog):
    with pytest.raises(InputError, match=r"655\.35 s at most"):
        timed(656).save(tmp_path / "a.gif")
    _, shown = gif(moving(3, fps=1000), tmp_path / "b.gif")
    assert shown == [10, 10, 10]
    assert "shorter than 20 ms" in caplog.text


def test_gif_frames_show_what_was_drawn(tmp_path):
    animation = moving(6)
    image, _ = gif(animation, tmp_path / "a.gif", stroke="#ff0000", background="#0000ff")
    for place, frame in enumerate(ImageSequence.Iterator(image)):
        alone = Animation(animation.frames[place : place + 1], (1,), animation.canvas)
        still, _ = gif(alone, tmp_path / "one.gif", stroke="#ff0000", background="#0000ff")
        np.testing.assert_array_equal(frame.convert("RGB"), still.convert("RGB"))
        colours = {colour for _, colour in frame.convert("RGB").getcolors(99)}
        assert {(255, 0, 0), (0, 0, 255)} <= colours
        assert len(colours) <= 16


def test_a_transparent_gif_leaves_no_trail(tmp_path):
    image, _ = gif(moving(4), tmp_path / "a.gif", background=None)
    inked = []
    for frame in ImageSequence.Iterator(image):
        alpha = np.asarray(frame.convert("RGBA"))[:, :, 3]
        assert set(np.unique(alpha)) == {0, 255}
        inked.append((alpha > 0).sum())
    assert max(inked) < 1.1 * min(inked)


@pytest.mark.parametrize("name", ["a.gif", "a.mp4", "a.svg", "a.ndjson"])
def test_the_same_bytes_twice(tmp_path, name):
    first = moving(7).save(tmp_path / name).read_bytes()
    assert moving(7).save(tmp_path / name).read_bytes() == first


def video(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        facts = {
            "rate": stream.average_rate,
            "seconds": stream.duration * stream.time_base,
            "size": (stream.width, stream.height),
            "format": stream.codec_context.pix_fmt,
            "codec": stream.codec_context.name,
        }
    return facts, frames


@pytest.mark.parametrize("fps", [5, 24, Fraction(30000, 1001)])
@pytest.mark.parametrize("count", [1, 2, 12])
def test_an_mp4_has_every_frame_at_its_rate(tmp_path, fps, count):
    facts, frames = video(moving(count, fps).save(tmp_path / "a.mp4"))
    assert len(frames) == count
    assert facts["rate"] == fps
    assert facts["seconds"] == count / Fraction(fps)
    assert (facts["format"], facts["codec"]) == ("yuv420p", "h264")
    assert [frame.pts * frame.time_base for frame in frames] == [
        k / Fraction(fps) for k in range(count)
    ]


def test_an_mp4_with_unequal_times_keeps_them_all(tmp_path):
    durations = [Fraction(1, 3), Fraction(1, 2), Fraction(1, 100), Fraction(2)]
    facts, frames = video(timed(*durations).save(tmp_path / "a.mp4"))
    starts = [float(frame.pts * frame.time_base) for frame in frames]
    np.testing.assert_allclose(starts, [0, 1 / 3, 5 / 6, 5 / 6 + 0.01], atol=1e-9)
    assert facts["seconds"] == sum(durations)


def test_times_finer_than_the_ticks_are_rounded_without_drift(tmp_path):
    durations = [Fraction(1, 7919), Fraction(1, 7907), Fraction(1, 2), Fraction(1, 3)]
    facts, frames = video(timed(*durations).save(tmp_path / "a.mp4"))
    assert len(frames) == 4
    assert abs(facts["seconds"] - sum(durations)) <= Fraction(1, 90_000)


@pytest.mark.parametrize(("size", "padded"), [(100, (100, 80)), (99, (100, 80)), (101, (102, 82))])
def test_odd_sizes_are_padded_with_paper_and_never_rescaled(tmp_path, size, padded):
    animation = timed(1, 1)
    facts, frames = video(animation.save(tmp_path / "a.mp4", size=size, crf=0))
    assert facts["size"] == padded
    picture = frames[0].to_ndarray(format="gray").astype(int)
    image, _ = gif(animation, tmp_path / "a.gif", size=size)
    expected = np.asarray(image.convert("L")).astype(int)
    height, width = expected.shape
    assert np.abs(picture[:height, :width] - expected).mean() < 2
    assert picture[height:].min(initial=255) >= 254
    assert picture[:, width:].min(initial=255) >= 254


def test_video_colours_are_the_ones_asked_for(tmp_path):
    animation = Animation((Frame([[(50, 40)]]),), (1,), Box(0, 0, 100, 80))
    saved = animation.save(
        tmp_path / "a.mp4", size=100, width=60, stroke="#d03010", background="#1060a0", crf=5
    )
    _, (frame,) = video(saved)
    picture = frame.to_ndarray(format="rgb24", src_colorspace="ITU709")
    np.testing.assert_allclose(picture[40, 50], (0xD0, 0x30, 0x10), atol=4)
    np.testing.assert_allclose(picture[2, 2], (0x10, 0x60, 0xA0), atol=4)


def test_an_mp4_can_be_played_while_it_loads(tmp_path):
    data = moving(3).save(tmp_path / "a.mp4").read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")


@pytest.mark.parametrize(
    ("renderer", "options"), [(GifRenderer(), GifOptions()), (Mp4Renderer(), Mp4Options())]
)
def test_memory_does_not_grow_with_the_frames(renderer, options):
    class Nowhere(io.BytesIO):
        """Takes bytes without keeping them, but knows where it is, as muxers need to."""

        def write(self, data):
            return len(data)

    def peak(count):
        tracemalloc.start()
        session = renderer.open(Nowhere(), context(count), options)
        for place in range(count):
            session.frame(Frame([[(5, 5), (20 + place % 30, 40)]]))
        if renderer.spec.name == "gif":
            session.finish()
        else:
            session.abort()
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(10)  # caches
    # The known durations cost some bytes a frame; a kept 64 × 48 frame would cost 3 072.
    assert (peak(1000) - peak(200)) / 800 < 700


def test_equal_frames_of_a_gif_are_merged_if_asked_for(tmp_path):
    from strokeanim.testing import animations

    line, other = [(10, 10), (60, 40)], [(10, 10), (60, 70)]
    animation = animations.of([line, line, line, other, other, line])
    for merge, wanted in ((False, [200] * 6), (True, [600, 400, 200])):
        animation.save(tmp_path / "a.gif", merge=merge)
        with Image.open(tmp_path / "a.gif") as image:
            seen = [frame.info["duration"] for frame in ImageSequence.Iterator(image)]
        assert seen == wanted


@pytest.mark.parametrize("background", ["white", "none"])
@pytest.mark.parametrize("name", ["a.apng", "a.webp", "a.gif"])
@pytest.mark.parametrize("by", [None, "stroke"])
def test_frames_are_whole_as_ffmpeg_reads_them(tmp_path, name, background, by):
    """Pillow forgives an APNG whose frames leave holes; players do not."""
    import strokeanim

    animation = strokeanim.animate(*strokeanim.load("sample:eye")[:2], steps=4)
    told = {"size": 151, "background": background, "colour_by": by}
    animation.save(tmp_path / "f-%02d.png", **told)
    animation.save(tmp_path / name, **told)
    if name == "a.apng":
        with av.open(str(tmp_path / name)) as container:
            frames = [frame.to_ndarray(format="rgba") for frame in container.decode(video=0)]
    else:
        with Image.open(tmp_path / name) as image:
            frames = [np.asarray(one.convert("RGBA")) for one in ImageSequence.Iterator(image)]
    assert len(frames) == 6
    for place, seen in enumerate(frames):
        with Image.open(tmp_path / f"f-{place:02d}.png") as image:
            wanted = np.asarray(image.convert("RGBA"))
        if background == "white":
            assert (seen[..., 3] == 255).all()
        assert np.abs(on_white(seen) - on_white(wanted)).mean() < 1.0


def on_white(image):
    alpha = image[..., 3:].astype(float) / 255
    return image[..., :3] * alpha + 255 * (1 - alpha)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.apng"])
@pytest.mark.parametrize(("fps", "words"), [(1e-6, "use a higher fps"), (1e6, "lower the fps")])
def test_rates_that_no_clock_can_hold_are_the_users_mistake(tmp_path, name, fps, words):
    many = Animation.from_drawings([Drawing([[(0, 0), (9, 9)]])] * 2, fps=f"{fps:f}")
    with pytest.raises(InputError, match=words):
        many.save(tmp_path / name)
