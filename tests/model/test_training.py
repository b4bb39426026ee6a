"""Training for real, on a tiny model: logs, checkpoints, a kill and what comes after."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")
pytestmark = pytest.mark.slow

QUICK = ("--selector", "none")
"""Nobody looks at the weights on the way."""


def start(*arguments: object, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "strokeanim", "train", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
    )


def finish(*arguments: object, **environment: str) -> str:
    process = start(*arguments, **environment)
    _, error = process.communicate(timeout=300)
    assert process.returncode == 0, error
    return error


def log_of(run: Path) -> list[dict[str, str]]:
    with (run / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def checkpoint_of(run: Path) -> tuple[dict[str, np.ndarray], int]:
    with np.load(run / "checkpoint.npz", allow_pickle=False) as stored:
        facts = json.loads(stored["facts"].tobytes())
        return {name: stored[name] for name in stored.files if name != "facts"}, facts["step"]


def test_a_killed_run_goes_on_and_ends_as_it_would_have(tiny, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    finish(tiny, "--out", whole, *QUICK)
    process = start(tiny, "--out", broken, *QUICK)
    deadline = time.monotonic() + 200
    while not (broken / "checkpoint.npz").exists() and process.poll() is None:
        assert time.monotonic() < deadline, "no checkpoint was written"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if process.returncode == 0:
        pytest.skip("the run was over before it could be killed")
    killed_at = checkpoint_of(broken)[1]
    assert killed_at < 30

    again = start(tiny, "--out", broken, *QUICK)
    assert again.wait() == 2
    assert "set --resume to continue it" in again.communicate()[1]
    finish(tiny, "--out", broken, "--resume", *QUICK)

    ours, step = checkpoint_of(broken)
    theirs, expected = checkpoint_of(whole)
    assert step == expected == 30
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], atol=2e-3, err_msg=name)
    assert [row["step"] for row in log_of(broken)] == [row["step"] for row in log_of(whole)]
    for a, b in zip(log_of(broken), log_of(whole), strict=True):
        # Where Keras logs means since the last line, the kill cuts them short; those after it are
        # whole again.
        if int(a["step"]) > killed_at + 3 or int(a["step"]) <= killed_at - 1:
            assert float(a["loss"]) == pytest.approx(float(b["loss"]), rel=1e-2)


def test_the_same_seed_gives_the_same_first_hundred_losses_and_they_fall(tiny, tmp_path):
    from strokeanim.datasets.synthetic import synthesise_many
    from strokeanim.model.config import read_config
    from strokeanim.model.train import train

    text = tiny.read_text().replace("steps = 30", "steps = 100")
    tiny.write_text(text.replace("log_every = 3\nsave_every = 3", "log_every = 1\nsave_every = 50"))
    config = read_config(tiny)
    synthetic = synthesise_many(64, 1)
    runs: list[list[float]] = []
    for name in ("a", "b"):
        losses: list[float] = []

        def keep(_: int, values: dict[str, float], losses: list[float] = losses) -> None:
            losses.append(values["loss"])

        train(config, synthetic, [], [], tmp_path / name, report=keep)
        runs.append(losses)
    assert len(runs[0]) == 100
    assert runs[0] == pytest.approx(runs[1], rel=1e-5)
    assert np.mean(runs[0][-10:]) < np.mean(runs[0][:10])
    assert np.isfinite(runs[0]).all()


def test_a_run_can_be_extended_but_not_changed(tiny, tmp_path):
    text = tiny.read_text()
    tiny.write_text(text.replace("steps = 30", "steps = 3"))
    run = tmp_path / "run"
    finish(tiny, "--out", run, "--resume", *QUICK)  # begins, as there is nothing to resume
    tiny.write_text(text.replace("steps = 30", "steps = 6").replace("batch", "rate = 1e-4\nbatch"))
    finish(tiny, "--out", run, "--resume", *QUICK)
    assert checkpoint_of(run)[1] == 6
    tiny.write_text(text.replace("units = 16", "units = 12"))
    again = start(tiny, "--out", run, "--resume", *QUICK)
    assert again.wait() == 2
    assert "model.units was 16" in again.communicate()[1]


def test_a_mistake_while_batches_are_made_reaches_the_training_loop_and_ends_the_thread():
    from strokeanim.model.train import _Prefetch

    def batches():
        yield from range(20)
        raise RuntimeError("broken")

    with _Prefetch(batches(), ahead=3) as ready:
        assert next(ready) == 0
        time.sleep(0.1)
    assert not ready._thread.is_alive()
    with _Prefetch(batches(), ahead=3) as ready:
        for _ in range(20):
            next(ready)
        with pytest.raises(RuntimeError, match="broken"):
            next(ready)


def test_a_trained_run_becomes_a_model_that_animates(tiny, tmp_path, capsys):
    from strokeanim.cli.main import main

    finish(tiny, "--out", tmp_path / "run", *QUICK)
    model = tmp_path / "model"
    assert main(["model", "export", str(tmp_path / "run"), "--out", str(model)]) == 0
    assert {path.name for path in model.iterdir()} == {
        "encoder.onnx", "starter.onnx", "step.onnx", "weights.npz", "prior.npz", "model.json",
    }  # fmt: skip
    out = tmp_path / "a.gif"
    assert main(["animate", "sample:ear", "--out", str(out), "--model", str(model)]) == 0
    assert main(["generate", "--class", "ear", "--out", str(out), "--model", str(model)]) == 0
    capsys.readouterr()
    assert main(["model", "info", "--model", str(model), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["steps_trained"] == 30
    assert str(tmp_path) not in json.dumps(facts)


def test_it_trains_on_jax(tiny, tmp_path):
    pytest.importorskip("jax", reason="JAX is not installed")
    # drawings of one padded length, for each of which it is compiled
    few = tiny.read_text().replace("steps = 30", "steps = 3").replace("steps = 40", "steps = 24")
    tiny.write_text(few)
    finish(tiny, "--out", tmp_path / "run", *QUICK, KERAS_BACKEND="jax")
    assert checkpoint_of(tmp_path / "run")[1] == 3


VARIANTS = {
    "stroke encoder": ("units = 16", 'units = 16\nencoder = "bilstm"'),
    "class prior": ("units = 16", "units = 16\nclass_prior = true"),
    "gates without z": ("units = 16", "units = 16\ngate_bias = false"),
    "plain LSTM, no pixels": ("units = 16", "units = 16\nlayer_norm = false\npixels = false"),
    "compiled": ("batch = 8", "batch = 8\njit = true"),
    "bfloat16": ("batch = 8", 'batch = 8\nprecision = "bfloat16"'),
    "human order": ("synthetic = 64", "synthetic = 64\ncanonical = false"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_trains_and_becomes_a_model(tiny, tmp_path, name, capsys):
    from strokeanim.cli.main import main
    from strokeanim.datasets.synthetic import synthesise_many
    from strokeanim.engine import load_model

    tiny.write_text(tiny.read_text().replace(*VARIANTS[name]).replace("steps = 30", "steps = 3"))
    run, model = tmp_path / "run", tmp_path / "model"
    assert main(["train", str(tiny), "--out", str(run), "--selector", "none"]) == 0
    assert main(["model", "export", str(run), "--out", str(model)]) == 0
    capsys.readouterr()
    drawings = synthesise_many(6, 5)
    onnx, keras = load_model(model), load_model(model, engine="keras")
    np.testing.assert_allclose(onnx.encode(drawings), keras.encode(drawings), atol=1e-4)
    assert len(onnx.decode(onnx.encode(drawings))) == 6


def test_the_best_weights_are_kept_and_training_stops_when_nothing_gets_better(tiny, tmp_path):
    from strokeanim.datasets.synthetic import synthesise_many
    from strokeanim.model.config import read_config
    from strokeanim.model.export import load_run
    from strokeanim.model.train import train

    text = tiny.read_text()
    tiny.write_text(text.replace("batch", "valid_every = 3\npatience = 2\nbatch"))
    scores = iter([0.5, 0.7, 0.6, 0.695, 0.1, 0.2, 0.9])
    run = tmp_path / "run"

    def go(**more: object) -> None:
        looks = {"validate": lambda model: {"score": next(scores), "between": 0.5, "rebuilt": 0.0}}
        train(read_config(tiny), synthesise_many(64, 1), [], [], run, **looks | more)

    go()
    assert [row["score"] for row in log_of(run)] == ["0.5", "0.7", "0.6", "0.695", "0.1", "0.2"]
    assert checkpoint_of(run)[1] == 18
    assert load_run(run)[1]["step"] == 12  # of equals, the later
    go(resume=True)  # it had stopped, and stays so
    assert checkpoint_of(run)[1] == 18
    go(resume=True, validate=None)  # nobody looks any more: the last weights count
    assert load_run(run)[1]["step"] == 30


def test_held_out_drawings_are_drawn_in_float32_while_it_trains_in_bfloat16(tiny):
    from strokeanim.datasets.synthetic import synthesise_many
    from strokeanim.engine.keras import KerasEngine
    from strokeanim.model.config import read_config
    from strokeanim.model.train import build_compiled

    tiny.write_text(tiny.read_text().replace("batch", 'precision = "bfloat16"\nbatch'))
    model = build_compiled(read_config(tiny))
    assert model.cell.compute_dtype == "bfloat16"
    engine = KerasEngine.of(model)
    z = engine.encode(synthesise_many(4, 5))
    assert z.dtype == np.float32
    assert len(engine.decode(z)) == 4
    weights = zip(model.cell.get_weights(), engine.model.cell.get_weights(), strict=True)
    assert all(np.array_equal(ours, theirs) for ours, theirs in weights)


def test_a_run_begins_with_the_weights_of_another_model(tiny, tmp_path):
    from strokeanim.datasets.synthetic import synthesise_many
    from strokeanim.model.config import read_config
    from strokeanim.model.export import export, load_run, load_weights
    from strokeanim.model.train import train

    made = synthesise_many(64, 1)
    tiny.write_text(tiny.read_text().replace("steps = 30", "steps = 2"))
    train(read_config(tiny), made, [], [], tmp_path / "first")
    export(*load_run(tmp_path / "first"), made, tmp_path / "model", "first")
    text = tiny.read_text().replace("[model]", '[model]\nclasses = ["ear", "nose"]')
    tiny.write_text(text.replace("steps = 2", "steps = 1\nrate = 1e-9\nrate_end = 1e-9"))
    second = train(read_config(tiny), made, [], [], tmp_path / "second", start=tmp_path / "model")
    first = load_weights(tmp_path / "model")
    ours, theirs = second.cell.get_weights(), first.cell.get_weights()
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-3)
    assert second.classifier.kernel.shape == (8, 2)
