"""The whole way on real drawings, from strokes and from pictures of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from strokeanim.evaluation import evaluate
from strokeanim.evaluation.baselines import INDEPENDENT
from strokeanim.io.ndjson import read_ndjson

REAL = Path(__file__).parents[2].parent / "shared/data"
FEATURES = REAL / "quickdraw_features.ndjson.gz"

pytestmark = pytest.mark.skipif(not FEATURES.exists(), reason="the real drawings are not here")


@pytest.mark.parametrize("label", ["mouth", "nose", "eye", "ear"])
def test_two_real_drawings_become_an_animation(run, tmp_path, label):
    drawings = read_ndjson(FEATURES)
    index = next(n for n, drawing in enumerate(drawings) if drawing.label == label)
    key = [drawing.key for drawing in drawings if drawing.label == label][4]
    outs = [tmp_path / f"a.{suffix}" for suffix in ("svg", "gif", "mp4", "ndjson")]
    flags = [part for out in outs for part in ("--out", out)]
    code, out, _ = run("animate", f"{FEATURES}#{index}", f"{FEATURES}#{key}", *flags, "--json")
    told = json.loads(out)
    assert code == 0
    assert [end["key"] for end in told["drawings"]] == [drawings[index].key, key]
    assert told["recognised"] >= 9
    assert all(path.stat().st_size > 1000 for path in outs)

    picture = tmp_path / "drawn.png"
    assert run("render", f"{FEATURES}#{index}", "--out", picture)[0] == 0
    code, out, _ = run("animate", picture, f"{FEATURES}#{key}", "--out", outs[1], "--json")
    assert (code, json.loads(out)["label"]) == (0, label)


def test_drawings_of_classes_it_does_not_know(fails):
    assert "does not know the class" in fails(
        "animate", f"{REAL / 'quickdraw_other.ndjson.gz'}#0", "--out", "a.gif"
    )


def test_a_sketch_rnn_file(run, tmp_path):
    sheep = REAL / "aaron_sheep.npz"
    assert run("render", f"{sheep}#train/17", "--out", tmp_path / "sheep.svg")[0] == 0
    assert json.loads(run("identify", f"{sheep}#test/3", "--json")[1])[0]["key"] == "test/3"


@pytest.mark.slow
def test_the_bundled_model_is_as_good_as_promised(run, monkeypatch):
    """Figures on `valid`, with room for another judge and another machine's arithmetic."""
    # The other methods take most of the time.
    monkeypatch.setattr(evaluate, "METHODS", {INDEPENDENT: evaluate.METHODS[INDEPENDENT]})
    monkeypatch.setattr(evaluate, "COHERENT", INDEPENDENT)
    code, out, _ = run("evaluate", "--data", FEATURES, "--split", "valid", "--json")
    assert code == 0
    report = json.loads(out)
    figures = {name: figure["mean"]["value"] for name, figure in report["figures"].items()}
    known = report["methods"]["independent"]["both_recognised"]
    assert report["data"]["drawings"] == dict.fromkeys(("mouth", "nose", "eye", "ear"), 80)
    assert report["judge"]["other"] >= 0.8
    assert figures["ceiling"] >= 0.9
    assert figures["identify"] >= 0.95
    assert figures["rec"] >= figures["ceiling"] - 0.04
    assert figures["ret_10"] >= 0.95
    assert figures["knn"] >= 0.91
    assert figures["chamfer"] <= 0.025
    assert figures["cut"] <= 0.01
    assert figures["generated_rec"] >= 0.85
    assert figures["generated_cut"] <= 0.01
    assert known["figures"]["rec"]["mean"]["value"] >= 0.94
