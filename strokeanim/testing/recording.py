"""Provide `RecordingRenderer`, which records its calls and fails at a chosen one."""

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
    """A renderer, and its own session, that records what it is called with.

    Args:
        spec: the spec, instead of an ordinary one.
        fail_at: the call that raises: `"open"`, `"frame1"`, `"frame2"`, …, `"finish"` or `"abort"`.
        error: the exception to raise there; a `RuntimeError` by default.

    Attributes:
        calls: the names of the calls in order: `"open"`, `"frame1"`, ….
        contexts: the context of each `open`.
        options: the options of each `open`.
        sinks: the sink of each `open`.
        frames: the frames of all sessions.

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
        self.spec, self._fail_at, self._error = spec, fail_at, error or RuntimeError("fail_at")
        self.calls: list[str] = []
        self.contexts: list[RenderContext] = []
        self.options: list[Any] = []
        self.sinks: list[BinaryIO] = []
        self.frames: list[Frame] = []

    def open(self, sink: BinaryIO, context: RenderContext, options: Any) -> RecordingRenderer:
        """Begin a file, and return the renderer itself as the session."""
        self.contexts.append(context)
        self.options.append(options)
        self.sinks.append(sink)
        self._record("open")
        return self

    def frame(self, frame: Frame) -> None:
        """Record a frame, and write one byte."""
        self.frames.append(frame)
        self.sinks[-1].write(b".")
        self._record(f"frame{len(self.frames)}")

    def finish(self) -> None:
        """Record the call; nothing is left to write."""
        self._record("finish")

    def abort(self) -> None:
        """Record the call; no resources are held."""
        self._record("abort")

    def _record(self, call: str) -> None:
        self.calls.append(call)
        if call == self._fail_at:
            raise self._error
