"""The page about what comes out names every renderer, every option, and every default."""

from pathlib import Path

import pytest

from strokeanim import params
from strokeanim.render.plugins import discovery
from strokeanim.render.style import Style

TEXT = (Path(__file__).parents[2] / "docs/reference/output.md").read_text(encoding="utf-8")
BUILTIN = [one for one in discovery.available() if one.is_builtin]


@pytest.mark.parametrize("one", BUILTIN, ids=lambda one: one.name)
def test_every_renderer_is_there_with_its_options(one):
    spec = one.load().spec
    assert f"| `{spec.name}` |" in TEXT
    for extension in spec.extensions:
        assert f"`{extension}`" in TEXT or extension == ".htm"
    section = TEXT.partition(f"## `{spec.name}`")[2].partition("\n## ")[0]
    for option in params.describe_options(spec.options):
        row = f"| `{spec.name}` | `{option.name}` |"
        assert row in TEXT or f"| `{option.name}` |" in section, option.name


def test_every_style_option_is_there():
    for option in params.describe_options(Style):
        assert f"| `{option.name.replace('_', '-')}`" in TEXT
