"""Represent a path of latents through drawings, with the frames' labels and positions on the page.

A position on a path through m drawings is a number: 0 is the first drawing, 1 the second, 1.5
half-way from the second to the third (see `animation.timeline`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from strokeanim.errors import InputError
from strokeanim.geometry import Box, Drawing, Picture
from strokeanim.latent.codec import Codec
from strokeanim.latent.interpolation import interpolate
from strokeanim.typing import Float64, Latent, Latents

Source = Drawing | Picture
Positions = Float64[np.ndarray, " frames"]

SIDE = 255.0
"""Longer side of what has no size of its own: pictures and dots."""


@dataclass(frozen=True)
class LatentPath:
    """A path of latents through drawings.

    Attributes:
        z: latents of the drawings; of a closed path the first again at the end.
        boxes: squares that the drawings occupy on the page.
        labels: classes of the drawings.
        interpolate: from two latents, their labels and t to the latents between them.
    """

    z: Latents
    boxes: tuple[Box, ...]
    labels: tuple[str, ...]
    interpolate: Callable[[Latent, Latent, str, str, Positions], Latents]

    @classmethod
    def through(
        cls,
        drawings: Sequence[Source],
        closed: bool,
        path: str,
        seed: int,
        model: Codec,
        allow_class_change: bool,
    ) -> LatentPath:
        """Encode drawings and connect their latents.

        Args:
            drawings: two or more.
            closed: whether the path returns to the first drawing.
            path: slerp, lerp, nlerp or centred.
            seed: seed of the way round between opposite latents.
            model: the codec.
            allow_class_change: whether drawings may be of different classes.

        Raises:
            InputError: an empty drawing, an unknown class, or two classes.
        """
        labels = [label_or_identify(drawing, model) for drawing in drawings]
        if not allow_class_change:
            require_same_class(drawings, labels)

        def between(a: Latent, b: Latent, label_a: str, label_b: str, t: Positions) -> Latents:
            centred = path == "centred"
            centre = (model.centre(label_a) + model.centre(label_b)) / 2 if centred else None
            return interpolate(path, a, b, t, seed, centre)

        order = [*range(len(drawings)), *([0] if closed else [])]
        boxes = [frame_box(drawing) for drawing in drawings]
        return cls(
            model.encode(drawings)[order],
            tuple(boxes[k] for k in order),
            tuple(labels[k] for k in order),
            between,
        )

    @property
    def legs(self) -> int:
        """Return the number of legs."""
        return len(self.z) - 1

    def latents(self, positions: Positions) -> Latents:
        """Return the latents `(n, latent)` at positions."""
        z = np.empty((len(positions), self.z.shape[1]), np.float32)
        legs = np.minimum(positions.astype(np.intp), self.legs - 1)
        for leg in range(self.legs):
            inside = legs == leg
            (a, b), (label_a, label_b) = self.z[leg : leg + 2], self.labels[leg : leg + 2]
            z[inside] = self.interpolate(a, b, label_a, label_b, positions[inside] - leg)
        return z

    def box(self, position: float) -> Box:
        """Return the square of the frame at a position."""
        leg = min(int(position), self.legs - 1)
        return self.boxes[leg].interpolate(self.boxes[leg + 1], float(position) - leg)

    def label(self, position: float) -> str:
        """Return the label of the nearer drawing; half-way, the one that sorts first."""
        nearest = {int(np.ceil(position - 0.5)), int(np.floor(position + 0.5))}
        return min(self.labels[k] for k in nearest)


def frame_box(drawing: Source) -> Box:
    """Return the square that a drawing's frame is fitted into: its centre and its longer side.

    It is a square because each frame has an aspect of its own.
    """
    box = drawing.box
    if isinstance(drawing, Picture):
        scale = SIDE / (box.longer or 1.0)
        box = Box(0.0, 0.0, box.width * scale, box.height * scale)
    half = (box.longer or SIDE) / 2
    x, y = box.centre
    return Box(x - half, y - half, 2 * half, 2 * half)


def label_or_identify(drawing: Source, model: Codec) -> str:
    """Return the label of a drawing, or the class that the model identifies."""
    return drawing.label or model.identify([drawing])[0][0]


def require_same_class(drawings: Sequence[Source], labels: Sequence[str]) -> None:
    """Check that all labels are equal.

    Args:
        drawings: for the message: labels that they do not have are the model's.
        labels: one per drawing.

    Raises:
        InputError: labels differ.
    """
    if len(set(labels)) > 1:
        named = [
            label if drawing.label else f"{label}, as the model takes it"
            for label, drawing in zip(labels, drawings, strict=True)
        ]
        raise InputError(
            f"the drawings are of different classes ({'; '.join(dict.fromkeys(named))}); "
            "choose drawings of one, or set allow_class_change",
            option="allow_class_change",
        )
