"""The types of public names are shipped, and hold for programs that use them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

USES = """
from pathlib import Path
import strokeanim as sa

drawings: list[sa.Drawing] = [d for d in sa.load(Path("a.svg")) if isinstance(d, sa.Drawing)]
frames = [sa.Frame(drawing.strokes) for drawing in drawings]
animation = sa.Animation(frames, [1] * len(frames), sa.Box(0, 0, 255, 255))
written: Path | list[Path] = animation.save(Path("a.gif"), size=64)
codec: sa.Codec = sa.load_model(Path("model"))
sa.save(sa.load("a.ndjson"), "b.json")
reveal_type(codec.identify(drawings)[0])
reveal_type(sa.animate(*drawings).duration)
"""


def checked(path: Path, text: str) -> subprocess.CompletedProcess[str]:
    path.write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--cache-dir",
         ROOT / ".mypy_cache" / "uses", path],
        cwd=path.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_programs_that_use_it_are_checked_and_a_mistake_is_seen(tmp_path):
    (readme,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL
    )
    done = checked(tmp_path / "uses.py", readme + USES)
    assert done.returncode == 0, done.stdout
    assert 'Revealed type is "list[str]"' in done.stdout.replace("builtins.", "")
    assert "Fraction" in done.stdout
    wrong = checked(tmp_path / "wrong.py", "import strokeanim as sa\nsa.grid(3)\nsa.nothing\n")
    assert wrong.stdout.count("error:") == 2
