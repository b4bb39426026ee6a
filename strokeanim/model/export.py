"""Export a trained Keras model as a model folder: ONNX graphs, weights, prior, metadata.

`strokeanim.engine` loads the folder. Weights are rounded to half precision *before* the graphs are
built, so that `weights.npz` (stored as float16) and the graphs contain the same numbers.
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
"""Number of main axes of each class's latents in the prior."""


def load_run(run: Path) -> tuple[StrokeVAE, dict[str, Any]]:
    """Load the model of a training run and the metadata of its last checkpoint.

    The weights are those with the best in-betweens of held-out drawings, or without validation the
    last ones.
    """
    facts = load_metadata(run / CHECKPOINT)
    arrays, chosen = load_arrays(run / (BEST if (run / BEST).exists() else CHECKPOINT))
    facts["step"] = chosen["step"]
    config = config_from(facts["config"])
    model = StrokeVAE(config.model, config.train).built_once()
    restore(variables_of(model, optimizer=False), arrays)
    return model, facts


def load_weights(folder: Path) -> StrokeVAE:
    """Load the Keras model of a model folder."""
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
    """Write the model folder `out`, with the prior of each class fitted to `drawings`.

    Raises:
        InputError: a class has fewer than two drawings.
        OutputError: `out` cannot be written.
    """
    half = _round_to_half(model)
    prior = fit_prior(model, drawings)
    with reporting_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {k: v.astype(np.float16) for k, v in prior.items()}
    metadata = {
        "name": name,
        "format": 1,
        "steps_trained": facts["step"],
        "minutes": round(facts["minutes"], 1),
        **{key: facts[key] for key in ("from", "selector") if facts.get(key)},
        "config": _strip_folders(config_from(facts["config"])),
    }
    with staging() as staged:  # the whole folder or nothing
        for graph, part in graphs(model).items():
            with staged.open(out / f"{graph}.onnx") as file:
                file.write(to_onnx(part))
        with staged.open(out / WEIGHTS) as file:
            write_arrays(file, half, {})
        with staged.open(out / "prior.npz") as file:
            np.savez(file, **arrays)
        with staged.open(out / "model.json") as file:
            file.write((json.dumps(metadata, indent=2) + "\n").encode())


def graphs(model: StrokeVAE) -> dict[str, keras.Model]:
    """Build the three graphs that decoding needs, as functional models with named inputs."""
    config = model.config
    encoded = keras.Input(model.encoder.input.shape[1:], name=model.encoder.input.name)
    mean, _ = model.encoder(encoded, training=False)
    probabilities = layers.Softmax()(model.classifier(mean))
    context = keras.Input((CONTEXT,), name="context")
    h = keras.Input((config.units,), name="h")
    c = keras.Input((config.units,), name="c")
    bias = keras.Input((4 * config.units,), name="bias")
    output, (next_h, next_c) = model.cell(layers.Add()([model.projection(context), bias]), [h, c])
    return {
        "encoder": keras.Model(encoded, [mean, probabilities]),
        "starter": model.starter,
        "step": keras.Model([context, h, c, bias], [model.readout(output), next_h, next_c]),
    }


def fit_prior(model: StrokeVAE, drawings: Sequence[Drawing]) -> dict[str, np.ndarray]:
    """Fit a Gaussian to the latents of each class.

    Returns:
        `mean` `(classes, L)`; `axes` `(classes, AXES, L)`, the main axes scaled by their standard
        deviations; `rest` `(classes, L)`, the standard deviation of the residual.
    """
    parts: dict[str, list[np.ndarray]] = {"mean": [], "axes": [], "rest": []}
    for label in model.config.classes:
        own = [d for d in drawings if d.label == label]
        if len(own) < 2:
            raise InputError(f"the prior needs at least two drawings of {label!r}, not {len(own)}")
        inputs = encoder_inputs(model.config.encoder, own, model.config.side, model.config.steps)
        z = np.asarray(model.encoder.predict(inputs, verbose=0)[0], dtype=np.float64)
        mean = z.mean(axis=0)
        _, scale, axes = np.linalg.svd(z - mean, full_matrices=False)
        kept = min(AXES, len(scale))
        main = np.zeros((AXES, z.shape[1]))
        main[:kept] = axes[:kept] * (scale[:kept, None] / np.sqrt(len(z) - 1))
        residual = (z - mean) - (z - mean) @ axes[:kept].T @ axes[:kept]
        parts["mean"].append(mean)
        parts["axes"].append(main)
        parts["rest"].append(residual.std(axis=0))
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


def _strip_folders(config: RunConfig) -> dict[str, Any]:
    """Return the config with the names of its files and folders instead of their paths."""
    table = config.to_dict()
    for key in ("real", "other", "shards"):
        table["data"][key] = [Path(name).name for name in getattr(config.data, key)]
    return table


def to_onnx(model: keras.Model) -> bytes:
    """Convert a functional model to an ONNX graph of free batch size."""
    # Keras exports only a model that has been called, and only to a path.
    model([np.zeros([size or 1 for size in x.shape], np.float32) for x in model.inputs])
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder) / "graph.onnx"
        try:
            model.export(path, format="onnx", verbose=False)
        except ImportError as error:
            raise MissingDependencyError(
                f"exporting needs {error.name}: pip install 'strokeanim[train]'"
            ) from error
        return path.read_bytes()
