"""Hold many drawings in a few arrays.

A hundred thousand drawings as Python objects take several times the memory of their coordinates;
a `DrawingArray` builds each `Drawing` on access.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeAlias, overload

import numpy as np
import numpy.typing as npt

from strokeanim.errors import InputError
from strokeanim.geometry.drawing import Drawing

Int: TypeAlias = "npt.NDArray[np.int64]"
_TEXT = np.dtypes.StringDType()

FLUSH_SIZE = 1000
"""Number of drawings that the builder turns into columns together."""


class DrawingArray(Sequence[Drawing]):
    """An immutable sequence of drawings in unchecked columns, built by `DrawingArray.of`.

    Its slices and drawings share the arrays, and each of them keeps all the arrays in memory.

    Attributes:
        points: `(n, 2)` float32, x and y of every point of every stroke.
        times: `(n,)` float32 milliseconds, 0 where `timed` is false; None if it always is.
        strokes: `(strokes + 1,)` where each stroke begins in `points`, and where the last ends.
        bounds: `(drawings + 1,)` where each drawing begins in `strokes`, and where the last ends.
        labels: `(drawings,)` text.
        keys: `(drawings,)` text.
        timed: `(drawings,)` whether a drawing has times.

    Examples:
        >>> two = DrawingArray.of([Drawing([[(0, 0), (3, 4)]], "nose"), Drawing([[(1, 1)]], "ear")])
        >>> len(two), two[1], two.points.shape
        (2, <Drawing 'ear' '': 1 strokes, 1 points>, (3, 2))
    """

    points: npt.NDArray[np.float32]
    times: npt.NDArray[np.float32] | None
    strokes: Int
    bounds: Int
    labels: npt.NDArray[Any]
    keys: npt.NDArray[Any]
    timed: npt.NDArray[np.bool_]

    def __init__(
        self,
        points: npt.NDArray[np.float32],
        strokes: Int,
        bounds: Int,
        labels: npt.NDArray[Any],
        keys: npt.NDArray[Any],
        times: npt.NDArray[np.float32] | None = None,
        timed: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        timed = np.zeros(len(labels), bool) if timed is None else timed
        self.points, self.strokes, self.bounds = _freeze(points), _freeze(strokes), _freeze(bounds)
        self.labels, self.keys, self.timed = _freeze(labels), _freeze(keys), _freeze(timed)
        self.times = None if times is None else _freeze(times)

    @classmethod
    def of(cls, drawings: Iterable[Drawing]) -> DrawingArray:
        """Collect drawings into an array."""
        builder = DrawingArrayBuilder()
        builder.add(drawings)
        return builder.done()

    def __len__(self) -> int:
        return len(self.labels)

    @overload
    def __getitem__(self, index: int) -> Drawing: ...
    @overload
    def __getitem__(self, index: slice) -> DrawingArray: ...

    def __getitem__(self, index: int | slice) -> Drawing | DrawingArray:
        if not isinstance(index, slice):
            return self._drawing_at(range(len(self))[index])
        indices = range(len(self))[index]
        if indices.step != 1:
            return DrawingArray.of(self._drawing_at(i) for i in indices)
        start, stop = (indices.start, indices.stop) if indices else (0, 0)
        return DrawingArray(
            self.points, self.strokes, self.bounds[start : stop + 1],
            self.labels[start:stop], self.keys[start:stop], self.times, self.timed[start:stop],
        )  # fmt: skip

    def __iter__(self) -> Iterator[Drawing]:
        return map(self._drawing_at, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DrawingArray | list | tuple):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle only the drawings of a slice, not the arrays it shares."""
        own = DrawingArray.of(self)
        columns = own.points, own.strokes, own.bounds, own.labels, own.keys, own.times, own.timed
        return DrawingArray, columns

    def __repr__(self) -> str:
        points = self.strokes[self.bounds[-1]] - self.strokes[self.bounds[0]]
        return f"<DrawingArray: {len(self)} drawings, {points} points>"

    def _drawing_at(self, index: int) -> Drawing:
        first, last = self.bounds[index], self.bounds[index + 1]
        cuts = self.strokes[first : last + 1].tolist()
        spans = list(pairwise(cuts))
        times = None
        if self.times is not None and self.timed[index]:
            times = tuple(self.times[start:stop] for start, stop in spans)
        strokes = tuple(self.points[start:stop] for start, stop in spans)
        return Drawing.unchecked(strokes, self.labels[index], self.keys[index], times)


