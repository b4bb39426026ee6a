"""From a trained Keras model to a model folder: ONNX graphs, weights, prior, facts.

The folder is what `--model DIR` takes. Weights are rounded to half precision *before* the graphs
are made, so that `weights.npz` (stored as float16) and the graphs hold the very same numbers.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from strokeanim.datasets.batches import CONTEXT
from strokeanim.datasets.preprocess import encoder_inputs
from strokeanim.errors import InputError, MissingDependencyError
from strokeanim.geometry.drawing import Drawing
from strokeanim.io.atomic_files import reporting_errors, staging
from strokeanim.model.checkpoint import (
    WEIGHTS,
    load_arrays,
    load_metadata,
    restore,
    variables_of,
    write_arrays,
)
from strokeanim.model.config import ModelConfig, RunConfig, TrainConfig, build, config_from
from strokeanim.model.run import BEST, CHECKPOINT
from strokeanim.model.vae import StrokeVAE

AXES = 64
"""Main axes of each class's latents that the prior keeps."""


def load_run(run: Path) -> tuple[StrokeVAE, dict[str, Any]]:
    """The model of a training run, and the facts of its last checkpoint: the weights with the best
    in-betweens of held-out drawings, if any were looked at, else the last.
    """
    facts = load_metadata(run / CHECKPOINT)
    arrays, chosen = load_arrays(run / (BEST if (run / BEST).exists() else CHECKPOINT))
    facts["step"] = chosen["step"]
    config = config_from(facts["config"])
    model = StrokeVAE(config.model, config.train).built_once()
    restore(variables_of(model, optimizer=False), arrays)
    return model, facts


def load_weights(folder: Path) -> StrokeVAE:
    """The Keras model of a model folder."""
    facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    arrays, _ = load_arrays(folder / WEIGHTS)
    model = StrokeVAE(
        build(ModelConfig, facts["config"]["model"], "model"),
        build(TrainConfig, facts["config"]["train"], "train"),
    ).built_once()
    restore(
        variables_of(model, optimizer=False),
        {name: a.astype(np.float32) if a.dtype == np.float16 else a for name, a in arrays.items()},
    )
    return model


def export(
    model: StrokeVAE,
    facts: dict[str, Any],
    drawings: Sequence[Drawing],
    out: Path,
    name: str,
) -> None:
    """Write the model folder `out`. `drawings` are those to fit the prior of each class to.

    Raises:
        InputError: a class has fewer than two drawings.
        OutputError: `out` cannot be written.
    """
    half = _round_to_half(model)
    prior = fit_prior(model, drawings)
    with reporting_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {k: v.astype(np.float16) for k, v in prior.items()}
    named = {
        "name": name,
        "format": 1,
        "steps_trained": facts["step"],
        "minutes": round(facts["minutes"], 1),
        **{key: facts[key] for key in ("from", "selector") if facts.get(key)},
        "config": _public(config_from(facts["config"])),
    }
    with staging() as staged:  # all of the folder or nothing of it
        for graph, part in graphs(model).items():
            with staged.open(out / f"{graph}.onnx") as file:
                file.write(to_onnx(part))
        with staged.open(out / WEIGHTS) as file:
            write_arrays(file, half, {})
        with staged.open(out / "prior.npz") as file:
            np.savez(file, **arrays)
        with staged.open(out / "model.json") as file:
            file.write((json.dumps(named, indent=2) + "\n").encode())


def graphs(model: StrokeVAE) -> dict[str, keras.Model]:
    """The three parts that drawing needs, as functional models with named inputs."""
    config = model.config
    seen = keras.Input(model.encoder.input.shape[1:], name=model.encoder.input.name)
    mean, _ = model.encoder(seen, training=False)
    probabilities = layers.Softmax()(model.classifier(mean))
    context = keras.Input((CONTEXT,), name="context")
    h = keras.Input((config.units,), name="h")
    c = keras.Input((config.units,), name="c")
    bias = keras.Input((4 * config.units,), name="bias")
    output, (next_h, next_c) = model.cell(layers.Add()([model.projection(context), bias]), [h, c])
    return {
        "encoder": keras.Model(seen, [mean, probabilities]),
        "starter": model.starter,
        "step": keras.Model([context, h, c, bias], [model.readout(output), next_h, next_c]),
    }


def fit_prior(model: StrokeVAE, drawings: Sequence[Drawing]) -> dict[str, np.ndarray]:
    """A Gaussian per class: mean `(classes, L)`, its main axes scaled by their standard deviation
    `(classes, AXES, L)`, and the standard deviation of what they leave over `(classes, L)`.
    """
    parts: dict[str, list[np.ndarray]] = {"mean": [], "axes": [], "rest": []}
    for label in model.config.classes:
        own = [d for d in drawings if d.label == label]
        if len(own) < 2:
            raise InputError(f"the prior needs at least two drawings of {label!r}, not {len(own)}")
        seen = encoder_inputs(model.config.encoder, own, model.config.side, model.config.steps)
        z = np.asarray(model.encoder.predict(seen, verbose=0)[0], dtype=np.float64)
        mean = z.mean(axis=0)
        _, scale, axes = np.linalg.svd(z - mean, full_matrices=False)
        kept = min(AXES, len(scale))
        main = np.zeros((AXES, z.shape[1]))
        main[:kept] = axes[:kept] * (scale[:kept, None] / np.sqrt(len(z) - 1))
        left = (z - mean) - (z - mean) @ axes[:kept].T @ axes[:kept]
        parts["mean"].append(mean)
        parts["axes"].append(main)
        parts["rest"].append(left.std(axis=0))
    return {key: np.stack(values) for key, values in parts.items()}


def _round_to_half(model: StrokeVAE) -> dict[str, np.ndarray]:
    half: dict[str, np.ndarray] = {}
    for name, variable in variables_of(model, optimizer=False).items():
        value = np.asarray(variable)
        if value.dtype == np.float32:
            half[name] = value.astype(np.float16)
            variable.assign(half[name].astype(np.float32))
        else:
            half[name] = value
    return half


def _public(config: RunConfig) -> dict[str, Any]:
    """The config without the paths of the machine it was trained on."""
    table = config.to_dict()
    for key in ("real", "other", "shards"):
        table["data"][key] = [Path(name).name for name in getattr(config.data, key)]
    return table


def to_onnx(model: keras.Model) -> bytes:
    """A functional model as an ONNX graph; batch size stays free."""
    # Keras refuses to export what has never been called, and writes to a path only.
    model([np.zeros([size or 1 for size in each.shape], np.float32) for each in model.inputs])
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder) / "graph.onnx"
        try:
            model.export(path, format="onnx", verbose=False)
        except ImportError as error:
            raise MissingDependencyError(
                f"exporting needs {error.name}: pip install 'strokeanim[train]'"
            ) from error
        return path.read_bytes()
