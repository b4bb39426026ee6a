from __future__ import annotations

import gzip
import io
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from strokeanim.errors import InputError, OutputError
from strokeanim.geometry import Drawing
from strokeanim.io.limits import ReadPolicy
from strokeanim.io.ndjson import format_line, parse_ndjson, read_ndjson, write_ndjson

GOOD = b'{"word":"nose","key_id":"7","drawing":[[[0,3],[0,4]]]}'
NOSE = Drawing([[(0, 0), (3, 4)]], "nose", "7")
DATA = Path(__file__).parents[2].parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real drawings are not here")


def lines(text: bytes, policy: ReadPolicy = ReadPolicy()) -> list[Drawing]:
    blocks = parse_ndjson(io.BufferedReader(io.BytesIO(text)), "x.ndjson", policy)
    return [drawing for block in blocks for drawing in block]


def test_blank_lines_bom_crlf_and_missing_fields_are_tolerated() -> None:
    text = b"\xef\xbb\xbf" + GOOD + b'\r\n\r\n  \n{"drawing":[[[1],[2]]]}'
    assert lines(text) == [NOSE, Drawing([[(1, 2)]])]


def test_a_numeric_key_and_nulls_are_tolerated() -> None:
    assert lines(b'{"key_id":7,"word":"nose","drawing":[[[0,3],[0,4]]]}') == [NOSE]
    assert lines(b'{"key_id":null,"word":null,"drawing":[[[0],[0]]]}') == [Drawing([[(0, 0)]])]


def test_strokes_without_points_go_and_drawings_without_strokes_stay() -> None:
    assert lines(b'{"drawing":[[[],[]],[[1],[2]]]}') == [Drawing([[(1, 2)]])]
    assert lines(b'{"drawing":[[[],[]]]}\n{"drawing":[]}') == [Drawing(), Drawing()]


def test_the_third_list_is_milliseconds() -> None:
    (drawing,) = lines(b'{"drawing":[[[1.5,2],[3,4],[0,16]],[[],[],[]]]}')
    assert drawing == Drawing([[(1.5, 3), (2, 4)]], times=[[0, 16]])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (GOOD[:-9], "invalid JSON at column .*cut short"),
        (b"hello", "invalid JSON"),
        (b"[1,2]", "not a list"),
        (b"7", "not the number 7"),
        (b"{}", "no 'drawing'"),
        (b'{"drawing":{}}', "'drawing' must be a list of strokes, not an object"),
        (b'{"drawing":[[1,2]]}', "stroke 0 holds the number 1"),
        (b'{"drawing":[7]}', "stroke 0 must be lists"),
        (b'{"drawing":[[[1]]]}', "stroke 0 must be lists"),
        (b'{"drawing":[[[1],[2,3]]]}', "stroke 0 must be two or three lists of equal length"),
        (b'{"drawing":[[[],[2]]]}', "stroke 0 must be two or three lists of equal length"),
        (b'{"drawing":[[[1,"2"],[1,2]]]}', "stroke 0 holds a string"),
        (b'{"drawing":[[[1,null],[1,2]]]}', "stroke 0 holds null"),
        (b'{"drawing":[[[1,true],[1,2]]]}', "stroke 0 holds true or false"),
        (b'{"drawing":[[[NaN],[1]]]}', "NaN is no number"),
        (b'{"drawing":[[[1],[-Infinity]]]}', "-Infinity is no number"),
        (b'{"drawing":[[[1e999],[1]]]}', "infinite"),
        (b'{"drawing":[[[1e99],[1]]]}', "infinite"),
        (b'{"drawing":[[[1],[1],[1e99]]]}', "times"),
        (b'{"drawing":[[[1' + b"0" * 400 + b"],[1]]]}", "too large"),
        (b'{"drawing":[[[1' + b"0" * 5000 + b"],[1]]]}", "limit"),
        (b'{"word":1,"drawing":[]}', "'word' must be a string"),
        (b'{"key_id":true,"drawing":[]}', "'key_id' must be a string"),
        (b'{"word":"\xff","drawing":[]}', "not UTF-8"),
        (b'{"drawing":' + b"[" * 100_000, "nested too deeply|invalid JSON"),
    ],
)
def test_a_bad_line_is_named_with_its_number(bad: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f"(?s)x.ndjson, line 3: .*({message})"):
        lines(GOOD + b"\n\n" + bad)


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "no-extension"
    file.write_bytes(gzip.compress(GOOD, mtime=0))
    assert read_ndjson(file) == [NOSE]
    file.write_bytes(gzip.compress(GOOD * 50, mtime=0)[:-12])
    with pytest.raises(InputError, match="damaged or cut short"):
        read_ndjson(file)


