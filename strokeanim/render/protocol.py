r"""Define the renderer contract, on one page.

A renderer turns a stream of frames into the bytes of one file. It is a class with a `spec`
attribute and an `open` method, registered by an entry point in the group `strokeanim.renderers`:

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

`strokeanim plugins new dots` writes such a package, `pip install` installs it,
`strokeanim plugins check dots` tests it, and `strokeanim render sample:nose/0 --out nose.dots -O
mark=x` uses it. `strokeanim.testing` helps to test renderers, and `strokeanim.render.pens`
provides pens to draw with.

The host calls `open`, then `frame` once per frame in order, then `finish`. If an error occurs
after `open`, in the renderer or outside it, the host calls `abort` instead and discards the
output.

A renderer **must**
  - have written everything to `sink` (binary, seekable, readable, empty) when `finish` returns;
  - accept an empty frame, a stroke of one point (a dot), ink outside the canvas, and any number of
    frames from one up;
  - write the same bytes for the same input, whatever the date;
  - be cheap to import: import slow modules in `open`.
A renderer **may**
  - write at any time before that: memory should not grow with the number of frames, and
    `streaming=True` promises that it does not;
  - rely on `context` for size, durations and number of frames;
  - raise `strokeanim.errors.InputError` for a request that its format can't fulfil, with the fix;
  - log through `context.log`, but nothing if all goes well.
A renderer **must not**
  - close the sink, print, or write files beside the sink: the host owns files and completes them.
    For a library that requires a file, use one in the folder of `tempfile`;
  - change a frame, or keep one longer than necessary;
  - share state between sessions: several may be open at once;
  - leave anything behind when `open` raises, since no session exists then that could be aborted;
  - rescale: coordinates arrive in px of the canvas, y down (`units="px"`), or unchanged in
    drawing units (`units="drawing"`), as the spec asks.

Options are the fields of a frozen dataclass: int, float, bool, str, a `Literal`, or one of these
`| None`, each with a default. `metadata` may hold `help`, `min` and `max`; `__post_init__` may
check values further and raise an `InputError`. An option with the name of a style option, which
all renderers share (size, stroke, …), replaces it for this renderer.

Pen-style drawing: `frame.draw(pen)` calls `move`, `line`, `curve` and `close` on any object that
has them. A dot is a `move` and a `line` to the same point, which round caps make visible.
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
    raise InputError(f"a second file ({extension}) can't be written here")


@dataclass(frozen=True)
class RenderContext:
    """The settings of one output, passed to `Renderer.open`; all values are final.

    Attributes:
        width: width of the canvas, px.
        height: height of the canvas, px.
        stroke: colour of strokes without a colour of their own, `"#rrggbb"`.
        stroke_width: stroke width, px.
        background: `"#rrggbb"`, or None for transparent.
        smooth: whether to draw strokes as curves; pass it to `Frame.draw`.
        durations: exact seconds each frame is shown, one per frame, all positive.
        label: what the animation shows (`"mouth"`), or "".
        facts: metadata, one mapping per frame, such as `t` or `label`.
        log: the logger for warnings.
        extension: extension of the file to be written, for renderers of several formats: one of
            the spec's, or the first of them if the file has another.
        colours: all colours that strokes will have, `(stroke,)` unless they have colours of their
            own; for formats with a palette.
        mm_per_px: size of a px on paper, mm.
        companion: opens a second file beside the first, with another extension (`".json"`). The
            host owns it as it owns the sink, and the two files appear together.
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
        """Return the number of frames that the session will receive."""
        return len(self.durations)


@dataclass(frozen=True)
class NoOptions:
    """The options of a renderer without options."""


@dataclass(frozen=True, kw_only=True)
class RendererSpec:
    """The properties and abilities of a renderer, available before it opens a file.

    Attributes:
        name: the name of its entry point: lower-case letters, digits, `-` and `_`.
        extensions: lower case, with the dot: `(".gif",)`; the first is the usual one.
        media_type: media type of the first extension: `"image/gif"`.
        kind: `"sequence"` can put all frames into one file, `"frame"` holds one frame per file.
            With either kind, a file name with `%04d` in it asks for one file per frame.
        api_version: the version of this contract that the renderer was written for; 1.0 if not
            given.
        units: `"px"` for frames mapped to the canvas, `"drawing"` for frames in drawing units.
        background: what `background=auto` means: `"#rrggbb"`, or None for transparent.
        transparency: whether the format can do without a background.
        colour: whether the file shows the colours of strokes and the opacity of frames. If not,
            colours are accepted and ignored.
        timing: whether the file holds the durations of frames; irrelevant for `kind="frame"`.
        streaming: whether memory does not grow with the number of frames.
        priority: if several renderers list an extension, the one of that name is chosen, else the
            one of the highest priority; a tie is an error that asks the user to choose.
        options: a frozen dataclass; its fields are the `-O key=value` options, see
            `strokeanim.params`.
        description: one line for lists.
        requirements: what it needs beside its package, in words: `("libcairo",)`.

    Raises:
        InputError: an attribute has a value other than described here.
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
            ("transparency", _is_exactly(bool), "True or False"),
            ("colour", _is_exactly(bool), "True or False"),
            ("timing", _is_exactly(bool), "True or False"),
            ("streaming", _is_exactly(bool), "True or False"),
            ("priority", _is_exactly(int), "a whole number"),
            ("description", _is_exactly(str), "text"),
            ("requirements", _are_texts, 'a tuple of texts such as ("libcairo",)'),
        ):
            value = getattr(self, attribute)
            with contextlib.suppress(TypeError):
                if is_right(value):
                    continue
            raise InputError(f"a renderer's {attribute} must be {wanted}, not {value!r}")
        if self.background is None and not self.transparency:
            raise InputError("a renderer without transparency needs a background such as #ffffff")
        option_parser.check_options(self.options)


def _is_exactly(kind: type) -> Callable[[Any], bool]:
    """Return a check that a value is of this type; `isinstance` would accept True as an int."""
    return lambda value: type(value) is kind


def _are_texts(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(text, str) for text in value)


def _are_extensions(value: Any) -> bool:
    return _are_texts(value) and value != () and all(map(_EXTENSION.fullmatch, value))


def _is_version(value: Any) -> bool:
    return isinstance(value, tuple) and [type(number) for number in value] == [int, int]


def _is_background(value: Any) -> bool:
    return value is None or _COLOUR.fullmatch(value) is not None


class Session(Protocol):
    """The state of a renderer while it writes one file."""

    def frame(self, frame: Frame) -> None:
        """Accept the next frame."""

    def finish(self) -> None:
        """Write the rest of the file; afterwards the sink holds all of it."""

    def abort(self) -> None:
        """Release all resources; the host discards the sink. Must not raise."""


class Renderer(Protocol):
    """What an entry point in `strokeanim.renderers` names; a class is called without arguments."""

    spec: RendererSpec

    def open(self, sink: BinaryIO, context: RenderContext, options: Any) -> Session:
        """Open a session that writes one file.

        `options` is an instance of `spec.options`, already checked.
        """


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
