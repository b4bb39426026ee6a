"""Run `strokeanim data download`: fetch drawings from the public QuickDraw bucket."""

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
            "--limit", min=1, help="Only the first N drawings, into NAME-first-N; not for npz."
        ),
    ] = None,
    dest: Annotated[
        Path, typer.Option("--dest", help="The folder to write to; created if missing.")
    ] = Path(),
    force: Annotated[
        bool, typer.Option("--force", help="Download again what is already there.")
    ] = False,
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url",
            help="Another URL with the bucket's folders; also STROKEANIM_QUICKDRAW_URL.",
        ),
    ] = None,
    json: _shared.Json = False,
) -> None:
    """Download QuickDraw drawings, with the attribution that their licence requires.

    Run the same command again to continue a download that was interrupted.

    Example: strokeanim data download mouth 'ice cream' --dest drawings
    """
    from strokeanim.datasets.quickdraw import download as fetch

    downloaded: list[Downloaded] = []

    def report(file: Downloaded) -> None:
        downloaded.append(file)
        checks = {"md5": "checksum verified", "size": "size verified, no checksum offered"}
        check = checks.get(file.verified, "first drawings only, not checksummed")
        _shared.echo(f"{file.file}: {file.status}, {_format_size(file.bytes)}, {check}")

    try:
        with _show_bars() as progress:
            fetch(classes, format, dest, limit, base_url, force, progress, report)
    except KeyboardInterrupt:
        if limit is None:
            _shared.echo(
                "What has arrived is kept; run the same command again to go on from there."
            )
        raise
    finally:
        # List the files that have arrived, even if another class failed.
        if json and downloaded:
            _shared.print_json([asdict(file) for file in downloaded])


@contextlib.contextmanager
def _show_bars() -> Iterator[Callable[[str, int, int | None], None] | None]:
    """Show a bar for each file on a terminal; yield the function to call with its progress."""
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

        def report(name: str, received: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=received, total=total)

        yield report


def _format_size(count: float) -> str:
    """Format a number of bytes with a unit.

    >>> _format_size(999), _format_size(123_456_789)
    ('999 B', '123.5 MB')
    """
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
