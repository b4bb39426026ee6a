"""Every block of every page is run: what a page shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page(page, tmp_path, monkeypatch):
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
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text):
        assert (page.parent / target).exists(), target
        if page.is_relative_to(DOCS):
            assert (page.parent / target).resolve().is_relative_to(DOCS), (
                f"not in the site: {target}"
            )
