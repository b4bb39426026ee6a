"""Splits: counts, order, near-duplicates, words that nothing learns from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from strokeanim.datasets.info import count_splits
from strokeanim.datasets.splits import (
    SPLITS,
    UNSEEN,
    balanced,
    by_label,
    group_near_duplicates,
    split,
    split_other,
)
from strokeanim.datasets.synthetic import CLASSES, synthesise, synthesise_many
from strokeanim.geometry import Drawing
from strokeanim.io.ndjson import read_ndjson

DATA = Path(__file__).parents[2].parent / "shared" / "data"
FEATURES, OTHER = (DATA / f"quickdraw_{name}.ndjson.gz" for name in ("features", "other"))
needs_data = pytest.mark.skipif(not FEATURES.exists(), reason="the real drawings are not here")


def of_words(words: list[str], count: int) -> list[Drawing]:
    return [
        Drawing([[(0, 0), (number, place + 1)]], word, f"{place}{number:04}")
        for place, word in enumerate(words)
        for number in range(count)
    ]


def zigzag(points: int, seed: int = 0, key: str = "") -> Drawing:
    walk = np.random.default_rng(seed).integers(0, 256, (points, 2))
    return Drawing([walk], "zigzag", key or str(seed))


def test_splits_are_by_class_and_do_not_depend_on_order():
    drawings = [synthesise(c, np.random.default_rng(n), str(n)) for n in range(18) for c in CLASSES]
    parts = split(drawings)
    again = split(drawings[::-1])
    assert {k: len(v) for k, v in parts.items()} == {"test": 24, "valid": 12, "train": 36}
    for name in parts:
        assert {(d.label, d.key) for d in parts[name]} == {(d.label, d.key) for d in again[name]}


def test_the_first_120_by_hash_test_and_the_next_80_validate():
    parts = split(of_words(["ear"], 730))
    keys = sorted(
        (f"0{number:04}" for number in range(730)),
        key=lambda key: hashlib.sha256(key.encode()).hexdigest(),
    )
    found = [[drawing.key for drawing in parts[name]] for name in SPLITS]
    assert found == [keys[:120], keys[120:200], keys[200:]]


def test_a_fifth_of_other_words_is_unseen():
    words = [f"word {number}" for number in range(30)]
    parts = split_other(of_words(words, 50))
    unseen = sorted(words, key=lambda word: hashlib.sha256(word.encode()).hexdigest())[:6]
    assert set(by_label(parts[UNSEEN])) == set(unseen)
    assert {name: len(part) for name, part in parts.items()} == {
        "test": 24 * 8, "valid": 24 * 5, "train": 24 * 37, UNSEEN: 6 * 50
    }  # fmt: skip
    assert not set(unseen) & set(by_label(parts["train"]))


def test_near_duplicates_are_one_drawing():
    whole = zigzag(30, 1)
    dropped = Drawing([np.delete(whole.strokes[0], [4, 9], axis=0)], "zigzag", "dropped")
    moved = Drawing([whole.strokes[0] + np.eye(30, 1) * 3], "zigzag", "moved")
    other = zigzag(30, 2)
    three = Drawing([np.delete(whole.strokes[0], [4, 9, 14, 20], axis=0)], "zigzag", "four dropped")
    groups = group_near_duplicates([other, whole, three, moved, dropped])
    assert [[drawing.key for drawing in group] for group in groups] == [
        ["2"], ["1", "four dropped", "moved", "dropped"]
    ]  # fmt: skip  # by way of the one with two dropped
    assert len(group_near_duplicates([whole, three])) == 2


def test_short_drawings_are_duplicates_only_if_they_are_equal():
    line = Drawing([[(0, 0), (255, 3)]], "line", "a")
    assert len(group_near_duplicates([line, line.with_label("line", "b")])) == 1
    assert len(group_near_duplicates([line, Drawing([[(0, 0), (255, 4)]], "line", "b")])) == 2


def test_near_duplicates_are_in_one_part():
    drawings = [zigzag(40, seed) for seed in range(60)]
    copies = [
        Drawing([np.delete(d.strokes[0], 7, axis=0)], d.label, f"copy {d.key}") for d in drawings
    ]
    parts = split([*drawings, *copies])
    assert {name: len(part) for name, part in parts.items()} == {
        "test": 40, "valid": 20, "train": 60
    }  # fmt: skip
    for part in parts.values():
        keys = {drawing.key for drawing in part}
        assert all(f"copy {key}" in keys or key.startswith("copy ") for key in keys)
    assert count_splits([*drawings, *copies]).near_duplicates == 60


@needs_data
def test_the_split_of_the_real_drawings():
    parts = count_splits(read_ndjson(FEATURES)).parts
    assert parts == {
        "test": dict.fromkeys(CLASSES, 120),
        "valid": dict.fromkeys(CLASSES, 80),
        "train": {"ear": 549, "eye": 529, "mouth": 541, "nose": 584},
    }


@needs_data
def test_the_split_of_the_other_classes():
    counts = count_splits(read_ndjson(OTHER), other=True)
    assert {name: (len(part), sum(part.values())) for name, part in counts.parts.items()} == {
        "test": (273, 1775), "valid": (273, 1062), "train": (273, 8316), UNSEEN: (68, 2537)
    }  # fmt: skip
    assert counts.near_duplicates == 1


def test_balanced_takes_turns():
    drawings = synthesise_many(40)
    ears = [d for d in drawings if d.label == "ear"]
    chosen = balanced([d for d in drawings if d not in ears[2:]], 14)
    assert len(chosen) == 14
    counts = sorted(sum(d.label == c for d in chosen) for c in CLASSES)
    assert counts == [2, 4, 4, 4]
