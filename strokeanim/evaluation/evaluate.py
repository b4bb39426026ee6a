"""How good a model is, by figures that two people compute alike (docs/reference/evaluation.md).

`evaluate` runs everything and returns frozen values. `measuring` computes them; what a figure is,
is in `metrics` and `walks`; how it gets its interval in `bootstrap`. `table`, `report` and `page`
show them.
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
    """Everything that was found.

    Attributes:
        model: its name, classes, number of latent dimensions, and the classifier that chose its
            weights, if one did.
        judge: its name, classes and what is known of how good it is.
        data: where the drawings are from, which split, and how many.
        settings: seed, steps and sizes.
        t: of the in-betweens.
        figures: by name.
        ways: in-betweens by the way's name, then over all pairs and over `both_recognised`.
        differences: by how much the coherent ones exceed the independent ones, pair by pair, over
            the same pairs.
        active_units: of latent dimensions, on the drawings and on synthetic ones.
        walks: by the way's name and the class.
        rebuilt: by class.
    """

    model: Mapping[str, Any]
    judge: Mapping[str, Any]
    data: Mapping[str, Any]
    settings: Mapping[str, int]
    t: tuple[float, ...]
    figures: Mapping[str, Figure]
    ways: Mapping[str, Mapping[str, SequenceFigures]]
    differences: Mapping[str, Mapping[str, Figure]]
    active_units: Mapping[str, int | None]
    walks: Mapping[str, Mapping[str, Sequence[FrameSequence]]]
    rebuilt: Mapping[str, Sequence[Reconstruction]]


def stages(classes: Sequence[str]) -> int:
    """How many times `evaluate` calls `report`."""
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
    """Every figure of an evaluation.

    Args:
        codec: the model.
        judge: a classifier that knows the model's classes and was trained apart from it.
        data: drawings that the model has not learned from.
        seed: decides pairs, resamples and what is generated.
        steps: in-betweens, 1 or more.
        sizes: how much of everything.
        report: told what comes next, for a progress bar.

    Raises:
        InputError: the judge does not know a class of the model.
    """
    check_judge(judge, codec.classes)
    work = EvaluationRun(codec, judge, data, seed, sizes or Sizes())
    report("reconstructions")
    figures = work.of_drawings()
    report("latents")
    figures |= work.of_latents()
    walks: dict[str, dict[str, list[FrameSequence]]] = {}
    ways: dict[str, dict[str, SequenceFigures]] = {}
    for way in METHODS:
        walks[way] = {}
        for label in data.classes:
            report(f"{way} in-betweens of {label}")
            walks[way][label] = work.walks(label, way, steps)
        report(f"movement of the {way} ones")
        ways[way] = {
            name: summarise(some, work.resamples, steps)
            for name, some in _filtered(walks[way]).items()
        }
    one, other = (_filtered(walks[way]) for way in (COHERENT, INDEPENDENT))
    different = {name: differences(one[name], other[name], work.resamples) for name in one}
    figures |= work.of_generated(report)
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
            "gallery": len(work.gallery),
            "ignored": data.ignored,
            "repeats": data.repeats,
            "left_out": data.left_out,
            "fingerprints": {
                "drawings": fingerprint(data.drawings),
                "neighbours": fingerprint(data.train),
                "gallery": fingerprint(work.gallery),
            },
        },
        settings={
            "seed": seed,
            "steps": steps,
            **vars(work.sizes),
            "measured_per_class": MEASURED,
            "neighbours_per_class": NEIGHBOURS,
        },
        t=tuple(round(float(k), 6) for k in interpolation_times(steps)[1:-1]),
        figures=figures,
        ways=ways,
        differences=different,
        active_units=work.units(),
        walks=walks,
        rebuilt=work.rebuilt(),
    )


def _filtered(
    walks: Mapping[str, Sequence[FrameSequence]],
) -> dict[str, dict[str, list[FrameSequence]]]:
    """All walks of each class, and those between drawings that the judge recognises."""
    return {
        UNFILTERED: {label: list(some) for label, some in walks.items()},
        RECOGNISED: {label: [w for w in some if w.known] for label, some in walks.items()},
    }
