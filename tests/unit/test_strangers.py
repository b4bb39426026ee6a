"""Files from strangers: what is enormous, hostile or only odd is read as it is, or refused."""

from __future__ import annotations

import copy
import gzip
import io
import itertools
import os
import pickle
import threading
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import strokeanim
from strokeanim.errors import InputError
from strokeanim.geometry import Drawing, DrawingArray, Picture
from strokeanim.geometry.polylines import simplify_as_quickdraw
from strokeanim.io._pickle import load_object_array
from strokeanim.io.limits import Limits
from strokeanim.io.ndjson import BLOCK, write_ndjson
from strokeanim.io.saving import FORMATS, save
from strokeanim.io.sources import load, load_one, stream
from strokeanim.io.svg.reader import parse_svg

DATA = Path(__file__).parents[2].parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real drawings are not here")
GOOD = '{"word":"nose","key_id":"7","drawing":[[[0,3],[0,4]]]}'
NOSE = Drawing([[(0, 0), (3, 4)]], "nose", "7")


class Peak:
    """Most bytes that Python held within a block."""

    bytes = 0

    def __enter__(self) -> Peak:
        tracemalloc.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


# ---------------------------------------------------------------- too much


def bomb(size: int) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))
    return packed.getvalue()


@pytest.mark.parametrize("name", ["a.ndjson.gz", "a.json.gz", "a.bin.gz", "a.svgz"])
def test_a_gzip_bomb_is_refused_in_little_memory(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(bomb(30 << 20))
    with Peak() as peak, pytest.raises(InputError, match=r"more than 1048576 bytes; .*Limits\("):
        load(tmp_path / name, Limits(bytes=1 << 20))
    assert peak.bytes < 20 << 20


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train.npy", bytes(200 << 20))
    with Peak() as peak, pytest.raises(InputError, match="unpacked, has more than 10485760 bytes"):
        load(tmp_path / "a.npz", Limits(bytes=10 << 20))
    assert peak.bytes < 20 << 20


def test_an_endless_line_is_refused_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text(GOOD + "\n" + "[" * 5_000_000)
    with pytest.raises(InputError, match=r"a\.ndjson, line 2, has more than 1000000 bytes of JSON"):
        load(tmp_path / "a.ndjson", Limits(json=1_000_000))
    with pytest.raises(InputError, match=r"a\.ndjson, line 2: .* more than 100000 strokes"):
        load(tmp_path / "a.ndjson")


@pytest.mark.parametrize("extension", [".ndjson", ".json", ".npz", ".svg"])
@pytest.mark.parametrize("limit", ["points", "strokes"])
def test_points_and_strokes_are_limited_in_every_format(
    tmp_path: Path, extension: str, limit: str
) -> None:
    file = tmp_path / f"a{extension}"
    save([Drawing([[(n, n % 3) for n in range(20)], [(5, 5), (6, 6)]])], file)
    few = Limits(points=19) if limit == "points" else Limits(strokes=1)
    with pytest.raises(InputError, match=rf"more than 1?. {limit}; .*Limits\({limit}="):
        load(file, few)
    assert len(load(file)) == 1


def test_pixels_are_limited(tmp_path: Path) -> None:
    Image.new("L", (100, 100)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png, 100 × 100, .*Limits\(pixels="):
        load(tmp_path / "a.png", Limits(pixels=9_999))


@pytest.mark.parametrize("extension", [".ndjson", ".json", ".npz", ".svg"])
def test_a_stroke_of_100_000_points_is_read(tmp_path: Path, extension: str) -> None:
    turn = np.linspace(0, 300, 100_000)
    spiral = Drawing([np.stack([120 + turn * np.cos(turn), 120 + turn * np.sin(turn)], 1)])
    save([spiral], tmp_path / f"a{extension}")
    (found,) = load(tmp_path / f"a{extension}")
    assert isinstance(found, Drawing)
    assert found.points >= 99_000  # neighbours in one place are one point in SVG
    assert np.abs(found.strokes[0][-1] - spiral.strokes[0][-1]).max() <= 0.5


# ---------------------------------------------------------------- only odd


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("extension", ["ndjson", "json"])
def test_text_is_read_however_it_is_encoded(
    tmp_path: Path, encoding: str, newline: str, extension: str
) -> None:
    line = GOOD.replace("nose", "näse")
    text = line + newline + line if extension == "ndjson" else f"[{line},{newline}{line}]"
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    (tmp_path / "a").write_bytes((mark + text).encode(encoding))
    assert load(tmp_path / "a") == [NOSE.with_label("näse")] * 2


def test_broken_utf16_is_refused_with_its_line(tmp_path: Path) -> None:
    text = (GOOD + "\n" + GOOD + "\n").encode("utf-16")
    for broken, line in ((text + b"{", 3), (text[:-4], 2), (text + b"\x00\xd8", 3)):
        (tmp_path / "a").write_bytes(broken)
        with pytest.raises(InputError, match=f"line {line}: "):
            load(tmp_path / "a")


@pytest.mark.parametrize("count", [1, 700, 40_000])
def test_the_number_of_a_bad_line_is_right_blocks_later(tmp_path: Path, count: int) -> None:
    assert count < 40_000 or count * len(GOOD) > 3 * BLOCK
    (tmp_path / "a.ndjson").write_text(f"{GOOD}\n" * count + "{oops\n" + GOOD)
    with pytest.raises(InputError, match=f"line {count + 1}: invalid JSON"):
        load(tmp_path / "a.ndjson")


def test_bad_drawings_are_left_out_and_counted(tmp_path: Path) -> None:
    bad = ["{oops", '{"drawing":[[[1],[1e99]]]}', '{"drawing":7}', GOOD[:-5]]
    mixed = itertools.chain.from_iterable(zip([GOOD] * 4, bad, strict=True))
    (tmp_path / "a.ndjson").write_text("\n".join([*mixed, GOOD]))
    errors: list[InputError] = []
    assert load(tmp_path / "a.ndjson", on_bad=errors.append) == [NOSE] * 5
    assert [int(str(error).split("line ")[1].split(":")[0]) for error in errors] == [2, 4, 6, 8]
    assert load_one(f"{tmp_path}/a.ndjson#4", on_bad=errors.append) == NOSE


def test_bad_drawings_of_an_npz_are_left_out(tmp_path: Path) -> None:
    rows = np.empty(3, object)
    rows[0], rows[1], rows[2] = (np.array([[1, 2, last]]) for last in (1.0, np.nan, 1.0))
    np.savez(tmp_path / "a.npz", train=rows, allow_pickle=True)
    errors: list[InputError] = []
    found = load(tmp_path / "a.npz", on_bad=errors.append)
    assert [drawing.key for drawing in found] == ["train/0", "train/2"]
    assert "train/1" in str(errors[0])


# ---------------------------------------------------------------- streams


def test_streaming_takes_constant_memory(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    line = '{"word":"nose","key_id":"7","drawing":[[[%s],[%s]]]}\n' % (("1,2," * 50 + "3",) * 2)
    peaks = []
    for count in (3_000, 15_000):
        file.write_text(line * count)
        with Peak() as peak:
            assert sum(1 for _ in stream(file)) == count
        peaks.append(peak.bytes)
    assert peaks[1] < 1.3 * peaks[0]


def test_a_pipe_is_read_as_it_comes(tmp_path: Path) -> None:
    """The first drawings are there before the last are written."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    seen = threading.Event()

    def write() -> None:
        with pipe.open("w") as file:
            file.write(f"{GOOD}\n" * 20_000)
            file.flush()
            assert seen.wait(20)
            file.write(f"{GOOD}\n" * 3)

    writer = threading.Thread(target=write)
    writer.start()
    count = 0
    for _ in stream(pipe):
        seen.set()
        count += 1
    writer.join()
    assert count == 20_003


def test_nothing_is_kept_for_the_next_time(tmp_path: Path) -> None:
    write_ndjson([NOSE], tmp_path / "a.ndjson")
    first = load(tmp_path / "a.ndjson")
    write_ndjson([NOSE, NOSE], tmp_path / "a.ndjson")
    assert (len(first), len(load(tmp_path / "a.ndjson"))) == (1, 2)
    assert [file.name for file in tmp_path.iterdir()] == ["a.ndjson"]


def test_loading_takes_little_more_than_the_arrays(tmp_path: Path) -> None:
    strokes = np.random.default_rng(0).integers(0, 256, (4, 2, 10)).tolist()
    line = '{"word":"nose","key_id":"%d","drawing":' + f"{strokes}}}\n".replace(" ", "")
    with (tmp_path / "a.ndjson").open("w") as file:
        file.writelines(line % (10**15 + place) for place in range(60_000))
    with Peak() as peak:
        found = load(tmp_path / "a.ndjson")
    assert isinstance(found, DrawingArray)
    columns = (found.points, found.strokes, found.bounds, found.labels, found.keys, found.timed)
    assert peak.bytes <= 1.5 * sum(column.nbytes for column in columns)


# ---------------------------------------------------------------- all formats, all ways in


@pytest.fixture
def saved(tmp_path: Path) -> Iterator[dict[str, bytes]]:
    files = {}
    for extension in FORMATS:
        save([NOSE, NOSE.with_label("nose", "8")], tmp_path / f"nose{extension}")
        files[extension] = (tmp_path / f"nose{extension}").read_bytes()
    return files


@pytest.mark.parametrize("extension", FORMATS)
def test_every_format_is_read_gzipped_from_standard_input_and_under_any_name(
    tmp_path: Path, saved: dict[str, bytes], extension: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = saved[extension]
    packed = [] if extension == ".svgz" else [gzip.compress(data, mtime=0)]
    for content in [data, *packed]:
        Path("nose.xyz").write_bytes(content)
        for source in ("nose.xyz", "-"):
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
            found = load(source)
            assert len(found) == 2
            for drawing in found:
                assert isinstance(drawing, Drawing)
                assert np.array_equal(drawing.strokes[0], NOSE.strokes[0])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert isinstance(load_one("-#1"), Drawing)


def test_a_picture_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    sink = io.BytesIO()
    Image.fromarray(np.eye(9, dtype=np.uint8) * 255).save(sink, "PNG")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(sink.getvalue())))
    assert isinstance(load("-")[0], Picture)


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.gif: strokes are written as \.ndjson, .*render"):
        save([NOSE], tmp_path / "a.gif")
    huge = Drawing([[(0, 0), (40_000, 0)]])
    with pytest.raises(
        InputError, match=r"drawing 0 moves the pen by 40000 at once; .*simplify_as_quickdraw"
    ):
        save([huge], tmp_path / "a.npz")
    assert list(tmp_path.iterdir()) == []


def test_parts_of_an_npz_come_back_in_their_parts(tmp_path: Path) -> None:
    drawings = [NOSE.with_label("nose", key) for key in ("valid/3", "x", "train/9", "test/0", "")]
    save([*drawings, Drawing()], tmp_path / "nose.npz")
    keys = [drawing.key for drawing in load(tmp_path / "nose.npz")]
    assert keys == ["train/0", "train/1", "train/2", "valid/0", "test/0"]
    with np.load(tmp_path / "nose.npz", allow_pickle=True, encoding="latin1") as parts:
        assert parts["train"][0].dtype == np.int16
        assert parts["train"][0].tolist() == [[0, 0, 0], [3, 4, 1]]


def test_the_same_drawings_give_the_same_bytes(tmp_path: Path) -> None:
    for extension in [*FORMATS, ".npz.gz", ".bin.gz"]:
        files = [tmp_path / f"{name}{extension}" for name in "ab"]
        for file in files:
            save([NOSE], file)
        assert files[0].read_bytes() == files[1].read_bytes()


def test_the_public_names_do_it(tmp_path: Path) -> None:
    strokeanim.save(strokeanim.load("sample:nose"), tmp_path / "noses.json")
    assert strokeanim.load(tmp_path / "noses.json") == strokeanim.load("sample:nose")
    assert len(list(strokeanim.stream(tmp_path / "noses.json"))) == len(
        strokeanim.load("sample:nose")
    )


# ---------------------------------------------------------------- real ones


@needs_data
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("quickdraw_features.ndjson.gz", 3_003),
        ("quickdraw_features_raw.ndjson.gz", 52),
        ("quickdraw_other.ndjson.gz", 13_690),
        ("aaron_sheep.npz", 8_000),
    ],
)
def test_every_real_file_loads(name: str, count: int) -> None:
    errors: list[InputError] = []
    assert len(load(DATA / name, on_bad=errors.append)) == count
    assert not errors


@needs_data
def test_real_drawings_go_round_within_half_a_unit(tmp_path: Path) -> None:
    real = load(DATA / "quickdraw_features.ndjson.gz")
    found = real
    for name in ("a.npz", "b.ndjson", "c.svg", "d.ndjson"):
        save(found, tmp_path / name)  # type: ignore[arg-type]
        found = load(tmp_path / name)
    assert len(found) == len(real)
    for before, after in zip(real, found, strict=True):
        assert isinstance(before, Drawing)
        assert isinstance(after, Drawing)
        for a, b in zip(before.strokes, after.strokes, strict=True):
            assert np.abs(a - b).max() <= 0.5


# ---------------------------------------------------------------- what a stranger found


def test_a_bin_is_known_whatever_its_first_key_looks_like(tmp_path: Path) -> None:
    for low in (b"{", b"[", b"<", b"\n", b"\x1f\x8b", b"\xef\xbb\xbf{"):
        key = int.from_bytes(low.ljust(8, b"\x01"), "little")
        save([NOSE.with_label("", str(key))], tmp_path / "a.bin")
        for name in ("a.bin", "b"):
            (tmp_path / name).write_bytes((tmp_path / "a.bin").read_bytes())
            assert load(tmp_path / name)[0].key == str(key)


def test_a_bin_goes_on_after_a_record_beyond_the_limits(tmp_path: Path) -> None:
    long = Drawing([[(n, n) for n in range(50)]], "", "2")
    save([NOSE, long, NOSE], tmp_path / "nose.bin")
    errors: list[InputError] = []
    found = load(tmp_path / "nose.bin", Limits(points=10), errors.append)
    assert [drawing.key for drawing in found] == ["7", "7"]
    assert "drawing 1 (at byte 23): the drawing has more than 10 points" in str(errors[0])


@pytest.mark.parametrize("key", ["9" * 5000, "007", "²", str(1 << 64)])
def test_any_key_can_be_written_as_bin(tmp_path: Path, key: str) -> None:
    save(NOSE.with_label("", key), tmp_path / "a.bin")
    assert load(tmp_path / "a.bin")[0].key == ""


def test_an_svg_without_drawings_holds_none(tmp_path: Path) -> None:
    save([], tmp_path / "a.svg")
    with pytest.raises(InputError, match="holds no drawings"):
        load(tmp_path / "a.svg")


@pytest.mark.parametrize(
    "line",
    [
        '{"word":"x","n":12"drawing":[[[1],[2]]]}',
        '{"word":"x","n":"y"?"drawing":[[[1],[2]]]}',
        '1{"drawing":[[[1],[2]]]}',
        '{"n":,"drawing":[[[1],[2]]]}',
    ],
)
def test_broken_heads_are_refused_among_good_lines(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.ndjson").write_text(f"{GOOD}\n{line}\n{GOOD}\n")
    with pytest.raises(InputError, match="line 2: invalid JSON"):
        load(tmp_path / "a.ndjson")


def test_two_broken_lines_do_not_make_a_good_one(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text('{"\nord":"{","key_d":"74","drawing":[[[114],[42]]]}\n')
    with pytest.raises(InputError, match="line 1"):
        load(tmp_path / "a.ndjson")


@pytest.mark.parametrize(
    "text",
    [
        '{"label":"a","key_id":"7","word":"nose","drawing":[[[0,3],[0,4]]]}\n' * 2,
        f"{GOOD}\n{GOOD}",
    ],
)
def test_lines_are_lines_whatever_they_begin_with_or_are_called(tmp_path: Path, text: str) -> None:
    for name in ("a.json", "a.ndjson", "a"):
        (tmp_path / name).write_text(text)
        assert load(tmp_path / name) == [NOSE, NOSE]


@pytest.mark.parametrize(
    "text",
    [
        '{"name":"x","drawings":[{"label":"nose","key":"7","strokes":[[[0,0],[3,4]]]}]}',
        '{"word":"nose","key_id":"7",\n"drawing":[[[0,3],[0,4]]]}',
        '{ "name":"x",\n"label":"nose","key":"7","strokes":[[[0,0],[3,4]]]}',
    ],
)
def test_a_json_file_is_a_document(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    assert load(tmp_path / "a.json") == [NOSE]


@pytest.mark.parametrize("extension", [".bin", ".npz", ".svg"])
def test_standard_input_gives_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extension: str
) -> None:
    save(NOSE.with_label(""), tmp_path / f"a{extension}")
    data = io.BytesIO((tmp_path / f"a{extension}").read_bytes())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(data))
    assert load("-")[0].label == ""
    picture = io.BytesIO(b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M1 2L3 4"/></svg>')
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(picture))
    assert load("-")[0].key == ""


def test_a_pipe_that_begins_with_one_byte_is_known(tmp_path: Path) -> None:
    data = gzip.compress(f"{GOOD}\n".encode(), mtime=0)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write() -> None:
        with pipe.open("wb", buffering=0) as file:
            file.write(data[:1])
            time.sleep(0.1)
            file.write(data[1:])

    writer = threading.Thread(target=write)
    writer.start()
    assert load(pipe) == [NOSE]
    writer.join()


def test_the_largest_coordinates_have_a_finite_size(tmp_path: Path) -> None:
    huge = Drawing([[(-3e38, 1), (3e38, 3e38)]])
    assert huge.box.width == pytest.approx(6e38)
    assert simplify_as_quickdraw(huge).strokes[0].max() == 255
    save(huge, tmp_path / "a.svg")
    assert b"inf" not in (tmp_path / "a.svg").read_bytes()


def test_a_picture_that_is_no_good_is_left_out(tmp_path: Path) -> None:
    Image.new("L", (9, 9)).save(tmp_path / "blank.png")
    errors: list[InputError] = []
    assert list(stream(tmp_path / "blank.png", on_bad=errors.append)) == []
    assert "no ink" in str(errors[0])


@pytest.mark.parametrize("limits", [{"points": 0}, {"bytes": -1}, {"strokes": "7"}, {"json": 1.5}])
def test_a_limit_is_a_whole_number(limits: dict[str, int]) -> None:
    with pytest.raises(InputError, match="must be a whole number from 1"):
        Limits(**limits)


def test_gzipped_twice_and_wide_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(gzip.compress(GOOD.encode())))
    with pytest.raises(InputError, match="gzipped twice"):
        load(tmp_path / "a")
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le"):
        (tmp_path / "a").write_bytes(GOOD.encode(encoding))
        with pytest.raises(InputError, match="without a byte order mark; save it as UTF-8"):
            load(tmp_path / "a")


def test_copies_of_columns_cannot_be_written_to_either() -> None:
    columns = DrawingArray.of([NOSE, NOSE.with_label("ear"), NOSE])
    for made in (copy.deepcopy(columns[1:]), pickle.loads(pickle.dumps(columns[1:]))):
        assert made == columns[1:]
        assert len(made.points) == 4
        assert not made.points.flags.writeable
    assert DrawingArray.of([]) != ""
    with pytest.raises(InputError, match="holds no strokes"):
        save([Picture(np.eye(3))], "a.json")  # type: ignore[list-item]


@pytest.mark.parametrize("where", ["persid", "shape"])
def test_nothing_is_printed_that_takes_for_ever_to_print(where: str) -> None:
    doubled = b"\x80\x02N" + b"\x85q\x00h\x00\x86" * 40
    tail = b"Q." if where == "persid" else b"."
    with pytest.raises(InputError):
        load_object_array(io.BytesIO(doubled + tail), Limits())


def test_small_svgs_take_little_memory(tmp_path: Path) -> None:
    points = "1 " * 4_000_000
    for shape in (f'<polyline points="{points}"/>', f'<path d="M{points}"/>'):
        text = f'<svg xmlns="http://www.w3.org/2000/svg">{shape}</svg>'
        with Peak() as peak, pytest.raises(InputError, match="more than 100000 points"):
            parse_svg(text.encode(), "a.svg", Limits(points=100_000))
        assert peak.bytes < 80 << 20
