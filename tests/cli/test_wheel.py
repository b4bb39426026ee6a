"""What is installed from the built wheel is all there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_everything(tmp_path):
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", tmp_path, ROOT],
        check=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        points = next(name for name in names if name.endswith("entry_points.txt"))
        assert "gif = strokeanim.render.gif:GifRenderer" in archive.read(points).decode()
        archive.extractall(tmp_path / "site")
    assets = {"encoder.onnx", "starter.onnx", "step.onnx", "model.json", "prior.npz", "README.md"}
    assert {f"strokeanim/assets/faces/{name}" for name in assets} <= names
    assert {"strokeanim/assets/samples.ndjson.gz", "strokeanim/py.typed"} <= names
    assert {"strokeanim/assets/plugin/module.py.tmpl", "strokeanim/testing/__init__.py"} <= names
    assert not any(name.startswith("tests") for name in names)
    command = "import strokeanim; print(strokeanim.__file__, len(strokeanim.load('sample:ear')))"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=tmp_path / "site", capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert str(tmp_path) in done.stdout
