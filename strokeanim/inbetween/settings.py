"""Define and validate the settings by which in-betweens are chosen."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from strokeanim.errors import InputError


@dataclass(frozen=True)
class Coherence:
    """Settings of coherent in-betweens.

    The cost of a frame is a weighted sum of three terms: the surprise of its class, the distance
    of its re-encoded code from its latent, and its distance from the frame before. That cost
    selects a candidate for each frame and, with a fourth term for uneven motion, how closely the
    strokes follow the candidates.

    Attributes:
        candidates: number sampled for each frame besides the greedy one, 0 to 63.
        temperature: sampling temperature, 0 to 4.
        surprise: weight of −log p of the class.
        miss: weight of the distance of a frame's own code from its latent, as a fraction of the
            latent's length.
        step: weight of the Chamfer distance to the frame before, as a fraction of the longer side.
        bend: weight of uneven motion, the second difference of the strokes' points.

    Raises:
        InputError: if a value is out of its range; the message names the range.
    """

    candidates: int = field(
        default=4,
        metadata={"help": "drawn for each frame besides the greedy one", "min": 0, "max": 63},
    )
    temperature: float = field(
        default=0.15, metadata={"help": "that they are drawn at", "min": 0, "max": 4}
    )
    surprise: float = field(
        default=3.0,
        metadata={"help": "weight of −log p of the class", "min": 0, "max": 1e6},
    )
    miss: float = field(
        default=1.0,
        metadata={
            "help": "weight of the distance of a frame's own code from its latent, a share of the "
            "latent's length",
            "min": 0,
            "max": 1e6,
        },
    )
    step: float = field(
        default=15.0,
        metadata={
            "help": "weight of the Chamfer distance to the frame before, of the longer side",
            "min": 0,
            "max": 1e6,
        },
    )

    bend: float = field(
        default=2.0,
        metadata={
            "help": "weight of how unevenly strokes move, the second difference of their points",
            "min": 0,
            "max": 1e6,
        },
    )

    def __post_init__(self) -> None:
        for entry in dataclasses.fields(self):
            low, high = entry.metadata["min"], entry.metadata["max"]
            value = getattr(self, entry.name)
            kind = int if isinstance(entry.default, int) else int | float
            if isinstance(value, bool) or not isinstance(value, kind) or not low <= value <= high:
                expected = "a whole number" if kind is int else "a number"
                raise InputError(
                    f"coherence: {entry.name} = {value!r} must be {expected} from {low} to {high}"
                )
