"""Bad input: one clear error that names the fix, the right exit code, nothing left behind."""

from __future__ import annotations

import ast
import io
import json
import os
import pickle
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
LINE = {"word": "mouth", "key_id": "7", "drawing": [[[0, 9, 20], [0, 5, 0]]]}


@pytest.fixture
def faces(tmp_path):
    """A file of three good drawings, an empty one and one of an unknown class."""
    lines = [LINE, {**LINE, "key_id": "8"}, {**LINE, "word": "cat", "key_id": "cat1"}]
    lines.append({**LINE, "drawing": [], "key_id": "nothing"})
    file = tmp_path / "faces.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def hostile() -> bytes:
    class Bomb:
        def __reduce__(self):
            return os.system, ("touch PWNED",)

    header = b"\x93NUMPY\x01\x00"
    text = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
    payload = header + len(text).to_bytes(2, "little") + text + pickle.dumps(Bomb(), 2)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("train.npy", payload)
    return file.getvalue()


def truncated() -> bytes:
    file = io.BytesIO()
    np.savez(file, train=np.zeros((50, 3), np.int16))
    return file.getvalue()[:200]


def test_a_missing_file(fails, faces):
    assert "face.ndjson" in fails("animate", "face.ndjson", "--out", "a.gif")
    assert "faces.ndjson" in fails("render", "face.ndjson", "--out", "a.gif")


def test_an_empty_drawing(fails, faces):
    error = fails("animate", f"{faces}#nothing", f"{faces}#0", "--out", "a.gif")
    assert "empty" in error
    assert "nothing" in error


@pytest.mark.parametrize("selector", ["99", "-1", "no-such-key"])
def test_a_bad_index_or_key(fails, faces, selector):
    error = fails("animate", f"{faces}#{selector}", f"{faces}#0", "--out", "a.gif")
    assert "4 drawings, 0 to 3" in error


def test_a_class_the_model_does_not_know(fails, faces):
    for pair in ([f"{faces}#2"], [f"{faces}#2", f"{faces}#2"]):
        assert "cat" in fails("animate", *pair, "--out", "a.gif")
    assert "it knows mouth, nose, eye, ear" in fails("generate", "--class", "cat", "--out", "a.gif")
    assert "did you mean 'mouth'" in fails("generate", "--class", "moth", "--out", "a.gif")


def test_two_classes(fails):
    error = fails("animate", "sample:ear/0", "sample:eye/0", "--out", "a.gif")
    assert "--allow-class-change" in error


@pytest.mark.parametrize("contents", [hostile(), truncated(), b"", b"PK\x03\x04", b"not a zip"])
def test_a_broken_or_hostile_npz(fails, tmp_path, contents):
    (tmp_path / "bad.npz").write_bytes(contents)
    assert "bad.npz" in fails("render", "bad.npz#train/0", "--out", "a.gif")
    assert not (tmp_path / "PWNED").exists()


@pytest.mark.parametrize(
    "contents", [b"", b"{", b'{"word": "mouth"}', b'{"drawing": [[[1], [1, 2]]]}', b"\x00\xff"]
)
def test_a_broken_ndjson(fails, tmp_path, contents):
    (tmp_path / "bad.ndjson").write_bytes(contents)
    assert "bad.ndjson" in fails("animate", "bad.ndjson", "--out", "a.gif")


