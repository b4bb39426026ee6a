"""Coverage: ink where the strokes are; cairo and Pillow agree; PNG agrees with SVG."""

import io
import logging
from fractions import Fraction

import cairosvg
import numpy as np
import pytest
from PIL import Image

from strokeanim.animation.animation import Animation
from strokeanim.animation.frame import Frame
from strokeanim.geometry import Drawing
from strokeanim.render import raster
from strokeanim.render.formats import png
from strokeanim.render.protocol import RenderContext

BACKENDS = ["cairo", "pillow"]
ANGLES = np.linspace(0, 2 * np.pi, 14)
CIRCLE = np.stack([32 + 20 * np.cos(ANGLES), 24 + 15 * np.sin(ANGLES)], axis=1)


def context(width=64, height=48, **other):
    fields = {
        "stroke": "#000000",
        "stroke_width": 4.0,
        "background": "#ffffff",
        "smooth": True,
        "durations": (Fraction(1),),
        "label": "",
        "facts": ({},),
        "log": logging.getLogger("test"),
    }
    return RenderContext(width=width, height=height, **fields | other)


@pytest.mark.parametrize("by", BACKENDS)
def test_nothing_drawn_is_no_ink(by):
    ink = raster.coverage(Frame(), context(width=61), by)
    assert (ink.shape, ink.dtype, ink.max()) == ((48, 61), np.uint8, 0)


@pytest.mark.parametrize("by", BACKENDS)
def test_a_line_covers_its_length_times_its_width_and_two_half_discs(by):
    ink = raster.coverage(Frame([[(12, 24), (52, 24)]]), context(), by)
    assert ink.sum() / 255 == pytest.approx(40 * 4 + np.pi * 4, rel=0.02)
    assert ink[24, 30] == 255
    assert ink[20, 30] == 0


@pytest.mark.parametrize("by", BACKENDS)
def test_a_dot_is_a_disc(by):
    ink = raster.coverage(Frame([[(32, 24)]]), context(stroke_width=10.0), by)
    assert ink.sum() / 255 == pytest.approx(np.pi * 25, rel=0.02)


@pytest.mark.parametrize("by", BACKENDS)
def test_ink_outside_the_canvas_is_cut_off(by):
    ink = raster.coverage(Frame([[(-500, 24), (900, 24)], [(70, 60), (90, 90)]]), context(), by)
    assert ink[24].min() == 255


@pytest.mark.parametrize("by", BACKENDS)
def test_crossing_strokes_do_not_add_up_and_opacity_scales_them_together(by):
    cross = [[(12, 24), (52, 24)], [(32, 4), (32, 44)]]
    full = raster.coverage(Frame(cross), context(), by)
    half = raster.coverage(Frame(cross, opacity=0.5), context(), by)
    assert full[24, 32] == 255
    assert half[24, 32] == half[24, 20] == 128
    np.testing.assert_allclose(half, full / 2, atol=0.5)


@pytest.mark.parametrize("smooth", [False, True])
def test_pillow_resembles_cairo(smooth):
    frame = Frame([CIRCLE, [(5, 5), (30, 40), (60, 10)], [(32, 24)], [(50, 40), (50, 40)]])
    frame = Frame([stroke * 4 for stroke in frame.strokes])
    large = context(256, 192, smooth=smooth)
    both = [raster.coverage(frame, large, by).astype(int) for by in BACKENDS]
    assert np.abs(both[0] - both[1]).mean() < 1
    assert both[0].sum() == pytest.approx(both[1].sum(), rel=0.01)


def test_without_libcairo_pillow_draws_and_says_so_once(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(raster, "cairocffi", None)
    monkeypatch.setattr(png, "cairosvg", None)
    raster._warn_once.cache_clear()
    animation = Animation.from_drawings([Drawing([CIRCLE])] * 3)
    for name in ("a.gif", "a.mp4", "%d.png"):
        animation.save(tmp_path / name)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "libcairo" in caplog.text
    raster._warn_once.cache_clear()


def test_the_array_is_the_callers_own():
    first = raster.coverage(Frame([CIRCLE]), context())
    kept = first.copy()
    raster.coverage(Frame([[(0, 0), (60, 40)]]), context())
    np.testing.assert_array_equal(first, kept)


STILL = Animation.from_drawings([Drawing([CIRCLE, [(5, 5), (30, 40), (60, 10)], [(32, 24)]])])


def test_a_png_is_exactly_its_svg(tmp_path):
    still = {"size": 200, "background": "#ffeedd", "stroke": "#102030"}
    STILL.save(tmp_path / "a.png", **still)
    STILL.save(tmp_path / "a.svg", **still)
    shown = Image.open(tmp_path / "a.png")
    drawn = cairosvg.svg2png(
        (tmp_path / "a.svg").read_bytes(), output_width=shown.width, output_height=shown.height
    )
    np.testing.assert_array_equal(np.asarray(shown), np.asarray(Image.open(io.BytesIO(drawn))))
    assert max(shown.size) == 200
    assert shown.convert("RGB").getpixel((0, 0)) == (0xFF, 0xEE, 0xDD)


@pytest.mark.parametrize("background", [None, "#ffffff"])
def test_the_raster_and_the_pngs_of_both_backends_show_the_same(tmp_path, monkeypatch, background):
    pictures = []
    for cairo in (True, False):
        if not cairo:
            monkeypatch.setattr(png, "cairosvg", None)
        STILL.save(tmp_path / "a.png", background=background)
        pictures.append(np.asarray(Image.open(tmp_path / "a.png").convert("RGBA")).astype(int))
    # Two decimals in the SVG are all that lies between them.
    assert np.abs(pictures[0] - pictures[1]).mean() < 0.05
