"""Convert drawings to training batches on the fly.

A batch is a pure function of the seed and its number, so that a resumed run continues with the same
batches as an uninterrupted one. A pool of drawings for several batches is divided by length, and
each batch is padded to one of a few lengths, for little padding and few compilations.
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
"""The longer side of a drawing in model units, which gives offsets a variance of about 1."""

EPSILON = 2.0 / 255.0
"""Tolerance of QuickDraw's simplification, as a share of the longer side."""

CONTEXT = 7
"""Size of the decoder's input at each step: the previous stroke-5 row and the pen position."""

LOG_SIGMA = (-6.0, 3.0)
RHO = 0.95
"""Range to which the mixture density's log σ is clamped, and factor that bounds its ρ.

Nothing else keeps σ from converging to 0 on a memorised drawing.
"""


Source: TypeAlias = "Sequence[Drawing] | ShardWindow"
"""A list of drawings, or a window on shards."""

Table: TypeAlias = "Sequence[Sequence[Drawing]]"
"""Drawings by class."""


@dataclass(frozen=True)
class Batch:
    """The examples of one training step.

    Attributes:
        pictures: `(batch, side, side, 1)` ink coverage, rasterised after augmentation.
        context: `(batch, steps, 7)` previous stroke-5 row, then x, y of the pen, in model units.
        target: `(batch, steps, 5)` the stroke-5 row to predict from the context.
        weight: `(batch, steps)` 1 up to and including the first end row, 0 after it.
        label: `(batch,)` class indices; −1 for a drawing of no class.
        rows: `(batch, steps, 5)` stroke-5 rows of the drawing, for an encoder that reads strokes.
        noise: `(batch, latent)` standard normal noise of the latent, part of the batch so that a
            training step depends only on batch and weights, on any number of devices.
    """

    pictures: Float32[np.ndarray, "batch side side 1"]
    context: Float32[np.ndarray, "batch steps 7"]
    target: Float32[np.ndarray, "batch steps 5"]
    weight: Float32[np.ndarray, "batch steps"]
    label: Int64[np.ndarray, " batch"]
    rows: Float32[np.ndarray, "batch steps 5"]
    noise: Float32[np.ndarray, "batch latent"]

    def inputs(self) -> dict[str, np.ndarray]:
        """Return the arrays that the model is fed."""
        return {
            "pictures": self.pictures,
            "rows": self.rows,
            "context": self.context,
            "label": self.label,
            "noise": self.noise,
        }

    def targets(self) -> dict[str, np.ndarray]:
        """Return the arrays that the loss needs.

        Two are computed from the whole batch, so that devices can share it: `steps` `(batch,)`, the
        mean number of steps of its drawings, and `named` `(batch,)`, 0 for drawings of no class and
        for the others the weight that makes the mean 1.
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
    """An endless sequence of numbered batches.

    Attributes:
        sources: lists of drawings, or windows on shards. Each example comes from source k with
            probability `shares[k]`, then from one of its classes, all with equal probability. Their
            labels need not be in `classes`. A window is kept for as many groups as it takes to
            draw about as many drawings as it holds.
        shares: one per source, summing to 1.
        classes: labels in the order of the class indices.
        batch: drawings per batch.
        steps: largest number of stroke-5 rows; drawings with more points are simplified further.
        side: height and width of the pictures in px.
        latent: dimensions of the noise.
        strength: strength of the augmentation, 0 for mirroring only.
        pen_noise: σ of the pen's drift in the context, as a share of the longer side. Targets lead
            from the drifted pen to the true next point, so the decoder learns to correct drift.
        in_order: whether strokes are put in canonical order.
        seed: seed of all batches.
        pool: batches per group.
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
        """Yield the batches from number `batch` on."""
        group, skip = divmod(batch, self.pool)
        while True:
            yield from self.group(group)[skip:]
            group, skip = group + 1, 0

    def group(self, number: int) -> list[Batch]:
        """Make `pool` batches together, so that each contains drawings of similar length."""
        rng = np.random.default_rng([self.seed, number])
        tables = self._list_tables(number)
        drawings = [self._draw_example(tables, rng) for _ in range(self.batch * self.pool)]
        # Jitter keeps classes mixed: sorted strictly by length, a batch is mostly noses or eyes.
        jitter = np.exp(rng.normal(0, 0.4, len(drawings)))
        order = np.argsort([d.points * j for d, j in zip(drawings, jitter, strict=True)])
        drawings = [drawings[index] for index in order]
        chunks = [drawings[i * self.batch : (i + 1) * self.batch] for i in range(self.pool)]
        rng.shuffle(chunks)
        return [self.collate(chunk, rng) for chunk in chunks]

    def collate(self, drawings: Sequence[Drawing], rng: np.random.Generator) -> Batch:
        """Convert drawings to a batch, padded to the shortest length that fits.

        The strokes are simplified and canonical; the pictures show the unprepared drawings, as at
        inference.
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
        label = np.asarray([self._class_numbers.get(drawing.label, -1) for drawing in drawings])
        # from a separate generator, so that drawings do not depend on the size of the latent
        noise = rng.spawn(1)[0].standard_normal((len(drawings), self.latent), np.float32)
        return Batch(np.stack(pictures)[..., None], context, target, weight, label, rows, noise)

    def _draw_example(self, tables: Sequence[Table], rng: np.random.Generator) -> Drawing:
        source = tables[rng.choice(len(self.sources), p=self.shares)]
        members = source[int(rng.integers(len(source)))]
        drawing = members[int(rng.integers(len(members)))]
        return augment(drawing, rng, self.strength)

    def _list_tables(self, group: int) -> list[Table]:
        """Return the classes of each source for a group; loads a window's next shards if due."""
        tables = list(self._fixed_tables)
        for index, source in enumerate(self.sources):
            if isinstance(source, ShardWindow):
                drawn = self.batch * self.pool * self.shares[index]  # per group
                tables[index] = source.at(group // max(1, round(source.held / drawn)))
        return tables

    @cached_property
    def _fixed_tables(self) -> list[Table]:
        """Return the classes of each source that is a list, and no classes for windows."""
        return [
            [] if isinstance(source, ShardWindow) else list(by_label(source).values())
            for source in self.sources
        ]

    @cached_property
    def _class_numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.classes)}


