"""A process with two virtual devices: trains on one and on both, and prints what came of it.

`python two_devices.py FOLDER`, with KERAS_BACKEND set. TensorFlow has to be told before anything
else asks it for its devices, JAX by XLA_FLAGS.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

if os.environ["KERAS_BACKEND"] == "tensorflow":
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

import numpy as np

from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.engine.keras import KerasEngine
from strokeanim.errors import InputError
from strokeanim.model.config import DataConfig, ModelConfig, RunConfig, TrainConfig
from strokeanim.model.devices import Devices
from strokeanim.model.train import train

# Every part of the loss that is not a mean over examples takes part, and gradients are clipped.
CONFIG = RunConfig(
    ModelConfig(
        classes=("mouth", "nose", "eye"), latent=8, side=32, steps=24, filters=(4, 4, 8, 8),
        units=8, mixtures=2, class_prior=True, pixels=False,
    ),
    DataConfig(),
    TrainConfig(
        steps=5, batch=8, clip=0.05, kl_warmup=2, kl_weight=0.5, free_bits=1.5,
        log_every=1, save_every=1, valid_every=5,
    ),
)  # fmt: skip
RUNS = {"one": (1, None, 0), "two": (2, None, 0), "three": (1, "two", 4)}
"""Name: how many devices, which run is gone on with, and after which step."""

HELD = synthesise_many(2, 5, CONFIG.model.classes)


def on(devices: int, **changes: object) -> RunConfig:
    return replace(CONFIG, train=replace(CONFIG.train, devices=devices, **changes))


def weights_of(run: Path) -> dict[str, np.ndarray]:
    with np.load(run / "checkpoint.npz", allow_pickle=False) as stored:
        names = [name for name in stored.files if name != "facts"]
        return {"|".join(name.split("|")[:2]): stored[name] for name in names}  # kind and place


def validate(model: object) -> dict[str, float]:
    return {"score": float(np.abs(KerasEngine.of(model).encode(HELD)).mean())}


def main(folder: Path) -> None:
    lines: dict[str, list[dict[str, float]]] = {name: [] for name in RUNS}

    def go(name: str, devices: int) -> None:
        def keep(step: int, values: dict[str, float]) -> None:
            kept = ("step", "loss", "kl", "accuracy", "rate")
            lines[name].append({key: values[key] for key in kept})
            for later, (_, source, after) in RUNS.items():
                if source == name and step == after + 1:  # the checkpoint is of the step before
                    shutil.copytree(folder / name, folder / later)

        train(
            on(devices), synthesise_many(64, 1), [], synthesise_many(16, 2, ["ear"]),
            folder / name, resume=RUNS[name][1] is not None, report=keep,
            validate=validate if devices == 2 else None,
        )  # fmt: skip

    for name, (devices, _, _) in RUNS.items():
        go(name, devices)
    one, *others = (weights_of(folder / name) for name in RUNS)
    refused = []
    two = Devices.sharing(2, CONFIG.train.batch)
    parts = two._distribute({"x": np.zeros((2, 1))})["x"].values if two.strategy else ()
    for devices, changes in ((4, {}), (0, {"batch": 9})):
        try:
            # before it is seen that there is nothing to learn from
            train(on(devices, **changes), [], [], [], folder / "none")
        except InputError as error:
            refused.append(str(error))
    told = {
        "lines": lines,
        "away": [max(float(np.abs(one[name] - w[name]).max()) for name in one) for w in others],
        "same_places": all(list(one) == list(each) for each in others),
        "refused": refused,
        "dealt": [part.device[-5:] for part in parts],
        "left": (folder / "none").exists(),
    }
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
