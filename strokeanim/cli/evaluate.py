"""`strokeanim evaluate`: how good a model is, in figures that others can repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strokeanim.cli import _shared
from strokeanim.errors import InputError, MissingDependencyError

if TYPE_CHECKING:
    from strokeanim.evaluation.evaluate import Evaluation
    from strokeanim.evaluation.held_out import HeldOut
    from strokeanim.io.limits import ReadPolicy

SUFFIXES = (".html", ".json")


def evaluate(
    data: Annotated[
        list[str] | None,
        typer.Option("--data", help="Real drawings; synthetic ones if not given. Repeatable."),
    ] = None,
    split: Annotated[
        str, typer.Option("--split", help="Of the real drawings: test, valid or train.")
    ] = "test",
    model: _shared.Model = "faces",
    judge: Annotated[
        str, typer.Option("--judge", help="A classifier's folder, or a bundled one.")
    ] = "judge",
    steps: Annotated[int, typer.Option("--steps", min=1, help="In-betweens of a pair.")] = 10,
    seed: _shared.Seed = 0,
    original: Annotated[
        bool,
        typer.Option("--original", help="Repeat the experiment strokeanim grows from as well."),
    ] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option("--out", "-o", help="report.html or report.json. Repeatable."),
    ] = None,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
    json: _shared.Json = False,
) -> None:
    """Measure a model: reconstructions, in-betweens, latents, new drawings; 95 % intervals.

    Example: strokeanim evaluate --data quickdraw.ndjson.gz --out report.html
    """
    from strokeanim.engine.classifier import load_classifier

    codec = _shared.codec(model)
    outs = _checked(out or ())
    classifier = load_classifier(judge)
    with _shared.policy(allow, skip_bad) as policy:
        held_out = _held_out(data or (), split, codec.classes, policy)
    try:
        from strokeanim.evaluation import evaluate, page, report
        from strokeanim.evaluation import replication as experiment
    except ImportError as error:
        raise MissingDependencyError(
            f"evaluation needs {error.name}: pip install 'strokeanim[analysis]'"
        ) from error
    if original:
        experiment.check_replicable(codec, held_out)
    count = evaluate.stages(codec.classes)
    count += experiment.stages(codec.classes) if original else 0
    with _progress(count) as tell:
        found = evaluate.evaluate(codec, classifier, held_out, seed=seed, steps=steps, report=tell)
        repeated = (
            experiment.replicate(codec, classifier, held_out, seed=seed, report=tell)
            if original
            else None
        )
    makers = {".json": report.as_json, ".html": page.as_html}
    _write(outs, lambda suffix: makers[suffix](found, repeated))
    if json:
        typer.echo(report.as_json(found, repeated), nl=False)
        return
    _print(found)
    for line in [*report.notes(found), *(report.describe_claims(repeated) if repeated else ())]:
        typer.echo(line)
    if outs:
        _shared.echo(", ".join(map(str, outs)))


def _checked(out: list[Path] | tuple[()]) -> list[Path]:
    """Minutes of work are not begun for a file that can't be written."""
    from strokeanim.io.atomic_files import check_destination

    for path in out:
        if path.suffix not in SUFFIXES:
            raise InputError(f"{path}: name a .html for the report, or .json for the figures")
        check_destination(path)
    if len(set(out)) < len(out):
        raise InputError("an output is named twice; give each --out another name")
    return list(out)


def _held_out(
    data: list[str] | tuple[()], split: str, classes: tuple[str, ...], policy: ReadPolicy
) -> HeldOut:
    from strokeanim.evaluation.held_out import real_drawings, synthetic_drawings

    if data:
        files = {source: _shared.load_drawings(source, policy) for source in data}
        return real_drawings(files, classes, split)
    if split != "test":
        raise InputError(f"synthetic drawings have no split {split!r}; name real ones with --data")
    return synthetic_drawings(classes)


def _write(outs: list[Path], text: Callable[[str], str]) -> None:
    """`text` makes what belongs into a file with that suffix: a page only if one is asked for."""
    from strokeanim.io.atomic_files import staging

    with staging() as staged:
        for path in outs:
            with staged.open(path) as sink:
                sink.write(text(path.suffix).encode())


def _print(found: Evaluation) -> None:
    from itertools import groupby

    from rich.console import Console
    from rich.table import Table

    from strokeanim.evaluation.baselines import COHERENT, INDEPENDENT
    from strokeanim.evaluation.table import compared, rows

    console, classes = Console(), list(found.data["drawings"])
    for section, some in groupby(rows(found), key=lambda row: row.section):
        if section and not any(f", {way}, " in section for way in (COHERENT, INDEPENDENT)):
            continue  # the others are below, side by side
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))  # 80 columns
        table.add_column("", min_width=23)
        table.add_column("mean of classes", min_width=21)
        for label in classes:
            table.add_column(label, min_width=6, justify="right")
        for row in some:
            table.add_row(
                row.title,
                row.mean().replace("[", r"\["),
                *map(row.short, classes),
            )
        if section:
            console.print(f"\n{section}", markup=False, highlight=False)
        console.print(table)
    for section, lines in compared(found):
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
        table.add_column("", min_width=21)
        for way in found.ways:
            table.add_column(way, justify="right")
        table.add_column("coherent − independent", min_width=21)
        for line in lines:
            cells = [line.ways.get(way, "") for way in found.ways]
            table.add_row(line.title, *cells, line.difference.replace("[", r"\["))
        console.print(f"\nmean of classes, {section}", markup=False, highlight=False)
        console.print(table)
    console.print()


@contextmanager
def _progress(count: int) -> Iterator[Callable[[str], None]]:
    """A bar of `count` stages where someone watches; else silence."""
    if not _shared.interactive():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=count)
        yield lambda stage: progress.update(task, advance=1, description=stage)
