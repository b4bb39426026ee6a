"""Collect the lines of frames on a sheet, and write the file at the end."""

from __future__ import annotations

from typing import BinaryIO

import vpype

from strokeanim.render.protocol import Frame, RenderContext
from strokeanim_plotter.formats import MM, Format, Svg
from strokeanim_plotter.gcode import Gcode
from strokeanim_plotter.hpgl import Hpgl
from strokeanim_plotter.lines import DOT, apart, lengthen, lines_of
from strokeanim_plotter.options import PlotterOptions
from strokeanim_plotter.order import sort
from strokeanim_plotter.quiet import root_logger_left_alone
from strokeanim_plotter.sheet import Box, Sheet, lay_out


class PlotterSession:
    """Session of one file; layers are numbered from 1, as vpype requires."""

    def __init__(
        self, sink: BinaryIO, context: RenderContext, options: PlotterOptions, extension: str
    ) -> None:
        self._sink, self._context, self._options = sink, context, options
        self._canvas = (context.width, context.height)
        self._format = _format(extension, options)
        self._sheet = _sheet(self._format, context, options)
        page = self._sheet.page
        self._document = vpype.Document(page_size=(page.width * MM, page.height * MM))
        self._dots: dict[int, vpype.LineCollection] = {}
        self._count = 0

    def frame(self, frame: Frame) -> None:
        scale = self._sheet.scale
        overlay = self._options.layout == "overlay"
        left, top = self._sheet.corner(0 if overlay else self._count)
        self._count += 1
        lines = lines_of(frame, self._canvas, self._context.smooth, self._options.tolerance / scale)
        if lines.is_empty():
            return
        lines.scale(scale * MM)
        lines.translate(left * MM, top * MM)
        lines, dots = apart(lines)
        lengthen(dots, DOT * MM, middle=(left + scale * self._canvas[0] / 2) * MM)
        layer = self._count if overlay else 1
        self._document.add(lines, layer)
        self._dots.setdefault(layer, vpype.LineCollection()).extend(dots)
        if overlay:
            self._document.layers[layer].set_property("vp_name", f"frame {layer}")

    def finish(self) -> None:
        with root_logger_left_alone():
            self._shorten_ways()
            self._sink.write(self._format.text(self._document).encode())

    def _shorten_ways(self) -> None:
        """Merge and sort, layer by layer, from the upper left corner of the paper.

        Dots are never merged: where one touches the end of a line, the pen would draw back over it.
        """
        pen = 0j
        for number, layer in self._document.layers.items():
            layer.merge(self._options.merge * MM)
            layer.extend(self._dots[number])
            if self._options.sort:
                self._document.layers[number] = sort(layer, pen)
                pen = self._document.layers[number][-1][-1]

    def abort(self) -> None:
        """Do nothing: no resource is held."""


def _format(extension: str, options: PlotterOptions) -> Format:
    if extension == ".svg":
        return Svg()
    return Hpgl(options) if extension in (".hpgl", ".plt") else Gcode(options)


def _sheet(form: Format, context: RenderContext, options: PlotterOptions) -> Sheet:
    short, long = (side / MM for side in vpype.convert_page_size(options.page))
    pages = {"portrait": Box(0, 0, short, long), "landscape": Box(0, 0, long, short)}
    if options.orientation != "auto":
        pages = {options.orientation: pages[options.orientation]}
    return lay_out(
        [(page, page.inset(options.margin) & form.reach(page)) for page in pages.values()],
        canvas=(context.width, context.height),
        cells=1 if options.layout == "overlay" else context.frames,
        columns=None if options.layout == "overlay" else options.columns,
        gap=options.gap,
    )
