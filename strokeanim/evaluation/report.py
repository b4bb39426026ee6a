"""What was found, for machines as JSON and for people as sentences.

The rows of the table are in `table`, the HTML page is in `page`.
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
    """The figures, without the drawings: the same text for the same seed."""
    left_out = {"walks", "rebuilt"}
    found = {
        field.name: getattr(evaluation, field.name)
        for field in fields(evaluation)
        if field.name not in left_out
    }
    document: dict[str, Any] = {"format": FORMAT, "strokeanim": __version__, **found}
    if original is not None:
        document["original"] = {
            "pairs": original.pairs,
            "map": {"drawings": len(original.drawings), "filled": original.filled},
            "claims": original.claims,
        }
    return json.dumps(_plain(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def notes(evaluation: Evaluation) -> list[str]:
    """What belongs to the table: the data, the judge's own facts, the active units."""
    data, judge, units = evaluation.data, evaluation.judge, evaluation.active_units
    counts = ", ".join(f"{count} {label}" for label, count in data["drawings"].items())
    told = [
        f"model {evaluation.model['name']} on {' and '.join(map(_short, data['sources']))}, "
        f"{data['split']}: {counts}; {data['neighbours']} neighbours, gallery of "
        f"{data['gallery']}, {_dropped(data)}; fingerprint of the drawings "
        f"{data['fingerprints']['drawings']}, of the gallery {data['fingerprints']['gallery']}",
        f"judge {judge['name']}: {_accuracy(judge)}; {_other(judge)}",
        *(
            [f"judge {judge['name']}: this classifier chose the model's weights"]
            if judge["name"] == evaluation.model["selector"]
            else []
        ),
        f"active units: {units['drawings']} of {units['of']} on the drawings"
        + ("" if units["synthetic"] is None else f", {units['synthetic']} on synthetic ones"),
    ]
    for way, filters in evaluation.ways.items():
        for name, section in SECTIONS.items():
            counts = ", ".join(f"{n} {label}" for label, n in filters[name].pairs.items())
            worst = _worst(evaluation.t, filters[name])
            told.append(f"in-betweens, {way}, {section}: {counts}; worst t {worst}")
    return told


def describe_claims(original: Replication) -> list[str]:
    """The repeated experiment, a sentence a line."""
    told = [
        f"{label}: {found.right} of {found.of} pairs of {found.drawings} drawings right at every "
        f"step, at least {found.at_least:.1%} (one-sided 95 %) if pairs were independent, which "
        "pairs that share drawings are not"
        for label, found in original.pairs.items()
    ]
    for key, claims in original.claims.items():
        where = describe_evaluation(original, key)
        told += [
            f"{claim.words}: {f'{claim.verdict}, ' if claim.verdict else ''}{where}: {claim.told}"
            for claim in claims
        ]
    return told


def describe_evaluation(original: Replication, key: str) -> str:
    """What the claims of that key are about, and what they are worth."""
    count, filled = len(original.drawings), original.filled
    if key == ALONE:
        return f"the {count - filled} drawings alone"
    if not filled:
        return f"{count} latents"
    verdicts = any(claim.verdict for claim in original.claims[key])
    told = f"{count} latents, {filled} of them synthetic"
    return told if verdicts else f"{told}: an illustration, no verdict"


def _short(source: str) -> str:
    """A source without the folder it is in, which is nobody else's business."""
    taken = parse_source(source)
    return str(replace(taken, place=PurePath(taken.place).name))


def _dropped(data: Mapping[str, Any]) -> str:
    told = f"{data['ignored']} drawings ignored"
    if data["repeats"]:
        told += f", {data['repeats']} repeats dropped"
    if data["left_out"]:
        told += f", {data['left_out']} more than are looked at left out"
    return told


def _accuracy(judge: Mapping[str, Any]) -> str:
    if not judge["accuracy"]:
        return "its card does not say how often it is right on real drawings"
    shares = ", ".join(f"{label} {_share(share)}" for label, share in judge["accuracy"].items())
    return f"right on real drawings it has not learned from: {shares}"


def _other(judge: Mapping[str, Any]) -> str:
    if judge["other"] is None:
        return "nor how many drawings of classes it has not seen it calls other"
    told = f"calls {judge['other']:.1%} of drawings of classes it has not seen other"
    return told if judge["other"] >= ENOUGH_OTHER else f"{told}, less than the 80 % it should"


def _share(value: object) -> str:
    return f"{value:.1%}" if isinstance(value, int | float) else str(value)


def _worst(t: Sequence[float], found: SequenceFigures) -> str:
    shares = [each.value for each in found.curve["mean"]]
    return "–" if np.isnan(shares).all() else f"{t[int(np.nanargmin(shares))]:.2f}"


def _plain(value: Any) -> Any:
    """Dataclasses to objects, numbers to six decimals, NaN to null."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
