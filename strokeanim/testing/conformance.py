"""Check that a renderer conforms to the contract.

Each check is a method `test_…` whose docstring states the requirement. pytest collects them from a
subclass of `RendererConformance`; `conformance` runs them without pytest, for `strokeanim plugins
check`.
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
from strokeanim.testing.readback import FileProperties, seen

HEAVY = frozenset(
    ["cv2", "jax", "keras", "matplotlib", "pandas", "skimage", "sklearn", "tensorflow", "torch"]
)
"""Modules that take a second or more to import, which should happen on first use."""

FRAME_COUNT = 10_000
"""Number of frames of the memory check."""

GROWTH_PER_FRAME = 256
"""Bytes of memory per frame, at most; any format writes more per frame of `animations.stream`."""


class RendererConformance:
    """The checks of the renderer contract.

    pytest collects them from a subclass that names the renderer:

        class TestDots(RendererConformance):
            renderer = DotsRenderer

    Attributes:
        renderer: the class, or an instance.
        extension: the format to check, such as `".gcode"`; by default the renderer's first.
        module: the module to import for it; by default that of its class.
    """

    renderer: Any = None
    extension: str = ""
    module: str = ""

    def seen(self, path: Path) -> FileProperties | None:
        """Return the properties of a file; None if it can't be read.

        Override this for formats that Pillow and PyAV can't read; otherwise some checks can only
        tell whether two files differ.
        """
        return seen(path, self.made().spec.media_type)

    def made(self) -> Renderer:
        """Return the renderer; a new instance if `renderer` is a class."""
        renderer: Renderer = self.renderer() if isinstance(self.renderer, type) else self.renderer
        if not hasattr(renderer, "spec"):
            _fail("name the renderer in the class of its tests: renderer = DotsRenderer")
        return renderer

    def saved(self, animation: Animation, **options: Any) -> list[bytes]:
        """Return the contents of the files of an animation: one, or one for each frame."""
        with driving.scratch() as folder:
            return [file.read_bytes() for file in self._save(animation, folder, **options)]

    def test_spec_says_all_there_is_to_say(self) -> None:
        """The spec has a one-line description, and help for every option."""
        spec = self.made().spec
        if not isinstance(spec, RendererSpec):
            _fail(f"`spec` must be a RendererSpec, not {spec!r}")
        if spec.api_version[0] != API_VERSION[0]:
            _fail(f"`spec.api_version` is {spec.api_version}, and the contract's {API_VERSION}")
        if not spec.description or len(spec.description.splitlines()) > 1:
            _fail(f"`spec.description` must be one line, not {spec.description!r}")
        for option in option_parser.describe_options(spec.options):
            if not option.help:
                _fail(f"option {option.name!r} has no help; add metadata={{'help': …}}")

    def test_import_is_cheap(self) -> None:
        """Importing it loads no slow module, and prints nothing."""
        module = self.module or type(self.made()).__module__
        result = driving.run_child(f"__import__({module!r})")
        if result is None:
            raise unittest.SkipTest(f"{module} can't be imported by itself")
        printed, loaded = result
        if printed:
            _fail(f"importing {module} prints {printed[:200]!r}")
        if slow := HEAVY & loaded:
            _fail(f"importing {module} imports {', '.join(sorted(slow))}; import it in open()")

    def test_a_frame_without_strokes(self) -> None:
        """A frame without strokes is a valid frame, alone and between others."""
        self.saved(animations.empty())
        self.saved(animations.changing())

    def test_a_dot(self) -> None:
        """A stroke of one point is visible."""
        if self.saved(animations.dot()) == self.saved(animations.empty()):
            _fail("the file with a dot is the file without strokes")

    def test_one_frame(self) -> None:
        """A single frame with a stroke differs from an empty one."""
        if self.saved(animations.sized(100, 80)) == self.saved(animations.empty()):
            _fail("the file with a stroke is the file without")

    def test_two_hundred_frames(self) -> None:
        """Two hundred frames are all written."""
        with driving.scratch() as folder:
            files = self._save(animations.moving(200), folder, size=64)
            is_series = self.made().spec.kind == "frame"
            count = len(files) if is_series else self._read(files[0]).frames
        if count not in (None, 200):
            _fail(f"200 frames became {count}")

    def test_it_shows_the_strokes(self) -> None:
        """Moving a point in any frame, or reordering frames, changes the file."""
        a, b = [(10, 10), (60, 40), (90, 10)], [(10, 10), (60, 70), (90, 10)]
        files = [self.saved(animations.of(strokes)) for strokes in ([a, a], [a, b], [b, a], [b, b])]
        if any(file in files[:index] for index, file in enumerate(files)):
            _fail("moving a point, or reordering frames, did not change the file")

    def test_memory_is_constant(self) -> None:
        """Ten thousand frames take no more memory than two thousand."""
        renderer = self.made()
        spec = renderer.spec
        if spec.kind == "frame" or not spec.streaming:
            raise unittest.SkipTest("does not declare streaming")
        context = self._context(FRAME_COUNT)
        strokes: list[weakref.ref[Any]] = []
        memory = driving.Memory(FRAME_COUNT // 5)
        with tempfile.TemporaryFile() as sink, driving.guarded_scratch():
            session = renderer.open(sink, context, spec.options())
            for frame in animations.stream(FRAME_COUNT):
                session.frame(frame)
                strokes.append(weakref.ref(frame.strokes[0]))
                memory.look()
            kept = sum(stroke() is not None for stroke in strokes)
            session.finish()
        if kept > FRAME_COUNT // 10:
            _fail(f"{kept} of {FRAME_COUNT} frames are kept; write them as they come")
        if memory.growth > GROWTH_PER_FRAME:
            _fail(f"memory grew by {memory.growth} bytes per frame; write frames as they come")

    def test_odd_sizes(self) -> None:
        """Odd sizes and extreme aspect ratios are neither refused nor rescaled."""
        for width, height, size in ((37, 21, 37), (21, 37, 37), (1000, 1, 16), (100, 80, 101)):
            with driving.scratch() as folder:
                (file,) = self._save(animations.sized(width, height), folder, size=size)
                actual = self._read(file)
            if actual.width is None or actual.height is None:
                continue
            scale = size / max(width, height)
            expected = [max(1, round(side * scale)) for side in (width, height)]
            excess = actual.width - expected[0], actual.height - expected[1]
            if not all(0 <= px <= 1 for px in excess):  # a px more, where sides must be even
                _fail(f"{expected[0]} × {expected[1]} px became {actual.width} × {actual.height}")

    def test_background(self) -> None:
        """The background is that of the context, or transparent if the spec allows it."""
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
        """A frame at half opacity looks different."""
        half = self.saved(animations.faded(0.5))
        if not self.made().spec.colour:
            raise unittest.SkipTest("declares no colour")
        if half == self.saved(animations.faded(1.0)):
            _fail("opacity 0.5 and opacity 1 are the same file")

    def test_colours(self) -> None:
        """Strokes have the colour of the context, or colours of their own."""
        if not self.made().spec.colour:
            raise unittest.SkipTest("declares no colour")
        still = animations.still()
        if self.saved(still, stroke="#ff0000") == self.saved(still, stroke="#0000ff"):
            _fail("red strokes and blue ones are the same file")
        if self.saved(still) == self.saved(still, colour_by="stroke"):
            _fail("strokes in colours of their own and black ones are the same file")

    def test_every_extension(self) -> None:
        """Every extension of the spec can be written."""
        for extension in self.made().spec.extensions:
            with driving.scratch() as folder:
                self._save(animations.moving(2), folder, extension)

    def test_straight_and_smooth(self) -> None:
        """Both smooth and straight strokes are drawn."""
        for smooth in (True, False):
            self.saved(animations.still(), smooth=smooth)

    def test_any_label(self) -> None:
        """Labels in any script, with markup or control characters, are accepted."""
        for label in ("目 ушко עין", "<&>\"']]>", "a\nb\tc", "\x00\x07\ud800", "100%", "x" * 300):
            self.saved(animations.labelled(label))

    def test_ink_outside(self) -> None:
        """Ink outside the canvas is cut off or kept, without an error."""
        self.saved(animations.outside())

    def test_many_strokes(self) -> None:
        """Three hundred strokes and a stroke of five thousand points are accepted."""
        self.saved(animations.crowded())

    def test_timing(self) -> None:
        """Every frame lasts as long as in the animation, and rounding errors don't add up."""
        spec = self.made().spec
        if spec.kind == "frame" or not spec.timing:
            raise unittest.SkipTest("declares no timing")
        uneven = animations.uneven()
        even = Animation(uneven.frames, (uneven.duration / 5,) * 5, uneven.canvas, uneven.label)
        if self.saved(uneven) == self.saved(even):
            _fail("uneven and even durations are the same file")
        with driving.scratch() as folder:
            (file,) = self._save(uneven, folder)
            actual = self._read(file)
        if actual.durations is None:
            raise unittest.SkipTest("exact durations require an override of `seen`, in tests")
        if len(actual.durations) != 5:
            _fail(f"5 frames became {len(actual.durations)}")
        for number, (expected_end, end) in enumerate(
            zip(accumulate(uneven.durations), accumulate(actual.durations), strict=True), start=1
        ):
            if abs(expected_end - end) > actual.tolerance:
                _fail(f"frame {number} ends after {float(end)} s, and not {float(expected_end)} s")

    def test_same_bytes(self) -> None:
        """The same input gives the same bytes: a second later, and in another process."""
        moving = animations.moving(5)
        first = self.saved(moving)
        time.sleep(1.1)  # until a date in the file would differ
        if first != self.saved(moving):
            _fail("the same animation became another file a second later")
        cls = type(self.made())
        if "<" in cls.__qualname__:
            return  # a class defined in a function can't be imported elsewhere
        result = driving.run_child(
            "import operator, importlib; from strokeanim import testing;"
            f"checks = testing.RendererConformance(); checks.extension = {self.extension!r};"
            f"module = importlib.import_module({cls.__module__!r});"
            f"checks.renderer = operator.attrgetter({cls.__qualname__!r})(module);"
            "files = checks.saved(testing.animations.moving(5));"
            "print('BYTES', *(file.hex() for file in files))"
        )
        if result and result[0].rpartition("BYTES")[2].split() != [file.hex() for file in first]:
            _fail("the same animation became another file in another process")

    def test_sessions_at_once(self) -> None:
        """Two simultaneous sessions don't affect each other."""
        renderer = self.made()
        frames = list(animations.stream(2))
        contexts = [
            dataclasses.replace(self._context(1), label=label, stroke=stroke)
            for label, stroke in (("one", "#ff0000"), ("two", "#0000ff"))
        ]
        with driving.guarded_scratch():
            alone = [
                driving.render_bytes(renderer, context, [frame])
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
            _fail("two simultaneous sessions write other files than each alone")

    def test_the_sink_is_the_hosts(self) -> None:
        """The sink stays open, and is complete when `finish` returns."""
        renderer, sink = self.made(), driving.Sink()
        with driving.guarded_scratch():
            session = renderer.open(sink, self._context(1), renderer.spec.options())
            session.frame(next(animations.stream(1)))
            session.finish()
            size = len(sink.getvalue())
            del session
        if sink.was_closed:
            _fail("the sink was closed; only the host may close it")
        if size == 0:
            _fail("nothing was written")
        if len(sink.getvalue()) != size:
            _fail("something was written after `finish` returned")

    def test_frames_stay_as_they_are(self) -> None:
        """No frame is modified."""
        renderer, context = self.made(), self._context(1)
        (frame,), (copy,) = animations.stream(1), animations.stream(1)
        with driving.guarded_scratch():
            driving.render_bytes(renderer, context, [frame])
        if frame != copy:
            _fail("the frame was modified")

    def test_abort(self) -> None:
        """After `abort`, at any moment, no resource is held and no file is left."""
        renderer = self.made()
        frames = list(animations.stream(3 if renderer.spec.kind == "sequence" else 1))
        context = self._context(len(frames))
        with driving.guarded_scratch() as folder:
            driving.render_bytes(renderer, context, frames)  # what this loads may stay
            before = driving.count_resources()
            for count in range(len(frames) + 1):
                session = renderer.open(driving.Sink(), context, renderer.spec.options())
                for frame in frames[:count]:
                    session.frame(frame)
                try:
                    session.abort()
                except Exception as error:
                    _fail(f"abort() after {count} frames raised {type(error).__name__}: {error}")
                del session
            for resource, number in driving.count_resources().items():
                if number > before[resource]:
                    _fail(f"{number - before[resource]} more {resource} after abort()")
            _check_strays(folder, [])

    def test_a_full_disk(self) -> None:
        """The operating system's error for a full disk is passed on."""
        renderer = self.made()
        session: Any = None
        try:
            with driving.guarded_scratch():
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
            _fail("a full disk raised no error")

    def test_no_files_beside_the_sink(self) -> None:
        """Nothing is written beside the sink, and no temporary file is left."""
        with driving.scratch() as folder:
            _check_strays(folder, self._save(animations.moving(3), folder))

    def test_silence(self) -> None:
        """An ordinary run prints nothing and logs no warning."""
        handler = _WarningHandler()
        logger = logging.getLogger("strokeanim.render")
        logger.addHandler(handler)
        try:
            with driving.capture_output() as lines:
                self.saved(animations.moving(3))
        finally:
            logger.removeHandler(handler)
        if handler.messages:
            _fail(f"it warned: {handler.messages[0]}")
        if lines:
            _fail(f"it printed {lines[0][:200]!r}")

    def test_options(self) -> None:
        """Each value that an option allows works or is refused with an InputError."""
        spec = self.made().spec
        properties = option_parser.schema(spec.options)["properties"]
        for name, schema in properties.items():
            for value in _list_values(schema):
                try:
                    self.saved(animations.moving(2), **{name: value})
                except InputError:
                    continue
                except StrokeAnimError as error:
                    _fail(f"{name}={value!r} ended in {_format_error(error)}")

    def _read(self, path: Path) -> FileProperties:
        actual = self.seen(path)
        if actual is None and type(self).seen is not RendererConformance.seen:
            _fail("seen() returned None; return what the file shows, its FileProperties")
        return actual or FileProperties()

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
            options.pop("size", None)  # the renderer's own `size` may be anything
        files = host.save(animation, folder / "out" / name, renderer, **options)
        return files if isinstance(files, list) else [files]


@dataclass(frozen=True)
class Outcome:
    """The outcome of a check.

    Attributes:
        check: the requirement, in words.
        status: `"passed"`, `"failed"` or `"skipped"`.
        detail: what is wrong, or why the check was skipped; "" if it passed.
    """

    check: str
    status: Literal["passed", "failed", "skipped"]
    detail: str = ""


def conformance(
    renderer: type[Renderer] | Renderer, extension: str = "", module: str = ""
) -> Iterator[Outcome]:
    """Run all checks on a renderer, one by one, without pytest, and yield their outcomes.

    Args:
        renderer: the class, or an instance.
        extension: the format to check; by default the renderer's first.
        module: the module to import for it; by default that of its class.
    """
    checks = RendererConformance()
    checks.renderer, checks.extension, checks.module = renderer, extension, module
    details: set[str] = set()
    for name, method in vars(RendererConformance).items():
        if not name.startswith("test_"):
            continue
        check = str(method.__doc__).strip().removesuffix(".")
        try:
            getattr(checks, name)()
        except unittest.SkipTest as reason:
            yield Outcome(check, "skipped", str(reason))
        except (Exception, SystemExit) as error:
            detail = _format_error(error)
            yield Outcome(check, "failed", "the same" if detail in details else detail)
            details.add(detail)
        else:
            yield Outcome(check, "passed")


class _WarningHandler(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _check_strays(folder: Path, files: Sequence[Path]) -> None:
    """Fail if the `scratch` holds other files than `files` and their companions."""
    expected = {folder / name for name in ("out", "here", "temporary")}
    names = {file.with_suffix("") for file in files}
    for stray in sorted(folder.rglob("*")):
        if stray not in expected and stray.with_suffix("") not in names:  # companions are allowed
            _fail(f"it left {stray.relative_to(folder)} behind")


def _list_values(schema: dict[str, Any]) -> list[Any]:
    """List values that the schema of an option allows: choices, limits, neighbours of these."""
    constants = [choice["const"] for choice in schema.get("anyOf", ()) if "const" in choice]
    values = [*schema.get("enum", ()), *constants]
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if "boolean" in types:
        values += [True, False]
    if "null" in types:
        values.append(None)
    if "string" in types:
        values += ["", "?", "目", "a\nb"]
    if {"integer", "number"} & set(types):
        limits = [schema[limit] for limit in ("minimum", "maximum") if limit in schema]
        start = next(value for value in (schema["default"], *limits, 1) if value is not None)
        low, high = schema.get("minimum", start - 1), schema.get("maximum", start + 1)
        values += [*limits, *(value for value in (start - 1, start + 1) if low <= value <= high)]
    return values


def _format_error(error: BaseException) -> str:
    """Format an error for the author of the renderer, without the advice for users."""
    text = str(error).partition("; report it to")[0].partition(". Report it to")[0]
    is_ours = isinstance(error, AssertionError | StrokeAnimError)
    return text if is_ours else f"{type(error).__name__}: {text}"


def _fail(message: str) -> NoReturn:
    raise AssertionError(message)


__all__ = ["Outcome", "RendererConformance", "conformance"]
