"""What every engine shares: from drawings to pictures, from stroke-5 rows to drawings.

An engine adds three functions: encode pictures, start the decoder from z, do one decoder step.
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
"""Drawings that are decoded at a time."""

ENCODE_BATCH = 32
"""Drawings that are looked at at a time: more of them take memory and save no time."""


@dataclass(frozen=True)
class Engine(ABC):
    """A `Codec` on a model folder."""

    folder: Path
    facts: dict[str, Any]

    @abstractmethod
    def look(self, seen: Array) -> tuple[Latents, Probabilities]:
        """What the encoder takes (see `data.shown`) to posterior means `(n, latent)` and class
        probabilities.
        """

    @abstractmethod
    def start(self, z: Latents) -> State:
        """The decoder's first state: h, c and the bias of its gates, each with a first axis n."""

    @abstractmethod
    def step(self, context: Array, state: State) -> tuple[Array, State]:
        """One step: context `(n, 7)` and state to raw mixture parameters and the next state."""

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
            raise InputError("give a list of drawings, if only of one: [drawing]")
        shape = self.facts["config"]["model"]
        encoder, side = shape.get("encoder", "cnn"), int(shape["side"])
        z = np.zeros((len(drawings), self.latent), np.float32)
        probabilities = np.zeros((len(drawings), len(self.classes)), np.float32)
        for place in range(0, len(drawings), ENCODE_BATCH):
            some = slice(place, place + ENCODE_BATCH)
            z[some], probabilities[some] = self.look(
                encoder_inputs(encoder, drawings[some], side, self.steps)
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
        heat = np.broadcast_to(np.asarray(temperature, np.float32), (len(z),))
        if not isinstance(rng, Sequence) and heat.any():
            rng = (rng or np.random.default_rng(0)).spawn(len(z))
        drawings: list[Drawing] = []
        for place in range(0, len(z), BATCH):  # so memory does not grow with their number
            some = slice(place, place + BATCH)
            chance = rng[some] if isinstance(rng, Sequence) else None
            rows = decode_rows(self.step, self.start(z[some]), self.steps, heat[some], chance)
            drawings += [normalise(_whole(from_stroke5(each))) for each in rows]
        return drawings

    def centre(self, label: str) -> Latent:
        found: Latent = self._prior["mean"][self.index(label)]
        return found

    def sample(self, label: str, count: int, rng: np.random.Generator) -> Latents:
        """From a Gaussian fitted to the latents of the class: its main axes and the rest."""
        place = self.index(label)
        axes, rest = self._prior["axes"][place], self._prior["rest"][place]
        along = rng.normal(size=(count, len(axes))) @ axes
        z = self._prior["mean"][place] + along + rng.normal(size=(count, self.latent)) * rest
        return np.asarray(z, dtype=np.float32)

    def index(self, label: str) -> int:
        """The number of a class.

        Raises:
            InputError: the model does not know it.
        """
        if label in self.classes:
            return self.classes.index(label)
        near = difflib.get_close_matches(label, self.classes, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
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
    """The `model.json` of a model folder.

    Raises:
        InputError: no such folder, or not a model.
    """
    if not folder.is_dir():
        raise InputError(f"no model folder at {folder}; 'faces' is the bundled model")
    try:
        facts: dict[str, Any] = json.loads((folder / METADATA).read_text(encoding="utf-8"))
        shape, version = facts["config"]["model"], facts["format"]
        whole = bool(facts["name"]) and all(int(shape[key]) > 0 for key in SHAPE)
        whole = whole and all(isinstance(name, str) for name in shape["classes"])
    except (OSError, ValueError, KeyError, TypeError):
        whole, version = False, FORMAT
    if not whole:
        raise InputError(
            f"{folder} is not a model folder: no valid {METADATA} in it; "
            "write one with `strokeanim model export`"
        )
    if version != FORMAT:
        raise InputError(
            f"{folder} has format {version}, this strokeanim reads {FORMAT}; export the model again"
        )
    return facts


def _whole(drawing: Drawing) -> Drawing:
    """A model may end a drawing before its first point; a dot stands for that."""
    return drawing if drawing.strokes else Drawing([[(0.0, 0.0)]])
