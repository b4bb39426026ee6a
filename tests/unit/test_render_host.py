"""The host: files appear whole or not at all, and every mistake is named with its fix."""

import errno
import json
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from strokeanim.animation.animation import Animation
from strokeanim.errors import InputError, OutputError, PluginError
from strokeanim.geometry import Drawing
from strokeanim.io import atomic_files
from strokeanim.render import host
from strokeanim.render.formats.gif import GifRenderer
from strokeanim.render.protocol import RendererSpec

ANIMATION = Animation.from_drawings(
    [Drawing([[(0, 0), (100, 40 + k)], [(50, 60)]], "nose") for k in range(3)]
)
STILL = Animation.from_drawings([Drawing([[(0, 0), (100, 40)]])])


@dataclass(frozen=True)
class Options:
    mark: str = "."


class Scripted:
    """A renderer that records what happens to it and fails where it is told to."""

    def __init__(self, fail_at=None, error=None, kind="sequence", units="px", transparency=True):
        self.spec = RendererSpec(
            name="scripted",
            extensions=(".txt",),
            media_type="text/plain",
            kind=kind,
            units=units,
            transparency=transparency,
            options=Options,
        )
        self.fail_at, self.error = fail_at, error
        self.calls, self.contexts, self.frames = [], [], []

    def open(self, sink, context, options):
        self.contexts.append(context)
        self.sink, self.options = sink, options
        self._step("open")
        return self

    def frame(self, frame):
        self.frames.append(frame)
        self.sink.write(self.options.mark.encode())
        self._step(f"frame{len(self.frames)}")

    def finish(self):
        self._step("finish")

    def abort(self):
        self._step("abort")

    def _step(self, name):
        self.calls.append(name)
        if name == self.fail_at:
            raise self.error


def test_a_session_sees_every_frame_and_then_the_end(tmp_path):
    renderer = Scripted()
    assert ANIMATION.save(tmp_path / "a.txt", renderer, mark="*") == tmp_path / "a.txt"
    assert (tmp_path / "a.txt").read_bytes() == b"***"
    assert renderer.calls == ["open", "frame1", "frame2", "frame3", "finish"]


def test_frames_are_mapped_to_the_canvas_and_the_context_says_how_large_it_is(tmp_path):
    renderer = Scripted()
    ANIMATION.save(tmp_path / "a.txt", renderer, size="256", width=3, stroke="red")
    (context,) = renderer.contexts
    assert max(context.width, context.height) == 256
    assert (context.stroke, context.stroke_width, context.frames) == ("#ff0000", 3.0, 3)
    points = np.concatenate([stroke for frame in renderer.frames for stroke in frame.strokes])
    assert (points > 0).all()
    assert (points < (context.width, context.height)).all()
    # The margin is 0.08 of the longer side on each side of it.
    np.testing.assert_allclose(points[:, 0].min(), 256 * 0.08 / 1.16, rtol=1e-5)


def test_a_renderer_of_drawing_units_gets_frames_as_they_are(tmp_path):
    renderer = Scripted(units="drawing")
    ANIMATION.save(tmp_path / "a.txt", renderer)
    assert tuple(renderer.frames) == ANIMATION.frames


STEPS = ["open", "frame1", "frame2", "finish"]


