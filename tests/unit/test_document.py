from __future__ import annotations

import json
from pathlib import Path

import pytest

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing
from strokeanim.io.drawing_json import parse_document, write_document
from strokeanim.io.limits import Limits, ReadPolicy
from strokeanim.io.sources import load

GOOD = {"label": "nose", "key": "7", "strokes": [[[0, 0.5], [3, 4]], [[1, 1]]]}
NOSE = Drawing([[(0, 0.5), (3, 4)], [(1, 1)]], "nose", "7")
QUICK = {"word": "nose", "key_id": "7", "drawing": [[[0, 3], [0.5, 4]], [[1], [1]]]}


def read(document: object, policy: ReadPolicy = ReadPolicy()) -> list[Drawing]:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return [drawing for some in parse_document(data, "x.json", policy) for drawing in some]


@pytest.mark.parametrize(
    "document",
    [
        {"format": "strokeanim drawings", "version": 1, "drawings": [GOOD, QUICK]},
        {"drawings": [GOOD, QUICK]},
        [GOOD, QUICK],
    ],
)
def test_our_own_and_lists_of_either_kind_are_read(document: object) -> None:
    assert read(document) == [NOSE, NOSE]
    assert read(GOOD) == read(QUICK) == [NOSE]


def test_times_are_kept(tmp_path: Path) -> None:
    timed = Drawing([[(0, 0.1), (1e-9, 3e38)]], "", "", [[0, 16.6]])
    write_document([timed, NOSE], tmp_path / "a.json")
    assert load(tmp_path / "a.json") == [timed, NOSE]
    text = (tmp_path / "a.json").read_text()
    assert '"strokes":[[[0,0.1]' in text
    assert json.loads(text)["version"] == 1


@pytest.mark.parametrize("name", ["a.json", "a.ndjson", "a", "a.json.gz"])
def test_it_is_known_by_how_it_begins(tmp_path: Path, name: str) -> None:
    for document in ([GOOD], {"drawings": [GOOD]}, GOOD):
        for indent in (None, 2):
            (tmp_path / name).write_text(json.dumps(document, indent=indent))
            assert load(tmp_path / name) == [NOSE]
    (tmp_path / name).write_text(json.dumps(QUICK) + "\n" + json.dumps(QUICK))
    assert load(tmp_path / name) == [NOSE, NOSE]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b'{"drawings": [\n{"strokes": ]}', "line 2: invalid JSON at column 13"),
        (b'[\n\n"\xff"]', "line 3: not UTF-8"),
        (b"[" * 100_000, "nested too deeply|invalid JSON"),
        (b"[1" + b"0" * 5000 + b"]", "limit"),
        (b'[{"strokes":[[[NaN,1]]]}]', "NaN is no number"),
        (7, "neither an object nor a list"),
        ({}, "no list of 'drawings'"),
        ({"drawings": {}}, "no list of 'drawings'"),
        ({"version": 2, "drawings": []}, "version 2; this strokeanim reads 1"),
        ([GOOD, 7], "drawing 1: a drawing is a JSON object, not the number 7"),
        ([{"strokes": 3}], "drawing 0: 'strokes' and 'times' must be lists"),
        ([{"strokes": [3]}], "stroke 0: must be a list of pairs"),
        ([{"strokes": [[[1, 2], [1]]]}], r"stroke 0: must be pairs \[x, y\]; point 1 is not"),
        ([{"strokes": [[[1, "2"]]]}], "stroke 0: must be pairs"),
        ([{"strokes": [[[1, True]]]}], "stroke 0: must be pairs"),
        ([{"strokes": [[[1, None]]]}], "stroke 0: must be pairs"),
        ([{"strokes": [[[1, 1e99]]]}], "infinite"),
        ([{"strokes": [[[1, 10**400]]]}], "drawing 0: .*too large"),
        ([{"strokes": [[]]}], "at least one point"),
        ([{"strokes": [[[1, 2]]], "times": [[1, 2]]}], "one value per point"),
        ([{"strokes": [[[1, 2]]], "times": [["1"]]}], "times of stroke 0: must be numbers"),
        ([{"strokes": [], "label": 3}], "'label' must be a string"),
        ([{"strokes": [], "key": "\ud800"}], "lone surrogate"),
    ],
)
def test_mistakes_are_named(document: object, message: str) -> None:
    with pytest.raises(InputError, match=f"x.json.*({message})"):
        read(document)


def test_bad_drawings_can_be_left_out() -> None:
    errors: list[InputError] = []
    assert read([GOOD, 7, {"strokes": 3}, QUICK], ReadPolicy(on_bad=errors.append)) == [NOSE, NOSE]
    assert [str(error)[:17] for error in errors] == ["x.json, drawing 1", "x.json, drawing 2"]


def test_limits_hold() -> None:
    for limits in (Limits(points=2), Limits(strokes=1)):
        for document in ([GOOD], [QUICK]):
            with pytest.raises(InputError, match="drawing 0: the drawing has more than"):
                read(document, ReadPolicy(limits))
