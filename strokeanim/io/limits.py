"""How much a file may ask for before it is refused: it may come from a stranger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from strokeanim.errors import InputError

_CALLED = {"nesting": "levels of nesting", "json": "bytes of JSON"}


@dataclass(frozen=True)
class Limits:
    """What a reader accepts; beyond it an `InputError` says which of these to raise.

    Attributes:
        bytes: of a file that is read as a whole (npz, SVG, pictures), and of what a compressed
            file unpacks to.
        json: bytes of a JSON document and of a line of ndjson, which take twenty times as much
            memory while they are read.
        strokes: in a drawing.
        points: in a drawing.
        nesting: of elements in SVG, one in another.
        pixels: of a picture.
    """

    bytes: int = 1 << 30
    json: int = 1 << 27
    strokes: int = 100_000
    points: int = 1_000_000
    nesting: int = 100
    pixels: int = 50_000_000

    def __post_init__(self) -> None:
        for limit, most in vars(self).items():
            if type(most) is not int or most < 1:
                raise InputError(f"the limit {limit}={most!r} must be a whole number from 1")

    def check(self, limit: str, amount: int, name: str) -> None:
        """Refuse more than a limit allows.

        Args:
            limit: the attribute, as in `"points"`.
            amount: how many there are, or how many have been met so far.
            name: what has them, for the message.

        Raises:
            InputError: `amount` is larger.

        Examples:
            >>> Limits(points=10).check("points", 10, "a.svg")
        """
        most = getattr(self, limit)
        if amount > most:
            raise InputError(
                f"{name} has more than {most} {_CALLED.get(limit, limit)}; if it is to be trusted, "
                f"raise the limit: --allow {limit}=…, or Limits({limit}=…)"
            )


@dataclass(frozen=True)
class ReadPolicy:
    """How a reader treats what it meets.

    Attributes:
        limits: beyond which a file is refused.
        on_bad: called with what is wrong with each drawing that is left out; without it the first
            such error is raised.
    """

    limits: Limits = Limits()
    on_bad: Callable[[InputError], object] | None = None

    def skip(self, error: InputError) -> None:
        """Leave a drawing out, or don't read on.

        Raises:
            InputError: the one given, if bad drawings are not to be left out.
        """
        if self.on_bad is None:
            raise error
        self.on_bad(error)
