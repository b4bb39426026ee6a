"""SVG path data as cubic Bézier curves.

All of the data are read, or those before the first mistake, as the SVG specification asks.
svgelements splits them into commands; its own path objects take several times as long, and a time
that grows with the square of some paths.
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
"""A subpath: the four control points of each piece, which starts where the one before ends."""

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_NUMBERS = re.compile(rf"(?:[\s,]*{_NUMBER})*")
_STRAIGHT = re.compile(r"\s*M([\s,0-9.eE+\-L]*)([Zz]?)\s*")
_DANGLING = re.compile(r"(?<=[0-9])\.(?![0-9])")
"""The point of `5.`, which svgelements doesn't know."""
_QUARTER = math.pi / 4
"""Angle of an arc that one cubic follows to 4e-6 of the radius."""
_SHORT = 250
"""Characters of path data up to which arrays are slower than the parser."""
_FLAT = 1e-6
"""Chord through the diameter, below which an arc is a line: it bulges by half of this at most."""


def path_curves(text: str, limits: Limits, name: str) -> list[Curve]:
    """The subpaths that are more than a place to start from.

    Raises:
        InputError: more strokes or points than the limits allow.
        ArithmeticError: numbers that are too large.
    """
    straight = _straight(text, limits, name) if len(text) > _SHORT else None
    if straight is not None:
        limits.check("points", len(straight), name)
        return [straight]
    sink = _Subpaths(limits, name)
    try:
        SVGLexicalParser().parse(sink, _DANGLING.sub(".0", text))
    except InputError:
        raise
    except (ValueError, TypeError):
        pass  # what came before the mistake is drawn
    return [_curve(values) for values in sink.subpaths if len(values) > 2]


def numbers(text: str) -> list[float]:
    """The numbers at the beginning of a text, up to what is none."""
    return _leading(text)[0]


