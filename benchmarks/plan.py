"""How a run goes: in earnest or quickly, and with which drawings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """What every group is told.

    Attributes:
        quick: each measurement once and of little, to see that all of it runs.
        dense: frames with ink all over instead of a mouth.
        drawings: files to take drawings from for `vectorise`; synthetic ones if there are none.
    """

    quick: bool = False
    dense: bool = False
    drawings: tuple[str, ...] = ()

    def runs(self, several: int) -> int:
        """How often something is measured."""
        return 1 if self.quick else several

    def count(self, many: int, few: int) -> int:
        """Of how much it is measured."""
        return few if self.quick else many

    @property
    def marks(self) -> str:
        """What a reader has to know of the figures."""
        dense, given = "dense frames" * self.dense, "given drawings" * bool(self.drawings)
        quick = "QUICK: not a measurement" * self.quick
        return ", ".join(filter(None, (quick, dense, given)))
