"""One frame in px, as 8-bit ink coverage or in colours, straight with cairo: no SVG or PNG between.

Where libcairo is missing Pillow draws instead, slower, from a picture four times as large.
"""

from __future__ import annotations

import functools
import logging
from types import ModuleType
from typing import Any, Literal

import numpy as np
from PIL import Image, ImageDraw

from strokeanim.animation.frame import Frame
from strokeanim.geometry import splines
from strokeanim.geometry.colours import rgb
from strokeanim.render.protocol import RenderContext
from strokeanim.typing import Float64

try:
    import cairocffi
except (ImportError, OSError):  # OSError: the package is there, the library is not
    cairocffi: ModuleType | None = None  # type: ignore[no-redef]

Coverage = np.ndarray[tuple[int, int], np.dtype[np.uint8]]
"""`(height, width)`: 255 where ink covers the whole pixel, 0 where there is none."""

Pixels = np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]
"""`(height, width, 4)`: red, green, blue, alpha, not multiplied."""

Backend = Literal["cairo", "pillow"]

_log = logging.getLogger(__name__)


def backend() -> Backend:
    """What draws here: cairo if it can be loaded, else Pillow, with one warning."""
    if cairocffi is not None:
        return "cairo"
    _warn_once()
    return "pillow"


def coverage(frame: Frame, context: RenderContext, by: Backend | None = None) -> Coverage:
    """Ink coverage of a frame, round caps and joins, the frame's opacity included.

    The array is the caller's own. Ink outside the canvas is cut off.
    """
    draw = _cairo if (by or backend()) == "cairo" else _pillow
    drawn = draw(frame, context)
    if frame.opacity < 1:
        drawn = np.rint(np.arange(256) * frame.opacity).astype(np.uint8)[drawn]
    return drawn


def pixels(frame: Frame, context: RenderContext) -> Pixels:
    """A frame in its colours on its background, or on nothing, the frame's opacity included."""
    found = Image.new("RGBA", (context.width, context.height))
    whole = Frame(frame.strokes, frame.ids, 1.0, frame.colours)
    for colour, part in whole.split_by_colour(context):
        layer = Image.new("RGBA", found.size, rgb(colour))
        layer.putalpha(Image.fromarray(coverage(part, context)))
        found.alpha_composite(layer)
    if frame.opacity < 1:
        found.putalpha(found.getchannel("A").point([round(a * frame.opacity) for a in range(256)]))
    if context.background is not None:
        paper = Image.new("RGBA", found.size, rgb(context.background))
        found = Image.alpha_composite(paper, found)
    return np.asarray(found)


def _cairo(frame: Frame, context: RenderContext) -> Coverage:
    assert cairocffi is not None
    width, height = context.width, context.height
    stride = cairocffi.ImageSurface.format_stride_for_width(cairocffi.FORMAT_A8, width)
    drawn = np.zeros((height, stride), np.uint8)
    # Cairo draws into our own array, so nothing is copied on the way out.
    surface = cairocffi.ImageSurface(cairocffi.FORMAT_A8, width, height, drawn.reshape(-1), stride)
    cairo = cairocffi.Context(surface)
    cairo.set_line_width(context.stroke_width)
    cairo.set_line_cap(cairocffi.LINE_CAP_ROUND)
    cairo.set_line_join(cairocffi.LINE_JOIN_ROUND)
    for stroke in frame.strokes:
        _append(cairo, *splines.outline(stroke, context.smooth))
        cairo.stroke()  # each by itself takes two thirds of the time of all in one path
    surface.finish()
    return drawn[:, :width]


def _append(
    cairo: Any,
    start: Float64[np.ndarray, " 2"],
    pieces: Float64[np.ndarray, "pieces controls 2"],
) -> None:
    """Hand a stroke to cairo in one call; a call per point takes longer than the drawing.

    Cairo's `cairo_path_data_t` is 16 bytes: a header (what, how many entries) or a point.
    """
    assert cairocffi is not None
    count, controls = pieces.shape[:2]
    entries = np.empty((2 + count * (controls + 1), 2))
    headers = entries.view(np.int32)[:, :2]
    headers[0] = cairocffi.PATH_MOVE_TO, 2
    entries[1] = start
    headers[2 :: controls + 1] = (
        cairocffi.PATH_CURVE_TO if controls == 3 else cairocffi.PATH_LINE_TO,
        controls + 1,
    )
    entries[2:].reshape(count, controls + 1, 2)[:, 1:] = pieces
    data = cairocffi.ffi.from_buffer("cairo_path_data_t[]", entries)
    path = {"status": cairocffi.STATUS_SUCCESS, "data": data, "num_data": len(entries)}
    cairocffi.cairo.cairo_append_path(cairo._pointer, cairocffi.ffi.new("cairo_path_t *", path))


def _pillow(frame: Frame, context: RenderContext) -> Coverage:
    width, height = context.width, context.height
    # Sixteen times the pixels: at the largest sizes fewer samples keep it within memory.
    scale = max(1, min(4, 8192 // max(width, height)))
    image = Image.new("L", (width * scale, height * scale))
    draw = ImageDraw.Draw(image)
    line_width = max(1, round(context.stroke_width * scale))
    for stroke in frame.strokes:
        points = splines.flatten(*splines.outline(stroke, context.smooth)) * scale
        draw.line(points.ravel().tolist(), fill=255, width=line_width, joint="curve")
        for end in (points[0], points[-1]):  # Pillow has no round caps
            draw.circle(end.tolist(), (line_width - 1) / 2, fill=255)
    return np.array(image.resize((width, height), Image.Resampling.BOX))


@functools.cache
def _warn_once() -> None:
    _log.warning(
        "libcairo can't be loaded, so Pillow draws, more slowly; install it with "
        "apt install libcairo2, brew install cairo, or your system's way"
    )


__all__ = ["Backend", "Coverage", "Pixels", "backend", "coverage", "pixels"]
