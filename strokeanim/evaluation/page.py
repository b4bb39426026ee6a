"""One HTML page of what was found, which needs no other file and no network.

It holds pictures of the drawings: of real ones, it is not for publishing. The SVG in it is made by
`sheets`, its numbers and sentences by `table` and `report`.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from strokeanim.evaluation.baselines import COHERENT, INDEPENDENT
from strokeanim.evaluation.claims import Claim
from strokeanim.evaluation.evaluate import Evaluation
from strokeanim.evaluation.evaluation_run import Reconstruction
from strokeanim.evaluation.replication import Replication
from strokeanim.evaluation.report import describe_claims, describe_evaluation, notes
from strokeanim.evaluation.sequences import FrameSequence
from strokeanim.evaluation.sheets import Cell, curve, latent_map, sheet
from strokeanim.evaluation.table import SECTIONS, compared, rows
from strokeanim.geometry import Drawing

SHOWN, WORST = 10, 12
"""Pairs and reconstructions on the contact sheets of a class."""


def as_html(evaluation: Evaluation, original: Replication | None = None) -> str:
    """The whole report as one page."""
    name = escape(str(evaluation.model["name"]))
    body = [
        f"<h1>How good {name} is</h1>",
        _list(notes(evaluation)),
        "<p>Shares in per cent, with 95 % bootstrap intervals over drawings; in parentheses the "
        "one-sided 95 % bound of a class in which all are right, or all wrong. What each figure "
        "is: <code>docs/reference/evaluation.md</code>.</p>",
        _compared(evaluation),
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
    for label in evaluation.rebuilt:
        body.append(f"<h2>{escape(label)}: in-betweens</h2>")
        body.append(_walks(*(evaluation.walks[way][label] for way in (INDEPENDENT, COHERENT))))
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
        cells = [row.mean(), *map(row.of, classes)]
        lines.append(
            f"<tr><td>{escape(row.title)}<small>{escape(row.meaning)}</small></td>"
            + "".join(f"<td>{_cell(each)}</td>" for each in cells)
            + "</tr>"
        )
    return f"<table>{''.join(lines)}</table>"


def _compared(evaluation: Evaluation) -> str:
    ways = list(evaluation.ways)
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", *ways, "coherent less independent"))
    lines = [f"<tr>{head}</tr>"]
    for section, some in compared(evaluation):
        lines.append(f'<tr><th colspan="{len(ways) + 2}">{escape(section)}</th></tr>')
        for line in some:
            cells = [line.title, *(line.ways.get(way, "") for way in ways), line.difference]
            lines.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    return f"<h2>Ways of making in-betweens</h2><table>{''.join(lines)}</table>"


def _cell(text: str) -> str:
    """The number, and below it what qualifies it."""
    value, _, rest = text.partition(" ")
    return f"<b>{value}</b><small>{escape(rest)}</small>"


def _original(original: Replication) -> str:
    parts = ["<h2>The original experiment, repeated</h2>", "<h3>Pairs</h3>"]
    parts.append(_list(describe_claims(original)[: len(original.pairs)]))
    for key, claims in original.claims.items():
        parts.append(f"<h3>Claims, {escape(describe_evaluation(original, key))}</h3>")
        parts.append(_claims(claims))
    pale = " Synthetic drawings that fill it up are pale." if original.filled else ""
    parts.append(f"<h3>t-SNE of {len(original.drawings)} latents</h3><p>{pale}</p>")
    parts.append(latent_map(original.places, original.drawings, original.filled))
    return "\n".join(parts)


def _claims(claims: Sequence[Claim]) -> str:
    items = [
        f"<li>{escape(claim.words)}: "
        + (f"<b>{claim.verdict}</b>. " if claim.verdict else "")
        + f"{escape(claim.told)}</li>"
        for claim in claims
    ]
    return f"<ul>{''.join(items)}</ul>"


def _walks(independent: Sequence[FrameSequence], coherent: Sequence[FrameSequence]) -> str:
    """Pairs from the best to the worst, evenly, each decoded frame by frame above coherent."""
    ranked = sorted(
        zip(independent, coherent, strict=True), key=lambda pair: -float(np.mean(pair[1].sure))
    )
    places = np.linspace(0, len(ranked) - 1, min(SHOWN, len(ranked))).round().astype(int)
    shown = sheet([_walk(walk) for place in places for walk in ranked[place]])
    return (
        f"<p>The drawing it starts from, the {len(coherent[0].frames)} frames, the drawing it goes "
        "to; below, the judge's probability of the class, or in red what it takes the frame for. "
        "Each pair twice: every frame decoded by itself, and below it coherent. Pairs go from the "
        f"best to the worst by the mean of that probability, {len(places)} of {len(ranked)}.</p>"
        + shown
    )


def _walk(walk: FrameSequence) -> list[Cell]:
    first, *between, last = (frame for frame in walk.frames if isinstance(frame, Drawing))
    inner = [
        Cell(frame, f"{sure:.2f}" if good else name, "right" if good else "wrong")
        for frame, name, sure, good in zip(between, walk.found, walk.sure, walk.right, strict=True)
    ]
    return [
        Cell(walk.start, "drawing", "given"),
        Cell(first),
        *inner,
        Cell(last),
        Cell(walk.end, "drawing", "given"),
    ]


def _rebuilt(rebuilt: Sequence[Reconstruction]) -> str:
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


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


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
