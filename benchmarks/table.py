"""A row of the table, and the table on a terminal: what, against what, how much, how much wanted.

All figures are of the kind of which less is better: seconds, MB, kB, ink lost. What a row says is
the ratio; figures are told so that one can see what it is a ratio of.
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
"""Of the table where nobody says how wide the terminal is, characters."""


@dataclass(frozen=True)
class Row:
    """One measurement, or what is known of it before it is made.

    Attributes:
        group: which it belongs to, for `--only`.
        what: is measured of strokeanim.
        against: what one would take instead, or what is allowed.
        unit: of both figures: s, MB, kB, or "" for numbers.
        better: "higher" if the ratio is theirs to ours, as for *times as fast*; "lower" if it is
            ours to theirs, as for a price.
        wanted: of the ratio, at least or at most; None if nothing is.
        ours, theirs: the figures; None until they are measured.
        noise: the median of the runs over their best, of whichever of both was less steady.
        skipped: why the row can't be had.
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
        """What tells it from other rows, in other runs as well."""
        return self.what, self.against

    @property
    def ratio(self) -> float | None:
        """None if it was skipped."""
        if self.ours is None or self.theirs is None:
            return None
        over, under = self.theirs, self.ours
        if self.better == "lower":
            over, under = under, over
        return over / under if under else None

    @property
    def met(self) -> bool | None:
        """Whether what is wanted is reached; None if nothing is wanted or known."""
        if self.wanted is None or self.ratio is None:
            return None
        return self.ratio >= self.wanted if self.better == "higher" else self.ratio <= self.wanted

    def found(self, ours: float, theirs: float | None = None, noise: float | None = None) -> Row:
        """With its figures; what is allowed is there already."""
        return replace(
            self, ours=ours, theirs=self.theirs if theirs is None else theirs, noise=noise
        )

    def skip(self, why: str) -> Row:
        """Without figures, which it says."""
        return replace(self, ours=None, theirs=None, skipped=why)

    def record(self) -> dict[str, object]:
        """For JSON: its fields, the ratio, and whether it is met."""
        return asdict(self) | {"ratio": self.ratio, "met": self.met}


def figure(value: float | None, unit: str) -> str:
    """Three digits, and ms for what is short.

    >>> figure(0.00234, "s"), figure(12.5, "s"), figure(174.2, "MB"), figure(0.0444, "")
    ('2.34 ms', '12.5 s', '174 MB', '0.0444')
    """
    if value is None:
        return ""
    if unit == "s" and value < 1:
        value, unit = 1e3 * value, "ms"
    return f"{digits(value)} {unit}".strip()


def digits(value: float) -> str:
    """Three of them, without an exponent.

    >>> [digits(value) for value in (0.0444, 1.5, 15.04, 1388.2)]
    ['0.0444', '1.5', '15', '1388']
    """
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def wish(row: Row) -> str:
    """What is wanted of the ratio, and whether it is missed; or at least which way is better."""
    if row.wanted is None:
        return f"{row.better} is better"
    sign = "≥" if row.better == "higher" else "≤"
    return f"{sign} {digits(row.wanted)} ×{'  MISSED' if row.met is False else ''}"


def cells(row: Row) -> list[str]:
    """One for each column."""
    if row.skipped:
        return [row.what, row.against, "skipped", "", "", row.skipped]
    ratio = "" if row.ratio is None else f"{digits(row.ratio)} ×"
    figures = figure(row.ours, row.unit), figure(row.theirs, row.unit)
    return [row.what, row.against, *figures, ratio, wish(row)]


def markdown(rows: Sequence[Row]) -> str:
    """The table for the page about the benchmarks."""
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
