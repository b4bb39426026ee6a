"""`strokeanim plugins`: which renderers are there."""

from __future__ import annotations

import typer

from strokeanim.cli import _shared

app = typer.Typer(
    help="The renderers that are installed.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def _group() -> None:
    """Keep `list` a subcommand, though it is the only one."""


@app.command("list")
def list_(json: _shared.Json = False) -> None:
    """List the renderers with the distribution each comes from. Imports none of them.

    Example: strokeanim plugins list
    """
    from strokeanim.render import registry

    rows = [
        {
            "name": one.name,
            "distribution": one.distribution,
            "version": one.version,
            "value": one.value,
        }
        for one in registry.available()
    ]
    if json:
        _shared.print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['name']:14} {row['distribution']} {row['version']}  {row['value']}")
