"""Parse SVG path data into cubic Bézier curves.

Path data are read up to the first error, as the SVG specification asks. svgelements splits them
into commands; its own path objects take several times as long, and for some paths a time that grows
with the square of their length.
"""

from __future__ import annotations

import math
import re
from itertools import islice
from typing import NamedTuple, TypeAlias

import numpy as np
from svgelements import SVGLexicalParser

from strokeanim.errors import InputError
from strokeanim.io.limits import Limits
from strokeanim.typing import Float64

Curve: TypeAlias = "Float64[np.ndarray, 'pieces 4 2']"
"""A subpath: the four control points of each piece, which starts at the end of the previous."""

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_NUMBERS = re.compile(rf"(?:[\s,]*{_NUMBER})*")
_POLYLINE = re.compile(r"\s*M([\s,0-9.eE+\-L]*)([Zz]?)\s*")
_TRAILING_POINT = re.compile(r"(?<=[0-9])\.(?![0-9])")
"""The decimal point of `5.`, which svgelements does not accept."""
_QUARTER = math.pi / 4
"""Angle of an arc that one cubic follows to 4e-6 of the radius."""
_SHORT = 250
"""Length of path data, in characters, up to which arrays are slower than the parser."""
_FLAT = 1e-6
"""Ratio of chord to diameter below which an arc is a line: it bulges by half of this at most."""


def path_curves(text: str, limits: Limits, name: str) -> list[Curve]:
    """Parse path data and return the subpaths that have at least one piece.

    Raises:
        InputError: the path has more strokes or points than the limits allow.
        ArithmeticError: a number is too large.
    """
    polyline = _parse_polyline(text, limits, name) if len(text) > _SHORT else None
    if polyline is not None:
        limits.check("points", len(polyline), name)
        return [polyline]
    sink = _SubpathBuilder(limits, name)
    try:
        SVGLexicalParser().parse(sink, _TRAILING_POINT.sub(".0", text))
    except InputError:
        raise
    except (ValueError, TypeError):
        pass  # the commands before the error are drawn
    return [_build_curve(values) for values in sink.subpaths if len(values) > 2]


def numbers(text: str) -> list[float]:
    """Parse the numbers at the beginning of a text, up to the first character of no number."""
    return _parse_numbers(text)[0]


