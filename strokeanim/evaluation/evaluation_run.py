"""Compute latents, reconstructions and frame sequences of one model, and figures of them.

Each part is computed once. The order of the steps is left to `evaluate`, definitions of figures to
`metrics`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from strokeanim.datasets.synthetic import CLASSES, synthesise_many
from strokeanim.engine import Engine
from strokeanim.engine.generation import generate
from strokeanim.evaluation.baselines import METHODS
from strokeanim.evaluation.bootstrap import RESAMPLES, Figure, Resampled, Resamples, Values
from strokeanim.evaluation.held_out import Classes, HeldOut, fill
from strokeanim.evaluation.judge import Judge, is_right
from strokeanim.evaluation.metrics import active_units, purity, ranks, silhouette
from strokeanim.evaluation.pairs import choose_pairs
from strokeanim.evaluation.sequences import FrameSequence, evaluate_sequences
from strokeanim.geometry import Drawing
from strokeanim.geometry.chamfer import drawing_distance
from strokeanim.typing import Latents


@dataclass(frozen=True)
class Sizes:
    """Numbers of pairs, drawings and resamples; published figures use the defaults.

    Attributes:
        pairs: at most, per class.
        generated: new drawings per class.
        gallery: drawings among which reconstructions are retrieved.
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
    """A drawing and its reconstruction by the model.

    Attributes:
        original: the drawing.
        decoded: its reconstruction.
        distance: the Chamfer distance between both, of the longer side.
        predicted: the judge's label of the reconstruction.
    """

    original: Drawing
    decoded: Drawing
    distance: float
    predicted: str


