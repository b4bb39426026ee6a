"""The page that the html renderer writes, read as text; a browser reads it in tests/web."""

import json
import re
from fractions import Fraction
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest

from strokeanim.animation.animation import Animation
from strokeanim.animation.frame import Frame
from strokeanim.errors import InputError
from strokeanim.geometry import Box
from strokeanim.render.formats.html import HtmlRenderer, path_data
from strokeanim.testing import FileProperties, RendererConformance, animations


def data_of(text):
    found = re.search(r'<script id="animation" type="application/json">(.*?)</script>', text, re.S)
    return json.loads(found[1])


def saved(animation, folder, **options):
    return animation.save(folder / "a.html", HtmlRenderer(), **options).read_text(encoding="utf-8")


class Tags(HTMLParser):
    """How often each element begins."""

    def __init__(self, text):
        super().__init__()
        self.counts = {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.counts[tag] = self.counts.get(tag, 0) + 1


class TestHtml(RendererConformance):
    renderer = HtmlRenderer

    def seen(self, path):
        data = data_of(path.read_text(encoding="utf-8"))
        durations = tuple(Fraction(frame["seconds"]) for frame in data["frames"])
        return FileProperties(data["width"], data["height"], len(durations), durations)


class TestHtm(TestHtml):
    extension = ".htm"

    def test_memory_is_constant(self) -> None:
        pytest.skip("the same code as for .html")


LABELS = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "{{data}} {{frames}} {{nonsense}}",
    "\"><img src=x onerror='alert(1)'>",
    "a\u2028b\u2029c",
    "\ud800 \x00 \x1b \uffff",
    "&lt;b&gt; &amp;",
    "目 ушко עין",
]


@pytest.mark.parametrize("label", LABELS)
def test_a_label_is_text_and_nothing_else(tmp_path, label):
    plain = saved(animations.labelled("face"), tmp_path)
    text = saved(animations.labelled(label), tmp_path)
    assert Tags(text).counts == Tags(plain).counts
    assert not re.search("[\x00-\x09\x0b-\x1f\u2028\u2029]", text)
    shown = re.sub("[\ud800-\udfff\x00\x1b\uffff]", "\ufffd", label)
    shown = " ".join(shown.split())
    assert data_of(text)["label"] == shown
    assert unescape(re.search("<title>(.*?)</title>", text)[1]) == shown
    assert re.fullmatch(r"[\w-]{1,60}", data_of(text)["name"])


def test_a_page_without_a_label_has_a_title(tmp_path):
    assert "<title>animation</title>" in saved(animations.still(), tmp_path)
    assert data_of(saved(animations.still(), tmp_path))["name"] == "frame"


