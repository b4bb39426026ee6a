"""Write SVG animated by SMIL: strokes that morph, that are drawn on, or a flip-book.

The animation uses SMIL and not CSS, which does not animate the shape of a path in Safari. Programs
that do not play it show the complete first frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import BinaryIO, Literal

import numpy as np
import svgwrite

from strokeanim.animation.frame import Frame
from strokeanim.errors import InputError
from strokeanim.geometry.splines import flatten, outline
from strokeanim.render.formats import svg
from strokeanim.render.formats.path_data import format_number, is_morphable, paths
from strokeanim.render.protocol import RenderContext, RendererSpec

KEY_DECIMALS = 6
"""Decimals of a keyframe's time, which is a share of the total."""


@dataclass(frozen=True)
class SvgAnimatedOptions:
    """Options of the svg-animated renderer."""

    motion: Literal["auto", "flipbook"] = field(
        default="auto",
        metadata={"help": "auto morphs from frame to frame where it can, flipbook never does"},
    )
    loop: int = field(
        default=0, metadata={"help": "times it is shown; 0 for ever", "min": 0, "max": 65535}
    )
    draw_on: float = field(
        default=0.0,
        metadata={"help": "seconds to draw the first frame in before it moves", "min": 0},
    )
    tolerance: float = field(
        default=0.2,
        metadata={
            "help": "px by which fewer nodes may change a curve; 0 for a node at every point",
            "min": 0,
            "max": 100,
        },
    )


class SvgAnimatedRenderer:
    """Renderer of SVG with SMIL animation."""

    spec = RendererSpec(
        name="svg-animated",
        extensions=(".svg",),
        media_type="image/svg+xml",
        kind="sequence",
        priority=-10,
        background=None,
        options=SvgAnimatedOptions,
        description="SVG that moves by itself (SMIL): strokes that morph, for web pages",
    )

    def open(
        self, sink: BinaryIO, context: RenderContext, options: SvgAnimatedOptions
    ) -> SvgAnimatedSession:
        """Begin a document."""
        return SvgAnimatedSession(sink, context, options)


