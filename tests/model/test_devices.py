"""Training on several devices is training: the same losses, weights and checkpoints.

They are virtual ones, two on this machine's CPU, in a process of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from strokeanim.errors import InputError
from strokeanim.model.config import RunConfig, TrainConfig, config_from
from strokeanim.model.run import CHECKPOINT, check_run

pytest.importorskip("keras")

SCRIPT = Path(__file__).with_name("two_devices.py")


def test_as_many_devices_as_share_a_batch_equally():
    assert TrainConfig().devices == 1
    assert TrainConfig(batch=12, devices=3).devices == 3
    with pytest.raises(InputError, match=r"train\.batch = 8: a multiple of train\.devices"):
        config_from({"train": {"batch": 8, "devices": 3}})
    with pytest.raises(InputError, match=r"train\.devices = -1: 0 for all there are"):
        config_from({"train": {"devices": -1}})


def test_a_run_may_go_on_with_another_number_of_devices(tmp_path):
    from strokeanim.model.checkpoint import save_arrays

    before = RunConfig().to_dict()
    del before["train"]["devices"]  # as it was before there were several
    save_arrays(tmp_path / CHECKPOINT, {}, {"step": 1, "config": before})
    check_run(RunConfig(train=TrainConfig(devices=4)), tmp_path, resume=True)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_two_devices_do_what_one_does(tmp_path, backend):
    pytest.importorskip(backend)
    cache = {} if backend == "tensorflow" else {
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "cache"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={
            **os.environ,
            **cache,
            "KERAS_BACKEND": backend,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "XLA_FLAGS": "--xla_force_host_platform_device_count=2"
            " --xla_backend_optimization_level=0",
        },
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    one, two, three = told["lines"].values()
    assert [line["step"] for line in one] == list(range(1, 6))
    assert [line["step"] for line in (*two, *three)] == [*range(1, 6), 5]
    for ours in (*two, *three):
        assert ours == pytest.approx(one[int(ours["step"]) - 1], abs=1e-4)
    assert told["same_places"]
    assert max(told["away"]) < 1e-4
    many, uneven = told["refused"]
    assert many.startswith(f"train.devices = 4: {backend} has 2 (")
    assert uneven == (
        "train.batch = 9: can't be shared by 2 devices equally; make it 10, or set train.devices"
    )
    assert not told["left"]
    assert told["dealt"] == (["CPU:0", "CPU:1"] if backend == "tensorflow" else [])
