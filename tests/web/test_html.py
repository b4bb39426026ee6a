"""The player of the html renderer, in a real browser."""

from __future__ import annotations

import io
import time
import xml.etree.ElementTree as ET
from fractions import Fraction

import cairosvg
import numpy as np
import pytest
from PIL import Image

import strokeanim as sa
from strokeanim.render.formats.html import HtmlRenderer
from strokeanim.testing import animations

SVG = "{http://www.w3.org/2000/svg}"
ALONE = "#picture { position: fixed; left: 0; top: 0; width: %spx !important; z-index: 9 }"


class Player:
    """A page with the player in it, and what a reader sees and does there."""

    def __init__(self, page):
        self.page = page
        self.said = []
        page.on("console", lambda message: self.said.append(message.text))

    def open(self, path):
        self.page.goto(path.as_uri())
        return self

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def click(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def text(self, name):
        return self.page.locator(f"#{name}").text_content()

    @property
    def frame(self):
        return int(self.text("frame").split("/")[0])

    @property
    def seconds(self):
        return float(self.page.locator("#time").input_value())

    @property
    def is_playing(self):
        return self.page.locator("#play").get_attribute("aria-label") == "Pause"

    def scrub(self, seconds):
        self.page.locator("#time").evaluate(
            "(slider, at) => { slider.value = at; slider.dispatchEvent(new Event('input')) }",
            seconds,
        )

    def wait(self, is_so):
        """Seconds until something is so; Playwright's own wait takes eval, which the page bans."""
        start = time.perf_counter()
        while not is_so(self):
            assert time.perf_counter() - start < 10
            self.page.wait_for_timeout(10)
        return time.perf_counter() - start

    def grey(self, width):
        """Grey levels of the picture, that many px wide."""
        style = self.page.add_style_tag(content=ALONE % width)
        shot = self.page.locator("#picture").screenshot()
        style.evaluate("one => one.remove()")
        return np.asarray(Image.open(io.BytesIO(shot)).convert("L")).astype(float)


@pytest.fixture
def player(page):
    found = Player(page)
    yield found
    assert found.said == []


@pytest.fixture
def opened(player, tmp_path):
    def opened(animation, **options):
        return player.open(animation.save(tmp_path / "a.html", HtmlRenderer(), **options))

    return opened


@pytest.fixture
def still(opened):
    """Twelve frames of a tenth of a second, waiting."""
    return opened(animations.moving(12), autoplay=False)


def ours(animation, place, folder, **options):
    one = sa.Animation((animation.frames[place],), (1,), animation.canvas)
    one.save(folder / "still.png", **options)
    return np.asarray(Image.open(folder / "still.png").convert("L")).astype(float)


def test_it_plays_by_itself_and_again_from_the_start(opened):
    player = opened(animations.moving(4, fps=10))
    assert player.is_playing
    seen = set()
    player.wait(lambda player: seen.add(player.frame) or seen == {1, 2, 3, 4})
    player.wait(lambda player: player.frame < 4)
    assert player.is_playing


def test_play_and_pause(still, page):
    assert not still.is_playing
    still.click("Play")
    still.wait(lambda player: player.seconds > 0.15)
    still.click("Pause")
    at = still.seconds
    assert 0.15 < at < 1.2
    page.wait_for_timeout(150)
    assert still.seconds == at
    assert still.text("clock") == f"{at:.2f} / 1.20 s"
    assert still.frame == int(at / 0.1) + 1


def test_two_clicks_at_once_don_t_make_it_faster(still, page):
    page.evaluate("for (let k = 0; k < 5; k++) document.getElementById('play').click()")
    assert still.wait(lambda player: player.seconds > 0.5) > 0.35


def test_steps_go_from_start_to_start_and_round_the_end(opened):
    uneven = animations.uneven()
    player = opened(uneven, autoplay=False)
    start = Fraction(0)
    for place, duration in enumerate(uneven.durations):
        assert player.frame == place + 1
        assert player.seconds == pytest.approx(float(start), abs=1e-12)  # a slider rounds
        player.click("Next frame")
        start += duration
    assert (player.frame, player.seconds) == (1, 0)
    player.click("Previous frame")
    assert player.frame == 5
    player.click("Loop")
    player.click("Next frame")
    assert player.frame == 5


def test_scrubbing_shows_the_frame_of_that_moment(opened):
    uneven = animations.uneven()
    player = opened(uneven)
    start = 0
    for place, duration in enumerate(uneven.durations):
        for share in (0.01, 0.5, 0.99):
            player.scrub(float(start + share * duration))
            assert player.frame == place + 1
        start += duration
    assert not player.is_playing


def test_many_frames_end_when_they_should(opened):
    player = opened(animations.moving(3000, fps=30), autoplay=False, size=16, smooth=False)
    assert float(player.page.locator("#time").get_attribute("max")) == 100


def test_speed_keeps_the_place_and_scales_what_follows(still, page):
    still.scrub(0.45)
    page.locator("#speed").select_option("0.25×")
    assert still.seconds == pytest.approx(0.45)
    page.evaluate("document.activeElement.blur()")
    still.press(" ")
    assert still.wait(lambda player: player.seconds > 0.65) > 0.7
    still.press(" ")
    at = still.seconds
    still.press("+", "=", "+", "+", "+")
    assert page.locator("#speed").input_value() == "4"
    assert still.seconds == at
    still.press("-")
    assert page.locator("#speed").input_value() == "2"


def test_without_loop_it_stops_at_the_end_and_starts_again(opened):
    player = opened(animations.moving(4, fps=20), loop=False)
    player.wait(lambda player: not player.is_playing)
    assert (player.frame, player.seconds) == (4, pytest.approx(0.2))
    assert player.text("clock") == "0.20 / 0.20 s"
    player.click("Play")
    assert player.is_playing
    player.wait(lambda player: not player.is_playing)
    assert player.frame == 4


def test_keys(still, page):
    still.press("ArrowRight", "ArrowRight")
    assert still.frame == 3
    still.press("ArrowLeft")
    assert still.frame == 2
    assert page.locator("#said").text_content() == "frame 2 of 12, 0.10 s"
    assert page.locator("#time").get_attribute("aria-valuetext") == "frame 2 of 12, 0.10 s"
    still.press("End")
    assert (still.frame, still.text("t")) == (12, "1.000")
    still.press("Home")
    assert (still.frame, still.text("t")) == (1, "0.000")
    still.press("l")
    assert page.locator("#loop").get_attribute("aria-pressed") == "false"
    still.press("ArrowLeft")
    assert still.frame == 1
    still.press("O")
    assert page.locator("#onion").get_attribute("aria-pressed") == "true"
    still.press(" ")
    assert still.is_playing
    still.press(" ")
    assert not still.is_playing
    still.press("Control+l")
    assert page.locator("#loop").get_attribute("aria-pressed") == "false"


def test_keys_of_a_focused_control_are_its_own(still, page):
    page.locator("#onion").focus()
    still.press(" ")
    assert page.locator("#onion").get_attribute("aria-pressed") == "true"
    assert not still.is_playing
    page.locator("#time").focus()
    still.press("ArrowRight")
    assert (still.frame, still.seconds) == (2, 0.1)
    page.locator("#speed").focus()
    still.press("ArrowDown")
    assert still.frame == 2
    assert page.locator("#speed").input_value() == "2"


def test_every_control_is_reached_and_named(still, page):
    names = []
    for _ in range(8):
        still.press("Tab")
        at = page.evaluate(
            "[document.activeElement.id, getComputedStyle(document.activeElement).outlineStyle]"
        )
        names.append(at[0])
        assert at[1] == "solid"
    assert names == ["time", "previous", "play", "next", "speed", "loop", "onion", "download"]
    for role, name in [("slider", "Time"), ("combobox", "Speed"), ("img", "face")]:
        assert page.get_by_role(role, name=name).count() == 1
    assert page.get_by_role("button").count() == 6


def test_onion_skin_adds_neighbours_faintly_behind(still, page):
    still.press("ArrowRight")
    before = still.grey(512)
    assert page.locator("#picture .ghost").count() == 0
    still.click("Onion skin")
    assert page.locator("#picture .ghost").count() == 2
    assert page.locator("#picture .ghost path").count() == 12
    assert page.locator("#picture > g:last-child").get_attribute("class") is None
    onion = still.grey(512)
    assert (onion <= before + 1).all()
    faint = onion[(before > 254) & (onion < 250)]
    assert len(faint) > 100
    assert faint.min() > 100
    still.press("l", "Home")
    assert page.locator("#picture .ghost").count() == 1


CASES = {
    "morph": lambda: sa.animate(*sa.load("sample:mouth")[:2], steps=4, fps=5),
    "strokes that come and go": animations.changing,
    "uneven times": animations.uneven,
    "a dot": animations.dot,
    "half there": animations.faded,
    "out of the picture": animations.outside,
}
STYLES = {
    "smooth": {},
    "straight": {"smooth": False},
    "coloured": {"colour_by": "stroke", "background": "#ffeecc", "width": 7},
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("style", STYLES)
def test_every_frame_looks_as_it_does_as_a_picture(opened, tmp_path, case, style):
    animation, options = CASES[case](), {"size": 256, **STYLES[style]}
    player = opened(animation, autoplay=False, **options)
    start = 0
    for place, duration in enumerate(animation.durations):
        player.scrub(float(start + duration / 2))
        seen, expected = player.grey(256), ours(animation, place, tmp_path, **options)
        assert seen.shape == expected.shape
        assert abs(seen - expected).mean() < 1.0  # of 255
        if expected.min() < 128:
            assert seen.min() < 128
        start += duration


@pytest.mark.parametrize("decimals", [0, 3])
def test_a_dot_is_seen_whatever_it_is_rounded_to(opened, decimals):
    tiny = animations.of([[(50, 40), (50.01, 40.01), (50.02, 40)]])
    assert opened(tiny, decimals=decimals, width=20).grey(512).min() < 10


def downloaded(player):
    with player.page.expect_download() as waiting:
        player.press("d")
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


@pytest.mark.parametrize(
    "options", [{}, {"background": "none"}, {"colour_by": "stroke", "smooth": False}]
)
def test_a_frame_is_downloaded_as_a_picture_of_its_own(opened, tmp_path, options):
    animation = animations.moving(12)
    player = opened(animation, autoplay=False, size="80mm", **options)
    player.press("o", "End")
    name, content = downloaded(player)
    assert name == "face-12.svg"
    root = ET.fromstring(content)
    assert (root.get("width"), root.get("viewBox")) == ("80mm", "0 0 302 242")
    assert root.get("height").endswith("mm")
    assert root.find(f"{SVG}title").text == "face, frame 12 of 12"
    assert len(root.findall(f"{SVG}g")) == 1  # no onion skin
    paths = root.findall(f".//{SVG}path")
    assert len(paths) == 6
    for path in paths:
        assert path.get("fill") == "none"
        assert path.get("stroke-linecap") == path.get("stroke-linejoin") == "round"
    raster = cairosvg.svg2png(content, output_width=302, output_height=242)
    animation.save(tmp_path / "a-%04d.png", size="80mm", **{"background": "#ffffff", **options})
    both = [Image.open(io.BytesIO(raster)), Image.open(tmp_path / "a-0011.png")]
    seen, expected = (np.asarray(one.convert("RGBA")).astype(float) for one in both)
    assert seen.shape == expected.shape
    assert abs(seen - expected).mean() < 1.5


def test_any_label_is_shown_and_downloaded(opened):
    for label in ("<&>\"']]>", "\x00\x07\ud800", "目 ушко עין", "</script>\u2028", "x" * 300, " "):
        player = opened(animations.labelled(label), autoplay=False)
        shown = " ".join(label.translate(dict.fromkeys([0, 7, 0xD800], "\ufffd")).split())
        assert player.page.title() == player.page.locator("h1").text_content() or "animation"
        assert player.page.title() == (shown or "animation")
        name, content = downloaded(player)
        assert name.endswith("-1.svg")
        assert ET.fromstring(content).find(f"{SVG}title").text.startswith(shown)


def test_labels_of_frames_are_shown_where_they_say_more_than_the_title(opened):
    some = animations.moving(2)
    facts = ({"label": "nose", "t": 0.25}, {"label": "mouth", "t": 0.75})
    both = sa.Animation(some.frames, some.durations, some.canvas, "a face", facts)
    player = opened(both, autoplay=False)
    assert (player.text("label"), player.text("t")) == ("nose", "0.250")
    player.press("ArrowRight")
    assert (player.text("label"), player.text("t")) == ("mouth", "0.750")
    player = opened(animations.changing(), autoplay=False)
    assert not player.page.locator("#label").is_visible()
    assert not player.page.locator("#t").is_visible()


def test_one_frame_is_a_picture_and_doesn_t_play(opened, page):
    player = opened(animations.still())
    assert not player.is_playing
    assert page.locator("#play").is_disabled()
    player.press(" ", "ArrowRight", "o", "l")
    assert player.frame == 1
    assert downloaded(player)[0] == "frame-1.svg"


@pytest.fixture
def special(browser, tmp_path):
    """A player in a browser with settings of its own, of a morph."""
    contexts, players, morph = [], [], sa.animate(*sa.load("sample:mouth")[:2], steps=4, fps=5)

    def special(**settings):
        contexts.append(browser.new_context(offline=True, **settings))
        path = morph.save(tmp_path / "a.html", HtmlRenderer(), size=256)
        players.append(Player(contexts[-1].new_page()))
        return morph, players[-1].open(path)

    yield special
    for one in contexts:
        one.close()
    assert [one.said for one in players] == [[]] * len(players)


def test_a_phone_scrolls_in_one_direction_only(special):
    _, player = special(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = player.page
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    for one in page.locator("button, select, #time").all():
        box = one.bounding_box()
        assert min(box["width"], box["height"]) >= 40
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    page.locator("#play").tap()
    assert not player.is_playing


def test_who_wants_less_motion_starts_it_themselves(special):
    _, player = special(reduced_motion="reduce")
    assert not player.is_playing
    player.click("Play")
    assert player.is_playing


def test_without_javascript_the_first_frame_is_shown(special, tmp_path):
    morph, player = special(java_script_enabled=False)
    page = player.page
    assert not page.locator("#player").is_visible()
    assert "JavaScript" in page.locator("noscript").inner_text()
    box = page.locator("#picture").bounding_box()
    shot = Image.open(io.BytesIO(page.locator("#picture").screenshot())).convert("L")
    assert shot.width == pytest.approx(box["width"], abs=1)
    seen = np.asarray(shot.resize((256, round(256 * shot.height / shot.width)))).astype(float)
    expected = ours(morph, 0, tmp_path, size=256)
    assert abs(seen[: len(expected)] - expected[: len(seen)]).mean() < 4  # rescaled, round corners


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(special, scheme):
    _, player = special(color_scheme=scheme)
    for selector in ("h1", "header p", "dt", "dd", ".keys", "#onion", "#loop"):
        ink, ground = player.page.locator(selector).first.evaluate(
            """(one) => {
                let behind = one;
                const isClear = (at) => getComputedStyle(at).backgroundColor.endsWith(", 0)");
                while (isClear(behind)) behind = behind.parentElement;
                const numbers = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
                return [getComputedStyle(one).color, getComputedStyle(behind).backgroundColor]
                    .map(numbers);
            }"""
        )
        low, high = sorted(map(luminance, (ink, ground)))
        assert (high + 0.05) / (low + 0.05) > 4.5, selector


def luminance(rgb):
    """Of sRGB, as WCAG 2 has it."""
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
