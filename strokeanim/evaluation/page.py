"""Format an evaluation as one HTML page, which needs no other file and no network.

The page shows the drawings: with real ones, it is not for publishing. Its SVG comes from `sheets`,
its numbers and sentences from `table` and `report`.
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
from strokeanim.evaluation.report import describe_claim_scope, describe_claims, notes
from strokeanim.evaluation.sequences import FrameSequence
from strokeanim.evaluation.sheets import Cell, draw_curve, draw_latent_map, draw_sheet
from strokeanim.evaluation.table import SECTIONS, compare_methods, rows
from strokeanim.geometry import Drawing

SHOWN, WORST = 10, 12
"""Numbers of pairs and of reconstructions on the contact sheets of a class."""


def as_html(evaluation: Evaluation, original: Replication | None = None) -> str:
    """Return the whole report as one page."""
    name = escape(str(evaluation.model["name"]))
    body = [
        f"<h1>How good {name} is</h1>",
        _format_list(notes(evaluation)),
        "<p>Shares in per cent, with 95 % bootstrap intervals over drawings; in parentheses the "
        "one-sided 95 % bound of a class in which all are right, or all wrong. What each figure "
        "is: <code>docs/reference/evaluation.md</code>.</p>",
        _format_comparison(evaluation),
        _format_table(evaluation),
    ]
    for method, filters in evaluation.methods.items():
        for key, section in SECTIONS.items():
            body.append(f"<h2>Recognised along the path: {escape(method)}, {section}</h2>")
            known = any(filters[key].pairs.values())
            body.append(
                draw_curve(evaluation.t, filters[key].curve) if known else "<p>There are none.</p>"
            )
    if original is not None:
        body.append(_format_replication(original))
    for label in evaluation.reconstructions:
        body.append(f"<h2>{escape(label)}: in-betweens</h2>")
        body.append(
            _format_sequences(
                evaluation.sequences[INDEPENDENT][label], evaluation.sequences[COHERENT][label]
            )
        )
    for label, reconstructions in evaluation.reconstructions.items():
        body.append(f"<h2>{escape(label)}: the reconstructions farthest from their drawings</h2>")
        body.append(_format_reconstructions(reconstructions))
    return _PAGE.format(title=f"strokeanim evaluate: {name}", style=_STYLE, body="\n".join(body))


def _format_table(evaluation: Evaluation) -> str:
    classes = list(evaluation.data["drawings"])
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", "mean of classes", *classes))
    lines, section = [f"<tr>{head}</tr>"], ""
    for row in rows(evaluation):
        if row.section != section:
            section = row.section
            lines.append(f'<tr><th colspan="{len(classes) + 2}">{escape(section)}</th></tr>')
        cells = [row.format_mean(), *map(row.format_class, classes)]
        lines.append(
            f"<tr><td>{escape(row.title)}<small>{escape(row.meaning)}</small></td>"
            + "".join(f"<td>{_format_cell(each)}</td>" for each in cells)
            + "</tr>"
        )
    return f"<table>{''.join(lines)}</table>"


def _format_comparison(evaluation: Evaluation) -> str:
    methods = list(evaluation.methods)
    names = ("", *methods, "coherent less independent")
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = [f"<tr>{head}</tr>"]
    for section, section_lines in compare_methods(evaluation):
        lines.append(f'<tr><th colspan="{len(methods) + 2}">{escape(section)}</th></tr>')
        for line in section_lines:
            values = (line.methods.get(method, "") for method in methods)
            cells = [line.title, *values, line.difference]
            lines.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    return f"<h2>Methods of making in-betweens</h2><table>{''.join(lines)}</table>"


def _format_cell(text: str) -> str:
    """Format a number in bold, and below it its interval or bound."""
    value, _, rest = text.partition(" ")
    return f"<b>{value}</b><small>{escape(rest)}</small>"


def _format_replication(original: Replication) -> str:
    parts = ["<h2>The original experiment, repeated</h2>", "<h3>Pairs</h3>"]
    parts.append(_format_list(describe_claims(original)[: len(original.pairs)]))
    for key, claims in original.claims.items():
        parts.append(f"<h3>Claims, {escape(describe_claim_scope(original, key))}</h3>")
        parts.append(_format_claims(claims))
    pale = " Synthetic drawings that fill it up are pale." if original.filled else ""
    parts.append(f"<h3>t-SNE of {len(original.drawings)} latents</h3><p>{pale}</p>")
    parts.append(draw_latent_map(original.positions, original.drawings, original.filled))
    return "\n".join(parts)


def _format_claims(claims: Sequence[Claim]) -> str:
    items = [
        f"<li>{escape(claim.words)}: "
        + (f"<b>{claim.verdict}</b>. " if claim.verdict else "")
        + f"{escape(claim.told)}</li>"
        for claim in claims
    ]
    return f"<ul>{''.join(items)}</ul>"


def _format_sequences(
    independent: Sequence[FrameSequence], coherent: Sequence[FrameSequence]
) -> str:
    """Format evenly spaced pairs, best first, each independent and, below, coherent."""
    ranked = sorted(
        zip(independent, coherent, strict=True),
        key=lambda pair: -float(np.mean(pair[1].probabilities)),
    )
    indices = np.linspace(0, len(ranked) - 1, min(SHOWN, len(ranked))).round().astype(int)
    contact_sheet = draw_sheet(
        [_sequence_cells(sequence) for index in indices for sequence in ranked[index]]
    )
    return (
        f"<p>The drawing it starts from, the {len(coherent[0].frames)} frames, the drawing it goes "
        "to; below, the judge's probability of the class, or in red what it takes the frame for. "
        "Each pair twice: every frame decoded by itself, and below it coherent. Pairs go from the "
        f"best to the worst by the mean of that probability, {len(indices)} of {len(ranked)}.</p>"
        + contact_sheet
    )


def _sequence_cells(sequence: FrameSequence) -> list[Cell]:
    first, *between, last = (frame for frame in sequence.frames if isinstance(frame, Drawing))
    inner = [
        Cell(frame, f"{p:.2f}" if right else label, "right" if right else "wrong")
        for frame, label, p, right in zip(
            between, sequence.predicted, sequence.probabilities, sequence.right, strict=True
        )
    ]
    return [
        Cell(sequence.start, "drawing", "given"),
        Cell(first),
        *inner,
        Cell(last),
        Cell(sequence.end, "drawing", "given"),
    ]


def _format_reconstructions(reconstructions: Sequence[Reconstruction]) -> str:
    worst = sorted(reconstructions, key=lambda each: -each.distance)[:WORST]
    pairs = [
        [
            Cell(each.original, "drawing", "given"),
            Cell(
                each.decoded,
                f"{each.distance:.1%} {each.predicted}",
                "right" if each.predicted == each.original.label else "wrong",
            ),
        ]
        for each in worst
    ]
    columns = 6
    pair_rows = [pairs[k : k + columns] for k in range(0, len(pairs), columns)]
    return draw_sheet([[cell for pair in row for cell in pair] for row in pair_rows])


def _format_list(lines: Sequence[str]) -> str:
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
