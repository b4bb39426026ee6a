"""`Codec`: drawings to latents and back, NumPy in and NumPy out.

What animations are made with; engines implement it (`strokeanim.engine`), tests fake it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from strokeanim.geometry.drawing import Drawing, Picture
from strokeanim.typing import Float32, Latent, Latents, Probabilities


@runtime_checkable
class Codec(Protocol):
    """A trained model. Deterministic: equal inputs and seeds give equal outputs."""

    @property
    def classes(self) -> tuple[str, ...]:
        """What it knows, in the order of `identify`'s probabilities."""
        ...

    @property
    def latent(self) -> int:
        """Dimensions of its latent space."""
        ...

    def encode(self, drawings: Sequence[Drawing | Picture]) -> Latents:
        """`(n, latent)`: the posterior mean, not a sample.

        Raises:
            InputError: a drawing without strokes, or a label the model does not know.
        """
        ...

    def decode(
        self,
        z: Latents,
        temperature: float | Float32[np.ndarray, " batch"] = 0.0,
        rng: np.random.Generator | Sequence[np.random.Generator] | None = None,
    ) -> list[Drawing]:
        """One drawing per latent: longer side 255, top left at the origin.

        A drawing does not depend on those it is decoded with.

        Args:
            z: `(n, latent)`.
            temperature: 0 is greedy. Otherwise σ of the mixture is multiplied by its square root
                and the logits of its components are divided by it (sketch-rnn's τ). One number, or
                one for each latent.
            rng: where the random numbers come from, if the temperature is not 0. One generator, or
                one for each latent: equal generators give equal random numbers.
        """
        ...

    def identify(self, drawings: Sequence[Drawing | Picture]) -> tuple[list[str], Probabilities]:
        """The likeliest class of each drawing, and `(n, classes)` probabilities."""
        ...

    def read(self, drawings: Sequence[Drawing | Picture]) -> tuple[Latents, Probabilities]:
        """What `encode` and `identify` say, from one look: latents and class probabilities.

        Labels are not looked at.

        Raises:
            InputError: a drawing without strokes.
        """
        ...

    def centre(self, label: str) -> Latent:
        """The mean latent of a class.

        Raises:
            InputError: the model does not know the class.
        """
        ...

    def sample(self, label: str, count: int, rng: np.random.Generator) -> Latents:
        """`(count, latent)` new latents of a class.

        Raises:
            InputError: the model does not know the class.
        """
        ...
