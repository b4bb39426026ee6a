"""Writing sheets by hand, and reading back where the pen goes."""

import io
import itertools
import re

import numpy as np
from strokeanim_plotter import PlotterOptions, PlotterRenderer

from strokeanim.render.protocol import Frame
from strokeanim.testing import context


def written(frames, extension, width=64, height=48, smooth=False, **options):
    """The text of a file that shows the frames, each a list of strokes."""
    sink = io.BytesIO()
    told = context(len(frames), extension=extension, width=width, height=height, smooth=smooth)
    session = PlotterRenderer().open(sink, told, PlotterOptions(**options))
    for strokes in frames:
        session.frame(Frame(strokes))
    session.finish()
    return sink.getvalue().decode()


def gcode_lines(text):
    """What is drawn in G-code with the pen going up and down in z, mm, y up."""
    lines = []
    for move, x, y in re.findall(r"^G([01]) X(-?[\d.]+) Y(-?[\d.]+)", text, re.MULTILINE):
        if move == "0":
            lines.append([])
        lines[-1].append((float(x), float(y)))
    assert lines.pop() == [(0, 0)]
    return [np.array(line) for line in lines]


def hpgl_lines(text, unit=0.025):
    """What is drawn in HPGL, mm along the axes of the plotter."""
    lines, place = [], None
    for command, numbers in re.findall(r"(PU|PD)([-\d,]*);", text):
        points = np.array(numbers.split(",") if numbers else [], float).reshape(-1, 2) * unit
        if command == "PD":
            lines.append(np.concatenate([place, points]))
        place = points
    return lines


def svg_lines(text):
    """What is drawn in an SVG of vpype's, mm, y down."""
    lines = []
    for kind, points in re.findall(r'<(polyline|polygon) points="([^"]*)"', text):
        line = np.array([pair.split(",") for pair in points.split()], float)
        lines.append(np.concatenate([line, line[:1]]) if kind == "polygon" else line)
    for ends in re.findall(r'<line x1="(.*?)" x2="(.*?)" y1="(.*?)" y2="(.*?)"', text):
        lines.append(np.array(ends, float).reshape(2, 2).T)
    return [line * 25.4 / 96 for line in lines]


def length(lines):
    """How far the pen goes on the paper."""
    return sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines)


def travel(lines):
    """How far the pen goes in the air between lines."""
    return length([np.array([one[-1], other[0]]) for one, other in itertools.pairwise(lines)])