def test_a_broken_picture(fails, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    assert "bad.png" in fails("identify", "bad.png")


def test_an_unknown_renderer_or_extension(fails):
    assert "did you mean 'gif'" in fails(
        "animate", "sample:eye", "--out", "a.gif", "--renderer", "gfi"
    )
    assert ".xyz" in fails("animate", "sample:eye", "--out", "a.xyz")
    assert "no extension" in fails("animate", "sample:eye", "--out", "a")


def test_an_unknown_option_or_value(fails):
    assert "size" in fails("animate", "sample:eye", "--out", "a.gif", "-O", "sise=7")
    assert "key=value" in fails("animate", "sample:eye", "--out", "a.gif", "-O", "size")
    assert "size" in fails("animate", "sample:eye", "--out", "a.gif", "-O", "size=big")
    assert "slerp, lerp, nlerp, centred" in fails(
        "animate", "sample:eye", "--out", "a.gif", "--path", "slurp"
    )


def test_numbers_out_of_range(fails):
    assert "fps" in fails("animate", "sample:eye", "--out", "a.gif", "--fps", 0)
    for flag, value in (("--steps", -1), ("--seed", -1), ("--steps", "ten")):
        assert flag in fails("animate", "sample:eye", "--out", "a.gif", flag, value)


def test_a_line_that_cannot_be_parsed(fails):
    assert "--out" in fails("animate", "sample:eye")
    assert "--steps" in fails("animate", "sample:eye", "--out", "a.gif", "--step", 3)
    assert "animat" in fails("animat", "sample:eye")


def test_a_picture_where_strokes_are_needed(fails, run, tmp_path):
    run("render", "sample:eye/0", "--out", tmp_path / "eye.png")
    assert "holds no strokes" in fails("render", "eye.png", "--out", "a.gif")


def test_several_frames_for_single_pictures(fails):
    assert "a-%04d.png" in fails("animate", "sample:eye", "--out", "a.png")


def test_standard_input_twice(fails):
    assert "once" in fails("animate", "-", "-", "--out", "a.gif")


def test_motion_that_there_is_not(fails, run, tmp_path):
    pair = ("animate", "sample:eye/0", "sample:eye/1", "--out", "a.gif")
    assert "pingpong or cycle" in fails(*pair, "--loop", "round")
    assert "ease-in-out" in fails(*pair, "--easing", "bouncy")
    assert "choose a higher rate" in fails(*pair, "--tween-fps", 0.1)
    assert "rate of the tweens" in fails(*pair, "--tween-fps", -1)
    assert "more than 100000 frames" in fails(*pair, "--tween-fps", 1e9)
    assert "bend" in fails(*pair, "-C", "bent=1")
    assert "from 0 to 63" in fails(*pair, "-C", "candidates=100")
    assert "key=value" in fails(*pair, "-C", "candidates")
    assert "leave out -C" in fails(*pair, "-C", "bend=1", "--independent")
    assert "leave out --pin" in fails(*pair, "--pin", "--independent")
    run("render", "sample:eye/0", "--out", tmp_path / "eye.png")
    assert "leave out --pin" in fails(
        "animate", "eye.png", "sample:eye/0", "--out", "a.gif", "--pin"
    )


def test_an_unwritable_place(fails, tmp_path, monkeypatch):
    assert "mkdir -p" in fails("animate", "sample:eye", "--out", "no/such/a.gif")
    (tmp_path / "folder.gif").mkdir()
    assert "folder" in fails("animate", "sample:eye", "--out", "folder.gif")
    (tmp_path / "file").write_text("")
    assert "file" in fails("demo", "--out", "file/demo")
    ordinary = Path.open

    def forbidden(path, mode="r", *rest, **named):
        if "x" in mode:  # root may write anywhere: no mode would do
            raise PermissionError(13, "Permission denied")
        return ordinary(path, mode, *rest, **named)

    monkeypatch.setattr(Path, "open", forbidden)
    assert "Permission denied; choose a folder" in fails("animate", "sample:eye", "--out", "a.gif")


CRAMPED = """
import resource, sys
from strokeanim.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
@pytest.mark.parametrize("suffix", ["gif", "svg", "mp4", "ndjson"])
def test_no_room_is_exit_code_one_and_leaves_nothing(tmp_path, suffix):
    """A real limit on the size of files, in a process of its own, stands for the full disk."""
    command = ["animate", "sample:eye", "--out", f"a.{suffix}"]
    done = subprocess.run(
        [sys.executable, "-c", CRAMPED, *command],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_second_output_is_written_if_the_first_is_wrong(fails):
    fails("animate", "sample:eye", "--out", "good.gif", "--out", "bad.xyz")


def test_the_same_output_twice(fails):
    assert "twice" in fails("animate", "sample:eye", "--out", "a.gif", "--out", "a.gif")


def test_a_train_mistake_is_quiet_and_quick(tmp_path):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "strokeanim", "train", "none.toml"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    told = [line for line in done.stderr.splitlines() if not line.startswith("import time")]
    assert done.returncode == 2
    assert told == ["strokeanim: cannot read none.toml: No such file or directory"]
    assert "| keras" not in done.stderr


def test_not_a_model(fails, tmp_path):
    assert "'faces' is the bundled model" in fails(
        "animate", "sample:eye", "--out", "a.gif", "--model", "nowhere"
    )
    (tmp_path / "model").mkdir()
    assert "not a model folder" in fails("model", "info", "--model", "model")


def test_a_config_with_mistakes(fails, tmp_path):
    for text, told in [
        ("[model]\nunits = 'many'", "model.units = 'many' must be int"),
        ("[model]\nunit = 3", "unknown key model.unit"),
        ("[modle]", "unknown table [modle]"),
        ("[train]\nsteps = 0", "train.steps = 0"),
        ("steps =", "not TOML"),
        ("model = 3", "must be a table, [model]"),
        ("[model]\nfilters = [0, 1, 2, 3]", "model.filters"),
        ("[model]\nclasses = [1]", "model.classes"),
        ("[train]\nclip = -1", "train.clip"),
        ("[train]\nkl_weight = nan", "train.kl_weight"),
        ("[train]\nrate_end = 5.0", "train.rate_end"),
        ("[data]\npen_noise = -1.0", "data.pen_noise"),
    ]:
        (tmp_path / "c.toml").write_text(text)
        assert told in fails("train", "c.toml", "--out", "run")
    assert "cannot read" in fails("train", "none.toml", "--out", "run")


def test_latents_of_too_few_or_to_another_format(fails):
    assert "at least 5" in fails("latents", "sample:eye/0", "--out", "m.png")
    assert ".npz" in fails("latents", "sample:eye", "--out", "m.txt")


def test_no_error_of_the_library_names_a_flag():
    flag = re.compile(r"(?<![\w-])(--[a-z][a-z-]+|-[A-Z]\b)")
    for path in sorted((ROOT / "strokeanim").rglob("*.py")):
        if path.is_relative_to(ROOT / "strokeanim" / "cli"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and node.exc is not None:
                texts = [
                    part.value
                    for part in ast.walk(node.exc)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                ]
                assert not [text for text in texts if flag.search(text)], path


def test_the_command_line_names_the_flag_of_an_option(fails, tmp_path):
    (tmp_path / "a.ndjson").write_text(json.dumps(LINE) + "\n")
    assert "--allow points=…" in fails("convert", "a.ndjson", "b.json", "--allow", "points=2")
