"""Define `Animation`, frames in drawing units with exact durations, and grids of animations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from strokeanim.animation.frame import Frame
from strokeanim.errors import InputError
from strokeanim.geometry import Box, Drawing
from strokeanim.typing import Float32

if TYPE_CHECKING:
    from strokeanim.render.protocol import Renderer


@dataclass(frozen=True, init=False)
class Animation:
    """Frames, their durations and their canvas; `dataclasses.replace` makes a changed copy.

    Attributes:
        frames: at least one, in drawing units, y down.
        durations: exact seconds each frame is shown, one per frame; the float 0.2 means 1/5.
        canvas: the part of the drawing plane that is shown, drawing units.
        label: what the animation shows (`"mouth"`), or "".
        facts: metadata, one mapping per frame, such as `{"t": 0.5}`; empty mappings if not given.
        times: pen times of the first frame, ms, one per point, one array per stroke; None if
            unknown.

    Raises:
        InputError: `frames` or `canvas` is empty, a duration is not positive, or the number of
            durations or facts differs from that of frames.
    """

    frames: tuple[Frame, ...]
    durations: tuple[Fraction, ...]
    canvas: Box
    label: str = ""
    facts: tuple[Mapping[str, object], ...] = ()
    times: tuple[Float32[np.ndarray, " n"], ...] | None = field(default=None, compare=False)

    def __init__(
        self,
        frames: Sequence[Frame],
        durations: Sequence[Fraction | float | str],
        canvas: Box,
        label: str = "",
        facts: Sequence[Mapping[str, object]] = (),
        times: Sequence[Float32[np.ndarray, " n"]] | None = None,
    ) -> None:
        count = len(frames)
        object.__setattr__(self, "frames", tuple(frames))
        try:
            exact = tuple(Fraction(str(seconds)) for seconds in durations)  # 0.2 means 1/5
        except (ValueError, ZeroDivisionError) as error:
            raise InputError(f"durations are seconds, not {list(durations)!r}") from error
        object.__setattr__(self, "durations", exact)
        object.__setattr__(self, "canvas", canvas)
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "facts", tuple(facts) or ({},) * count)
        object.__setattr__(self, "times", None if times is None else tuple(times))
        if count == 0:
            raise InputError("an animation needs at least one frame")
        if len(self.durations) != count or len(self.facts) != count:
            raise InputError(
                f"{count} frames need as many durations and facts, "
                f"not {len(self.durations)} and {len(self.facts)}"
            )
        if min(self.durations) <= 0:
            raise InputError("every frame's duration must be above 0 s")
        if not (0 < self.canvas.width < float("inf") and 0 < self.canvas.height < float("inf")):
            raise InputError(
                f"the canvas must have a width and a height, not "
                f"{self.canvas.width:g} × {self.canvas.height:g}; give a margin"
            )

    @classmethod
    def from_drawings(
        cls,
        drawings: Iterable[Drawing],
        fps: float | Fraction | str = 5,
        margin: float = 0.08,
        label: str | None = None,
        facts: Sequence[Mapping[str, object]] | None = None,
    ) -> Animation:
        """Build an animation with one frame per drawing, on a canvas around all of them.

        Args:
            drawings: at least one, all in one coordinate system.
            fps: frames a second, an exact decimal number (29.97) or fraction ("30000/1001").
            margin: margin around the drawings, as a share of their longer side.
            label: what the animation shows; if not given, the label that all drawings share.
            facts: one mapping per frame; each drawing's `label` and `key` if not given.

        Raises:
            InputError: `drawings` is empty, `fps` is not positive, or `margin` is negative.
        """
        drawings = tuple(drawings)
        if margin < 0:
            raise InputError(f"margin must be at least 0, not {margin}")
        around = Box.around([stroke for drawing in drawings for stroke in drawing.strokes])
        # Dots and empty drawings have no size; QuickDraw scales drawings to 255.
        canvas = around.expand(margin * (around.longer or 255.0))
        if label is None:
            labels = {drawing.label for drawing in drawings}
            label = labels.pop() if len(labels) == 1 else ""
        if facts is None:
            facts = [{"label": drawing.label, "key": drawing.key} for drawing in drawings]
        return cls(
            tuple(Frame(drawing.strokes) for drawing in drawings),
            (seconds_per_frame(fps),) * len(drawings),
            canvas,
            label,
            tuple(facts),
            drawings[0].times if drawings else None,
        )

    def __repr__(self) -> str:
        seconds = float(self.duration)
        return f"<Animation {self.label!r}: {len(self.frames)} frames, {seconds:g} s>"

    @property
    def duration(self) -> Fraction:
        """Return the total duration of all frames, exact seconds."""
        return sum(self.durations, Fraction(0))

    def save(
        self,
        path: str | PathLike[str],
        renderer: str | Renderer | type[Renderer] | None = None,
        **options: object,
    ) -> Path | list[Path]:
        """Write a file, or one file per frame if the name holds a pattern such as `%04d`.

        Args:
            path: the output path; without `renderer`, its extension selects the renderer.
            renderer: a name, a `dist:name`, a renderer, or its class.
            options: style options (`size`, `stroke`, `width`, `background`, …) and options of
                the renderer.

        Returns:
            The path of the file; a list of paths if the name holds a pattern.

        Raises:
            InputError: the renderer, an option or its value is invalid, or a renderer of single
                pictures is given several frames and no pattern.
            OutputError: the file can't be written.
            PluginError: the renderer is broken.
        """
        host = import_module("strokeanim.render.host")  # it imports this module
        saved: Path | list[Path] = host.save(self, path, renderer, **options)
        return saved


def grid(animations: Sequence[Animation], columns: int = 2, gap: float = 16.0) -> Animation:
    """Arrange animations side by side in equal cells of one animation, row by row.

    Each canvas is scaled to a longer side of 256 drawing units; a cell is as wide as the widest
    and as high as the highest of them. Stroke ids stay unique and stable. The facts of a frame
    are those that all animations share, and `cells`, the facts of each animation.

    Args:
        animations: at least one, all with equal durations.
        columns: number of cells in a row.
        gap: drawing units between cells.

    Raises:
        InputError: `animations` is empty, or their frame counts, durations or opacities differ.
    """
    if not animations or columns < 1 or gap < 0:
        raise InputError("a grid needs at least one animation, one column and a gap of 0 or more")
    first = animations[0]
    if any(animation.durations != first.durations for animation in animations):
        counts = ", ".join(str(len(animation.frames)) for animation in animations)
        raise InputError(
            f"a grid needs animations with equal frames and durations; they have {counts} frames, "
            f"in {', '.join(f'{float(animation.duration):g}' for animation in animations)} s"
        )
    side = 256.0
    canvases = [animation.canvas for animation in animations]
    shapes = [(side * box.width / box.longer, side * box.height / box.longer) for box in canvases]
    width, height = max(w for w, _ in shapes), max(h for _, h in shapes)
    columns = min(columns, len(animations))
    rows = -(-len(animations) // columns)
    cells = [
        Box(index % columns * (width + gap), index // columns * (height + gap), width, height)
        for index in range(len(animations))
    ]
    return Animation(
        tuple(
            _merge_frames([animation.frames[index] for animation in animations], canvases, cells)
            for index in range(len(first.frames))
        ),
        first.durations,
        Box(0, 0, columns * (width + gap) - gap, rows * (height + gap) - gap),
        ", ".join(dict.fromkeys(animation.label for animation in animations if animation.label)),
        tuple(
            _merge_facts([animation.facts[index] for animation in animations])
            for index in range(len(first.frames))
        ),
    )


def seconds_per_frame(fps: float | Fraction | str, name: str = "fps") -> Fraction:
    """Return the exact duration of a frame; a float means the decimal number it prints as.

    An error calls the value `name`.

    Examples:
        >>> seconds_per_frame(5), seconds_per_frame(29.97), seconds_per_frame("30000/1001")
        (Fraction(1, 5), Fraction(100, 2997), Fraction(1001, 30000))
    """
    try:
        exact = Fraction(str(fps))
    except (ValueError, ZeroDivisionError):
        raise InputError(f"{name} must be a number such as 5 or 30000/1001, not {fps!r}") from None
    if exact <= 0:
        raise InputError(f"{name} must be above 0, not {fps}")
    return 1 / exact


def _merge_frames(frames: list[Frame], canvases: list[Box], cells: list[Box]) -> Frame:
    """Return the frames as one, each canvas scaled and centred in its cell."""
    if len({frame.opacity for frame in frames}) > 1:
        raise InputError("a grid needs frames of equal opacity")
    strokes, ids = [], []
    for index, (frame, canvas, cell) in enumerate(zip(frames, canvases, cells, strict=True)):
        scale = min(cell.width / canvas.width, cell.height / canvas.height)
        strokes += [(stroke - canvas.centre) * scale + cell.centre for stroke in frame.strokes]
        ids += [stroke_id * len(frames) + index for stroke_id in frame.ids]
    colours = [colour for frame in frames for colour in frame.colours]
    return Frame(strokes, ids, frames[0].opacity, colours)


def _merge_facts(facts: list[Mapping[str, object]]) -> dict[str, object]:
    """Return the items that all mappings share, and all mappings as `cells`."""
    shared = {
        key: value
        for key, value in facts[0].items()
        if all(key in other and other[key] == value for other in facts)
    }
    return {**shared, "cells": tuple(facts)}
