"""The kit: every built-in passes, and a renderer that is bad in one way fails there."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Literal

import pytest

from strokeanim.errors import PluginError
from strokeanim.render.formats.apng import ApngRenderer
from strokeanim.render.formats.gif import GifRenderer
from strokeanim.render.formats.html import HtmlRenderer
from strokeanim.render.formats.mp4 import Mp4Renderer
from strokeanim.render.formats.ndjson import NdjsonRenderer
from strokeanim.render.formats.png import PngRenderer
from strokeanim.render.formats.sheet import SheetRenderer
from strokeanim.render.formats.svg import SvgRenderer
from strokeanim.render.formats.svg_animated import SvgAnimatedRenderer
from strokeanim.render.formats.webm import WebmRenderer
from strokeanim.render.formats.webp import WebpRenderer
from strokeanim.render.plugins import discovery
from strokeanim.render.protocol import RendererSpec
from strokeanim.testing import RendererConformance, conformance


class TestApng(RendererConformance):
    renderer = ApngRenderer


class TestSheet(RendererConformance):
    renderer = SheetRenderer


class TestSvgAnimated(RendererConformance):
    renderer = SvgAnimatedRenderer


class TestWebm(RendererConformance):
    renderer = WebmRenderer


class TestWebp(RendererConformance):
    renderer = WebpRenderer


class TestGif(RendererConformance):
    renderer = GifRenderer


class TestMp4(RendererConformance):
    renderer = Mp4Renderer


class TestNdjson(RendererConformance):
    renderer = NdjsonRenderer


class TestPng(RendererConformance):
    renderer = PngRenderer


class TestSvg(RendererConformance):
    renderer = SvgRenderer


def test_every_built_in_is_held_to_it():
    held = {kind.renderer for kind in RendererConformance.__subclasses__()}
    builtin = {type(one.load()) for one in discovery.available() if one.is_builtin}
    assert builtin - held <= {HtmlRenderer}  # which has a file of its own


@dataclass(frozen=True)
class Options:
    level: int = field(default=1, metadata={"help": "of detail", "min": 0, "max": 9})
    how: Literal["short", "long"] = field(default="short", metadata={"help": "how"})
    title: str | None = field(default=None, metadata={"help": "a title"})


class Good:
    """Writes text, all that it is told; the bad ones below change one thing each."""

    spec = RendererSpec(
        name="good", extensions=(".good",), media_type="text/plain", kind="sequence",
        streaming=True, options=Options, description="all there is to say",
    )  # fmt: skip

    def open(self, sink, context, options):
        return self.session(sink, context, options)

    class session:  # noqa: N801
        def __init__(self, sink, context, options):
            self.sink, self.context, self.options, self.count = sink, context, options, 0
            self.write(f"{context.label!r} {context.width} {context.height} {options}")
            self.write(f"{context.stroke} {context.background} {context.extension}")

        def frame(self, frame):
            self.write(f"{self.context.durations[self.count]} {frame.opacity}")
            for stroke, ink in zip(frame.strokes, frame.stroke_colours(self.context), strict=True):
                self.write(f"{stroke.tolist()} {ink}")
            self.count += 1

        def finish(self):
            pass

        def abort(self):
            pass

        def write(self, text):
            self.sink.write(text.encode() + b"\n")


def bad(spec=None, **methods):
    """A renderer like the good one, but for some methods of its session and fields of its spec."""
    session = type("session", (Good.session,), methods)
    spec = replace(Good.spec, **spec or {})
    return type("Bad", (Good,), {"session": session, "spec": spec})


def chatty(self):
    print("done")  # noqa: T201


def careless(self):
    Path("here.log").write_text("x")


def left_temporary(self):
    import tempfile

    tempfile.mkstemp()


def left_folder(self):
    import tempfile

    tempfile.mkdtemp()


def closing(self):
    self.sink.close()


def warning(self):
    self.context.log.warning("all is well")


def raising(self):
    raise ValueError("no")


def holding(self):
    threading.Thread(target=threading.Event().wait, daemon=True).start()


def swallowing(self, text):
    with contextlib.suppress(OSError):
        self.sink.write(text.encode() + b"\n")


def no_dots(self, frame):
    strokes = [stroke for stroke in frame.strokes if len(stroke) > 1]
    Good.session.frame(self, type(frame)(strokes, None, frame.opacity))


def no_strokes(self, frame):
    strokes = [stroke for stroke in frame.strokes if len(stroke) == 1]
    Good.session.frame(self, type(frame)(strokes, None, frame.opacity))


def not_empty(self, frame):
    frame.strokes[0]
    Good.session.frame(self, frame)


def only_so_many(self, frame):
    if self.count == 150:
        raise ValueError("150 is the most")
    Good.session.frame(self, frame)


def keeping(self, frame):
    self.__dict__.setdefault("kept", []).append(frame)
    Good.session.frame(self, frame)


def counting(self, frame):
    self.write(f"{self.context.durations[self.count]} {frame.opacity} {len(frame.strokes)}")
    self.count += 1


def hoarding(self, frame):
    self.__dict__.setdefault("texts", []).append(str([one.tolist() for one in frame.strokes]))


def hoarded(self):
    self.write("".join(self.texts))


def few_strokes(self, frame):
    assert len(frame.strokes) < 100
    Good.session.frame(self, frame)


def inside_only(self, frame):
    assert all((abs(stroke) < 5000).all() for stroke in frame.strokes)
    Good.session.frame(self, frame)


def moving(self, frame):
    for stroke in frame.strokes:
        stroke.setflags(write=True)
        stroke[0] = 1
    Good.session.frame(self, frame)


def dated(self):
    import time

    self.write(time.ctime())


def shared(self, sink, context, options):
    Good.session.__init__(self, sink, context, options)
    Good.session.last = context  # of all sessions


def by_the_last(self, frame):
    self.write(self.last.stroke)
    Good.session.frame(self, frame)


def told(*parts):
    """A start that writes only some of what the context holds."""

    def init(self, sink, context, options):
        self.sink, self.context, self.options, self.count = sink, context, options, 0
        known = {part: getattr(context, part) for part in parts}
        self.write(f"{known!r} {options}")

    return init


ALL = ("label", "width", "height", "stroke", "background")


def square_only(self, sink, context, options):
    assert context.height > 1
    Good.session.__init__(self, sink, context, options)


def ascii_only(self, sink, context, options):
    context.label.encode("ascii")
    Good.session.__init__(self, sink, context, options)


def smooth_only(self, sink, context, options):
    assert context.smooth
    Good.session.__init__(self, sink, context, options)


def first_only(self, sink, context, options):
    assert context.extension == ".good"
    Good.session.__init__(self, sink, context, options)


def one_level(self, sink, context, options):
    if options.level != 1:
        raise RuntimeError("1 is all there is")
    Good.session.__init__(self, sink, context, options)


def short_only(self, sink, context, options):
    assert options.how == "short"
    Good.session.__init__(self, sink, context, options)


def without_time(self, frame):
    self.write(f"{frame.opacity}")
    for stroke in frame.strokes:
        self.write(str(stroke.tolist()))


def without_ink(self, frame):
    self.write(f"{self.context.durations[self.count]} {frame.opacity} {len(frame.strokes)}")
    self.count += 1


def in_one_ink(self, frame):
    Good.session.frame(self, type(frame)(frame.strokes, frame.ids, frame.opacity))


def without_opacity(self, frame):
    self.write(f"{self.context.durations[self.count]}")
    for stroke in frame.strokes:
        self.write(str(stroke.tolist()))
    self.count += 1


BAD = {
    "test_spec_says_all_there_is_to_say": bad(spec={"description": ""}),
    "test_a_frame_without_strokes": bad(frame=not_empty),
    "test_a_dot": bad(frame=no_dots),
    "test_one_frame": bad(frame=no_strokes),
    "test_two_hundred_frames": bad(spec={"streaming": False}, frame=only_so_many),
    "test_it_shows_the_strokes": bad(frame=counting),
    "test_memory_is_constant": bad(frame=keeping),
    "test_odd_sizes": bad(__init__=square_only),
    "test_background": bad(__init__=told("label", "stroke")),
    "test_opacity": bad(frame=without_opacity),
    "test_colours": bad(__init__=told("label", "background"), frame=without_ink),
    "test_every_extension": bad(spec={"extensions": (".good", ".other")}, __init__=first_only),
    "test_straight_and_smooth": bad(__init__=smooth_only),
    "test_any_label": bad(__init__=ascii_only),
    "test_ink_outside": bad(frame=inside_only),
    "test_many_strokes": bad(frame=few_strokes),
    "test_timing": bad(frame=without_time),
    "test_same_bytes": bad(finish=dated),
    "test_sessions_at_once": bad(__init__=shared, frame=by_the_last),
    "test_the_sink_is_the_hosts": bad(finish=closing),
    "test_frames_stay_as_they_are": bad(frame=moving),
    "test_abort": bad(abort=raising),
    "test_a_full_disk": bad(write=swallowing),
    "test_no_files_beside_the_sink": bad(finish=careless),
    "test_silence": bad(finish=chatty),
    "test_options": bad(__init__=short_only),
}
ALSO = {
    "texts are kept": (
        "test_memory_is_constant", bad(frame=hoarding, finish=hoarded), "memory grew by",
    ),
    "a folder in /tmp": (
        "test_no_files_beside_the_sink", bad(finish=left_folder), "left temporary/",
    ),
    "one value only": ("test_options", bad(__init__=one_level), "level=0 ended in .*RuntimeError"),
    "files by hand": (
        "test_the_sink_is_the_hosts", bad(finish=careless), "tried to write .*here.log",
    ),
    "a thread is left": ("test_abort", bad(abort=holding), "more threads after abort"),
    "a warning": ("test_silence", bad(finish=warning), "it warned: all is well"),
    "a file in /tmp": (
        "test_no_files_beside_the_sink", bad(finish=left_temporary), "left temporary/",
    ),
    "one ink for all": ("test_colours", bad(frame=in_one_ink), "colours of their own"),
    "abort raises": ("test_abort", bad(abort=raising), r"abort\(\) after 0 frames raised"),
    "another API": (
        "test_spec_says_all_there_is_to_say", bad(spec={"api_version": (2, 0)}), r"\(2, 0\)",
    ),
}  # fmt: skip


def test_the_good_one_passes():
    assert [one for one in conformance(Good) if one.status == "failed"] == []


def fails(renderer, check, words=None):
    held = type("Held", (RendererConformance,), {"renderer": renderer})()
    with pytest.raises((AssertionError, PluginError), match=words):
        getattr(held, check)()


def test_there_is_a_bad_one_for_each_check():
    # Importing is checked with a real package, in tests/plugins.
    checks = {name for name in vars(RendererConformance) if name.startswith("test_")}
    assert checks - BAD.keys() == {"test_import_is_cheap"}


@pytest.mark.parametrize("check", BAD)
def test_the_bad_one_fails_where_it_is_bad(check):
    fails(BAD[check], check)


@pytest.mark.parametrize("case", ALSO)
def test_what_it_says(case):
    check, renderer, words = ALSO[case]
    fails(renderer, check, words)


def test_a_system_exit_is_a_failure_like_any_other():
    def leave(self, frame):
        raise SystemExit(0)

    failed = [one for one in conformance(bad(frame=leave)) if one.status == "failed"]
    assert len(failed) > 15
    assert "SystemExit" in failed[0].detail
    assert "the same" in {one.detail for one in failed}


def test_a_class_without_a_renderer_says_so():
    with pytest.raises(AssertionError, match="renderer = DotsRenderer"):
        RendererConformance().test_a_dot()


def test_a_seen_without_a_return_says_so():
    class Blind(RendererConformance):
        renderer = Good

        def seen(self, path):
            pass

    with pytest.raises(AssertionError, match=r"seen\(\) returned None"):
        Blind().test_two_hundred_frames()


def test_an_own_option_called_size_is_no_trouble():
    @dataclass(frozen=True)
    class Sized:
        size: Literal["a4", "a3"] = field(default="a4", metadata={"help": "of paper"})

    assert not [one for one in conformance(bad(spec={"options": Sized})) if one.status == "failed"]


def test_webp_is_read_back(tmp_path):
    from PIL import Image

    class WebpSession:
        def __init__(self, sink, context):
            self.sink, self.context, self.images = sink, context, []

        def frame(self, frame):
            from strokeanim.render.raster import coverage

            self.images.append(Image.fromarray(255 - coverage(frame, self.context)))

        def finish(self):
            ends = [round(1000 * end) for end in accumulate(self.context.durations)]
            times = [after - before for before, after in pairwise([0, *ends])]
            self.images[0].save(
                self.sink, "WEBP", save_all=True, append_images=self.images[1:], duration=times
            )

        def abort(self):
            pass

    class Webp:
        spec = RendererSpec(
            name="w", extensions=(".webp",), media_type="image/webp", kind="sequence",
            description="webp",
        )  # fmt: skip

        def open(self, sink, context, options):
            return WebpSession(sink, context)

    checks = RendererConformance()
    checks.renderer = Webp
    checks.test_two_hundred_frames()
    checks.test_timing()
