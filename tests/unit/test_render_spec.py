"""A spec says at once what is wrong with it, and its options become a JSON schema."""

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Literal

import jsonschema
import pytest

from strokeanim import params
from strokeanim.errors import InputError
from strokeanim.render.plugins import discovery
from strokeanim.render.protocol import RendererSpec
from strokeanim.testing.recording import SPEC


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Has Spaces"), ("name", ""), ("name", None),
        ("extensions", ".gif"), ("extensions", ()), ("extensions", ("gif",)),
        ("extensions", (".GIF",)), ("extensions", [".gif"]), ("extensions", (1,)),
        ("media_type", "gif"), ("kind", "video"), ("kind", ["frame"]),
        ("api_version", "1.0"), ("api_version", (1,)), ("api_version", (1.0, 0)),
        ("units", "mm"), ("background", "white"), ("background", "#FFFFFF"),
    ],
)  # fmt: skip
def test_a_malformed_spec_names_the_attribute_and_the_form(field, value):
    with pytest.raises(
        InputError, match=rf"a renderer's {field} must be .*{re.escape(repr(value))}"
    ):
        dataclasses.replace(SPEC, **{field: value})


def test_no_transparency_needs_a_background():
    with pytest.raises(InputError, match="needs a background such as #ffffff"):
        dataclasses.replace(SPEC, background=None, transparency=False)


@dataclass(frozen=True)
class Options:
    crf: int = field(default=18, metadata={"help": "0 is lossless", "min": 0, "max": 51})
    speed: float = field(default=1.5, metadata={"min": 0})
    how: Literal["fast", "slow"] = "fast"
    levels: Literal[2, 16] | None = 16
    title: str | None = None
    loop: bool = True
    margin: float | Literal["auto"] = "auto"


@dataclass
class Thawed:
    crf: int = 18


@dataclass(frozen=True)
class Bare:
    crf: int


@dataclass(frozen=True)
class Listy:
    names: list[str] = field(default=())


@dataclass(frozen=True)
class Outside:
    crf: int = field(default=99, metadata={"max": 51})


@dataclass(frozen=True)
class Unknown:
    crf: "NoSuchType" = 3  # noqa: F821


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Thawed, "frozen=True"), (dict, "which dict is not"), (Bare, "every option needs one"),
        (Listy, "options are int, float"), (Outside, "must be a whole number, at most 51"),
        (Unknown, "a type in Unknown can't be understood"), (Options(), "frozen=True"),
    ],
)  # fmt: skip
def test_malformed_options_are_refused_with_the_spec(wrong, words):
    with pytest.raises(InputError, match=words):
        RendererSpec(name="a", extensions=(".a",), media_type="a/b", kind="frame", options=wrong)


def test_the_schema_takes_what_the_parser_takes():
    schema = params.schema(Options)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["crf"] == {
        "type": "integer", "minimum": 0, "maximum": 51, "description": "0 is lossless",
        "default": 18,
    }  # fmt: skip
    for values in (
        {}, {"crf": 51}, {"how": "slow"}, {"levels": None}, {"levels": 2}, {"title": "x"},
        {"title": None}, {"margin": "auto"}, {"margin": 2.5}, {"speed": 3},
    ):  # fmt: skip
        params.parse_options(Options, values, "x")
        jsonschema.validate(values, schema)
    for values in (
        {"crf": 52}, {"crf": 1.5}, {"how": "no"}, {"levels": 3}, {"speed": -1},
        {"margin": "wide"}, {"other": 1}, {"loop": "maybe"},
    ):  # fmt: skip
        with pytest.raises(InputError):
            params.parse_options(Options, values, "x")
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(values, schema)


def test_the_schemas_of_all_built_ins_are_schemas():
    for one in discovery.available():
        if one.is_builtin:
            schema = params.schema(one.load().spec.options)
            jsonschema.Draft202012Validator.check_schema(schema)
            defaults = {key: about["default"] for key, about in schema["properties"].items()}
            jsonschema.validate(defaults, schema)
