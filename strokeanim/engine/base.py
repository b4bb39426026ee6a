"""Implement `Codec` on top of three functions of a trained network.

A subclass of `Engine` provides them: run the encoder, compute the initial state of the decoder
from z, compute one decoder step.
"""

from __future__ import annotations

import difflib
import json
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from strokeanim.datasets.preprocess import encoder_inputs
from strokeanim.engine.sampling import Array, RandomSource, State, Temperatures, decode_rows
from strokeanim.errors import InputError
from strokeanim.geometry.drawing import Drawing, Picture
from strokeanim.geometry.polylines import normalise
from strokeanim.geometry.stroke_formats import from_stroke5
from strokeanim.typing import Latent, Latents, Probabilities

METADATA = "model.json"
PRIOR = "prior.npz"
FORMAT = 1
SHAPE = ("latent", "side", "steps")
BATCH = 512
"""Number of drawings that are decoded at a time."""

ENCODE_BATCH = 32
"""Number of drawings that are encoded at a time; more take memory and save no time."""


@dataclass(frozen=True)
class Engine(ABC):
    """A `Codec` on a model folder.

    Attributes:
        folder: the model folder.
        facts: its metadata, the content of `model.json`.
    """

    folder: Path
    facts: dict[str, Any]

    @abstractmethod
    def look(self, seen: Array) -> tuple[Latents, Probabilities]:
        """Run the encoder: return posterior means `(n, latent)` and probabilities `(n, classes)`.

        `seen` is what `strokeanim.datasets.preprocess.encoder_inputs` returns.
        """

    @abstractmethod
    def start(self, z: Latents) -> State:
        """Compute the initial decoder state: h, c and gate bias, each with a first axis n."""

    @abstractmethod
    def step(self, context: Array, state: State) -> tuple[Array, State]:
        """Compute a decoder step from the context `(n, 7)` and the state.

        Return the raw parameters `(n, 6 M + 3)` and the next state.
        """

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.facts["config"]["model"]["classes"])

    @property
    def latent(self) -> int:
        return int(self.facts["config"]["model"]["latent"])

    @property
    def steps(self) -> int:
        return int(self.facts["config"]["model"]["steps"])

    def encode(self, drawings: Sequence[Drawing | Picture]) -> Latents:
        z, _ = self.read(drawings)
        for drawing in drawings:
            if drawing.label:
                self.index(drawing.label)
        return z

    def identify(self, drawings: Sequence[Drawing | Picture]) -> tuple[list[str], Probabilities]:
        probabilities = self.read(drawings)[1]
        return [self.classes[best] for best in probabilities.argmax(axis=1)], probabilities

    def read(self, drawings: Sequence[Drawing | Picture]) -> tuple[Latents, Probabilities]:
        if isinstance(drawings, Drawing | Picture):
            raise InputError("give a list of drawings, such as [drawing]")
        shape = self.facts["config"]["model"]
        encoder, side = shape.get("encoder", "cnn"), int(shape["side"])
        z = np.zeros((len(drawings), self.latent), np.float32)
        probabilities = np.zeros((len(drawings), len(self.classes)), np.float32)
        for start in range(0, len(drawings), ENCODE_BATCH):
            batch = slice(start, start + ENCODE_BATCH)
            z[batch], probabilities[batch] = self.look(
                encoder_inputs(encoder, drawings[batch], side, self.steps)
            )
        return z, probabilities

    def decode(
        self, z: Latents, temperature: float | Temperatures = 0.0, rng: RandomSource = None
    ) -> list[Drawing]:
        z = np.ascontiguousarray(z, dtype=np.float32)
        if z.ndim != 2 or z.shape[1] != self.latent:
            raise InputError(f"latents must have shape (n, {self.latent}), not {z.shape}")
        if not np.isfinite(z).all():
            raise InputError("latents hold NaN or infinity")
        if not (np.greater_equal(temperature, 0) & np.less(temperature, np.inf)).all():
            raise InputError(f"temperature = {temperature} must be 0 (greedy) or more")
        temperatures = np.broadcast_to(np.asarray(temperature, np.float32), (len(z),))
        if not isinstance(rng, Sequence) and temperatures.any():
            rng = (rng or np.random.default_rng(0)).spawn(len(z))
        drawings: list[Drawing] = []
        for start in range(0, len(z), BATCH):  # memory does not grow with the number of drawings
            batch = slice(start, start + BATCH)
            batch_rng = rng[batch] if isinstance(rng, Sequence) else None
            rows = decode_rows(
                self.step, self.start(z[batch]), self.steps, temperatures[batch], batch_rng
            )
            drawings += [normalise(_replace_empty(from_stroke5(each))) for each in rows]
        return drawings

    def centre(self, label: str) -> Latent:
        mean: Latent = self._prior["mean"][self.index(label)]
        return mean

    def sample(self, label: str, count: int, rng: np.random.Generator) -> Latents:
        """Sample latents `(count, latent)` from the Gaussian fitted to those of the class.

        Its covariance is that of the principal axes plus a diagonal matrix for the rest.
        """
        index = self.index(label)
        axes, rest = self._prior["axes"][index], self._prior["rest"][index]
        along = rng.normal(size=(count, len(axes))) @ axes
        z = self._prior["mean"][index] + along + rng.normal(size=(count, self.latent)) * rest
        return np.asarray(z, dtype=np.float32)

    def index(self, label: str) -> int:
        """Return the index of a class.

        Raises:
            InputError: `label` is not a class of the model.
        """
        if label in self.classes:
            return self.classes.index(label)
        matches = difflib.get_close_matches(label, self.classes, 1)
        hint = f"did you mean {matches[0]!r}? " if matches else ""
        raise InputError(
            f"the model {self.name!r} does not know the class {label!r}; {hint}"
            f"it knows {', '.join(self.classes)}"
        )

    @cached_property
    def _prior(self) -> dict[str, npt.NDArray[np.float32]]:
        path = self.folder / PRIOR
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return {name: stored[name].astype(np.float32) for name in stored.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise InputError(f"{path} is missing or damaged: {error}") from error


def read_metadata(folder: Path) -> dict[str, Any]:
    """Read the `model.json` of a model folder.

    Raises:
        InputError: the folder does not exist, or is not a valid model folder.
    """
    if not folder.is_dir():
        raise InputError(f"no model folder at {folder}; 'faces' is the bundled model")
    try:
        facts: dict[str, Any] = json.loads((folder / METADATA).read_text(encoding="utf-8"))
        shape, version = facts["config"]["model"], facts["format"]
        valid = bool(facts["name"]) and all(int(shape[key]) > 0 for key in SHAPE)
        valid = valid and all(isinstance(name, str) for name in shape["classes"])
    except (OSError, ValueError, KeyError, TypeError):
        valid, version = False, FORMAT
    if not valid:
        raise InputError(
            f"{folder} is not a model folder: no valid {METADATA} in it; "
            "write one with `strokeanim model export`"
        )
    if version != FORMAT:
        raise InputError(
            f"{folder} has format {version}, this strokeanim reads {FORMAT}; export the model again"
        )
    return facts


def _replace_empty(drawing: Drawing) -> Drawing:
    """Replace a drawing that the decoder ended before its first point by a dot."""
    return drawing if drawing.strokes else Drawing([[(0.0, 0.0)]])
