"""Order lines so that the pen travels little in the air.

vpype's `linesort` is a command of its command line; this does the same with the index behind it,
and begins closed lines at the point nearest to the pen. vpype's `reloop` without a place to begin
at takes one at random, which would make each file different.
"""

from __future__ import annotations

import numpy as np
import vpype

from strokeanim_plotter.lines import Line


def sort(lines: vpype.LineCollection, pen: complex) -> vpype.LineCollection:
    """Order lines greedily by the end nearest to the pen."""
    index = vpype.LineIndex(lines, reverse=True)
    ordered = lines.clone()
    while len(index) > 0:
        place, backwards = index.find_nearest(pen)
        line = index.pop(place)
        ordered.append(_begun_near(pen, np.flip(line) if backwards else line))
        pen = ordered[-1][-1]
    return ordered


def _begun_near(pen: complex, line: Line) -> Line:
    """Return a line; if it is closed, rotated to begin at the point nearest to the pen."""
    if line[0] != line[-1]:
        return line
    begun: Line = vpype.reloop(line.copy(), int(np.argmin(np.abs(line - pen))))
    return begun
