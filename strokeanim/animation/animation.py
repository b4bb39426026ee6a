"""`Animation`: frames in drawing units with exact durations, ready to be saved as a file."""

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
    """Frames and what belongs to them. `dataclasses.replace` makes another one of it.

    Attributes:
        frames: at least one, in drawing units, y down.
        durations: exact seconds each frame is shown, one per frame; 0.2 is taken for a fifth.
        canvas: the part of the drawing plane that is shown, drawing units.
        label: what it shows (`"mouth"`), or "".
        facts: one mapping per frame, such as `{"t": 0.5}`; empty mappings if not given.
        times: when the pen was at each point of the first frame, ms, per stroke; None if unknown.

    Raises:
        InputError: no frames, durations or facts that don't fit them, an empty canvas.
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
            exact = tuple(Fraction(str(one)) for one in durations)  # 0.2 is a fifth
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
        """One frame per drawing, on a canvas around them all.

        Args:
            drawings: at least one; they share one coordinate system.
            fps: frames a second; 29.97 and "30000/1001" are taken at their word.
            margin: around the drawings, as a share of their longer side.
            label: what it shows; if not given, the label that all drawings share.
            facts: one mapping per frame; each drawing's `label` and `key` if not given.

        Raises:
            InputError: no drawings, an fps that is not positive, a negative margin.
        """
        drawings = tuple(drawings)
        if margin < 0:
            raise InputError(f"margin must be at least 0, not {margin}")
        around = Box.around([stroke for drawing in drawings for stroke in drawing.strokes])
        # Dots and empty drawings have no size; 255 is what QuickDraw scales to.
        canvas = around.expand(margin * (around.longer or 255.0))
        if label is None:
            labels = {one.label for one in drawings}
            label = labels.pop() if len(labels) == 1 else ""
        if facts is None:
            facts = [{"label": one.label, "key": one.key} for one in drawings]
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
        """Of all frames, exact seconds."""
        return sum(self.durations, Fraction(0))

    def save(
        self,
        path: str | PathLike[str],
        renderer: str | Renderer | type[Renderer] | None = None,
        **options: object,
    ) -> Path | list[Path]:
        """Write a file, or one per frame if the name holds a pattern such as `%04d`.

        Args:
            path: where to; its extension picks the renderer if none is named.
            renderer: a name, a `dist:name`, a renderer, or its class.
            options: of the style (`size`, `stroke`, `width`, `background`, …) and of the renderer.

        Returns:
            Where the file is; a list of paths if the name holds a pattern.

        Raises:
            InputError: unknown renderer or option, a value that does not fit, or a renderer of
                single pictures given several frames and no pattern.
            OutputError: the file can't be written.
            PluginError: the renderer is broken.
        """
        host = import_module("strokeanim.render.host")  # which imports this module
        saved: Path | list[Path] = host.save(self, path, renderer, **options)
        return saved


def grid(animations: Sequence[Animation], columns: int = 2, gap: float = 16.0) -> Animation:
    """Several animations side by side as one, row by row, each in an equal cell.

    A cell's longer side is 256 drawing units, its shape that of the widest and highest canvas
    after scaling. Stroke ids stay unique and stable. A frame's facts are `cells`, the facts of
    each, and what they all agree on.

    Args:
        animations: at least one, with equal durations.
        columns: cells in a row.
        gap: drawing units between cells.

    Raises:
        InputError: none given, or frame counts, durations or opacities that differ.
    """
    if not animations or columns < 1 or gap < 0:
        raise InputError("a grid needs at least one animation, one column and a gap of 0 or more")
    first = animations[0]
    if any(one.durations != first.durations for one in animations):
        counts = ", ".join(str(len(one.frames)) for one in animations)
        raise InputError(
            f"a grid needs animations with equal frames and durations; they have {counts} frames, "
            f"in {', '.join(f'{float(one.duration):g}' for one in animations)} s"
        )
    cell = 256.0
    shapes = [
        (cell * one.canvas.width / one.canvas.longer, cell * one.canvas.height / one.canvas.longer)
        for one in animations
    ]
    width, height = max(w for w, _ in shapes), max(h for _, h in shapes)
    columns = min(columns, len(animations))
    rows = -(-len(animations) // columns)
    cells = [
        Box(place % columns * (width + gap), place // columns * (height + gap), width, height)
        for place in range(len(animations))
    ]
    return Animation(
        tuple(
            _merged([one.frames[place] for one in animations], animations, cells)
            for place in range(len(first.frames))
        ),
        first.durations,
        Box(0, 0, columns * (width + gap) - gap, rows * (height + gap) - gap),
        ", ".join(dict.fromkeys(one.label for one in animations if one.label)),
        tuple(
            _shared([one.facts[place] for one in animations]) for place in range(len(first.frames))
        ),
    )


def seconds_per_frame(fps: float | Fraction | str, name: str = "fps") -> Fraction:
    """Exact; a float means the decimal number it prints as. `name` is what an error calls it.

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


def _merged(frames: list[Frame], animations: Sequence[Animation], cells: list[Box]) -> Frame:
    if len({frame.opacity for frame in frames}) > 1:
        raise InputError("a grid needs frames of equal opacity")
    strokes, ids = [], []
    for place, (frame, one, cell) in enumerate(zip(frames, animations, cells, strict=True)):
        scale = min(cell.width / one.canvas.width, cell.height / one.canvas.height)
        strokes += [(stroke - one.canvas.centre) * scale + cell.centre for stroke in frame.strokes]
        ids += [name * len(frames) + place for name in frame.ids]
    colours = [colour for frame in frames for colour in frame.colours]
    return Frame(strokes, ids, frames[0].opacity, colours)


def _shared(facts: list[Mapping[str, object]]) -> dict[str, object]:
    agreed = {
        key: value
        for key, value in facts[0].items()
        if all(key in other and other[key] == value for other in facts)
    }
    return {**agreed, "cells": tuple(facts)}
