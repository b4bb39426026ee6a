"""Provide pens that record drawing calls, transform them, or pass them to several pens.

Each of them implements `strokeanim.animation.frame.Pen`, so they can be combined.

Examples:
    >>> from strokeanim.animation.frame import Frame
    >>> recording = RecordingPen()
    >>> Frame([[(0, 0), (3, 4)]]).draw(TransformPen(recording, scale=2, dx=10))
    >>> recording.value
    [('move', (10.0, 0.0)), ('line', (16.0, 8.0))]
"""

from __future__ import annotations

from strokeanim.animation.frame import Pen


class RecordingPen:
    """A pen that records the calls it receives, for inspection or replay.

    Attributes:
        value: `(method, coordinates)` of each call, in order.
    """

    def __init__(self) -> None:
        self.value: list[tuple[str, tuple[float, ...]]] = []

    def move(self, x: float, y: float) -> None:
        """Record a move."""
        self.value.append(("move", (x, y)))

    def line(self, x: float, y: float) -> None:
        """Record a line."""
        self.value.append(("line", (x, y)))

    def curve(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> None:
        """Record a curve."""
        self.value.append(("curve", (x1, y1, x2, y2, x, y)))

    def close(self) -> None:
        """Record a close."""
        self.value.append(("close", ()))

    def replay(self, pen: Pen) -> None:
        """Repeat the recorded calls on another pen."""
        for method, coordinates in self.value:
            getattr(pen, method)(*coordinates)


class TransformPen:
    """A pen that draws with another pen at `scale * (x, y) + (dx, dy)`.

    `scale` is a number, or one number per axis as `(sx, sy)`.
    """

    def __init__(
        self, pen: Pen, scale: float | tuple[float, float] = 1.0, dx: float = 0.0, dy: float = 0.0
    ) -> None:
        self._pen = pen
        self._sx, self._sy = scale if isinstance(scale, tuple) else (scale, scale)
        self._dx, self._dy = dx, dy

    def move(self, x: float, y: float) -> None:
        """Move to the transformed point."""
        self._pen.move(*self._transform(x, y))

    def line(self, x: float, y: float) -> None:
        """Draw a line to the transformed point."""
        self._pen.line(*self._transform(x, y))

    def curve(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> None:
        """Draw a curve with the transformed points."""
        self._pen.curve(*self._transform(x1, y1), *self._transform(x2, y2), *self._transform(x, y))

    def close(self) -> None:
        """Close the stroke."""
        self._pen.close()

    def _transform(self, x: float, y: float) -> tuple[float, float]:
        return x * self._sx + self._dx, y * self._sy + self._dy


class TeePen:
    """A pen that passes each call to several pens."""

    def __init__(self, *pens: Pen) -> None:
        self._pens = pens

    def move(self, x: float, y: float) -> None:
        """Move all pens."""
        for pen in self._pens:
            pen.move(x, y)

    def line(self, x: float, y: float) -> None:
        """Draw a line with all pens."""
        for pen in self._pens:
            pen.line(x, y)

    def curve(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> None:
        """Draw a curve with all pens."""
        for pen in self._pens:
            pen.curve(x1, y1, x2, y2, x, y)

    def close(self) -> None:
        """Close the stroke of all pens."""
        for pen in self._pens:
            pen.close()
