"""`FakeCodec`: a `Codec` without a model, small and exact."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strokeanim.errors import InputError
from strokeanim.geometry import Box, Drawing, Picture
from strokeanim.typing import Float32, Latent, Latents, Probabilities

POINTS = 24
"""Of the one stroke it draws; a latent holds their coordinates."""


class FakeCodec:
    """Keeps every rule of `strokeanim.latent.codec.Codec`; a latent is 24 points along the ink.

    Decoding gives one stroke through these points, so a drawing of one stroke comes back nearly as
    it was. A class is the polygon of as many corners as its place among `classes` plus three, and
    a drawing belongs to the nearest one.

    Examples:
        >>> codec = FakeCodec()
        >>> square = codec.decode(codec.centre("nose")[None])[0]
        >>> codec.identify([square])[0], square.box.longer
        (['nose'], 255.0)
    """

    def __init__(self, classes: Sequence[str] = ("mouth", "nose", "eye", "ear")) -> None:
        self.classes = tuple(classes)
        self.latent = 2 * POINTS
        corners = [_polygon(3 + place) for place in range(len(self.classes))]
        self._centres = np.stack([_latent([one]) for one in corners])

    def encode(self, drawings: Sequence[Drawing | Picture]) -> Latents:
        """`(n, 48)`; the label must be "" or one of `classes`."""
        for drawing in drawings:
            if isinstance(drawing, Drawing) and drawing.label not in ("", *self.classes):
                raise self._unknown(drawing.label)
        return self.read(drawings)[0]

    def decode(
        self,
        z: Latents,
        temperature: float | Float32[np.ndarray, " batch"] = 0.0,
        rng: np.random.Generator | Sequence[np.random.Generator] | None = None,
    ) -> list[Drawing]:
        """One stroke each; temperature moves its points at random."""
        if rng is None or isinstance(rng, np.random.Generator):
            rng = [rng or np.random.default_rng(0)] * len(z)
        heat = np.sqrt(np.broadcast_to(np.asarray(temperature, np.float32), len(z)))
        found = []
        for one, warmth, chance in zip(z, heat, rng, strict=True):
            points = one.reshape(POINTS, 2) + 0.02 * warmth * chance.normal(size=(POINTS, 2))
            box = Box.around([points])
            found.append(Drawing([(points - (box.x, box.y)) * (255 / (box.longer or 1))]))
        return found

    def identify(self, drawings: Sequence[Drawing | Picture]) -> tuple[list[str], Probabilities]:
        """The nearest class of each, and a softmax over the distances."""
        probabilities = self.read(drawings)[1]
        return [self.classes[place] for place in probabilities.argmax(axis=1)], probabilities

    def read(self, drawings: Sequence[Drawing | Picture]) -> tuple[Latents, Probabilities]:
        """Latents and class probabilities."""
        z = np.stack([_latent(_strokes(one)) for one in drawings])
        squared = ((z[:, None] - self._centres) ** 2).sum(axis=2)
        weights = np.exp(squared.min(axis=1, keepdims=True) - squared)
        return z, (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)

    def centre(self, label: str) -> Latent:
        """The polygon of the class."""
        if label not in self.classes:
            raise self._unknown(label)
        centre: Latent = self._centres[self.classes.index(label)]
        return centre

    def sample(self, label: str, count: int, rng: np.random.Generator) -> Latents:
        """The polygon of the class, its points moved at random."""
        noise = rng.normal(scale=0.02, size=(count, self.latent))
        return (self.centre(label) + noise).astype(np.float32)

    def _unknown(self, label: str) -> InputError:
        return InputError(f"no class {label!r}; there are {', '.join(self.classes)}")


def _strokes(drawing: Drawing | Picture) -> Sequence[Float32[np.ndarray, "n 2"]]:
    if isinstance(drawing, Drawing):
        if not drawing.strokes:
            raise InputError("a drawing without strokes has no latent; leave it out")
        return drawing.strokes
    ink = np.argwhere(drawing.coverage > 0.5)[:, ::-1].astype(np.float32)
    if len(ink) == 0:
        raise InputError("a picture without ink has no latent; leave it out")
    # Round about the middle: there are no strokes to follow in a picture.
    sideways, down = (ink - ink.mean(axis=0)).T
    return [ink[np.argsort(np.arctan2(down, sideways), kind="stable")]]


def _latent(strokes: Sequence[Float32[np.ndarray, "n 2"]]) -> Latent:
    """Points at equal distances along all strokes, longer side 1, top left at the origin."""
    points = np.concatenate(strokes).astype(np.float64)
    walked = np.append(0, np.hypot(*np.diff(points, axis=0).T).cumsum())
    at = np.linspace(0, walked[-1], POINTS)
    even = np.stack([np.interp(at, walked, points[:, axis]) for axis in (0, 1)], axis=1)
    box = Box.around([even])
    latent: Latent = ((even - (box.x, box.y)) / (box.longer or 1)).ravel().astype(np.float32)
    return latent


def _polygon(corners: int) -> Float32[np.ndarray, "n 2"]:
    angle = np.linspace(0, 2 * np.pi, corners + 1)
    return np.stack([np.sin(angle), -np.cos(angle)], axis=1).astype(np.float32)
