"""SVG shapes: each becomes path data, and the curves of those become polylines."""

from __future__ import annotations

import math
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element

import numpy as np
from svgelements import Length

from strokeanim.io.limits import Limits
from strokeanim.io.svg.path import Curve, finite, numbers
from strokeanim.typing import Float64

Matrix: TypeAlias = tuple[float, float, float, float, float, float]
"""a to f as in `matrix(a b c d e f)`: x' = a x + c y + e and y' = b x + d y + f."""

SHAPES = frozenset({"path", "line", "polyline", "polygon", "circle", "ellipse", "rect"})


def transformed(curve: Curve, matrix: Matrix) -> Curve:
    """The curve moved; equal points stay equal, which a matrix product doesn't promise."""
    x, y = curve[..., 0], curve[..., 1]
    a, b, c, d, e, f = matrix
    moved = np.empty_like(curve)
    moved[..., 0] = a * x + c * y + e
    moved[..., 1] = b * x + d * y + f
    return moved


def extent(found: list[Curve]) -> float:
    """The longer side of the box around points on the curves."""
    on = _weights(np.linspace(0, 1, 5)) @ np.concatenate(found)
    return float((on.max(axis=(0, 1)) - on.min(axis=(0, 1))).max())


def flattened(
    found: list[Curve], tolerance: float, limits: Limits, name: str
) -> list[Float64[np.ndarray, "points 2"]]:
    """The polyline of each curve, nowhere further from it than `tolerance`.

    A chord of n in a row lies within max|B″| / 8n² of its curve; for a cubic |B″| is largest at an
    end, where it is six times the second difference of the control points.

    Raises:
        InputError: more points than the limits allow.
    """
    pieces = np.concatenate(found)
    bends = np.abs(np.diff(pieces, n=2, axis=1))
    bend = np.hypot(bends[..., 0], bends[..., 1]).max(axis=1)
    parts = np.sqrt(0.75 * bend / tolerance) if tolerance > 0 else np.zeros(len(pieces))
    limits.check("points", int(parts.sum()) + len(found), name)
    steps = np.maximum(np.ceil(parts), 1).astype(np.int64)
    limits.check("points", int(steps.sum()) + len(found), name)
    which = np.repeat(np.arange(len(pieces)), steps)
    ends = np.cumsum(steps)
    t = (np.arange(ends[-1]) - (ends - steps)[which] + 1) / steps[which]
    points = (_weights(t)[:, None] @ pieces[which])[:, 0]
    points[ends - 1] = pieces[:, 3]  # exactly, so that closed curves are
    last = ends[np.cumsum([len(curve) for curve in found]) - 1]
    after = np.split(points, last[:-1])
    return [np.concatenate([c[0, :1], rest]) for c, rest in zip(found, after, strict=True)]


def length(element: Element, name: str, whole: float, default: str = "0") -> float:
    """An attribute in user units; `whole` is what 100% means, 96 dpi what a mm is."""
    text = element.get(name, default)[:40]
    value: Any = Length(text).value(ppi=96, relative_length=whole, font_size=16, font_height=16)
    return finite(float(value)) if isinstance(value, int | float) else 0.0


def path_data(element: Element, tag: str, viewport: tuple[float, float]) -> str:
    """The path data of a shape in its own coordinates; "" if the element is no good.

    Raises:
        ArithmeticError: numbers that are too large.
    """
    width, height = viewport
    if tag == "path":
        return element.get("d", "")
    if tag in ("polyline", "polygon"):
        points = numbers(element.get("points", ""))
        even = len(points) - len(points) % 2
        return _joined("M", *points[:even]) + ("Z" if tag == "polygon" else "") if even else ""
    if tag == "line":
        x1, x2 = (length(element, name, width) for name in ("x1", "x2"))
        y1, y2 = (length(element, name, height) for name in ("y1", "y2"))
        return _joined("M", x1, y1, x2, y2)
    if tag == "rect":
        return _rectangle(element, width, height)
    cx, cy = length(element, "cx", width), length(element, "cy", height)
    if tag == "circle":
        # of the diagonal, in the way the specification measures it
        rx = ry = length(element, "r", math.hypot(width, height) / math.sqrt(2))
    else:
        rx, ry = _radii(element, width, height)
    if not (rx > 0 and ry > 0):
        return ""
    start, opposite = _joined("M", cx + rx, cy), _joined(f"A {rx!r} {ry!r} 0 0 1", cx - rx, cy)
    return start + opposite + _joined(f"A {rx!r} {ry!r} 0 0 1", cx + rx, cy) + "Z"


def _rectangle(element: Element, full_width: float, full_height: float) -> str:
    x, width = (length(element, name, full_width) for name in ("x", "width"))
    y, height = (length(element, name, full_height) for name in ("y", "height"))
    if not (width > 0 and height > 0):
        return ""
    rx, ry = _radii(element, full_width, full_height)
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    right, bottom = x + width, y + height
    if not (rx > 0 and ry > 0):
        return _joined("M", x, y, right, y, right, bottom, x, bottom) + "Z"
    arc = f"A {rx!r} {ry!r} 0 0 1"
    return (
        _joined("M", x + rx, y, right - rx, y)
        + _joined(arc, right, y + ry)
        + _joined("L", right, bottom - ry)
        + _joined(arc, right - rx, bottom)
        + _joined("L", x + rx, bottom)
        + _joined(arc, x, bottom - ry)
        + _joined("L", x, y + ry)
        + _joined(arc, x + rx, y)
        + "Z"
    )


def _radii(element: Element, width: float, height: float) -> tuple[float, float]:
    """Of a rectangle's corners or an ellipse, where one stands for both."""
    given = {name for name in ("rx", "ry") if element.get(name, "auto").strip() != "auto"}
    rx, ry = length(element, "rx", width), length(element, "ry", height)
    return (rx if "rx" in given else ry), (ry if "ry" in given else rx)


def _joined(command: str, *values: float) -> str:
    return f"{command} {' '.join(map(repr, values))} "


def _weights(t: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, "n 4"]:
    """Bernstein polynomials."""
    s = 1 - t
    return np.stack([s**3, 3 * s * s * t, 3 * s * t * t, t**3], axis=-1)
