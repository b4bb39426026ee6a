"""Write G-code: mm, absolute, from the lower left corner of the paper, y up.

vpype-gcode is a command of vpype's command line and nothing else: it wants a click context, a file
with a name, and a profile in vpype's settings, which all sessions share. Written by hand, it takes
fewer lines than calling it would.
"""

from __future__ import annotations

from collections.abc import Iterator

import vpype

from strokeanim_plotter.formats import MM
from strokeanim_plotter.lines import Line
from strokeanim_plotter.options import PlotterOptions
from strokeanim_plotter.sheet import Box


class Gcode:
    """Commands that Grbl, LinuxCNC and Marlin agree on, one per line, without comments."""

    def __init__(self, options: PlotterOptions) -> None:
        self._feed = f"F{options.feed:g}"
        self._up, self._down, self._change = (
            command.replace("|", "\n")
            for command in (options.pen_up, options.pen_down, options.pen_change)
        )

    def reach(self, page: Box) -> Box:
        return page

    def text(self, document: vpype.Document) -> str:
        return "".join(f"{command}\n" for command in self._commands(document))

    def _commands(self, document: vpype.Document) -> Iterator[str]:
        _, height = document.page_size
        yield from ("G21", "G90", self._up)
        for number, layer in enumerate(document.layers.values()):
            if number and self._change:
                yield self._change
            for line in layer:
                yield from self._line(line, height)
        yield from ("G0 X0 Y0", "M2")

    def _line(self, line: Line, height: float) -> Iterator[str]:
        start, first, *rest = (_place(point, height) for point in line)
        yield f"G0 {start}"
        yield self._down
        yield f"G1 {first} {self._feed}"
        yield from (f"G1 {place}" for place in rest)
        yield self._up


def _place(point: complex, height: float) -> str:
    """Format mm; adding zero turns a negative zero into a plain one."""
    x, y = point.real / MM, (height - point.imag) / MM
    return f"X{round(x, 3) + 0:.3f} Y{round(y, 3) + 0:.3f}"
