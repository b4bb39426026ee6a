"""The ways of making in-betweens that are compared: the model's two, and two that need no model.

Each takes two drawings of one class to `steps + 2` frames. The model's ends are decoded; the
others' are the drawings themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from strokeanim.correspondence.arc_segments import Curve
from strokeanim.correspondence.matching import match
from strokeanim.correspondence.tracking import track_moves
from strokeanim.datasets.raster import rasterise
from strokeanim.geometry import Drawing, Picture
from strokeanim.geometry.polylines import fit_to_box, point_cloud, transform
from strokeanim.inbetween.candidates import UNIT
from strokeanim.latent.codec import Codec
from strokeanim.latent.interpolation import interpolation_times
from strokeanim.pipeline import animate, frame_box
from strokeanim.typing import Points

PAGE = 128
"""Side of a cross-faded picture, px; its lines are as wide as those that the judge is shown."""


@dataclass(frozen=True)
class Fade:
    """Two drawings over each other, the one `1 - t` as dark as the other's `t`.

    Attributes:
        start: the one.
        end: the other; both have the same middle and the same longer side.
        t: from 0 to 1.
    """

    start: Drawing
    end: Drawing
    t: float

    @property
    def picture(self) -> Picture:
        """In grey."""
        a, b = (rasterise(drawing, PAGE, PAGE / 40) for drawing in (self.start, self.end))
        return Picture((1 - self.t) * a + self.t * b)

    def cloud(self, count: int) -> Points:
        """`count` points on its ink: as many on each drawing as it has of the darkness."""
        late = round(self.t * count)
        parts = [(self.start, count - late), (self.end, late)]
        return np.concatenate([point_cloud(drawing.strokes, n) for drawing, n in parts if n])


Frames = tuple[Drawing, ...] | tuple[Fade, ...]
Way = Callable[[Drawing, Drawing, int, int, Codec], Frames]
"""From two drawings, the number of in-betweens, a seed and a model to the frames."""


def decode_each(
    start: Drawing, end: Drawing, steps: int, seed: int, codec: Codec, coherent: bool
) -> tuple[Drawing, ...]:
    """The frames of `animate`."""
    frames = animate(start, end, steps=steps, seed=seed, model=codec, coherent=coherent).frames
    return tuple(Drawing(frame.strokes, start.label) for frame in frames)


def morph(start: Drawing, end: Drawing, steps: int, seed: int, codec: Codec) -> tuple[Drawing, ...]:
    """Every point straight from one drawing to the other, strokes matched as `animate` does it."""
    del seed, codec
    one, other = (
        [Curve.of(s) for s in fit_to_box(drawing, UNIT).strokes] for drawing in (start, end)
    )
    ways = [followed.points for followed in track_moves(match(one, other), ())]
    boxes = [
        frame_box(start).interpolate(frame_box(end), float(t)) for t in interpolation_times(steps)
    ]
    return tuple(
        transform(
            Drawing([(1 - t) * a + t * b for a, b in ways], start.label),
            box.longer,
            (0.0, 0.0),
            box.centre,
        )
        for t, box in zip(interpolation_times(steps).tolist(), boxes, strict=True)
    )


def fade(start: Drawing, end: Drawing, steps: int, seed: int, codec: Codec) -> tuple[Fade, ...]:
    """The one drawing pales as the other darkens."""
    del seed, codec
    boxes = [
        (frame_box(start).interpolate(frame_box(end), float(t)), float(t))
        for t in interpolation_times(steps)
    ]
    return tuple(Fade(fit_to_box(start, box), fit_to_box(end, box), t) for box, t in boxes)


COHERENT, INDEPENDENT = "coherent", "independent"

METHODS: Mapping[str, Way] = {
    COHERENT: partial(decode_each, coherent=True),
    INDEPENDENT: partial(decode_each, coherent=False),
    "morph": morph,
    "fade": fade,
}
"""By the names of the columns."""
