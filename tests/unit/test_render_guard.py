"""A plugin changes no file where the user keeps theirs; everybody else does as before."""

import logging
import os
import sqlite3
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


def test_temporary_folders_can_be_removed(guard):
    with guard, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "deep").mkdir()
        (Path(folder) / "deep" / "movie.xyz").write_text("x")
    assert not Path(folder).exists()


def test_a_folder_given_by_descriptor_is_still_the_users(guard):
    here = os.open(".", os.O_RDONLY)
    try:
        with pytest.raises(PluginError, match=r"old\.txt"), guard:
            os.unlink("old.txt", dir_fd=here)
    finally:
        os.close(here)


def test_the_users_own_log_handlers_write_where_they_like(guard):
    logger = logging.getLogger("guarded")
    handler = logging.FileHandler("app.log", delay=True)
    logger.addHandler(handler)
    try:
        with guard:
            logger.warning("from a plugin")
    finally:
        logger.removeHandler(handler)
        handler.close()
    assert "from a plugin" in Path("app.log").read_text()


def test_making_a_folder_that_is_there_changes_nothing(guard):
    Path("there").mkdir()
    with guard:
        Path("there").mkdir(exist_ok=True)


def test_a_temporary_folder_within_the_users_is_free_and_nothing_else(guard, monkeypatch):
    Path("Temp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(Path("Temp").absolute()))
    with Guard("renderer 'x'", []):
        Path("Temp/x").write_text("x")
    with pytest.raises(PluginError), Guard("renderer 'x'", []):
        Path("litter").write_text("x")


def test_databases_are_files(guard):
    with pytest.raises(PluginError), guard:
        sqlite3.connect("new.db")


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
