"""Define the renderer; slow imports wait for `open`."""

from __future__ import annotations

from typing import BinaryIO

from strokeanim.render.protocol import RenderContext, RendererSpec, Session
from strokeanim_plotter.options import PlotterOptions
from strokeanim_plotter.quiet import root_logger_left_alone


class PlotterRenderer:
    """Renderer of plotter files."""

    spec = RendererSpec(
        name="plotter",
        extensions=(".hpgl", ".plt", ".gcode", ".ngc", ".nc", ".svg"),
        media_type="application/vnd.hp-hpgl",
        kind="sequence",
        api_version=(1, 0),
        background=None,
        colour=False,
        timing=False,
        priority=-10,
        options=PlotterOptions,
        description="a sheet for pen plotters: HPGL, G-code, or SVG with nothing but lines",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: PlotterOptions) -> Session:
        with root_logger_left_alone():
            from strokeanim_plotter.session import PlotterSession  # noqa: PLC0415

        return PlotterSession(sink, context, options, context.extension or self.spec.extensions[0])
