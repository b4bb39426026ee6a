"""`RecordingRenderer`: a renderer that keeps what it was given, and fails where it is told to."""

from __future__ import annotations

from typing import Any, BinaryIO

from strokeanim.animation.frame import Frame
from strokeanim.render.protocol import RenderContext, RendererSpec

SPEC = RendererSpec(
    name="recording",
    extensions=(".txt",),
    media_type="text/plain",
    kind="sequence",
    colour=False,
    timing=False,
    description="keeps what it was given",
)


class RecordingRenderer:
    """Stands in for a renderer.

    Args:
        spec: to have instead of an ordinary one.
        fail_at: `"open"`, `"frame1"`, `"frame2"`, …, `"finish"` or `"abort"`: where to raise.
        error: what to raise there.

    Attributes:
        calls: `"open"`, `"frame1"`, … in order.
        contexts: of each `open`.
        options: of each `open`.
        sinks: of each `open`.
        frames: of all sessions.

    Examples:
        >>> from strokeanim.testing import animations
        >>> import tempfile, pathlib
        >>> renderer = RecordingRenderer()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = animations.moving(2).save(pathlib.Path(folder, "a.txt"), renderer, size=64)
        >>> renderer.calls, renderer.contexts[0].width
        (['open', 'frame1', 'frame2', 'finish'], 64)
    """

    def __init__(
        self,
        spec: RendererSpec = SPEC,
        fail_at: str | None = None,
        error: BaseException | None = None,
    ) -> None:
        self.spec, self._fail_at, self._error = spec, fail_at, error or RuntimeError("as told")
        self.calls: list[str] = []
        self.contexts: list[RenderContext] = []
        self.options: list[Any] = []
        self.sinks: list[BinaryIO] = []
        self.frames: list[Frame] = []

    def open(self, sink: BinaryIO, context: RenderContext, options: Any) -> RecordingRenderer:
        """Begin a file; the session is the renderer itself."""
        self.contexts.append(context)
        self.options.append(options)
        self.sinks.append(sink)
        self._did("open")
        return self

    def frame(self, frame: Frame) -> None:
        """Keep it, and write one byte."""
        self.frames.append(frame)
        self.sinks[-1].write(b".")
        self._did(f"frame{len(self.frames)}")

    def finish(self) -> None:
        """Nothing is left to write."""
        self._did("finish")

    def abort(self) -> None:
        """Nothing is held."""
        self._did("abort")

    def _did(self, what: str) -> None:
        self.calls.append(what)
        if what == self._fail_at:
            raise self._error
