r"""The renderer contract, on one page.

A renderer turns a stream of frames into the bytes of one file. It is a class with a `spec`
attribute and an `open` method, named by an entry point in the group `strokeanim.renderers`:

    [project.entry-points."strokeanim.renderers"]
    dots = "my_package:DotsRenderer"

>>> from dataclasses import dataclass, field
>>> from strokeanim.render.protocol import RendererSpec
>>> @dataclass(frozen=True)
... class DotsOptions:
...     mark: str = field(default=".", metadata={"help": "written once per stroke"})
>>> class DotsRenderer:
...     spec = RendererSpec(
...         name="dots", extensions=(".dots",), media_type="text/plain", kind="sequence",
...         options=DotsOptions, description="one line per frame, one mark per stroke",
...     )
...     def open(self, sink, context, options):
...         return DotsSession(sink, options.mark)
>>> class DotsSession:
...     def __init__(self, sink, mark):
...         self.sink, self.mark = sink, mark
...     def frame(self, frame):
...         self.sink.write((self.mark * len(frame.strokes) + "\n").encode())
...     def finish(self):
...         pass
...     def abort(self):
...         pass

An option's type is int, float, bool, str or a `Literal` of strings; `metadata` may hold `help`,
`min` and `max`, and what else is wrong with a value `__post_init__` can say with an `InputError`.
`pip install` the package where strokeanim is; then `strokeanim plugins list` shows it, and
`strokeanim render sample:nose/0 --out nose.dots -O mark=x` uses it.

The host calls `open`, then `frame` once per frame in order, then `finish`. If anything goes
wrong after `open`, in the renderer or around it, the host calls `abort` instead and throws the
output away.

A renderer **must**
  - write everything to `sink` (binary, seekable, readable, empty) by the time `finish` returns;
  - accept an empty frame, a stroke of one point (a dot), and any number of frames from one up;
  - write the same bytes for the same input.
A renderer **may**
  - write as early as it likes: memory that does not grow with the number of frames is the aim;
  - trust `context` for what is known beforehand: size, durations, number of frames;
  - raise `strokeanim.errors.InputError` for a wish its format can't grant, naming the fix;
  - log through `context.log`; log nothing on a run where all is well.
A renderer **must not**
  - close the sink, or open files of its own: the host owns them and makes them atomic;
  - change a frame, or keep one longer than it has to;
  - rescale: coordinates arrive in px of the canvas, y down (`units="px"`), or untouched in
    drawing units (`units="drawing"`), as the spec asks;
  - name an option like a style option of the host: size, stroke, width, background, smooth.

Pen-style drawing: `frame.draw(pen)` calls `move`, `line`, `curve` and `close` on any object that
has them. A dot is a `move` and a `line` to the same place, which round caps make visible.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO, Literal, Protocol

import numpy as np
import numpy.typing as npt

from strokeanim.errors import InputError
from strokeanim.strokes import Drawing
from strokeanim.strokes.curves import outline
from strokeanim.typing import Points

API_VERSION = (1, 0)
"""Major: what renderers must change for. Minor: what was added for them to use."""


class Pen(Protocol):
    """What `Frame.draw` draws with; absolute coordinates, y down."""

    def move(self, x: float, y: float) -> object:
        """Lift the pen and start a stroke at x, y."""

    def line(self, x: float, y: float) -> object:
        """Straight on to x, y."""

    def curve(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> object:
        """A cubic Bézier curve to x, y with the control points x1, y1 and x2, y2."""

    def close(self) -> object:
        """Straight back to where the stroke started. `Frame.draw` does not call it yet."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The strokes to be seen at one moment.

    Attributes:
        strokes: one `(n, 2)` float32 array of x, y per stroke, n ≥ 1, y down; may be empty.
        ids: one integer ≥ 0 per stroke, unique in the frame. A stroke keeps its id from frame to
            frame as long as it is the same stroke. 0, 1, 2, … if not given.
        opacity: of the frame as a whole, 0 (invisible) to 1.

    Raises:
        InputError: a stroke that is not `(n, 2)` or not finite, ids that don't fit, an opacity
            outside 0..1.

    >>> Frame([[(0, 0), (3, 4)], [(5, 5)]]).ids
    (0, 1)
    """

    strokes: tuple[Points, ...]
    ids: tuple[int, ...]
    opacity: float

    def __init__(
        self,
        strokes: Sequence[npt.ArrayLike] = (),
        ids: Sequence[int] | None = None,
        opacity: float = 1.0,
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
        object.__setattr__(self, "strokes", checked)
        object.__setattr__(self, "ids", names)
        object.__setattr__(self, "opacity", float(opacity))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frame):
            return NotImplemented
        return (
            (self.ids, self.opacity) == (other.ids, other.opacity)
            and len(self.strokes) == len(other.strokes)
            and all(map(np.array_equal, self.strokes, other.strokes))
        )

    def __hash__(self) -> int:
        return hash((self.ids, self.opacity, tuple(map(bytes, self.strokes))))

    def __repr__(self) -> str:
        return f"<Frame: {len(self.strokes)} strokes, {sum(map(len, self.strokes))} points>"

    def draw(self, pen: Pen, smooth: bool = False) -> None:
        """Draw all strokes; with `smooth`, cubic curves through the points, corners kept."""
        for stroke in self.strokes:
            start, pieces = outline(stroke, smooth)
            pen.move(*start.tolist())
            step = pen.curve if pieces.shape[1] == 3 else pen.line
            for coordinates in pieces.reshape(len(pieces), -1).tolist():
                step(*coordinates)


@dataclass(frozen=True)
class RenderContext:
    """What a renderer is told when it is opened; everything in it is final.

    Attributes:
        width, height: of the canvas, px.
        stroke: `"#rrggbb"`.
        stroke_width: px.
        background: `"#rrggbb"`, or None for transparent.
        smooth: whether strokes are to be drawn as curves; pass it to `Frame.draw`.
        durations: exact seconds each frame is shown, one per frame, all positive.
        label: what the animation shows (`"mouth"`), or "".
        facts: one mapping per frame, of things known about it such as `t` or `label`.
        log: where to warn.
    """

    width: int
    height: int
    stroke: str
    stroke_width: float
    background: str | None
    smooth: bool
    durations: tuple[Fraction, ...]
    label: str
    facts: tuple[Mapping[str, object], ...]
    log: logging.Logger

    @property
    def frames(self) -> int:
        """How many frames will come."""
        return len(self.durations)


@dataclass(frozen=True)
class NoOptions:
    """The options of a renderer that has none."""


@dataclass(frozen=True, kw_only=True)
class RendererSpec:
    """What a renderer is, before it is asked to do anything.

    Attributes:
        name: the one its entry point has.
        extensions: lower case, with the dot: `(".gif",)`; the first is the usual one.
        media_type: `"image/gif"`.
        kind: `"sequence"` puts all frames into one file, `"frame"` one frame into each file.
        api_version: of this contract, that the renderer was written for.
        units: `"px"`, frames mapped to the canvas, or `"drawing"`, frames as they are.
        background: what `background=auto` means: `"#rrggbb"`, or None for transparent.
        transparency: whether the format can do without a background.
        options: a frozen dataclass; its fields are the `-O key=value` options, see
            `strokeanim.render.options`.
        description: one line for lists.
        requirements: what it needs beside its package, in words: `("libcairo",)`.
    """

    name: str
    extensions: tuple[str, ...]
    media_type: str
    kind: Literal["frame", "sequence"]
    api_version: tuple[int, int] = API_VERSION
    units: Literal["px", "drawing"] = "px"
    background: str | None = "#ffffff"
    transparency: bool = True
    options: type[Any] = NoOptions
    description: str = ""
    requirements: tuple[str, ...] = ()


class Session(Protocol):
    """One file being written."""

    def frame(self, frame: Frame) -> None:
        """Take the next frame."""

    def finish(self) -> None:
        """Write what is left; afterwards the sink holds the whole file."""

    def abort(self) -> None:
        """Let go of everything; what is in the sink no longer matters. Must not raise."""


class Renderer(Protocol):
    """Something an entry point in `strokeanim.renderers` names; made without arguments."""

    spec: RendererSpec

    def open(self, sink: BinaryIO, context: RenderContext, options: Any) -> Session:
        """Begin a file. `options` is an instance of `spec.options`, already checked."""
