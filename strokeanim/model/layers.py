"""Define the decoder's LSTM cell and the class means, backend-neutral: `keras.ops` only."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="strokeanim")
class LSTMCell(keras.layers.Layer):
    """An LSTM cell whose gates receive a projected input, with optional layer normalisation.

    The projected input and the contribution of z do not depend on the state, so they are computed
    for all steps at once outside of the loop; the cell only adds the recurrent part:

        gates = input + LN(h W)         c' = σ(f) c + σ(i) tanh(g)        h' = σ(o) tanh(LN(c'))

    Hochreiter and Schmidhuber (1997); layer normalisation as in Ba et al. (arXiv 1607.06450).
    `f` has a bias of 1, so that an untrained cell keeps its state.
    """

    def __init__(self, units: int, layer_norm: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.layer_norm = layer_norm
        self.state_size = [units, units]
        self.output_size = units

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.recurrent = self.add_weight(
            shape=(self.units, 4 * self.units), initializer="orthogonal", name="recurrent"
        )
        if self.layer_norm:
            self.gate_scale = self.add_weight(
                shape=(4 * self.units,),
                initializer=keras.initializers.Constant(0.5),
                name="gate_scale",
            )
            self.cell_scale = self.add_weight(
                shape=(self.units,), initializer="ones", name="cell_scale"
            )
            self.cell_shift = self.add_weight(
                shape=(self.units,), initializer="zeros", name="cell_shift"
            )
        super().build(input_shape)

    def call(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """Compute a step: `inputs` (batch, 4 units), `states` [h, c], each (batch, units)."""
        h, c = states
        recurrent = ops.matmul(h, self.recurrent)  # (batch, 4 units)
        if self.layer_norm:
            recurrent = _normalise(recurrent) * self.gate_scale
        i, f, g, o = ops.split(inputs + recurrent, 4, axis=-1)
        c = ops.sigmoid(f + 1.0) * c + ops.sigmoid(i) * ops.tanh(g)
        scaled = _normalise(c) * self.cell_scale + self.cell_shift if self.layer_norm else c
        h = ops.sigmoid(o) * ops.tanh(scaled)
        return h, [h, c]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "layer_norm": self.layer_norm}


@keras.saving.register_keras_serializable(package="strokeanim")
class ClassMeans(keras.layers.Layer):
    """A Gaussian per class with a learned mean, all of one variance.

    As a head it computes log p(z | class) without the terms that classes share; it is linear in z:

        −|z − μ|² / 2 s + |z|² / 2 s  =  (z · μ − |μ|² / 2) / s
    """

    def __init__(self, classes: int, spread: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.classes = classes
        self.spread = spread

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.means = self.add_weight(
            shape=(self.classes, input_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=0.05),
            name="means",
        )
        super().build(input_shape)

    def call(self, z: Any) -> Any:
        """Compute the logits (batch, classes) of latents z (batch, L)."""
        lengths = ops.sum(self.means * self.means, axis=-1)  # (classes,)
        return (ops.matmul(z, ops.transpose(self.means)) - lengths / 2) / self.spread

    def of(self, label: Any) -> Any:
        """Return the means (batch, L) of class indices; 0 for −1."""
        return ops.matmul(ops.one_hot(label, self.classes), self.means)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "classes": self.classes, "spread": self.spread}


def _normalise(x: Any) -> Any:
    mean = ops.mean(x, axis=-1, keepdims=True)
    centred = x - mean
    return centred * ops.rsqrt(ops.mean(centred * centred, axis=-1, keepdims=True) + 1e-5)
