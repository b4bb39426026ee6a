"""Define the options of a run: full or quick, and with which drawings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Options that every group receives.

    Attributes:
        quick: each measurement once, on little data, to check that everything runs.
        dense: frames covered with strokes instead of a mouth.
        drawings: files to take drawings from for `vectorise`; synthetic ones if there are none.
    """

    quick: bool = False
    dense: bool = False
    drawings: tuple[str, ...] = ()

    def runs(self, several: int) -> int:
        """Return how many times to repeat a measurement."""
        return 1 if self.quick else several

    def count(self, many: int, few: int) -> int:
        """Return how many items to measure."""
        return few if self.quick else many

    @property
    def marks(self) -> str:
        """Return what a reader must know about the figures."""
        dense, given = "dense frames" * self.dense, "given drawings" * bool(self.drawings)
        quick = "QUICK: not a measurement" * self.quick
        return ", ".join(filter(None, (quick, dense, given)))
