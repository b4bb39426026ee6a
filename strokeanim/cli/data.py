"""Run `strokeanim data`: download, generate, shard and describe drawings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strokeanim.cli import _shared
from strokeanim.cli.download import download
from strokeanim.cli.shard import shard
from strokeanim.errors import InputError

if TYPE_CHECKING:
    from strokeanim.datasets.info import Description, SplitCounts
    from strokeanim.geometry import Drawing

MAX_LISTED = 10
"""Number of drawings listed for each problem, at most."""

ON_SHEET = 80
"""Number of drawings on a contact sheet, at most."""

app = typer.Typer(
    help="Download or generate drawings, cut them into shards, and describe files.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


app.command()(download)
app.command()(shard)


@app.command()
def synth(
    out: Annotated[Path, typer.Option("--out", "-o", help="An .ndjson or .ndjson.gz file.")],
    count: Annotated[int, typer.Option("-n", min=1, help="Number of drawings in all.")] = 100,
    label: Annotated[
        list[str] | None,
        typer.Option("--class", help="mouth, nose, eye or ear; repeatable. By default all four."),
    ] = None,
    seed: _shared.Seed = 0,
) -> None:
    """Write synthetic drawings as QuickDraw ndjson, with the classes in turn.

    Example: strokeanim data synth -n 1000 --seed 7 --out faces.ndjson.gz
    """
    from strokeanim.datasets.synthetic import CLASSES, synthesise_many
    from strokeanim.io.ndjson import write_ndjson

    write_ndjson(synthesise_many(count, seed, label or CLASSES), out)
    _shared.echo(f"{count} drawings: {out}")


@app.command()
def info(
    source: Annotated[
        str,
        typer.Argument(help="file.ndjson, file.bin, file.npz, drawing.svg, sample:mouth, or -."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="A .png for a contact sheet with some drawings of each class."
        ),
    ] = None,
    split: Annotated[
        bool, typer.Option("--split", help="Also count the test, validation and training splits.")
    ] = False,
    other: Annotated[
        bool,
        typer.Option(
            "--other", help="Split as examples of other classes, with some classes held out."
        ),
    ] = False,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
    json: _shared.Json = False,
) -> None:
    """Count the drawings of a file, and list those with possible problems.

    Example: strokeanim data info mouths.ndjson --out sheet.png
    """
    from strokeanim.datasets.info import count_splits, describe

    if out is not None and out.suffix.lower() != ".png":
        raise InputError(f"{out}: the contact sheet is a picture; name a .png")
    with _shared.policy(allow, skip_bad) as policy:
        drawings = _shared.load_drawings(source, policy)
    description = describe(drawings)
    splits = count_splits(drawings, other) if split or other else None
    shown = _write_contact_sheet(drawings, out) if out is not None else 0
    if json:
        _shared.print_json(description.to_json() | (splits.to_json() if splits else {}))
        return
    _print_description(description)
    if splits:
        _print_splits(splits)
    if out is not None:
        _shared.echo(f"{out}: {shown} of {len(drawings)} drawings")


def _print_description(description: Description) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("class", "drawings", "points 10/50/90 %", "strokes 10/50/90 %", box=None)
    rows = {**description.classes, "all": description.total}
    for name, summary in rows.items():
        table.add_row(
            name or "(none)",
            str(summary.drawings),
            " / ".join(f"{value:.0f}" for value in summary.points or ()),
            " / ".join(f"{value:.0f}" for value in summary.strokes or ()),
        )
    Console().print(table)
    for name, indices in vars(description.problems).items():
        if indices:
            first = ", ".join(map(str, indices[:MAX_LISTED])) + (
                ", …" if len(indices) > MAX_LISTED else ""
            )
            typer.echo(f"{name.replace('_', ' ')}: {len(indices)} ({first})")


def _print_splits(splits: SplitCounts) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("class", *splits.parts, box=None)
    total = [str(sum(counts.values())) for counts in splits.parts.values()]
    for name in splits.classes:
        table.add_row(name, *(str(counts.get(name, 0)) for counts in splits.parts.values()))
    table.add_row("all", *total)
    table.add_row("classes", *(str(len(counts)) for counts in splits.parts.values()))
    Console().print(table)
    typer.echo(f"near-duplicates of another drawing: {splits.near_duplicates}")


def _write_contact_sheet(drawings: Sequence[Drawing], out: Path) -> int:
    """Draw some of each class in one size, with their indices; return the number of drawings."""
    from strokeanim.animation.animation import Animation
    from strokeanim.datasets.splits import balanced
    from strokeanim.geometry import Box
    from strokeanim.geometry.polylines import fit_to_box

    numbered = (
        drawing.with_label(drawing.label, str(index))
        for index, drawing in enumerate(drawings)
        if drawing.strokes
    )
    chosen = sorted(balanced(numbered, ON_SHEET), key=lambda d: (d.label, int(d.key)))
    if not chosen:
        raise InputError(f"no drawing has strokes; there is nothing to put on {out}")
    sheet = Animation.from_drawings(
        [fit_to_box(drawing, Box(0, 0, 255, 255)) for drawing in chosen],
        facts=[{"caption": f"{drawing.label} {drawing.key}".strip()} for drawing in chosen],
    )
    with _shared.divert_stdout():
        sheet.save(out, "sheet", layout="contact", size=128)
    return len(chosen)
