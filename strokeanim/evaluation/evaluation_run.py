"""What an evaluation computes of one model, each part once: codes, copies, walks, their figures.

In which order, and what is made of it, is left to `evaluation`; what a figure is, to `metrics`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from strokeanim.datasets.synthetic import CLASSES, synthesise_many
from strokeanim.engine import Engine
from strokeanim.evaluation.baselines import METHODS
from strokeanim.evaluation.bootstrap import RESAMPLES, Figure, Resampled, Resamples, Values
from strokeanim.evaluation.held_out import Classes, HeldOut, fill
from strokeanim.evaluation.judge import Judge, is_right
from strokeanim.evaluation.metrics import active_units, purity, ranks, silhouette
from strokeanim.evaluation.pairs import choose_pairs
from strokeanim.evaluation.sequences import FrameSequence, evaluate_sequences
from strokeanim.geometry import Drawing
from strokeanim.geometry.chamfer import drawing_distance
from strokeanim.pipeline import generate
from strokeanim.typing import Latents


@dataclass(frozen=True)
class Sizes:
    """How much is drawn, and drawn again; figures are quoted with the defaults.

    Attributes:
        pairs: at most, per class.
        generated: new drawings per class.
        gallery: drawings among which a reconstruction is to be found.
        neighbours: the k of k-NN.
        synthetic: drawings for the active units.
        resamples: of the bootstrap.
    """

    pairs: int = 65
    generated: int = 1000
    gallery: int = 225
    neighbours: int = 5
    synthetic: int = 1000
    resamples: int = RESAMPLES


@dataclass(frozen=True)
class Reconstruction:
    """A drawing and what the model makes of it."""

    original: Drawing
    copy: Drawing
    distance: float
    found: str


@dataclass(frozen=True)
class EvaluationRun:
    """Of a model, a judge and drawings, for one seed."""

    codec: Engine
    judge: Judge
    data: HeldOut
    seed: int
    sizes: Sizes

    @property
    def classes(self) -> Classes:
        return self.data.classes

    @cached_property
    def drawings(self) -> list[Drawing]:
        return self.data.drawings

    @cached_property
    def labels(self) -> list[str]:
        return [drawing.label for drawing in self.drawings]

    @cached_property
    def z(self) -> Latents:
        return self.codec.encode(self.drawings)

    @cached_property
    def copies(self) -> list[Drawing]:
        return self.codec.decode(self.z)

    @cached_property
    def gallery(self) -> list[Drawing]:
        """The drawings, and the synthetic ones that fill them up."""
        return self.drawings + fill(self.classes, self.sizes.gallery)

    @cached_property
    def recognised(self) -> Values:
        """1 for each drawing that the judge takes for what it is."""
        return is_right(self.judge.classify(self.drawings)[0], self.labels)

    @cached_property
    def found(self) -> list[str]:
        """The judge's word for each reconstruction."""
        return self.judge.classify(self.copies)[0]

    @cached_property
    def distances(self) -> Values:
        return np.array(list(map(drawing_distance, self.drawings, self.copies)))

    @cached_property
    def resamples(self) -> dict[str, Resamples]:
        """The same resampled drawings for every figure."""
        return {
            label: Resamples.of(len(members), self.sizes.resamples, [self.seed, place])
            for place, (label, members) in enumerate(self.classes.items())
        }

    def of_drawings(self) -> dict[str, Figure]:
        identified = self.codec.identify(self.drawings)[0]
        return {
            "ceiling": self._mean(self.recognised),
            "identify": self._mean(is_right(identified, self.labels)),
            "rec": self._mean(is_right(self.found, self.labels)),
            "chamfer": self._median(self.distances),
            "cut": self._mean(self._cut(self.copies)),
        }

    def of_latents(self) -> dict[str, Figure]:
        filling = self.codec.encode(self.gallery[len(self.drawings) :])
        again = self.codec.encode(self.copies)
        rank = ranks(again, np.concatenate([self.z, filling]), range(len(self.z)))
        others = [drawing.label for drawing in self.data.train]
        pure = purity(
            self.z, self.labels, self.codec.encode(self.data.train), others, self.sizes.neighbours
        )
        return {
            "ret_1": self._mean((rank <= 1).astype(np.float64)),
            "ret_10": self._mean((rank <= 10).astype(np.float64)),
            "knn": self._mean(pure),
            "knn_recognised": self._mean(np.where(self.recognised == 1, pure, np.nan)),
            "silhouette": self._mean(silhouette(self.z, self.labels)),
        }

    def walks(self, label: str, way: str, steps: int) -> list[FrameSequence]:
        members = self.classes[label]
        pairs = choose_pairs(len(members), self.sizes.pairs, self.seed)
        return evaluate_sequences(
            self.codec, self.judge, members, pairs, way=METHODS[way], steps=steps, seed=self.seed
        )

    def of_generated(self, report: Callable[[str], None]) -> dict[str, Figure]:
        good: dict[str, Resampled] = {}
        cut: dict[str, Resampled] = {}
        for place, label in enumerate(self.classes):
            report(f"new drawings of {label}")
            drawn = generate(label, self.sizes.generated, self.seed, self.codec)
            resamples = Resamples.of(len(drawn), self.sizes.resamples, [self.seed, place, 1])
            good[label] = resamples.mean(
                is_right(self.judge.classify(drawn)[0], [label] * len(drawn))
            )
            cut[label] = resamples.mean(self._cut(drawn))
        return {"generated_rec": Figure.of(good), "generated_cut": Figure.of(cut)}

    def units(self) -> dict[str, int | None]:
        known = [label for label in self.codec.classes if label in CLASSES]
        drawn = synthesise_many(self.sizes.synthetic, 0, known) if known else []
        synthetic = active_units(self.codec.encode(drawn)) if drawn else None
        return {"drawings": active_units(self.z), "synthetic": synthetic, "of": self.codec.latent}

    def rebuilt(self) -> dict[str, list[Reconstruction]]:
        rows: dict[str, list[Reconstruction]] = {label: [] for label in self.classes}
        for row in map(
            Reconstruction, self.drawings, self.copies, self.distances.tolist(), self.found
        ):
            rows[row.original.label].append(row)
        return rows

    def _cut(self, drawn: Sequence[Drawing]) -> Values:
        """1 for each drawing that fills the model's maximum length."""
        return np.array([each.points >= self.codec.steps for each in drawn], np.float64)

    def _mean(self, values: Values) -> Figure:
        return Figure.of({k: self.resamples[k].mean(v) for k, v in self._by_class(values)})

    def _median(self, values: Values) -> Figure:
        return Figure.of({k: self.resamples[k].median(v) for k, v in self._by_class(values)})

    def _by_class(self, values: Values) -> list[tuple[str, Values]]:
        ends = np.cumsum([len(members) for members in self.classes.values()])
        return list(zip(self.classes, np.split(values, ends[:-1]), strict=True))
