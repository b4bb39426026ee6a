"""The training examples, cut short: what they write is what the toolkit takes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from strokeanim.cli.main import main
from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.engine import load_model
from strokeanim.engine.classifier import load_classifier
from strokeanim.geometry import Drawing
from strokeanim.io.ndjson import write_ndjson

pytest.importorskip("keras")
pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"


def attempt(example: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, EXAMPLES / example, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )


def run(example: str, *arguments: object) -> str:
    done = attempt(example, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def scribbles(labels: list[str], count: int) -> list[Drawing]:
    rng = np.random.default_rng(0)
    return [
        Drawing([np.cumsum(rng.normal(0, 20, (12, 2)), axis=0)], label, f"{label}-{number}")
        for label in labels
        for number in range(count)
    ]


@pytest.mark.parametrize("role", ["judge", "selector"])
def test_a_classifier_of_ones_own(tmp_path, role):
    write_ndjson(synthesise_many(48, 3), tmp_path / "own.ndjson")
    # A drawing of one of the classes among the others is not learned as another.
    other = [*scribbles([f"thing {n}" for n in range(10)], 4), *synthesise_many(4, 5, ["ear"])]
    write_ndjson(other, tmp_path / "other.ndjson")
    arguments = (
        role,
        tmp_path / "own.ndjson",
        tmp_path / "other.ndjson",
        "--out",
        tmp_path / "out",
    )
    told = run("train_judge.py", *arguments, "--steps", 12, "--synthetic", 40)
    assert "on valid:" in told
    classifier = load_classifier(tmp_path / "out")
    assert classifier.classes == ("mouth", "nose", "eye", "ear", "other")
    assert (classifier.name, classifier.facts["split"]) == (role, "valid")
    assert (classifier.facts["drawings"], classifier.facts["other_classes"]) == (24 + 40, 8)
    _, probabilities = classifier.classify(synthesise_many(5, 4))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    told = run("train_judge.py", *arguments, "--final")
    assert "on test:" in told
    facts = load_classifier(tmp_path / "out").facts
    assert facts["split"] == "test"
    assert sum(facts["confusion"]["unseen"].values()) == 8
    assert sum(facts["confusion"]["torn"].values()) == 16


def test_a_model_of_ones_own_classes(tiny, tmp_path):
    tiny.write_text(tiny.read_text().replace("steps = 30", "steps = 2"))
    base = tmp_path / "base"
    assert main(["train", str(tiny), "--out", str(tmp_path / "run"), "--selector", "none"]) == 0
    assert main(["model", "export", str(tmp_path / "run"), "--out", str(base)]) == 0
    # Keys need not be there, nor be unlike an index.
    drawings = [d.with_label("banana", "") for d in synthesise_many(20, 3, ["mouth"])]
    glasses = enumerate(synthesise_many(20, 4, ["nose"]))
    drawings += [d.with_label("wine glass", str(number)) for number, d in glasses]
    write_ndjson([*drawings, *scribbles(["cloud"], 8)], tmp_path / "data.ndjson")
    out = tmp_path / "mine"
    told = run("train_own_classes.py", "banana", "wine glass",
               "--data", tmp_path / "data.ndjson", "--out", out, "--steps", 2,
               "--from", base)  # fmt: skip
    assert "$ strokeanim train" in told
    assert load_model(out / "model").classes == ("banana", "wine glass")
    assert (out / "banana.gif").exists()
    assert (out / "wine-glass.gif").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("train_own_classes.py", "clod", "--data", "cloud.ndjson"), "near: cloud"),
        (("train_own_classes.py", "cloud", "--data", "none.ndjson"), "none.ndjson"),
        (("train_judge.py", "judge", "none.ndjson", "cloud.ndjson"), "none.ndjson"),
        (("train_judge.py", "judge", "own.ndjson", "cloud.ndjson"), "mouth, nose, eye, ear: 1"),
        (("train_judge.py", "judge", "own.ndjson", "own.ndjson"), "mouth, nose, eye, ear: 0"),
        (("train_judge.py", "judge", "own.ndjson", "other.ndjson", "--final"), "no classifier"),
    ],
)
def test_a_mistake_is_told_in_a_line(tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    write_ndjson(scribbles(["cloud"], 8), tmp_path / "cloud.ndjson")
    write_ndjson(scribbles(["cloud", "shed", "yak"], 8), tmp_path / "other.ndjson")
    write_ndjson(synthesise_many(12, 3), tmp_path / "own.ndjson")
    done = attempt(*arguments, "--out", tmp_path / "mine")
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "mine").exists()


def test_a_role_that_there_is_not():
    done = attempt("train_judge.py", "jury", "own.ndjson", "other.ndjson")
    assert done.returncode == 2
    assert "jury" in done.stderr
    assert "Traceback" not in done.stderr
