"""What was found, for machines and for people: JSON, the rows of a table, one HTML page.

The page needs no other file and no network. It holds pictures of the drawings: of real ones, it is
not for publishing. The SVG in it is made by `sheets`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from html import escape
from typing import Any

import numpy as np

from strokeanim import __version__
from strokeanim.analysis.bootstrap import Estimate, Figure
from strokeanim.analysis.evaluation import RECOGNISED, UNFILTERED, Evaluation, Rebuilt
from strokeanim.analysis.judging import ENOUGH_OTHER
from strokeanim.analysis.original import Claim, Original
from strokeanim.analysis.sheets import Cell, curve, latent_map, sheet
from strokeanim.analysis.walks import InBetweens, Walk

FORMAT = 1

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
    "max_mean_step": ("max/mean step", "1 is even"),
    "jitter": ("jitter", "second difference of matched points, of the diagonal"),
    "flips": ("flips", "steps at which the number of strokes changes"),
}
PLAIN = {"silhouette", "path_ratio", "max_mean_step"}
"""Figures that are no shares."""

SECTIONS = {UNFILTERED: "all pairs", RECOGNISED: "pairs whose two drawings the judge recognises"}

SHOWN, WORST = 3, 12
"""Pairs of a kind and reconstructions on the contact sheets of a class."""


@dataclass(frozen=True)
class Row:
    """A line of the table: where it belongs, what it is called and means, and its figure."""

    section: str
    title: str
    meaning: str
    figure: Figure
    plain: bool

    def text(self, estimate: Estimate, interval: bool = True) -> str:
        """As people read it; a dash where there is nothing to tell."""
        if math.isnan(estimate.value):
            return "–"
        value, low, high = (
            f"{number:.2f}" if self.plain else f"{number:.1%}"
            for number in (estimate.value, estimate.low, estimate.high)
        )
        if not interval or math.isnan(estimate.low):
            return value
        return f"{value} [{low.removesuffix('%')}, {high.removesuffix('%')}]"


def rows(evaluation: Evaluation) -> Iterator[Row]:
    """Every figure, in the order of the table."""
    for name, title in TITLES.items():
        yield Row("", *title, evaluation.figures[name], name in PLAIN)
    for way, filters in evaluation.ways.items():
        for name, section in SECTIONS.items():
            found = filters[name]
            for figure, title in BETWEEN.items():
                where = f"in-betweens, {way}, {section}"
                yield Row(where, *title, found.figures[figure], figure in PLAIN)


def notes(evaluation: Evaluation) -> list[str]:
    """What belongs to the table: the data, the judge's own facts, the active units."""
    data, judge, units = evaluation.data, evaluation.judge, evaluation.active_units
    counts = ", ".join(f"{count} {label}" for label, count in data["drawings"].items())
    told = [
        f"model {evaluation.model['name']} on {' and '.join(data['sources'])}, {data['split']}: "
        f"{counts}; {data['neighbours']} neighbours, gallery of {data['gallery']}, "
        f"{data['ignored']} drawings ignored; fingerprint of the drawings "
        f"{data['fingerprints']['drawings']}, of the gallery {data['fingerprints']['gallery']}",
        f"judge {judge['name']}: {_accuracy(judge)}; {_other(judge)}",
        f"active units: {units['drawings']} of {units['of']} on the drawings"
        + ("" if units["synthetic"] is None else f", {units['synthetic']} on synthetic ones"),
    ]
    for way, filters in evaluation.ways.items():
        for name, section in SECTIONS.items():
            counts = ", ".join(f"{n} {label}" for label, n in filters[name].pairs.items())
            worst = _worst(evaluation.t, filters[name])
            told.append(f"in-betweens, {way}, {section}: {counts}; worst t {worst}")
    return told


def claimed(original: Original) -> list[str]:
    """The repeated experiment, a sentence a line."""
    told = [
        f"{label}: {found.right} of {found.of} pairs right at every step, "
        f"at least {found.at_least:.1%} (one-sided 95 %)"
        for label, found in original.pairs.items()
    ]
    for about, claims in original.claims.items():
        told += [
            f"{claim.words}: {claim.verdict}, {_about(original, about)}: {claim.told}"
            for claim in claims
        ]
    return told


def as_json(evaluation: Evaluation, original: Original | None = None) -> str:
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


def as_html(evaluation: Evaluation, original: Original | None = None) -> str:
    """The whole report as one page."""
    name = escape(str(evaluation.model["name"]))
    body = [
        f"<h1>How good {name} is</h1>",
        _list(notes(evaluation)),
        "<p>Shares in per cent, with 95 % bootstrap intervals over drawings. What each figure is: "
        "<code>docs/reference/evaluation.md</code>.</p>",
        _table(evaluation),
    ]
    for way, filters in evaluation.ways.items():
        for key, section in SECTIONS.items():
            body.append(f"<h2>Recognised along the path: {escape(way)}, {section}</h2>")
            known = any(filters[key].pairs.values())
            body.append(
                curve(evaluation.t, filters[key].curve) if known else "<p>There are none.</p>"
            )
    if original is not None:
        body.append(_original(original))
    for way, walks in evaluation.walks.items():
        for label, some in walks.items():
            body.append(f"<h2>{escape(label)}: in-betweens, {escape(way)}</h2>")
            body.append(_walks(some))
    for label, rebuilt in evaluation.rebuilt.items():
        body.append(f"<h2>{escape(label)}: the reconstructions farthest from their drawings</h2>")
        body.append(_rebuilt(rebuilt))
    return _PAGE.format(title=f"strokeanim evaluate: {name}", style=_STYLE, body="\n".join(body))


