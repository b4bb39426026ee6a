"""The rows of an evaluation's table: what each figure is called, and how people read it.

How rows are laid out is left to the command line and to `page`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from strokeanim.evaluation.bootstrap import Estimate, Figure
from strokeanim.evaluation.evaluate import RECOGNISED, UNFILTERED, Evaluation
from strokeanim.evaluation.metrics import at_least

TITLES = {
    "ceiling": ("ceiling", "the judge on the drawings themselves"),
    "identify": ("identify", "the model's own class head on the drawings"),
    "rec": ("Rec", "the judge on reconstructions"),
    "ret_1": ("Ret@1", "the reconstruction's nearest code in the gallery is its drawing's"),
    "ret_10": ("Ret@10", "it is among the ten nearest"),
    "chamfer": ("Chamfer, median", "of reconstructions, of the longer side"),
    "cut": ("cut", "reconstructions cut at the maximum length"),
    "knn": ("k-NN purity", "neighbours of the same class"),
    "knn_recognised": ("k-NN purity, recognised", "of drawings that the judge recognises"),
    "silhouette": ("silhouette", "of the classes in the latent space"),
    "generated_rec": ("generated: Rec", "the judge on new drawings"),
    "generated_cut": ("generated: cut", "new drawings cut at the maximum length"),
}
BETWEEN = {
    "rec": ("in-between Rec", "the judge on in-betweens"),
    "worst_t": ("Rec at the worst t", "the lowest mean over t"),
    "all_right": ("pairs all right", "pairs with every in-between recognised"),
    "path_ratio": ("path ratio", "the way gone ÷ the shortest"),
    "path_ratio_median": ("path ratio, median", "of the pairs"),
    "max_mean_step": ("max/mean step", "1 is even"),
    "max_mean_step_median": ("max/mean step, median", "of the pairs"),
    "jitter": ("jitter", "second difference of matched points, of the diagonal"),
    "flips": ("flips", "steps at which the number of strokes changes"),
    "pops": ("pops", "steps at which ink appears or vanishes by itself"),
    "reach": ("ends apart", "Chamfer distance, of the diagonal"),
}
PLAIN = {"silhouette"} | {name for name in BETWEEN if "ratio" in name or "step" in name}
"""Figures that are no shares."""

OF_GENERATED, OF_RECOGNISED = {"generated_rec", "generated_cut"}, "knn_recognised"
LOWEST = "worst_t"
NO_SHARE = PLAIN | {"chamfer", "jitter", "reach"}
"""Figures that are not means of what is between 0 and 1."""

SECTIONS = {UNFILTERED: "all pairs", RECOGNISED: "pairs whose two drawings the judge recognises"}


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        section: where it belongs.
        title: what it is called.
        meaning: what it is.
        figure: its numbers.
        plain: it is no per cent.
        counts: how many independent drawings or pairs each class has, where it is a share; without
            them nothing is said of a class in which all are alike.
        lowest: it is the lowest of several shares, so that 0 says little of it.
    """

    section: str
    title: str
    meaning: str
    figure: Figure
    plain: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    lowest: bool = False

    @property
    def value(self) -> str:
        """The mean of the classes."""
        return self._number(self.figure.mean.value)

    def mean(self) -> str:
        """The mean of the classes, with its interval, and of how many classes it is."""
        told, every = self._told(self.figure.mean, 0), len(self.figure.classes)
        if self.figure.averaged in (0, every):
            return told
        return f"{told} ({self.figure.averaged} of {every} classes)"

    def of(self, label: str) -> str:
        """A class, with its interval."""
        return self._told(self.figure.classes[label], self.counts.get(label, 0))

    def short(self, label: str) -> str:
        """A class, without."""
        return self._number(self.figure.classes[label].value)

    def _told(self, estimate: Estimate, count: int) -> str:
        """Resamples of what is all alike are alike, so that their interval would have no width:
        then the one-sided 95 % bound of a share of `count`, if there is one.
        """
        value = self._number(estimate.value)
        if math.isnan(estimate.value):
            return value
        if math.isnan(estimate.low) or estimate.narrow:
            if count and estimate.value == 1:
                return f"{value} (≥ {self._number(at_least(count, count))})"
            if count and estimate.value == 0 and not self.lowest:
                return f"{value} (≤ {self._number(1 - at_least(count, count))})"
            return f"{value} (no interval)"
        low, high = (self._number(end).removesuffix("%") for end in (estimate.low, estimate.high))
        return f"{value} [{low}, {high}]"

    def _number(self, value: float) -> str:
        """As people read it; a dash where there is nothing to tell."""
        if math.isnan(value):
            return "–"
        return f"{value:.2f}" if self.plain else f"{value:.1%}"


@dataclass(frozen=True)
class Line:
    """One figure of all ways of making in-betweens, side by side, means of the classes.

    Attributes:
        title: what it is called.
        ways: by the way's name.
        difference: of the coherent ones to the independent ones, with its interval, or "".
    """

    title: str
    ways: Mapping[str, str]
    difference: str


def compared(evaluation: Evaluation) -> Iterator[tuple[str, list[Line]]]:
    """The ways side by side: per section its lines."""
    every = list(rows(evaluation))
    for key, section in SECTIONS.items():
        lines = []
        for name, (title, _) in BETWEEN.items():
            found = {
                way: next(
                    row
                    for row in every
                    if (row.section, row.title) == (_section(way, section), title)
                )
                for way in evaluation.ways
            }
            figure = evaluation.differences[key].get(name)
            told = Row("", title, "", figure, name in PLAIN).mean() if figure else ""
            lines.append(Line(title, {way: row.value for way, row in found.items()}, told))
        ratio = Row("", "", "", evaluation.differences[key]["jitter_ratio"], plain=True).mean()
        lines.append(Line("jitter, coherent ÷ independent", {}, ratio))
        yield section, lines


def rows(evaluation: Evaluation) -> Iterator[Row]:
    """Every figure, in the order of the table."""
    for name, title in TITLES.items():
        counts = {} if name in NO_SHARE else _drawings(evaluation, name)
        yield Row("", *title, evaluation.figures[name], name in PLAIN, counts)
    for way, filters in evaluation.ways.items():
        for key, section in SECTIONS.items():
            found, where = filters[key], _section(way, section)
            for name, title in BETWEEN.items():
                counts = {} if name in NO_SHARE else found.disjoint
                figure = found.figures[name]
                yield Row(where, *title, figure, name in PLAIN, counts, name == LOWEST)


def _section(way: str, section: str) -> str:
    return f"in-betweens, {way}, {section}"


def _drawings(evaluation: Evaluation, name: str) -> Mapping[str, int]:
    """How many drawings a figure is the mean of, per class."""
    counts: Mapping[str, int] = evaluation.data["drawings"]
    if name in OF_GENERATED:
        return dict.fromkeys(counts, evaluation.settings["generated"])
    if name == OF_RECOGNISED:
        shares = evaluation.figures["ceiling"].classes
        return {label: round(n * shares[label].value) for label, n in counts.items()}
    return counts
