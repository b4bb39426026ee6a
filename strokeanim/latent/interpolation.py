"""Paths between latent vectors. Pure NumPy; computed in float64, returned in float32.

Every path starts and ends exactly at the two vectors it was given.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from strokeanim.errors import InputError
from strokeanim.typing import Float32, Latent, Latents

Vector = npt.NDArray[np.float64]

_ALIGNED = 1e-6
"""Angles closer than this to 0 or π have no plane of their own to turn in."""


def slerp(start: Latent, end: Latent, t: npt.ArrayLike, seed: int = 0) -> Latents:
    """Spherical linear interpolation at each `t` (0 the start, 1 the end).

    Shoemake (SIGGRAPH 1985): weights sin((1−t)Ω)/sin Ω and sin(tΩ)/sin Ω with Ω the angle
    between the *unit* vectors; the weights apply to the raw ones, so the length changes smoothly
    too. Equal or parallel vectors, or a zero one, fall back to `lerp`. Opposite ones have no
    plane, so the way leads round through an orthogonal direction drawn from `seed`.

    >>> slerp([2.0, 0.0], [0.0, 2.0], [0, 0.5, 1]).round(3)
    array([[2.   , 0.   ],
           [1.414, 1.414],
           [0.   , 2.   ]], dtype=float32)
    """
    a, b = _pair(start, end)
    at = np.atleast_1d(np.asarray(t, dtype=np.float64))
    long_a, long_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if long_a == 0 or long_b == 0:
        return lerp(start, end, at)
    unit_a, unit_b = a / long_a, b / long_b
    # atan2 keeps its precision at small and at flat angles, where arccos of the dot product fails.
    angle = 2 * np.arctan2(np.linalg.norm(unit_a - unit_b), np.linalg.norm(unit_a + unit_b))
    if angle < _ALIGNED:
        return lerp(start, end, at)
    if np.pi - angle < _ALIGNED:
        side = _orthogonal(unit_a, seed)
        length = (1 - at) * long_a + at * long_b
        turn = np.cos(np.pi * at)[:, None] * unit_a + np.sin(np.pi * at)[:, None] * side
        return _with_ends(length[:, None] * turn, a, b, at)
    from_a = (np.sin((1 - at) * angle) / np.sin(angle))[:, None]
    from_b = (np.sin(at * angle) / np.sin(angle))[:, None]
    return _with_ends(from_a * a + from_b * b, a, b, at)


def lerp(start: Latent, end: Latent, t: npt.ArrayLike, seed: int = 0) -> Latents:
    """Linear interpolation: the straight line between the two. `seed` is not needed."""
    del seed
    a, b = _pair(start, end)
    at = np.atleast_1d(np.asarray(t, dtype=np.float64))[:, None]
    return _with_ends((1 - at) * a + at * b, a, b, at[:, 0])


def nlerp(start: Latent, end: Latent, t: npt.ArrayLike, seed: int = 0) -> Latents:
    """The straight line, pushed out to the lengths between the two.

    Where it passes through the origin there is no direction to push in; such a pair takes the
    way round that `slerp` takes.
    """
    a, b = _pair(start, end)
    at = np.atleast_1d(np.asarray(t, dtype=np.float64))
    line = (1 - at)[:, None] * a + at[:, None] * b
    wanted = (1 - at) * np.linalg.norm(a) + at * np.linalg.norm(b)
    length = np.linalg.norm(line, axis=1)
    if (length < 1e-9 * max(float(wanted.max()), 1e-300)).any():
        return slerp(start, end, at, seed)
    return _with_ends(line * (wanted / length)[:, None], a, b, at)


def centred(
    start: Latent, end: Latent, t: npt.ArrayLike, seed: int = 0, centre: Latent | None = None
) -> Latents:
    """`slerp` about `centre`, the mean latent of the class, instead of about the origin.

    Raises:
        InputError: no centre was given.
    """
    if centre is None:
        raise InputError("the path 'centred' needs the mean latent of the class")
    a, b = _pair(start, end)
    middle = np.asarray(centre, dtype=np.float64)
    at = np.atleast_1d(np.asarray(t, dtype=np.float64))
    about = slerp((a - middle).astype(np.float32), (b - middle).astype(np.float32), at, seed)
    return _with_ends(about + middle, a, b, at)


PATHS: dict[str, Callable[..., Latents]] = {
    "slerp": slerp,
    "lerp": lerp,
    "nlerp": nlerp,
    "centred": centred,
}
"""The paths by the names that `--path` takes."""


def interpolation_times(steps: int) -> Float32[np.ndarray, " frames"]:
    """`t = k / (steps + 1)` for `steps` in-betweens and both ends.

    >>> times(1).tolist()
    [0.0, 0.5, 1.0]
    """
    if steps < 0 or steps != int(steps):
        raise InputError(f"steps = {steps}: the number of in-betweens must be 0, 1, 2, …")
    steps = int(steps)
    return np.linspace(0, 1, steps + 2).astype(np.float32)


def interpolate(
    name: str,
    start: Latent,
    end: Latent,
    t: npt.ArrayLike,
    seed: int = 0,
    centre: Latent | None = None,
) -> Latents:
    """The path called `name` at each `t`.

    Raises:
        InputError: no such path.
    """
    if name not in PATHS:
        raise InputError(f"no path called {name!r}; choose one of {', '.join(PATHS)}")
    if name == "centred":
        return centred(start, end, t, seed, centre)
    return PATHS[name](start, end, t, seed)


def _pair(start: Latent, end: Latent) -> tuple[Vector, Vector]:
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise InputError(f"a path needs two vectors of one length, not {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise InputError("a path needs finite vectors; these hold NaN or infinity")
    return a, b


def _with_ends(path: Vector, a: Vector, b: Vector, t: Vector) -> Latents:
    path = np.where((t == 0)[:, None], a, path)
    return np.where((t == 1)[:, None], b, path).astype(np.float32)


def _orthogonal(unit: Vector, seed: int) -> Vector:
    """A unit vector at a right angle to `unit`, the same for the same seed."""
    if len(unit) < 2:
        raise InputError("opposite vectors of one dimension have no way round")
    drawn = np.random.default_rng(seed).normal(size=len(unit))
    drawn -= (drawn @ unit) * unit
    length = np.linalg.norm(drawn)
    if length < 1e-12:  # the one direction that will not do was drawn
        drawn = np.roll(unit, 1) - (np.roll(unit, 1) @ unit) * unit
        length = np.linalg.norm(drawn)
    return np.asarray(drawn / length)