class DrawingArrayBuilder:
    """A builder of a `DrawingArray` that needs little more memory than the finished array."""

    def __init__(self) -> None:
        # bytearrays grow in place, an eighth at a time
        self._points, self._times = bytearray(), bytearray()
        self._strokes: list[Int] = [np.zeros(1, np.int64)]
        self._bounds: list[Int] = [np.zeros(1, np.int64)]
        self._texts: list[tuple[npt.NDArray[Any], npt.NDArray[Any]]] = []
        self._timed: list[npt.NDArray[np.bool_]] = []
        self._pending: list[Drawing] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count + len(self._pending)

    def add(self, drawings: Iterable[Drawing]) -> None:
        """Append drawings.

        Raises:
            InputError: a label or key holds a lone surrogate, so is not valid text.
        """
        if isinstance(drawings, DrawingArray):
            self._append_array(drawings)
            return
        for drawing in drawings:
            self._pending.append(drawing)
            if len(self._pending) == FLUSH_SIZE:
                self._flush_pending()

    def _flush_pending(self) -> None:
        """Turn the pending drawings into columns; an array per drawing would be as large as it."""
        drawings, self._pending = self._pending, []
        strokes = [stroke for drawing in drawings for stroke in drawing.strokes]
        timed = [drawing.times is not None for drawing in drawings]
        times = None
        if any(timed):
            spans = (d.times or [np.zeros(len(s), np.float32) for s in d.strokes] for d in drawings)
            times = np.concatenate([np.zeros(0, np.float32), *(t for span in spans for t in span)])
        self.extend(
            np.concatenate([np.zeros((0, 2), np.float32), *strokes]),
            np.fromiter(map(len, strokes), np.int64, len(strokes)),
            np.fromiter((len(d.strokes) for d in drawings), np.int64, len(drawings)),
            [drawing.label for drawing in drawings],
            [drawing.key for drawing in drawings],
            times,
            timed,
        )

    def extend(
        self,
        points: npt.NDArray[np.float32],
        lengths: Int,
        counts: Int,
        labels: Sequence[str] | npt.NDArray[Any],
        keys: Sequence[str] | npt.NDArray[Any],
        times: npt.NDArray[np.float32] | None = None,
        timed: Sequence[bool] | npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Append drawings given in columns.

        Args:
            points: `(n, 2)`, all finite.
            lengths: number of points of each stroke, at least one.
            counts: number of strokes of each drawing.
            labels: label of each drawing.
            keys: key of each drawing.
            times: `(n,)` milliseconds, or None if no drawing has times.
            timed: whether each drawing has times.

        Raises:
            InputError: a label or key holds a lone surrogate, so is not valid text.
        """
        if self._pending:
            self._flush_pending()
        texts = text_array(labels), text_array(keys)
        if times is not None and not self._times:
            self._times.extend(bytes(len(self._points) // 2))
        self._points.extend(np.ascontiguousarray(points, np.float32).tobytes())
        if times is not None:
            self._times.extend(np.ascontiguousarray(times, np.float32).tobytes())
        elif self._times:
            self._times.extend(bytes(4 * len(points)))
        self._strokes.append(np.cumsum(lengths) + self._strokes[-1][-1:])
        self._bounds.append(np.cumsum(counts) + self._bounds[-1][-1:])
        self._texts.append(texts)
        self._timed.append(np.array(timed if timed is not None else [False] * len(labels), bool))
        self._count += len(labels)
        for columns in (self._strokes, self._bounds):
            if not len(columns[-1]):
                columns.pop()

    def _append_array(self, drawings: DrawingArray) -> None:
        cuts = drawings.strokes[drawings.bounds[0] : drawings.bounds[-1] + 1]
        part = slice(cuts[0], cuts[-1])
        self.extend(
            drawings.points[part],
            np.diff(cuts),
            np.diff(drawings.bounds),
            drawings.labels,
            drawings.keys,
            None if drawings.times is None else drawings.times[part],
            drawings.timed,
        )

    def done(self) -> DrawingArray:
        """Return the array of all drawings added; the builder can't be used afterwards."""
        self._flush_pending()
        labels, keys = (
            np.concatenate([text_array([]), *(pair[column] for pair in self._texts)])
            for column in (0, 1)
        )
        self._texts.clear()
        return DrawingArray(
            np.frombuffer(self._points, np.float32).reshape(-1, 2),
            np.concatenate(self._strokes),
            np.concatenate(self._bounds),
            labels,
            keys,
            np.frombuffer(self._times, np.float32) if self._times else None,
            np.concatenate([np.zeros(0, bool), *self._timed]),
        )


def _freeze(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.setflags(write=False)
    return view


def text_array(texts: Sequence[str] | npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return an array of strings of any length.

    Raises:
        InputError: a string holds a lone surrogate, so is not valid text.
    """
    try:
        return np.array(texts, _TEXT)
    except UnicodeEncodeError as error:
        raise InputError(
            f"{error.object[:40]!r} is not valid text: it holds a lone surrogate"
        ) from error
