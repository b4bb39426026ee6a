"""Build the rows of an evaluation's table: titles of figures, and formatted numbers.

The layout of rows is left to the command line and to `page`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from strokeanim.evaluation.bootstrap import Estimate, Figure
from strokeanim.evaluation.evaluate import RECOGNISED, UNFILTERED, Evaluation
from strokeanim.evaluation.metrics import share_lower_bound

TITLES = {
    "ceiling": ("ceiling", "the judge on the drawings themselves"),
    "identify": ("identify", "the model's own class head on the drawings"),
    "rec": ("Rec", "the judge on reconstructions"),
    "ret_1": ("Ret@1", "the reconstruction's nearest latent in the gallery is its drawing's"),
    "ret_10": ("Ret@10", "it is among the ten nearest"),
    "chamfer": ("Chamfer, median", "of reconstructions, of the longer side"),
    "cut": ("cut", "reconstructions cut at the maximum length"),
    "knn": ("k-NN purity", "neighbours of the same class"),
    "knn_recognised": ("k-NN purity, recognised", "of drawings that the judge recognises"),
    "silhouette": ("silhouette", "of the classes in the latent space"),
    "generated_rec": ("generated: Rec", "the judge on new drawings"),
    "generated_cut": ("generated: cut", "new drawings cut at the maximum length"),
}
INBETWEEN_TITLES = {
    "rec": ("in-between Rec", "the judge on in-betweens"),
    "worst_t": ("Rec at the worst t", "the lowest mean over t"),
    "all_right": ("pairs all right", "pairs with every in-between recognised"),
    "path_ratio": ("path ratio", "the length of the path ÷ the shortest"),
    "path_ratio_median": ("path ratio, median", "of the pairs"),
    "max_mean_step": ("max/mean step", "1 is even"),
    "max_mean_step_median": ("max/mean step, median", "of the pairs"),
    "jitter": ("jitter", "second difference of matched points, of the diagonal"),
    "flips": ("flips", "steps at which the number of strokes changes"),
    "pops": ("pops", "steps at which ink appears or vanishes by itself"),
    "reach": ("ends apart", "Chamfer distance, of the diagonal"),
}
PLAIN = {"silhouette"} | {name for name in INBETWEEN_TITLES if "ratio" in name or "step" in name}
"""Figures that are not formatted as per cent."""

GENERATED_FIGURES, RECOGNISED_FIGURE = {"generated_rec", "generated_cut"}, "knn_recognised"
LOWEST_FIGURE = "worst_t"
NON_SHARES = PLAIN | {"chamfer", "jitter", "reach"}
"""Figures that are not means of values between 0 and 1."""

SECTIONS = {UNFILTERED: "all pairs", RECOGNISED: "pairs whose two drawings the judge recognises"}


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        section: the heading above it.
        title: the name of the figure.
        meaning: its definition in short.
        figure: its numbers.
        plain: not formatted as per cent.
        counts: number of independent drawings or pairs by class, for a share; without them a class
            in which all are alike has no bound.
        lowest: a minimum of several shares, so that a value of 0 proves little.
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
        """Return the mean of the classes, without its interval."""
        return self._format_number(self.figure.mean.value)

    def format_mean(self) -> str:
        """Format the mean of the classes with its interval, and how many classes if not all."""
        text, count = self._format_estimate(self.figure.mean, 0), len(self.figure.classes)
        if self.figure.valid_count in (0, count):
            return text
        return f"{text} ({self.figure.valid_count} of {count} classes)"

    def format_class(self, label: str) -> str:
        """Format the figure of a class with its interval."""
        return self._format_estimate(self.figure.classes[label], self.counts.get(label, 0))

    def format_class_value(self, label: str) -> str:
        """Format the figure of a class without its interval."""
        return self._format_number(self.figure.classes[label].value)

    def _format_estimate(self, estimate: Estimate, count: int) -> str:
        """Format a value with its interval, or with a one-sided 95 % bound for a share of `count`.

        Equal values have equal resamples, hence an interval without width; then the bound is given,
        if the value has one.
        """
        value = self._format_number(estimate.value)
        if math.isnan(estimate.value):
            return value
        if math.isnan(estimate.low) or estimate.degenerate:
            if count and estimate.value == 1:
                return f"{value} (≥ {self._format_number(share_lower_bound(count, count))})"
            if count and estimate.value == 0 and not self.lowest:
                return f"{value} (≤ {self._format_number(1 - share_lower_bound(count, count))})"
            return f"{value} (no interval)"
        low, high = (
            self._format_number(end).removesuffix("%") for end in (estimate.low, estimate.high)
        )
        return f"{value} [{low}, {high}]"

    def _format_number(self, value: float) -> str:
        """Format a value as per cent, or plain; NaN as a dash."""
        if math.isnan(value):
            return "–"
        return f"{value:.2f}" if self.plain else f"{value:.1%}"


@dataclass(frozen=True)
class Line:
    """One figure of all methods of making in-betweens, side by side, means of the classes.

    Attributes:
        title: the name of the figure.
        methods: values by method.
        difference: coherent less independent, with its interval, or "".
    """

    title: str
    methods: Mapping[str, str]
    difference: str


def compare_methods(evaluation: Evaluation) -> Iterator[tuple[str, list[Line]]]:
    """Yield each section with its lines, which show the methods side by side."""
    every_row = list(rows(evaluation))
    for key, section in SECTIONS.items():
        lines = []
        for name, (title, _) in INBETWEEN_TITLES.items():
            values = {
                method: next(
                    row.value
                    for row in every_row
                    if (row.section, row.title) == (_format_section(method, section), title)
                )
                for method in evaluation.methods
            }
            figure = evaluation.differences[key].get(name)
            difference = Row("", title, "", figure, name in PLAIN).format_mean() if figure else ""
            lines.append(Line(title, values, difference))
        ratio = Row("", "", "", evaluation.differences[key]["jitter_ratio"], plain=True)
        lines.append(Line("jitter, coherent ÷ independent", {}, ratio.format_mean()))
        yield section, lines


def rows(evaluation: Evaluation) -> Iterator[Row]:
    """Yield the rows of all figures, in the order of the table."""
    for name, title in TITLES.items():
        counts = {} if name in NON_SHARES else _count_drawings(evaluation, name)
        yield Row("", *title, evaluation.figures[name], name in PLAIN, counts)
    for method, filters in evaluation.methods.items():
        for key, section in SECTIONS.items():
            figures, heading = filters[key], _format_section(method, section)
            for name, title in INBETWEEN_TITLES.items():
                counts = {} if name in NON_SHARES else figures.disjoint
                figure = figures.figures[name]
                yield Row(heading, *title, figure, name in PLAIN, counts, name == LOWEST_FIGURE)


def _format_section(method: str, section: str) -> str:
    return f"in-betweens, {method}, {section}"


def _count_drawings(evaluation: Evaluation, name: str) -> Mapping[str, int]:
    """Return how many drawings a figure is averaged over, per class."""
    counts: Mapping[str, int] = evaluation.data["drawings"]
    if name in GENERATED_FIGURES:
        return dict.fromkeys(counts, evaluation.settings["generated"])
    if name == RECOGNISED_FIGURE:
        shares = evaluation.figures["ceiling"].classes
        return {label: round(n * shares[label].value) for label, n in counts.items()}
    return counts
