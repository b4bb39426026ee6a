"""Define `Codec`, the interface of a trained model: drawings to latents and back, all in NumPy.

Animations are made with a codec. `strokeanim.engine` implements it, tests use fakes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from strokeanim.geometry.drawing import Drawing, Picture
from strokeanim.typing import Float32, Latent, Latents, Probabilities


@runtime_checkable
class Codec(Protocol):
    """A trained model, deterministic: equal inputs and seeds give equal outputs."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the classes of the model, in the order of `identify`'s probabilities."""
        ...

    @property
    def latent(self) -> int:
        """Return the number of dimensions of the latent space."""
        ...

    def encode(self, drawings: Sequence[Drawing | Picture]) -> Latents:
        """Return the posterior means of the drawings, `(n, latent)`, not samples.

        Raises:
            InputError: a drawing has no strokes, or a label outside the classes of the model.
        """
        ...

    def decode(
        self,
        z: Latents,
        temperature: float | Float32[np.ndarray, " batch"] = 0.0,
        rng: np.random.Generator | Sequence[np.random.Generator] | None = None,
    ) -> list[Drawing]:
        """Decode one drawing per latent: longer side 255, top left at the origin.

        A drawing does not depend on the others of its batch.

        Args:
            z: `(n, latent)`.
            temperature: sketch-rnn's τ: 0 is greedy; otherwise σ of the mixture is multiplied by
                its square root and the logits of the components are divided by it. A number for
                all latents, or one for each.
            rng: the source of random numbers, if the temperature is not 0. A generator for all
                latents, or one for each: equal generators give equal random numbers.
        """
        ...

    def identify(self, drawings: Sequence[Drawing | Picture]) -> tuple[list[str], Probabilities]:
        """Return the most probable class of each drawing, and `(n, classes)` probabilities."""
        ...

    def read(self, drawings: Sequence[Drawing | Picture]) -> tuple[Latents, Probabilities]:
        """Return the latents and the class probabilities of drawings, from one forward pass.

        They are those of `encode` and `identify`. Labels are ignored.

        Raises:
            InputError: a drawing has no strokes.
        """
        ...

    def centre(self, label: str) -> Latent:
        """Return the mean latent of a class.

        Raises:
            InputError: `label` is not a class of the model.
        """
        ...

    def sample(self, label: str, count: int, rng: np.random.Generator) -> Latents:
        """Return `count` new latents of a class, `(count, latent)`.

        Raises:
            InputError: `label` is not a class of the model.
        """
        ...
