"""Augmented pictures with labels, for classifiers.

Like the model's examples, a batch is a pure function of the seed and its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from strokeanim.data.augment import augment
from strokeanim.data.raster import PEN, SIDE, rasterise
from strokeanim.strokes.drawing import Drawing
from strokeanim.typing import Float32, Int64

OTHER = "other"
"""What a classifier calls a drawing that is none of its classes."""


@dataclass(frozen=True)
class LabelledPictures:
    """An endless stream of `(batch, side, side, 1)` ink coverage and `(batch,)` class indices.

    Attributes:
        classes: per class its sources: lists of drawings, from each of which a drawing of the
            class comes equally often; empty lists are left out.
        shares: how often each class comes, summing to 1.
        strength: of the augmentation.
    """

    classes: tuple[tuple[Sequence[Drawing], ...], ...]
    shares: tuple[float, ...]
    batch: int = 128
    side: int = SIDE
    strength: float = 1.0
    seed: int = 0

    def at(
        self, number: int
    ) -> tuple[Float32[np.ndarray, "batch side side 1"], Int64[np.ndarray, " batch"]]:
        """Batch `number`."""
        rng = np.random.default_rng([self.seed, number])
        labels = rng.choice(len(self.classes), self.batch, p=self.shares)
        pages = np.zeros((self.batch, self.side, self.side, 1), np.float32)
        for page, label in zip(pages, labels, strict=True):
            sources = [source for source in self.classes[label] if source]
            source = sources[int(rng.integers(len(sources)))]
            drawing = augment(source[int(rng.integers(len(source)))], rng, self.strength)
            page[..., 0] = rasterise(drawing, self.side, PEN * float(np.exp(rng.normal(0, 0.25))))
        return pages, labels.astype(np.int64)
