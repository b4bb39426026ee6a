"""Draw contact sheets, curves and maps as inline SVG for the report; return strings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from strokeanim.evaluation.bootstrap import Estimate
from strokeanim.evaluation.latent_map import COLOURS
from strokeanim.geometry import Box, Drawing
from strokeanim.geometry.polylines import fit_to_box
from strokeanim.typing import Float32

CELL = 66
"""Side of a drawing's cell, px; a line of text is below it."""

_MARGIN, _TEXT = 6, 13


@dataclass(frozen=True)
class Cell:
    """A drawing on a sheet: `tone` is given, right, wrong or plain; `note` is below it."""

    drawing: Drawing
    note: str = ""
    tone: str = "plain"


def draw_sheet(rows: Sequence[Sequence[Cell]]) -> str:
    """Draw rows of cells, each drawing fitted into its cell."""
    width, row_height = max(map(len, rows), default=0) * CELL, CELL + _TEXT
    cells = [
        _draw_cell(cell, column * CELL, row * row_height)
        for row, row_cells in enumerate(rows)
        for column, cell in enumerate(row_cells)
    ]
    return _wrap_svg(width, len(rows) * row_height, "".join(cells))


def draw_curve(t: Sequence[float], shares: Mapping[str, Sequence[Estimate]]) -> str:
    """Draw the share recognised over t: a thin line a class, a thick one with a band for `mean`.

    Unknown estimates are skipped; a class without known estimates has no line, and the note "none".
    """
    width, height, left, top = 560, 210, 44, 12

    def x(at: float) -> float:
        return left + at * (width - left - 90)

    lows = [low for each in shares.values() for e in each for low in (e.low, e.value)]
    floor = min(0.9, np.floor(float(np.nanmin([*lows, 1.0])) * 10) / 10)

    def y(share: float) -> float:
        return float(top + (1 - share) / (1 - floor) * (height - top - 34))

    marks = []
    for tick in np.linspace(floor, 1, 6 if floor < 0.9 else 3):
        marks.append(
            f'<path d="M{left} {y(tick):.1f}H{x(1):.1f}" stroke="#ddd"/>'
            f'<text x="{left - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.0%}</text>'
        )
    marks += [
        f'<text x="{x(at):.1f}" y="{height - 18}" text-anchor="middle">{at:g}</text>'
        for at in (0, 0.25, 0.5, 0.75, 1)
    ]
    marks.append(f'<text x="{x(0.5):.1f}" y="{height - 2}" text-anchor="middle">t</text>')
    mean = [(at, e) for at, e in zip(t, shares["mean"], strict=True) if np.isfinite(e.low)]
    band = [f"{x(at):.1f},{y(e.high):.1f}" for at, e in mean]
    band += [f"{x(at):.1f},{y(e.low):.1f}" for at, e in reversed(mean)]
    marks.append(f'<polygon points="{" ".join(band)}" fill="#888" opacity="0.2"/>')
    for index, (label, each) in enumerate(shares.items()):
        colour = "#000" if label == "mean" else COLOURS[(index - 1) % len(COLOURS)]
        known = [(at, e.value) for at, e in zip(t, each, strict=True) if e.known]
        points = " ".join(f"{x(at):.1f},{y(share):.1f}" for at, share in known)
        marks.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" '
            f'stroke-width="{2.5 if label == "mean" else 1.2}"/>'
            f'<text x="{x(1) + 8:.1f}" y="{top + 10 + 16 * index}" fill="{colour}">'
            f"{escape(label if known else f'{label}: none')}</text>"
        )
    return _wrap_svg(width, height, "".join(marks))


def draw_latent_map(
    positions: Float32[np.ndarray, "n 2"],
    drawings: Sequence[Drawing],
    filled: int,
    side: int = 820,
) -> str:
    """Draw the drawings at their positions, coloured by class; the last `filled` of them pale."""
    small = 0.6 * side / np.sqrt(max(len(drawings), 16))
    low, span = positions.min(axis=0), float(np.ptp(positions, axis=0).max()) or 1.0
    labels = list(dict.fromkeys(drawing.label for drawing in drawings))
    marks = []
    for index, (position, drawing) in enumerate(zip(positions, drawings, strict=True)):
        x, y = (position - low) / span * (side - small)
        pale = ' opacity="0.35"' if index >= len(drawings) - filled else ""
        colour = COLOURS[labels.index(drawing.label) % len(COLOURS)]
        box = Box(float(x), float(side - small - y), float(small), float(small))
        marks.append(f'<g stroke="{colour}"{pale}>{_draw_strokes(drawing, box)}</g>')
    for index, label in enumerate(labels):
        colour = COLOURS[index % len(COLOURS)]
        marks.append(
            f'<text x="{8 + 70 * index}" y="{side + 18}" fill="{colour}">{escape(label)}</text>'
        )
    return _wrap_svg(side, side + 26, "".join(marks))


def _draw_cell(cell: Cell, x: float, y: float) -> str:
    inner = CELL - 2 * _MARGIN
    strokes = _draw_strokes(cell.drawing, Box(x + _MARGIN, y + _MARGIN, inner, inner))
    note = (
        f'<text x="{x + CELL / 2:g}" y="{y + CELL + _TEXT - 4:g}" text-anchor="middle">'
        f"{escape(cell.note)}</text>"
        if cell.note
        else ""
    )
    return (
        f'<g class="{cell.tone}"><rect x="{x + 1:g}" y="{y + 1:g}" width="{CELL - 2}" '
        f'height="{CELL - 2}"/>{strokes}{note}</g>'
    )


def _draw_strokes(drawing: Drawing, box: Box) -> str:
    """Draw a polyline per stroke; a dot is a line to itself, which its round caps make visible."""
    strokes = [
        np.repeat(stroke, 2, axis=0) if len(stroke) == 1 else stroke
        for stroke in fit_to_box(drawing, box).strokes
    ]
    return "".join(
        f'<polyline class="ink" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in stroke)}"/>'
        for stroke in strokes
    )


def _wrap_svg(width: float, height: float, inner: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}">{inner}</svg>'
    )
