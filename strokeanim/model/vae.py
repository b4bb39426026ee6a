"""Define the CNN-LSTM VAE: picture to latent to strokes, in backend-neutral Keras 3.

Shapes: B batch, T steps, S picture side, L latent, U units, M mixtures.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import keras
from keras import layers, ops

from strokeanim.model import losses
from strokeanim.model.config import ModelConfig, TrainConfig, build
from strokeanim.model.devices import replicas
from strokeanim.model.layers import ClassMeans, LSTMCell


@keras.saving.register_keras_serializable(package="strokeanim")
class StrokeVAE(keras.Model):
    """sketch-rnn's mixture-density decoder (arXiv 1704.03477) on a CNN encoder (arXiv 1709.04121).

    The decoder's initial state is a function of z, and so is a bias of its gates, computed once per
    drawing. The context has the pen position, so the decoder need not sum offsets to close a curve.
    """

    def __init__(
        self,
        model: ModelConfig | dict[str, Any],
        train: TrainConfig | dict[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        config = build(ModelConfig, model, "model") if isinstance(model, dict) else model
        self.config = config
        self.train_config = build(TrainConfig, train, "train") if isinstance(train, dict) else train
        self.encoder = ENCODERS[config.encoder](config)
        self.classifier = (
            ClassMeans(len(config.classes), config.class_spread, name="class_means")
            if config.class_prior
            else layers.Dense(len(config.classes), name="classifier")
        )
        self.starter = build_initial_state(config)
        self.projection = layers.Dense(4 * config.units, use_bias=False, name="projection")
        self.cell = LSTMCell(config.units, config.layer_norm, name="cell")
        self.recurrence = layers.RNN(self.cell, return_sequences=True, name="recurrence")
        self.readout = layers.Dense(6 * config.mixtures + 3, name="readout")
        self.painter = build_image_decoder(config) if config.pixels else None
        self.seed = keras.random.SeedGenerator(self.train_config.seed)
        self.seen = self.add_weight(
            shape=(),
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",  # 1 more per step on any number of devices
            name="seen",
        )
        self.parts = {
            name: keras.metrics.Mean(name=name)
            for name in ("offset", "pen", "kl", "pixel", "class", "accuracy")
        }

    def call(self, inputs: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Compute the raw mixtures, the latents and the outputs of the heads.

        Inputs are `context` (B, T, 7) and that of the encoder, `pictures` (B, S, S, 1) or `rows`
        (B, T, 5). A class prior needs `label` (B,) too.

        In training, z is sampled from the posterior with `noise` (B, L), standard normal. It is
        drawn here if not given, and the result then depends on previous draws.
        """
        encoded = inputs["pictures" if self.config.encoder == "cnn" else "rows"]
        mean, log_variance = self.encoder(encoded, training=training)  # (B, L) twice
        z = mean
        if training:
            noise = inputs.get("noise")
            if noise is None:
                noise = keras.random.normal(ops.shape(mean), seed=self.seed)
            z = mean + ops.exp(0.5 * log_variance) * ops.cast(noise, mean.dtype)
            self.seen.assign_add(1.0)
        outputs = {
            "params": self.decode(z, inputs["context"]),  # (B, T, 6 M + 3)
            "mean": mean,
            "log_variance": log_variance,
            "logits": self.classifier(z),  # (B, classes)
        }
        if self.painter is not None:
            outputs["pixels"] = self.painter(z, training=training)  # (B, S/2, S/2, 1)
        if self.config.class_prior:
            outputs["prior"] = self.classifier.of(inputs["label"])  # (B, L)
        return outputs

    def decode(self, z: Any, context: Any) -> Any:
        """Compute raw mixture parameters (B, T, 6 M + 3) of `context` rows, by teacher forcing."""
        h, c, bias = self.starter(z)  # (B, U), (B, U), (B, 4 U)
        gates = self.projection(context) + ops.expand_dims(bias, 1)  # (B, T, 4 U)
        return self.readout(self.recurrence(gates, initial_state=[h, c]))

    def step(self, context: Any, h: Any, c: Any, bias: Any) -> tuple[Any, Any, Any]:
        """Compute `decode` for one row (B, 7), for sampling: raw parameters and the next state."""
        output, (h, c) = self.cell(self.projection(context) + bias, [h, c])
        return self.readout(output), h, c

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Compute −log p(strokes) + β KL, per step of the mean drawing, plus the training heads.

        Each term is a mean over examples, so devices that share a batch can each compute it for
        their part. Statistics of a whole batch are among its targets (`Batch.targets`).
        """
        del x, sample_weight, training
        settings = self.train_config
        # Losses are sums of many logarithms, so they are float32 whatever the network computes in.
        y_pred = {name: ops.cast(value, "float32") for name, value in y_pred.items()}
        offset, pen = losses.stroke_nll(
            y_pred["params"], y["target"], y["weight"], self.config.mixtures
        )
        kl = losses.kl_divergence(
            y_pred["mean"], y_pred["log_variance"], settings.free_bits, y_pred.get("prior", 0.0)
        )
        beta = settings.kl_weight * ops.minimum(self.seen / max(settings.kl_warmup, 1), 1.0)
        steps = ops.mean(y["steps"])
        loss = (offset + pen + beta * kl) / steps
        label = ops.maximum(y["label"], 0)
        classes = keras.losses.sparse_categorical_crossentropy(
            label, y_pred["logits"], from_logits=True
        )
        classes = ops.mean(y["named"] * classes)
        loss = loss + settings.class_weight * classes
        predicted = ops.argmax(y_pred["logits"], axis=-1)
        right = ops.cast(ops.equal(predicted, ops.cast(label, predicted.dtype)), "float32")
        accuracy = ops.mean(y["named"] * right)
        values = {"offset": offset / steps, "pen": pen / steps, "kl": kl}
        values |= {"class": classes, "accuracy": accuracy}
        if self.painter is not None:
            target = ops.average_pool(y["pictures"], 2, strides=2)
            pixel = ops.mean(
                keras.losses.binary_crossentropy(target, y_pred["pixels"], from_logits=True)
            )
            # About a tenth of the pixels is ink; the factor makes the term comparable to a step's.
            loss = loss + settings.pixel_weight * 10.0 * pixel
            values["pixel"] = pixel
        for name, value in values.items():
            self.parts[name].update_state(value)
        return loss / replicas()  # whose gradients are summed

    def get_config(self) -> dict[str, Any]:
        return {"model": asdict(self.config), "train": asdict(self.train_config)}

    def built_once(self) -> StrokeVAE:
        """Create the weights by calling the model on one empty example; return the model."""
        side = self.config.side
        self(
            {
                "pictures": ops.zeros((1, side, side, 1)),
                "rows": ops.zeros((1, 2, 5)),
                "context": ops.zeros((1, 2, 7)),
                "label": ops.zeros((1,), dtype="int32"),
            }
        )
        return self


def build_encoder(config: ModelConfig) -> keras.Model:
    """Build the picture encoder: (B, S, S, 1) → posterior mean and log-variance, each (B, L)."""
    picture = keras.Input((config.side, config.side, 1), name="pictures")
    x = picture
    for depth, filters in enumerate(config.filters):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", name=f"conv{depth}")(x)
        if depth:  # at the largest size it would cost as much as the convolutions
            x = layers.GroupNormalization(groups=_choose_groups(filters), name=f"norm{depth}")(x)
        x = layers.Activation("relu", name=f"act{depth}")(x)  # (B, S / 2^(depth + 1), …, filters)
    flat = layers.Flatten(name="flat")(x)
    mean = layers.Dense(config.latent, name="mean")(flat)
    pooled = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(
        picture, [mean, _add_log_variance_head(pooled, config.latent)], name="encoder"
    )


def build_stroke_encoder(config: ModelConfig) -> keras.Model:
    """Build the stroke encoder: (B, T, 5) → posterior mean and log-variance, each (B, L).

    It is sketch-rnn's, arXiv 1704.03477, with as many units in each direction.
    """
    rows = keras.Input((None, 5), name="rows")
    mask = layers.Lambda(_mask_rows, name="drawn")(rows)  # (B, T), true before the end
    read = layers.Bidirectional(layers.LSTM(256), name="read")(rows, mask=mask)  # (B, 512)
    mean = layers.Dense(config.latent, name="mean")(read)
    return keras.Model(rows, [mean, _add_log_variance_head(read, config.latent)], name="encoder")


ENCODERS = {"cnn": build_encoder, "bilstm": build_stroke_encoder}


def _add_log_variance_head(x: Any, latent: int) -> Any:
    narrow = keras.initializers.Constant(-4.0)
    spread = layers.Dense(latent, bias_initializer=narrow, name="log_variance")(x)
    return layers.Lambda(_clip_log_variance, output_shape=(latent,), name="bounded")(spread)


@keras.saving.register_keras_serializable(package="strokeanim")
def _mask_rows(rows: Any) -> Any:
    return rows[..., 4] < 0.5


@keras.saving.register_keras_serializable(package="strokeanim")
def _clip_log_variance(log_variance: Any) -> Any:
    """Clip the posterior's log-variance to where its exponential is safe."""
    return ops.clip(log_variance, -12.0, 4.0)


