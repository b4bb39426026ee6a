"""Rasterise a frame in px to 8-bit ink coverage or to colours.

Cairo draws directly into an array, without SVG or PNG in between. Without libcairo, Pillow draws
a picture up to four times as large and scales it down, which is slower.
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
from strokeanim.geometry.colours import split_rgb
from strokeanim.render.protocol import RenderContext
from strokeanim.typing import Float64

try:
    import cairocffi
except (ImportError, OSError):  # OSError: the package is installed, the library is not
    cairocffi: ModuleType | None = None  # type: ignore[no-redef]

Coverage = np.ndarray[tuple[int, int], np.dtype[np.uint8]]
"""Coverage per pixel, `(height, width)`: 0 without ink, 255 for a pixel fully covered."""

Pixels = np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]
"""Straight (not premultiplied) red, green, blue and alpha, `(height, width, 4)`."""

Backend = Literal["cairo", "pillow"]

_log = logging.getLogger(__name__)


def backend() -> Backend:
    """Return the library that draws: cairo if it can be loaded, else Pillow, with one warning."""
    if cairocffi is not None:
        return "cairo"
    _warn_once()
    return "pillow"


def coverage(frame: Frame, context: RenderContext, by: Backend | None = None) -> Coverage:
    """Return the ink coverage of a frame, multiplied by the frame's opacity.

    Strokes have round caps and joins, and are clipped to the canvas. The array is new.
    """
    draw = _draw_with_cairo if (by or backend()) == "cairo" else _draw_with_pillow
    ink = draw(frame, context)
    if frame.opacity < 1:
        ink = np.rint(np.arange(256) * frame.opacity).astype(np.uint8)[ink]
    return ink


def pixels(frame: Frame, context: RenderContext) -> Pixels:
    """Return a frame in its colours and opacity, over the background or transparent."""
    image = Image.new("RGBA", (context.width, context.height))
    opaque = Frame(frame.strokes, frame.ids, 1.0, frame.colours)
    for colour, part in opaque.split_by_colour(context):
        layer = Image.new("RGBA", image.size, split_rgb(colour))
        layer.putalpha(Image.fromarray(coverage(part, context)))
        image.alpha_composite(layer)
    if frame.opacity < 1:
        image.putalpha(image.getchannel("A").point([round(a * frame.opacity) for a in range(256)]))
    if context.background is not None:
        background = Image.new("RGBA", image.size, split_rgb(context.background))
        image = Image.alpha_composite(background, image)
    return np.asarray(image)


def _draw_with_cairo(frame: Frame, context: RenderContext) -> Coverage:
    assert cairocffi is not None
    width, height = context.width, context.height
    stride = cairocffi.ImageSurface.format_stride_for_width(cairocffi.FORMAT_A8, width)
    ink = np.zeros((height, stride), np.uint8)
    # Cairo draws into this array, so that the result need not be copied.
    surface = cairocffi.ImageSurface(cairocffi.FORMAT_A8, width, height, ink.reshape(-1), stride)
    cairo = cairocffi.Context(surface)
    cairo.set_line_width(context.stroke_width)
    cairo.set_line_cap(cairocffi.LINE_CAP_ROUND)
    cairo.set_line_join(cairocffi.LINE_JOIN_ROUND)
    for stroke in frame.strokes:
        _append_stroke(cairo, *splines.outline(stroke, context.smooth))
        cairo.stroke()  # one call per stroke takes two thirds of the time of one path for all
    surface.finish()
    return ink[:, :width]


def _append_stroke(
    cairo: Any,
    start: Float64[np.ndarray, " 2"],
    pieces: Float64[np.ndarray, "pieces controls 2"],
) -> None:
    """Append a stroke to cairo's path in one call.

    One call per point would take longer than the drawing. A `cairo_path_data_t` is 16 bytes:
    a header (command, number of entries) or a point.
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


def _draw_with_pillow(frame: Frame, context: RenderContext) -> Coverage:
    width, height = context.width, context.height
    # Sixteen samples a pixel; fewer at the largest sizes, to limit memory.
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
