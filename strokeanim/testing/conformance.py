"""`RendererConformance`: is this renderer what the contract asks for?

Each check is a method `test_…` whose docstring says what is right. pytest collects them from a
subclass; `conformance` runs them without pytest, which is what `strokeanim plugins check` does.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import time
import unittest
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal, NoReturn

from strokeanim.errors import InputError, StrokeAnimError
from strokeanim.files import is_full
from strokeanim.render import API_VERSION, host
from strokeanim.render import options as option_parser
from strokeanim.render.animation import Animation
from strokeanim.render.protocol import RenderContext, Renderer, RendererSpec
from strokeanim.testing import animations, driving
from strokeanim.testing.readback import Seen, seen

HEAVY = frozenset(
    [
        "cv2",
        "jax",
        "keras",
        "matplotlib",
        "pandas",
        "skimage",
        "sklearn",
        "sympy",
        "tensorflow",
        "torch",
    ]
)
"""Modules that take a second or more to import, and are imported when they are needed."""

MANY = 10_000
GROWTH_PER_FRAME = 1024
"""Bytes; the frames that `animations.stream` makes have 1.3 kB and their own objects each."""


class RendererConformance:
    """The checks. A subclass names the renderer, and pytest collects it:

        class TestDots(RendererConformance):
            renderer = DotsRenderer

    Attributes:
        renderer: the class, or a renderer.
        extension: which of its formats to check, the first if not given: `".gcode"`.
    """

    renderer: Any
    extension: str = ""

    def seen(self, path: Path) -> Seen | None:
        """What a file shows; None if that can't be read.

        To be overridden for formats that Pillow and PyAV can't read, or some checks know no more
        than that two files differ.
        """
        return seen(path, self.made().spec.media_type)

    def made(self) -> Renderer:
        """The renderer, a new one if a class is named."""
        made: Renderer = self.renderer() if isinstance(self.renderer, type) else self.renderer
        return made

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
        module = type(self.made()).__module__
        code = (
            "import json, sys; sys.path[:] = json.loads(sys.argv[1]); __import__(sys.argv[2]);"
            "sys.stderr.write('|'.join(['', *{n.partition('.')[0] for n in sys.modules}]))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, json.dumps(sys.path), module],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise unittest.SkipTest(f"{module} can't be imported by itself")
        if done.stdout:
            _fail(f"importing {module} prints {done.stdout.strip()!r}")
        if slow := HEAVY & set(done.stderr.split("|")):
            _fail(f"importing {module} imports {', '.join(sorted(slow))}; import it in open()")

    def test_a_frame_without_strokes(self) -> None:
        """A frame without strokes is a frame, alone and between others"""
        self._saved(animations.empty())
        self._saved(animations.changing())

    def test_a_dot(self) -> None:
        """A stroke of one point can be seen"""
        if self._saved(animations.dot()) == self._saved(animations.empty()):
            _fail("the file with a dot is the file without strokes")

    def test_one_frame(self) -> None:
        """One frame with a stroke is not an empty one"""
        if self._saved(animations.sized(100, 80)) == self._saved(animations.empty()):
            _fail("the file with a stroke is the file without")

    def test_two_hundred_frames(self) -> None:
        """Two hundred frames are all there"""
        with driving.scratch() as folder:
            files = self._save(animations.moving(200), folder, size=64)
            if self.made().spec.kind == "frame":
                if len(files) != 200:
                    _fail(f"200 frames became {len(files)} files")
            elif (found := self.seen(files[0])) and len(found.durations) != 200:
                _fail(f"200 frames became {len(found.durations)}")

    def test_memory_is_constant(self) -> None:
        """Ten thousand frames take no more memory than two thousand"""
        renderer = self.made()
        spec = renderer.spec
        if spec.kind == "frame" or not spec.streaming:
            raise unittest.SkipTest("does not declare streaming")
        context = self._context(MANY)
        strokes: list[weakref.ref[Any]] = []
        before = 0
        with tempfile.TemporaryFile() as sink:
            session = renderer.open(sink, context, spec.options())
            for place, frame in enumerate(animations.stream(MANY)):
                session.frame(frame)
                strokes.append(weakref.ref(frame.strokes[0]))
                if place == MANY // 5:
                    before = driving.resident() or 0
            growth = (driving.resident() or 0) - before
            kept = sum(one() is not None for one in strokes)
            session.finish()
        if kept > MANY // 10:
            _fail(f"{kept} of {MANY} frames are kept; write them as they come")
        if growth > GROWTH_PER_FRAME * MANY * 4 // 5:
            _fail(f"memory grew by {growth // (MANY * 4 // 5)} bytes a frame")

    def test_odd_sizes(self) -> None:
        """Odd sizes and extreme shapes are neither refused nor rescaled"""
        for width, height, size in ((37, 21, 37), (21, 37, 37), (1000, 1, 16), (100, 80, 101)):
            with driving.scratch() as folder:
                (file,) = self._save(animations.sized(width, height), folder, size=size)
                found = self.seen(file)
            if found is None or self.made().spec.units == "drawing":
                continue
            scale = size / max(width, height)
            wanted = [max(1, round(side * scale)) for side in (width, height)]
            missing = [side - ours for side, ours in zip((found.width, found.height), wanted,
                                                         strict=True)]  # fmt: skip
            if not all(0 <= one <= 1 for one in missing):
                _fail(f"a canvas of {wanted[0]} × {wanted[1]} px became {found.width} × "
                      f"{found.height}")  # fmt: skip

    def test_background(self) -> None:
        """The background is that of the context, or transparent if the spec says it can be"""
        spec, still = self.made().spec, animations.still()
        if spec.transparency:
            clear = self._saved(still, background="none")
        if not spec.colour:
            raise unittest.SkipTest("declares no colour")
        red = self._saved(still, background="#ff0000")
        if red == self._saved(still, background="#00ff00"):
            _fail("a red background and a green one are the same file")
        if spec.transparency and clear == red:
            _fail("a transparent background and a red one are the same file")

    def test_opacity(self) -> None:
        """A frame at half its opacity looks different"""
        half = self._saved(animations.faded(0.5))
        if not self.made().spec.colour:
            raise unittest.SkipTest("declares no colour")
        if half == self._saved(animations.faded(1.0)):
            _fail("opacity 0.5 and opacity 1 are the same file")

    def test_colours(self) -> None:
        """Strokes have the colour of the context"""
        if not self.made().spec.colour:
            raise unittest.SkipTest("declares no colour")
        still = animations.still()
        if self._saved(still, stroke="#ff0000") == self._saved(still, stroke="#0000ff"):
            _fail("red strokes and blue ones are the same file")

    def test_every_extension(self) -> None:
        """Every extension of the spec can be written"""
        for extension in self.made().spec.extensions:
            with driving.scratch() as folder:
                self._save(animations.moving(2), folder, extension)

    def test_straight_and_smooth(self) -> None:
        """Both `smooth` and straight strokes are drawn"""
        for smooth in (True, False):
            self._saved(animations.still(), smooth=smooth)

    def test_any_label(self) -> None:
        """Labels of any script, markup and control characters do no harm"""
        for label in ("目 ушко עין", "<&>\"']]>", "a\nb\tc", "\x00\x07\ud800", "100%", "x" * 300):
            self._saved(animations.labelled(label))

    def test_ink_outside(self) -> None:
        """Ink outside the canvas is cut off or kept, and nothing fails"""
        self._saved(animations.outside())

    def test_many_strokes(self) -> None:
        """Three hundred strokes, one of five thousand points"""
        self._saved(animations.crowded())

    def test_timing(self) -> None:
        """Every frame is shown as long as the animation says, and errors don't add up"""
        spec = self.made().spec
        if spec.kind == "frame" or not spec.timing:
            raise unittest.SkipTest("declares no timing")
        uneven = animations.uneven()
        even = Animation(uneven.frames, (uneven.duration / 5,) * 5, uneven.canvas, uneven.label)
        if self._saved(uneven) == self._saved(even):
            _fail("uneven and even durations are the same file")
        with driving.scratch() as folder:
            (file,) = self._save(uneven, folder)
            found = self.seen(file)
        if found is None:
            raise unittest.SkipTest("override `seen` to check the exact durations")
        if len(found.durations) != 5:
            _fail(f"5 frames became {len(found.durations)}")
        for place, (ours, theirs) in enumerate(
            zip(accumulate(uneven.durations), accumulate(found.durations), strict=True), start=1
        ):
            if abs(ours - theirs) > found.tolerance:
                _fail(f"frame {place} ends after {float(theirs)} s, and not {float(ours)} s")

    def test_same_bytes(self) -> None:
        """The same input gives the same bytes, by another renderer and a second later"""
        moving = animations.moving(5)
        first = self._saved(moving)
        time.sleep(1.1)  # until a date in the file would be another one
        if first != self._saved(moving):
            _fail("the same animation became another file a second later")

    def test_sessions_at_once(self) -> None:
        """Two sessions at once don't mix"""
        renderer = self.made()
        frames, context = list(animations.stream(1)), self._context(1)
        alone = driving.written(renderer, context, frames)
        sinks = [driving.Sink(), driving.Sink()]
        sessions = [renderer.open(sink, context, renderer.spec.options()) for sink in sinks]
        for session in sessions:
            session.frame(frames[0])
        for session in sessions:
            session.finish()
        if any(sink.getvalue() != alone for sink in sinks):
            _fail("two sessions at once write something else than one alone")

    def test_the_sink_is_the_hosts(self) -> None:
        """The sink stays open, and all is in it when `finish` returns"""
        renderer, sink = self.made(), driving.Sink()
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
        driving.written(renderer, context, [frame])
        if frame != copy:
            _fail("the frame is not what it was")

    def test_abort(self) -> None:
        """After `abort`, at any moment, nothing is held and nothing left behind"""
        renderer = self.made()
        some = list(animations.stream(3 if renderer.spec.kind == "sequence" else 1))
        driving.written(renderer, self._context(len(some)), some)  # what it loads, it may keep
        with driving.scratch() as folder:
            before = driving.held()
            for count in range(len(some) + 1):
                session = renderer.open(
                    driving.Sink(), self._context(len(some)), renderer.spec.options()
                )
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
            self._check_strays(folder, [])

    def test_a_full_disk(self) -> None:
        """What the operating system says about a full disk is passed on"""
        renderer = self.made()
        session: Any = None
        try:
            session = renderer.open(
                driving.FullSink(),  # type: ignore[arg-type]
                self._context(1),
                renderer.spec.options(),
            )
            session.frame(next(animations.stream(1)))
            session.finish()
        except OSError as error:
            if not is_full(error):
                _fail(f"a full disk became {type(error).__name__}: {error}")
        except Exception as error:
            _fail(f"a full disk became {type(error).__name__}: {error}")
        else:
            _fail("nobody noticed that the disk was full")
        finally:
            if session is not None:
                session.abort()

    def test_no_files_beside_the_sink(self) -> None:
        """Nothing is written beside the sink, and no temporary file is left"""
        with driving.scratch() as folder:
            self._check_strays(folder, self._save(animations.moving(3), folder))

    def test_silence(self) -> None:
        """An ordinary run prints nothing and warns of nothing"""
        heard = _Heard()
        logger = logging.getLogger("strokeanim.render")
        logger.addHandler(heard)
        try:
            with driving.overheard() as said:
                self._saved(animations.moving(3))
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
                    self._saved(animations.moving(2), **{name: value})
                except InputError:
                    continue
                except StrokeAnimError as error:
                    _fail(f"{name}={value!r} ended in {error}")
            for bad in _out_of_range(about):
                try:
                    self._saved(animations.moving(2), **{name: bad})
                except InputError:
                    continue
                except StrokeAnimError as error:
                    _fail(f"{name}={bad!r} ended in {error}")
                _fail(f"{name}={bad!r} is out of range, and was taken")

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
        found = host.save(animation, folder / "out" / name, renderer, **options)
        return found if isinstance(found, list) else [found]

    def _saved(self, animation: Animation, **options: Any) -> list[bytes]:
        with driving.scratch() as folder:
            return [file.read_bytes() for file in self._save(animation, folder, **options)]

    def _check_strays(self, folder: Path, files: Sequence[Path]) -> None:
        strays = [one for one in folder.rglob("*") if one.is_file() and one not in files]
        if strays:
            _fail(f"it left {strays[0].relative_to(folder)} behind")


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


