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
...         api_version=(1, 0), streaming=True, colour=False, timing=False,
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

`strokeanim plugins new dots` writes such a package, `pip install` puts it beside strokeanim,
`strokeanim plugins check dots` tests it, and `strokeanim render sample:nose/0 --out nose.dots -O
mark=x` uses it. What tests need is in `strokeanim.testing`, pens to draw with in
`strokeanim.render.pens`.

The host calls `open`, then `frame` once per frame in order, then `finish`. If anything goes
wrong after `open`, in the renderer or around it, the host calls `abort` instead and throws the
output away.

A renderer **must**
  - write everything to `sink` (binary, seekable, readable, empty) by the time `finish` returns;
  - accept an empty frame, a stroke of one point (a dot), ink outside the canvas, and any number of
    frames from one up;
  - write the same bytes for the same input, on another day as well;
  - be as cheap to import as it can: what is slow to import is imported in `open`.
A renderer **may**
  - write as early as it likes: memory that does not grow with the number of frames is the aim, and
    `streaming=True` promises it;
  - trust `context` for what is known beforehand: size, durations, number of frames;
  - raise `strokeanim.errors.InputError` for a wish its format can't grant, naming the fix;
  - log through `context.log`; log nothing on a run where all is well.
A renderer **must not**
  - close the sink, print, or write files beside the sink: the host owns files and makes them whole.
    A library that insists on a file gets one in `tempfile`'s folder;
  - change a frame, or keep one longer than it has to;
  - share state between sessions: several may be open at once;
  - leave anything behind when `open` raises: there is no session yet that could be aborted;
  - rescale: coordinates arrive in px of the canvas, y down (`units="px"`), or untouched in
    drawing units (`units="drawing"`), as the spec asks.

Options are the fields of a frozen dataclass: int, float, bool, str, a `Literal`, or one of these
`| None`, each with a default; `metadata` may hold `help`, `min` and `max`, and what else is wrong
with a value `__post_init__` can say with an `InputError`. An option named like one of the style
options that all renderers share (size, stroke, …) takes its place for this renderer.

Pen-style drawing: `frame.draw(pen)` calls `move`, `line`, `curve` and `close` on any object that
has them. A dot is a `move` and a `line` to the same place, which round caps make visible.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any, BinaryIO, Literal, Protocol

import numpy as np
import numpy.typing as npt

from strokeanim.errors import InputError
from strokeanim.render import API_VERSION
from strokeanim.render import options as option_parser
from strokeanim.strokes import Drawing
from strokeanim.strokes.curves import outline
from strokeanim.typing import Points

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_EXTENSION = re.compile(r"\.[a-z0-9][a-z0-9_+-]*")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


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
            `inks`.

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

    def inks(self, context: RenderContext) -> tuple[str, ...]:
        """The colour of each stroke, `"#rrggbb"`: its own, or that of the `context`."""
        return self.colours or (context.stroke,) * len(self.strokes)

    def by_ink(self, context: RenderContext) -> list[tuple[str, Frame]]:
        """The frame in parts of one colour each, in the order in which they are drawn."""
        parts: list[tuple[str, Frame]] = []
        for colour, run in groupby(range(len(self.strokes)), self.inks(context).__getitem__):
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


def _no_companion(extension: str) -> BinaryIO:
    raise InputError(f"there is no place here for a second file {extension}")


