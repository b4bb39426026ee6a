"""Laws of reading: what is written comes back, and no bytes do harm."""

from __future__ import annotations

import codecs
import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing, DrawingArray
from strokeanim.io import _ndjson_vectorised
from strokeanim.io.limits import ReadPolicy
from strokeanim.io.ndjson import _parse_lines, parse_ndjson
from strokeanim.io.saving import save
from strokeanim.io.sources import load
from tests.fuzz.targets import TARGETS, seeds
from tests.strategies import drawings, fractional, texts, whole

SEEDS = seeds()

changes = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(["flip", "insert", "delete", "repeat"]),
        st.binary(min_size=1, max_size=8)
        | st.sampled_from([b"[", b"]", b"{", b'"', b"<", b"1e308", b"NaN", b"&a;", b"\xff\xfe"]),
    ),
    max_size=6,
)


def changed(data: bytes, edits: list[tuple[float, str, bytes]]) -> bytes:
    for place, how, new in edits:
        at = int(place * len(data))
        match how:
            case "flip":
                data = data[:at] + new + data[at + len(new) :]
            case "insert":
                data = data[:at] + new + data[at:]
            case "delete":
                data = data[:at] + data[at + len(new) :]
            case _:
                data = data[:at] + data[at : at + 40] * len(new) + data[at:]
    return data


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_bytes_give_anything_but_drawings_or_an_input_error(
    name: str, data: st.DataObject
) -> None:
    seed = data.draw(st.sampled_from([*SEEDS[name], b""]))
    mutated = changed(seed, data.draw(changes))
    with contextlib.suppress(InputError):
        TARGETS[name](data.draw(st.just(mutated) | st.binary(max_size=200)))


# ---------------------------------------------------------------- lines together and one by one


def _bracketed(parts: list[str]) -> str:
    return f"[{','.join(parts)}]"


numbers = st.sampled_from(["0", "7", "42", "255", "999", "1000", "00", "05", "-1", "1.5", "", "x"])
lists = st.lists(numbers, min_size=1, max_size=4).map(lambda n: f"[{','.join(n)}]")
layouts = st.recursive(lists, lambda inner: st.lists(inner, max_size=3).map(_bracketed))


plain = st.lists(
    st.integers(1, 4).flatmap(
        lambda n: st.tuples(*[st.lists(st.integers(0, 999), min_size=n, max_size=n)] * 2).map(list)
    ),
    min_size=1,
    max_size=3,
).map(lambda strokes: json.dumps(strokes, separators=(",", ":")))
heads = st.sampled_from(
    [
        '{"word":"nose","key_id":"7",',
        '{"key_id":"é\\n",',
        "{",
        '{"a":[1],',
        '{"word":3,',
        '{"a":{},',
    ]
)
endings = st.sampled_from(["}\n", "}\r\n", "}", ',"x":1}\n', "]}\n", "\n"])
odd_lines = st.builds("{}{}{}{}".format, heads, st.just('"drawing":'), layouts | plain, endings)
good_lines = st.builds(
    "{}{}{}{}".format, heads, st.just('"drawing":'), plain, st.sampled_from(["}\n", "}\r\n"])
)


def read(text: bytes, together: bool) -> list[Drawing] | str:
    policy = ReadPolicy()
    try:
        if together:
            blocks = parse_ndjson(io.BufferedReader(io.BytesIO(text)), "x", policy)
        else:
            *lines, rest = text.split(b"\n")
            lines = [line + b"\n" for line in lines] + ([rest] if rest else [])
            blocks = _parse_lines(lines, "x", 1, policy)
        return [drawing for block in blocks for drawing in block]
    except InputError as error:
        return str(error)


@settings(max_examples=400, deadline=None)
@given(st.lists(good_lines | odd_lines, min_size=1, max_size=4).map("".join))
def test_lines_read_together_are_what_they_are_one_by_one(text: str) -> None:
    assert read(text.encode(), True) == read(text.encode(), False)


@given(st.lists(good_lines, min_size=1, max_size=4), changes)
def test_so_they_are_with_bytes_changed(
    lines: list[str], edits: list[tuple[float, str, bytes]]
) -> None:
    text = changed("".join(lines).encode(), edits)
    assume(not text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8)))
    assert read(text, True) == read(text, False)


@given(st.lists(plain, min_size=1, max_size=5))
def test_plain_lines_are_read_together(lines: list[str]) -> None:
    found = _ndjson_vectorised.columns("".join(f"{line}}}\n" for line in lines).encode())
    assert found is not None
    strokes = [np.array(stroke).T for line in lines for stroke in json.loads(line)]
    assert np.array_equal(found.points, np.concatenate(strokes))
    assert found.lengths.tolist() == [len(stroke) for stroke in strokes]
    assert found.counts.tolist() == [len(json.loads(line)) for line in lines]


# ---------------------------------------------------------------- what is written comes back


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(drawings(empty=True), min_size=1, max_size=4))
def test_a_document_loses_nothing(tmp_path: Path, many: list[Drawing]) -> None:
    save(many, tmp_path / "a.json")
    assert load(tmp_path / "a.json") == many


inked = st.lists(drawings(fractional | whole.map(lambda n: n % 255)), min_size=1, max_size=4)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inked)
def test_round_and_round_stays_within_half_a_unit(tmp_path: Path, many: list[Drawing]) -> None:
    names = ["a.ndjson", "b.npz", "c.ndjson.gz", "d.svg", "e.json", "f.svgz", "g.ndjson"]
    found: DrawingArray | list[Drawing] = many
    for name in names:
        save(found, tmp_path / name)
        found = load(tmp_path / name)  # type: ignore[assignment]
    for before, after in zip(many, found, strict=True):
        for a, b in zip(before.strokes, after.strokes, strict=True):
            # two points that are rounded to one place are a dot in SVG
            assert len(a) == len(b) or (len(a), len(b)) == (2, 1)
            assert np.abs(a.astype(float) - b).max() <= 0.502


@given(st.lists(drawings(empty=True), max_size=5), st.data())
def test_columns_hold_the_same_drawings(many: list[Drawing], data: st.DataObject) -> None:
    columns = DrawingArray.of(many)
    assert list(columns) == many
    assert len(columns) == len(many)
    piece = data.draw(st.slices(len(many)))
    assert columns[piece] == many[piece]
    assert DrawingArray.of(columns[piece]) == many[piece]
    assert columns.labels.tolist() == [drawing.label for drawing in many]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(drawings(st.integers(0, 255).map(float), timed=False), min_size=1), texts)
def test_bin_keeps_bytes(tmp_path: Path, many: list[Drawing], key: str) -> None:
    many = [drawing.with_label("mouth", str(place + 1)) for place, drawing in enumerate(many)]
    save(many, tmp_path / "mouth.bin")
    assert load(tmp_path / "mouth.bin") == many
    save([many[0].with_label("", key)], tmp_path / "key.bin")
    (one,) = load(tmp_path / "key.bin")
    assert one.key == (str(int(key)) if key.isascii() and key.isdecimal() and int(key) else "")
