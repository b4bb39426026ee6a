"""Define `Drawing` and `Picture`, the inputs and outputs of strokeanim.

Both are frozen values. Reading and writing files is left to `strokeanim.io`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from strokeanim.errors import InputError
from strokeanim.typing import Points, Raster

MAX_PICTURE_SIDE = 1024
"""Pictures with more px than this along their longer side are averaged down."""

_MIN_INK = 0.25
"""Coverage above which a pixel counts as ink."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """An ordered tuple of strokes.

    Attributes:
        strokes: one `(n, 2)` float32 array of absolute x, y per stroke, n ≥ 1, y down.
        label: the class, as QuickDraw spells it (`"mouth"`), or "" if unknown.
        key: what identifies the drawing in its file, or "".
        times: per stroke an `(n,)` float32 array of milliseconds, or None.

    Raises:
        InputError: a stroke is not `(n, 2)`, has no points, or holds NaN or infinity; times don't
            match the strokes, or hold NaN or infinity.

    Examples:
        >>> d = Drawing([[(0, 0), (3, 4)]], label="nose")
        >>> d.points, d.box
        (2, Box(x=0.0, y=0.0, width=3.0, height=4.0))
    """

    strokes: tuple[Points, ...]
    label: str = ""
    key: str = ""
    times: tuple[npt.NDArray[np.float32], ...] | None = None

    def __init__(
        self,
        strokes: Sequence[npt.ArrayLike] = (),
        label: str = "",
        key: str = "",
        times: Sequence[npt.ArrayLike] | None = None,
    ) -> None:
        with np.errstate(over="ignore"):  # too large for float32 becomes infinite, and is refused
            frozen = tuple(_freeze_stroke(stroke, index) for index, stroke in enumerate(strokes))
            frozen_times = _freeze_times(times, frozen) if times is not None and frozen else None
        object.__setattr__(self, "strokes", frozen)
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "times", frozen_times)

    @classmethod
    def unchecked(
        cls,
        strokes: tuple[Points, ...],
        label: str,
        key: str,
        times: tuple[npt.NDArray[np.float32], ...] | None = None,
    ) -> Drawing:
        """Build a drawing without checks, from arrays known to be valid and read-only."""
        drawing = object.__new__(cls)
        object.__setattr__(drawing, "strokes", strokes)
        object.__setattr__(drawing, "label", label)
        object.__setattr__(drawing, "key", key)
        object.__setattr__(drawing, "times", times)
        return drawing

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Drawing):
            return NotImplemented
        return (
            (self.label, self.key, len(self.strokes))
            == (other.label, other.key, len(other.strokes))
            and all(map(np.array_equal, self.strokes, other.strokes))
            and (self.times is None) == (other.times is None)
            and all(map(np.array_equal, self.times or (), other.times or ()))
        )

    def __hash__(self) -> int:
        return hash((self.label, self.key, tuple(stroke.tobytes() for stroke in self.strokes)))

    def __repr__(self) -> str:
        size = f"{len(self.strokes)} strokes, {self.points} points"
        return f"<Drawing {self.label!r} {self.key!r}: {size}>"

    @property
    def points(self) -> int:
        """Return the number of points over all strokes."""
        return sum(map(len, self.strokes))

    @property
    def box(self) -> Box:
        """Return the bounding box; all zero for a drawing without strokes."""
        return Box.around(self.strokes)

    def with_strokes(self, strokes: Sequence[npt.ArrayLike]) -> Drawing:
        """Return a drawing of `strokes` with this label and key; times are dropped."""
        return Drawing(strokes, label=self.label, key=self.key)

    def with_label(self, label: str, key: str | None = None) -> Drawing:
        """Return a drawing of the same strokes under another label (and key)."""
        return Drawing(self.strokes, label, self.key if key is None else key, self.times)


@dataclass(frozen=True)
class Box:
    """An axis-aligned rectangle in drawing units, y down.

    Attributes:
        x: its left side.
        y: its top.
        width: its extent to the right.
        height: its extent downwards.
    """

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def around(cls, strokes: Sequence[Points]) -> Box:
        """Return the smallest box around all points; all zero without strokes."""
        if not strokes:
            return cls(0.0, 0.0, 0.0, 0.0)
        points = np.concatenate(strokes)
        low, high = points.min(axis=0), points.max(axis=0)
        x, y = float(low[0]), float(low[1])  # float64, which holds any difference of float32
        return cls(x, y, float(high[0]) - x, float(high[1]) - y)

    @property
    def longer(self) -> float:
        """Return the longer side, in drawing units."""
        return max(self.width, self.height)

    @property
    def diagonal(self) -> float:
        """Return the length of the diagonal, in drawing units."""
        return float(np.hypot(self.width, self.height))

    @property
    def centre(self) -> tuple[float, float]:
        """Return x and y of the centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def union(self, other: Box) -> Box:
        """Return the smallest box around both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.width, other.x + other.width)
        bottom = max(self.y + self.height, other.y + other.height)
        return Box(x, y, right - x, bottom - y)

    def expand(self, margin: float) -> Box:
        """Return the box with `margin` added on each side."""
        return Box(
            self.x - margin, self.y - margin, self.width + 2 * margin, self.height + 2 * margin
        )

    def interpolate(self, other: Box, t: float) -> Box:
        """Interpolate from this box (t = 0) to another (t = 1), linearly in centre and size."""
        mix = [(1 - t) * a + t * b for a, b in zip(self._values(), other._values(), strict=True)]
        return Box(*mix)

    def _values(self) -> tuple[float, float, float, float]:
        return self.x, self.y, self.width, self.height


@dataclass(frozen=True, eq=False)
class Picture:
    """A raster drawing.

    Attributes:
        coverage: `(height, width)` float32 coverage, ink 1 and paper 0.
        label: the class, or "".
        key: what identifies the picture, such as its file.
        scale: px of the source file per px of `coverage`; large files are averaged down.

    Raises:
        InputError: `coverage` is not two-dimensional, is empty, or has values outside 0..1.
    """

    coverage: Raster
    label: str = ""
    key: str = ""
    scale: int = 1

    def __post_init__(self) -> None:
        ink = np.array(self.coverage, dtype=np.float32)
        if ink.ndim != 2 or 0 in ink.shape:
            raise InputError(f"a picture must be (height, width) and not empty, not {ink.shape}")
        if not (np.isfinite(ink).all() and ink.min() >= 0 and ink.max() <= 1):
            raise InputError("a picture's ink must lie between 0 (paper) and 1 (ink)")
        ink.setflags(write=False)
        object.__setattr__(self, "coverage", ink)

    def __repr__(self) -> str:
        height, width = self.coverage.shape
        return f"<Picture {self.label!r} {self.key!r}: {width} × {height} px>"

    @property
    def box(self) -> Box:
        """Return the bounding box of the ink, in px; all zero for a blank picture."""
        rows, columns = (
            np.flatnonzero((self.coverage > _MIN_INK).any(axis=axis)) for axis in (1, 0)
        )
        if not len(rows) or not len(columns):
            return Box(0.0, 0.0, 0.0, 0.0)
        x, y = float(columns[0]), float(rows[0])
        return Box(x, y, float(columns[-1]) + 1 - x, float(rows[-1]) + 1 - y)


def _freeze_stroke(stroke: npt.ArrayLike, index: int) -> Points:
    try:
        points = np.array(stroke, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"stroke {index} is not a list of x, y pairs: {error}") from error
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise InputError(
            f"stroke {index} has shape {points.shape}; it must be (n, 2) with at least one point"
        )
    if not np.isfinite(points).all():
        raise InputError(f"stroke {index} holds NaN or infinite coordinates")
    points.setflags(write=False)
    return points


def _freeze_times(
    times: Sequence[npt.ArrayLike], strokes: tuple[Points, ...]
) -> tuple[npt.NDArray[np.float32], ...]:
    frozen = tuple(np.array(time, dtype=np.float32) for time in times)
    if [time.shape for time in frozen] != [(len(stroke),) for stroke in strokes]:
        raise InputError("times must hold one value per point of each stroke")
    if not all(np.isfinite(time).all() for time in frozen):
        raise InputError("times hold NaN or infinity")
    for time in frozen:
        time.setflags(write=False)
    return frozen
