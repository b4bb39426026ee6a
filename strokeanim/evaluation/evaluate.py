"""Evaluate a model by reproducible figures, defined in docs/reference/evaluation.md.

`evaluate` runs everything and returns frozen values. `evaluation_run` computes them, `metrics` and
`sequences` define the figures, `bootstrap` adds intervals; `table`, `report` and `page` show them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strokeanim.engine import Engine
from strokeanim.evaluation.baselines import COHERENT, INDEPENDENT, METHODS
from strokeanim.evaluation.bootstrap import Figure
from strokeanim.evaluation.evaluation_run import EvaluationRun, Reconstruction, Sizes
from strokeanim.evaluation.held_out import MEASURED, NEIGHBOURS, HeldOut, fingerprint
from strokeanim.evaluation.judge import Judge, check_judge, describe_judge
from strokeanim.evaluation.sequences import FrameSequence, SequenceFigures, differences, summarise
from strokeanim.latent.interpolation import interpolation_times

UNFILTERED, RECOGNISED = "all", "both_recognised"


@dataclass(frozen=True)
class Evaluation:
    """All results of an evaluation.

    Attributes:
        model: its name, classes, number of latent dimensions, and the classifier that chose its
            weights, if one did.
        judge: its name, classes and measured quality.
        data: sources, split, and counts of drawings.
        settings: seed, steps and sizes.
        t: of the in-betweens.
        figures: by name.
        methods: figures of in-betweens by method, then over `all` pairs and `both_recognised`.
        differences: coherent less independent figures, pair by pair, over the same pairs.
        active_units: number of active latent dimensions, on the drawings and on synthetic ones.
        sequences: by method and class.
        reconstructions: by class.
    """

    model: Mapping[str, Any]
    judge: Mapping[str, Any]
    data: Mapping[str, Any]
    settings: Mapping[str, int]
    t: tuple[float, ...]
    figures: Mapping[str, Figure]
    methods: Mapping[str, Mapping[str, SequenceFigures]]
    differences: Mapping[str, Mapping[str, Figure]]
    active_units: Mapping[str, int | None]
    sequences: Mapping[str, Mapping[str, Sequence[FrameSequence]]]
    reconstructions: Mapping[str, Sequence[Reconstruction]]


def stages(classes: Sequence[str]) -> int:
    """Return how many times `evaluate` calls `report`."""
    return 2 + len(METHODS) * (len(classes) + 1) + len(classes)


def evaluate(
    codec: Engine,
    judge: Judge,
    data: HeldOut,
    *,
    seed: int = 0,
    steps: int = 10,
    sizes: Sizes | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Compute every figure of an evaluation.

    Args:
        codec: the model.
        judge: a classifier that knows the model's classes and was trained apart from it.
        data: drawings that the model was not trained on.
        seed: of pairs, resamples and generated drawings.
        steps: number of in-betweens, 1 or more.
        sizes: numbers of pairs, drawings and resamples.
        report: called with the name of each stage, for a progress bar.

    Raises:
        InputError: the judge lacks a class of the model.
    """
    check_judge(judge, codec.classes)
    run = EvaluationRun(codec, judge, data, seed, sizes or Sizes())
    report("reconstructions")
    figures = run.evaluate_drawings()
    report("latents")
    figures |= run.evaluate_latents()
    sequences: dict[str, dict[str, list[FrameSequence]]] = {}
    methods: dict[str, dict[str, SequenceFigures]] = {}
    for method in METHODS:
        sequences[method] = {}
        for label in data.classes:
            report(f"{method} in-betweens of {label}")
            sequences[method][label] = run.evaluate_pairs(label, method, steps)
        report(f"movement of the {method} ones")
        methods[method] = {
            name: summarise(by_class, run.resamples, steps)
            for name, by_class in _filter_pairs(sequences[method]).items()
        }
    coherent, independent = (_filter_pairs(sequences[method]) for method in (COHERENT, INDEPENDENT))
    method_differences = {
        name: differences(coherent[name], independent[name], run.resamples) for name in coherent
    }
    figures |= run.evaluate_generated(report)
    return Evaluation(
        model={
            "name": codec.name,
            "classes": list(codec.classes),
            "latent": codec.latent,
            "selector": codec.facts.get("selector"),
        },
        judge=describe_judge(judge),
        data={
            "sources": list(data.sources) or ["synthetic"],
            "split": data.split,
            "drawings": {label: len(members) for label, members in data.classes.items()},
            "neighbours": len(data.train),
            "gallery": len(run.gallery),
            "ignored": data.ignored,
            "repeats": data.repeats,
            "left_out": data.left_out,
            "fingerprints": {
                "drawings": fingerprint(data.drawings),
                "neighbours": fingerprint(data.train),
                "gallery": fingerprint(run.gallery),
            },
        },
        settings={
            "seed": seed,
            "steps": steps,
            **vars(run.sizes),
            "measured_per_class": MEASURED,
            "neighbours_per_class": NEIGHBOURS,
        },
        t=tuple(round(float(k), 6) for k in interpolation_times(steps)[1:-1]),
        figures=figures,
        methods=methods,
        differences=method_differences,
        active_units=run.count_active_units(),
        sequences=sequences,
        reconstructions=run.group_reconstructions(),
    )


def _filter_pairs(
    sequences: Mapping[str, Sequence[FrameSequence]],
) -> dict[str, dict[str, list[FrameSequence]]]:
    """Return all sequences of each class, and those between drawings that the judge recognises."""
    return {
        UNFILTERED: {label: list(members) for label, members in sequences.items()},
        RECOGNISED: {
            label: [sequence for sequence in members if sequence.both_recognised]
            for label, members in sequences.items()
        },
    }
