"""The tutorial is followed to the letter: its commands are run and its files written."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.packages import install, run

pytestmark = pytest.mark.slow
PAGE = Path(__file__).parents[2] / "docs/tutorial/a-renderer.md"


def blocks(kind):
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf'```{kind}(?: title="(.*?)")?\n(.*?)```', text, re.DOTALL)


def files():
    """The pieces of each file, put together."""
    found: dict[str, str] = {}
    for title, code in blocks("python"):
        found[title] = found.get(title, "") + code
    return found


def test_following_it_gives_a_renderer_that_passes(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    home = tmp_path / "strokeanim-cast"
    commands = [line for _, block in blocks("shell") for line in block.strip().splitlines()]
    written = False
    for command in commands:
        program, *arguments = command.split()
        if program == "pip":
            assert arguments == ["install", "--editable", "'./strokeanim-cast[test]'"]
            install(site, [home])
            continue
        if command == "strokeanim plugins check cast" and (home / "changed").exists():
            for name, code in files().items():
                if name == "use.py":
                    (tmp_path / name).write_text(code, encoding="utf-8")
                    continue
                (home / name).write_text(code, encoding="utf-8")
            shutil.copy(home / "strokeanim_cast.py", site)
            written = True
        program = ("-m", "pytest", "-q") if program == "pytest" else ("-m", "strokeanim")
        done = run(site, *arguments, cwd=tmp_path, program=program)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        if command == "strokeanim plugins check cast":
            (home / "changed").touch()
            assert "0 failed" in done.stderr
    assert written
    assert (tmp_path / "mouth.cast").stat().st_size > 10_000
    done = run(site, cwd=tmp_path, program=["use.py"])
    assert done.returncode == 0, done.stderr
    assert '"width": 40' in (tmp_path / "another.cast").read_text(encoding="utf-8")


def test_the_code_is_as_well_kept_as_ours(tmp_path):
    for name, code in files().items():
        file = tmp_path / Path(name).name
        file.write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,W,B,UP,SIM",
         "--line-length", "100", tmp_path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