def build_initial_state(config: ModelConfig) -> keras.Model:
    """Build the initial state: z (B, L) → h (B, U), c (B, U) and the bias of the gates (B, 4 U)."""
    z = keras.Input((config.latent,), name="z")
    h = layers.Dense(config.units, activation="tanh", name="first_h")(z)
    c = layers.Dense(config.units, activation="tanh", name="first_c")(z)
    # Without z in the gates, the bias is the same for every drawing.
    source = z if config.gate_bias else layers.Lambda(ops.zeros_like, name="unseen")(z)
    bias = layers.Dense(4 * config.units, name="bias")(source)
    return keras.Model(z, [h, c, bias], name="starter")


def build_image_decoder(config: ModelConfig) -> keras.Model:
    """Build the image decoder: z (B, L) → logits of the half-size picture (B, S/2, S/2, 1).

    It is used in training only.
    """
    start = config.side // 16
    z = keras.Input((config.latent,), name="z")
    x = layers.Dense(start * start * 64, activation="relu", name="seed")(z)
    x = layers.Reshape((start, start, 64), name="grid")(x)
    for depth, filters in enumerate((48, 24, 12)):
        x = layers.Conv2DTranspose(
            filters, 4, strides=2, padding="same", activation="relu", name=f"paint{depth}"
        )(x)
    logits = layers.Conv2D(1, 3, padding="same", name="ink")(x)
    return keras.Model(z, logits, name="painter")


def _choose_groups(filters: int) -> int:
    return next(groups for groups in (8, 4, 2, 1) if filters % groups == 0)
