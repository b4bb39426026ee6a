"""Frames and animations check themselves; canvas, timing and grid are exact."""

from fractions import Fraction

import numpy as np
import pytest

from strokeanim.animation.animation import Animation, grid, seconds_per_frame
from strokeanim.animation.frame import Frame
from strokeanim.errors import InputError
from strokeanim.geometry import Box, Drawing

LINE = [(0, 0), (100, 50)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"strokes": [[(0, 0, 0)]]}, "stroke 0"),
        ({"strokes": [LINE], "ids": [1, 2]}, "1 strokes needs as many ids"),
        ({"strokes": [LINE, LINE], "ids": [1, 1]}, "unique"),
        ({"strokes": [LINE], "ids": [-1]}, "not negative"),
        ({"strokes": [LINE], "opacity": 1.5}, "between 0 and 1"),
        ({"strokes": [LINE], "opacity": float("nan")}, "between 0 and 1"),
    ],
)
def test_a_frame_checks_itself(given, message):
    with pytest.raises(InputError, match=message):
        Frame(**given)


def test_frames_are_values():
    assert Frame([LINE]) == Frame([LINE], ids=[0])
    assert hash(Frame([LINE])) == hash(Frame([LINE]))
    assert Frame([LINE]) != Frame([LINE], ids=[1])
    assert Frame() == Frame([])


class Recorder:
    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *at: self.calls.append((name, *at))


@pytest.mark.parametrize("smooth", [False, True])
def test_a_dot_is_a_line_to_where_it_starts(smooth):
    for dot in ([(3, 4)], [(3, 4), (3, 4), (3, 4)]):
        pen = Recorder()
        Frame([dot]).draw(pen, smooth)
        assert pen.calls == [("move", 3, 4), ("line", 3, 4)]


def test_strokes_are_drawn_as_lines_or_as_curves():
    pen = Recorder()
    Frame([[(0, 0), (1, 0), (1, 0), (2, 1)]]).draw(pen)
    assert pen.calls == [("move", 0, 0), ("line", 1, 0), ("line", 2, 1)]
    pen = Recorder()
    Frame([[(0, 0), (1, 0), (2, 1)]]).draw(pen, smooth=True)
    assert [call[0] for call in pen.calls] == ["move", "curve", "curve"]
    assert [call[-2:] for call in pen.calls] == [(0, 0), (1, 0), (2, 1)]


def test_the_canvas_is_around_all_drawings_with_a_margin():
    animation = Animation.from_drawings([Drawing([LINE]), Drawing([[(50, 90)]])], margin=0.1)
    assert animation.canvas == Box(-10, -10, 120, 110)


def test_drawings_without_size_still_get_a_canvas():
    for drawing in (Drawing(), Drawing([[(7, 7)]])):
        assert Animation.from_drawings([drawing]).canvas.width > 0
    with pytest.raises(InputError, match="give a margin"):
        Animation.from_drawings([Drawing([[(0, 0), (9, 0)]])], margin=0)


def test_times_are_exact():
    animation = Animation.from_drawings([Drawing([LINE])] * 30, fps=29.97)
    assert animation.duration == Fraction(3000, 2997)
    assert seconds_per_frame("30000/1001") * 30000 == 1001
    for fps in (0, -1, "fast", float("nan"), float("inf")):
        with pytest.raises(InputError, match="fps"):
            seconds_per_frame(fps)


def test_label_and_facts_come_from_the_drawings():
    drawings = [Drawing([LINE], "mouth", "17"), Drawing([LINE], "mouth")]
    animation = Animation.from_drawings(drawings)
    assert animation.label == "mouth"
    assert animation.facts == ({"label": "mouth", "key": "17"}, {"label": "mouth", "key": ""})
    assert Animation.from_drawings([*drawings, Drawing([LINE], "ear")]).label == ""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"frames": (), "durations": ()}, "at least one frame"),
        ({"durations": (1, 1)}, "as many durations"),
        ({"durations": (0,)}, "above 0 s"),
        ({"facts": ({}, {})}, "as many durations and facts"),
        ({"canvas": Box(0, 0, 0, 5)}, "canvas"),
    ],
)
def test_an_animation_checks_itself(given, message):
    fields = {"frames": (Frame(),), "durations": (1,), "canvas": Box(0, 0, 1, 1)}
    with pytest.raises(InputError, match=message):
        Animation(**fields | given)


def animations(count, frames=3):
    return [
        Animation.from_drawings([Drawing([LINE, [(k, place)]]) for k in range(frames)], label=name)
        for place, name in enumerate("abcdefg"[:count])
    ]


def test_a_grid_puts_each_animation_into_its_own_cell():
    parts = animations(4)
    whole = grid(parts, columns=2, gap=20)
    assert (len(whole.frames), whole.duration) == (3, parts[0].duration)
    assert whole.label == "a, b, c, d"
    width, height = (whole.canvas.width - 20) / 2, (whole.canvas.height - 20) / 2
    for place in range(4):
        strokes = whole.frames[1].strokes[2 * place : 2 * place + 2]
        box = Box.around(strokes)
        column, row = place % 2, place // 2
        assert column * (width + 20) <= box.x
        assert box.x + box.width <= column * (width + 20) + width
        assert row * (height + 20) <= box.y
        assert box.y + box.height <= row * (height + 20) + height


def test_stroke_ids_in_a_grid_are_unique_and_stable():
    whole = grid(animations(3))
    assert len(set(whole.frames[0].ids)) == 6
    assert whole.frames[0].ids == whole.frames[2].ids


def test_a_grid_keeps_what_all_facts_agree_on():
    facts = [{"t": 0.0, "p": 0.5}]
    parts = [Animation((Frame(),), (1,), Box(0, 0, 1, 1), facts=facts) for _ in "ab"]
    other = Animation((Frame(),), (1,), Box(0, 0, 1, 1), facts=[{"t": 0.0, "p": 0.9}])
    shared = grid([*parts, other]).facts[0]
    assert shared["t"] == 0.0
    assert "p" not in shared
    assert shared["cells"][2]["p"] == 0.9


def test_a_grid_of_unequal_lengths_is_refused():
    with pytest.raises(InputError, match="3, 4 frames"):
        grid([*animations(1), *animations(1, frames=4)])
    with pytest.raises(InputError, match="at least one animation"):
        grid([])


def test_shapes_are_kept_in_a_grid():
    wide = Animation.from_drawings([Drawing([[(0, 0), (200, 20)]])])
    high = Animation.from_drawings([Drawing([[(0, 0), (10, 90)]])])
    for strokes, ratio in zip(grid([wide, high]).frames[0].strokes, (0.1, 9), strict=True):
        box = Box.around([strokes])
        np.testing.assert_allclose(box.height / box.width, ratio, rtol=1e-4)