@dataclass(frozen=True)
class EvaluationRun:
    """The evaluation of a model with a judge, drawings and a seed; values are cached."""

    codec: Engine
    judge: Judge
    data: HeldOut
    seed: int
    sizes: Sizes

    @property
    def classes(self) -> Classes:
        """Return the drawings by class."""
        return self.data.classes

    @cached_property
    def drawings(self) -> list[Drawing]:
        """Return all drawings, class by class."""
        return self.data.drawings

    @cached_property
    def labels(self) -> list[str]:
        """Return the label of each drawing."""
        return [drawing.label for drawing in self.drawings]

    @cached_property
    def z(self) -> Latents:
        """Return the latent of each drawing."""
        return self.codec.encode(self.drawings)

    @cached_property
    def reconstructions(self) -> list[Drawing]:
        """Return the reconstruction of each drawing."""
        return self.codec.decode(self.z)

    @cached_property
    def gallery(self) -> list[Drawing]:
        """Return the drawings, filled up with synthetic ones."""
        return self.drawings + fill(self.classes, self.sizes.gallery)

    @cached_property
    def is_recognised(self) -> Values:
        """Return 1 for each drawing to which the judge gives its label, else 0."""
        return is_right(self.judge.classify(self.drawings)[0], self.labels)

    @cached_property
    def predicted_labels(self) -> list[str]:
        """Return the judge's label of each reconstruction."""
        return self.judge.classify(self.reconstructions)[0]

    @cached_property
    def distances(self) -> Values:
        """Return the Chamfer distance of each drawing to its reconstruction."""
        return np.array(list(map(drawing_distance, self.drawings, self.reconstructions)))

    @cached_property
    def resamples(self) -> dict[str, Resamples]:
        """Return the resamples by class, which are the same for every figure."""
        return {
            label: Resamples.of(len(members), self.sizes.resamples, [self.seed, index])
            for index, (label, members) in enumerate(self.classes.items())
        }

    def evaluate_drawings(self) -> dict[str, Figure]:
        """Compute the figures of drawings and reconstructions."""
        identified = self.codec.identify(self.drawings)[0]
        return {
            "ceiling": self._mean(self.is_recognised),
            "identify": self._mean(is_right(identified, self.labels)),
            "rec": self._mean(is_right(self.predicted_labels, self.labels)),
            "chamfer": self._median(self.distances),
            "cut": self._mean(self._is_cut(self.reconstructions)),
        }

    def evaluate_latents(self) -> dict[str, Figure]:
        """Compute the figures of latents."""
        filling = self.codec.encode(self.gallery[len(self.drawings) :])
        reencoded = self.codec.encode(self.reconstructions)
        rank = ranks(reencoded, np.concatenate([self.z, filling]), range(len(self.z)))
        train_labels = [drawing.label for drawing in self.data.train]
        purities = purity(
            self.z,
            self.labels,
            self.codec.encode(self.data.train),
            train_labels,
            self.sizes.neighbours,
        )
        return {
            "ret_1": self._mean((rank <= 1).astype(np.float64)),
            "ret_10": self._mean((rank <= 10).astype(np.float64)),
            "knn": self._mean(purities),
            "knn_recognised": self._mean(np.where(self.is_recognised == 1, purities, np.nan)),
            "silhouette": self._mean(silhouette(self.z, self.labels)),
        }

    def evaluate_pairs(self, label: str, method: str, steps: int) -> list[FrameSequence]:
        """Return the judged frame sequences between pairs of drawings of a class."""
        members = self.classes[label]
        pairs = choose_pairs(len(members), self.sizes.pairs, self.seed)
        return evaluate_sequences(
            self.codec,
            self.judge,
            members,
            pairs,
            method=METHODS[method],
            steps=steps,
            seed=self.seed,
        )

    def evaluate_generated(self, report: Callable[[str], None]) -> dict[str, Figure]:
        """Compute the figures of new drawings; `report` is called with each stage."""
        right: dict[str, Resampled] = {}
        cut: dict[str, Resampled] = {}
        for index, label in enumerate(self.classes):
            report(f"new drawings of {label}")
            generated = generate(label, self.sizes.generated, self.seed, self.codec)
            resamples = Resamples.of(len(generated), self.sizes.resamples, [self.seed, index, 1])
            right[label] = resamples.mean(
                is_right(self.judge.classify(generated)[0], [label] * len(generated))
            )
            cut[label] = resamples.mean(self._is_cut(generated))
        return {"generated_rec": Figure.of(right), "generated_cut": Figure.of(cut)}

    def count_active_units(self) -> dict[str, int | None]:
        """Count the active units on the drawings and on synthetic ones, and all latent units."""
        known = [label for label in self.codec.classes if label in CLASSES]
        drawings = synthesise_many(self.sizes.synthetic, 0, known) if known else []
        synthetic = active_units(self.codec.encode(drawings)) if drawings else None
        return {"drawings": active_units(self.z), "synthetic": synthetic, "of": self.codec.latent}

    def group_reconstructions(self) -> dict[str, list[Reconstruction]]:
        """Return the reconstructions by class."""
        groups: dict[str, list[Reconstruction]] = {label: [] for label in self.classes}
        for reconstruction in map(
            Reconstruction,
            self.drawings,
            self.reconstructions,
            self.distances.tolist(),
            self.predicted_labels,
        ):
            groups[reconstruction.original.label].append(reconstruction)
        return groups

    def _is_cut(self, drawings: Sequence[Drawing]) -> Values:
        """Return 1 for each drawing that fills the model's maximum length, else 0."""
        return np.array([each.points >= self.codec.steps for each in drawings], np.float64)

    def _mean(self, values: Values) -> Figure:
        return Figure.of({k: self.resamples[k].mean(v) for k, v in self._split_by_class(values)})

    def _median(self, values: Values) -> Figure:
        return Figure.of({k: self.resamples[k].median(v) for k, v in self._split_by_class(values)})

    def _split_by_class(self, values: Values) -> list[tuple[str, Values]]:
        ends = np.cumsum([len(members) for members in self.classes.values()])
        return list(zip(self.classes, np.split(values, ends[:-1]), strict=True))