@pytest.mark.parametrize("fail_at", STEPS)
@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (ValueError("boom"), PluginError),
        (InputError("mine"), InputError),
        (OSError(errno.ENOSPC, "No space left on device"), OutputError),
        (FileNotFoundError(2, "No such file", "logo.svg"), PluginError),
        (SystemExit(0), PluginError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_nothing_is_left_behind_and_the_old_file_stays(tmp_path, fail_at, error, raised):
    (tmp_path / "a.txt").write_text("old")
    renderer = Scripted(fail_at, error)
    with pytest.raises(raised):
        ANIMATION.save(tmp_path / "a.txt", renderer)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"
    assert ("abort" in renderer.calls) == (fail_at != "open")


def test_a_failing_renderer_is_named_with_the_frame(tmp_path):
    with pytest.raises(PluginError, match=r"'scripted' failed at frame 2 of 3 \(ValueError: boom"):
        ANIMATION.save(tmp_path / "a.txt", Scripted("frame2", ValueError("boom")))


@pytest.mark.parametrize(
    ("fail_at", "step"),
    [("open", r"open\(\)"), ("frame2", "frame 2 of 3"), ("finish", r"finish\(\)")],
)
def test_a_failing_renderer_is_named_with_the_step_and_the_line(tmp_path, fail_at, step):
    words = rf"failed at {step} \(ValueError: boom, test_render_host\.py:\d+\)"
    with pytest.raises(PluginError, match=words):
        ANIMATION.save(tmp_path / "a.txt", Scripted(fail_at, ValueError("boom")))


def test_the_third_of_several_pictures_is_named(tmp_path):
    class Third(Scripted):
        def frame(self, frame):
            if len(self.contexts) == 3:
                raise ValueError("boom")
            super().frame(frame)

    with pytest.raises(PluginError, match="failed at frame 3 of 3"):
        ANIMATION.save(tmp_path / "%d.txt", Third(kind="frame"))
    assert not list(tmp_path.iterdir())


def test_a_class_is_taken_for_a_renderer(tmp_path):
    assert STILL.save(tmp_path / "a.xyz", GifRenderer).read_bytes().startswith(b"GIF89a")


def test_what_open_returns_must_be_a_session(tmp_path):
    class Bare:
        aborted = False

        def frame(self, frame): ...

        def abort(self):
            Bare.aborted = True

    renderer = Scripted()
    for returned, words in (
        (None, r"returned nothing from open\(\); it must return the session"),
        (Bare(), r"opened a session, Bare, that has no finish\(\)"),
    ):
        renderer.open = lambda *_, returned=returned: returned
        with pytest.raises(PluginError, match=words):
            ANIMATION.save(tmp_path / "a.txt", renderer)
    assert Bare.aborted
    assert not list(tmp_path.iterdir())


def test_nothing_written_is_a_breach_of_contract(tmp_path):
    renderer = Scripted()
    renderer.frame = lambda frame: None
    with pytest.raises(PluginError, match=r"had written nothing when finish\(\) returned"):
        ANIMATION.save(tmp_path / "a.txt", renderer)


def test_options_that_fail_to_check_themselves_are_the_renderers_fault(tmp_path):
    @dataclass(frozen=True)
    class Picky:
        mark: str = "."

        def __post_init__(self):
            if self.mark != ".":
                raise ValueError("no")

    renderer = Scripted()
    renderer.spec = replace(renderer.spec, options=Picky)
    with pytest.raises(PluginError, match=r"failed to check its options \(ValueError: no"):
        ANIMATION.save(tmp_path / "a.txt", renderer, mark="x")


def test_an_own_option_takes_the_place_of_a_style_option(tmp_path):
    @dataclass(frozen=True)
    class Paper:
        size: str = "a4"

    renderer = Scripted()
    renderer.spec = replace(renderer.spec, options=Paper)
    renderer.frame = lambda frame: renderer.sink.write(b".")
    ANIMATION.save(tmp_path / "a.txt", renderer, size="a3")
    assert renderer.options.size == "a3"
    assert renderer.contexts[0].width == 512


def test_an_extension_that_is_none_of_the_renderers_is_told(tmp_path, caplog):
    STILL.save(tmp_path / "a.xyz", "gif")
    assert "a.xyz is written by gif as a .gif file; its extensions are .gif" in caplog.text


def test_a_number_in_the_name_makes_a_file_per_frame_of_any_format(tmp_path):
    files = ANIMATION.save(tmp_path / "a-%02d.gif")
    assert [file.name for file in files] == ["a-00.gif", "a-01.gif", "a-02.gif"]
    assert all(file.read_bytes().startswith(b"GIF89a") for file in files)


def test_a_second_file_appears_together_with_the_first(tmp_path):
    renderer = Scripted()

    def finish():
        renderer.contexts[-1].companion(".json").write(b"{}")

    renderer.finish = finish
    ANIMATION.save(tmp_path / "a.txt", renderer)
    assert (tmp_path / "a.json").read_bytes() == b"{}"

    def failing():
        finish()
        raise ValueError("boom")

    renderer.finish = failing
    with pytest.raises(PluginError):
        ANIMATION.save(tmp_path / "b.txt", renderer)
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", "a.json"}


def test_an_output_through_a_link_is_guarded_where_it_is(tmp_path, monkeypatch):
    real, work = tmp_path / "real", tmp_path / "work"
    real.mkdir()
    work.mkdir()
    monkeypatch.chdir(work)
    (work / "link.txt").symlink_to(real / "a.txt")
    renderer = Scripted()
    renderer.finish = lambda: (real / "a.log").write_text("x")
    with pytest.raises(PluginError, match="tried to write"):
        ANIMATION.save(work / "link.txt", renderer)
    assert not list(real.iterdir())


def test_an_abort_that_raises_hides_nothing(tmp_path):
    renderer = Scripted("frame1", ValueError("first"))
    renderer.abort = lambda: 1 / 0
    with pytest.raises(PluginError, match="first"):
        ANIMATION.save(tmp_path / "a.txt", renderer)


def test_closing_the_sink_is_a_breach_of_contract(tmp_path):
    renderer = Scripted()

    def finish():
        renderer.sink.close()

    renderer.finish = finish
    with pytest.raises(PluginError, match="closed its sink"):
        ANIMATION.save(tmp_path / "a.txt", renderer)
    assert not list(tmp_path.iterdir())


class FullDisk:
    """A sink on a disk with room for `room` bytes."""

    def __init__(self, sink, room):
        self._sink, self._room = sink, room

    def __getattr__(self, name):
        return getattr(self._sink, name)

    def write(self, data):
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._sink.write(data)

    def writelines(self, parts):
        for part in parts:
            self.write(part)


@pytest.mark.parametrize("name", ["a.gif", "a.mp4", "a.svg", "a.ndjson", "a-%02d.png"])
@pytest.mark.parametrize("room", [0, 1000])
def test_a_full_disk_is_an_output_error_for_every_built_in(tmp_path, monkeypatch, name, room):
    write = host._Job._write
    monkeypatch.setattr(
        host._Job,
        "_write",
        lambda job, sink, *rest: write(job, FullDisk(sink, room), *rest),
    )
    many = Animation.from_drawings([Drawing([[(0, 0), (99, k)]]) for k in range(40)])
    with pytest.raises(OutputError, match=r"can't write .*the disk is full; make room"):
        many.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_real_device_without_room(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(OutputError, match="not an ordinary file"):
        ANIMATION.save("/dev/full", "gif")
    with (
        pytest.raises(OutputError, match="the disk is full"),
        atomic_files.reporting_errors(tmp_path / "a.gif"),
        open("/dev/full", "wb") as sink,  # noqa: PTH123
    ):
        sink.write(b"x")


def test_a_missing_folder_says_how_to_create_it(tmp_path):
    with pytest.raises(OutputError, match=r"does not exist; create it with mkdir -p .*/no"):
        ANIMATION.save(tmp_path / "no" / "a.gif")
    with pytest.raises(OutputError, match="it is a folder"):
        ANIMATION.save(tmp_path, "gif")


def test_a_forbidden_folder_says_so(tmp_path, monkeypatch):
    ordinary = Path.open

    def forbidden(path, mode="r", *rest, **named):
        if "x" in mode:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return ordinary(path, mode, *rest, **named)

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(OutputError, match="Permission denied; choose a folder you may write to"):
        ANIMATION.save(tmp_path / "a.gif")


def test_a_link_is_followed_and_permissions_follow_the_umask(tmp_path):
    (tmp_path / "link.gif").symlink_to("real.gif")
    before = os.umask(0o027)
    try:
        ANIMATION.save(tmp_path / "link.gif")
    finally:
        os.umask(before)
    assert (tmp_path / "link.gif").is_symlink()
    assert (tmp_path / "real.gif").read_bytes().startswith(b"GIF89a")
    assert stat.S_IMODE((tmp_path / "real.gif").stat().st_mode) == 0o640


def test_several_frames_need_a_pattern_for_a_renderer_of_single_pictures(tmp_path):
    with pytest.raises(InputError, match=r"there are 3; name the file a-%04d\.png .*\.gif"):
        ANIMATION.save(tmp_path / "a.png")
    saved = ANIMATION.save(tmp_path / "a-%03d.png")
    assert [path.name for path in saved] == ["a-000.png", "a-001.png", "a-002.png"]
    assert sorted(tmp_path.iterdir()) == saved
    with pytest.raises(InputError, match="2 number patterns"):
        ANIMATION.save(tmp_path / "%d-%d.png")


def test_each_picture_has_a_session_with_its_own_facts(tmp_path):
    renderer = Scripted(kind="frame")
    ANIMATION.save(tmp_path / "%d.txt", renderer)
    assert [context.frames for context in renderer.contexts] == [1, 1, 1]


def test_a_single_frame_needs_no_pattern(tmp_path):
    assert STILL.save(tmp_path / "100%.png") == tmp_path / "100%.png"
    assert STILL.save(tmp_path / "a%04d.png") == [tmp_path / "a0000.png"]


def test_pictures_appear_all_or_none(tmp_path):
    with pytest.raises(PluginError):
        ANIMATION.save(tmp_path / "%d.txt", Scripted("frame2", ValueError(), kind="frame"))
    assert not list(tmp_path.iterdir())


def test_several_outputs_share_options_where_they_have_them(tmp_path):
    paths = [tmp_path / "a.gif", tmp_path / "a.mp4"]
    options = {"crf": "30", "loop": "2", "size": 64}
    assert host.save_all(ANIMATION, paths, options=options) == paths
    with pytest.raises(InputError, match=r"gif and mp4 has no option 'lop'; did you mean 'loop'"):
        host.save_all(ANIMATION, paths, options={"lop": 1})


def test_all_outputs_are_checked_before_any_is_written(tmp_path):
    with pytest.raises(OutputError):
        host.save_all(ANIMATION, [tmp_path / "a.gif", tmp_path / "no" / "a.gif"])
    with pytest.raises(InputError):
        host.save_all(ANIMATION, [tmp_path / "a.gif", tmp_path / "a.mp4"], options={"crf": 99})
    with pytest.raises(InputError, match="no file to write"):
        host.save_all(ANIMATION, [])
    assert not list(tmp_path.iterdir())


def test_background_follows_the_format_unless_it_is_given(tmp_path):
    svg, gif = tmp_path / "a.svg", tmp_path / "a.gif"
    host.save_all(ANIMATION, [svg, gif])
    assert "<rect" not in svg.read_text()
    ANIMATION.save(svg, background="white")
    assert '<rect fill="#ffffff"' in svg.read_text()
    with pytest.raises(InputError, match="mp4 has no transparency; give background=#rrggbb"):
        ANIMATION.save(tmp_path / "a.mp4", background="none")


def test_ndjson_keeps_drawing_units_and_whole_numbers(tmp_path):
    drawing = Drawing([[(0, 255), (100.25, 1 / 3)], [(7, 8)]], "nose", "5166204731883520")
    Animation.from_drawings([drawing, Drawing(label="nose")]).save(tmp_path / "a.ndjson")
    first, second = map(json.loads, (tmp_path / "a.ndjson").read_text().splitlines())
    assert first == {
        "word": "nose",
        "key_id": "5166204731883520",
        "frame": 0,
        "label": "nose",
        "drawing": [[[0, 100.25], [255, 0.333]], [[7], [8]]],
    }
    assert (second["frame"], second["key_id"], second["drawing"]) == (1, "1", [])
    assert "255.0" not in (tmp_path / "a.ndjson").read_text()
