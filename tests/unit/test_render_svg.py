"""What design tools need of an SVG, checked on the parsed document."""

import io
import re
import xml.etree.ElementTree as ET

import cairosvg
import numpy as np
import pytest
from PIL import Image

import strokeanim
from strokeanim.animation.animation import Animation
from strokeanim.animation.effects import PALETTE
from strokeanim.animation.frame import Frame
from strokeanim.geometry import Box, Drawing

SVG = "{http://www.w3.org/2000/svg}"
INKSCAPE = "{http://www.inkscape.org/namespaces/inkscape}"


def saved(animation, path, **options):
    return ET.fromstring(animation.save(path / "a.svg", **options).read_text(encoding="utf-8"))


def animation(label="ear & <eye>", count=12):
    return Animation.from_drawings(
        [Drawing([[(0, 0), (50, 20), (100, 90)], [(k, 5)]], label) for k in range(count)]
    )


def test_a_layer_per_frame_a_path_per_stroke(tmp_path):
    root = saved(animation(), tmp_path)
    layers = root.findall(f"{SVG}g")
    assert len(layers) == 12
    assert all(layer.get(f"{INKSCAPE}groupmode") == "layer" for layer in layers)
    assert layers[0].get(f"{INKSCAPE}label") == "ear & <eye> 01"
    assert [len(layer.findall(f"{SVG}path")) for layer in layers] == [2] * 12
    assert layers[3].find(f"{SVG}title").text == "ear & <eye>, frame 4 of 12"


@pytest.mark.parametrize(("visible", "hidden"), [("first", 11), ("all", 0)])
def test_one_frame_or_all_are_shown(tmp_path, visible, hidden):
    layers = saved(animation(), tmp_path, visible=visible).findall(f"{SVG}g")
    assert sum(layer.get("display") == "none" for layer in layers) == hidden
    assert layers[0].get("display") is None


def test_the_size_is_physical_and_agrees_with_the_view_box(tmp_path):
    root = saved(Animation((Frame(),), (1,), Box(0, 0, 200, 100)), tmp_path, size=960)
    assert (root.get("width"), root.get("height")) == ("254mm", "127mm")
    assert root.get("viewBox") == "0 0 960 480"


def test_presentation_attributes_only(tmp_path):
    text = animation().save(tmp_path / "a.svg", stroke="tomato").read_text(encoding="utf-8")
    root = ET.fromstring(text)
    for forbidden in ("<style", "class=", "style=", "vector-effect", "pathLength", "rgba("):
        assert forbidden not in text
    for path in root.iter(f"{SVG}path"):
        assert path.get("fill") == "none"
        assert path.get("stroke") == "#ff6347"
        assert path.get("stroke-linecap") == path.get("stroke-linejoin") == "round"


def test_ids_are_unique_names_and_stable_per_stroke(tmp_path):
    frames = (Frame([[(1, 1), (9, 9)], [(2, 2)]], ids=[7, 2]), Frame([[(2, 2)]], ids=[2]))
    root = saved(Animation(frames, (1, 1), Box(0, 0, 10, 10), "3 D\x00"), tmp_path)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z_][\w-]*", one) for one in ids)
    assert ids == ["_3-D-1", "_3-D-1-stroke-8", "_3-D-1-stroke-3", "_3-D-2", "_3-D-2-stroke-3"]


def test_a_dot_is_drawn_where_a_lone_move_would_not_be(tmp_path):
    root = saved(Animation((Frame([[(5, 5)]]),), (1,), Box(0, 0, 10, 10)), tmp_path)
    assert root.find(f".//{SVG}path").get("d") == "M256 256L256 256"
    picture = cairosvg.svg2png((tmp_path / "a.svg").read_bytes())
    assert len(picture) > len(
        cairosvg.svg2png(
            Animation((Frame(),), (1,), Box(0, 0, 10, 10)).save(tmp_path / "b.svg").read_bytes()
        )
    )


