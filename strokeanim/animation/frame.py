"""Represent the strokes to be seen at one moment, and the pens that they are drawn with."""

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
    """A render context, as far as frames are concerned."""

    @property
    def stroke(self) -> str:
        """`"#rrggbb"`, the colour of strokes that have none of their own."""


class Pen(Protocol):
    """What `Frame.draw` draws with; absolute coordinates, y down."""

    def move(self, x: float, y: float) -> object:
        """Lift the pen and start a stroke at x, y."""

    def line(self, x: float, y: float) -> object:
        """Straight on to x, y."""

    def curve(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> object:
        """A cubic Bézier curve to x, y with the control points x1, y1 and x2, y2."""

    def close(self) -> object:
        """The stroke ends where it started: join the ends. The last piece has led there."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The strokes to be seen at one moment.

    Attributes:
        strokes: one `(n, 2)` float32 array of x, y per stroke, n ≥ 1, y down; may be empty.
        ids: one integer ≥ 0 per stroke, unique in the frame. A stroke keeps its id from frame to
            frame as long as it is the same stroke. 0, 1, 2, … if not given.
        opacity: of the frame as a whole, 0 (invisible) to 1.
        colours: one `"#rrggbb"` per stroke, or () where all have the colour of the context; see
            `stroke_colours`.

    Raises:
        InputError: a stroke that is not `(n, 2)` or not finite, ids or colours that don't fit, an
            opacity outside 0..1.

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
        names = tuple(range(len(checked))) if ids is None else tuple(int(one) for one in ids)
        if len(names) != len(checked):
            raise InputError(
                f"a frame of {len(checked)} strokes needs as many ids, not {len(names)}"
            )
        if len(set(names)) != len(names) or any(one < 0 for one in names):
            raise InputError(f"stroke ids must be unique and not negative, not {list(names)}")
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
        object.__setattr__(self, "ids", names)
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
        """The colour of each stroke, `"#rrggbb"`: its own, or that of the `context`."""
        return self.colours or (context.stroke,) * len(self.strokes)

    def split_by_colour(self, context: StrokeColour) -> list[tuple[str, Frame]]:
        """The frame in parts of one colour each, in the order in which they are drawn."""
        parts: list[tuple[str, Frame]] = []
        for colour, run in groupby(
            range(len(self.strokes)), self.stroke_colours(context).__getitem__
        ):
            places = list(run)
            strokes = [self.strokes[place] for place in places]
            ids = [self.ids[place] for place in places]
            parts.append((colour, Frame(strokes, ids, self.opacity)))
        return parts

    def draw(self, pen: Pen, smooth: bool = False, every_point: bool = False) -> None:
        """Draw all strokes; with `smooth`, cubic curves through the points, corners kept.

        Curves and their control points may leave the canvas, as points may.
        A stroke whose last point is its first is closed after its last piece, and points that
        repeat the one before are left out. With `every_point` neither is done, so that strokes of
        as many points are drawn by the same calls in every frame, which is what a morph needs.
        """
        for stroke in self.strokes:
            start, pieces = outline(stroke, smooth, every_point)
            pen.move(*start.tolist())
            step = pen.curve if pieces.shape[1] == 3 else pen.line
            for coordinates in pieces.reshape(len(pieces), -1).tolist():
                step(*coordinates)
            if not every_point and len(pieces) > 1 and (pieces[-1, -1] == start).all():
                pen.close()
