"""Compute durations and positions of frames: frame rates, easing, loops, constant speed.

A position on a path through m drawings is a number: 0 is the first drawing, 1 the second, 1.5
half-way from the second to the third. A closed path returns to the first drawing at m.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from strokeanim.errors import InputError
from strokeanim.typing import Float64, Int64

Shares = Float64[np.ndarray, "..."]

EASINGS: dict[str, Callable[[Shares], Shares]] = {
    "linear": lambda t: t,
    "ease-in": lambda t: t**2,
    "ease-out": lambda t: t * (2 - t),
    "ease-in-out": lambda t: t**2 * (3 - 2 * t),
}
"""Functions from a share of the time between two drawings to a share of the path, by the names of
`easing`. They are the quadratic and cubic Bézier curves with level tangents at the slow ends."""

MAX_FRAMES = 100_000
"""Maximum number of frames of one animation."""

LOOPS = ("pingpong", "cycle")
"""Values of `loop`: back along the same path, or on from the last drawing to the first."""


@dataclass(frozen=True)
class Timeline:
    """The durations of frames, their loop and their easing.

    Attributes:
        durations: exact seconds, one per frame.
        loop: None, pingpong or cycle.
        easing: one of `EASINGS`.
    """

    durations: tuple[Fraction, ...]
    loop: str | None
    easing: str

    @classmethod
    def of(
        cls,
        drawings: int,
        steps: int,
        frame: Fraction,
        tween: Fraction | None = None,
        loop: str | None = None,
        easing: str = "linear",
    ) -> Timeline:
        """Build the timeline of a path through drawings with `steps` in-betweens in each leg.

        No frame is repeated where a loop starts again. With `tween`, the timeline has as many
        frames of that duration as fit into the same time; the last one lasts for the remainder as
        well. The frames of a loop, which must not pause like that, all have the same duration,
        the nearest to `tween` that fits.

        Args:
            drawings: number of drawings: 1 or more; 2 or more for a path that is not closed.
            steps: number of in-betweens from one drawing to the next.
            frame: exact seconds a frame is shown.
            tween: exact seconds a frame is to be shown instead, or None.
            loop: None, pingpong or cycle.
            easing: one of `EASINGS`.

        Raises:
            InputError: `loop` or `easing` is unknown, or the frames are fewer than the drawings
                need or more than `MAX_FRAMES`.
        """
        if easing not in EASINGS:
            raise InputError(f"no easing called {easing!r}; choose one of {', '.join(EASINGS)}")
        if loop is not None and loop not in LOOPS:
            raise InputError(f"no loop called {loop!r}; choose one of {', '.join(LOOPS)}")
        legs = drawings if loop == "cycle" else drawings - 1
        count = legs * (steps + 1) + (loop is None)
        if loop == "pingpong":
            count *= 2
        total = count * frame
        if count > MAX_FRAMES or total / (tween or frame) > MAX_FRAMES:
            raise InputError(
                f"that would be more than {MAX_FRAMES} frames; choose fewer steps, or a lower rate"
            )
        if tween is None:
            return cls((frame,) * count, loop, easing)
        passes = 2 if loop == "pingpong" else 1  # so that the far end falls on a frame
        fit = total / tween / passes
        frames = passes * (math.floor(fit) if loop is None else round(fit))
        least = passes * legs + (loop is None)
        if frames < least:
            raise InputError(
                f"{drawings} drawings in {float(total):g} s need {least} frames or more, and get "
                f"{frames}; choose a higher rate for the tweens, or a lower fps",
                option="fps",
            )
        if loop is not None:
            return cls((total / frames,) * frames, loop, easing)
        return cls((tween,) * (frames - 1) + (total - (frames - 1) * tween,), loop, easing)

    def positions(
        self, legs: int, lengths: Float64[np.ndarray, " legs"] | None = None
    ) -> Float64[np.ndarray, " frames"]:
        """Return the position of each frame on a path of `legs` legs, before `uniform_speed`.

        Each drawing has a frame of its own. If `lengths` differ, longer legs get more frames, so
        that the speed is about the same in all legs.
        """
        count = len(self.durations)
        if self.loop == "pingpong":
            count //= 2
        steps_per_leg = _apportion(count - (self.loop is None), legs, lengths)
        ease = EASINGS[self.easing]
        parts = [
            leg + ease(np.arange(steps) / steps) for leg, steps in enumerate(steps_per_leg.tolist())
        ]
        end = [] if self.loop == "cycle" else [np.array([float(legs)])]
        forward = np.concatenate([*parts, *end])
        return np.concatenate([forward, forward[-2:0:-1]]) if self.loop == "pingpong" else forward


def uniform_speed(
    places: Float64[np.ndarray, " frames"],
    keys: Float64[np.ndarray, " keys"],
    travelled: Float64[np.ndarray, " keys"],
) -> Float64[np.ndarray, " frames"]:
    """Move positions within each leg so that they are in proportion to distance instead of t.

    Args:
        places: positions of the frames on the path.
        keys: positions of keyframes, including all drawings.
        travelled: distance along the path from the first keyframe to each.
    """
    positions: Float64[np.ndarray, " frames"] = places.copy()
    for leg in range(round(float(keys[-1]))):
        inside = (keys >= leg) & (keys <= leg + 1)
        distance = travelled[inside] - travelled[inside][0]
        moved = (places > leg) & (places < leg + 1)
        if distance[-1] > 0:
            share = places[moved] - leg
            positions[moved] = np.interp(share * distance[-1], distance, keys[inside])
    return positions


def _apportion(
    steps: int, legs: int, lengths: Float64[np.ndarray, " legs"] | None
) -> Int64[np.ndarray, " legs"]:
    """Divide steps among legs in proportion to their lengths, at least one for each.

    By the largest remainder method: steps left after rounding down go to the largest remainders.

    >>> _apportion(6, 3, np.array([1.0, 1, 4])).tolist(), _apportion(4, 3, np.array([0.0, 1, 9]))
    ([1, 1, 4], array([1, 1, 2]))
    """
    if lengths is None or lengths.sum() <= 0:
        lengths = np.ones(legs)
    shares = np.ones(legs, np.int64)
    rest = np.ones(legs, bool)  # legs that get more than one step
    while rest.any():
        wanted = lengths / max(lengths[rest].sum(), 1e-300) * (steps - int((~rest).sum()))
        if (wanted[rest] >= 1).all():
            break
        rest &= wanted >= 1
    if rest.any():
        shares[rest] = np.floor(wanted[rest]).astype(np.int64)
        order = np.flatnonzero(rest)[np.argsort((shares - wanted)[rest], kind="stable")]
        shares[order[: steps - int(shares.sum())]] += 1
    return shares