def test_a_line_has_three_decimals_at_most_and_extra_fields() -> None:
    drawing = Drawing([[(1 / 3, -0.0), (1e-9, 20_000_000)]], "é", times=[[0, 16.66666]])
    expected = '{"word":"\\u00e9","frame":1,"drawing":[[[0.333,0],[0,20000000],[0,16.667]]]}'
    assert format_line(drawing, frame=1) == expected


def test_gzipped_output_is_the_same_every_time_and_everywhere(tmp_path: Path) -> None:
    a, b = tmp_path / "a.ndjson.gz", tmp_path / "b.ndjson.gz"
    write_ndjson([NOSE], a)
    write_ndjson([NOSE], b)
    assert a.read_bytes() == b.read_bytes()
    assert gzip.decompress(a.read_bytes()) == GOOD + b"\n"


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    write_ndjson([NOSE], file)

    def failing() -> Iterator[Drawing]:
        yield NOSE.with_label("ear")
        raise InputError("no more")

    with pytest.raises(InputError, match="no more"):
        write_ndjson(failing(), file)
    assert read_ndjson(file) == [NOSE]
    assert list(tmp_path.iterdir()) == [file]


def test_mode_and_links_survive_being_overwritten(tmp_path: Path) -> None:
    file, link = tmp_path / "a.ndjson", tmp_path / "link.ndjson"
    file.write_bytes(b"")
    file.chmod(0o640)
    link.symlink_to(file)
    write_ndjson([NOSE], link)
    assert link.is_symlink()
    assert read_ndjson(file) == [NOSE]
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_new_file_gets_the_mode_of_the_umask(tmp_path: Path) -> None:
    plain, file = tmp_path / "plain", tmp_path / "a.ndjson"
    plain.write_bytes(b"")
    write_ndjson([NOSE], file)
    assert file.stat().st_mode == plain.stat().st_mode


def test_output_errors_name_path_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a\.ndjson: folder .* does not exist; create it"):
        write_ndjson([NOSE], tmp_path / "missing" / "a.ndjson")
    with pytest.raises(OutputError, match="it is a folder"):
        write_ndjson([NOSE], tmp_path)
    with pytest.raises(OutputError, match="no file name"):
        write_ndjson([NOSE], "a\0b")
    with pytest.raises(OutputError, match="no file name"):
        write_ndjson([NOSE], "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_device_is_not_replaced_by_a_file() -> None:
    with pytest.raises(OutputError, match="not an ordinary file"):
        write_ndjson([NOSE], "/dev/full")
    assert Path("/dev/full").is_char_device()


def test_no_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may open anything: no mode would do
    with pytest.raises(OutputError, match=r"write .*a\.ndjson: Permission denied; choose a folder"):
        write_ndjson([NOSE], tmp_path / "a.ndjson")
    with pytest.raises(InputError, match=r"no permission to read .*a\.ndjson"):
        read_ndjson(tmp_path / "a.ndjson")


@needs_data
@pytest.mark.parametrize("name", ["quickdraw_features", "quickdraw_features_raw"])
def test_real_drawings_come_back_as_they_were(tmp_path: Path, name: str) -> None:
    real = read_ndjson(DATA / f"{name}.ndjson.gz")
    assert len(real) == (3003 if name == "quickdraw_features" else 52)
    assert all((drawing.times is not None) == name.endswith("raw") for drawing in real)
    write_ndjson(real, tmp_path / "copy.ndjson")
    copy = read_ndjson(tmp_path / "copy.ndjson")
    if name == "quickdraw_features":
        assert copy == real
    else:
        write_ndjson(copy, tmp_path / "again.ndjson")
        assert read_ndjson(tmp_path / "again.ndjson") == copy
