"""What a style does to frames: margins, colours, drawing on; and what it takes."""

from fractions import Fraction

import numpy as np
import pytest

from strokeanim.animation.animation import Animation
from strokeanim.animation.effects import DRAWING_FPS, PALETTE
from strokeanim.errors import InputError
from strokeanim.geometry import Drawing
from strokeanim.render.style import Style, apply_style
from strokeanim.testing import animations

MOVING = animations.moving(4)


def test_without_wishes_nothing_changes():
    assert apply_style(MOVING, Style()) is MOVING


@pytest.mark.parametrize(
    ("size", "px", "mm"),
    [(512, 512, 512 * 25.4 / 96), ("300px", 300, 300 * 25.4 / 96), ("120mm", 454, 120),
     ("12 cm", 454, 120), ("5in", 480, 127), ("72pt", 96, 25.4)],
)  # fmt: skip
def test_sizes_have_units(size, px, mm):
    style = Style(size=size)
    assert style.px == px
    assert style.px * style.mm_per_px == pytest.approx(mm)


def test_a_width_in_mm_is_one_on_paper():
    style = Style(size="100mm", width="0.5mm")
    assert style.stroke_width * style.mm_per_px == pytest.approx(0.5)


@pytest.mark.parametrize(
    "wrong", [{"size": "12 miles"}, {"size": "1mm"}, {"size": "9999cm"}, {"width": "thick"}]
)
def test_lengths_that_are_none_say_what_one_is(wrong):
    with pytest.raises(InputError, match=r"is not a length; give px, or|px; between 16 and"):
        Style(**wrong)


def test_a_margin_is_a_share_of_what_is_drawn():
    drawing = Drawing([[(10, 10), (110, 60)]])
    canvas = apply_style(Animation.from_drawings([drawing]), Style(margin=0.5)).canvas
    assert (canvas.x, canvas.y, canvas.width, canvas.height) == (-40, -40, 200, 150)
    dot = apply_style(Animation.from_drawings([Drawing([[(5, 5)]])]), Style(margin=0))
    assert dot.canvas.width > 0


def test_colours_tell_strokes_frames_and_labels_apart():
    by_stroke = apply_style(MOVING, Style(colour_by="stroke"))
    assert by_stroke.frames[0].colours == PALETTE[:6] == by_stroke.frames[3].colours
    by_frame = apply_style(MOVING, Style(colour_by="frame"))
    assert len({frame.colours[0] for frame in by_frame.frames}) == 4
    assert by_frame.frames[0].colours[0] == PALETTE[0]
    assert by_frame.frames[-1].colours[0] == PALETTE[1]
    drawings = [Drawing([[(0, 0), (9, 9)]], label) for label in ("eye", "ear", "eye")]
    by_label = apply_style(Animation.from_drawings(drawings), Style(colour_by="label"))
    assert [frame.colours for frame in by_label.frames] == [
        (PALETTE[0],), (PALETTE[1],), (PALETTE[0],),
    ]  # fmt: skip


def length(frame):
    return sum(np.hypot(*np.diff(stroke, axis=0).T).sum() for stroke in frame.strokes)


def test_drawing_on_is_even_and_ends_with_the_first_frame():
    drawn = apply_style(MOVING, Style(draw_on=2))
    count = 2 * DRAWING_FPS
    assert len(drawn.frames) == count + 4
    assert drawn.duration == MOVING.duration + 2
    assert drawn.frames[count:] == MOVING.frames
    assert drawn.frames[0].strokes == ()
    ink = np.array([length(frame) for frame in drawn.frames[: count + 1]])
    assert (np.diff(ink) >= -1e-3).all()
    assert np.diff(ink).max() < 3 * ink[-1] / count
    for frame in drawn.frames:
        assert frame.ids == MOVING.frames[0].ids[: len(frame.ids)]


def test_a_pen_with_times_moves_as_it_did():
    # Half of the time goes into the first tenth of the way; then a pause; then a second stroke.
    drawing = Drawing(
        [[(0, 0), (10, 0), (100, 0)], [(0, 50), (100, 50)]],
        times=[[0, 500, 1000], [1500, 2000]],
    )
    still = Animation.from_drawings([drawing])
    drawn = apply_style(still, Style(draw_on="real", smooth=False))
    assert drawn.duration == 2 + Fraction(1, 5)
    at = {round(float(sum(drawn.durations[:k])), 2): frame for k, frame in enumerate(drawn.frames)}
    assert length(at[0.48]) == pytest.approx(9.6, abs=0.1)
    assert length(at[1.0]) == pytest.approx(100, abs=0.1)
    assert length(at[1.4]) == pytest.approx(100, abs=0.1)
    assert length(at[1.72]) == pytest.approx(144, abs=1)
    assert apply_style(still, Style(draw_on=1.0)).duration == 1 + Fraction(1, 5)


def test_real_times_that_are_not_there_are_a_mistake():
    with pytest.raises(InputError, match="needs a drawing with pen times, such as raw QuickDraw"):
        apply_style(MOVING, Style(draw_on="real"))


def test_an_empty_first_frame_can_be_drawn_on():
    assert len(apply_style(animations.empty(), Style(draw_on=0.5)).frames) == 14


@pytest.mark.parametrize("name", ["a.gif", "a.mp4", "a.webm", "a.webp", "a.apng", "a-%d.png"])
@pytest.mark.parametrize("by", ["stroke", "frame"])
def test_every_format_shows_the_colours(tmp_path, name, by):
    from PIL import Image

    saved = MOVING.save(tmp_path / name, colour_by=by, size=128, width=8, background="white")
    path = saved[0] if isinstance(saved, list) else saved
    if path.suffix in (".mp4", ".webm"):
        import av

        with av.open(str(path)) as container:
            image = next(container.decode(video=0)).to_ndarray(format="rgb24")
    else:
        with Image.open(path) as opened:
            image = np.asarray(opened.convert("RGB"))
    wanted = np.array([int(PALETTE[0][place : place + 2], 16) for place in (1, 3, 5)])
    assert (np.abs(image.astype(int) - wanted).max(axis=2) < 40).sum() > 20


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.apng"])
def test_transparent_colours_keep_the_paper_clear(tmp_path, name):
    from PIL import Image

    path = MOVING.save(tmp_path / name, colour_by="stroke", size=128, background="none")
    with Image.open(path) as opened:
        alpha = np.asarray(opened.convert("RGBA"))[..., 3]
    assert alpha[0, 0] == 0
    assert 0.01 < (alpha > 128).mean() < 0.3


def test_without_libcairo_png_has_its_colours_too(tmp_path, monkeypatch):
    from PIL import Image

    from strokeanim.render.formats import png

    monkeypatch.setattr(png, "cairosvg", None)
    (path, *_) = MOVING.save(tmp_path / "%d.png", colour_by="stroke", size=64, width=6)
    with Image.open(path) as image:
        assert len({pixel[:3] for _, pixel in image.convert("RGB").getcolors(9999)}) > 30
        assert image.mode == "RGB"


@pytest.mark.parametrize("name", ["a.svg", "a.ndjson"])
def test_what_holds_no_times_is_not_drawn_on(tmp_path, caplog, name):
    path = MOVING.save(tmp_path / name, draw_on=1)
    text = path.read_text()
    assert text.count("</g>") == 4 or text.count("\n") == 4
    assert "holds no times, so draw_on is left out" in caplog.text
