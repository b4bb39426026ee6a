"""The built wheel: all is in it, and in an empty environment it does what the tutorial says."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.docs import pages

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", folder, ROOT],
        check=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_wheel_holds_everything(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        points = next(name for name in names if name.endswith("entry_points.txt"))
        assert "gif = strokeanim.render.formats.gif:GifRenderer" in archive.read(points).decode()
    assets = {"encoder.onnx", "starter.onnx", "step.onnx", "model.json", "prior.npz", "README.md"}
    assert {f"strokeanim/assets/faces/{name}" for name in assets} <= names
    assert {"strokeanim/assets/samples.ndjson.gz", "strokeanim/py.typed"} <= names
    assert {"strokeanim/assets/plugin/module.py.tmpl", "strokeanim/testing/__init__.py"} <= names
    assert not any(name.startswith("tests") for name in names)


def test_the_first_page_of_the_tutorial_in_an_empty_environment(wheel, tmp_path, monkeypatch):
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "empty"], check=True)
    programs = tmp_path / "empty" / "bin"
    pip = [programs / "python", "-m", "pip", "--disable-pip-version-check"]
    asked = [*pip, "download", "--quiet", "--no-deps", "--dest", tmp_path / "any", "packaging"]
    if subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("no package index can be reached")
    subprocess.run(
        [*pip, "install", "--quiet", "--constraint", ROOT / "constraints.txt", wheel], check=True
    )
    there = subprocess.run([*pip, "list"], capture_output=True, text=True, check=True).stdout
    assert "strokeanim" in there
    assert not {"tensorflow", "keras", "scikit-learn", "matplotlib"} & set(there.split())
    # Where the page says `pip install .` there is no checkout around it.
    (programs / "pip").write_text(f"#!/bin/sh\nexec {programs}/python -m pip check\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    pages.run(ROOT / "docs/tutorial/first-animation.md", folder, programs)
    assert {"mouth.gif", "smile.svg", "smile.mp4", "smile.gif"} <= {
        path.name for path in folder.iterdir()
    }
