"""A plugin changes no file where the user keeps theirs; everybody else does as before."""

import os
import tempfile
import threading
from pathlib import Path

import pytest

from strokeanim.errors import PluginError
from strokeanim.render.guard import Guard


@pytest.fixture
def guard(tmp_path, monkeypatch):
    here, out = tmp_path / "here", tmp_path / "out"
    here.mkdir()
    out.mkdir()
    (here / "old.txt").write_text("old")
    monkeypatch.chdir(here)
    return Guard("renderer 'x'", [out])


WAYS = {
    "open": lambda: Path("new.txt").write_text("x"),
    "append": lambda: Path("old.txt").open("a").close(),
    "update": lambda: Path("old.txt").open("r+b").close(),
    "os.open": lambda: os.close(os.open("new.txt", os.O_CREAT | os.O_WRONLY)),
    "mkdir": lambda: Path("new").mkdir(),
    "remove": lambda: Path("old.txt").unlink(),
    "rename": lambda: Path("old.txt").rename("new.txt"),
    "symlink": lambda: Path("new.txt").symlink_to("old.txt"),
    "link": lambda: Path("new.txt").hardlink_to("old.txt"),
    "truncate": lambda: os.truncate("old.txt", 0),
    "beside the output": lambda: Path("../out/new.txt").write_text("x"),
    "below the output": lambda: Path("../out/deep").mkdir(),
}


@pytest.mark.parametrize("way", WAYS)
def test_files_of_the_user_are_not_touched(guard, tmp_path, way):
    with pytest.raises(PluginError, match=r"renderer 'x' tried to write .*to its sink only"), guard:
        WAYS[way]()
    assert {path.name for path in tmp_path.rglob("*")} == {"here", "out", "old.txt"}
    assert Path("old.txt").read_text() == "old"
    WAYS[way]()  # outside of the guard it works


def test_what_libraries_need_is_free(guard, tmp_path):
    Path(".cache").mkdir()
    with guard:
        assert Path("old.txt").read_text() == "old"
        Path(".cache/fonts").write_text("x")
        (tmp_path / "elsewhere").write_text("x")
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123
            nowhere.write("x")


def test_other_threads_are_free(guard):
    thread = threading.Thread(target=lambda: Path("theirs.txt").write_text("x"))
    with guard:
        thread.start()
        thread.join()
    assert Path("theirs.txt").read_text() == "x"


def test_it_can_be_entered_again(guard):
    for _ in range(2):
        with pytest.raises(PluginError), guard:
            Path("new.txt").write_text("x")


def test_who_works_in_the_temporary_folder_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with Guard("renderer 'x'", [tmp_path]), tempfile.TemporaryFile() as file:
        file.write(b"x")
