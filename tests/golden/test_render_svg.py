"""Golden SVGs, compared as canonical XML; renewed by `UPDATE_GOLDEN=1 pytest tests/golden`."""

import os
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import canonicalize

import pytest

from strokeanim.animation.animation import Animation
from strokeanim.animation.frame import Frame
from strokeanim.geometry import Box
from strokeanim.testing import animations

HERE = Path(__file__).parent
EYE = [(60, 20), (100, 50), (60, 80), (20, 50), (60, 20)]
NOSE = [(50, 10), (30, 80), (75, 85)]
CASES = {
    "nose": (
        Animation(
            tuple(
                Frame([NOSE, [(90, 20 + 10 * k)]], ids=[3, 0], opacity=1 - k / 4) for k in range(3)
            ),
            (Fraction(1, 5),) * 3,
            Box(0, 0, 100, 100),
            "nose, left",
            tuple({"t": k / 2} for k in range(3)),
        ),
        {},
    ),
    "eye": (
        Animation((Frame([EYE]), Frame()), (1, 1), Box(0, 0, 120, 100), "eye"),
        {"size": 240, "stroke": "navy", "background": "white", "visible": "all", "width": 2.5},
    ),
    "straight": (
        Animation((Frame([EYE, NOSE]),), (1,), Box(0, 0, 120, 100)),
        {"smooth": False},
    ),
}
MOVING = animations.moving(3)
CASES |= {
    f"profile-{profile}": (MOVING, {"profile": profile, "size": "80mm"})
    for profile in ("plain", "inkscape", "illustrator", "figma", "web")
}
CASES |= {
    "onion": (MOVING, {"frames": "onion", "colour_by": "stroke"}),
    "taper": (MOVING, {"brush": "taper", "width": 6}),
    "animated-morph": (MOVING, {"renderer": "svg-animated", "draw_on": 1.5}),
    "animated-flip-book": (animations.changing(), {"renderer": "svg-animated", "loop": 3}),
}


def same_xml(one: str, other: str) -> bool:
    """Equal but for the order of attributes, quotes, and how empty elements are written."""
    return canonicalize(one) == canonicalize(other)


@pytest.mark.parametrize("name", CASES)
def test_svg_is_as_it_was(tmp_path, name):
    animation, options = CASES[name]
    written = animation.save(tmp_path / "a.svg", **options).read_text(encoding="utf-8")
    golden = HERE / f"{name}.svg"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(written, encoding="utf-8")
    assert same_xml(written, golden.read_text(encoding="utf-8"))


def test_the_comparison_sees_what_matters_and_nothing_else():
    golden = (HERE / "nose.svg").read_text(encoding="utf-8")
    assert same_xml(golden, golden.replace("<defs />", "<defs></defs>"))
    assert not same_xml(golden, golden.replace('display="none"', "", 1))
    assert not same_xml(golden, golden.replace("M256", "M257", 1))
