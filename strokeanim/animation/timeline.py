"""When an animation is where on its path: frame rates, easing, loops, even speed.

A place on a path through m drawings is a number: 0 the first drawing, 1 the second, 1.5 half-way
from that to the third. A closed path comes back to the first at m.
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
"""From a share of the time between two drawings to a share of the way, by the names that
`--easing` takes. The quadratic and cubic Bézier curves with level tangents where they are slow."""

MOST = 100_000
"""Frames of one animation."""

LOOPS = ("pingpong", "cycle")
"""What `--loop` takes: back the same way, or on from the last drawing to the first."""


@dataclass(frozen=True)
class Timeline:
    """How long each frame is shown, and which way they go.

    Attributes:
        durations: exact seconds.
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
        """Frames for a path through so many drawings, `steps` in-betweens from one to the next.

        Nothing is shown twice in a row when a loop begins again. With `tween` there are as many
        frames as fit into the same time; the last stays for what is left over. A loop may not
        stop like that: its frames last all alike, as nearly as long as is wanted.

        Args:
            drawings: 1 or more; 2 or more for a path that is not closed.
            steps: in-betweens.
            frame: exact seconds a frame is shown.
            tween: the same for the frames that are wanted instead, if they are.
            loop: None, pingpong or cycle.
            easing: one of `EASINGS`.

        Raises:
            InputError: no such loop or easing, a rate at which the drawings do not all fit, or
                more frames than `MOST`.
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
        if count > MOST or total / (tween or frame) > MOST:
            raise InputError(
                f"that would be more than {MOST} frames; choose fewer steps, or a lower rate"
            )
        if tween is None:
            return cls((frame,) * count, loop, easing)
        turns = 2 if loop == "pingpong" else 1  # or the far end would fall between two frames
        fit = total / tween / turns
        many = turns * (math.floor(fit) if loop is None else round(fit))
        least = turns * legs + (loop is None)
        if many < least:
            raise InputError(
                f"{drawings} drawings in {float(total):g} s need {least} frames or more, and get "
                f"{many}; choose a higher rate for the tweens, or a lower --fps"
            )
        if loop is not None:
            return cls((total / many,) * many, loop, easing)
        return cls((tween,) * (many - 1) + (total - (many - 1) * tween,), loop, easing)

    def positions(
        self, legs: int, lengths: Float64[np.ndarray, " legs"] | None = None
    ) -> Float64[np.ndarray, " frames"]:
        """Where on a path of so many legs each frame is, before its speed is made even.

        Every drawing has a frame of its own. Where legs have different lengths, the longer ones
        take more of the frames, so that the speed is the same in all.
        """
        count = len(self.durations)
        if self.loop == "pingpong":
            count //= 2
        shares = _shared(count - (self.loop is None), legs, lengths)
        ease = EASINGS[self.easing]
        parts = [leg + ease(np.arange(steps) / steps) for leg, steps in enumerate(shares.tolist())]
        end = [] if self.loop == "cycle" else [np.array([float(legs)])]
        there = np.concatenate([*parts, *end])
        return np.concatenate([there, there[-2:0:-1]]) if self.loop == "pingpong" else there


def uniform_speed(
    places: Float64[np.ndarray, " frames"],
    keys: Float64[np.ndarray, " keys"],
    travelled: Float64[np.ndarray, " keys"],
) -> Float64[np.ndarray, " frames"]:
    """Places by the way gone within each leg, instead of by t.

    Args:
        places: on the path.
        keys: places of keyframes, every drawing among them.
        travelled: how far it is from the first keyframe to each.
    """
    found: Float64[np.ndarray, " frames"] = places.copy()
    for leg in range(round(float(keys[-1]))):
        inside = (keys >= leg) & (keys <= leg + 1)
        way = travelled[inside] - travelled[inside][0]
        here = (places > leg) & (places < leg + 1)
        if way[-1] > 0:
            found[here] = np.interp((places[here] - leg) * way[-1], way, keys[inside])
    return found


def _shared(
    steps: int, legs: int, lengths: Float64[np.ndarray, " legs"] | None
) -> Int64[np.ndarray, " legs"]:
    """So many steps shared out among the legs by their lengths, at least one each: what is left
    after whole steps goes to the largest remainders.

    >>> _shared(6, 3, np.array([1.0, 1.0, 4.0])).tolist(), _shared(4, 3, np.array([0.0, 1, 9]))
    ([1, 1, 4], array([1, 1, 2]))
    """
    if lengths is None or lengths.sum() <= 0:
        lengths = np.ones(legs)
    shares = np.ones(legs, np.int64)
    rest = np.ones(legs, bool)  # legs that get more than one
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