@dataclass(frozen=True)
class RenderContext:
    """What a renderer is told when it is opened; everything in it is final.

    Attributes:
        width: of the canvas, px.
        height: of the canvas, px.
        stroke: `"#rrggbb"`.
        stroke_width: px.
        background: `"#rrggbb"`, or None for transparent.
        smooth: whether strokes are to be drawn as curves; pass it to `Frame.draw`.
        durations: exact seconds each frame is shown, one per frame, all positive.
        label: what the animation shows (`"mouth"`), or "".
        facts: one mapping per frame, of things known about it such as `t` or `label`.
        log: where to warn.
        extension: of the file to be written, for renderers of several formats: one of the spec's,
            the first if the file has none of them.
        colours: all colours that strokes will have, `(stroke,)` unless they have colours of their
            own; for formats with a palette.
        mm_per_px: how large the picture is to be on paper.
        companion: opens a second file beside the first, with another extension (`".json"`); it
            belongs to the host as the sink does, and appears together with it.
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
    extension: str = ""
    colours: tuple[str, ...] = ()
    mm_per_px: float = 25.4 / 96
    companion: Callable[[str], BinaryIO] = _no_companion

    def __post_init__(self) -> None:
        object.__setattr__(self, "colours", self.colours or (self.stroke,))

    @property
    def frames(self) -> int:
        """How many frames will come."""
        return len(self.durations)


@dataclass(frozen=True)
class NoOptions:
    """The options of a renderer that has none."""


@dataclass(frozen=True, kw_only=True)
class RendererSpec:
    """What a renderer is and can do, before it is asked to do anything.

    Attributes:
        name: the one its entry point has: lower-case letters, digits, `-` and `_`.
        extensions: lower case, with the dot: `(".gif",)`; the first is the usual one.
        media_type: of the first extension: `"image/gif"`.
        kind: `"sequence"` can put all frames into one file, `"frame"` holds one frame per file. In
            either kind a name with `%04d` in it means a file per frame.
        api_version: of this contract, that the renderer was written for; 1.0 if not given.
        units: `"px"`, frames mapped to the canvas, or `"drawing"`, frames as they are.
        background: what `background=auto` means: `"#rrggbb"`, or None for transparent.
        transparency: whether the format can do without a background.
        colour: whether the file shows the colour of the strokes and the opacity of frames. Where it
            does not, colours may be given all the same, and are ignored.
        timing: whether the file holds the durations of frames; of no meaning for one frame.
        streaming: whether memory does not grow with the number of frames.
        priority: among the renderers that list an extension, the one named like it is taken, else
            the one of the highest priority; a draw is an error that asks the user to choose.
        options: a frozen dataclass; its fields are the `-O key=value` options, see
            `strokeanim.render.options`.
        description: one line for lists.
        requirements: what it needs beside its package, in words: `("libcairo",)`.

    Raises:
        InputError: one of these is not what it says here.
    """

    name: str
    extensions: tuple[str, ...]
    media_type: str
    kind: Literal["frame", "sequence"]
    api_version: tuple[int, int] = (1, 0)
    units: Literal["px", "drawing"] = "px"
    background: str | None = "#ffffff"
    transparency: bool = True
    colour: bool = True
    timing: bool = True
    streaming: bool = False
    priority: int = 0
    options: type[Any] = NoOptions
    description: str = ""
    requirements: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for attribute, is_right, wanted in (
            ("name", _NAME.fullmatch, "lower-case letters, digits, - and _"),
            ("extensions", _are_extensions, 'a tuple such as (".gif",), with dots, in lower case'),
            ("media_type", _MEDIA_TYPE.fullmatch, 'such as "image/gif"'),
            ("kind", ("frame", "sequence").__contains__, '"frame" or "sequence"'),
            ("api_version", _is_version, "two whole numbers such as (1, 0)"),
            ("units", ("px", "drawing").__contains__, '"px" or "drawing"'),
            ("background", _is_background, '"#rrggbb" in lower case, or None'),
            ("transparency", _is(bool), "True or False"),
            ("colour", _is(bool), "True or False"),
            ("timing", _is(bool), "True or False"),
            ("streaming", _is(bool), "True or False"),
            ("priority", _is(int), "a whole number"),
            ("description", _is(str), "text"),
            ("requirements", _are_texts, 'a tuple of texts such as ("libcairo",)'),
        ):
            value = getattr(self, attribute)
            with contextlib.suppress(TypeError):
                if is_right(value):
                    continue
            raise InputError(f"a renderer's {attribute} must be {wanted}, not {value!r}")
        if self.background is None and not self.transparency:
            raise InputError("a renderer without transparency needs a background such as #ffffff")
        option_parser.check(self.options)


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is kind


def _are_texts(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, str) for one in value)


def _are_extensions(value: Any) -> bool:
    return _are_texts(value) and value != () and all(map(_EXTENSION.fullmatch, value))


def _is_version(value: Any) -> bool:
    return isinstance(value, tuple) and [type(one) for one in value] == [int, int]


def _is_background(value: Any) -> bool:
    return value is None or _COLOUR.fullmatch(value) is not None


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


__all__ = [
    "API_VERSION",
    "Frame",
    "NoOptions",
    "Pen",
    "RenderContext",
    "Renderer",
    "RendererSpec",
    "Session",
]
