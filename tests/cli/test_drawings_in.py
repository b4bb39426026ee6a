"""Drawings from and to any format, at the command line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import strokeanim as sa
from strokeanim.geometry import Drawing

GOOD = '{"word":"nose","key_id":"7","drawing":[[[0,30,60],[0,40,0]]]}'


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working folder with a mixed file, a picture and an SVG."""
    monkeypatch.chdir(tmp_path)
    Path("noses.ndjson").write_text(f"{GOOD}\n{GOOD.replace('7', '8')}\n")
    Path("mixed.ndjson").write_text(f"{GOOD}\n{{oops\n{GOOD}\n7\n")
    mouth(Path("mouth.png"))
    Path("face.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90">'
        '<g id="left"><path d="M1 2L30 4" stroke="red" fill="none"/></g>'
        '<g id="right" display="none"><circle cx="60" cy="40" r="9" stroke="red"/></g></svg>'
    )
    return tmp_path


def mouth(file: Path) -> None:
    image = Image.new("L", (300, 160), 255)
    pen = ImageDraw.Draw(image)
    pen.arc((30, 20, 270, 140), 10, 170, fill=0, width=5)
    pen.line((40, 85, 260, 85), fill=0, width=5)
    image.save(file)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", ["a.ndjson", "a.ndjson.gz", "a.json", "a.npz", "a.bin", "a.svg"])
def test_drawings_are_converted(run, name):
    code, out, error = run("convert", "noses.ndjson", name)
    assert (code, out) == (0, "")
    assert error.startswith(f"2 drawings: {name}")
    (stroke,) = sa.load(name)[1].strokes
    assert stroke.tolist() == [[0, 0], [30, 40], [60, 0]]


@pytest.mark.usefixtures("here")
def test_what_a_format_has_no_place_for_is_said(run):
    assert "no place for: label, key" in run("convert", "noses.ndjson", "a.npz")[2]
    assert "no place for: label" in run("convert", "noses.ndjson", "a.bin")[2]
    assert "no place" not in run("convert", "noses.ndjson", "a.svg")[2]


@pytest.mark.usefixtures("here")
def test_many_files_become_one_data_set(run):
    arguments = ["noses.ndjson", "face.svg#right", "mouth.png", "sample:ear/3", "set.ndjson"]
    code, _, error = run("convert", *arguments, "--class", "thing", "--simplify", "--vectorise")
    assert code == 0, error
    drawings = sa.load("set.ndjson")
    assert [drawing.key for drawing in drawings[:4]] == ["7", "8", "right", "mouth"]
    assert {drawing.label for drawing in drawings} == {"thing"}
    assert all(drawing.box.longer == 255 for drawing in drawings)


@pytest.mark.usefixtures("here")
def test_standard_output_gets_ndjson(run):
    code, out, error = run("convert", "face.svg", "-", "--class", "eye")
    assert (code, error) == (0, "1 drawing: -\n")
    assert json.loads(out) == {"word": "eye", "key_id": "face", "drawing": [[[1, 30], [2, 4]]]}


def test_whoever_reads_may_stop(here):
    convert = [sys.executable, "-m", "strokeanim", "convert", "many.ndjson", "-"]
    Path("many.ndjson").write_text(f"{GOOD}\n" * 50_000)
    with subprocess.Popen(
        convert, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout.readline().startswith('{"word":"nose"')
        child.stdout.close()
        assert child.stderr.read() == ""
        assert child.wait() == 1


def test_mistakes_are_explained(fails, here):
    assert "render" in fails("convert", "noses.ndjson", "a.gif")
    assert "vectorise" in fails("convert", "mouth.png", "a.ndjson")
    assert "vectorise" in fails("render", "mouth.png", "--out", "a.svg")
    assert "line 2" in fails("convert", "mixed.ndjson", "a.ndjson")
    assert "no layer 'lft'; did you mean 'left'" in fails("convert", "face.svg#lft", "a.ndjson")
    assert "strokeanim convert" in fails("vectorise", "noses.ndjson", "--out", "a.svg")
    assert "points" in fails("convert", "noses.ndjson", "a.ndjson", "--allow", "points=2")
    assert "point" in fails("convert", "noses.ndjson", "a.ndjson", "--allow", "pints=2")
    assert "name a .png" in fails("data", "info", "noses.ndjson", "--out", "a.svg")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "line",
    [
        ["convert", "mixed.ndjson", "good.ndjson"],
        ["render", "mixed.ndjson", "--out", "a.svg"],
        ["identify", "mixed.ndjson"],
        ["animate", "mixed.ndjson#0", "mixed.ndjson#1", "--out", "a.svg"],
        ["data", "info", "mixed.ndjson"],
        ["latents", "mixed.ndjson", "--out", "a.npz"],
    ],
)
def test_bad_drawings_are_left_out_and_counted(run, line):
    assert run(*line)[0] == 2
    code, _, error = run(*line, "--skip-bad")
    assert code == 0, error
    assert "left out " in error
    assert "line 2: invalid JSON" in error


@pytest.mark.usefixtures("here")
def test_a_picture_is_traced(run):
    code, _, error = run(
        "vectorise", "mouth.png", "--class", "mouth", "--out", "a.svg", "--out", "a.ndjson"
    )
    assert code == 0, error
    (drawing,) = sa.load("a.ndjson")
    assert isinstance(drawing, Drawing)
    assert (drawing.label, drawing.key, len(drawing.strokes)) == ("mouth", "mouth", 2)
    box = drawing.box
    assert abs(box.x - 34) < 5
    assert abs(box.width - 232) < 8
    assert 'viewBox="0 0 300 160"' in Path("a.svg").read_text()


@pytest.mark.usefixtures("here")
def test_traced_ends_are_seen_as_they_are(run):
    code, out, error = run(
        "animate", "mouth.png", "sample:mouth/3", "--vectorise", "--out", "a.ndjson", "--json"
    )
    assert code == 0, error
    assert json.loads(out)["label"] == "mouth"
    first = sa.load("a.ndjson")[0]
    traced = sa.vectorise(sa.load("mouth.png")[0])
    scale = 255 / traced.box.longer
    assert first.box.width == pytest.approx(traced.box.width * scale, abs=2)
    assert first.box.height == pytest.approx(traced.box.height * scale, abs=2)


@pytest.mark.usefixtures("here")
def test_info_draws_a_contact_sheet(run):
    code, out, error = run("data", "info", "noses.ndjson", "--out", "sheet.png")
    assert (code, error) == (0, "sheet.png: 2 of 2 drawings\n")
    assert "nose" in out
    sheet = np.asarray(Image.open("sheet.png").convert("L"))
    assert sum(sheet.shape) > 2 * 128, "two drawings, with captions"
    assert (sheet < 128).any()
    Path("nothing.ndjson").write_text('{"drawing":[]}')
    code, _, error = run("data", "info", "nothing.ndjson", "--out", "none.png")
    assert code == 2
    assert "no drawing has strokes" in error
    assert not Path("none.png").exists()


@pytest.mark.usefixtures("here")
def test_every_format_comes_from_standard_input(run, monkeypatch):
    for source in ("face.svg", "mouth.png", "noses.ndjson"):
        data = io.BytesIO(Path(source).read_bytes())
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(data))
        assert run("identify", "-")[0] == 0
