"""Draw contact sheets: independent in-betweens above coherent ones, with a colour per stroke.

    python -m benchmarks.coherence_sheet docs/img/coherence.png  # two pairs of each class
    python -m benchmarks.coherence_sheet mouths.png mouth 10
    python -m benchmarks.coherence_sheet eyes.png eye 10 drawings.ndjson.gz

Drawings are synthetic, or those of the valid split of the given files.
"""

from __future__ import annotations

import io
import sys

import cairosvg
import numpy as np
from PIL import Image

from benchmarks.coherence import pairs_of
from strokeanim.engine import load_model
from strokeanim.geometry import Box, Drawing
from strokeanim.geometry.polylines import fit_to_box
from strokeanim.pipeline import animate

CELL, MARGIN = 72, 6
COLOURS = (
    "#111",
    "#d1332e",
    "#2b62c9",
    "#1d8a43",
    "#d17a00",
    "#8b34b0",
    "#0092a0",
    "#777",
    "#d65a9e",
)


def strokes(drawing: Drawing, x: float, y: float, coloured: bool) -> str:
    inner = Box(x + MARGIN, y + MARGIN, CELL - 2 * MARGIN, CELL - 2 * MARGIN)
    lines = []
    for number, stroke in enumerate(fit_to_box(drawing, inner).strokes):
        colour = COLOURS[number % len(COLOURS)] if coloured else COLOURS[0]
        points = " ".join(
            f"{a:.1f},{b:.1f}" for a, b in np.repeat(stroke, 1 + (len(stroke) < 2), 0)
        )
        lines.append(f'<polyline points="{points}" stroke="{colour}"/>')
    return "".join(lines)


def main(out: str, label: str = "", count: str = "2", *files: str) -> None:
    model, rows = load_model(), []
    for name in [label] if label else model.classes:
        for start, end in pairs_of(files, int(count), model.classes)[name]:
            for coherent in (False, True):
                animation = animate(start, end, model=model, coherent=coherent)
                rows.append([Drawing(frame.strokes) for frame in animation.frames])
    cells = [
        strokes(drawing, column * CELL, row * CELL, row % 2 == 1)
        for row, some in enumerate(rows)
        for column, drawing in enumerate(some)
    ]
    width, height = CELL * 12, CELL * len(rows)
    rules = [f'<path d="M0 {y}H{width}" stroke="#ddd"/>' for y in range(0, height, 2 * CELL)]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" fill="none" '
        'stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">'
        f"{''.join(rules + cells)}</svg>"
    )
    png = cairosvg.svg2png(svg.encode(), output_width=1.5 * width, background_color="white")
    Image.open(io.BytesIO(png)).convert("RGB").quantize(192).save(out, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
