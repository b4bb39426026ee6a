"""Format the results of an evaluation as JSON and as sentences.

The rows of the table are left to `table`, the HTML page to `page`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np

from strokeanim import __version__
from strokeanim.evaluation.evaluate import Evaluation
from strokeanim.evaluation.judge import ENOUGH_OTHER
from strokeanim.evaluation.replication import ALONE, Replication
from strokeanim.evaluation.sequences import SequenceFigures
from strokeanim.evaluation.table import SECTIONS
from strokeanim.io.sources import parse_source

FORMAT = 1


def as_json(evaluation: Evaluation, original: Replication | None = None) -> str:
    """Return the figures, without the drawings; the same seed gives the same text."""
    left_out = {"sequences", "reconstructions"}
    figures = {
        field.name: getattr(evaluation, field.name)
        for field in fields(evaluation)
        if field.name not in left_out
    }
    document: dict[str, Any] = {"format": FORMAT, "strokeanim": __version__, **figures}
    if original is not None:
        document["original"] = {
            "pairs": original.pairs,
            "map": {"drawings": len(original.drawings), "filled": original.filled},
            "claims": original.claims,
        }
    return json.dumps(_to_plain(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def notes(evaluation: Evaluation) -> list[str]:
    """Return the notes to the table: data, judge, active units, and pairs of each method."""
    data, judge, units = evaluation.data, evaluation.judge, evaluation.active_units
    counts = ", ".join(f"{count} {label}" for label, count in data["drawings"].items())
    sources = " and ".join(map(_shorten_source, data["sources"]))
    fingerprints = data["fingerprints"]
    lines = [
        f"model {evaluation.model['name']} on {sources}, {data['split']}: {counts}; "
        f"{data['neighbours']} neighbours, gallery of {data['gallery']}, "
        f"{_describe_dropped(data)}; fingerprint of the drawings {fingerprints['drawings']}, "
        f"of the gallery {fingerprints['gallery']}",
        f"judge {judge['name']}: {_describe_accuracy(judge)}; {_describe_other(judge)}",
        *(
            [f"judge {judge['name']}: this classifier chose the model's weights"]
            if judge["name"] == evaluation.model["selector"]
            else []
        ),
        f"active units: {units['drawings']} of {units['of']} on the drawings"
        + ("" if units["synthetic"] is None else f", {units['synthetic']} on synthetic ones"),
    ]
    for method, filters in evaluation.methods.items():
        for name, section in SECTIONS.items():
            counts = ", ".join(f"{n} {label}" for label, n in filters[name].pairs.items())
            worst = _find_worst_t(evaluation.t, filters[name])
            lines.append(f"in-betweens, {method}, {section}: {counts}; worst t {worst}")
    return lines


def describe_claims(original: Replication) -> list[str]:
    """Return the findings of the repeated experiment, one sentence a line."""
    lines = [
        f"{label}: {pairs.right} of {pairs.of} pairs of {pairs.drawings} drawings right at every "
        f"step, at least {pairs.at_least:.1%} (one-sided 95 %) if pairs were independent, which "
        "pairs that share drawings are not"
        for label, pairs in original.pairs.items()
    ]
    for key, claims in original.claims.items():
        scope = describe_claim_scope(original, key)
        lines += [
            f"{claim.words}: {f'{claim.verdict}, ' if claim.verdict else ''}{scope}: {claim.told}"
            for claim in claims
        ]
    return lines


def describe_claim_scope(original: Replication, key: str) -> str:
    """Describe the latents that the claims of a key are tested on, and if verdicts are missing."""
    count, filled = len(original.drawings), original.filled
    if key == ALONE:
        return f"the {count - filled} drawings alone"
    if not filled:
        return f"{count} latents"
    verdicts = any(claim.verdict for claim in original.claims[key])
    scope = f"{count} latents, {filled} of them synthetic"
    return scope if verdicts else f"{scope}: an illustration, no verdict"


def _shorten_source(source: str) -> str:
    """Return a source without its folder, which may be private."""
    parsed = parse_source(source)
    return str(replace(parsed, place=PurePath(parsed.place).name))


def _describe_dropped(data: Mapping[str, Any]) -> str:
    text = f"{data['ignored']} drawings ignored"
    if data["repeats"]:
        text += f", {data['repeats']} repeats dropped"
    if data["left_out"]:
        text += f", {data['left_out']} more than are looked at left out"
    return text


def _describe_accuracy(judge: Mapping[str, Any]) -> str:
    if not judge["accuracy"]:
        return "its card does not say how often it is right on real drawings"
    shares = ", ".join(
        f"{label} {_format_share(share)}" for label, share in judge["accuracy"].items()
    )
    return f"right on real drawings it has not learned from: {shares}"


def _describe_other(judge: Mapping[str, Any]) -> str:
    if judge["other"] is None:
        return "nor how many drawings of classes it has not seen it calls other"
    text = f"calls {judge['other']:.1%} of drawings of classes it has not seen other"
    return text if judge["other"] >= ENOUGH_OTHER else f"{text}, less than the 80 % it should"


def _format_share(value: object) -> str:
    return f"{value:.1%}" if isinstance(value, int | float) else str(value)


def _find_worst_t(t: Sequence[float], figures: SequenceFigures) -> str:
    shares = [each.value for each in figures.curve["mean"]]
    return "–" if np.isnan(shares).all() else f"{t[int(np.nanargmin(shares))]:.2f}"


def _to_plain(value: Any) -> Any:
    """Convert dataclasses to dicts, floats to six decimals, NaN to None."""
    if is_dataclass(value):
        return {field.name: _to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _to_plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(each) for each in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
