"""Convert strokes to lines of vpype: arrays of complex numbers."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import vpype

from strokeanim.render.protocol import Frame

Line = npt.NDArray[np.complex128]

DOT = 0.1
"""Length of the line that a dot becomes, mm: some plotters skip lines of no length."""


def lines_of(
    frame: Frame, canvas: tuple[int, int], smooth: bool, tolerance: float
) -> vpype.LineCollection:
    """Return the lines of a frame inside the canvas, in px; dots are lines of no length.

    Args:
        frame: to be drawn.
        canvas: width and height, px.
        smooth: whether strokes are curves.
        tolerance: how far the pieces of a curve may be from it, px.
    """
    pen = LinePen(tolerance)
    frame.draw(pen, smooth)
    lines = vpype.LineCollection(pen.lines)
    lines.crop(0, 0, *canvas)
    return lines


def apart(lines: vpype.LineCollection) -> tuple[vpype.LineCollection, vpype.LineCollection]:
    """Separate the lines from the dots, which are lines of no length."""
    found: tuple[list[Line], list[Line]] = ([], [])
    for line in lines:
        found[bool(np.all(line == line[0]))].append(line)
    return vpype.LineCollection(found[0]), vpype.LineCollection(found[1])


def lengthen(dots: vpype.LineCollection, length: float, middle: float) -> None:
    """Give dots that length, towards x = middle, so that they stay on the paper."""
    for dot in dots:
        dot[-1] += length if dot[0].real < middle else -length


class LinePen:
    """Pen for `Frame.draw` that collects lines, with curves made of straight pieces."""

    def __init__(self, tolerance: float) -> None:
        self.lines: list[list[complex]] = []
        self._tolerance = tolerance

    def move(self, x: float, y: float) -> None:
        self.lines.append([complex(x, y)])

    def line(self, x: float, y: float) -> None:
        self.lines[-1].append(complex(x, y))

    def curve(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> None:
        start = self.lines[-1][-1]
        pieces = flattened(start, complex(x1, y1), complex(x2, y2), complex(x, y), self._tolerance)
        self.lines[-1].extend(pieces.tolist())

    def close(self) -> None:
        """Do nothing: the ends have met already, and a plotter has no joins."""


def flattened(p0: complex, p1: complex, p2: complex, p3: complex, tolerance: float) -> Line:
    """Return points on a cubic Bézier curve after p0, enough for straight pieces in tolerance.

    A chord over the n-th part of a curve strays by at most 1/8 of the second derivative / n², and
    that of a cubic is at most six times the larger second difference of its control points.

    >>> flattened(0, 1, 2, 3, tolerance=0.01).tolist()
    [(3+0j)]
    """
    bend = max(abs(p0 - 2 * p1 + p2), abs(p1 - 2 * p2 + p3))
    count = max(1, math.ceil(math.sqrt(6 / 8 * bend / tolerance)))
    t = np.arange(1, count + 1) / count
    s = 1 - t
    return np.asarray(s**3 * p0 + 3 * s**2 * t * p1 + 3 * s * t**2 * p2 + t**3 * p3, complex)
