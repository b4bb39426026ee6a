"""Shards: what is cut is all there, once, and a window over it is a function of its number."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tracemalloc
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from strokeanim.cli.main import main
from strokeanim.datasets import shard_writer
from strokeanim.datasets.batches import TrainingBatches
from strokeanim.datasets.shard_writer import write_shards
from strokeanim.datasets.shards import INDEX, Shard, ShardWindow, list_shards, read_first
from strokeanim.datasets.splits import split
from strokeanim.errors import DestinationError, InputError
from strokeanim.geometry import Drawing
from strokeanim.io.limits import Limits
from strokeanim.io.ndjson import write_ndjson

CLASSES = ("ear", "nose")


def scribble(label: str, number: int, points: int = 12) -> Drawing:
    rng = np.random.default_rng(number)
    walk = np.clip(np.cumsum(rng.integers(-20, 20, (points, 2)), axis=0) + 128, 0, 255)
    return Drawing([walk[: points // 2], walk[points // 2 :]], label, f"{label}-{number}")


def scribbles(count: int, labels: tuple[str, ...] = CLASSES, points: int = 12):
    return (scribble(label, n, points) for n in range(count) for label in labels)


@pytest.fixture
def folder(tmp_path):
    """Two classes of 100: 10 for tests, 5 to validate, 85 in five shards."""
    write_shards(scribbles(100), tmp_path / "cut", size=17, valid=5, test=10)
    return tmp_path / "cut"


def everything(folder, part):
    return [d for every in list_shards([folder], part).values() for s in every for d in s.load()]


def keys(drawings):
    return {(d.label, d.key) for d in drawings}


def test_every_drawing_is_in_one_part_and_is_what_it_was(folder):
    given = {(d.label, d.key): d for d in scribbles(100)}
    parts = {part: everything(folder, part) for part in ("test", "valid", "train")}
    assert {part: len(found) for part, found in parts.items()} == {
        "test": 20, "valid": 10, "train": 170,
    }  # fmt: skip
    found = [d for each in parts.values() for d in each]
    assert len(keys(found)) == len(found) == 200
    assert all(d == given[d.label, d.key] for d in found)


def test_those_held_out_come_first_in_the_order_of_the_splits(folder):
    parts = split(scribbles(100))
    assert keys(everything(folder, "test")) <= keys(parts["test"])
    ears = sorted(
        (d.key for d in scribbles(100) if d.label == "ear"),
        key=lambda key: hashlib.sha256(key.encode()).hexdigest(),
    )
    for part, expected in (("test", ears[:10]), ("valid", ears[10:15]), ("train", ears[15:])):
        assert [d.key for d in everything(folder, part) if d.label == "ear"] == expected


def test_a_class_gives_no_more_than_a_third_and_a_sixth(tmp_path):
    write_shards(scribbles(12), tmp_path / "cut")
    counts = [len(everything(tmp_path / "cut", part)) for part in ("test", "valid", "train")]
    assert counts == [8, 4, 12]


def test_order_and_repeats_in_the_source_make_no_difference(folder, tmp_path):
    given = list(scribbles(100))
    write_shards([*given[::-1], *given[:50]], tmp_path / "again", size=17, valid=5, test=10)
    assert (tmp_path / "again" / INDEX).read_bytes() == (folder / INDEX).read_bytes()


def test_any_label_decimals_times_and_no_key(tmp_path):
    odd = [
        Drawing([[(0.25, 1), (2, 3.5)]], "../up", "a"),
        Drawing([[(0, 1), (2, 3)]], "", ""),
        Drawing([[(0, 1), (2, 4)]], "", ""),
        Drawing([[(0, 1), (2, 4)]], "", ""),  # nothing tells it from the one before
        Drawing([[(0, 1), (2, 4)]], "naïve .", "ü", times=[[0, 7]]),
        Drawing([], "ear", "empty"),
    ]
    write_shards(odd, tmp_path / "cut")
    found = everything(tmp_path / "cut", "train")
    assert sorted(map(repr, found)) == sorted(map(repr, odd[:3] + odd[4:5]))
    assert all(d in odd for d in found)
    assert found[-1].times is not None
    assert {path.name for path in tmp_path.iterdir()} == {"cut"}


def test_whole_numbers_of_any_size_are_what_they_were(tmp_path):
    large = [Drawing([[(0, 1), (2.0**power, -(2.0**power))]], "", "a") for power in (52, 53, 63)]
    for place, drawing in enumerate(large):
        write_shards([drawing], tmp_path / str(place))
        assert everything(tmp_path / str(place), "train") == [drawing]


def test_labels_that_some_file_systems_take_for_one_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"^the classes 'ear' and 'Ear' differ in case only"):
        write_shards(scribbles(3, ("ear", "nose", "Ear")), tmp_path / "cut")
    assert not list(tmp_path.iterdir())


def test_shards_of_a_class_are_about_equally_large(folder):
    every = list_shards([folder], "train")["ear"]
    assert [shard.count for shard in every] == [17] * 5
    assert [len(shard.load()) for shard in every] == [17] * 5


def test_what_breaks_while_cutting_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(shard_writer, "SPOOL_BYTES", 100)

    def broken():
        yield from scribbles(5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_shards(broken(), tmp_path / "cut")
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match="nothing to cut"):
        write_shards([Drawing([], "ear")], tmp_path / "cut")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_has_something_is_left_alone(folder, tmp_path):
    with pytest.raises(DestinationError, match="it is there already"):
        write_shards(scribbles(5), folder)
    (tmp_path / "empty").mkdir()
    write_shards(scribbles(5), tmp_path / "empty" / "or" / "not")
    assert (tmp_path / "empty" / "or" / "not" / INDEX).exists()


def test_what_is_not_complete_is_not_taken_for_it(folder):
    (folder / INDEX).unlink()
    with pytest.raises(InputError, match=rf"^.*cut holds no {INDEX}, so it is no folder of shards"):
        list_shards([folder], "train")


def test_a_shard_that_is_missing_cut_short_or_changed_is_named(folder):
    path = list_shards([folder], "train")["nose"][2].path
    named = re.escape(f"the shard {path}")
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(InputError, match=rf"^{named} is damaged: not what"):
        list_shards([folder], "train")["nose"][2].load()
    path.write_bytes(data[:-9])
    with pytest.raises(InputError, match=rf"^{named} is damaged: \d+ bytes instead"):
        list_shards([folder], "train")
    path.unlink()
    with pytest.raises(InputError, match=rf"^{named} is missing"):
        list_shards([folder], "train")
    with pytest.raises(InputError, match=rf"^{named} is missing"):
        Shard(path, 17, "").load()


def test_a_shard_with_fewer_drawings_than_the_index_says_is_named(folder):
    shard = list_shards([folder], "train")["nose"][2]
    with pytest.raises(InputError, match=rf"^the shard {re.escape(str(shard.path))} holds 17 draw"):
        replace(shard, count=18).load()


def test_what_was_allowed_when_it_was_cut_is_allowed_when_it_is_loaded(tmp_path):
    long = Drawing([np.zeros((Limits().points + 1, 2))], "ear")
    write_shards([long], tmp_path / "cut")
    assert everything(tmp_path / "cut", "train") == [long]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda index: index | {"version": 2}, "is of version 2, and 1 can be read"),
        (lambda index: {"version": 1}, "is damaged"),
        (lambda index: [], "is damaged"),
        (lambda index: {"version": 1, "classes": {"ear": {"train": [
            {"file": "../ear", "count": 1, "bytes": 1, "sha256": ""}]}}},
         r"is damaged \(it names '../ear'"),
    ],
)  # fmt: skip
def test_an_index_that_is_none_is_named(folder, change, told):
    index = json.loads((folder / INDEX).read_text())
    (folder / INDEX).write_text(json.dumps(change(index)))
    with pytest.raises(InputError, match=f"^{re.escape(str(folder / INDEX))} {told}"):
        list_shards([folder], "train")


def test_several_folders_are_one(folder, tmp_path):
    write_shards(scribbles(30, ("eye", "nose")), tmp_path / "more")
    found = list_shards([folder, tmp_path / "more"], "train")
    assert list(found) == ["ear", "eye", "nose"]
    assert len(found["nose"]) == 6
    first = read_first(found["eye"], 3)
    assert len(first.points) == 3 * 12  # and not those of the shard they are from
    assert [d.key for d in first] == [
        d.key for d in everything(tmp_path / "more", "train") if d.label == "eye"
    ][:3]


@pytest.mark.parametrize(("most", "parts"), [(1000, 1), (34, 1), (20, 2), (7, 5), (2, 17)])
def test_a_pass_of_windows_visits_everything_once(folder, most, parts):
    windows = ShardWindow(list_shards([folder], "train"), seed=3, most=most)
    assert windows.parts == (parts, parts)
    seen = [d for number in range(5 * parts) for found in windows.at(number) for d in found]
    assert keys(seen) == keys(everything(folder, "train"))
    assert len(seen) == 170
    assert windows.held == pytest.approx(34 / parts)
    assert max(sum(map(len, windows.at(n))) for n in range(5 * parts)) <= max(most, 2) + 1


def test_a_small_class_does_not_let_the_others_pass_the_limit(folder, tmp_path):
    write_shards(scribbles(2, ("eye",)), tmp_path / "small")
    windows = ShardWindow(list_shards([folder, tmp_path / "small"], "train"), most=12)
    assert windows.parts == (3, 2, 3)
    assert max(sum(map(len, windows.at(number))) for number in range(15)) <= 12 + 1
    assert windows.held == pytest.approx(17 / 3 + 2 / 2 + 17 / 3)


def test_windows_are_a_function_of_seed_and_number(folder):
    def looked(numbers, seed=3):
        windows = ShardWindow(list_shards([folder], "train"), seed)
        return {n: [[d.key for d in found] for found in windows.at(n)] for n in numbers}

    assert looked(range(12)) == looked(reversed(range(12)))
    first = [each[0][0] for each in looked(range(5)).values()]
    second = [each[0][0] for each in looked(range(5, 10)).values()]
    assert set(first) == set(second)
    assert first != second
    assert looked(range(5)) != looked(range(5), seed=4)


def from_shards(folder, **changes):
    windows = ShardWindow(list_shards([folder], "train"), seed=1)
    return TrainingBatches(
        (windows, list(scribbles(4, ("eye",)))), (0.5, 0.5), (*CLASSES, "eye"),
        **{"batch": 8, "pool": 2, "side": 32, "latent": 4} | changes,
    )  # fmt: skip


def test_batches_of_shards_go_on_where_they_stopped(folder):
    first = list(islice(from_shards(folder).starting(0), 14))
    for start in (9, 5):
        later = list(islice(from_shards(folder).starting(start), 3))
        for ours, theirs in zip(first[start:], later, strict=False):
            np.testing.assert_array_equal(ours.rows, theirs.rows)
            np.testing.assert_array_equal(ours.noise, theirs.noise)
    labels = np.concatenate([batch.label for batch in first])
    assert set(labels) == {0, 1, 2}


def test_every_shard_is_read_and_a_window_stays_as_long_as_it_should(folder, monkeypatch):
    read = []
    load = Shard.load
    monkeypatch.setattr(Shard, "load", lambda shard: read.append(shard.path) or load(shard))
    examples = from_shards(folder)
    for group in range(20):  # of 16 drawings, 8 of them from the 34 of a window
        examples.group(group)
    assert len(set(read)) == len(read) == 10


def test_memory_is_that_of_a_window(tmp_path, monkeypatch):
    """Of cutting, and of going through what was cut: 40 shards of each class."""
    monkeypatch.setattr(shard_writer, "SPOOL_BYTES", 1 << 16)
    total = 2 * 4000 * 120 * 8
    walks = np.random.default_rng(1).integers(0, 256, (2, 4000, 120, 2)).astype(np.float32)

    def peak(work):
        tracemalloc.start()
        work()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    drawings = [
        Drawing([walk], label, f"{label}-{number}")
        for label, every in zip(CLASSES, walks, strict=True)
        for number, walk in enumerate(every)
    ]
    cutting = peak(lambda: write_shards(drawings, tmp_path / "cut", size=100, valid=0, test=0))
    shards = list_shards([tmp_path / "cut"], "train")
    assert sum(len(every) for every in shards.values()) == 80
    windows = ShardWindow(shards)
    going = peak(lambda: [windows.at(number) for number in range(40)])
    whole = peak(lambda: [shard.load() for every in shards.values() for shard in every])
    assert whole > total
    assert going < whole / 5
    assert cutting < whole / 3


def test_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_ndjson(scribbles(30), "some.ndjson")
    write_ndjson(scribbles(60, ("eye",)), "more.ndjson.gz")
    command = ["data", "shard", "some.ndjson", "more.ndjson.gz", "--size", "8", "--test", "3",
               "--out"]  # fmt: skip
    assert main([*command, "cut"]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == ("cut: 91 drawings of 3 classes in 12 shards; 20 validate, 9 test\n")
    assert main([*command, "cut"]) == 2
    assert "already" in capsys.readouterr().err
    write_ndjson([*scribbles(4), *scribbles(3), Drawing([], "ear")], "again.ndjson")
    assert main(["data", "shard", "again.ndjson", "--out", "again"]) == 0
    assert capsys.readouterr().err.startswith("left out 6 repeats and 1 without strokes\nagain: ")
    Path("again.ndjson").unlink()
    shutil.rmtree("again")
    shutil.rmtree("cut")
    (tmp_path / "bad.ndjson").write_text("{}\n")
    assert main(["data", "shard", "some.ndjson", "bad.ndjson", "--out", "cut"]) == 2
    assert "bad.ndjson, line 1" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "bad.ndjson", "more.ndjson.gz", "some.ndjson",
    ]  # fmt: skip
