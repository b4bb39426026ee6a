from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing
from strokeanim.io.limits import Limits, ReadPolicy
from strokeanim.io.quickdraw_bin import looks_binary, parse_binary, write_binary
from strokeanim.io.sources import load, load_one

STROKES = [[(0, 1), (255, 2), (3, 4)], [(9, 8)]]
RECORD = (
    struct.pack("<Q2sBIH", 5_000_000_000_000_007, b"DE", 1, 1_490_000_000, 2)
    + struct.pack("<H", 3) + bytes([0, 255, 3, 1, 2, 4])
    + struct.pack("<H", 1) + bytes([9, 8])
)  # fmt: skip


def read(data: bytes, policy: ReadPolicy = ReadPolicy(), name: str = "mouth.bin") -> list[Drawing]:
    stream = io.BufferedReader(io.BytesIO(data))
    return [drawing for some in parse_binary(stream, name, policy) for drawing in some]


def test_a_record_is_read_as_the_data_set_describes_it() -> None:
    assert read(RECORD * 2) == [Drawing(STROKES, "mouth", "5000000000000007")] * 2


def test_a_stroke_without_points_goes_and_a_drawing_without_strokes_stays() -> None:
    empty = struct.pack("<Q2sBIH", 1, b"DE", 1, 0, 0)
    hollow = struct.pack("<Q2sBIHH", 2, b"DE", 1, 0, 1, 0)
    assert read(empty + hollow) == [Drawing((), "mouth", "1"), Drawing((), "mouth", "2")]


@pytest.mark.parametrize("kept", range(1, len(RECORD)))
def test_a_file_cut_short_is_refused_wherever_it_was(kept: int) -> None:
    with pytest.raises(InputError, match=r"mouth\.bin, drawing 1 \(at byte 29\): cut short"):
        read(RECORD + RECORD[:kept])
    errors: list[InputError] = []
    assert len(read(RECORD + RECORD[:kept], ReadPolicy(on_bad=errors.append))) == 1
    assert len(errors) == 1


def test_what_is_no_record_is_refused() -> None:
    with pytest.raises(InputError, match=r"drawing 0 \(at byte 0\): no record of a drawing"):
        read(b"\xff" * 40)


def test_limits_hold() -> None:
    with pytest.raises(InputError, match=r"more than 3 points; .*Limits\(points="):
        read(RECORD, ReadPolicy(Limits(points=3)))
    with pytest.raises(InputError, match="more than 1 strokes"):
        read(RECORD, ReadPolicy(Limits(strokes=1)))


def test_it_is_known_by_its_name_or_by_its_look(tmp_path: Path) -> None:
    for name in ("mouth.bin", "no-extension"):
        (tmp_path / name).write_bytes(RECORD * 3)
        assert len(load(tmp_path / name)) == 3
    assert load_one(f"{tmp_path}/mouth.bin#2") == read(RECORD)[0]
    assert looks_binary(RECORD)
    assert not looks_binary(RECORD[:16])
    assert not looks_binary(b"some text that is a text")


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        (
            Drawing([[(-1, 0), (3, 4)]]),
            "drawing 0: x from -1 to 3 .* scale it with simplify_as_quickdraw",
        ),
        (Drawing([[(0, 0), (3, 255.6)]]), "y from 0 to 255.6; .bin holds 0 to 255"),
        (Drawing([[(0, 0)] * 65_536]), "more than 65535 strokes or points"),
    ],
)
def test_what_it_cannot_hold_is_refused_and_nothing_is_written(
    tmp_path: Path, drawing: Drawing, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        write_binary([drawing], tmp_path / "a.bin")
    assert list(tmp_path.iterdir()) == []


def test_keys_of_digits_are_kept(tmp_path: Path) -> None:
    drawings = [Drawing(STROKES, "x", key) for key in ("7", "", "a7", str(1 << 64), "²")]
    write_binary(drawings, tmp_path / "x.bin")
    assert [drawing.key for drawing in load(tmp_path / "x.bin")] == ["7", "", "", "", ""]