class SvgAnimatedSession:
    """A session that collects runs of morphable frames and writes each run as a group."""

    def __init__(self, sink: BinaryIO, context: RenderContext, options: SvgAnimatedOptions) -> None:
        self._sink, self._context, self._options = sink, context, options
        wait = Fraction(str(options.draw_on))
        self._starts = list(accumulate(context.durations, initial=wait))
        self._total = self._starts[-1]
        if self._total > 10**6:
            raise InputError("an animated SVG can last a million seconds at most; use a higher fps")
        self._factory = svg.document(context)
        self._sink.write(svg.serialise_head(self._factory))
        self._run: list[Frame] = []
        self._first = 0

    def frame(self, frame: Frame) -> None:
        """Collect a frame; if the frames before it can't morph into it, write those first."""
        if self._run and not is_morphable(self._run[-1], frame):
            self._flush()
        self._run.append(frame)

    def finish(self) -> None:
        """Write the last run and close the document."""
        self._flush()
        self._sink.write(b"</svg>\n")

    def abort(self) -> None:
        """Do nothing; the session holds no resources."""

    def _flush(self) -> None:
        if not self._run:
            return
        first, last = self._first, self._first + len(self._run)
        # The first run is visible from the beginning, while it is drawn on.
        begin = self._starts[first] if first else Fraction(0)
        group = self._factory.g()
        self._show(group, begin, self._starts[last])
        times = self._starts[first:last]
        self._animate(
            group, "opacity", [format_number(f.opacity, 3) for f in self._run], times, True
        )
        tracks = paths(self._run, self._context.smooth, self._options.tolerance)
        is_first = first == 0 and self._options.draw_on > 0
        schedule = self._schedule(self._run) if is_first else None
        for index, data in enumerate(tracks):
            path = self._factory.path(data[0])
            svg.style_stroke(
                path, self._run[0].stroke_colours(self._context)[index], self._context.stroke_width
            )
            inks = [frame.stroke_colours(self._context)[index] for frame in self._run]
            self._animate(path, "stroke", inks, times, True)
            self._animate(path, "d", list(data), times, self._options.motion == "flipbook")
            if schedule is not None:
                self._animate_draw_on(path, *schedule[index])
            group.add(path)
        self._sink.write(group.tostring().encode() + b"\n")
        self._first = last
        self._run.clear()

    def _show(self, group: svgwrite.container.Group, begin: Fraction, end: Fraction) -> None:
        """Show a group only from `begin` to `end`; a still picture shows it if `begin` is 0."""
        if begin == 0 and end == self._total:
            return
        moments = [(Fraction(0), "none"), (begin, "inline"), (end, "none")]
        if begin == 0:
            moments = moments[1:]
        if end == self._total:
            moments = moments[:-1]
        if begin > 0:
            group["display"] = "none"
        self._animate(group, "display", [v for _, v in moments], [t for t, _ in moments], True)

    def _animate(
        self,
        element: svgwrite.base.BaseElement,
        attribute: str,
        values: Sequence[str],
        times: Sequence[Fraction],
        is_held: bool,
    ) -> None:
        """Animate an attribute: each value holds from its time on, or changes into the next."""
        if all(value == values[0] for value in values):
            if attribute == "opacity" and values[0] != "1":
                element["opacity"] = values[0]
            return
        values, times = list(values), list(times)
        if times[0] > 0:
            values, times = [values[0], *values], [Fraction(0), *times]
        if not is_held:  # the last value holds until the end
            values, times = [*values, values[-1]], [*times, self._total]
        keys = [format_number(float(time / self._total), KEY_DECIMALS) for time in times]
        animation = self._factory.animate(attribute)
        animation["values"] = ";".join(values)
        animation["keyTimes"] = ";".join(keys)
        animation["calcMode"] = "discrete" if is_held else "linear"
        self._set_timing(animation)
        element.add(animation)

    def _set_timing(self, animation: svgwrite.animate.Animate) -> None:
        animation["dur"] = f"{format_number(float(self._total), 4)}s"
        animation["repeatCount"] = str(self._options.loop or "indefinite")
        if self._options.loop:
            animation["fill"] = "freeze"

    def _schedule(self, frames: Sequence[Frame]) -> list[tuple[float, float, Fraction, Fraction]]:
        """Return each stroke's first and longest length, px, and the times of its drawing."""
        lengths = [self._lengths(frame) for frame in frames]
        share = Fraction(str(self._options.draw_on)) / Fraction(sum(lengths[0]) or 1)
        ends = list(accumulate((Fraction(px) * share for px in lengths[0]), initial=Fraction(0)))
        longest = [max(track) for track in zip(*lengths, strict=True)]
        return list(zip(lengths[0], longest, ends[:-1], ends[1:], strict=True))

    def _lengths(self, frame: Frame) -> list[float]:
        lines = [flatten(*outline(stroke, self._context.smooth)) for stroke in frame.strokes]
        width = self._context.stroke_width  # added so that a dot takes some time as well
        return [
            float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()) + width for line in lines
        ]

    def _animate_draw_on(
        self,
        path: svgwrite.path.Path,
        length: float,
        longest: float,
        begin: Fraction,
        end: Fraction,
    ) -> None:
        """Draw a stroke on by moving in a dash of its longest length, hidden before it begins.

        The gap is longer than the round ends of the dash, which would show otherwise.
        """
        dash = 1.02 * longest
        path["stroke-dasharray"] = (
            f"{format_number(dash, 1)} {format_number(dash + 4 * self._context.stroke_width)}"
        )
        # When the first frame is complete, the dash moves in fully, since the stroke may grow.
        offsets = [format_number(value, 1) for value in (dash, dash, dash - 1.02 * length, 0)]
        self._animate(path, "stroke-dashoffset", offsets, [Fraction(0), begin, end, end], False)
        self._animate(path, "visibility", ["hidden", "visible"], [Fraction(0), begin], True)
