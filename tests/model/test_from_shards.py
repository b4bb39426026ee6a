"""Training from shards: drawings that are in no list."""

from __future__ import annotations

import csv

import pytest

from strokeanim.cli.main import main
from strokeanim.data.ndjson import write_ndjson
from strokeanim.data.shards import Windows
from strokeanim.data.splits import by_label
from strokeanim.data.synth import synthesise_many
from strokeanim.errors import InputError
from strokeanim.model.config import DataConfig, config_from, read_config

pytest.importorskip("keras")


@pytest.fixture
def sharded(tiny, tmp_path):
    """A config that learns mouths and noses from shards; there are ears in them, too."""
    from strokeanim.data.sharding import cut

    cut(synthesise_many(120, 3, ("mouth", "nose", "ear")), tmp_path / "cut", 9, valid=5, test=5)
    text = tiny.read_text().replace("synthetic = 64", 'synthetic = 0\nshards = ["cut"]')
    tiny.write_text(text.replace("[model]", '[model]\nclasses = ["mouth", "nose"]'))
    return tiny


def test_shards_are_named_from_the_folder_of_the_config(sharded, tmp_path):
    assert read_config(sharded).data.shards == (str((tmp_path / "cut").resolve()),)
    with pytest.raises(InputError, match=r"data\.shards = \(1,\): name files"):
        config_from({"data": {"shards": [1]}})


@pytest.mark.slow
def test_shards_are_real_or_other_by_their_class(sharded):
    from strokeanim.model.training import make_examples

    config = read_config(sharded)
    examples = make_examples(config, [], [], [])
    assert all(isinstance(source, Windows) for source in examples.sources)
    assert [len(source.at(0)) for source in examples.sources] == [2, 1]
    assert examples.shares == pytest.approx((2 / 3, 1 / 3))
    real = synthesise_many(8, 5, ("nose",))
    mixed = make_examples(config, synthesise_many(8, 6), real, [])
    assert mixed.shares == pytest.approx((0.4, 0.2, 0.2, 0.2))
    assert set(by_label(mixed.sources[0])) == {"mouth", "nose"}


@pytest.mark.slow
def test_shares_that_are_more_than_all_are_refused_where_there_are_both(sharded):
    from strokeanim.model.training import make_examples

    sharded.write_text(sharded.read_text().replace("[data]", "[data]\nreal_share = 0.9"))
    with pytest.raises(InputError, match=r"real_share \+ data\.other_share = 1\.1: 1 at most"):
        make_examples(read_config(sharded), [], [], [])
    assert DataConfig(real_share=1.0, shards=("cut",)).other_share == 0.2  # there may be no others


@pytest.mark.slow
def test_a_model_trains_from_shards_alone_and_goes_on(sharded, tmp_path, capsys):
    run = tmp_path / "run"
    sharded.write_text(sharded.read_text().replace("steps = 30", "steps = 3\nvalid_every = 3"))
    assert main(["train", str(sharded), "--out", str(run)]) == 0
    told = capsys.readouterr().err
    assert "0 synthetic and 0 real drawings, 0 of other classes\n" in told
    assert "and 90 in shards, of 3 classes\n" in told
    assert (run / "best.npz").exists()  # held-out drawings of the shards have chosen
    (tmp_path / "cut").rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "cut").mkdir()
    write_ndjson(synthesise_many(4, 1), tmp_path / "elsewhere" / "drawings.ndjson")
    sharded.write_text(sharded.read_text().replace("steps = 3\n", "steps = 6\n"))
    assert main(["train", str(sharded), "--out", str(run), "--resume"]) == 2
    assert "cut holds no shards.json" in capsys.readouterr().err
    sharded.write_text(sharded.read_text().replace('["cut"]', '["elsewhere"]'))
    assert main(["train", str(sharded), "--out", str(run), "--resume"]) == 2
    assert "data.shards was ('cut',)" in capsys.readouterr().err
    (tmp_path / "elsewhere" / "cut").rmdir()
    (tmp_path / "elsewhere").rename(tmp_path / "cut")
    sharded.write_text(sharded.read_text().replace('["elsewhere"]', '["cut"]'))
    assert main(["train", str(sharded), "--out", str(run), "--resume"]) == 0
    with (run / "log.csv").open(newline="") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["3", "6"]