def check_count(text: str, limits: Limits, name: str) -> None:
    """Refuse a list of more points than the limits allow before it is one.

    Raises:
        InputError: there are more.
    """
    if len(text) > 4 * limits.points:  # else there can't be: "0 0 " is a point
        most = 2 * (limits.points + 1)
        found = sum(1 for _ in islice(re.finditer(_NUMBER, text), most))
        limits.check("points", found // 2, name)


def _leading(text: str) -> tuple[list[float], str]:
    """The numbers at the beginning of a text, and the rest."""
    end = match.end() if (match := _NUMBERS.match(text)) else 0
    found = [float(number) for number in re.findall(_NUMBER, text[:end])]
    finite(sum(found))
    return found, text[end:]


def finite(value: float) -> float:
    """The same number, or an `OverflowError` if it is infinite or none."""
    if not math.isfinite(value):
        raise OverflowError("a number is too large")
    return value


def _straight(text: str, limits: Limits, name: str) -> Curve | None:
    """The pieces of path data that are one line from point to point, many times faster."""
    match = _STRAIGHT.fullmatch(text)
    if match is None:
        return None
    check_count(text, limits, name)
    values: list[float] = []
    for part in match[1].split("L"):
        some, rest = _leading(part)
        if len(some) % 2 or not some or rest.strip(" ,\t\r\n"):
            return None  # the parser knows what is left of it
        values += some
    if len(values) < 4:
        return None
    points = np.array(values).reshape(-1, 2)
    if match[2]:
        points = np.concatenate([points, points[:1]])
    return _lines(points)


class _At(NamedTuple):
    x: float
    y: float


class _Subpaths:
    """What svgelements reports path data to: the receiver that its lexical parser expects.

    Each subpath is a flat list: x, y of its start, then six numbers for each piece.
    """

    def __init__(self, limits: Limits, name: str) -> None:
        self.subpaths: list[list[float]] = []
        self.current_point: _At | None = None
        self._start = _At(0, 0)
        self._is_open = False
        # the last control point of a cubic or of a quadratic, which the next may mirror
        self._cubic: _At | None = None
        self._quadratic: _At | None = None
        self._limits, self._name, self._pieces = limits, name, 0

    def start(self) -> None:
        """Nothing to prepare."""

    def end(self) -> None:
        """Nothing to finish."""

    def move(self, to: tuple[float, float], **_: bool) -> None:
        self._start = self.current_point = _At(*to)
        self._is_open = False
        self._cubic = self._quadratic = None

    def line(self, to: tuple[float, float], **_: bool) -> None:
        (x, y), (to_x, to_y) = self._here(), _At(*to)
        third_x, third_y = (to_x - x) / 3, (to_y - y) / 3
        self._add(_At(x + third_x, y + third_y), _At(to_x - third_x, to_y - third_y), _At(*to))

    def horizontal(self, x: float, *, relative: bool) -> None:
        here = self._here()
        self.line((x + here.x if relative else x, here.y))

    def vertical(self, y: float, *, relative: bool) -> None:
        here = self._here()
        self.line((here.x, y + here.y if relative else y))

    def cubic(
        self,
        one: tuple[float, float],
        two: tuple[float, float],
        to: tuple[float, float],
        **_: bool,
    ) -> None:
        self._add(_At(*one), _At(*two), _At(*to))
        self._cubic = _At(*two)

    def smooth_cubic(self, two: tuple[float, float], to: tuple[float, float], **_: bool) -> None:
        self.cubic(self._mirrored(self._cubic), two, to)

    def quad(self, one: tuple[float, float], to: tuple[float, float], **_: bool) -> None:
        here, one, to = self._here(), _At(*one), _At(*to)
        self._add(_between(here, one), _between(to, one), to)
        self._quadratic = one

    def smooth_quad(self, to: tuple[float, float], **_: bool) -> None:
        self.quad(self._mirrored(self._quadratic), to)

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
        here, to = self._here(), _At(*to)
        if here == to:
            return
        finite(rx + ry + degrees)
        if not (rx and ry):
            self.line(to)
            return
        for one, two, end in _arc(here, abs(rx), abs(ry), degrees, bool(large), bool(sweep), to):
            self._add(one, two, end)

    def closed(self, **_: bool) -> None:
        if self._here() != self._start or not self._is_open:
            self.line(self._start)
        self.current_point = self._start
        self._is_open = False
        self._cubic = self._quadratic = None

    def _here(self) -> _At:
        if self.current_point is None:
            raise ValueError("path data must start with a move")
        return self.current_point

    def _mirrored(self, control: _At | None) -> _At:
        here = self._here()
        return here if control is None else _At(2 * here.x - control.x, 2 * here.y - control.y)

    def _add(self, one: _At, two: _At, to: _At) -> None:
        here = self._here()
        if not self._is_open:
            self.subpaths.append([*here])
            self._limits.check("strokes", len(self.subpaths), self._name)
            self._is_open = True
        # a sum, since it is finite only if everything is
        finite(here.x + here.y + one.x + one.y + two.x + two.y + to.x + to.y)
        self.subpaths[-1] += (*one, *two, *to)
        self._pieces += 1
        self._limits.check("points", self._pieces, self._name)
        self.current_point = to
        self._cubic = self._quadratic = None


def _between(end: _At, control: _At) -> _At:
    """The control point of a cubic that is a quadratic."""
    return _At(end.x + (control.x - end.x) * 2 / 3, end.y + (control.y - end.y) * 2 / 3)


def _arc(
    start: _At, rx: float, ry: float, degrees: float, large: bool, sweep: bool, end: _At
) -> list[tuple[_At, _At, _At]]:
    """Cubics along an elliptical arc (SVG 1.1, appendix F.6: from end points to the centre)."""
    turn = math.radians(degrees % 360)
    cos, sin = math.cos(turn), math.sin(turn)
    half_x, half_y = (start.x - end.x) / 2, (start.y - end.y) / 2
    # on the unit circle that the ellipse is
    x, y = (cos * half_x + sin * half_y) / rx, (cos * half_y - sin * half_x) / ry
    reach = math.hypot(x, y)
    if reach < _FLAT and not large:
        third = (end.x - start.x) / 3, (end.y - start.y) / 3
        one, two = (
            _At(start.x + third[0], start.y + third[1]),
            _At(end.x - third[0], end.y - third[1]),
        )
        return [(one, two, end)]
    if reach > 1:  # radii too small to reach: as large as needed
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

    def at(u: float, v: float) -> _At:
        u, v = (u + cx) * rx, (v + cy) * ry
        return _At(cos * u - sin * v + middle_x, sin * u + cos * v + middle_y)

    found = []
    for place in range(count):
        a, b = first + angle * place / count, first + angle * (place + 1) / count
        one = at(math.cos(a) - pull * math.sin(a), math.sin(a) + pull * math.cos(a))
        two = at(math.cos(b) + pull * math.sin(b), math.sin(b) - pull * math.cos(b))
        found.append((one, two, at(math.cos(b), math.sin(b)) if place < count - 1 else end))
    return found


def _curve(values: list[float]) -> Curve:
    flat = np.array(values).reshape(-1, 2)
    pieces = np.empty(((len(flat) - 1) // 3, 4, 2))
    pieces[:, 1:] = flat[1:].reshape(-1, 3, 2)
    pieces[0, 0], pieces[1:, 0] = flat[0], pieces[:-1, 3]
    return pieces


def _lines(points: Float64[np.ndarray, "n 2"]) -> Curve:
    third = np.diff(points, axis=0) / 3
    starts, ends = points[:-1], points[1:]
    return np.stack([starts, starts + third, ends - third, ends], axis=1)
