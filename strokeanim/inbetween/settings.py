"""What in-betweens are chosen by: the settings of coherence, and what each is for."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from strokeanim.errors import InputError


@dataclass(frozen=True)
class Coherence:
    """How in-betweens are made to keep their strokes.

    What a frame costs is the sum of three things, each with a weight: how surely it is of its
    class, how well it is encoded again to where it came from, and how far it is from the frame
    before. A candidate for each frame is chosen by that sum; so is how closely strokes follow it,
    with a fourth weight for how unevenly they then move.

    Attributes:
        candidates: how many are drawn for each frame besides the greedy one, 0 to 63.
        temperature: that they are drawn at, 0 to 4.
        surprise: weight of −log p of the class.
        miss: weight of the distance of a frame's own code from its latent, as a share of the
            latent's length.
        step: weight of the Chamfer distance to the frame before, as a share of the longer side.
        bend: weight of how unevenly strokes move, the second difference of their points.

    Raises:
        InputError: a value out of its range; the message names the range.
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
        for one in dataclasses.fields(self):
            value, low, high = getattr(self, one.name), one.metadata["min"], one.metadata["max"]
            kind = int if isinstance(one.default, int) else int | float
            if isinstance(value, bool) or not isinstance(value, kind) or not low <= value <= high:
                what = "a whole number" if kind is int else "a number"
                raise InputError(
                    f"coherence: {one.name} = {value!r} must be {what} from {low} to {high}"
                )
