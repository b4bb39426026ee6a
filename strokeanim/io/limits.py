"""Limit the sizes that a reader accepts from a file, which may come from a stranger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from strokeanim.errors import InputError

_UNITS = {"nesting": "levels of nesting", "json": "bytes of JSON"}


@dataclass(frozen=True)
class Limits:
    """The largest sizes that a reader accepts; an `InputError` names the one exceeded.

    Attributes:
        bytes: size of a file that is read as a whole (npz, SVG, pictures), and of the unpacked
            data of a compressed file.
        json: bytes of a JSON document and of a line of ndjson, which take twenty times as much
            memory during reading.
        strokes: strokes in a drawing.
        points: points in a drawing.
        nesting: depth of nested elements in SVG.
        pixels: pixels of a picture.
    """

    bytes: int = 1 << 30
    json: int = 1 << 27
    strokes: int = 100_000
    points: int = 1_000_000
    nesting: int = 100
    pixels: int = 50_000_000

    def __post_init__(self) -> None:
        for limit, maximum in vars(self).items():
            if type(maximum) is not int or maximum < 1:
                raise InputError(f"the limit {limit}={maximum!r} must be a whole number from 1")

    def check(self, limit: str, amount: int, name: str) -> None:
        """Raise an error if an amount is larger than a limit.

        Args:
            limit: the attribute, such as `"points"`.
            amount: the amount, in total or so far.
            name: what it was counted in, for the message.

        Raises:
            InputError: `amount` is larger.

        Examples:
            >>> Limits(points=10).check("points", 10, "a.svg")
        """
        maximum = getattr(self, limit)
        if amount > maximum:
            raise InputError(
                f"{name} has more than {maximum} {_UNITS.get(limit, limit)}; if you trust it, "
                f"allow more with Limits({limit}=…)"
            )


@dataclass(frozen=True)
class ReadPolicy:
    """How a reader treats large files and bad drawings.

    Attributes:
        limits: sizes beyond which a file is refused.
        on_bad: called with the error of each drawing that is left out; without it the first such
            error is raised.
    """

    limits: Limits = Limits()
    on_bad: Callable[[InputError], object] | None = None

    def skip(self, error: InputError) -> None:
        """Report a bad drawing and leave it out, or raise its error.

        Raises:
            InputError: `error`, if bad drawings are not to be left out.
        """
        if self.on_bad is None:
            raise error
        self.on_bad(error)
