"""The examples that make pictures, pages and a file format."""

from __future__ import annotations

import ast
import json
import re

import numpy as np
import pytest
from PIL import Image, ImageSequence

import strokeanim as sa
from strokeanim.testing import FileProperties, RendererConformance
from tests.examples.scripts import EXAMPLES, load, run


@pytest.mark.slow
def test_the_original_experiment(tmp_path, capsys):
    pytest.importorskip("sklearn")
    original = load("original_experiment")
    original.CYCLE = 2
    original.main(out=tmp_path, pairs=4, points=24)
    told = capsys.readouterr().out
    assert re.search(r"^[0-4] of 4 pairs have all ten in-betweens recognised$", told, re.M)
    with Image.open(tmp_path / "pairs.png") as pairs:
        columns, rows = 12, 4
        assert abs(pairs.width / pairs.height - columns / rows) < 1
        colours = {colour for _, colour in pairs.convert("RGB").getcolors(1 << 16)}
        assert {(0, 0, 0), (0x24, 0x71, 0xA3)} <= colours
    with Image.open(tmp_path / "map.png") as drawn:
        assert drawn.size == (1200, 1200)
    with Image.open(tmp_path / "demo.gif") as demo:
        assert [f.info["duration"] for f in ImageSequence.Iterator(demo)] == [200] * 22
    assert (tmp_path / "demo.mp4").stat().st_size > 1000
    assert len(sa.load(tmp_path / "drawings.ndjson")) == 200


