"""`strokeanim data download`: drawings from the public QuickDraw bucket."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strokeanim.cli import _shared

if TYPE_CHECKING:
    from strokeanim.datasets.quickdraw import Downloaded


def download(
    classes: Annotated[
        list[str], typer.Argument(metavar="CLASS…", help="mouth, 'ice cream', …; one or more.")
    ],
    format: Annotated[  # noqa: A002
        str,
        typer.Option(
            "--format",
            help="simplified or raw (.ndjson), bin (.bin), or npz (sketch-rnn's .npz).",
        ),
    ] = "simplified",
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", min=1, help="Only the first drawings, into NAME-first-N; not for npz."
        ),
    ] = None,
    dest: Annotated[
        Path, typer.Option("--dest", help="The folder to write to; made if there is none.")
    ] = Path(),
    force: Annotated[
        bool, typer.Option("--force", help="Download anew what is here already.")
    ] = False,
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url",
            help="Another place with the bucket's folders; also STROKEANIM_QUICKDRAW_URL.",
        ),
    ] = None,
    json: _shared.Json = False,
) -> None:
    """Download QuickDraw drawings, with the credit that their licence asks for.

    What was cut short goes on where it stopped when the same command is run again.

    Example: strokeanim data download mouth 'ice cream' --dest drawings
    """
    from strokeanim.datasets.quickdraw import download as fetch

    found: list[Downloaded] = []

    def done(one: Downloaded) -> None:
        found.append(one)
        checks = {"md5": "checksum verified", "size": "size verified, no checksum offered"}
        told = checks.get(one.verified, "first drawings only, not checksummed")
        _shared.echo(f"{one.file}: {one.status}, {_size(one.bytes)}, {told}")

    try:
        with _bars() as progress:
            fetch(classes, format, dest, limit, base_url, force, progress, done)
    except KeyboardInterrupt:
        if limit is None:
            _shared.echo(
                "What has arrived is kept; run the same command again to go on from there."
            )
        raise
    finally:
        # What is here is here, even if another class failed.
        if json and found:
            _shared.print_json([asdict(one) for one in found])


@contextlib.contextmanager
def _bars() -> Iterator[Callable[[str, int, int | None], None] | None]:
    """A bar for each file, if someone watches."""
    if not _shared.interactive():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def report(name: str, here: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=here, total=total)

        yield report


def _size(count: float) -> str:
    """Bytes for people.

    >>> _size(999), _size(123_456_789)
    ('999 B', '123.5 MB')
    """
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
