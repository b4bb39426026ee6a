"""Make in-betweens by the compared methods: two with the model, two without any.

Each method turns two drawings of one class into `steps + 2` frames. The model's methods decode the
first and the last frame too; in the others these are the drawings themselves.
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
from strokeanim.inbetween.latent_path import frame_box
from strokeanim.latent.codec import Codec
from strokeanim.latent.interpolation import interpolation_times
from strokeanim.pipeline import animate
from strokeanim.typing import Points

PICTURE_SIDE = 128
"""Side of a cross-faded picture, px; its lines are as wide as in the pictures for the judge."""


@dataclass(frozen=True)
class Fade:
    """Two superimposed drawings: `start` has the share `1 - t` of the darkness, `end` the rest.

    Attributes:
        start: the first drawing.
        end: the second drawing; both have the same middle and the same longer side.
        t: from 0 to 1.
    """

    start: Drawing
    end: Drawing
    t: float

    @property
    def picture(self) -> Picture:
        """Return the grey picture."""
        a, b = (
            rasterise(drawing, PICTURE_SIDE, PICTURE_SIDE / 40)
            for drawing in (self.start, self.end)
        )
        return Picture((1 - self.t) * a + self.t * b)

    def cloud(self, count: int) -> Points:
        """Return `count` points on the ink, shared between the drawings as the darkness is."""
        end_count = round(self.t * count)
        parts = [(self.start, count - end_count), (self.end, end_count)]
        return np.concatenate([point_cloud(drawing.strokes, n) for drawing, n in parts if n])


Frames = tuple[Drawing, ...] | tuple[Fade, ...]
Method = Callable[[Drawing, Drawing, int, int, Codec], Frames]
"""A function of two drawings, the number of in-betweens, a seed and a model; returns the frames."""


def decode_each(
    start: Drawing, end: Drawing, steps: int, seed: int, codec: Codec, coherent: bool
) -> tuple[Drawing, ...]:
    """Return the frames of `animate`."""
    frames = animate(start, end, steps=steps, seed=seed, model=codec, coherent=coherent).frames
    return tuple(Drawing(frame.strokes, start.label) for frame in frames)


def morph(start: Drawing, end: Drawing, steps: int, seed: int, codec: Codec) -> tuple[Drawing, ...]:
    """Move every point straight between the drawings, with strokes matched as `animate` does."""
    del seed, codec
    start_curves, end_curves = (
        [Curve.of(s) for s in fit_to_box(drawing, UNIT).strokes] for drawing in (start, end)
    )
    tracks = [track.points for track in track_moves(match(start_curves, end_curves), ())]
    boxes = [
        frame_box(start).interpolate(frame_box(end), float(t)) for t in interpolation_times(steps)
    ]
    return tuple(
        transform(
            Drawing([(1 - t) * a + t * b for a, b in tracks], start.label),
            box.longer,
            (0.0, 0.0),
            box.centre,
        )
        for t, box in zip(interpolation_times(steps).tolist(), boxes, strict=True)
    )


def fade(start: Drawing, end: Drawing, steps: int, seed: int, codec: Codec) -> tuple[Fade, ...]:
    """Cross-fade the drawings: `start` pales as `end` darkens."""
    del seed, codec
    boxes = [
        (frame_box(start).interpolate(frame_box(end), float(t)), float(t))
        for t in interpolation_times(steps)
    ]
    return tuple(Fade(fit_to_box(start, box), fit_to_box(end, box), t) for box, t in boxes)


COHERENT, INDEPENDENT = "coherent", "independent"

METHODS: Mapping[str, Method] = {
    COHERENT: partial(decode_each, coherent=True),
    INDEPENDENT: partial(decode_each, coherent=False),
    "morph": morph,
    "fade": fade,
}
"""Methods by the names of their columns."""
