"""How much a file may ask for before it is refused: it may come from a stranger."""

from __future__ import annotations

from dataclasses import dataclass

from strokeanim.errors import InputError


@dataclass(frozen=True)
class Limits:
    """What a reader accepts; beyond it an `InputError` says which of these to raise.

    Attributes:
        bytes: of a file that is read as a whole (npz, SVG, JSON, pictures), of what a compressed
            file unpacks to, and of a line.
        strokes: in a drawing.
        points: in a drawing.
        nesting: of elements in SVG and of lists in JSON, one in another.
        pixels: of a picture.
    """

    bytes: int = 1 << 30
    strokes: int = 100_000
    points: int = 1_000_000
    nesting: int = 100
    pixels: int = 50_000_000

    def check(self, limit: str, amount: int, name: str) -> None:
        """Refuse more than a limit allows.

        Args:
            limit: the attribute, as in `"points"`.
            amount: how many there are, or how many have been met so far.
            name: what has them, for the message.

        Raises:
            InputError: `amount` is larger.

        >>> Limits(points=10).check("points", 10, "a.svg")
        """
        most = getattr(self, limit)
        if amount > most:
            raise InputError(
                f"{name} has more than {most} {limit}; if it is to be trusted, raise the limit: "
                f"--limit {limit}=…, or Limits({limit}=…)"
            )
