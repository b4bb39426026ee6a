r"""A custom renderer in thirty lines: it writes TikZ, for drawings in a LaTeX paper.

    python examples/renderer_in_30_lines.py
    python examples/renderer_in_30_lines.py sample:ear/0 sample:ear/6 --steps 3 --out ears.tex

It writes morph.tex. `pdflatex morph.tex` makes a PDF with a page for each frame; or copy a
`tikzpicture` into a document of your own. To use a renderer on the command line, give it an entry
point: `strokeanim plugins new tikz` makes a package to put it into.
"""

from __future__ import annotations

import sys
from functools import partialmethod
from pathlib import Path
from typing import Annotated

import typer

import strokeanim as sa
from strokeanim.render.protocol import RendererSpec


class TikzRenderer:
    """The renderer: its spec, and `open`, which starts a session for each file."""

    spec = RendererSpec(name="tikz", extensions=(".tex",), media_type="text/x-tex", kind="sequence",
                        timing=False, streaming=True, description="TikZ for LaTeX")  # fmt: skip

    def open(self, sink, context, _options):
        return TikzSession(sink, context)


class TikzSession:
    """The state while a file is written; it is also the pen that writes the strokes."""

    def __init__(self, sink, context):
        self.sink, self.told, self.size = sink, context, (context.width, context.height)
        self.put("\\documentclass[tikz]{standalone}\n\\begin{document}\n")

    def put(self, text, *values):
        self.sink.write((text % values).encode())

    move, line = partialmethod(put, "\n(%.2f,%.2f)"), partialmethod(put, "--(%.2f,%.2f)")
    curve = partialmethod(put, "..controls(%.2f,%.2f)and(%.2f,%.2f)..(%.2f,%.2f)")
    close = partialmethod(put, "--cycle")

    def frame(self, frame):
        told, size, cm = self.told, self.size, self.told.mm_per_px / 10
        opening = "\\begin{tikzpicture}[scale=%.5f,yscale=-1,line width=%.4fcm]\n"
        self.put(opening + "\\clip(0,0)rectangle(%d,%d);\n", cm, told.stroke_width * cm, *size)
        if told.background:
            self.put("\\color[HTML]{%s}\\fill(0,0)rectangle(%d,%d);", told.background[1:], *size)
        self.put("\\begin{scope}[transparency group,opacity=%.3f]\n", frame.opacity)
        for ink, part in frame.split_by_colour(told):
            self.put("\\color[HTML]{%s}\\draw[line cap=round,line join=round]", ink[1:])
            part.draw(self, told.smooth)
            self.put(";\n")
        self.put("\\end{scope}\\end{tikzpicture}\n")

    def finish(self):
        self.put("\\end{document}\n")

    def abort(self):
        pass


def main(
    drawings: Annotated[list[str] | None, typer.Argument(help="Two or more.")] = None,
    out: Annotated[Path, typer.Option(help="LaTeX.")] = Path("morph.tex"),
    steps: Annotated[int, typer.Option(help="In-betweens.", min=0)] = 6,
) -> None:
    sources = drawings or ["sample:mouth/2", "sample:mouth/19"]
    animation = sa.animate(*(sa.load(source)[0] for source in sources), steps=steps)
    animation.save(out, TikzRenderer, size="40mm", width="0.5mm", colour_by="stroke")
    print(f"{out}: {len(animation.frames)} pictures")


if __name__ == "__main__":
    try:
        typer.run(main)
    except sa.StrokeAnimError as error:
        print(f"renderer_in_30_lines: {error}", file=sys.stderr)
        sys.exit(2)
