"""Training examples: from drawings to the arrays that the model is fed, made on the fly.

A batch is a pure function of the seed and its number, so that a run that was killed goes on with
the very batches it would have had. Batches are made of drawings of similar length, out of a pool
of several batches, and padded to one of a few lengths: less padding, few compilations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from strokeanim.datasets.augment import augment
from strokeanim.datasets.raster import PEN, rasterise
from strokeanim.datasets.shards import ShardWindow
from strokeanim.datasets.splits import by_label
from strokeanim.geometry.canonical import canonicalise
from strokeanim.geometry.drawing import Drawing
from strokeanim.geometry.polylines import simplify_to
from strokeanim.geometry.stroke_formats import END, LIFTED, to_stroke5
from strokeanim.typing import Float32, Int64, Stroke5

UNIT = 4.0
"""The longer side of a drawing in model units: offsets are then roughly of unit variance."""

EPSILON = 2.0 / 255.0
"""Simplification before the model sees a drawing, as a share of the longer side: QuickDraw's."""

CONTEXT = 7
"""What the decoder sees before each step: the last row of stroke-5 and where the pen is."""

LOG_SIGMA = (-6.0, 3.0)
RHO = 0.95
"""The decoder's mixtures are clamped: log σ to this range, ρ by this factor. Nothing else stops σ
from going to 0 on a drawing that is known by heart."""


Source: TypeAlias = "Sequence[Drawing] | ShardWindow"
"""Where drawings come from."""

Table: TypeAlias = "Sequence[Sequence[Drawing]]"
"""Drawings by class."""


@dataclass(frozen=True)
class Batch:
    """One step's worth of training examples.

    Attributes:
        pictures: `(batch, side, side, 1)` ink coverage, drawn after augmentation.
        context: `(batch, steps, 7)`: previous stroke-5 row, then x, y of the pen, model units.
        target: `(batch, steps, 5)`: the stroke-5 row to draw from there.
        weight: `(batch, steps)`: 1 up to and with the first end row, 0 after it.
        label: `(batch,)` class indices; −1 for a drawing of no class.
        rows: `(batch, steps, 5)`: the drawing itself, for an encoder that reads strokes.
        noise: `(batch, latent)`: standard normal; with it, a training step is a function of the
            batch and the weights alone, on however many devices.
    """

    pictures: Float32[np.ndarray, "batch side side 1"]
    context: Float32[np.ndarray, "batch steps 7"]
    target: Float32[np.ndarray, "batch steps 5"]
    weight: Float32[np.ndarray, "batch steps"]
    label: Int64[np.ndarray, " batch"]
    rows: Float32[np.ndarray, "batch steps 5"]
    noise: Float32[np.ndarray, "batch latent"]

    def inputs(self) -> dict[str, np.ndarray]:
        return {
            "pictures": self.pictures,
            "rows": self.rows,
            "context": self.context,
            "label": self.label,
            "noise": self.noise,
        }

    def targets(self) -> dict[str, np.ndarray]:
        """What the loss needs; of the whole batch, the same wherever a part of it ends up:

        `steps` `(batch,)`, the steps of its mean drawing, and `named` `(batch,)`, 0 for drawings of
        no class and for the others so much that the mean is 1.
        """
        named = (self.label >= 0).astype(np.float32)
        steps = np.full(len(named), self.weight.sum(axis=1).mean(), np.float32)
        return {
            "target": self.target,
            "weight": self.weight,
            "label": self.label,
            "pictures": self.pictures,
            "steps": steps,
            "named": named * np.float32(len(named) / max(named.sum(), 1)),
        }