def test_the_original_experiment_with_drawings_of_ones_own(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(3)
    names = ["mouth", "nose", "eye"] * 8
    few = [sa.synthesise(name, rng, str(n)) for n, name in enumerate(names)]
    sa.save(few, tmp_path / "few.ndjson")
    out = tmp_path / "out"
    code = run(monkeypatch, "original_experiment", "--data", tmp_path / "few.ndjson", "--out", out)
    assert code == 2
    assert "has 0 drawings of 'ear'; it takes 7" in capsys.readouterr().err
    assert not out.exists()


def walked(tmp_path, side=5):
    load("latent_walk").main(out=tmp_path / "walk.html", side=side)
    return tmp_path / "walk.html"


@pytest.mark.slow
def test_the_walk_is_one_small_file(tmp_path):
    page = walked(tmp_path, 15).read_text()
    assert len(page) < 300_000
    assert not re.search(r"\b(src|href)=|@import|url\(", page)
    assert re.findall(r"https?://[^\"]*", page) == ["http://www.w3.org/2000/svg"]
    found = json.loads(re.search(r"= (\{\"side\".*\});", page)[1])
    assert found["side"] == 15
    assert len(found["cells"]) == 225
    corners = [found["cells"][place] for place in (0, 14, 210, 224)]
    assert [found["classes"][cell[1]] for cell in corners] == ["mouth", "nose", "eye", "ear"]
    assert all(re.fullmatch(r"([mlcz][-0-9 ]*)+", cell[0]) for cell in found["cells"])
    assert walked(tmp_path, 15).read_text() == page


def test_paths_end_where_the_drawing_does():
    walk = load("latent_walk")
    line = sa.Drawing([[(0, 0), (500, 0)], [(500, 200), (0, 100)]])
    assert walk.path(line) == "m-250-100l500 0m0 200l-500-100"


def test_between_the_corners_latents_are_as_long_as_the_corners():
    z = np.random.default_rng(0).normal(size=(4, 64))
    z /= np.linalg.norm(z, axis=1)[:, None]
    square = load("latent_walk").square(z, 7)
    np.testing.assert_allclose(np.linalg.norm(square, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(square[[0, 6, 42, 48]], z, atol=1e-6)


@pytest.mark.slow
def test_the_walk_in_a_browser(browser, tmp_path):
    errors = []
    page = browser.new_page(viewport={"width": 1000, "height": 600}, offline=True)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(walked(tmp_path).as_uri())

    def seen():
        name = page.locator("#name b").inner_text()
        return name, page.locator("#drawing").get_attribute("d")

    box = page.locator("#map").bounding_box()
    visited = []
    for x, y in [(0.07, 0.07), (0.93, 0.07), (0.07, 0.93), (0.93, 0.93)]:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        visited.append(seen())
    assert [name for name, _ in visited] == ["mouth", "nose", "eye", "ear"]
    assert len({data for _, data in visited}) == 4
    page.locator("#map").focus()
    for _ in range(9):  # five would do: there is an edge
        page.keyboard.press("ArrowUp")
    assert seen() == visited[1]
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    assert seen() == visited[0]
    for kind in ("pointerdown", "pointermove"):
        finger = {"pointerType": "touch", "clientX": box["x"] + 0.93 * box["width"],
                  "clientY": box["y"] + 0.93 * box["height"]}  # fmt: skip
        page.locator("#map").dispatch_event(kind, finger)
        assert seen() == visited[3]
    ink = np.frombuffer(page.locator("#drawing").screenshot(), np.uint8)
    assert len(ink) > 1000
    page.close()
    assert errors == []


@pytest.mark.slow
class TestTikz(RendererConformance):
    renderer = load("renderer_in_30_lines").TikzRenderer

    def seen(self, path):
        text = path.read_text()
        sizes = re.findall(r"\\clip\(0,0\)rectangle\((\d+),(\d+)\);", text)
        return FileProperties(*map(int, sizes[0]), frames=text.count("\\begin{tikzpicture}"))


def test_the_renderer_has_thirty_lines():
    source = (EXAMPLES / "renderer_in_30_lines.py").read_text()
    lines = source.splitlines()
    count = 0
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            assert ast.get_docstring(node)
            said = node.body[0]
            code = set(range(node.lineno, node.end_lineno + 1))
            code -= set(range(said.lineno, said.end_lineno + 1))
            count += sum(bool(lines[place - 1].strip()) for place in code)
    assert 20 < count <= 30


@pytest.mark.slow
def test_latex_that_is_well_formed(tmp_path):
    out = tmp_path / "morph.tex"
    load("renderer_in_30_lines").main(out=out, steps=1)
    text = out.read_text()
    assert text.count("\\begin{tikzpicture}") == 3
    assert re.findall(r"\\begin{(\w+)}", text) == ["document", *["tikzpicture", "scope"] * 3]
    assert re.findall(r"\\end{(\w+)}", text) == [*["scope", "tikzpicture"] * 3, "document"]
    number = r"\((-?\d+\.\d\d),(-?\d+\.\d\d)\)"
    strokes = rf"(\n{number}((--|\.\.controls{number}and{number}\.\.){number})*(--cycle)?)+;"
    drawn = re.findall(rf"\\draw\[line cap=round,line join=round\]{strokes}", text)
    assert len(drawn) == text.count("\\draw") == 3 * 2


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("blinking_eye", ["--eye", "none.ndjson"], "none.ndjson"),
        ("blinking_eye", ["--eye", "grey.png"], "grey.png is a picture"),
        ("talking_mouth", ["--visemes", "AA:0.2 XX:1"], "'XX:1' is not NAME:SECONDS"),
        ("talking_mouth", ["--visemes", "AA"], "'AA' is not NAME:SECONDS"),
        ("talking_mouth", ["--visemes", " "], "' ' is not NAME:SECONDS"),
        ("talking_mouth", ["--visemes", "AA:nan"], "'AA:nan' is not NAME:SECONDS"),
        ("talking_mouth", ["--visemes", "M:1 AA:-1"], "'AA:-1' is not NAME:SECONDS"),
        ("talking_mouth", ["--audio", "silent.mp4"], "silent.mp4: there is no sound in it"),
        ("talking_mouth", ["--audio", "none.wav"], "none.wav: No such file"),
        ("talking_mouth", ["--audio", "noise.txt"], "noise.txt: Invalid data"),
        ("talking_mouth", ["--out", "mouth.gif"], "name a .mp4"),
        ("latent_walk", ["sample:eye/1", "sample:eye/2"], "there are 2 drawings"),
        ("latent_walk", ["--model", "nowhere"], "nowhere"),
        ("latent_walk", ["--side", "2", "--out", "no/such/walk.html"], "no/such"),
        ("original_experiment", ["--data", "none.ndjson"], "none.ndjson"),
        ("renderer_in_30_lines", ["sample:eye/1"], "at least two drawings"),
        ("train_new_class", ["--out", "noise.txt"], "noise.txt"),
    ],
)
def test_a_mistake_is_told_in_a_line(tmp_path, monkeypatch, capsys, name, arguments, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "noise.txt").write_text("no sound at all")
    still = sa.Animation.from_drawings(sa.load("sample:eye")[:1])
    still.save(tmp_path / "silent.mp4", size=32)
    grey = np.pad(np.zeros((9, 9), np.uint8), 9, constant_values=255)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    before = sorted(tmp_path.iterdir())
    assert run(monkeypatch, name, *arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"{name}: ")
    assert told in error
    assert error.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_the_shell_is_told_what_was_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "renderer_in_30_lines", "--steps", 0) == 0
    assert capsys.readouterr().out == "morph.tex: 2 pictures\n"
    assert (tmp_path / "morph.tex").exists()
