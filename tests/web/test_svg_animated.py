"""An animated SVG in a real browser shows each frame at its time."""

from __future__ import annotations

import pytest

from strokeanim.testing import animations
from tests.web.conftest import CASES, grey, ours


@pytest.fixture
def play(page, tmp_path):
    """Load an animation and show it at a time in seconds; gives grey levels, 0 black."""

    def play(animation, **options):
        path = animation.save(tmp_path / "a.svg", "svg-animated", background="white", **options)
        page.set_content(f"<style>body{{margin:0}}svg{{width:256px;height:auto;display:block}}"
                         f"</style>{path.read_text().partition('?>')[2]}")  # fmt: skip
        page.evaluate("document.querySelector('svg').pauseAnimations()")

        def show(seconds):
            page.evaluate(f"document.querySelector('svg').setCurrentTime({seconds})")
            shot = page.locator("svg").screenshot()
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
        seen = show(float(start) + 1e-4)
        expected = ours(animation, place, tmp_path, size=256, smooth=smooth)
        height = min(seen.shape[0], expected.shape[0])
        assert abs(seen[:height] - expected[:height]).mean() < 1.5  # of 255
        if animation.frames[place].strokes:
            assert seen.min() < 128
        start += duration


def test_between_two_frames_a_morph_is_between_them(play):
    animation = animations.moving(2, fps=1)
    show = play(animation, size=256)
    first, middle, last = show(0), show(0.5), show(1.01)
    assert abs(first - middle).mean() > 0.3
    assert abs(last - middle).mean() > 0.3
    flipping = play(animation, size=256, motion="flipbook")
    assert abs(flipping(0.5) - flipping(0)).mean() < 0.01


def test_it_loops_or_stops(play):
    animation = animations.moving(3, fps=1)
    show = play(animation, size=256)
    assert abs(show(3.001) - show(0)).mean() < 0.1
    once = play(animation, size=256, loop=1)
    assert abs(once(3.5) - once(2.5)).mean() < 0.01


def test_drawing_on_begins_with_nothing_and_ends_with_the_first_frame(play, tmp_path):
    animation = animations.moving(3)
    show = play(animation, size=256, draw_on=2)
    ink = [(255 - show(seconds)).sum() for seconds in (0, 0.5, 1, 1.5, 2.001)]
    assert ink == sorted(ink)
    assert ink[0] < 0.02 * ink[-1]
    assert 0.2 < ink[2] / ink[-1] < 0.8
    expected = ours(animation, 0, tmp_path, size=256)
    assert abs(show(2.001)[: len(expected)] - expected[: len(show(2))]).mean() < 1.5


def test_strokes_that_grow_after_they_were_drawn_on_are_whole(play, tmp_path):
    short, long = [(10, 40), (20, 42), (30, 40)], [(5, 10), (50, 70), (95, 10)]
    animation = animations.of([short, long, short])
    show = play(animation, size=256, draw_on=1)
    for place in range(3):
        seen, expected = show(1 + place / 5 + 1e-3), ours(animation, place, tmp_path, size=256)
        height = min(len(seen), len(expected))
        assert abs(seen[:height] - expected[:height]).mean() < 1.5


def test_a_program_that_plays_nothing_shows_the_first_frame(tmp_path):
    import cairosvg

    animation = animations.moving(3)
    for options in ({}, {"draw_on": 2}):
        path = animation.save(tmp_path / "a.svg", "svg-animated", background="white", size=256,
                              **options)  # fmt: skip
        png = cairosvg.svg2png(url=str(path), output_width=256)
        seen = grey(png)
        expected = ours(animation, 0, tmp_path, size=256)
        assert abs(seen - expected[: len(seen)]).mean() < 3
