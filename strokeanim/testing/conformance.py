"""`RendererConformance`: is this renderer what the contract asks for?

Each check is a method `test_…` whose docstring says what is right. pytest collects them from a
subclass; `conformance` runs them without pytest, which is what `strokeanim plugins check` does.
"""

from __future__ import annotations

import dataclasses
import logging
import tempfile
import time
import unittest
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal, NoReturn

from strokeanim import params as option_parser
from strokeanim.animation.animation import Animation
from strokeanim.errors import InputError, StrokeAnimError
from strokeanim.io.atomic_files import is_full
from strokeanim.render import API_VERSION, host
from strokeanim.render.protocol import RenderContext, Renderer, RendererSpec
from strokeanim.testing import animations, driving
from strokeanim.testing.readback import Seen, seen

HEAVY = frozenset(
    ["cv2", "jax", "keras", "matplotlib", "pandas", "skimage", "sklearn", "tensorflow", "torch"]
)
"""Modules that take a second or more to import, and are imported when they are needed."""

MANY = 10_000
GROWTH_PER_FRAME = 256
"""Bytes; what is written for a frame of `animations.stream` is more in any format."""


class RendererConformance:
    """The checks. A subclass names the renderer, and pytest collects it:

        class TestDots(RendererConformance):
            renderer = DotsRenderer

    Attributes:
        renderer: the class, or a renderer.
        extension: which of its formats to check, the first if not given: `".gcode"`.
        module: what is imported to use it, the module of its class if not given.
    """

    renderer: Any = None
    extension: str = ""
    module: str = ""

    def seen(self, path: Path) -> Seen | None:
        """What a file shows; None if that can't be read.

        To be overridden for formats that Pillow and PyAV can't read, or some checks know no more
        than that two files differ.
        """
        return seen(path, self.made().spec.media_type)

    def made(self) -> Renderer:
        """The renderer, a new one if a class is named."""
        made: Renderer = self.renderer() if isinstance(self.renderer, type) else self.renderer
        if not hasattr(made, "spec"):
            _fail("name the renderer in the class of its tests: renderer = DotsRenderer")
        return made

    def saved(self, animation: Animation, **options: Any) -> list[bytes]:
        """The files that an animation becomes: one, or one for each frame."""
        with driving.scratch() as folder:
            return [file.read_bytes() for file in self._save(animation, folder, **options)]

    def test_spec_says_all_there_is_to_say(self) -> None:
        """The spec has a description of one line, and help for every option"""
        spec = self.made().spec
        if not isinstance(spec, RendererSpec):
            _fail(f"`spec` must be a RendererSpec, not {spec!r}")
        if spec.api_version[0] != API_VERSION[0]:
            _fail(f"`spec.api_version` is {spec.api_version}, and the contract's {API_VERSION}")
        if not spec.description or len(spec.description.splitlines()) > 1:
            _fail(f"`spec.description` must be one line, not {spec.description!r}")
        for option in option_parser.describe(spec.options):
            if not option.help:
                _fail(f"option {option.name!r} has no help; add metadata={{'help': …}}")

    def test_import_is_cheap(self) -> None:
        """Importing it loads nothing slow, and prints nothing"""
        module = self.module or type(self.made()).__module__
        done = driving.child(f"__import__({module!r})")
        if done is None:
            raise unittest.SkipTest(f"{module} can't be imported by itself")
        printed, loaded = done
        if printed:
            _fail(f"importing {module} prints {printed[:200]!r}")
        if slow := HEAVY & loaded:
            _fail(f"importing {module} imports {', '.join(sorted(slow))}; import it in open()")

    def test_a_frame_without_strokes(self) -> None:
        """A frame without strokes is a frame, alone and between others"""
        self.saved(animations.empty())
        self.saved(animations.changing())

    def test_a_dot(self) -> None:
        """A stroke of one point can be seen"""
        if self.saved(animations.dot()) == self.saved(animations.empty()):
            _fail("the file with a dot is the file without strokes")

    def test_one_frame(self) -> None:
        """One frame with a stroke is not an empty one"""
        if self.saved(animations.sized(100, 80)) == self.saved(animations.empty()):
            _fail("the file with a stroke is the file without")

    def test_two_hundred_frames(self) -> None:
        """Two hundred frames are all there"""
        with driving.scratch() as folder:
            files = self._save(animations.moving(200), folder, size=64)
            is_series = self.made().spec.kind == "frame"
            found = len(files) if is_series else self._read(files[0]).frames
        if found not in (None, 200):
            _fail(f"200 frames became {found}")

    def test_it_shows_the_strokes(self) -> None:
        """A point that moves, in any frame, and frames in another order make another file"""
        a, b = [(10, 10), (60, 40), (90, 10)], [(10, 10), (60, 70), (90, 10)]
        files = [self.saved(animations.of(strokes)) for strokes in ([a, a], [a, b], [b, a], [b, b])]
        if any(one in files[:place] for place, one in enumerate(files)):
            _fail("another point, or another order of frames, and the same file")

    def test_memory_is_constant(self) -> None:
        """Ten thousand frames take no more memory than two thousand"""
        renderer = self.made()
        spec = renderer.spec
        if spec.kind == "frame" or not spec.streaming:
            raise unittest.SkipTest("does not declare streaming")
        context = self._context(MANY)
        strokes: list[weakref.ref[Any]] = []
        memory = driving.Memory(MANY // 5)
        with tempfile.TemporaryFile() as sink, driving.by_hand():
            session = renderer.open(sink, context, spec.options())
            for frame in animations.stream(MANY):
                session.frame(frame)
                strokes.append(weakref.ref(frame.strokes[0]))
                memory.look()
            kept = sum(one() is not None for one in strokes)
            session.finish()
        if kept > MANY // 10:
            _fail(f"{kept} of {MANY} frames are kept; write them as they come")
        if memory.growth > GROWTH_PER_FRAME:
            _fail(f"memory grew by {memory.growth} bytes a frame; write frames as they come")

    def test_odd_sizes(self) -> None:
        """Odd sizes and extreme shapes are neither refused nor rescaled"""
        for width, height, size in ((37, 21, 37), (21, 37, 37), (1000, 1, 16), (100, 80, 101)):
            with driving.scratch() as folder:
                (file,) = self._save(animations.sized(width, height), folder, size=size)
                found = self._read(file)
            if found.width is None or found.height is None:
                continue
            scale = size / max(width, height)
            wanted = [max(1, round(side * scale)) for side in (width, height)]
            missing = found.width - wanted[0], found.height - wanted[1]
            if not all(0 <= one <= 1 for one in missing):  # a px more, where sides must be even
                _fail(f"{wanted[0]} × {wanted[1]} px became {found.width} × {found.height}")

    def test_background(self) -> None:
        """The background is that of the context, or transparent if the spec says it can be"""
        spec, still = self.made().spec, animations.still()
        clear = self.saved(still, background="none") if spec.transparency else None
        if not spec.colour:
            raise unittest.SkipTest("declares no colour")
        red = self.saved(still, background="#ff0000")
        if red == self.saved(still, background="#00ff00"):
            _fail("a red background and a green one are the same file")
        if clear in (red, self.saved(still, background="#ffffff")):
            _fail("a transparent background and an opaque one are the same file")

    def test_opacity(self) -> None:
        """A frame at half its opacity looks different"""
        half = self.saved(animations.faded(0.5))
        if not self.made().spec.colour:
            raise unittest.SkipTest("declares no colour")
        if half == self.saved(animations.faded(1.0)):
            _fail("opacity 0.5 and opacity 1 are the same file")

    def test_colours(self) -> None:
        """Strokes have the colour of the context, or colours of their own"""
        if not self.made().spec.colour:
            raise unittest.SkipTest("declares no colour")
        still = animations.still()
        if self.saved(still, stroke="#ff0000") == self.saved(still, stroke="#0000ff"):
            _fail("red strokes and blue ones are the same file")
        if self.saved(still) == self.saved(still, colour_by="stroke"):
            _fail("strokes in colours of their own and black ones are the same file")

    def test_every_extension(self) -> None:
        """Every extension of the spec can be written"""
        for extension in self.made().spec.extensions:
            with driving.scratch() as folder:
                self._save(animations.moving(2), folder, extension)

    def test_straight_and_smooth(self) -> None:
        """Both `smooth` and straight strokes are drawn"""
        for smooth in (True, False):
            self.saved(animations.still(), smooth=smooth)

    def test_any_label(self) -> None:
        """Labels of any script, markup and control characters do no harm"""
        for label in ("目 ушко עין", "<&>\"']]>", "a\nb\tc", "\x00\x07\ud800", "100%", "x" * 300):
            self.saved(animations.labelled(label))

    def test_ink_outside(self) -> None:
        """Ink outside the canvas is cut off or kept, and nothing fails"""
        self.saved(animations.outside())

    def test_many_strokes(self) -> None:
        """Three hundred strokes, one of five thousand points"""
        self.saved(animations.crowded())

    def test_timing(self) -> None:
        """Every frame is shown as long as the animation says, and errors don't add up"""
        spec = self.made().spec
        if spec.kind == "frame" or not spec.timing:
            raise unittest.SkipTest("declares no timing")
        uneven = animations.uneven()
        even = Animation(uneven.frames, (uneven.duration / 5,) * 5, uneven.canvas, uneven.label)
        if self.saved(uneven) == self.saved(even):
            _fail("uneven and even durations are the same file")
        with driving.scratch() as folder:
            (file,) = self._save(uneven, folder)
            found = self._read(file)
        if found.durations is None:
            raise unittest.SkipTest("exact durations take an override of `seen`, in tests")
        if len(found.durations) != 5:
            _fail(f"5 frames became {len(found.durations)}")
        for place, (ours, theirs) in enumerate(
            zip(accumulate(uneven.durations), accumulate(found.durations), strict=True), start=1
        ):
            if abs(ours - theirs) > found.tolerance:
                _fail(f"frame {place} ends after {float(theirs)} s, and not {float(ours)} s")

    def test_same_bytes(self) -> None:
        """The same input gives the same bytes: a second later, and in another process"""
        moving = animations.moving(5)
        first = self.saved(moving)
        time.sleep(1.1)  # until a date in the file would be another one
        if first != self.saved(moving):
            _fail("the same animation became another file a second later")
        kind = type(self.made())
        if "<" in kind.__qualname__:
            return  # made in a function, and not to be had elsewhere
        done = driving.child(
            "import operator, importlib; from strokeanim import testing;"
            f"checks = testing.RendererConformance(); checks.extension = {self.extension!r};"
            f"module = importlib.import_module({kind.__module__!r});"
            f"checks.renderer = operator.attrgetter({kind.__qualname__!r})(module);"
            "files = checks.saved(testing.animations.moving(5));"
            "print('BYTES', *(one.hex() for one in files))"
        )
        if done and done[0].rpartition("BYTES")[2].split() != [one.hex() for one in first]:
            _fail("the same animation became another file in another process")

    def test_sessions_at_once(self) -> None:
        """Two sessions at once don't mix"""
        renderer = self.made()
        frames = list(animations.stream(2))
        contexts = [
            dataclasses.replace(self._context(1), label=label, stroke=stroke)
            for label, stroke in (("one", "#ff0000"), ("two", "#0000ff"))
        ]
        with driving.by_hand():
            alone = [
                driving.written(renderer, context, [frame])
                for context, frame in zip(contexts, frames, strict=True)
            ]
            sinks = [driving.Sink(), driving.Sink()]
            sessions = [
                renderer.open(sink, context, renderer.spec.options())
                for sink, context in zip(sinks, contexts, strict=True)
            ]
            for session, frame in zip(sessions, frames, strict=True):
                session.frame(frame)
            for session in sessions:
                session.finish()
        if [sink.getvalue() for sink in sinks] != alone:
            _fail("two sessions at once write something else than each alone")

    def test_the_sink_is_the_hosts(self) -> None:
        """The sink stays open, and all is in it when `finish` returns"""
        renderer, sink = self.made(), driving.Sink()
        with driving.by_hand():
            session = renderer.open(sink, self._context(1), renderer.spec.options())
            session.frame(next(animations.stream(1)))
            session.finish()
            size = len(sink.getvalue())
            del session
        if sink.was_closed:
            _fail("the sink was closed, which is the host's to close")
        if size == 0:
            _fail("nothing was written")
        if len(sink.getvalue()) != size:
            _fail("something was written after `finish` returned")

    def test_frames_stay_as_they_are(self) -> None:
        """No frame is changed"""
        renderer, context = self.made(), self._context(1)
        (frame,), (copy,) = animations.stream(1), animations.stream(1)
        with driving.by_hand():
            driving.written(renderer, context, [frame])
        if frame != copy:
            _fail("the frame is not what it was")

    def test_abort(self) -> None:
        """After `abort`, at any moment, nothing is held and nothing left behind"""
        renderer = self.made()
        some = list(animations.stream(3 if renderer.spec.kind == "sequence" else 1))
        context = self._context(len(some))
        with driving.by_hand() as folder:
            driving.written(renderer, context, some)  # what that loads, it may keep
            before = driving.held()
            for count in range(len(some) + 1):
                session = renderer.open(driving.Sink(), context, renderer.spec.options())
                for frame in some[:count]:
                    session.frame(frame)
                try:
                    session.abort()
                except Exception as error:
                    _fail(f"abort() after {count} frames raised {type(error).__name__}: {error}")
                del session
            for what, number in driving.held().items():
                if number > before[what]:
                    _fail(f"{number - before[what]} more {what} after abort()")
            _check_strays(folder, [])

    def test_a_full_disk(self) -> None:
        """What the operating system says about a full disk is passed on"""
        renderer = self.made()
        session: Any = None
        try:
            with driving.by_hand():
                session = renderer.open(
                    driving.FullSink(),  # type: ignore[arg-type]
                    self._context(1),
                    renderer.spec.options(),
                )
                session.frame(next(animations.stream(1)))
                session.finish()
        except OSError as error:
            if session is not None:
                session.abort()
            if not is_full(error):
                _fail(f"a full disk became {type(error).__name__}: {error}")
        except Exception as error:
            _fail(f"a full disk became {type(error).__name__}: {error}")
        else:
            _fail("nobody noticed that the disk was full")

    def test_no_files_beside_the_sink(self) -> None:
        """Nothing is written beside the sink, and no temporary file is left"""
        with driving.scratch() as folder:
            _check_strays(folder, self._save(animations.moving(3), folder))

    def test_silence(self) -> None:
        """An ordinary run prints nothing and warns of nothing"""
        heard = _Heard()
        logger = logging.getLogger("strokeanim.render")
        logger.addHandler(heard)
        try:
            with driving.overheard() as said:
                self.saved(animations.moving(3))
        finally:
            logger.removeHandler(heard)
        if heard.messages:
            _fail(f"it warned: {heard.messages[0]}")
        if said:
            _fail(f"it printed {said[0][:200]!r}")

    def test_options(self) -> None:
        """Each value that an option allows works or is refused with an InputError"""
        spec = self.made().spec
        properties = option_parser.schema(spec.options)["properties"]
        for name, about in properties.items():
            for value in _to_try(about):
                try:
                    self.saved(animations.moving(2), **{name: value})
                except InputError:
                    continue
                except StrokeAnimError as error:
                    _fail(f"{name}={value!r} ended in {_told(error)}")

    def _read(self, path: Path) -> Seen:
        found = self.seen(path)
        if found is None and type(self).seen is not RendererConformance.seen:
            _fail("seen() returned None; return what the file shows, a Seen")
        return found or Seen()

    def _extension(self) -> str:
        return self.extension or self.made().spec.extensions[0]

    def _context(self, frames: int) -> RenderContext:
        return animations.context(frames, extension=self._extension())

    def _save(
        self, animation: Animation, folder: Path, extension: str = "", **options: Any
    ) -> list[Path]:
        renderer = self.made()
        number = "-%04d" if renderer.spec.kind == "frame" else ""
        name = f"file{number}{extension or self._extension()}"
        if "size" in option_parser.option_names(renderer.spec.options):
            options.pop("size", None)  # the renderer's own size is another one
        found = host.save(animation, folder / "out" / name, renderer, **options)
        return found if isinstance(found, list) else [found]


@dataclass(frozen=True)
class Outcome:
    """How one check went.

    Attributes:
        check: what is right, in words.
        status: `"passed"`, `"failed"` or `"skipped"`.
        detail: what is wrong, or why it was skipped; "" if it passed.
    """

    check: str
    status: Literal["passed", "failed", "skipped"]
    detail: str = ""


def conformance(
    renderer: type[Renderer] | Renderer, extension: str = "", module: str = ""
) -> Iterator[Outcome]:
    """Run all checks on a renderer, one by one, without pytest.

    Args:
        renderer: the class, or a renderer.
        extension: which of its formats to check, the first if not given.
        module: what is imported to use it, the module of its class if not given.
    """
    checks = RendererConformance()
    checks.renderer, checks.extension, checks.module = renderer, extension, module
    said: set[str] = set()
    for name, method in vars(RendererConformance).items():
        if not name.startswith("test_"):
            continue
        check = str(method.__doc__).strip()
        try:
            getattr(checks, name)()
        except unittest.SkipTest as reason:
            yield Outcome(check, "skipped", str(reason))
        except (Exception, SystemExit) as error:
            detail = _told(error)
            yield Outcome(check, "failed", "the same" if detail in said else detail)
            said.add(detail)
        else:
            yield Outcome(check, "passed")


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _check_strays(folder: Path, files: Sequence[Path]) -> None:
    expected = {folder / name for name in ("out", "here", "temporary")}
    names = {file.with_suffix("") for file in files}
    for stray in sorted(folder.rglob("*")):
        if stray not in expected and stray.with_suffix("") not in names:  # a companion may be there
            _fail(f"it left {stray.relative_to(folder)} behind")


def _to_try(about: dict[str, Any]) -> list[Any]:
    """Values that the schema of an option allows."""
    constants = [one["const"] for one in about.get("anyOf", ()) if "const" in one]
    found = [*about.get("enum", ()), *constants]
    types = about.get("type", [])
    types = [types] if isinstance(types, str) else types
    if "boolean" in types:
        found += [True, False]
    if "null" in types:
        found.append(None)
    if "string" in types:
        found += ["", "?", "目", "a\nb"]
    if {"integer", "number"} & set(types):
        limits = [about[limit] for limit in ("minimum", "maximum") if limit in about]
        known = next(one for one in (about["default"], *limits, 1) if one is not None)
        low, high = about.get("minimum", known - 1), about.get("maximum", known + 1)
        found += [*limits, *(one for one in (known - 1, known + 1) if low <= one <= high)]
    return found


def _told(error: BaseException) -> str:
    """What went wrong, without advice for users: it is the author who reads this."""
    text = str(error).partition("; report it to")[0].partition(". Report it to")[0]
    is_ours = isinstance(error, AssertionError | StrokeAnimError)
    return text if is_ours else f"{type(error).__name__}: {text}"


def _fail(message: str) -> NoReturn:
    raise AssertionError(message)


__all__ = ["Outcome", "RendererConformance", "conformance"]