@dataclass(frozen=True)
class TrainingBatches:
    """An endless stream of batches, by number.

    Attributes:
        sources: lists of drawings, or windows on shards; each drawing of a batch comes from source
            k with probability `shares[k]`, its class first (all classes of a source equally often).
            They may be of classes that have no number. A window stays for as many groups as it
            takes to draw about as many drawings as it holds.
        shares: one per source, summing to 1.
        classes: the labels, in the order of the class indices.
        steps: stroke-5 rows at most; drawings with more points are simplified further.
        in_order: see `prepared`.
        side: height and width of the pictures in px.
        latent: dimensions of the noise.
        strength: of the augmentation; 0 for none.
        pen_noise: σ of the pen's drift in the context, as a share of the longer side. Targets lead
            from the drifted pen to the true next point, so the decoder learns to steer back.
    """

    sources: tuple[Source, ...]
    shares: tuple[float, ...]
    classes: tuple[str, ...]
    batch: int = 128
    steps: int = 96
    side: int = 64
    latent: int = 512
    strength: float = 1.0
    pen_noise: float = 0.012
    in_order: bool = True
    seed: int = 0
    pool: int = 8

    def starting(self, batch: int) -> Iterator[Batch]:
        """The batches from number `batch` on."""
        group, skip = divmod(batch, self.pool)
        while True:
            yield from self.group(group)[skip:]
            group, skip = group + 1, 0

    def group(self, number: int) -> list[Batch]:
        """`pool` batches, made together so that each holds drawings of similar length."""
        rng = np.random.default_rng([self.seed, number])
        tables = self._tables(number)
        drawings = [self._draw(tables, rng) for _ in range(self.batch * self.pool)]
        # Sorted only roughly: strictly by length, a batch would hold noses or eyes and little else.
        jitter = np.exp(rng.normal(0, 0.4, len(drawings)))
        order = np.argsort([d.points * j for d, j in zip(drawings, jitter, strict=True)])
        drawings = [drawings[place] for place in order]
        chunks = [drawings[i * self.batch : (i + 1) * self.batch] for i in range(self.pool)]
        rng.shuffle(chunks)
        return [self.collate(chunk, rng) for chunk in chunks]

    def collate(self, drawings: Sequence[Drawing], rng: np.random.Generator) -> Batch:
        """Drawings as arrays, padded to the shortest length that fits.

        The strokes are canonical and simplified; the pictures are of the drawings as they are,
        since that is what the encoder will be shown.
        """
        tidy = [prepare(drawing, self.steps, self.in_order) for drawing in drawings]
        longest = max(drawing.points for drawing in tidy) + 1
        steps = min(length for length in padded_lengths(self.steps) if length >= longest)
        rows = np.stack([to_stroke5(to_model_units(drawing), steps) for drawing in tidy])
        context, target, weight = teacher_forcing_targets(rows, self.pen_noise * UNIT, rng)
        pens = PEN * np.exp(rng.normal(0, 0.25 if self.strength else 0.0, len(drawings)))
        pictures = [
            rasterise(drawing, self.side, pen) for drawing, pen in zip(drawings, pens, strict=True)
        ]
        label = np.asarray([self._numbers.get(drawing.label, -1) for drawing in drawings])
        # of a generator apart: the size of z changes nothing about the drawings
        noise = rng.spawn(1)[0].standard_normal((len(drawings), self.latent), np.float32)
        return Batch(np.stack(pictures)[..., None], context, target, weight, label, rows, noise)

    def _draw(self, tables: Sequence[Table], rng: np.random.Generator) -> Drawing:
        source = tables[rng.choice(len(self.sources), p=self.shares)]
        members = source[int(rng.integers(len(source)))]
        drawing = members[int(rng.integers(len(members)))]
        return augment(drawing, rng, self.strength)

    def _tables(self, group: int) -> list[Table]:
        tables = list(self._fixed)
        for place, source in enumerate(self.sources):
            if isinstance(source, ShardWindow):
                drawn = self.batch * self.pool * self.shares[place]  # in each group
                tables[place] = source.at(group // max(1, round(source.held / drawn)))
        return tables

    @cached_property
    def _fixed(self) -> list[Table]:
        """The classes of each list."""
        return [
            [] if isinstance(source, ShardWindow) else list(by_label(source).values())
            for source in self.sources
        ]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.classes)}


def padded_lengths(steps: int) -> list[int]:
    """The padded lengths in use, up to `steps`."""
    return [length for length in (24, 40, 64) if length < steps] + [steps]


def prepare(drawing: Drawing, steps: int, in_order: bool = True) -> Drawing:
    """Simplified to at most `steps - 1` points, and canonical if `in_order`."""
    simple = simplify_to(drawing, EPSILON * (drawing.box.longer or 1.0), steps - 3)
    tidy = canonicalise(simple) if in_order else simple
    # A closed stroke that starts elsewhere gains a point, so a second pass may be needed.
    return tidy if tidy.points < steps else simplify_to(tidy, 0.01, steps - 1)


def to_model_units(drawing: Drawing) -> Drawing:
    """Centred on the origin, longer side `UNIT`."""
    box = drawing.box
    scale = UNIT / box.longer if box.longer > 0 else 1.0
    centre = np.asarray(box.centre, np.float32)
    return drawing.with_strokes([(stroke - centre) * scale for stroke in drawing.strokes])


def teacher_forcing_targets(
    rows: Float32[np.ndarray, "batch steps 5"], noise: float, rng: np.random.Generator
) -> tuple[Stroke5, Stroke5, Float32[np.ndarray, "batch steps"]]:
    """Teacher forcing: context, target and weight for stroke-5 `rows` in model units.

    The pen starts in the middle of the paper, lifted. With `noise` > 0 its position in the
    context drifts (an AR(1) walk, each drawing's σ between 0 and twice `noise`) and the target
    offsets lead back to the true points.
    """
    count, steps, _ = rows.shape
    true = np.cumsum(rows[..., :2], axis=1, dtype=np.float64)
    drift = rng.normal(0, 1, (count, steps, 2)) * noise * rng.random((count, 1, 1)) * 2
    for step in range(1, steps):
        drift[:, step] = 0.6 * drift[:, step - 1] + 0.8 * drift[:, step]
    pen = np.concatenate([np.zeros((count, 1, 2)), (true + drift)[:, :-1]], axis=1)
    context = np.zeros((count, steps, CONTEXT), np.float32)
    context[:, 1:, :2] = np.diff(pen, axis=1)
    context[:, 1:, 2:5] = rows[:, :-1, 2:]
    context[:, 0, 2 + LIFTED] = 1
    context[..., 5:] = pen
    target = rows.copy()
    target[..., :2] = true - pen
    ended = rows[..., 2 + END]
    weight = (np.cumsum(ended, axis=1) <= 1).astype(np.float32)
    return context, target, weight
