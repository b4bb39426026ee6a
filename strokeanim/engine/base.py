"""What every engine shares: from drawings to pictures, from stroke-5 rows to drawings.

An engine adds three functions: encode pictures, start the decoder from z, do one decoder step.
"""

from __future__ import annotations

import difflib
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from strokeanim.data.raster import from_picture, rasterise
from strokeanim.engine.sampling import Array, State, draw
from strokeanim.errors import InputError
from strokeanim.strokes.drawing import Drawing, Picture
from strokeanim.strokes.formats import from_stroke5
from strokeanim.strokes.geometry import normalise
from strokeanim.typing import Latent, Latents, Probabilities, RasterBatch

FACTS = "model.json"
PRIOR = "prior.npz"


@dataclass(frozen=True)
class Engine(ABC):
    """A `Codec` on a model folder."""

    folder: Path
    facts: dict[str, Any]

    @abstractmethod
    def look(self, pictures: RasterBatch) -> tuple[Latents, Probabilities]:
        """`(n, side, side)` ink to posterior means `(n, latent)` and class probabilities."""

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
        for drawing in drawings:
            if drawing.label:
                self.index(drawing.label)
        return self.look(self._pictures(drawings))[0]

    def identify(self, drawings: Sequence[Drawing | Picture]) -> tuple[list[str], Probabilities]:
        probabilities = self.look(self._pictures(drawings))[1]
        return [self.classes[best] for best in probabilities.argmax(axis=1)], probabilities

    def decode(
        self, z: Latents, temperature: float = 0.0, rng: np.random.Generator | None = None
    ) -> list[Drawing]:
        z = np.ascontiguousarray(z, dtype=np.float32)
        if z.ndim != 2 or z.shape[1] != self.latent:
            raise InputError(f"latents must have shape (n, {self.latent}), not {z.shape}")
        if not np.isfinite(z).all():
            raise InputError("latents hold NaN or infinity")
        if temperature < 0:
            raise InputError(f"temperature = {temperature} must be 0 (greedy) or more")
        if not len(z):
            return []
        rows = draw(self.step, self.start(z), self.steps, temperature, rng)
        return [normalise(_whole(from_stroke5(each))) for each in rows]

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
            with np.load(path, allow_pickle=False) as stored:
                return {name: stored[name].astype(np.float32) for name in stored.files}
        except (OSError, ValueError) as error:
            raise InputError(f"{path} is missing or damaged: {error}") from error

    def _pictures(self, drawings: Sequence[Drawing | Picture]) -> RasterBatch:
        side = int(self.facts["config"]["model"]["side"])
        pages = np.zeros((len(drawings), side, side), np.float32)
        for place, item in enumerate(drawings):
            if isinstance(item, Picture):
                pages[place] = from_picture(item, side)
            elif not item.strokes:
                name = f" {item.key}" if item.key else ""
                raise InputError(f"drawing{name} is empty: it has no strokes to look at")
            else:
                pages[place] = rasterise(item, side)
        return pages


def read_facts(folder: Path) -> dict[str, Any]:
    """The `model.json` of a model folder.

    Raises:
        InputError: no such folder, or not a model.
    """
    if not folder.is_dir():
        raise InputError(f"no model folder at {folder}; 'faces' is the bundled model")
    try:
        facts: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        facts["config"]["model"]["classes"], facts["name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder} is not a model folder: no valid {FACTS} in it; "
            "write one with `strokeanim model export`"
        ) from error
    return facts


def _whole(drawing: Drawing) -> Drawing:
    """A model may end a drawing before its first point; a dot stands for that."""
    return drawing if drawing.strokes else Drawing([[(0.0, 0.0)]])
