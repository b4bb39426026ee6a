"""The site builds without a warning, its links lead somewhere, what is made of code is current."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from inspect import getdoc, isclass, signature
from itertools import chain
from pathlib import Path

import pytest

import strokeanim as sa
from tests.docs import given
from tools import architecture, cli_reference, figures

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
DOCS = ROOT / "docs"


def tool(*command: object) -> str:
    """What a program of this environment says; it must not fail."""
    done = subprocess.run(
        list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ
        | {"NO_MKDOCS_2_WARNING": "1", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        | dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9"),  # no network
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_the_site_builds_strictly_without_a_network_and_no_link_is_broken(tmp_path):
    told = tool(
        PROGRAMS / "mkdocs", "build", "--quiet", "--strict", "--site-dir", tmp_path / "site"
    )
    assert "WARNING" not in told
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 50
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search("--8|8 &lt;", text), page
        assert not re.search(r'<(?:script|img|link(?! rel="canonical"))[^>]*"https?://', text), page
    # Served, since the checker gives up its rights to read our files where it is run as root.
    url = f"{given.served(tmp_path / 'site')}/index.html"
    assert " 0 errors found" in tool(PROGRAMS / "linkchecker", "--no-status", "--no-robots", url)


def test_the_page_of_commands_is_what_the_code_says():
    said = cli_reference.PAGE.read_text(encoding="utf-8")
    assert said == cli_reference.page(), "python -m tools.cli_reference"


def test_the_architecture_diagram_is_up_to_date():
    said = architecture.PICTURE.read_text(encoding="utf-8")
    assert said == architecture.picture(), "python -m tools.architecture"


def test_contributing_names_every_layer():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for layer in chain(*architecture.layers()):
        assert f"`{layer}`" in text


def test_every_decision_is_listed():
    index = (DOCS / "adr/index.md").read_text(encoding="utf-8")
    for page in DOCS.glob("adr/0*.md"):
        assert f"]({page.name})" in index


@pytest.mark.parametrize("name", sa.__all__)
def test_a_public_name_is_documented_in_full(name):
    """On the page, with a docstring that speaks of every argument and of what it raises."""
    thing = getattr(sa, name)
    page = (DOCS / "reference/api.md").read_text(encoding="utf-8")
    assert f"::: {thing.__module__}.{name}\n" in page + "\n"
    told = getdoc(thing)
    assert told
    assert told.splitlines()[0].endswith((".", ":"))
    if isclass(thing):
        for member, value in vars(thing).items():
            if callable(value) or isinstance(value, property | classmethod):
                assert member.startswith("_") or getdoc(value), member
        return
    for argument in signature(thing).parameters:
        assert re.search(rf"^    {argument}: ", told, re.MULTILINE), argument
    assert "Raises:" in told


def test_nothing_else_is_on_the_page_of_public_names():
    page = (DOCS / "reference/api.md").read_text(encoding="utf-8")
    listed = re.findall(r"^::: strokeanim\.(?:\w+\.)*(\w+)$", page, re.MULTILINE)
    assert sorted(listed) == sorted(sa.__all__)


def test_every_picture_can_be_made_again():
    pictures = {path.name for path in (DOCS / "img").iterdir()}
    assert pictures == {*figures.FIGURES, architecture.PICTURE.name}


def test_it_is_cited_by_its_version():
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {sa.__version__}\n" in cited