def conformance(renderer: type[Renderer] | Renderer, extension: str = "") -> Iterator[Outcome]:
    """Run all checks on a renderer, one by one, without pytest.

    Args:
        renderer: the class, or a renderer.
        extension: which of its formats to check, the first if not given.
    """
    members = {"renderer": renderer, "extension": extension}
    kind = type("Checked", (RendererConformance,), members)
    for name, method in vars(RendererConformance).items():
        if not name.startswith("test_"):
            continue
        check = str(method.__doc__).strip()
        try:
            getattr(kind(), name)()
        except unittest.SkipTest as reason:
            yield Outcome(check, "skipped", str(reason))
        except AssertionError as error:
            yield Outcome(check, "failed", str(error))
        except Exception as error:
            yield Outcome(check, "failed", f"{type(error).__name__}: {error}")
        else:
            yield Outcome(check, "passed")


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _to_try(about: dict[str, Any]) -> list[Any]:
    """Values that the schema of an option allows."""
    found = [*about.get("enum", ()), *(one["const"] for one in about.get("anyOf", ())
                                       if "const" in one)]  # fmt: skip
    types = about.get("type", [])
    types = [types] if isinstance(types, str) else types
    if "boolean" in types:
        found += [True, False]
    if "null" in types:
        found.append(None)
    if "string" in types:
        found += ["", "?", "目"]
    return found + [about[limit] for limit in ("minimum", "maximum") if limit in about]


def _out_of_range(about: dict[str, Any]) -> list[Any]:
    below = [about["minimum"] - 1] if "minimum" in about else []
    return below + ([about["maximum"] + 1] if "maximum" in about else [])


def _fail(message: str) -> NoReturn:
    raise AssertionError(message)


__all__ = ["Outcome", "RendererConformance", "conformance"]
