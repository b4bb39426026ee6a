"""Fresh processes: what is imported, what goes to which stream, what Ctrl-C leaves."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = {"tensorflow", "keras", "sklearn", "matplotlib", "jax", "torch"}

PROBE = """
import sys
from strokeanim.cli.main import main
code = main(sys.argv[1:])
print("LOADED", *sorted({name.split(".")[0] for name in sys.modules}))
sys.exit(code)
"""


@pytest.mark.parametrize(
    "command",
    [
        ["--help"],
        ["animate", "--help"],
        ["plugins", "list"],
        ["identify", "sample:eye/0"],
        ["render", "sample:eye/0", "--out", "a.png"],
        ["animate", "sample:mouth", "--out", "a.gif", "--out", "a.mp4", "--out", "a.svg"],
        ["generate", "--class", "ear", "--out", "a.svg"],
        pytest.param(["demo", "--out", "demo"], marks=pytest.mark.slow),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_nothing_heavy_is_imported(command, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *command],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(done.stdout.rsplit("LOADED", 1)[1].split())
    assert not loaded & HEAVY


def test_help_and_listing_import_no_numpy(tmp_path):
    for command in (["--help"], ["plugins", "list"]):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "strokeanim", *command],
            capture_output=True, text=True, check=True, cwd=tmp_path,
        )  # fmt: skip
        assert "| numpy" not in done.stderr


def test_importing_the_package_is_cheap():
    code = "import strokeanim, sys; print(*{n.split('.')[0] for n in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & (HEAVY | {"numpy", "typer", "onnxruntime"})


def test_the_package_is_a_program_and_json_is_all_of_stdout(tmp_path):
    import json

    done = subprocess.run(
        [sys.executable, "-m", "strokeanim", "animate", "sample:eye/1", "--out", "a.gif", "--json"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert json.loads(done.stdout)["label"] == "eye"


def test_drawings_come_through_a_pipe(tmp_path):
    from strokeanim.io.samples import FILE, samples_of

    assert FILE.exists()
    from strokeanim.io.ndjson import format_line

    text = "\n".join(format_line(drawing) for drawing in samples_of("nose")[:3])
    done = subprocess.run(
        [sys.executable, "-m", "strokeanim", "animate", "-", "--out", "a.gif"],
        input=text, capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.gif").stat().st_size > 1000


def test_without_libcairo_pillow_draws_and_says_so_once(tmp_path):
    broken = tmp_path / "site" / "cairocffi"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise OSError('no library called cairo-2 was found')")
    outs = [part for name in ("a.gif", "a.mp4", "a.svg", "a.webp") for part in ("--out", name)]
    for command in (["animate", "sample:eye", *outs], ["render", "sample:eye/0", "--out", "a.png"]):
        done = subprocess.run(
            [sys.executable, "-m", "strokeanim", *command],
            capture_output=True, text=True, check=True, cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        )  # fmt: skip
        assert done.stderr.count("Pillow draws") == 1
    assert all(
        (tmp_path / f"a.{s}").stat().st_size > 500 for s in ("gif", "mp4", "svg", "png", "webp")
    )
