from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strokeanim.datasets.info import Problems, Spread, describe
from strokeanim.geometry import Drawing
from tests.strategies import drawings

NOSE = Drawing([[(0, 0), (20, 10)], [(1, 1)]], "nose", "1")
DOT = Drawing([[(5, 5), (5, 5)]], "nose", "2")
EMPTY = Drawing((), "ear", "1")


def test_counts_and_percentiles_per_class() -> None:
    timed = Drawing([[(0, 0), (1, 2)]], "ear", "3", [[0, 16]])
    found = describe([NOSE, DOT, EMPTY, timed])
    assert list(found.classes) == ["ear", "nose"]
    assert (found.total.drawings, found.total.timed) == (4, 1)
    nose = found.classes["nose"]
    assert (nose.drawings, nose.timed) == (2, 0)
    assert nose.points == pytest.approx((2.1, 2.5, 2.9))
    assert nose.strokes == pytest.approx((1.1, 1.5, 1.9))
    assert nose.aspect == Spread(2, 2, 2), "a dot has no aspect"
    assert found.classes["ear"].points == Spread(2, 2, 2), "an empty drawing has no points"


def test_problems_are_named_by_index_and_key() -> None:
    found = describe([NOSE, DOT, EMPTY, Drawing([[(0, 0)]])]).problems
    expected = Problems(empty=(2,), dots=(1, 3), unlabelled=(3,), duplicate_keys=("1",))
    assert found == expected
    assert found
    assert not describe([NOSE]).problems


def test_of_nothing_there_is_nothing_to_say() -> None:
    found = describe([])
    assert found.total.drawings == 0
    assert (found.total.points, found.total.strokes, found.total.aspect) == (None, None, None)
    assert found.classes == {}
    assert describe([EMPTY]).total.points is None


@given(st.lists(drawings(empty=True), max_size=6))
def test_any_drawings_are_described_and_counted_once(many: list[Drawing]) -> None:
    found = describe(iter(many))
    assert found.total.drawings == len(many)
    assert sum(summary.drawings for summary in found.classes.values()) == len(many)
    assert found.to_json() == json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert describe(many[::-1]).total == found.total