def _table(evaluation: Evaluation) -> str:
    classes = list(evaluation.data["drawings"])
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", "mean of classes", *classes))
    lines, section = [f"<tr>{head}</tr>"], ""
    for row in rows(evaluation):
        if row.section != section:
            section = row.section
            lines.append(f'<tr><th colspan="{len(classes) + 2}">{escape(section)}</th></tr>')
        cells = [row.figure.mean, *(row.figure.classes[label] for label in classes)]
        lines.append(
            f"<tr><td>{escape(row.title)}<small>{escape(row.meaning)}</small></td>"
            + "".join(f"<td>{_cell(row, each)}</td>" for each in cells)
            + "</tr>"
        )
    return f"<table>{''.join(lines)}</table>"


def _cell(row: Row, estimate: Estimate) -> str:
    value, bracket, interval = row.text(estimate).partition(" [")
    return f"<b>{value}</b><small>{bracket}{interval}</small>"


def _original(original: Original) -> str:
    parts = ["<h2>The original experiment, repeated</h2>", "<h3>Pairs</h3>"]
    parts.append(_list(claimed(original)[: len(original.pairs)]))
    for about, claims in original.claims.items():
        parts.append(f"<h3>Claims, {escape(_about(original, about))}</h3>")
        parts.append(_list_of(claims))
    pale = " Synthetic drawings that fill it up are pale." if original.filled else ""
    parts.append(f"<h3>t-SNE of {len(original.drawings)} latents</h3><p>{pale}</p>")
    parts.append(latent_map(original.places, original.drawings, original.filled))
    return "\n".join(parts)


def _about(original: Original, about: str) -> str:
    count = len(original.drawings)
    if about == "map":
        return f"{count} latents" + (
            f", {original.filled} of them synthetic" if original.filled else ""
        )
    return f"the {count - original.filled} drawings alone"


def _list_of(claims: Sequence[Claim]) -> str:
    items = [
        f"<li>{escape(claim.words)}: <b>{claim.verdict}</b>. {escape(claim.told)}</li>"
        for claim in claims
    ]
    return f"<ul>{''.join(items)}</ul>"


def _walks(walks: Sequence[Walk]) -> str:
    """Best, median and worst pairs by the judge's mean probability of the class."""
    ranked = sorted(walks, key=lambda walk: -float(np.mean(walk.sure)))
    middle = max(0, (len(ranked) - SHOWN) // 2)
    kinds = {
        "best": ranked[:SHOWN],
        "median": ranked[middle : middle + SHOWN],
        "worst": ranked[-SHOWN:],
    }
    if len(ranked) <= 3 * SHOWN:
        kinds = {"all of them, the best first": ranked}
    parts = [
        f"<p>The drawing it starts from, the {len(ranked[0].frames)} frames, the drawing it goes "
        "to; below, the judge's probability of the class, or in red what it takes the frame for. "
        "Pairs are ranked by the mean of that probability.</p>"
    ]
    for kind, some in kinds.items():
        parts.append(f"<h3>{kind}</h3>{sheet([_walk(walk) for walk in some])}")
    return "\n".join(parts)


def _walk(walk: Walk) -> list[Cell]:
    inner = [
        Cell(frame, f"{sure:.2f}" if good else name, "right" if good else "wrong")
        for frame, name, sure, good in zip(
            walk.frames[1:-1], walk.found, walk.sure, walk.right, strict=True
        )
    ]
    return [
        Cell(walk.start, "drawing", "given"),
        Cell(walk.frames[0]),
        *inner,
        Cell(walk.frames[-1]),
        Cell(walk.end, "drawing", "given"),
    ]


def _rebuilt(rebuilt: Sequence[Rebuilt]) -> str:
    worst = sorted(rebuilt, key=lambda row: -row.distance)[:WORST]
    cells = [
        [
            Cell(row.original, "drawing", "given"),
            Cell(
                row.copy,
                f"{row.distance:.1%} {row.found}",
                "right" if row.found == row.original.label else "wrong",
            ),
        ]
        for row in worst
    ]
    across = 6
    rows = [cells[k : k + across] for k in range(0, len(cells), across)]
    return sheet([[cell for pair in row for cell in pair] for row in rows])


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


def _worst(t: Sequence[float], found: InBetweens) -> str:
    shares = [each.value for each in found.curve["mean"]]
    return "–" if np.isnan(shares).all() else f"{t[int(np.nanargmin(shares))]:.2f}"


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


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


_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #fff; margin: 2rem auto;
  max-width: 1040px; padding: 0 1rem }
h2 { margin-top: 2.2rem } h3 { margin: 1rem 0 .3rem; font-weight: 600; font-size: 1rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px }
td, th { padding: 3px 10px; border-bottom: 1px solid #e4e4e4; text-align: left }
td b { font-weight: 600 } td small { color: #666; white-space: nowrap; display: block }
svg { display: block; max-width: 100%; height: auto }
svg text { font: 10px system-ui, sans-serif }
.ink { fill: none; stroke-width: 1.4; stroke-linecap: round; stroke-linejoin: round }
rect { fill: #fafafa; stroke: #eee }
.given .ink, .plain .ink, .right .ink, .wrong .ink { stroke: #111 }
.given rect { fill: #eef3fb } .right rect { fill: #f1f9f1 } .wrong rect { fill: #fde8e6 }
.wrong text { fill: #b3261e }
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>
<body>
{body}
</body></html>
"""
