"""QuickDraw's simplified ndjson, one frame a line, in untouched drawing coordinates.

The fields are QuickDraw's `word`, `key_id` and `drawing`, and ours: `frame` (from 0), `label`, `t`.
"""

from __future__ import annotations

import json
from typing import BinaryIO

import numpy as np

from strokeanim.render.protocol import Frame, NoOptions, RenderContext, RendererSpec
from strokeanim.typing import Float32


class NdjsonRenderer:
    """Strokes as text, to be read again by strokeanim or anything that reads QuickDraw."""

    spec = RendererSpec(
        name="ndjson",
        extensions=(".ndjson",),
        media_type="application/x-ndjson",
        kind="sequence",
        units="drawing",
        description="QuickDraw ndjson, one frame a line",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: NoOptions) -> NdjsonSession:  # noqa: ARG002
        """Begin a file."""
        return NdjsonSession(sink, context)


class NdjsonSession:
    """Writes a line per frame."""

    def __init__(self, sink: BinaryIO, context: RenderContext) -> None:
        self._sink, self._context, self._count = sink, context, 0

    def frame(self, frame: Frame) -> None:
        """Write one line."""
        label, facts = self._context.label, self._context.facts[self._count]
        t = facts.get("t")
        line = {
            "word": label,
            "key_id": str(facts.get("key") or self._count),
            "frame": self._count,
            "t": None if t is None else float(t),  # type: ignore[arg-type]
            "label": str(facts.get("label", label)),
            "drawing": [
                [_numbers(stroke[:, 0]), _numbers(stroke[:, 1])] for stroke in frame.strokes
            ],
        }
        text = json.dumps(line, separators=(",", ":"), allow_nan=False)
        self._sink.write(text.encode() + b"\n")
        self._count += 1

    def finish(self) -> None:
        """All is written."""

    def abort(self) -> None:
        """Nothing is held."""


def _numbers(values: Float32[np.ndarray, " n"]) -> list[int | float]:
    """At most three decimals, and none for whole numbers."""
    rounded = [round(value, 3) for value in values.tolist()]
    return [int(value) if value == int(value) else value for value in rounded]
