"""`strokeanim data shard`: drawings that are more than memory holds, cut for training."""

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
    out: Annotated[Path, typer.Option("--out", "-o", help="A folder that is not there yet.")],
    size: Annotated[int, typer.Option(min=1, help="Drawings of a shard, at most.")] = 10_000,
    valid: Annotated[
        int, typer.Option(min=0, help="Of each class, held out to choose weights; a sixth at most.")
    ] = 2500,
    test: Annotated[
        int, typer.Option(min=0, help="Of each class, held out to measure; a third at most.")
    ] = 2500,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
) -> None:
    """Cut drawings into shards for training, which holds one of each class at a time.

    Example: strokeanim data shard mouths.ndjson quickdraw.ndjson --out shards
    """
    from strokeanim.datasets.shard_writer import write_shards
    from strokeanim.io.sources import stream

    seen = empty = 0
    with _shared.policy(allow, skip_bad) as policy:

        def found() -> Iterator[Drawing]:
            nonlocal seen, empty
            for source in sources:
                for one in stream(source, policy.limits, policy.on_bad):
                    drawing = _shared.only_strokes(one, source)
                    seen, empty = seen + 1, empty + (not drawing.strokes)
                    yield drawing

        index = write_shards(found(), out, size, valid, test)
    counts = {
        part: [entry["count"] for parts in index["classes"].values() for entry in parts[part]]
        for part in ("train", "valid", "test")
    }
    repeats = seen - empty - sum(map(sum, counts.values()))
    if repeats or empty:
        _shared.echo(f"left out {repeats} repeat{'s'[: repeats != 1]} and {empty} without strokes")
    _shared.echo(
        f"{out}: {sum(counts['train'])} drawings of {len(index['classes'])} classes in "
        f"{len(counts['train'])} shards; {sum(counts['valid'])} validate, "
        f"{sum(counts['test'])} test"
    )
