"""Every block of every page is run: what a page shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from markdown.extensions.toc import slugify

from strokeanim.cli.main import app
from tests.docs import pages

DOCS = pages.ROOT / "docs"
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "plugins/*.md", "plugins/*/*.md")
    for path in pages.ROOT.glob(pattern)
)


def named(page: Path) -> str:
    return str(page.relative_to(pages.ROOT))


def prose(page: Path) -> str:
    """A page without its blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in links to them."""
    text = re.sub(r'--8<-- "(.*)"', lambda told: prose(pages.ROOT / told[1]), prose(page))
    found = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {slugify(heading.replace("`", ""), "-") for heading in found}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page(page, tmp_path, monkeypatch):
    if "cairosvg" in page.read_text("utf-8"):
        pytest.importorskip("cairosvg", reason="needs libcairo", exc_type=(ImportError, OSError))
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    pages.run(page, folder)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_are_in_blocks_that_are_run(page):
    """Four spaces would hide them from the test above."""
    assert not re.findall(r"^    +(?:strokeanim|pip|make|python) .*", prose(page), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page):
    """Also where the site's own check does not look: outside of docs/."""
    for target, anchor in re.findall(
        r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)", prose(page)
    ):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), target
        assert there.is_relative_to(DOCS) or not page.is_relative_to(DOCS), target
        if anchor and not anchor.startswith("strokeanim"):  # those are made from code
            assert anchor in anchors(there), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_in_a_sentence_are_commands(page):
    for line in re.findall(r"`strokeanim ([a-z][^`…]*)`", " ".join(prose(page).split())):
        command, words = typer.main.get_command(app), shlex.split(line)
        while words and hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        options = {name for one in command.params for name in one.opts} | {"--help"}
        assert {word for word in words if word.startswith("-")} <= options, line
