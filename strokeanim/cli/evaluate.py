"""Run `strokeanim evaluate`: measure a model in reproducible figures."""

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
"""Extensions that `--out` may have."""


def evaluate(
    data: Annotated[
        list[str] | None,
        typer.Option("--data", help="Real drawings; synthetic ones if not given. Repeatable."),
    ] = None,
    split: Annotated[
        str, typer.Option("--split", help="Split of the real drawings: test, valid or train.")
    ] = "test",
    model: _shared.Model = "faces",
    judge: Annotated[
        str, typer.Option("--judge", help="A classifier: a folder, or a bundled one.")
    ] = "judge",
    steps: Annotated[
        int, typer.Option("--steps", min=1, help="Number of in-betweens of a pair.")
    ] = 10,
    seed: _shared.Seed = 0,
    original: Annotated[
        bool,
        typer.Option("--original", help="Also repeat the experiment that strokeanim grew out of."),
    ] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option("--out", "-o", help="report.html or report.json. Repeatable."),
    ] = None,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
    json: _shared.Json = False,
) -> None:
    """Measure a model with 95 % intervals: reconstructions, in-betweens, latents, new drawings.

    Example: strokeanim evaluate --data quickdraw.ndjson.gz --out report.html
    """
    from strokeanim.engine.classifier import load_classifier

    codec = _shared.load_codec(model)
    outs = _check_outputs(out or ())
    classifier = load_classifier(judge)
    with _shared.policy(allow, skip_bad) as policy:
        held_out = _load_held_out(data or (), split, codec.classes, policy)
    try:
        from strokeanim.evaluation import evaluate, page, replication, report
    except ImportError as error:
        raise MissingDependencyError(
            f"evaluation needs {error.name}: pip install 'strokeanim[analysis]'"
        ) from error
    if original:
        replication.check_replicable(codec, held_out)
    count = evaluate.stages(codec.classes)
    count += replication.stages(codec.classes) if original else 0
    with _show_progress(count) as progress:
        evaluation = evaluate.evaluate(
            codec, classifier, held_out, seed=seed, steps=steps, report=progress
        )
        replicated = (
            replication.replicate(codec, classifier, held_out, seed=seed, report=progress)
            if original
            else None
        )
    formatters = {".json": report.as_json, ".html": page.as_html}
    _write(outs, lambda suffix: formatters[suffix](evaluation, replicated))
    if json:
        typer.echo(report.as_json(evaluation, replicated), nl=False)
        return
    _print_tables(evaluation)
    notes = report.notes(evaluation)
    for line in [*notes, *(report.describe_claims(replicated) if replicated else ())]:
        typer.echo(line)
    if outs:
        _shared.echo(", ".join(map(str, outs)))


def _check_outputs(out: list[Path] | tuple[()]) -> list[Path]:
    """Check that the outputs can be written, before minutes of work, and return them as a list."""
    from strokeanim.io.atomic_files import check_destination

    for path in out:
        if path.suffix not in SUFFIXES:
            raise InputError(f"{path}: name a .html for the report, or .json for the figures")
        check_destination(path)
    if len(set(out)) < len(out):
        raise InputError("an output is named twice; give each --out another name")
    return list(out)


def _load_held_out(
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
    """Write the outputs; `text` formats one by its suffix, so that no unused page is formatted."""
    from strokeanim.io.atomic_files import staging

    with staging() as staged:
        for path in outs:
            with staged.open(path) as sink:
                sink.write(text(path.suffix).encode())


def _print_tables(evaluation: Evaluation) -> None:
    from itertools import groupby

    from rich.console import Console
    from rich.table import Table

    from strokeanim.evaluation.baselines import COHERENT, INDEPENDENT
    from strokeanim.evaluation.table import compare_methods, rows

    console, classes = Console(), list(evaluation.data["drawings"])
    for section, section_rows in groupby(rows(evaluation), key=lambda row: row.section):
        if section and not any(f", {method}, " in section for method in (COHERENT, INDEPENDENT)):
            continue  # the other methods are compared below
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))  # fits into 80 columns
        table.add_column("", min_width=23)
        table.add_column("mean of classes", min_width=21)
        for label in classes:
            table.add_column(label, min_width=6, justify="right")
        for row in section_rows:
            table.add_row(
                row.title,
                row.format_mean().replace("[", r"\["),
                *map(row.format_class_value, classes),
            )
        if section:
            console.print(f"\n{section}", markup=False, highlight=False)
        console.print(table)
    for section, lines in compare_methods(evaluation):
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
        table.add_column("", min_width=21)
        for method in evaluation.methods:
            table.add_column(method, justify="right")
        table.add_column("coherent − independent", min_width=21)
        for line in lines:
            cells = [line.methods.get(method, "") for method in evaluation.methods]
            table.add_row(line.title, *cells, line.difference.replace("[", r"\["))
        console.print(f"\nmean of classes, {section}", markup=False, highlight=False)
        console.print(table)
    console.print()


@contextmanager
def _show_progress(count: int) -> Iterator[Callable[[str], None]]:
    """Show a bar of `count` stages on a terminal; yield the function to call with each stage."""
    if not _shared.interactive():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=count)
        yield lambda stage: progress.update(task, advance=1, description=stage)
