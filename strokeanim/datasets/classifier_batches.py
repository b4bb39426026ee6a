"""Make batches of augmented pictures with labels, for classifiers.

A batch is a pure function of the seed and its number, like the model's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from strokeanim.datasets.augment import augment
from strokeanim.datasets.raster import PEN, SIDE, rasterise
from strokeanim.geometry.drawing import Drawing
from strokeanim.geometry.polylines import arc_length
from strokeanim.typing import Float32, Int64, Points

OTHER = "other"
"""What a classifier calls a drawing that is none of its classes."""


@dataclass(frozen=True)
class ClassifierBatches:
    """An endless stream of `(batch, side, side, 1)` ink coverage and `(batch,)` class indices.

    The index after the last class is *other*: drawings of other classes, and drawings of the
    classes that were torn apart.

    Attributes:
        classes: drawings of each class; all classes come equally often.
        other: drawings of anything else.
        other_share: share of the examples that comes from `other`.
        torn_share: share of the examples that are torn drawings of `classes`.
        strength: of the augmentation.
    """

    classes: tuple[Sequence[Drawing], ...]
    other: Sequence[Drawing]
    other_share: float = 0.25
    torn_share: float = 0.08
    batch: int = 128
    side: int = SIDE
    strength: float = 1.0
    seed: int = 0

    def at(
        self, number: int
    ) -> tuple[Float32[np.ndarray, "batch side side 1"], Int64[np.ndarray, " batch"]]:
        """Make batch `number`."""
        rng = np.random.default_rng([self.seed, number])
        pages = np.zeros((self.batch, self.side, self.side, 1), np.float32)
        labels = np.zeros(self.batch, np.int64)
        for place in range(self.batch):
            drawing, labels[place] = self._choose(rng)
            # A line twice as wide or half as wide is still the same drawing.
            pen = PEN * float(np.exp(rng.normal(0, 0.25)))
            pages[place, ..., 0] = rasterise(drawing, self.side, pen)
        return pages, labels

    def _choose(self, rng: np.random.Generator) -> tuple[Drawing, int]:
        kind = rng.random()
        if kind < self.other_share:
            return augment(_any(self.other, rng), rng, self.strength), len(self.classes)
        label = int(rng.integers(len(self.classes)))
        drawing = augment(_any(self.classes[label], rng), rng, self.strength)
        if kind < self.other_share + self.torn_share:
            return tear(drawing, rng), len(self.classes)
        return drawing, label


def tear(drawing: Drawing, rng: np.random.Generator) -> Drawing:
    """Tear a drawing apart: each stroke is turned by any angle and put anywhere.

    A drawing of one stroke is cut in two before, and one of several now and then into two groups of
    strokes instead of into single ones. The middles of the parts lie in the drawing's bounding box.
    """
    strokes = list(drawing.strokes)
    if len(strokes) == 1:
        parts = [[piece] for piece in _cut(strokes[0], float(rng.uniform(0.3, 0.7)))]
    elif rng.random() < 0.3:
        order = rng.permutation(len(strokes))
        cut = int(rng.integers(1, len(strokes)))
        parts = [[strokes[k] for k in order[:cut]], [strokes[k] for k in order[cut:]]]
    else:
        parts = [[stroke] for stroke in strokes]
    size = drawing.box.longer
    return drawing.with_strokes([stroke for part in parts for stroke in _thrown(part, size, rng)])


def _thrown(strokes: Sequence[Points], size: float, rng: np.random.Generator) -> list[np.ndarray]:
    points = np.concatenate(strokes)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    place = rng.uniform(-size / 2, size / 2, 2)
    return [(stroke - middle) @ turn.T + place for stroke in strokes]


def _cut(stroke: Points, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Cut a stroke in two at a share of its length."""
    steps = np.linalg.norm(np.diff(stroke, axis=0), axis=1)
    reached = np.concatenate([[0.0], np.cumsum(steps)])
    at = share * float(arc_length(stroke))
    point = np.array([np.interp(at, reached, stroke[:, axis]) for axis in (0, 1)])
    before = reached < at
    return np.vstack([stroke[before], point]), np.vstack([point, stroke[~before]])


def _any(drawings: Sequence[Drawing], rng: np.random.Generator) -> Drawing:
    return drawings[int(rng.integers(len(drawings)))]
