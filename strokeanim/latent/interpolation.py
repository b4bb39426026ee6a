"""Interpolate between latent vectors along various paths.

Pure NumPy, computed in float64 and returned in float32. Every path starts and ends exactly at the
two vectors given.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from strokeanim.errors import InputError
from strokeanim.typing import Float32, Latent, Latents

Vector = npt.NDArray[np.float64]

_MIN_ANGLE = 1e-6
"""Vectors at an angle closer than this to 0 or π do not span a plane."""


def slerp(start: Latent, end: Latent, t: npt.ArrayLike, seed: int = 0) -> Latents:
    """Interpolate spherically at each `t` (0 the start, 1 the end).

    Shoemake (SIGGRAPH 1985): weights sin((1−t)Ω)/sin Ω and sin(tΩ)/sin Ω with Ω the angle
    between the *unit* vectors; the weights apply to the raw vectors, so the length changes smoothly
    too. Parallel vectors, and pairs with a zero vector, fall back to `lerp`. Opposite vectors span
    no plane, so their path turns through an orthogonal direction drawn from `seed`.

    >>> slerp([2.0, 0.0], [0.0, 2.0], [0, 0.5, 1]).round(3)
    array([[2.   , 0.   ],
           [1.414, 1.414],
           [0.   , 2.   ]], dtype=float32)
    """
    a, b = _check_pair(start, end)
    times = np.atleast_1d(np.asarray(t, dtype=np.float64))
    long_a, long_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if long_a == 0 or long_b == 0:
        return lerp(start, end, times)
    unit_a, unit_b = a / long_a, b / long_b
    # atan2 keeps its precision at small and at flat angles, where arccos of the dot product fails.
    angle = 2 * np.arctan2(np.linalg.norm(unit_a - unit_b), np.linalg.norm(unit_a + unit_b))
    if angle < _MIN_ANGLE:
        return lerp(start, end, times)
    if np.pi - angle < _MIN_ANGLE:
        side = _draw_orthogonal(unit_a, seed)
        length = (1 - times) * long_a + times * long_b
        turn = np.cos(np.pi * times)[:, None] * unit_a + np.sin(np.pi * times)[:, None] * side
        return _fix_ends(length[:, None] * turn, a, b, times)
    from_a = (np.sin((1 - times) * angle) / np.sin(angle))[:, None]
    from_b = (np.sin(times * angle) / np.sin(angle))[:, None]
    return _fix_ends(from_a * a + from_b * b, a, b, times)


def lerp(start: Latent, end: Latent, t: npt.ArrayLike, seed: int = 0) -> Latents:
    """Interpolate linearly, along the straight line; `seed` is ignored."""
    del seed
    a, b = _check_pair(start, end)
    times = np.atleast_1d(np.asarray(t, dtype=np.float64))[:, None]
    return _fix_ends((1 - times) * a + times * b, a, b, times[:, 0])


def nlerp(start: Latent, end: Latent, t: npt.ArrayLike, seed: int = 0) -> Latents:
    """Interpolate linearly, then rescale to the linearly interpolated length.

    A line through the origin has no direction there to rescale; `slerp` interpolates such a pair.
    """
    a, b = _check_pair(start, end)
    times = np.atleast_1d(np.asarray(t, dtype=np.float64))
    line = (1 - times)[:, None] * a + times[:, None] * b
    target = (1 - times) * np.linalg.norm(a) + times * np.linalg.norm(b)
    length = np.linalg.norm(line, axis=1)
    if (length < 1e-9 * max(float(target.max()), 1e-300)).any():
        return slerp(start, end, times, seed)
    return _fix_ends(line * (target / length)[:, None], a, b, times)


def centred(
    start: Latent, end: Latent, t: npt.ArrayLike, seed: int = 0, centre: Latent | None = None
) -> Latents:
    """Interpolate as `slerp`, but about `centre`, the mean latent of the class, not the origin.

    Raises:
        InputError: `centre` is missing.
    """
    if centre is None:
        raise InputError("the path 'centred' needs the mean latent of the class")
    a, b = _check_pair(start, end)
    middle = np.asarray(centre, dtype=np.float64)
    times = np.atleast_1d(np.asarray(t, dtype=np.float64))
    relative = slerp((a - middle).astype(np.float32), (b - middle).astype(np.float32), times, seed)
    return _fix_ends(relative + middle, a, b, times)


PATHS: dict[str, Callable[..., Latents]] = {
    "slerp": slerp,
    "lerp": lerp,
    "nlerp": nlerp,
    "centred": centred,
}
"""Path functions by name."""


def interpolation_times(steps: int) -> Float32[np.ndarray, " frames"]:
    """Return `t = k / (steps + 1)` for `steps` in-betweens and both ends.

    >>> interpolation_times(1).tolist()
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
    """Interpolate along the path called `name` at each `t`.

    Raises:
        InputError: no path has that name.
    """
    if name not in PATHS:
        raise InputError(f"no path called {name!r}; choose one of {', '.join(PATHS)}")
    if name == "centred":
        return centred(start, end, t, seed, centre)
    return PATHS[name](start, end, t, seed)


def _check_pair(start: Latent, end: Latent) -> tuple[Vector, Vector]:
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise InputError(f"a path needs two vectors of equal length, not {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise InputError("a path needs finite vectors; these hold NaN or infinity")
    return a, b


def _fix_ends(path: Vector, a: Vector, b: Vector, t: Vector) -> Latents:
    """Return `path` in float32, exactly `a` where t = 0 and `b` where t = 1."""
    path = np.where((t == 0)[:, None], a, path)
    return np.where((t == 1)[:, None], b, path).astype(np.float32)


def _draw_orthogonal(unit: Vector, seed: int) -> Vector:
    """Draw a unit vector orthogonal to `unit`, the same for the same seed."""
    if len(unit) < 2:
        raise InputError("opposite vectors of one dimension have no path round the origin")
    vector = np.random.default_rng(seed).normal(size=len(unit))
    vector -= (vector @ unit) * unit
    length = np.linalg.norm(vector)
    if length < 1e-12:  # the random vector is parallel to `unit`
        vector = np.roll(unit, 1) - (np.roll(unit, 1) @ unit) * unit
        length = np.linalg.norm(vector)
    return np.asarray(vector / length)
