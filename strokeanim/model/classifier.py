"""Train the picture classifiers, judge and selector: small CNNs with a class for everything else.

They share no weights, seeds or objective with the model that they evaluate.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from strokeanim.datasets.classifier_batches import OTHER, ClassifierBatches
from strokeanim.datasets.preprocess import rasterise_all
from strokeanim.datasets.raster import SIDE
from strokeanim.errors import InputError
from strokeanim.geometry.drawing import Drawing
from strokeanim.io.atomic_files import reporting_errors, staging
from strokeanim.model.export import to_onnx
from strokeanim.typing import Probabilities

Report = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True)
class ClassifierConfig:
    """The network of a classifier and its training.

    Attributes:
        classes: labels that it distinguishes; `other` is added.
        network: `plain`, pairs of convolutions and a dense layer, or `residual`, residual blocks
            and the mean over the picture.
        side: height and width of its pictures in px; a multiple of 16.
        filters: filters of the convolutions at half, quarter, eighth and sixteenth of the side.
        other_share: share of the training examples that are drawings of another class.
        torn_share: share that are torn drawings of one of the classes.
        steps: optimizer steps, of `batch` pictures each.
        strength: strength of the augmentation.
    """

    classes: tuple[str, ...]
    network: str = "plain"
    side: int = SIDE
    filters: tuple[int, ...] = (24, 48, 96, 128)
    other_share: float = 0.34
    torn_share: float = 0.16
    steps: int = 4000
    batch: int = 128
    rate: float = 1e-3
    strength: float = 1.2
    smoothing: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        if self.network not in NETWORKS:
            raise InputError(f"network = {self.network!r}: choose {' or '.join(NETWORKS)}")


def train_classifier(
    config: ClassifierConfig,
    drawings: Sequence[Drawing],
    other: Sequence[Drawing],
    report: Report | None = None,
) -> keras.Model:
    """Train a classifier from pictures `(n, side, side, 1)` to probabilities `(n, classes + 1)`.

    Args:
        config: the network and its training.
        drawings: drawings of the classes.
        other: drawings of anything else.
        report: called every 100 steps with the step, the loss and the accuracy.
    """
    stream = ClassifierBatches(
        tuple([d for d in drawings if d.label == name] for name in config.classes),
        other,
        other_share=config.other_share,
        torn_share=config.torn_share,
        batch=config.batch,
        side=config.side,
        strength=config.strength,
        seed=config.seed,
    )
    keras.utils.set_random_seed(config.seed)
    model = build_classifier(config)
    model.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(
                config.rate * 0.1,
                max(1, config.steps - config.steps // 20),
                alpha=0.1,
                warmup_target=config.rate,
                warmup_steps=config.steps // 20,
            ),
            weight_decay=2e-3,
        ),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=config.smoothing),
        metrics=["accuracy"],
    )
    one_hot = np.eye(len(config.classes) + 1, dtype=np.float32)
    for step in range(1, config.steps + 1):
        pictures, labels = stream.at(step)
        values = model.train_on_batch(pictures, one_hot[labels], return_dict=True)
        if report and step % 100 == 0:
            report(step, {name: float(value) for name, value in values.items()})
            model.reset_metrics()
    return model


def build_classifier(config: ClassifierConfig) -> keras.Model:
    """Build the untrained network, from pictures to probabilities."""
    picture = keras.Input((config.side, config.side, 1), name="pictures")
    logits = NETWORKS[config.network](config, picture)
    return keras.Model(picture, layers.Softmax(name="softmax")(logits))


def average_mirrored(model: keras.Model) -> keras.Model:
    """Average the probabilities of a picture with those of its mirror image."""
    picture = keras.Input(model.inputs[0].shape[1:], name="pictures")
    mirrored = layers.Lambda(_mirror, name="mirror")(picture)
    return keras.Model(picture, layers.Average()([model(picture), model(mirrored)]))


def set_threshold(
    model: keras.Model,
    config: ClassifierConfig,
    drawings: Sequence[Drawing],
    recognised: float = 0.95,
) -> float:
    """Raise the bias of *other* as far as enough held-out drawings stay recognised.

    Args:
        model: a model of `train_classifier`; its last bias is changed.
        config: the config of the model.
        drawings: held-out drawings of its classes.
        recognised: share of them that must stay recognised, averaged over classes.

    Returns:
        The number added to the logit of *other*: -4, the least, if no number suffices.
    """
    labels = np.array([config.classes.index(drawing.label) for drawing in drawings])
    pictures = rasterise_all(drawings, config.side)
    views = [model.predict(view, verbose=0) for view in (pictures, pictures[:, :, ::-1])]
    shifts = np.arange(-4.0, 4.0, 0.05)
    chosen = float(shifts[0])
    for shift in shifts:
        right = _shift_other(views, float(shift)).argmax(axis=1) == labels
        if np.mean([right[labels == label].mean() for label in np.unique(labels)]) < recognised:
            break
        chosen = float(shift)
    layer = model.get_layer("logits")
    layer.bias.assign_add(np.eye(len(config.classes) + 1, dtype=np.float32)[-1] * chosen)
    return chosen


def write_classifier(
    model: keras.Model, config: ClassifierConfig, facts: Mapping[str, Any], out: Path
) -> None:
    """Write the folder that `load_classifier` reads: `classifier.onnx` and `classifier.json`.

    Raises:
        OutputError: `out` cannot be written.
    """
    metadata = {"classes": [*config.classes, OTHER], "side": config.side, **facts}
    with reporting_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    with staging() as staged:
        with staged.open(out / "classifier.onnx") as file:
            file.write(to_onnx(average_mirrored(model)))
        with staged.open(out / "classifier.json") as file:
            file.write((json.dumps(metadata, indent=2) + "\n").encode())


def _build_plain(config: ClassifierConfig, x: Any) -> Any:
    for filters in config.filters:
        x = _add_convolution(x, filters, 2)
        x = _add_convolution(x, filters, 1)
    x = layers.Dropout(0.4)(layers.Flatten()(x))
    x = layers.Dropout(0.4)(layers.Dense(128, activation="relu")(x))
    return layers.Dense(len(config.classes) + 1, name="logits")(x)


def _build_residual(config: ClassifierConfig, x: Any) -> Any:
    x = _add_convolution(x, config.filters[0], 2)
    for filters in config.filters[1:]:
        x = _add_residual_block(_add_convolution(x, filters, 2), filters)
    means, peaks = layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)
    x = layers.Dropout(0.3)(layers.Concatenate()([means, peaks]))
    return layers.Dense(len(config.classes) + 1, name="logits")(x)


NETWORKS: dict[str, Callable[[ClassifierConfig, Any], Any]] = {
    "plain": _build_plain,
    "residual": _build_residual,
}


def _add_convolution(x: Any, filters: int, stride: int) -> Any:
    x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    return layers.Activation("relu")(layers.BatchNormalization()(x))


def _add_residual_block(x: Any, filters: int) -> Any:
    """Add a block of He et al., arXiv 1603.05027: twice normalise, activate and convolve; sum."""
    y = layers.Activation("relu")(layers.BatchNormalization()(x))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.Activation("relu")(layers.BatchNormalization()(y))
    y = layers.Conv2D(filters, 3, padding="same")(y)
    return layers.Add()([x, y])


@keras.saving.register_keras_serializable(package="strokeanim")
def _mirror(pictures: Any) -> Any:
    return ops.flip(pictures, axis=2)


def _shift_other(views: Sequence[Probabilities], shift: float) -> Probabilities:
    """Add to the logit of *other* in the probabilities `(n, classes)` of views; average them."""
    scaled = [view * np.exp(np.eye(view.shape[1])[-1] * shift) for view in views]
    return np.asarray(np.mean([p / p.sum(axis=1, keepdims=True) for p in scaled], axis=0))
