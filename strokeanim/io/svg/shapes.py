"""Convert SVG shapes to path data, and transform and flatten their curves."""

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


def transform_points(curve: Curve, matrix: Matrix) -> Curve:
    """Transform a curve; equal points stay equal, which a matrix product does not guarantee."""
    x, y = curve[..., 0], curve[..., 1]
    a, b, c, d, e, f = matrix
    moved = np.empty_like(curve)
    moved[..., 0] = a * x + c * y + e
    moved[..., 1] = b * x + d * y + f
    return moved


def bounds(found: list[Curve]) -> float:
    """Measure the longer side of the bounding box of five points on each piece."""
    points = _compute_weights(np.linspace(0, 1, 5)) @ np.concatenate(found)
    return float((points.max(axis=(0, 1)) - points.min(axis=(0, 1))).max())


def flatten_curves(
    found: list[Curve], tolerance: float, limits: Limits, name: str
) -> list[Float64[np.ndarray, "points 2"]]:
    """Approximate each curve by a polyline, nowhere further from it than `tolerance`.

    Each of n chords of a piece lies within max|B″| / 8n² of it; for a cubic |B″| is largest at an
    end, where it is six times the second difference of the control points.

    Raises:
        InputError: the polylines have more points than the limits allow.
    """
    pieces = np.concatenate(found)
    bends = np.abs(np.diff(pieces, n=2, axis=1))
    bend = np.hypot(bends[..., 0], bends[..., 1]).max(axis=1)
    parts = np.sqrt(0.75 * bend / tolerance) if tolerance > 0 else np.zeros(len(pieces))
    limits.check("points", int(parts.sum()) + len(found), name)
    steps = np.maximum(np.ceil(parts), 1).astype(np.int64)
    limits.check("points", int(steps.sum()) + len(found), name)
    piece_of = np.repeat(np.arange(len(pieces)), steps)
    ends = np.cumsum(steps)
    t = (np.arange(ends[-1]) - (ends - steps)[piece_of] + 1) / steps[piece_of]
    points = (_compute_weights(t)[:, None] @ pieces[piece_of])[:, 0]
    points[ends - 1] = pieces[:, 3]  # exact, so that closed curves stay closed
    last = ends[np.cumsum([len(curve) for curve in found]) - 1]
    rests = np.split(points, last[:-1])
    return [np.concatenate([c[0, :1], rest]) for c, rest in zip(found, rests, strict=True)]


def length(element: Element, name: str, whole: float, default: str = "0") -> float:
    """Return an attribute in user units, at 96 dpi; `whole` is the value of 100%."""
    text = element.get(name, default)[:40]
    value: Any = Length(text).value(ppi=96, relative_length=whole, font_size=16, font_height=16)
    return finite(float(value)) if isinstance(value, int | float) else 0.0


def path_data(element: Element, tag: str, viewport: tuple[float, float]) -> str:
    """Return the path data of a shape in its own coordinates; "" if its attributes are invalid.

    Raises:
        ArithmeticError: a number is too large.
    """
    width, height = viewport
    if tag == "path":
        return element.get("d", "")
    if tag in ("polyline", "polygon"):
        points = numbers(element.get("points", ""))
        even = len(points) - len(points) % 2
        if not even:
            return ""
        return _format_command("M", *points[:even]) + ("Z" if tag == "polygon" else "")
    if tag == "line":
        x1, x2 = (length(element, name, width) for name in ("x1", "x2"))
        y1, y2 = (length(element, name, height) for name in ("y1", "y2"))
        return _format_command("M", x1, y1, x2, y2)
    if tag == "rect":
        return _format_rectangle(element, width, height)
    cx, cy = length(element, "cx", width), length(element, "cy", height)
    if tag == "circle":
        # a percentage of the normalised diagonal, as the specification defines it
        rx = ry = length(element, "r", math.hypot(width, height) / math.sqrt(2))
    else:
        rx, ry = _resolve_radii(element, width, height)
    if not (rx > 0 and ry > 0):
        return ""
    arc = f"A {rx!r} {ry!r} 0 0 1"
    return (
        _format_command("M", cx + rx, cy)
        + _format_command(arc, cx - rx, cy)
        + _format_command(arc, cx + rx, cy)
        + "Z"
    )


def _format_rectangle(element: Element, full_width: float, full_height: float) -> str:
    x, width = (length(element, name, full_width) for name in ("x", "width"))
    y, height = (length(element, name, full_height) for name in ("y", "height"))
    if not (width > 0 and height > 0):
        return ""
    rx, ry = _resolve_radii(element, full_width, full_height)
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    right, bottom = x + width, y + height
    if not (rx > 0 and ry > 0):
        return _format_command("M", x, y, right, y, right, bottom, x, bottom) + "Z"
    arc = f"A {rx!r} {ry!r} 0 0 1"
    return (
        _format_command("M", x + rx, y, right - rx, y)
        + _format_command(arc, right, y + ry)
        + _format_command("L", right, bottom - ry)
        + _format_command(arc, right - rx, bottom)
        + _format_command("L", x + rx, bottom)
        + _format_command(arc, x, bottom - ry)
        + _format_command("L", x, y + ry)
        + _format_command(arc, x + rx, y)
        + "Z"
    )


def _resolve_radii(element: Element, width: float, height: float) -> tuple[float, float]:
    """Return `rx` and `ry` of a rectangle or ellipse; if one is auto, the other stands for both."""
    given = {name for name in ("rx", "ry") if element.get(name, "auto").strip() != "auto"}
    rx, ry = length(element, "rx", width), length(element, "ry", height)
    return (rx if "rx" in given else ry), (ry if "ry" in given else rx)


def _format_command(command: str, *values: float) -> str:
    return f"{command} {' '.join(map(repr, values))} "


def _compute_weights(t: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, "n 4"]:
    """Compute the cubic Bernstein polynomials at `t`."""
    s = 1 - t
    return np.stack([s**3, 3 * s * s * t, 3 * s * t * t, t**3], axis=-1)