def test_the_page_needs_nothing_else(tmp_path):
    text = saved(animations.moving(3), tmp_path)
    assert set(re.findall(r"\w+://[^\"' )]*", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\ssrc=|@import|\burl\(|\beval|\bfetch|XMLHttp|\bimport\b", text)
    assert re.search("""Content-Security-Policy" content="default-src 'none';""", text)
    assert 'html lang="en"' in text
    assert 'name="viewport"' in text
    assert "{{" not in text
    assert "\r" not in text


def test_what_a_frame_says(tmp_path):
    strokes = [[(0, 0), (10, 10)], [(5, 5)]]
    frames = (
        Frame(strokes),
        Frame(strokes, opacity=0.25, colours=["#ff0000", "#000000"]),
        Frame(),
    )
    facts = ({"t": np.float32(0.5), "label": "eye"}, {"t": float("nan"), "label": "nose"}, {"t": 1})
    animation = Animation(frames, (Fraction(1, 3), 2, 1), Box(0, 0, 10, 10), "eye", facts)
    data = data_of(saved(animation, tmp_path, size=100, smooth=False, loop=False, autoplay=False))
    paths = ["M0 0l100 100", "M50 50l0 0"]
    assert data.pop("frames") == [
        {"seconds": "1/3", "t": 0.5, "paths": paths},
        {"seconds": "2", "label": "nose", "opacity": 0.25, "colours": ["#ff0000", "#000000"],
         "paths": paths},
        {"seconds": "1", "t": 1.0, "paths": []},
    ]  # fmt: skip
    assert data == {
        "label": "eye", "name": "eye", "width": 100, "height": 100,
        "size": ["26.4583mm", "26.4583mm"], "stroke": "#000000", "stroke_width": 0.7812,
        "background": "#ffffff", "autoplay": False, "loop": False,
    }  # fmt: skip


def test_one_line_of_json_a_frame(tmp_path):
    lines = saved(animations.moving(12), tmp_path).splitlines()
    found = [json.loads(line.rstrip(",")) for line in lines if line.startswith('{"seconds"')]
    assert [frame["t"] for frame in found] == [round(place / 11, 4) for place in range(12)]


def test_the_size_on_paper_is_the_one_asked_for(tmp_path):
    data = data_of(saved(animations.sized(100, 50), tmp_path, size="120mm"))
    assert data["size"][0] == "120mm"


@pytest.mark.parametrize("decimals", range(7))
@pytest.mark.parametrize("smooth", [True, False])
def test_path_data_is_right_to_the_last_decimal_however_long_it_is(decimals, smooth):
    generator = np.random.default_rng(3)
    frame = Frame([generator.normal(0, 40, (200, 2)).cumsum(axis=0)])
    (text,) = path_data(frame, smooth, decimals)
    at, numbers = np.zeros(2), re.findall(r"-?(?:\d+(?:\.\d+)?|\.\d+)", text)
    assert all(len(number.partition(".")[2]) <= decimals for number in numbers)
    pairs = np.array(numbers, float).reshape(-1, 2)
    at, ends = pairs[0], [pairs[0]]
    for piece in pairs[1:].reshape(199, -1, 2):
        at = at + piece[-1]
        ends.append(at)
    assert abs(np.array(ends) - frame.strokes[0]).max() < 0.51 / 10**decimals


def test_decimals_cost_bytes_and_are_checked(tmp_path):
    sizes = [len(saved(animations.moving(), tmp_path, decimals=some)) for some in range(7)]
    assert sizes == sorted(set(sizes))
    with pytest.raises(InputError, match="decimals"):
        saved(animations.moving(), tmp_path, decimals=7)


def test_a_closed_stroke_is_closed():
    assert path_data(Frame([[(0, 0), (1, 0), (1, 1), (0, 0)]]), False, 0) == ["M0 0l1 0 0 1-1-1z"]


def test_without_javascript_the_first_frame_is_there(tmp_path):
    text = saved(animations.changing(), tmp_path, background="#ffeedd", width=3)
    picture = text[text.index('<svg id="picture"') : text.index("<noscript>")]
    first = data_of(text)["frames"][0]
    assert re.findall(' d="(.*?)"', picture) == first["paths"]
    assert '<rect width="512" height="410" fill="#ffeedd"/>' in picture
    assert 'stroke-width="3"' in picture


@pytest.mark.parametrize(
    ("options", "ground"),
    [
        ({}, "paper"),
        ({"background": "none"}, "light board"),
        ({"background": "none", "stroke": "#ffffff"}, "dark board"),
    ],
)
def test_transparent_ink_is_shown_on_a_ground_it_stands_out_on(tmp_path, options, ground):
    text = saved(animations.still(), tmp_path, **options)
    assert f'class="stage {ground}"' in text
    assert ("<rect" in text) is (ground == "paper")


def test_a_file_per_frame(tmp_path):
    files = animations.moving(3).save(tmp_path / "a-%04d.html", HtmlRenderer())
    assert len(files) == 3
    assert [len(data_of(one.read_text(encoding="utf-8"))["frames"]) for one in files] == [1, 1, 1]
