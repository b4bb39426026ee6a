"""`strokeanim data`: synthetic drawings, and what is in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from strokeanim.cli import _shared

app = typer.Typer(
    help="Make drawings; see what is in a file.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def synth(
    out: Annotated[Path, typer.Option("--out", "-o", help="An .ndjson or .ndjson.gz file.")],
    count: Annotated[int, typer.Option("-n", min=1, help="How many drawings in all.")] = 100,
    label: Annotated[
        list[str] | None,
        typer.Option("--class", help="mouth, nose, eye or ear; repeatable. All four by default."),
    ] = None,
    seed: _shared.Seed = 0,
) -> None:
    """Write synthetic drawings as QuickDraw ndjson, the classes taking turns.

    Example: strokeanim data synth -n 1000 --seed 7 --out faces.ndjson.gz
    """
    from strokeanim.data.ndjson import write_ndjson
    from strokeanim.data.synth import CLASSES, synthesise_many

    write_ndjson(synthesise_many(count, seed, label or CLASSES), out)
    _shared.say(f"{count} drawings: {out}")


@app.command()
def info(
    source: Annotated[str, typer.Argument(help="file.ndjson, file.npz, sample:mouth, or -.")],
    json: _shared.Json = False,
) -> None:
    """Count the drawings of a file and say what could be wrong with them.

    Example: strokeanim data info mouths.ndjson --json
    """
    from strokeanim.data.info import describe

    description = describe(_shared.load_drawings(source))
    if json:
        _shared.print_json(description.to_json())
        return
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
    for name, found in vars(description.problems).items():
        if found:
            typer.echo(f"{name.replace('_', ' ')}: {len(found)}")
