"""The picture classifiers that judge and select: a small CNN with a class for everything else.

It shares no weights, no seeds and no objective with the model that it looks at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from strokeanim.data.labelled import OTHER, LabelledPictures
from strokeanim.data.raster import SIDE
from strokeanim.files import staging, writing_to
from strokeanim.model.export import to_onnx
from strokeanim.strokes.drawing import Drawing

Report = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True)
class ClassifierConfig:
    """How a classifier is made.

    Attributes:
        classes: what it tells apart; `other` is added.
        other_share: how often a training example is something else.
        other_prior: how often it reckons to be shown something else. The last bias is shifted from
            the one to the other by Bayes' rule once training is over.
        filters: of the first convolutions at half, quarter, eighth and sixteenth of the side.
        steps: of the optimizer, of `batch` pictures each.
        strength: of the augmentation.
    """

    classes: tuple[str, ...]
    other_share: float = 0.2
    other_prior: float = 0.1
    filters: tuple[int, ...] = (24, 48, 96, 128)
    steps: int = 2500
    batch: int = 128
    rate: float = 1e-3
    strength: float = 1.0
    smoothing: float = 0.05
    seed: int = 0


def train_classifier(
    config: ClassifierConfig,
    sources: Sequence[Sequence[Drawing]],
    other: Sequence[Drawing],
    report: Report | None = None,
) -> keras.Model:
    """A classifier of pictures `(n, side, side, 1)` → probabilities `(n, classes + 1)`.

    Drawings of a class come equally often from each of `sources` that has some; `other` are
    drawings of anything else.
    """
    known = [
        tuple([d for d in each if d.label == name] for each in sources) for name in config.classes
    ]
    share = (1 - config.other_share) / len(known)
    stream = LabelledPictures(
        (*known, (other,)),
        (share,) * len(known) + (config.other_share,),
        batch=config.batch,
        strength=config.strength,
        seed=config.seed,
    )
    keras.utils.set_random_seed(config.seed)
    model = build_classifier(config)
    model.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(config.rate, config.steps, alpha=0.01),
            weight_decay=1e-3,
        ),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=config.smoothing),
        metrics=["accuracy"],
    )
    one_hot = np.eye(len(known) + 1, dtype=np.float32)
    for step in range(1, config.steps + 1):
        pages, labels = stream.at(step)
        values = model.train_on_batch(pages, one_hot[labels], return_dict=True)
        if report and step % 100 == 0:
            report(step, {name: float(value) for name, value in values.items()})
            model.reset_metrics()
    shift = _log_odds(config.other_prior) - _log_odds(config.other_share)
    model.layers[-1].bias.assign_add(one_hot[-1] * shift)
    return model


def build_classifier(config: ClassifierConfig) -> keras.Model:
    """Convolutions down to a sixteenth of the side, two dense layers with dropout."""
    picture = keras.Input((SIDE, SIDE, 1), name="pictures")
    x = picture
    for depth, filters in enumerate(config.filters):
        x = _convolved(x, filters, 2)
        if depth > 1:
            x = _convolved(x, filters, 1)
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    x = layers.Dropout(0.3)(layers.Dense(128, activation="relu")(x))
    return keras.Model(picture, layers.Dense(len(config.classes) + 1, activation="softmax")(x))


def write_classifier(
    model: keras.Model, config: ClassifierConfig, facts: Mapping[str, Any], out: Path
) -> None:
    """The folder that `load_classifier` reads: `classifier.onnx` and `classifier.json`.

    Raises:
        OutputError: `out` cannot be written.
    """
    told = {"classes": [*config.classes, OTHER], "side": SIDE, **facts}
    with writing_to(out):
        out.mkdir(parents=True, exist_ok=True)
    with staging() as staged:
        with staged.open(out / "classifier.onnx") as file:
            file.write(to_onnx(model))
        with staged.open(out / "classifier.json") as file:
            file.write((json.dumps(told, indent=2) + "\n").encode())


def _convolved(x: Any, filters: int, stride: int) -> Any:
    x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    return layers.Activation("relu")(layers.BatchNormalization()(x))


def _log_odds(share: float) -> float:
    return float(np.log(share / (1 - share)))
