"""Define `Frame`, the strokes visible at one moment, and `Pen`, which it is drawn with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import numpy as np
import numpy.typing as npt

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing
from strokeanim.geometry.splines import outline
from strokeanim.typing import Points

_COLOUR = re.compile(r"#[0-9a-f]{6}")


class StrokeColour(Protocol):
    """The part of a render context that frames use."""

    @property
    def stroke(self) -> str:
        """Return the colour of strokes without a colour of their own, `"#rrggbb"`."""


class Pen(Protocol):
    """The drawing commands that `Frame.draw` calls; coordinates are absolute, y down."""

    def move(self, x: float, y: float) -> object:
        """Lift the pen and start a stroke at x, y."""

    def line(self, x: float, y: float) -> object:
        """Draw a straight line to x, y."""

    def curve(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> object:
        """Draw a cubic Bézier curve to x, y with the control points x1, y1 and x2, y2."""

    def close(self) -> object:
        """Join the ends of a stroke whose last piece has led back to its start."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The strokes visible at one moment.

    Attributes:
        strokes: one `(n, 2)` float32 array of x, y per stroke, n ≥ 1, y down; may be empty.
        ids: one integer ≥ 0 per stroke, unique in the frame; 0, 1, 2, … if not given. A stroke has
            the same id in all frames.
        opacity: opacity of the frame as a whole, 0 (invisible) to 1.
        colours: one `"#rrggbb"` per stroke, or () if all have the colour of the context; see
            `stroke_colours`.

    Raises:
        InputError: a stroke is not `(n, 2)` or not finite, ids or colours are invalid or not one
            per stroke, or the opacity is outside 0..1.

    Examples:
        >>> Frame([[(0, 0), (3, 4)], [(5, 5)]]).ids
        (0, 1)
    """

    strokes: tuple[Points, ...]
    ids: tuple[int, ...]
    opacity: float
    colours: tuple[str, ...]

    def __init__(
        self,
        strokes: Sequence[npt.ArrayLike] = (),
        ids: Sequence[int] | None = None,
        opacity: float = 1.0,
        colours: Sequence[str] = (),
    ) -> None:
        checked = Drawing(strokes).strokes
        numbers = tuple(range(len(checked))) if ids is None else tuple(map(int, ids))
        if len(numbers) != len(checked):
            raise InputError(
                f"a frame of {len(checked)} strokes needs as many ids, not {len(numbers)}"
            )
        if len(set(numbers)) != len(numbers) or any(number < 0 for number in numbers):
            raise InputError(f"stroke ids must be unique and not negative, not {list(numbers)}")
        if not 0 <= opacity <= 1:
            raise InputError(f"a frame's opacity must lie between 0 and 1, not {opacity}")
        if colours and len(colours) != len(checked):
            raise InputError(
                f"a frame of {len(checked)} strokes needs as many colours or none, "
                f"not {len(colours)}"
            )
        if not all(map(_COLOUR.fullmatch, colours)):
            raise InputError(f"colours of strokes are #rrggbb in lower case, not {list(colours)}")
        object.__setattr__(self, "strokes", checked)
        object.__setattr__(self, "ids", numbers)
        object.__setattr__(self, "opacity", float(opacity))
        object.__setattr__(self, "colours", tuple(colours))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frame):
            return NotImplemented
        return (
            (self.ids, self.opacity, self.colours) == (other.ids, other.opacity, other.colours)
            and len(self.strokes) == len(other.strokes)
            and all(map(np.array_equal, self.strokes, other.strokes))
        )

    def __hash__(self) -> int:
        return hash((self.ids, self.opacity, self.colours, tuple(map(bytes, self.strokes))))

    def __repr__(self) -> str:
        return f"<Frame: {len(self.strokes)} strokes, {sum(map(len, self.strokes))} points>"

    def stroke_colours(self, context: StrokeColour) -> tuple[str, ...]:
        """Return the colour of each stroke, `"#rrggbb"`: its own, or that of the `context`."""
        return self.colours or (context.stroke,) * len(self.strokes)

    def split_by_colour(self, context: StrokeColour) -> list[tuple[str, Frame]]:
        """Split the frame into parts of one colour each, in drawing order."""
        parts: list[tuple[str, Frame]] = []
        for colour, run in groupby(
            range(len(self.strokes)), self.stroke_colours(context).__getitem__
        ):
            indices = list(run)
            strokes = [self.strokes[index] for index in indices]
            ids = [self.ids[index] for index in indices]
            parts.append((colour, Frame(strokes, ids, self.opacity)))
        return parts

    def draw(self, pen: Pen, smooth: bool = False, every_point: bool = False) -> None:
        """Draw all strokes; with `smooth`, as cubic curves through the points that keep corners.

        Points, curves and their control points may lie outside the canvas. A stroke whose last
        point equals its first is closed after its last piece, and points that repeat the one
        before are omitted. With `every_point` neither is done, so that strokes of the same number
        of points are drawn by the same calls in every frame, which a morph requires.
        """
        for stroke in self.strokes:
            start, pieces = outline(stroke, smooth, every_point)
            pen.move(*start.tolist())
            step = pen.curve if pieces.shape[1] == 3 else pen.line
            for coordinates in pieces.reshape(len(pieces), -1).tolist():
                step(*coordinates)
            if not every_point and len(pieces) > 1 and (pieces[-1, -1] == start).all():
                pen.close()
