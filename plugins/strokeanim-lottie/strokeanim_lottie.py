"""Write Lottie animations with strokeanim, for lottie-web, iOS, Android and Flutter.

Format: the Lottie specification 1.0.1 of the Lottie Animation Community.

Frames that follow one another with the same strokes, each with as many points, are one layer whose
shapes morph: every point of a stroke is a vertex, and every frame a keyframe. Where strokes come,
go or change their number of points a new layer begins, and the layers' in and out points make a
flip-book of them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import Any, BinaryIO, Literal

from strokeanim.render.protocol import Frame, RenderContext, RendererSpec

SPECIFICATION = 10001
"""Lottie 1.0.1, as the specification encodes it."""
SMOOTH = 24
"""Fewest ticks per second; some players draw nothing between two ticks."""
FINEST = 1000
"""Most ticks per second that all players can count."""

Json = dict[str, Any]


@dataclass(frozen=True)
class LottieOptions:
    """Options of the renderer."""

    motion: Literal["auto", "flipbook"] = field(
        default="auto",
        metadata={"help": "auto morphs from frame to frame where it can, flipbook never does"},
    )
    draw_on: float = field(
        default=0.0,
        metadata={"help": "seconds to draw the first frame in before it moves", "min": 0},
    )
    decimals: int = field(
        default=2, metadata={"help": "digits after the point of px", "min": 0, "max": 6}
    )


class LottieRenderer:
    """Renderer of Lottie JSON."""

    spec = RendererSpec(
        name="lottie",
        extensions=(".json",),
        media_type="video/lottie+json",
        kind="sequence",
        api_version=(1, 0),
        background=None,
        options=LottieOptions,
        description="Lottie JSON: strokes that morph, for web and apps",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: LottieOptions) -> LottieSession:
        """Begin an animation."""
        return LottieSession(sink, context, options)


class LottieSession:
    """Session that collects frames into layers as long as they morph into one another."""

    def __init__(self, sink: BinaryIO, context: RenderContext, options: LottieOptions) -> None:
        self._sink, self._context, self._options = sink, context, options
        self._rate = frame_rate(context.durations)
        # At least one tick, where there is anything to draw on at all.
        wait = math.ceil(Fraction(str(options.draw_on)) * self._rate)
        ends = [
            round(end * self._rate) for end in accumulate(context.durations, initial=Fraction(0))
        ]
        self._starts = [wait + end for end in ends]
        self._name = context.label.encode("utf-8", "replace").decode()
        self._layers: list[Json] = []
        self._run: list[tuple[int, Frame]] = []
        self._count = 0

    def frame(self, frame: Frame) -> None:
        """Add a frame to the current layer if it is a morph of it; else begin a new layer."""
        if self._count == 0 and self._starts[0] > 0:
            self._layers.append(self._drawn_on(frame))
        if self._run and not morphs(self._run[-1][1], frame):
            self._close_run()
        self._run.append((self._count, frame))
        self._count += 1

    def finish(self) -> None:
        """Write the file."""
        self._close_run()
        if self._context.background is not None:
            self._layers.append(self._paper(self._context.background))
        # The topmost layer comes first.
        animation = {
            "v": "5.9.0",  # of the player's own format, without which some refuse
            "ver": SPECIFICATION,
            "nm": self._name,
            "fr": number(self._rate),
            "ip": 0,
            "op": self._starts[-1],
            "w": self._context.width,
            "h": self._context.height,
            "layers": [{**layer, "ind": place} for place, layer in enumerate(self._layers, 1)],
        }
        self._sink.write(json.dumps(animation, separators=(",", ":")).encode())

    def abort(self) -> None:
        """Do nothing: no resource is held."""

    def _close_run(self) -> None:
        if not self._run:
            return
        moments = [self._starts[place] for place, _ in self._run]
        frames = [frame for _, frame in self._run]
        opacity = [round(100 * frame.opacity, 2) for frame in frames]
        is_held = self._options.motion == "flipbook"
        tracks = zip(*(self._paths(frame) for frame in frames), strict=True)
        inks = zip(*(frame.stroke_colours(self._context) for frame in frames), strict=True)
        shapes = [
            self._group(
                stroke_id,
                animated([channels(ink) for ink in colours], moments, is_held=True),
                {"ty": "sh", "ks": animated(paths, moments, is_held)},
            )
            for stroke_id, paths, colours in zip(frames[0].ids, tracks, inks, strict=True)
        ]
        first, last = self._run[0][0], self._run[-1][0]
        self._layers.append(
            {
                "ty": 4,
                "nm": f"{self._name or 'frame'} {first + 1}"
                + (f" to {last + 1}" if last > first else ""),
                "ip": self._starts[first],
                "op": self._starts[last + 1],
                "st": 0,
                "ks": transform(animated(opacity, moments, is_held)),
                "shapes": shapes[::-1],  # the topmost comes first here as well
            }
        )
        self._run.clear()

    def _drawn_on(self, frame: Frame) -> Json:
        """Return a layer that draws the strokes in turn, each as long as its length is."""
        lengths = [sum(map(math.dist, stroke[:-1], stroke[1:])) for stroke in frame.strokes]
        weights = [length + self._context.stroke_width for length in lengths]  # dots take a moment
        share = self._starts[0] / (sum(weights) or 1)
        ends = [round(end * share, 3) for end in accumulate(weights, initial=0.0)]
        shapes = [
            self._group(
                stroke_id,
                still(channels(colour)),
                {"ty": "sh", "ks": still(path)},
                {
                    "ty": "tm",
                    "s": still(0),
                    "e": animated([0, 100], [begin, end], is_held=False),
                    "o": still(0),
                },
            )
            for stroke_id, colour, path, begin, end in zip(
                frame.ids,
                frame.stroke_colours(self._context),
                self._paths(frame),
                ends[:-1],
                ends[1:],
                strict=True,
            )
        ]
        return {
            "ty": 4,
            "nm": "drawn on",
            "ip": 0,
            "op": self._starts[0],
            "st": 0,
            "ks": transform(still(round(100 * frame.opacity, 2))),
            "shapes": shapes[::-1],
        }

    def _paths(self, frame: Frame) -> list[Json]:
        pen = BezierPen(self._options.decimals)
        frame.draw(pen, self._context.smooth, every_point=True)
        return pen.paths

    def _group(self, stroke_id: int, colour: Json, *elements: Json) -> Json:
        stroke = {
            "ty": "st",
            "c": colour,
            "o": still(100),
            "w": still(self._context.stroke_width),
            "lc": 2,  # round
            "lj": 2,
        }
        placed = {"ty": "tr", **transform(still(100))}
        return {"ty": "gr", "nm": f"stroke {stroke_id + 1}", "it": [*elements, stroke, placed]}

    def _paper(self, colour: str) -> Json:
        return {
            "ty": 1,
            "nm": "background",
            "ip": 0,
            "op": self._starts[-1],
            "st": 0,
            "ks": transform(still(100)),
            "sw": self._context.width,
            "sh": self._context.height,
            "sc": colour,
        }


class BezierPen:
    """Pen that records Lottie paths: vertices, with tangents relative to them."""

    def __init__(self, decimals: int) -> None:
        self.paths: list[Json] = []
        self._decimals = decimals

    def move(self, x: float, y: float) -> None:
        """Begin a path."""
        self.paths.append({"c": False, "i": [], "o": [], "v": []})
        self._vertex(x, y, (0.0, 0.0))

    def line(self, x: float, y: float) -> None:
        """Add a vertex without tangents."""
        self._vertex(x, y, (0.0, 0.0))

    def curve(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> None:
        """Add a vertex with tangents; the first belongs to the vertex before."""
        before = self.paths[-1]
        x0, y0 = before["v"][-1]
        before["o"][-1] = self._rounded(x1 - x0, y1 - y0)
        self._vertex(x, y, (x2 - x, y2 - y))

    def close(self) -> None:
        """Do nothing: never called where every point is drawn."""

    def _vertex(self, x: float, y: float, arriving: tuple[float, float]) -> None:
        path = self.paths[-1]
        path["v"].append(self._rounded(x, y))
        path["i"].append(self._rounded(*arriving))
        path["o"].append(self._rounded(0.0, 0.0))

    def _rounded(self, x: float, y: float) -> list[float]:
        return [round(x, self._decimals) + 0.0, round(y, self._decimals) + 0.0]


def morphs(before: Frame, after: Frame) -> bool:
    """Return whether two frames have the same strokes, each with as many points."""
    return before.ids == after.ids and all(
        len(one) == len(other) for one, other in zip(before.strokes, after.strokes, strict=True)
    )


def frame_rate(durations: Sequence[Fraction]) -> Fraction:
    """Return ticks per second that look smooth and divide all durations.

    Durations with no common measure above a millisecond are rounded to that; the ends of frames
    are, so that errors don't add up.

    >>> frame_rate([Fraction(1, 5)] * 3), frame_rate([Fraction(1, 3), Fraction(1, 2)])
    (Fraction(25, 1), Fraction(24, 1))
    """
    tick = Fraction(
        math.gcd(*(one.numerator for one in durations)),
        math.lcm(*(one.denominator for one in durations)),
    )
    return Fraction(FINEST) if tick < Fraction(1, FINEST) else math.ceil(SMOOTH * tick) / tick


def animated(values: Sequence[Any], moments: Sequence[float], is_held: bool) -> Json:
    """Return a property with a keyframe at each moment, or none if it does not change."""
    if all(value == values[0] for value in values):
        return {"a": 0, "k": values[0]}
    keyframes: list[Json] = []
    for value, moment in zip(values, moments, strict=True):
        keyframe: Json = {"t": moment, "s": value if isinstance(value, list) else [value]}
        if is_held:
            keyframe["h"] = 1
        else:
            keyframe |= {"o": {"x": [0], "y": [0]}, "i": {"x": [1], "y": [1]}}  # linear
        keyframes.append(keyframe)
    if not is_held:  # there is nothing to ease to from the last one, and players stumble over it
        del keyframes[-1]["o"], keyframes[-1]["i"]
    return {"a": 1, "k": keyframes}


def still(value: Any) -> Json:
    """Return a property that does not change."""
    return {"a": 0, "k": value}


def transform(opacity: Json) -> Json:
    """Return a transform that sets the opacity only."""
    return {
        "a": still([0, 0]),
        "p": still([0, 0]),
        "s": still([100, 100]),
        "r": still(0),
        "o": opacity,
    }


def channels(colour: str) -> list[float]:
    """Return red, green and blue of `"#rrggbb"`, from 0 to 1."""
    return [round(int(colour[place : place + 2], 16) / 255, 4) for place in (1, 3, 5)]


def number(value: Fraction) -> float:
    """Return a whole number where it is one, else the nearest float."""
    return value.numerator if value.denominator == 1 else float(value)