def padded_lengths(steps: int) -> list[int]:
    """List the padded lengths in use, up to `steps`."""
    return [length for length in (24, 40, 64) if length < steps] + [steps]


def prepare(drawing: Drawing, steps: int, in_order: bool = True) -> Drawing:
    """Simplify a drawing to at most `steps - 1` points, and make it canonical if `in_order`."""
    simple = simplify_to(drawing, EPSILON * (drawing.box.longer or 1.0), steps - 3)
    tidy = canonicalise(simple) if in_order else simple
    # Moving the start of a closed stroke adds a point, so a second pass may be needed.
    return tidy if tidy.points < steps else simplify_to(tidy, 0.01, steps - 1)


def to_model_units(drawing: Drawing) -> Drawing:
    """Centre a drawing on the origin and scale its longer side to `UNIT`."""
    box = drawing.box
    scale = UNIT / box.longer if box.longer > 0 else 1.0
    centre = np.asarray(box.centre, np.float32)
    return drawing.with_strokes([(stroke - centre) * scale for stroke in drawing.strokes])


def teacher_forcing_targets(
    rows: Float32[np.ndarray, "batch steps 5"], noise: float, rng: np.random.Generator
) -> tuple[Stroke5, Stroke5, Float32[np.ndarray, "batch steps"]]:
    """Compute context, target and weight of teacher forcing for `rows` in model units.

    The pen starts lifted, at the origin. With `noise` > 0 its position in the context drifts (an
    AR(1) process, each drawing's σ between 0 and twice `noise`) and the target offsets lead back
    to the true points.
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
