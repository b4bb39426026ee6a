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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO, Literal, Protocol

from strokeanim import params as option_parser
from strokeanim.animation.frame import Frame, Pen
from strokeanim.errors import InputError
from strokeanim.render import API_VERSION

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_EXTENSION = re.compile(r"\.[a-z0-9][a-z0-9_+-]*")


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
            `strokeanim.params`.
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
