"""Write QuickDraw's simplified ndjson, one frame per line, in unchanged drawing coordinates.

The fields are QuickDraw's `word`, `key_id` and `drawing`, and in addition `frame` (from 0), `label`
and `t`.
"""

from __future__ import annotations

from typing import BinaryIO

from strokeanim.animation.frame import Frame
from strokeanim.geometry import Drawing
from strokeanim.io.ndjson import format_line
from strokeanim.render.protocol import NoOptions, RenderContext, RendererSpec


class NdjsonRenderer:
    """Renderer of strokes as text that strokeanim and other readers of QuickDraw can read."""

    spec = RendererSpec(
        name="ndjson",
        extensions=(".ndjson",),
        media_type="application/x-ndjson",
        kind="sequence",
        streaming=True,
        colour=False,
        timing=False,
        units="drawing",
        description="QuickDraw ndjson, one frame a line",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: NoOptions) -> NdjsonSession:  # noqa: ARG002
        """Begin a file."""
        return NdjsonSession(sink, context)


class NdjsonSession:
    """A session that writes a line per frame."""

    def __init__(self, sink: BinaryIO, context: RenderContext) -> None:
        self._sink, self._context, self._count = sink, context, 0

    def frame(self, frame: Frame) -> None:
        """Write one line."""
        facts = self._context.facts[self._count]
        label = str(facts.get("label", self._context.label))
        drawing = Drawing(frame.strokes, label, str(facts.get("key") or self._count))
        extra = {"frame": self._count, "t": facts.get("t"), "label": label}
        known = {name: value for name, value in extra.items() if value is not None}
        self._sink.write(format_line(drawing, **known).encode() + b"\n")
        self._count += 1

    def finish(self) -> None:
        """Do nothing; everything has been written."""

    def abort(self) -> None:
        """Do nothing; the session holds no resources."""
