"""Make batches of augmented pictures with labels, for classifiers.

As for the model, a batch is a pure function of the seed and its number.
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
"""Label of drawings that belong to none of the classes."""

TORN_OTHER = 0.15
"""Share of the drawings of other classes that are torn as well, for variety."""


@dataclass(frozen=True)
class ClassifierBatches:
    """An endless sequence of `(batch, side, side, 1)` ink coverage and `(batch,)` class indices.

    The index after the last class is *other*: drawings of other classes, and drawings of the
    classes that were torn apart.

    Attributes:
        classes: drawings of each class, all drawn with equal probability.
        other: drawings of anything else; some of them are torn, too.
        other_share: share of the examples from `other`.
        torn_share: share of the examples that are torn drawings of `classes`.
        batch: examples per batch.
        side: height and width of the pictures in px.
        strength: strength of the augmentation.
        seed: seed of all batches.
    """

    classes: tuple[Sequence[Drawing], ...]
    other: Sequence[Drawing]
    other_share: float = 0.34
    torn_share: float = 0.16
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
        for index in range(self.batch):
            drawing, labels[index] = self._draw_example(rng)
            # The class is the same with lines half or twice as wide.
            pen = PEN * float(np.exp(rng.normal(0, 0.25)))
            pages[index, ..., 0] = rasterise(drawing, self.side, pen)
        return pages, labels

    def _draw_example(self, rng: np.random.Generator) -> tuple[Drawing, int]:
        kind = rng.random()
        if kind < self.other_share:
            drawing = augment(_pick(self.other, rng), rng, self.strength)
            return (tear(drawing, rng) if rng.random() < TORN_OTHER else drawing), len(self.classes)
        label = int(rng.integers(len(self.classes)))
        drawing = augment(_pick(self.classes[label], rng), rng, self.strength)
        if kind < self.other_share + self.torn_share:
            return tear(drawing, rng), len(self.classes)
        return drawing, label


def tear(drawing: Drawing, rng: np.random.Generator) -> Drawing:
    """Tear a drawing apart by rotating each stroke by 60° or more and moving it at random.

    A single stroke is first cut in two. In 30 % of other cases two groups of strokes are moved
    instead of single strokes. The centres of the parts lie within half the drawing's longer side
    of the origin in x and y.
    """
    strokes = list(drawing.strokes)
    if len(strokes) == 1:
        parts = [[piece] for piece in _cut_stroke(strokes[0], float(rng.uniform(0.3, 0.7)))]
    elif rng.random() < 0.3:
        order = rng.permutation(len(strokes))
        cut = int(rng.integers(1, len(strokes)))
        parts = [[strokes[k] for k in order[:cut]], [strokes[k] for k in order[cut:]]]
    else:
        parts = [[stroke] for stroke in strokes]
    size = drawing.box.longer
    return drawing.with_strokes([stroke for part in parts for stroke in _scatter(part, size, rng)])


def _scatter(strokes: Sequence[Points], size: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Rotate strokes about their common centre and move it into a square of side `size`."""
    points = np.concatenate(strokes)
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    angle = rng.uniform(np.pi / 3, 5 * np.pi / 3)  # a smaller one would hardly show
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = rng.uniform(-size / 2, size / 2, 2)
    return [(stroke - centre) @ turn.T + target for stroke in strokes]


def _cut_stroke(stroke: Points, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Cut a stroke in two at a share of its arc length."""
    steps = np.linalg.norm(np.diff(stroke, axis=0), axis=1)
    reached = np.concatenate([[0.0], np.cumsum(steps)])
    length = share * float(arc_length(stroke))
    point = np.array([np.interp(length, reached, stroke[:, axis]) for axis in (0, 1)])
    before = reached < length
    return np.vstack([stroke[before], point]), np.vstack([point, stroke[~before]])


def _pick(drawings: Sequence[Drawing], rng: np.random.Generator) -> Drawing:
    return drawings[int(rng.integers(len(drawings)))]
