"""PNG of one frame: the SVG of that frame, through CairoSVG, so that both show the same.

Where libcairo is missing the frame is rastered by Pillow instead.
"""

from __future__ import annotations

from types import ModuleType
from typing import BinaryIO

from PIL import Image

from strokeanim.animation.frame import Frame
from strokeanim.render import raster
from strokeanim.render.formats import svg
from strokeanim.render.protocol import NoOptions, RenderContext, RendererSpec

try:
    import cairosvg
except (ImportError, OSError):  # OSError: the package is there, libcairo is not
    cairosvg: ModuleType | None = None  # type: ignore[no-redef]


class PngRenderer:
    """One picture per frame."""

    spec = RendererSpec(
        name="png",
        extensions=(".png",),
        media_type="image/png",
        kind="frame",
        description="a picture of one frame; several frames need %04d in the file name",
        requirements=("libcairo",),
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: NoOptions) -> PngSession:  # noqa: ARG002
        """Begin a picture."""
        return PngSession(sink, context)


class PngSession:
    """Writes its one frame at once."""

    def __init__(self, sink: BinaryIO, context: RenderContext) -> None:
        self._sink, self._context = sink, context

    def frame(self, frame: Frame) -> None:
        """Draw and write the picture."""
        context = self._context
        if cairosvg is None:
            _by_pillow(frame, context).save(self._sink, "PNG")
            return
        picture = cairosvg.svg2png(
            svg.picture(frame, context),
            output_width=context.width,
            output_height=context.height,
        )
        # Given the sink, cairo would turn "no space left" into an error of its own.
        self._sink.write(picture)

    def finish(self) -> None:
        """All is written."""

    def abort(self) -> None:
        """Nothing is held."""


def _by_pillow(frame: Frame, context: RenderContext) -> Image.Image:
    picture = Image.fromarray(raster.pixels(frame, context))
    return picture if context.background is None else picture.convert("RGB")
