"""Lottie files are played by lottie-web in a real browser, and look as our own raster does."""

from __future__ import annotations

import json

import pytest

from strokeanim.testing import animations
from tests.web.conftest import CASES, LOTTIE, grey, ours

pytest.importorskip("strokeanim_lottie", reason="the lottie plugin is not installed")
if not LOTTIE.exists():
    pytest.skip("lottie-web is not installed; tools/ensure-web does that", allow_module_level=True)

PAGE = """<!doctype html><style>body{{margin:0}}</style>
<div id=stage style="width:{width}px;height:{height}px"></div><script>{player}</script><script>
window.player = lottie.loadAnimation({{
  container: document.getElementById("stage"), renderer: "svg", loop: false, autoplay: false,
  animationData: {animation},
}});
</script>"""


@pytest.fixture
def play(page, tmp_path):
    """Load an animation and show it at a time in seconds; gives grey levels, 0 black."""

    def play(animation, **options):
        text = animation.save(tmp_path / "a.json", background="white", **options).read_text()
        known = json.loads(text)
        page.set_content(
            PAGE.format(
                width=known["w"], height=known["h"], player=LOTTIE.read_text(encoding="utf-8"),
                animation=text,
            )
        )  # fmt: skip

        def show(seconds):
            page.evaluate(f"player.goToAndStop({seconds * known['fr']}, true)")
            shot = page.locator("#stage").screenshot()
            return grey(shot)

        return show

    return play


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("smooth", [True, False])
def test_every_frame_looks_as_it_does_as_a_picture(play, tmp_path, case, smooth):
    animation = CASES[case]()
    show = play(animation, size=256, smooth=smooth)
    start = 0
    for place, duration in enumerate(animation.durations):
        seen = show(float(start) + 1e-6)
        expected = ours(animation, place, tmp_path, size=256, smooth=smooth)
        assert seen.shape == expected.shape
        assert abs(seen - expected).mean() < 1.0  # of 255
        if animation.frames[place].strokes:
            assert seen.min() < 128
        start += duration


def test_between_two_frames_a_morph_is_between_them(play):
    animation = animations.moving(2, fps=1)
    show = play(animation, size=256)
    first, middle, last = show(0), show(0.5), show(1.0)
    assert abs(first - middle).mean() > 0.3
    assert abs(last - middle).mean() > 0.3
    flipping = play(animation, size=256, motion="flipbook")
    assert abs(flipping(0.5) - flipping(0)).mean() < 0.01


def test_drawing_on_begins_with_nothing_and_ends_with_the_first_frame(play, tmp_path):
    animation = animations.moving(3)
    show = play(animation, size=256, draw_on=2)
    ink = [(255 - show(seconds)).sum() for seconds in (0, 0.5, 1, 1.5, 2)]
    assert ink == sorted(ink)
    assert ink[0] < 0.02 * ink[-1]
    assert 0.2 < ink[2] / ink[-1] < 0.8
    expected = ours(animation, 0, tmp_path, size=256)
    assert abs(show(2) - expected).mean() < 1.0


def test_colours_and_opacity(play, page):
    show = play(animations.faded(0.5), size=256, stroke="#000000", width=20)
    assert 110 < show(0).min() < 145
    assert page.locator("#stage svg").count() == 1
