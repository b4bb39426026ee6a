from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing, Picture
from strokeanim.io import samples
from strokeanim.io.ndjson import format_line, write_ndjson
from strokeanim.io.sources import SourceName, load, load_one, parse_source

DATA = Path(__file__).parents[2].parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real drawings are not here")

MOUTHS = [
    Drawing([[(0, i), (9, i)]], "mouth", key) for i, key in enumerate(["77", "1", "left#end"])
]
EAR = Drawing([[(0, 0), (1, 5)]], "ear", "e")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one source of each kind, the working one."""
    monkeypatch.chdir(tmp_path)
    write_ndjson(MOUTHS, "mouths.ndjson")
    write_ndjson(MOUTHS, "mouths.ndjson.gz")
    nose = np.array([[1, 2, 0], [3, 4, 1]], np.int16)
    np.savez("nose.npz", train=np.stack([nose, nose + 1]), test=np.stack([nose]))
    Image.fromarray(np.eye(9, dtype=np.uint8) * 255).save("eye.png")
    write_ndjson([*MOUTHS, EAR], "samples.ndjson.gz")
    monkeypatch.setattr(samples, "FILE", tmp_path / "samples.ndjson.gz")
    return tmp_path


def keys(things: Sequence[Drawing | Picture]) -> list[str]:
    return [thing.key for thing in things]


def test_a_file_gives_everything_in_it(here: Path) -> None:
    assert load("mouths.ndjson") == MOUTHS
    assert load(here / "mouths.ndjson.gz") == MOUTHS
    assert keys(load("nose.npz")) == ["train/0", "train/1", "test/0"]
    (picture,) = load("eye.png")
    assert isinstance(picture, Picture)
    assert keys(load("sample:mouth")) == ["77", "1", "left#end"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("mouths.ndjson", "77"),
        ("mouths.ndjson#0", "77"),
        ("mouths.ndjson#2", "left#end"),
        ("mouths.ndjson#1", "1"),  # an index before it is a key
        ("mouths.ndjson#77", "77"),  # too large for an index: a key
        ("mouths.ndjson#left#end", "left#end"),
        ("mouths.ndjson.gz#02", "left#end"),
        ("nose.npz#train/1", "train/1"),
        ("nose.npz#test/0", "test/0"),
        ("nose.npz#2", "test/0"),
        ("eye.png", "eye"),
        ("sample:mouth/1", "1"),
        ("sample:ear", "e"),
    ],
)
def test_a_selector_picks_one_and_no_selector_the_first(source: str, key: str) -> None:
    assert load_one(source).key == key
    if parse_source(source).selector is not None:
        assert keys(load(source)) == [key]


def test_an_existing_file_keeps_its_hash(here: Path) -> None:
    write_ndjson(MOUTHS[1:], "take#2.ndjson")
    assert parse_source("take#2.ndjson") == SourceName("take#2.ndjson")
    assert parse_source("take#2.ndjson#0") == SourceName("take#2.ndjson", "0")
    assert load_one("take#2.ndjson#1").key == "left#end"
    assert parse_source("gone#a#b") == SourceName("gone#a", "b")
    assert parse_source("x" * 5000) == SourceName("x" * 5000)


@pytest.mark.parametrize("source", ["a.ndjson#3", "sample:mouth/3", "a.ndjson", "-", "-#1"])
def test_a_source_prints_as_it_was_written(source: str) -> None:
    assert str(parse_source(source)) == source


@pytest.mark.parametrize("source", ["", "#3", "a.ndjson#", "sample:", "sample:/3", "sample:ear/"])
def test_a_source_must_name_something(source: str) -> None:
    with pytest.raises(InputError, match="names no drawing; give"):
        parse_source(source)


def test_standard_input_is_ndjson(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"{format_line(drawing)}\n" for drawing in MOUTHS).encode()
    for data in (text, gzip.compress(text, mtime=0)):
        for source, expected in (("-", MOUTHS), ("-#1", MOUTHS[1:2])):
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
            assert load(source) == expected
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{")))
    with pytest.raises(InputError, match="standard input, line 1"):
        load("-")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(InputError, match="standard input is empty"):
        load("-")


def test_contents_count_more_than_the_extension(here: Path) -> None:
    for real, false in (("eye.png", "a.ndjson"), ("nose.npz", "a.png"), ("mouths.ndjson", "a.npz")):
        (here / false).write_bytes((here / real).read_bytes())
        assert type(load_one(false)) is type(load_one(real))
    (here / "no-extension").write_bytes(gzip.compress((here / "nose.npz").read_bytes()))
    assert len(load("no-extension")) == 3
    (here / "bom").write_bytes(b"\xef\xbb\xbf\r\n" + (here / "mouths.ndjson").read_bytes())
    assert load("bom") == MOUTHS


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("mouth.ndjson", r"there is no file mouth\.ndjson; did you mean mouths\.ndjson"),
        ("completely-else", "check the name"),
        ("nowhere/mouths.ndjson", "there is no folder nowhere either"),
        (".", "is a folder; name a file in it"),
        ("mouths.ndjson/x", "cannot read|there is no"),
        ("a\0b", "cannot read"),
        ("mouths.ndjson#3", r"has 3 drawings, 0 to 2, and none of them has the key '3'"),
        ("mouths.ndjson#left#and", r"the key 'left#and'; did you mean 'left#end'\?"),
        ("mouths.ndjson#-1", "the key '-1'"),
        ("mouths.ndjson#" + "9" * 6000, "the key '9+'"),
        ("mouths.ndjson#²", "the key '²'"),
        ("nose.npz#train/2", r"has no train/2; it has train/0 to 1, test/0 to 0"),
        ("nose.npz#valid/0", "has no valid/0; it has train"),
        ("nose.npz#train/x", "has no train/x"),
        ("nose.npz#3", "has 3 drawings, 0 to 2"),
        ("eye.png#0", "a single picture; leave out #0"),
        ("sample:mouht", r"no samples of 'mouht'; did you mean sample:mouth\? .*: ear, mouth"),
        ("sample:mouth/3", "sample:mouth has 3 drawings, 0 to 2"),
    ],
)
def test_a_mistake_is_explained(source: str, message: str) -> None:
    for reader in (load, load_one):
        with pytest.raises(InputError, match=message):
            reader(source)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.ndjson", b"", "is empty"),
        ("a.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("a.ndjson", b"\n \n", "holds no drawings"),
        ("a.ndjson", b"[]", "holds no drawings"),
        ("a.ndjson", b"7", r"a\.ndjson, line 1"),
        ("a.ndjson.gz", b"nonsense", r"a\.ndjson\.gz, line 1"),
        ("a.npz", b"nonsense", "not an .npz"),
        ("a.PNG", b"nonsense", "not a picture"),
        ("a.svg", b"nonsense", r"a\.svg"),
        ("a.bin", b"\x01\x02", r"a\.bin, drawing 0 \(at byte 0\): cut short"),
        ("a.xyz", b"nonsense", "in no format that can be read; readable are: QuickDraw ndjson"),
    ],
)
def test_a_file_with_nothing_to_read_is_refused(
    here: Path, name: str, content: bytes, message: str
) -> None:
    (here / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        load(name)
    with pytest.raises(InputError, match=message):
        load_one(name)


def test_one_drawing_is_found_before_a_later_mistake(here: Path) -> None:
    with (here / "mouths.ndjson").open("ab") as file:
        file.write(b"{broken\n")
    assert load_one("mouths.ndjson#1").key == "1"
    with pytest.raises(InputError, match="line 4"):
        load("mouths.ndjson")


def test_drawings_without_strokes_come_along(here: Path) -> None:
    (here / "a.ndjson").write_bytes(b'{"drawing":[]}\n')
    assert load("a.ndjson") == [Drawing()]


def test_missing_samples_are_an_installation_that_is_broken(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "FILE", here / "gone")
    with pytest.raises(InputError, match="install strokeanim again"):
        load("sample:mouth")


@needs_data
def test_real_files_have_what_their_readme_says() -> None:
    features = load(DATA / "quickdraw_features.ndjson.gz")
    assert len(features) == 3003
    assert {drawing.label for drawing in features} == {"mouth", "nose", "eye", "ear"}
    by_key = load_one(f"{DATA / 'quickdraw_features.ndjson.gz'}#{features[200].key}")
    assert by_key == features[200]
    sheep = load_one(f"{DATA / 'aaron_sheep.npz'}#valid/299")
    assert (sheep.label, sheep.key) == ("aaron sheep", "valid/299")
