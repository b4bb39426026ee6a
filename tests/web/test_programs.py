"""Other programs read our SVG: Inkscape, resvg, xmllint; and FFmpeg our video."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from fractions import Fraction

import cairosvg
import numpy as np
import pytest
from PIL import Image

import strokeanim as sa
from strokeanim.render.raster import coverage
from strokeanim.testing import animations, context
from tests.web.conftest import ROOT

PROFILES = ("plain", "inkscape", "illustrator", "figma", "web")
RESVG = ROOT / ".venv/web/node_modules/@resvg/resvg-js"


@pytest.fixture(scope="module")
def mouth():
    return sa.animate(*sa.load("sample:mouth")[:2], steps=2)


def needs(program, package):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not here; tools/ensure-web installs it on Debian ({package})")


def grey(png):
    with Image.open(io.BytesIO(png)) as image:
        clear = image.convert("RGBA")
        paper = Image.new("RGBA", clear.size, "white")
        return np.asarray(Image.alpha_composite(paper, clear).convert("L")).astype(float)


def by_cairo(path, width):
    return grey(cairosvg.svg2png(url=str(path), output_width=width))


def raster(frame, canvas, size):
    """A frame as GIF and video draw it."""
    scale = size / canvas.longer
    strokes = [(stroke - (canvas.x, canvas.y)) * scale for stroke in frame.strokes]
    shape = [round(side * scale) for side in (canvas.width, canvas.height)]
    told = context(1, width=shape[0], height=shape[1], stroke_width=size / 128)
    return 255 - coverage(sa.Frame(strokes), told).astype(float)


@pytest.mark.parametrize("profile", PROFILES)
def test_xmllint_finds_it_well_formed(mouth, tmp_path, profile):
    needs("xmllint", "libxml2-utils")
    path = mouth.save(tmp_path / "a.svg", profile=profile)
    done = subprocess.run(["xmllint", "--noout", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES)
def test_inkscape_knows_the_names_and_draws_the_same(mouth, tmp_path, profile):
    needs("inkscape", "inkscape")
    path = mouth.save(tmp_path / "a.svg", profile=profile, size=400, background="white")
    listed = subprocess.run(
        ["inkscape", "--query-all", path], capture_output=True, text=True, check=True
    ).stdout
    names = {line.split(",")[0] for line in listed.splitlines()}
    assert {"mouth-1", "mouth-2", "mouth-3", "mouth-4"} <= names
    if profile != "web":
        assert {"mouth-1-stroke-1", "mouth-4-stroke-1"} <= names
    subprocess.run(
        ["inkscape", path, "--export-type=png", f"--export-filename={tmp_path / 'i.png'}",
         "--export-width=400"],
        capture_output=True, check=True,
    )  # fmt: skip
    theirs = grey((tmp_path / "i.png").read_bytes())
    ours = by_cairo(path, 400)
    rows = min(len(theirs), len(ours))
    assert np.abs(theirs[:rows] - ours[:rows]).mean() < 0.5
    assert np.abs(theirs[:rows] - raster(mouth.frames[0], mouth.canvas, 400)[:rows]).mean() < 0.5


@pytest.mark.parametrize("profile", PROFILES)
def test_resvg_draws_the_same(mouth, tmp_path, profile):
    needs("node", "nodejs")
    if not RESVG.exists():
        pytest.skip("resvg-js is not installed; tools/ensure-web does that")
    path = mouth.save(tmp_path / "a.svg", profile=profile, size=400, background="white")
    script = (
        f"const {{Resvg}} = require({str(RESVG)!r}); const fs = require('fs');"
        f"const drawn = new Resvg(fs.readFileSync({str(path)!r}), "
        f"{{fitTo: {{mode: 'width', value: 400}}}}).render();"
        f"fs.writeFileSync({str(tmp_path / 'r.png')!r}, drawn.asPng())"
    )
    subprocess.run(["node", "-e", script], check=True)
    theirs, ours = grey((tmp_path / "r.png").read_bytes()), by_cairo(path, 400)
    rows = min(len(theirs), len(ours))
    assert np.abs(theirs[:rows] - ours[:rows]).mean() < 0.5


@pytest.mark.parametrize(
    ("name", "pixels", "odd"), [("a.mp4", "yuv420p", 1), ("a.webm", "yuv420p", 1)]
)
def test_ffprobe_reads_what_was_meant(tmp_path, name, pixels, odd):
    needs("ffprobe", "ffmpeg")
    path = animations.moving(30, fps=25).save(tmp_path / name, size=201)
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_streams",
         "-show_format", "-of", "json", path],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    (stream,) = found["streams"]
    assert (stream["width"], stream["height"]) == (201 + odd, 162)
    assert stream["pix_fmt"] == pixels
    assert int(stream["nb_read_frames"]) == 30
    assert Fraction(stream["avg_frame_rate"]) == 25
    assert float(found["format"]["duration"]) == pytest.approx(30 / 25, abs=1e-3)
