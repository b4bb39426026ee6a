"""Provide `FakeCodec`, a small and exact `Codec` without a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strokeanim.errors import InputError
from strokeanim.geometry import Box, Drawing, Picture
from strokeanim.typing import Float32, Latent, Latents, Probabilities

POINTS = 24
"""Number of points of the stroke that it draws; a latent holds their coordinates."""


class FakeCodec:
    """A full implementation of `strokeanim.latent.codec.Codec`; a latent is 24 points of the ink.

    Decoding gives one stroke through these points, so a drawing of one stroke is nearly preserved.
    The centre of the class at index i of `classes` is a regular polygon of i + 3 corners, and a
    drawing belongs to the class of the nearest centre.

    Examples:
        >>> codec = FakeCodec()
        >>> square = codec.decode(codec.centre("nose")[None])[0]
        >>> codec.identify([square])[0], square.box.longer
        (['nose'], 255.0)
    """

    def __init__(self, classes: Sequence[str] = ("mouth", "nose", "eye", "ear")) -> None:
        self.classes = tuple(classes)
        self.latent = 2 * POINTS
        polygons = [_build_polygon(3 + index) for index in range(len(self.classes))]
        self._centres = np.stack([_compute_latent([polygon]) for polygon in polygons])

    def encode(self, drawings: Sequence[Drawing | Picture]) -> Latents:
        """Return the latents of the drawings, `(n, 48)`.

        Raises:
            InputError: a label is neither "" nor one of `classes`, or a drawing is empty.
        """
        for drawing in drawings:
            if isinstance(drawing, Drawing) and drawing.label not in ("", *self.classes):
                raise self._unknown_class(drawing.label)
        return self.read(drawings)[0]

    def decode(
        self,
        z: Latents,
        temperature: float | Float32[np.ndarray, " batch"] = 0.0,
        rng: np.random.Generator | Sequence[np.random.Generator] | None = None,
    ) -> list[Drawing]:
        """Decode one stroke per latent; the temperature displaces its points at random."""
        if rng is None or isinstance(rng, np.random.Generator):
            rng = [rng or np.random.default_rng(0)] * len(z)
        scales = np.sqrt(np.broadcast_to(np.asarray(temperature, np.float32), len(z)))
        drawings = []
        for latent, scale, generator in zip(z, scales, rng, strict=True):
            points = latent.reshape(POINTS, 2) + 0.02 * scale * generator.normal(size=(POINTS, 2))
            box = Box.around([points])
            drawings.append(Drawing([(points - (box.x, box.y)) * (255 / (box.longer or 1))]))
        return drawings

    def identify(self, drawings: Sequence[Drawing | Picture]) -> tuple[list[str], Probabilities]:
        """Return the nearest classes, and a softmax over the negative squared distances."""
        probabilities = self.read(drawings)[1]
        return [self.classes[index] for index in probabilities.argmax(axis=1)], probabilities

    def read(self, drawings: Sequence[Drawing | Picture]) -> tuple[Latents, Probabilities]:
        """Return the latents and the class probabilities of drawings; labels are ignored."""
        z = np.stack([_compute_latent(_extract_strokes(drawing)) for drawing in drawings])
        squared = ((z[:, None] - self._centres) ** 2).sum(axis=2)
        weights = np.exp(squared.min(axis=1, keepdims=True) - squared)
        return z, (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)

    def centre(self, label: str) -> Latent:
        """Return the latent of the polygon of a class."""
        if label not in self.classes:
            raise self._unknown_class(label)
        centre: Latent = self._centres[self.classes.index(label)]
        return centre

    def sample(self, label: str, count: int, rng: np.random.Generator) -> Latents:
        """Return the latent of a class with its points displaced at random, `(count, 48)`."""
        noise = rng.normal(scale=0.02, size=(count, self.latent))
        return (self.centre(label) + noise).astype(np.float32)

    def _unknown_class(self, label: str) -> InputError:
        return InputError(f"no class {label!r}; there are {', '.join(self.classes)}")


def _extract_strokes(drawing: Drawing | Picture) -> Sequence[Float32[np.ndarray, "n 2"]]:
    if isinstance(drawing, Drawing):
        if not drawing.strokes:
            raise InputError("a drawing without strokes has no latent; leave it out")
        return drawing.strokes
    ink = np.argwhere(drawing.coverage > 0.5)[:, ::-1].astype(np.float32)
    if len(ink) == 0:
        raise InputError("a picture without ink has no latent; leave it out")
    # Order the ink by its angle about the mean, for a picture has no strokes to follow.
    dx, dy = (ink - ink.mean(axis=0)).T
    return [ink[np.argsort(np.arctan2(dy, dx), kind="stable")]]


def _compute_latent(strokes: Sequence[Float32[np.ndarray, "n 2"]]) -> Latent:
    """Resample all strokes at equal distances; longer side 1, top left at the origin."""
    points = np.concatenate(strokes).astype(np.float64)
    arc_length = np.append(0, np.hypot(*np.diff(points, axis=0).T).cumsum())
    at = np.linspace(0, arc_length[-1], POINTS)
    resampled = np.stack([np.interp(at, arc_length, points[:, axis]) for axis in (0, 1)], axis=1)
    box = Box.around([resampled])
    latent: Latent = ((resampled - (box.x, box.y)) / (box.longer or 1)).ravel().astype(np.float32)
    return latent


def _build_polygon(corners: int) -> Float32[np.ndarray, "n 2"]:
    angle = np.linspace(0, 2 * np.pi, corners + 1)
    return np.stack([np.sin(angle), -np.cos(angle)], axis=1).astype(np.float32)
