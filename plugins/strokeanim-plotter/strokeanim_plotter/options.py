"""Define the options of plotter files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from strokeanim.errors import InputError

Page = Literal["a6", "a5", "a4", "a3", "a2", "a1", "letter", "legal", "tabloid"]


@dataclass(frozen=True)
class PlotterOptions:
    """The sheet, the order of the lines, and settings of each format."""

    page: Page = field(default="a4", metadata={"help": "size of the paper"})
    orientation: Literal["auto", "portrait", "landscape"] = field(
        default="auto",
        metadata={"help": "of the paper; auto: whichever makes the drawings larger"},
    )
    margin: float = field(
        default=15.0,
        metadata={"help": "mm left free along each edge of the paper", "min": 0, "max": 400},
    )
    layout: Literal["grid", "overlay"] = field(
        default="grid",
        metadata={
            "help": "grid: frames side by side in reading order; "
            "overlay: all in the same place, a layer (and so a pen) for each"
        },
    )
    columns: int | None = field(
        default=None,
        metadata={
            "help": "of the grid; none: as many as make the drawings largest",
            "min": 1,
            "max": 1000,
        },
    )
    gap: float = field(
        default=5.0, metadata={"help": "mm between the frames of a grid", "min": 0, "max": 400}
    )
    merge: float = field(
        default=0.1,
        metadata={
            "help": "mm between ends of lines, up to which they are joined; 0: never",
            "min": 0,
            "max": 10,
        },
    )
    sort: bool = field(
        default=True,
        metadata={"help": "draw the lines in an order that shortens the ways between them"},
    )
    tolerance: float = field(
        default=0.05,
        metadata={
            "help": "mm by which the straight pieces of a curve may miss it",
            "min": 0.001,
            "max": 5,
        },
    )
    device: str = field(
        default="dxy",
        metadata={
            "help": "HPGL: the plotter, as vpype calls it (dxy, hp7475a, hp7550, artisan, …)"
        },
    )
    feed: float = field(
        default=1500.0,
        metadata={"help": "G-code: mm/min while drawing", "min": 1, "max": 100_000},
    )
    pen_up: str = field(
        default="G0 Z5",
        metadata={"help": "G-code: what lifts the pen, for a servo e.g. M5; | begins a new line"},
    )
    pen_down: str = field(
        default="G1 Z0 F600",
        metadata={"help": "G-code: what lowers the pen, for a servo e.g. M3 S90|G4 P0.2"},
    )
    pen_change: str = field(
        default="M0",
        metadata={"help": "G-code: comes between the layers of an overlay; M0 waits for the user"},
    )

    def __post_init__(self) -> None:
        for name in ("pen_up", "pen_down"):
            if not getattr(self, name).strip(" |"):
                raise InputError(f"{name} must be a G-code command such as {_EXAMPLES[name]}")
        for name in ("pen_up", "pen_down", "pen_change"):
            if not getattr(self, name).isascii():
                raise InputError(f"{name} must be ASCII, as G-code is, not {getattr(self, name)!r}")


_EXAMPLES = {"pen_up": "G0 Z5", "pen_down": "G1 Z0 F600"}
