"""The code of the tutorial; that it works, test_pages finds out by following it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

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