def check_count(text: str, limits: Limits, name: str) -> None:
    """Check the number of points in a list of coordinates before it is parsed.

    Raises:
        InputError: the list has more points than the limits allow.
    """
    if len(text) > 4 * limits.points:  # the shortest point is "0 0 "
        most = 2 * (limits.points + 1)
        count = sum(1 for _ in islice(re.finditer(_NUMBER, text), most))
        limits.check("points", count // 2, name)


def _parse_numbers(text: str) -> tuple[list[float], str]:
    """Return the numbers at the beginning of a text, and the rest of the text."""
    end = match.end() if (match := _NUMBERS.match(text)) else 0
    values = [float(number) for number in re.findall(_NUMBER, text[:end])]
    finite(sum(values))
    return values, text[end:]


def finite(value: float) -> float:
    """Return the number itself, or raise `OverflowError` if it is infinite or not a number."""
    if not math.isfinite(value):
        raise OverflowError("a number is too large")
    return value


def _parse_polyline(text: str, limits: Limits, name: str) -> Curve | None:
    """Parse path data of one M and absolute L commands fast; None if they contain anything else."""
    match = _POLYLINE.fullmatch(text)
    if match is None:
        return None
    check_count(text, limits, name)
    values: list[float] = []
    for part in match[1].split("L"):
        coordinates, rest = _parse_numbers(part)
        if len(coordinates) % 2 or not coordinates or rest.strip(" ,\t\r\n"):
            return None  # left to the parser, which keeps what precedes the error
        values += coordinates
    if len(values) < 4:
        return None
    points = np.array(values).reshape(-1, 2)
    if match[2]:
        points = np.concatenate([points, points[:1]])
    return _build_lines(points)


class _Point(NamedTuple):
    x: float
    y: float


class _SubpathBuilder:
    """A receiver of path commands with the methods that the lexical parser of svgelements calls.

    Each subpath is a flat list: x, y of its start, then six numbers for each piece.
    """

    def __init__(self, limits: Limits, name: str) -> None:
        self.subpaths: list[list[float]] = []
        self.current_point: _Point | None = None
        self._start = _Point(0, 0)
        self._is_open = False
        # the last control point of a cubic or of a quadratic, which a smooth command mirrors
        self._cubic: _Point | None = None
        self._quadratic: _Point | None = None
        self._limits, self._name, self._pieces = limits, name, 0

    def start(self) -> None:
        """Do nothing; the parser calls it first."""

    def end(self) -> None:
        """Do nothing; the parser calls it last."""

    def move(self, to: tuple[float, float], **_: bool) -> None:
        self._start = self.current_point = _Point(*to)
        self._is_open = False
        self._cubic = self._quadratic = None

    def line(self, to: tuple[float, float], **_: bool) -> None:
        (x, y), (to_x, to_y) = self._require_point(), _Point(*to)
        third_x, third_y = (to_x - x) / 3, (to_y - y) / 3
        self._append(
            _Point(x + third_x, y + third_y), _Point(to_x - third_x, to_y - third_y), _Point(*to)
        )

    def horizontal(self, x: float, *, relative: bool) -> None:
        start = self._require_point()
        self.line((x + start.x if relative else x, start.y))

    def vertical(self, y: float, *, relative: bool) -> None:
        start = self._require_point()
        self.line((start.x, y + start.y if relative else y))

    def cubic(
        self,
        control1: tuple[float, float],
        control2: tuple[float, float],
        to: tuple[float, float],
        **_: bool,
    ) -> None:
        self._append(_Point(*control1), _Point(*control2), _Point(*to))
        self._cubic = _Point(*control2)

    def smooth_cubic(
        self, control2: tuple[float, float], to: tuple[float, float], **_: bool
    ) -> None:
        self.cubic(self._mirror(self._cubic), control2, to)

    def quad(self, control: tuple[float, float], to: tuple[float, float], **_: bool) -> None:
        start, control, to = self._require_point(), _Point(*control), _Point(*to)
        self._append(_raise_degree(start, control), _raise_degree(to, control), to)
        self._quadratic = control

    def smooth_quad(self, to: tuple[float, float], **_: bool) -> None:
        self.quad(self._mirror(self._quadratic), to)

    def arc(
        self,
        rx: float,
        ry: float,
        degrees: float,
        large: bool,
        sweep: bool,
        to: tuple[float, float],
        **_: bool,
    ) -> None:
        start, to = self._require_point(), _Point(*to)
        if start == to:
            return
        finite(rx + ry + degrees)
        if not (rx and ry):
            self.line(to)
            return
        cubics = _convert_arc(start, abs(rx), abs(ry), degrees, bool(large), bool(sweep), to)
        for control1, control2, end in cubics:
            self._append(control1, control2, end)

    def closed(self, **_: bool) -> None:
        if self._require_point() != self._start or not self._is_open:
            self.line(self._start)
        self.current_point = self._start
        self._is_open = False
        self._cubic = self._quadratic = None

    def _require_point(self) -> _Point:
        """Return the current point, or raise `ValueError` before the first move command."""
        if self.current_point is None:
            raise ValueError("path data must start with a move")
        return self.current_point

    def _mirror(self, control: _Point | None) -> _Point:
        """Mirror a control point at the current point, which also stands for a missing one."""
        centre = self._require_point()
        if control is None:
            return centre
        return _Point(2 * centre.x - control.x, 2 * centre.y - control.y)

    def _append(self, control1: _Point, control2: _Point, to: _Point) -> None:
        start = self._require_point()
        if not self._is_open:
            self.subpaths.append([*start])
            self._limits.check("strokes", len(self.subpaths), self._name)
            self._is_open = True
        # the sum is finite only if every term is
        finite(start.x + start.y + control1.x + control1.y + control2.x + control2.y + to.x + to.y)
        self.subpaths[-1] += (*control1, *control2, *to)
        self._pieces += 1
        self._limits.check("points", self._pieces, self._name)
        self.current_point = to
        self._cubic = self._quadratic = None


def _raise_degree(end: _Point, control: _Point) -> _Point:
    """Return the control point next to `end` of the cubic that equals a quadratic."""
    return _Point(end.x + (control.x - end.x) * 2 / 3, end.y + (control.y - end.y) * 2 / 3)


def _convert_arc(
    start: _Point, rx: float, ry: float, degrees: float, large: bool, sweep: bool, end: _Point
) -> list[tuple[_Point, _Point, _Point]]:
    """Approximate an elliptical arc by cubics (SVG 1.1, appendix F.6: end points to centre)."""
    turn = math.radians(degrees % 360)
    cos, sin = math.cos(turn), math.sin(turn)
    half_x, half_y = (start.x - end.x) / 2, (start.y - end.y) / 2
    # in coordinates in which the ellipse is the unit circle
    x, y = (cos * half_x + sin * half_y) / rx, (cos * half_y - sin * half_x) / ry
    reach = math.hypot(x, y)
    if reach < _FLAT and not large:
        third = (end.x - start.x) / 3, (end.y - start.y) / 3
        control1, control2 = (
            _Point(start.x + third[0], start.y + third[1]),
            _Point(end.x - third[0], end.y - third[1]),
        )
        return [(control1, control2, end)]
    if reach > 1:  # radii too small to connect the points are scaled up as far as needed
        rx, ry, x, y, reach = rx * reach, ry * reach, x / reach, y / reach, 1.0
    away = math.sqrt(max(1 - reach * reach, 0)) / reach * (-1 if large == sweep else 1)
    cx, cy = away * y, -away * x
    first = math.atan2(y - cy, x - cx)
    angle = math.atan2(-y - cy, -x - cx) - first
    if sweep and angle < 0:
        angle += 2 * math.pi
    elif not sweep and angle > 0:
        angle -= 2 * math.pi
    count = max(math.ceil(abs(finite(angle)) / _QUARTER - 1e-9), 1)
    pull = 4 / 3 * math.tan(angle / count / 4)
    middle_x, middle_y = (start.x + end.x) / 2, (start.y + end.y) / 2

    def transform(u: float, v: float) -> _Point:
        u, v = (u + cx) * rx, (v + cy) * ry
        return _Point(cos * u - sin * v + middle_x, sin * u + cos * v + middle_y)

    cubics = []
    for index in range(count):
        a, b = first + angle * index / count, first + angle * (index + 1) / count
        control1 = transform(math.cos(a) - pull * math.sin(a), math.sin(a) + pull * math.cos(a))
        control2 = transform(math.cos(b) + pull * math.sin(b), math.sin(b) - pull * math.cos(b))
        to = transform(math.cos(b), math.sin(b)) if index < count - 1 else end
        cubics.append((control1, control2, to))
    return cubics


def _build_curve(values: list[float]) -> Curve:
    flat = np.array(values).reshape(-1, 2)
    pieces = np.empty(((len(flat) - 1) // 3, 4, 2))
    pieces[:, 1:] = flat[1:].reshape(-1, 3, 2)
    pieces[0, 0], pieces[1:, 0] = flat[0], pieces[:-1, 3]
    return pieces


def _build_lines(points: Float64[np.ndarray, "n 2"]) -> Curve:
    third = np.diff(points, axis=0) / 3
    starts, ends = points[:-1], points[1:]
    return np.stack([starts, starts + third, ends - third, ends], axis=1)
