"""Write one frame as PNG by rasterising its SVG with CairoSVG, so that both look the same.

Without libcairo, Pillow rasterises the frame instead.
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
except (ImportError, OSError):  # OSError: the package is installed, libcairo is not
    cairosvg: ModuleType | None = None  # type: ignore[no-redef]


class PngRenderer:
    """Renderer of one picture per frame."""

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
    """A session that writes its single frame immediately."""

    def __init__(self, sink: BinaryIO, context: RenderContext) -> None:
        self._sink, self._context = sink, context

    def frame(self, frame: Frame) -> None:
        """Draw and write the picture."""
        context = self._context
        if cairosvg is None:
            _draw_with_pillow(frame, context).save(self._sink, "PNG")
            return
        picture = cairosvg.svg2png(
            svg.render_frame(frame, context),
            output_width=context.width,
            output_height=context.height,
        )
        # If cairo wrote to the sink, it would raise an error of its own for "no space left".
        self._sink.write(picture)

    def finish(self) -> None:
        """Do nothing; everything has been written."""

    def abort(self) -> None:
        """Do nothing; the session holds no resources."""


def _draw_with_pillow(frame: Frame, context: RenderContext) -> Image.Image:
    picture = Image.fromarray(raster.pixels(frame, context))
    return picture if context.background is None else picture.convert("RGB")
