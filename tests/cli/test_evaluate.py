"""`strokeanim evaluate` on the command line, with a judge that takes the model's word."""

from __future__ import annotations

import json

import numpy as np
import pytest

from strokeanim.engine import classifier, load_model


class Echo:
    name = "echo"
    facts = {"accuracy": {"mouth": 0.9}, "other": 0.85}  # noqa: RUF012

    def __init__(self):
        self.model = load_model()
        self.classes = (*self.model.classes, "other")

    def classify(self, drawings):
        found, p = self.model.identify(drawings)
        return found, np.hstack([p, np.zeros((len(p), 1), np.float32)])


@pytest.fixture
def echo(monkeypatch):
    """The fake judge, and sizes that don't take a minute."""
    from strokeanim.evaluation import claims, evaluate, replication

    sizes = evaluate.Sizes(pairs=2, generated=4, gallery=20, synthetic=8, resamples=20)
    monkeypatch.setattr(classifier, "load_classifier", lambda name: Echo())
    monkeypatch.setattr(evaluate, "Sizes", lambda: sizes)
    monkeypatch.setattr(claims, "PERMUTATIONS", 5)
    monkeypatch.setattr(replication, "PAIRS", 2)


@pytest.fixture
def faces(run, tmp_path):
    run("data", "synth", "-n", 40, "--seed", 9, "--out", tmp_path / "faces.ndjson")
    return tmp_path / "faces.ndjson"


def test_help_shows_an_example(run):
    code, out, _ = run("evaluate", "--help")
    assert code == 0
    assert "Example: strokeanim evaluate" in " ".join(out.split())


def test_the_table_and_both_reports(run, echo, faces, tmp_path):
    page, figures = tmp_path / "r.html", tmp_path / "r.json"
    code, out, error = run(
        "evaluate", "--data", faces, "--steps", 2, "--out", page, "--out", figures, "--original"
    )  # fmt: skip
    assert code == 0, error
    for told in ("ceiling", "Ret@10", "in-between Rec", "jitter", "judge echo", "85.0%", "mouths"):
        assert told in out
    assert "r.html" in error
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert found["data"]["drawings"] == dict.fromkeys(("mouth", "nose", "eye", "ear"), 3)
    assert found["settings"]["steps"] == len(found["t"]) == 2
    assert set(found["original"]["claims"]) == {"map", "drawings"}


def test_a_page_is_made_only_if_one_is_asked_for(run, echo, faces, tmp_path, monkeypatch):
    from strokeanim.evaluation import page

    monkeypatch.setattr(page, "as_html", lambda *_: pytest.fail("nobody asked"))
    figures = tmp_path / "r.json"
    code, out, error = run("evaluate", "--data", faces, "--steps", 1, "-o", figures, "--json")
    assert code == 0, error
    assert figures.read_text(encoding="utf-8") == out


def test_files_are_told_without_their_folder_and_pooled(run, echo, faces, tmp_path):
    (tmp_path / "again").mkdir()
    again = tmp_path / "again" / "more.ndjson"
    again.write_bytes(faces.read_bytes())
    code, out, error = run("evaluate", "--data", faces, "--data", again, "--steps", 1)
    assert code == 0, error
    assert "on faces.ndjson and more.ndjson" in " ".join(out.split())
    assert "40 repeats dropped" in " ".join(out.split())
    assert str(tmp_path) not in out


def test_the_original_experiment_is_refused_before_anything_is_computed(
    fails, echo, run, tmp_path, monkeypatch
):

    run("data", "synth", "-n", 40, "--out", tmp_path / "faces.ndjson")
    from strokeanim.evaluation import evaluate

    monkeypatch.setattr(evaluate, "evaluate", lambda *_, **__: pytest.fail("too late"))
    model = load_model()

    def same(self, drawings):
        return np.ones((len(drawings), 512), np.float32)

    monkeypatch.setattr(type(model), "encode", same)
    error = fails("evaluate", "--data", "faces.ndjson", "--original")
    assert "can't be repeated" in error
    assert "same latent" in error


def test_json_is_the_same_for_the_same_seed(run, echo, faces):
    def figures(*more):
        code, out, _ = run("evaluate", "--data", faces, "--steps", 2, "--json", *more)
        assert code == 0
        return out

    first = figures()
    assert json.loads(first)["format"] == 1
    assert figures() == first
    assert figures("--seed", 1) != first
    assert "original" not in json.loads(first)


def test_mistakes_are_one_clear_error(fails, echo, run, tmp_path):
    run("data", "synth", "-n", 40, "--out", tmp_path / "faces.ndjson")
    lines = (tmp_path / "faces.ndjson").read_text().splitlines(keepends=True)
    mouths = [line for line in lines if '"mouth"' in line]
    (tmp_path / "mouths.ndjson").write_text("".join(mouths))
    assert "no file face.ndjson" in fails("evaluate", "--data", "face.ndjson")
    error = fails("evaluate", "--data", "mouths.ndjson")
    assert "0 of nose, 0 of eye, 0 of ear" in error
    assert "add a file" in error
    assert "choose one of test, valid, train" in fails(
        "evaluate", "--data", "faces.ndjson", "--split", "all"
    )
    assert "holds 1 of mouth" in fails("evaluate", "--data", "faces.ndjson", "--split", "valid")
    assert "name real ones with --data" in fails("evaluate", "--split", "valid")
    assert ".html" in fails("evaluate", "--out", "report.pdf")
    assert "mkdir" in fails("evaluate", "--out", "nowhere/report.html")
    assert "twice" in fails("evaluate", "--out", "a.json", "--out", "a.json")
    assert "--steps" in fails("evaluate", "--steps", 0)
    assert "--seed" in fails("evaluate", "--seed", 2**32)


def test_no_judge_and_no_model(fails):
    assert "nowhere is no classifier" in fails("evaluate", "--judge", "nowhere")
    assert "'faces' is the bundled model" in fails("evaluate", "--model", "nowhere")


def test_a_judge_of_other_classes(fails, echo, faces, monkeypatch):
    monkeypatch.setattr(
        classifier,
        "load_classifier",
        lambda name: type("J", (), {"name": "j", "classes": ("cat", "other"), "facts": {}})(),
    )
    assert "does not know mouth, nose, eye, ear" in fails("evaluate", "--data", faces)
