"""Write docs/reference/cli.md from the code: `python -m tools.cli_reference`.

The text comes from typer (`typer … utils docs`). This module turns examples into code blocks, which
the tests run, and restores the full first lines in the lists of commands.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import typer

from strokeanim.cli.main import app

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "cli.md"
TAKES_LONG = ("demo", "train", "evaluate", "model export")
LEAD = """# Command line

Made from the code by `python -m tools.cli_reference`, as `--help` shows it.

Errors are a line or two on stderr that name the fix. The exit code is 0, 2 for a mistake in the
input or the options, and 1 for anything else; `--debug`, anywhere, shows a traceback. `--json`
prints to stdout, where nothing else does; what it prints is in [formats](formats.md#-json).
Files appear whole or not at all.

"""


def page() -> str:
    """Return the text of the page."""
    command = [sys.executable, "-m", "typer", "strokeanim.cli.main", "utils", "docs"]
    done = subprocess.run(
        [*command, "--name", "strokeanim"], check=True, capture_output=True, text=True
    )
    text = done.stdout.partition("\n")[2].strip() + "\n"
    text = re.sub(r"^Example: (strokeanim (.*))$", _example, text, flags=re.MULTILINE)
    text = re.sub(r"```console\n\$ (.*)\n```", r"```text\n\1\n```", text)
    for path, summary in _summaries(typer.main.get_command(app), []):
        heading, name = " ".join(["strokeanim", *path]), path[-1]
        above = text.index(f"\n## `{' '.join(['strokeanim', *path[:1]])}`") if path[1:] else 0
        start, end = (text[:above], text[above:])
        anchor = heading.replace(" ", "-")
        line = f"* [`{name}`](#{anchor}): {summary}"
        text = start + re.sub(rf"(?m)^\* `{name}`: .*$", lambda _, new=line: new, end, count=1)
    return LEAD + text


def _example(found: re.Match[str]) -> str:
    long = "<!-- long -->\n" if found[2].startswith(TAKES_LONG) else ""
    return f"{long}```shell\n{found[1]}\n```"


def _summaries(command: object, path: list[str]) -> list[tuple[list[str], str]]:
    """Return the words and the first paragraph of the help of each command below."""
    found = []
    for name, one in getattr(command, "commands", {}).items():
        summary = " ".join((one.help or "").partition("\n\n")[0].split())
        found += [([*path, name], summary), *_summaries(one, [*path, name])]
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
