"""Run `strokeanim data shard`: cut drawings that exceed the memory into shards for training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strokeanim.cli import _shared

if TYPE_CHECKING:
    from strokeanim.geometry import Drawing


def shard(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE…", help="Files of drawings, of any classes.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder to create; it must not exist yet.")
    ],
    size: Annotated[int, typer.Option(min=1, help="Drawings per shard, at most.")] = 10_000,
    valid: Annotated[
        int,
        typer.Option(min=0, help="Drawings per class held out to select weights; a sixth at most."),
    ] = 2500,
    test: Annotated[
        int, typer.Option(min=0, help="Drawings per class held out to evaluate; a third at most.")
    ] = 2500,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
) -> None:
    """Cut drawings into shards for training, which loads one shard of each class at a time.

    Example: strokeanim data shard mouths.ndjson quickdraw.ndjson --out shards
    """
    from strokeanim.datasets.shard_writer import write_shards
    from strokeanim.io.sources import stream

    total = empty = 0
    with _shared.policy(allow, skip_bad) as policy:

        def read() -> Iterator[Drawing]:
            nonlocal total, empty
            for source in sources:
                for item in stream(source, policy.limits, policy.on_bad):
                    drawing = _shared.require_strokes(item, source)
                    total, empty = total + 1, empty + (not drawing.strokes)
                    yield drawing

        index = write_shards(read(), out, size, valid, test)
    counts = {
        part: [entry["count"] for parts in index["classes"].values() for entry in parts[part]]
        for part in ("train", "valid", "test")
    }
    repeats = total - empty - sum(map(sum, counts.values()))
    if repeats or empty:
        _shared.echo(f"left out {repeats} repeat{'s'[: repeats != 1]} and {empty} without strokes")
    _shared.echo(
        f"{out}: {sum(counts['train'])} drawings of {len(index['classes'])} classes in "
        f"{len(counts['train'])} shards; {sum(counts['valid'])} validate, "
        f"{sum(counts['test'])} test"
    )
