"""Define a row of the table, and print the table: what, against what, figures, ratio, target.

All figures are of a kind of which less is better: seconds, MB, kB, ink lost. The result of a row is
the ratio; the figures show what it is a ratio of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = 150
"""Width of the table in characters if the output is not a terminal."""


@dataclass(frozen=True)
class Row:
    """One measurement, or its definition before it is made.

    Attributes:
        group: the group that it belongs to, for `--only`.
        what: what is measured of strokeanim.
        against: the alternative, or the limit.
        unit: unit of both figures: s, MB, kB, or "" for numbers.
        better: "higher" if the ratio is theirs to ours, as for *times as fast*; "lower" if it is
            ours to theirs, as for a cost.
        wanted: target of the ratio, a minimum or a maximum; None if it has none.
        ours, theirs: the figures; None until they are measured.
        noise: the median of the runs over their best, the larger of both sides.
        skipped: why the row could not be measured.
    """

    group: str
    what: str
    against: str
    unit: str
    better: Literal["higher", "lower"]
    wanted: float | None = None
    ours: float | None = None
    theirs: float | None = None
    noise: float | None = None
    skipped: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the row, also in other runs."""
        return self.what, self.against

    @property
    def ratio(self) -> float | None:
        """The ratio, or None if the row was skipped."""
        if self.ours is None or self.theirs is None:
            return None
        over, under = self.theirs, self.ours
        if self.better == "lower":
            over, under = under, over
        return over / under if under else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None if there is no target or no ratio."""
        if self.wanted is None or self.ratio is None:
            return None
        return self.ratio >= self.wanted if self.better == "higher" else self.ratio <= self.wanted

    def found(self, ours: float, theirs: float | None = None, noise: float | None = None) -> Row:
        """Return the row with its figures; a limit is set already."""
        return replace(
            self, ours=ours, theirs=self.theirs if theirs is None else theirs, noise=noise
        )

    def skip(self, why: str) -> Row:
        """Return the row without figures, and with the reason."""
        return replace(self, ours=None, theirs=None, skipped=why)

    def record(self) -> dict[str, object]:
        """Return the fields for JSON, with the ratio and whether the target is met."""
        return asdict(self) | {"ratio": self.ratio, "met": self.met}


def figure(value: float | None, unit: str) -> str:
    """Format a figure with three digits, in ms if it is below a second.

    >>> figure(0.00234, "s"), figure(12.5, "s"), figure(174.2, "MB"), figure(0.0444, "")
    ('2.34 ms', '12.5 s', '174 MB', '0.0444')
    """
    if value is None:
        return ""
    if unit == "s" and value < 1:
        value, unit = 1e3 * value, "ms"
    return f"{digits(value)} {unit}".strip()


def digits(value: float) -> str:
    """Format a number with three digits, without an exponent.

    >>> [digits(value) for value in (0.0444, 1.5, 15.04, 1388.2)]
    ['0.0444', '1.5', '15', '1388']
    """
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def wish(row: Row) -> str:
    """Return the target and whether it is missed, or else which direction is better."""
    if row.wanted is None:
        return f"{row.better} is better"
    sign = "≥" if row.better == "higher" else "≤"
    return f"{sign} {digits(row.wanted)} ×{'  MISSED' if row.met is False else ''}"


def cells(row: Row) -> list[str]:
    """Return the cells of a row, one per column."""
    if row.skipped:
        return [row.what, row.against, "skipped", "", "", row.skipped]
    ratio = "" if row.ratio is None else f"{digits(row.ratio)} ×"
    figures = figure(row.ours, row.unit), figure(row.theirs, row.unit)
    return [row.what, row.against, *figures, ratio, wish(row)]


def markdown(rows: Sequence[Row]) -> str:
    """Return the table for docs/benchmarks.md."""
    head = ["| what | against | ours | theirs | ratio | wanted |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *(f"| {' | '.join(cells(row))} |" for row in rows)])


def show(
    rows: Sequence[Row],
    console: Console,
    title: str | None,
    then: Callable[[Row], str] | None = None,
) -> None:
    """Print the table, a line between groups; `then` fills a last column."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("what", "against"):
        table.add_column(name)
    for name in ("ours", "theirs", "ratio"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("wanted", no_wrap=True)
    if then:
        table.add_column("then")
    for row, after in pairwise([*rows, None]):
        assert row is not None
        table.add_row(
            *map(Text, [*cells(row), *([then(row)] if then else [])]),
            style="bold" if row.met is False else "dim" if row.skipped else "",
            end_section=after is not None and after.group != row.group,
        )
    console.print(table)
