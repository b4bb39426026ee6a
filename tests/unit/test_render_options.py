"""Options: what is typed becomes a checked dataclass, or a message that says what to type."""

from dataclasses import dataclass, field
from typing import Literal

import pytest

from strokeanim import params
from strokeanim.errors import InputError, PluginError
from strokeanim.geometry.colours import parse_colour
from strokeanim.render.style import Style


@dataclass(frozen=True)
class Options:
    crf: int = field(default=18, metadata={"help": "quality", "min": 0, "max": 51})
    speed: float = field(default=1.0, metadata={"min": 0})
    loud: bool = False
    mode: Literal["first", "all"] = "first"
    bits: Literal[8, 10] = 8
    title: str = "x"
    width: float | None = None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Options()),
        ({"crf": "23", "speed": "0.5"}, Options(crf=23, speed=0.5)),
        ({"crf": 23, "speed": 2}, Options(crf=23, speed=2.0)),
        ({"loud": "yes"}, Options(loud=True)),
        ({"loud": False}, Options(loud=False)),
        ({"mode": "all", "bits": "10"}, Options(mode="all", bits=10)),
        ({"title": "a=b"}, Options(title="a=b")),
        ({"width": "none"}, Options(width=None)),
        ({"width": "2.5"}, Options(width=2.5)),
    ],
)
def test_values_and_text_are_taken(given, expected):
    assert params.parse_options(Options, given, "mp4") == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"crf": "high"}, "option 'crf' of mp4 must be a whole number from 0 to 51, not 'high'"),
        ({"crf": "52"}, "from 0 to 51, not '52'"),
        ({"crf": 2.5}, "must be a whole number"),
        ({"crf": True}, "must be a whole number"),
        ({"crf": None}, "must be a whole number"),
        ({"speed": "nan"}, "must be a number, at least 0"),
        ({"speed": "inf"}, "must be a number, at least 0"),
        ({"speed": -1}, "must be a number, at least 0"),
        ({"loud": "maybe"}, "must be true or false"),
        ({"mode": "none"}, "must be first or all"),
        ({"bits": "9"}, "must be 8 or 10"),
        ({"title": 5}, "must be text"),
        ({"width": "wide"}, "must be a number or none"),
    ],
)
def test_a_wrong_value_names_the_option_and_what_it_takes(given, message):
    with pytest.raises(InputError) as caught:
        params.parse_options(Options, given, "mp4")
    assert message in str(caught.value)


def test_an_unknown_option_gets_the_nearest_and_the_list():
    with pytest.raises(InputError, match=r"mp4 has no option 'crv'; did you mean 'crf'\?.*speed"):
        params.parse_options(Options, {"crv": 1}, "mp4")


def test_pairs_are_split_at_the_first_equals_sign():
    assert params.parse_pairs(["title=a=b", " crf = 3 "]) == {"title": "a=b", "crf": "3"}
    with pytest.raises(InputError, match="not of the form key=value"):
        params.parse_pairs(["crf"])
    with pytest.raises(InputError, match="given twice"):
        params.parse_pairs(["crf=1", "crf=2"])


def test_options_can_be_described():
    crf, *_, width = params.describe_options(Options)
    assert crf == params.OptionInfo("crf", "a whole number from 0 to 51", "18", "quality")
    assert (width.type, width.default) == ("a number or none", "none")


def test_a_type_options_cannot_have_is_the_plugins_mistake():
    @dataclass(frozen=True)
    class Odd:
        parts: list = field(default_factory=list)

    with pytest.raises(PluginError, match="parts"):
        params.parse_options(Odd, {"parts": "1"}, "odd")


def test_style_resolves_colours_and_widths():
    style = params.parse_options(
        Style, {"stroke": "navy", "background": "none", "size": "1024"}, "svg"
    )
    assert (style.stroke, style.background, style.stroke_width) == ("#000080", None, 8.0)
    for given in ({"size": 15}, {"size": 8193}, {"width": 0}, {"stroke": "nvy"}):
        with pytest.raises(InputError):
            params.parse_options(Style, given, "svg")


def test_a_translucent_colour_is_refused():
    assert parse_colour("#ff0000ff") == "#ff0000"
    with pytest.raises(InputError, match="partly transparent"):
        parse_colour("#ff000080")
