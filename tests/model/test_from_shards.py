"""Training from shards: drawings that are in no list."""

from __future__ import annotations

import csv
import shutil

import pytest

from strokeanim.cli.main import main
from strokeanim.datasets.shard_writer import write_shards
from strokeanim.datasets.shards import ShardWindow, digest_of
from strokeanim.datasets.splits import by_label
from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.errors import InputError
from strokeanim.io.ndjson import read_ndjson, write_ndjson
from strokeanim.model.checkpoint import load_metadata, save_arrays
from strokeanim.model.config import DataConfig, config_from, read_config
from strokeanim.model.run import CHECKPOINT, check_run

pytest.importorskip("keras")


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """Of 40 mouths, noses and ears, 30 each to learn from."""
    folder = tmp_path_factory.mktemp("shards") / "cut"
    write_shards(synthesise_many(120, 3, ("mouth", "nose", "ear")), folder, 9, valid=5, test=5)
    return folder


@pytest.fixture
def sharded(tiny, tmp_path, shards):
    """A config that learns mouths and noses from shards; there are ears in them, too."""
    shutil.copytree(shards, tmp_path / "cut")
    text = tiny.read_text().replace("synthetic = 64", 'synthetic = 0\nshards = ["cut"]')
    text = text.replace("steps = 40", "steps = 24")
    tiny.write_text(text.replace("[model]", '[model]\nclasses = ["mouth", "nose"]'))
    return tiny


def rewrite(config, *changes):
    text = config.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    config.write_text(text)


def test_shards_are_named_from_the_folder_of_the_config(sharded, tmp_path):
    assert read_config(sharded).data.shards == (str((tmp_path / "cut").resolve()),)
    with pytest.raises(InputError, match=r"data\.shards = \(1,\): name files"):
        config_from({"data": {"shards": [1]}})


@pytest.mark.slow
def test_shards_are_real_or_other_by_their_class(sharded):
    from strokeanim.model.train import make_examples

    config = read_config(sharded)
    examples = make_examples(config, [], [], [])
    assert all(isinstance(source, ShardWindow) for source in examples.sources)
    assert [len(source.at(0)) for source in examples.sources] == [2, 1]
    assert examples.shares == pytest.approx((2 / 3, 1 / 3))
    real = synthesise_many(8, 5, ("nose",))
    mixed = make_examples(config, synthesise_many(8, 6), real, [])
    assert mixed.shares == pytest.approx((0.4, 0.2, 0.2, 0.2))
    assert set(by_label(mixed.sources[0])) == {"mouth", "nose"}


@pytest.mark.slow
def test_the_limit_of_a_window_is_for_named_and_others_together(sharded, monkeypatch):
    from strokeanim.model import train

    monkeypatch.setattr(train, "WINDOW", 18)  # two shards have 16 at most
    examples = train.make_examples(read_config(sharded), [], [], [])
    assert [source.parts for source in examples.sources] == [(2, 2), (1,)]


def test_what_chooses_weights_is_not_in_a_shard_that_is_learnt_from(
    sharded, tmp_path, monkeypatch, capsys
):
    chosen = []
    monkeypatch.setattr(
        "strokeanim.cli.train._build_validation", lambda _, __, held: (chosen.extend(held), "")
    )
    monkeypatch.setattr("strokeanim.cli.train._import_training", lambda: lambda *_: None)
    write_ndjson(synthesise_many(36, 4, ("mouth", "eye", "ear")), tmp_path / "real.ndjson")
    rewrite(sharded, ('"nose"]', '"nose", "eye"]'), ("[data]", '[data]\nreal = ["real.ndjson"]'))
    assert main(["train", str(sharded), "--out", str(tmp_path / "run")]) == 0
    assert "no shard is of eye\n" in capsys.readouterr().err
    found = {label: {d.key for d in every} for label, every in by_label(chosen).items()}
    assert {label: len(keys) for label, keys in found.items()} == {"mouth": 5, "nose": 5, "eye": 2}
    assert not found["mouth"] & {d.key for d in read_ndjson(tmp_path / "real.ndjson")}


def test_shards_of_nothing_that_is_to_be_learnt_are_refused(sharded, tmp_path, capsys):
    rewrite(sharded, ('"mouth", "nose"', '"eye"'), ("synthetic = 0", "synthetic = 64"))
    assert main(["train", str(sharded), "--out", str(tmp_path / "run")]) == 2
    assert "cut: holds ear, mouth, nose, …, and nothing that the model is to learn: eye" in (
        capsys.readouterr().err
    )


@pytest.mark.slow
def test_shares_that_are_more_than_all_are_refused_where_there_are_both(sharded):
    from strokeanim.model.train import make_examples

    sharded.write_text(sharded.read_text().replace("[data]", "[data]\nreal_share = 0.9"))
    with pytest.raises(InputError, match=r"real_share \+ data\.other_share = 1\.1: 1 at most"):
        make_examples(read_config(sharded), [], [], [])
    assert DataConfig(real_share=1.0, shards=("cut",)).other_share == 0.2  # there may be no others


def test_a_run_goes_on_with_the_shards_that_it_began_with(sharded, tmp_path, capsys):
    run, folder = tmp_path / "run", tmp_path / "cut"
    run.mkdir()
    config = read_config(sharded)
    before = {"step": 3, "minutes": 0.0, "config": config.to_dict()}
    save_arrays(run / CHECKPOINT, {}, before | {"shards": [digest_of(folder)]})
    check_run(config, run, resume=True)

    def refused() -> str:
        assert main(["train", str(sharded), "--out", str(run), "--resume"]) == 2
        return capsys.readouterr().err

    folder.rename(tmp_path / "elsewhere")
    assert "cut holds no shards.json" in refused()
    write_shards(synthesise_many(120, 4, ("mouth", "nose", "ear")), folder, 9, valid=5, test=5)
    assert "cut: the shards are not those that the run in" in refused()
    rewrite(sharded, ('["cut"]', '["elsewhere"]'))
    assert "data.shards was ('cut',)" in refused()
    save_arrays(run / CHECKPOINT, {}, before)  # as it was before this was looked at
    check_run(config, run, resume=True)


@pytest.mark.slow
def test_a_model_trains_from_shards_alone_and_goes_on(sharded, tmp_path, capsys):
    run = tmp_path / "run"
    rewrite(sharded, ("steps = 30", "steps = 2\nvalid_every = 2"))
    assert main(["train", str(sharded), "--out", str(run)]) == 0
    told = capsys.readouterr().err
    assert "0 synthetic and 0 real drawings, 0 of other classes\n" in told
    assert "and 90 in shards, of 3 classes\n" in told
    assert "no shard" not in told
    assert (run / "best.npz").exists()  # held-out drawings of the shards have chosen
    assert load_metadata(run / CHECKPOINT)["shards"] == [digest_of(tmp_path / "cut")]
    rewrite(sharded, ("steps = 2\n", "steps = 3\n"))
    again = ["train", str(sharded), "--out", str(run), "--resume", "--selector", "none"]
    assert main(again) == 0
    with (run / "log.csv").open(newline="") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["2", "3"]
