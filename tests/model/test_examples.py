"""The training examples, cut short: what they write is what the toolkit takes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from strokeanim.data.ndjson import write_ndjson
from strokeanim.data.synth import synthesise_many
from strokeanim.engine import load_model
from strokeanim.engine.classifier import load_classifier
from strokeanim.strokes import Drawing

pytest.importorskip("keras")
pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(example: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, EXAMPLES / example, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def scribbles(labels: list[str], count: int) -> list[Drawing]:
    rng = np.random.default_rng(0)
    return [
        Drawing([np.cumsum(rng.normal(0, 20, (12, 2)), axis=0)], label, f"{label}-{number}")
        for label in labels
        for number in range(count)
    ]


def test_a_judge_of_ones_own(tmp_path):
    write_ndjson(synthesise_many(48, 3), tmp_path / "own.ndjson")
    write_ndjson(scribbles([f"thing {n}" for n in range(10)], 4), tmp_path / "other.ndjson")
    run("train_judge.py", "judge", tmp_path / "own.ndjson", tmp_path / "other.ndjson",
        "--out", tmp_path / "judge", "--steps", 12, "--synthetic", 40)  # fmt: skip
    judge = load_classifier(tmp_path / "judge")
    assert judge.classes == ("mouth", "nose", "eye", "ear", "other")
    assert judge.facts["split"] == "test"
    assert judge.facts["other_classes"] == 8
    _, probabilities = judge.classify(synthesise_many(5, 4))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_a_model_of_ones_own_classes(tmp_path):
    drawings = [d.relabelled("banana", d.key) for d in synthesise_many(20, 3, ["mouth"])]
    drawings += [d.relabelled("wine glass", d.key) for d in synthesise_many(20, 4, ["nose"])]
    write_ndjson([*drawings, *scribbles(["cloud"], 8)], tmp_path / "data.ndjson")
    out = tmp_path / "mine"
    told = run("train_own_classes.py", "banana", "wine glass",
               "--data", tmp_path / "data.ndjson", "--out", out, "--steps", 2)  # fmt: skip
    assert "$ strokeanim train" in told
    assert load_model(out / "model").classes == ("banana", "wine glass")
    assert (out / "banana.gif").exists()
    assert (out / "wine-glass.gif").exists()


def test_a_class_that_the_data_does_not_hold(tmp_path):
    write_ndjson(scribbles(["cloud"], 8), tmp_path / "data.ndjson")
    done = subprocess.run(
        [sys.executable, EXAMPLES / "train_own_classes.py", "clod",
         "--data", tmp_path / "data.ndjson", "--out", tmp_path / "mine"],
        stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "near: cloud" in done.stderr
    assert not (tmp_path / "mine").exists()