def test_coordinates_have_two_decimals_at_most(tmp_path):
    root = saved(animation(count=1), tmp_path)
    numbers = re.findall(r"-?[\d.]+", root.find(f".//{SVG}path").get("d"))
    assert numbers
    assert all(re.fullmatch(r"-?\d+(\.\d{1,2})?", number) for number in numbers)


def commands(path):
    return re.sub(r"[^A-Z]", "", path.get("d"))


def test_a_stroke_has_the_same_nodes_in_every_layer(tmp_path):
    moving = strokeanim.animate(*strokeanim.load("sample:mouth")[:2], steps=5)
    root = saved(moving, tmp_path)
    layers = [layer.findall(f"{SVG}path") for layer in root.findall(f"{SVG}g")]
    for place in range(len(layers[0])):
        assert len({commands(layer[place]) for layer in layers}) == 1
    every = sum(len(commands(path)) for path in layers[0])
    plain = saved(moving, tmp_path, tolerance=0).find(f"{SVG}g").findall(f"{SVG}path")
    assert every < sum(map(len, map(commands, plain)))


@pytest.mark.parametrize("profile", ["plain", "inkscape", "illustrator", "figma", "web"])
def test_each_profile_says_the_names_where_its_program_looks(tmp_path, profile):
    root = saved(animation("ear"), tmp_path, profile=profile)
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    layers = root.findall(f"{SVG}g")
    assert [layer.get("id") for layer in layers[:2]] == ["ear-01", "ear-02"]
    assert ("inkscape" in text) == (profile == "inkscape")
    assert ("data-name" in text) == (profile in ("illustrator", "figma"))
    path = layers[1].find(f"{SVG}path")
    assert (path.get("id") == "ear-02-stroke-1") == (profile != "web")
    assert path.get("fill") == "none"
    assert ("mm" in root.get("width")) == (profile not in ("figma", "web"))
    hidden = "opacity" if profile == "figma" else "display"
    assert layers[1].get(hidden) in ("0", "none")


def test_an_onion_skin_shows_all_and_fades(tmp_path):
    layers = saved(animation(), tmp_path, frames="onion").findall(f"{SVG}g")
    seen = [float(layer.get("opacity", 1)) for layer in layers]
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.15, 1)
    assert all(layer.get("display") is None for layer in layers)


@pytest.mark.parametrize("brush", ["taper", "nib"])
def test_a_brush_draws_filled_outlines(tmp_path, brush):
    drawing = Animation.from_drawings([Drawing([[(0, 0), (50, 40), (100, 0)], [(7, 7)]])])
    root = saved(drawing, tmp_path, brush=brush, width=10, stroke="navy")
    for path in root.iter(f"{SVG}path"):
        assert (path.get("fill"), path.get("stroke")) == ("#000080", "none")
        assert path.get("d").endswith("Z")
    ink = 1 - grey(cairosvg.svg2png(url=str(tmp_path / "a.svg"), background_color="white")) / 255
    drawing.save(tmp_path / "b.svg", width=10, stroke="navy")
    full = 1 - grey(cairosvg.svg2png(url=str(tmp_path / "b.svg"), background_color="white")) / 255
    assert 0.3 < ink.sum() / full.sum() < 0.95
    assert (ink[full < 0.02] > 0.5).mean() < 0.001  # never outside of the full width


def test_a_length_is_the_size_on_paper(tmp_path):
    root = saved(Animation((Frame(),), (1,), Box(0, 0, 200, 100)), tmp_path, size="120mm")
    assert (root.get("width"), root.get("viewBox")) == ("120mm", "0 0 454 227")


def test_strokes_have_their_own_colours(tmp_path):
    root = saved(animation(count=2), tmp_path, colour_by="stroke")
    colours = [path.get("stroke") for path in root.iter(f"{SVG}path")]
    assert colours == list(PALETTE[:2]) * 2


def grey(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("L")).astype(float)
