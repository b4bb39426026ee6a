"""Run a model with Keras, on its weights as trained.

The module is slow to import; it serves research and checks.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from strokeanim.engine.base import Engine
from strokeanim.engine.sampling import Array, State
from strokeanim.model.export import load_weights
from strokeanim.model.vae import StrokeVAE
from strokeanim.typing import Latents, Probabilities


@dataclass(frozen=True)
class KerasEngine(Engine):
    """A `Codec` on `weights.npz`, computed by the Keras model itself.

    Attributes:
        trained: a model in memory to use instead, or None.
    """

    trained: Any = None

    @classmethod
    def of(cls, model: Any) -> KerasEngine:
        """Build a `Codec` on a float32 copy of a `StrokeVAE` that is being trained.

        The copy is float32 whatever the precision of training, and the codec has no prior.
        """
        copy = StrokeVAE(model.config, model.train_config).built_once()
        copy.set_weights(model.get_weights())
        config = {"model": asdict(model.config), "train": asdict(model.train_config)}
        return cls(Path(), {"name": "model in training", "config": config}, copy)

    def look(self, seen: Array) -> tuple[Latents, Probabilities]:
        mean, _ = self.model.encoder(seen, training=False)
        return np.asarray(mean), np.asarray(ops.softmax(self.model.classifier(mean)))

    def start(self, z: Latents) -> State:
        return tuple(np.asarray(part) for part in self.model.starter(z))

    def step(self, context: Array, state: State) -> tuple[Array, State]:
        h, c, bias = state
        params, h, c = self.model.step(context, h, c, bias)
        return np.asarray(params), (np.asarray(h), np.asarray(c), bias)

    @cached_property
    def model(self) -> Any:
        """Return the `StrokeVAE`."""
        return load_weights(self.folder) if self.trained is None else self.trained
