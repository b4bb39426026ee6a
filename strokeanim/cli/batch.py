"""`strokeanim batch`: many animations, by the processes of a Dask cluster."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from strokeanim.cli import _shared
from strokeanim.errors import InputError

if TYPE_CHECKING:
    from strokeanim.batch import Event, Job, Summary
    from strokeanim.engine import Engine
    from strokeanim.io.limits import ReadPolicy

TEMPLATE_OF_PAIRS = "{label}/{key}-{to}.svg"
SHOWN = 10
"""Failures that are told of at the end."""


def batch(
    out: Annotated[
        str,
        typer.Option("--out", "-o", help="The folder of all outputs, or a URL such as s3://a/b."),
    ],
    manifest: Annotated[
        str | None,
        typer.Argument(
            help="CSV, JSON lines or TOML, one job a line: a source, options, outputs. - for stdin."
        ),
    ] = None,
    pairs: Annotated[
        str | None,
        typer.Option("--pairs", metavar="SOURCE", help="Instead: random pairs of these drawings."),
    ] = None,
    per_class: Annotated[
        int, typer.Option("--per-class", min=1, help="With --pairs: so many of each class.")
    ] = 10,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="With --pairs: decides which ones.")
    ] = 0,
    template: Annotated[
        str | None,
        typer.Option(
            "--template",
            help="Outputs of jobs that name none, in --out: {label}, {key}, {to}, {stem}, {name},"
            " {line}, and options such as {seed}.",
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="COLUMN=VALUE",
            help="What jobs get that say nothing of it. Repeatable.",
        ),
    ] = None,
    model: _shared.Model = "faces",
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=0, help="Processes; one per core if not given, 0 for this one alone."
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="ADDRESS", help="A running Dask cluster, tcp://host:8786."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Do also what is done.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, and do nothing.")
    ] = False,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print events on stdout, one JSON object a line.")
    ] = False,
) -> None:
    """Make many animations: those of a manifest, or of random pairs.

    The same command again does what is missing, has changed, or failed. Columns of a manifest are
    source, out, name, renderer, options, coherence, and the options of `animate`.

    Example: strokeanim batch --pairs quickdraw.ndjson --per-class 2 --out pairs --workers 0
    """
    from strokeanim.engine import load_model

    if (manifest is None) == (pairs is None):
        raise InputError("name a MANIFEST, or drawings with --pairs; one of the two")
    if scheduler is not None and workers is not None:
        raise InputError("--workers are processes here, and --scheduler has its own; leave out one")
    codec = cache(partial(load_model, model))
    codec()  # a model that is not there is found out before drawings are read
    with _shared.policy(allow, skip_bad) as policy:
        jobs = _planned(manifest, pairs, per_class, seed, out, template, setting, codec, policy)
    if dry_run:
        _shared.echo(f"{len(jobs)} job{'s'[: len(jobs) != 1]}, nothing wrong with them")
        return
    from strokeanim.batch import run

    with _until_told() as told, _reporting(len(jobs), json, told) as report:
        summary = run(
            jobs, out, model=model, workers=workers, scheduler=scheduler, force=force, report=report
        )
    _tell(summary)
    if summary.failed:
        raise typer.Exit(1)


def _planned(
    manifest: str | None,
    pairs: str | None,
    per_class: int,
    seed: int,
    out: str,
    template: str | None,
    setting: Sequence[str] | None,
    codec: Callable[[], Engine],
    policy: ReadPolicy,
) -> list[Job]:
    from strokeanim.batch.manifest import beside, random_pairs, read_manifest
    from strokeanim.batch.planning import COLUMNS, TEMPLATE, plan
    from strokeanim.batch.store import open_store
    from strokeanim.params import parse_pairs as settings

    defaults: dict[str, Any] = settings(setting or ())
    unknown = defaults.keys() - set(COLUMNS)
    if unknown:
        raise InputError(
            f"--set: there is no column {min(unknown)!r}; there are {', '.join(COLUMNS)}"
        )
    where: Callable[[str], str]
    open_store(out)  # that it can't be reached at all is found out before drawings are read
    if pairs is not None:
        entries = random_pairs(pairs, per_class, seed, policy)
        name, where, usual = f"--pairs {pairs}, pair", str, TEMPLATE_OF_PAIRS
    else:
        entries = read_manifest(str(manifest), policy.limits)
        name, where, usual = str(manifest), partial(beside, str(manifest)), TEMPLATE
        if manifest == "-":
            name, where = "standard input", str
    return plan(
        entries, out, codec, name=name, template=template or usual, defaults=defaults,
        beside=where, policy=policy,
    )  # fmt: skip


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """A polite end, SIGTERM, is what Ctrl-C is. The event is set when either has come.

    For the exception is lost if it comes where Python ignores exceptions, as while an object is
    deleted.
    """
    told = threading.Event()

    def end(*_: object) -> None:
        told.set()
        raise KeyboardInterrupt

    ends = signal.SIGINT, signal.SIGTERM
    before = [signal.signal(each, end) for each in ends]
    try:
        yield told
    finally:
        for each, handler in zip(ends, before, strict=True):
            signal.signal(each, handler)


@contextmanager
def _reporting(
    jobs: int, as_json: bool, told: threading.Event
) -> Iterator[Callable[[Event], None]]:
    """What is told while it runs: events, a bar, or little; and what has failed, at the end."""
    import json

    from strokeanim.cli._progress import jobs_bar

    failed: list[tuple[int, str]] = []
    begun = False
    with (
        _own_stdout() as stdout,
        jobs_bar(jobs, hidden=as_json or not _shared.interactive()) as advance,
    ):

        def report(event: Event) -> None:
            nonlocal begun
            facts = event.facts
            if told.is_set() and event.kind != "end":
                raise KeyboardInterrupt
            if as_json:
                print(json.dumps({"event": event.kind, **facts}), file=stdout, flush=True)
            match event.kind:
                case "plan":
                    advance(facts["up_to_date"])
                case "cluster":
                    begun = True
                    count, page = facts["workers"], facts.get("dashboard")
                    watched = f", to be watched at {page}" if page else ""
                    _shared.echo(
                        f"{count} worker{'s'[: count != 1]} at {facts['scheduler']}{watched}"
                    )
                case "done":
                    advance(1)
                case "failed":
                    advance(1)
                    failed.append((facts["line"], facts["error"]))
                case "end":
                    _tell_failures(failed)
                    left = facts["left"]
                    if left and begun:
                        _shared.echo(
                            f"stopped with {left} job{'s'[: left != 1]} to go; "
                            "the same command goes on"
                        )

        yield report


@contextmanager
def _own_stdout() -> Iterator[TextIO]:
    """Standard output as it is now, also while plugins have it diverted in this process."""
    try:
        descriptor = os.dup(sys.stdout.fileno())
    except (OSError, ValueError):  # it is no file
        yield sys.stdout
        return
    with os.fdopen(descriptor, "w", encoding="utf-8") as stdout:
        yield stdout


def _tell_failures(failed: list[tuple[int, str]]) -> None:
    for line, error in sorted(failed)[:SHOWN]:
        _shared.echo(f"line {line}: {error}")
    if len(failed) > SHOWN:
        _shared.echo(f"… and {len(failed) - SHOWN} more failed")


def _tell(summary: Summary) -> None:
    """A table on stderr."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("", "done", "up to date", "failed", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for label, row in sorted(summary.classes.items()):
        table.add_row(Text(label or "(no class)"), *(str(count) for count in row.values()))
    if len(summary.classes) > 1:
        totals = (summary.total(what) for what in ("done", "up_to_date", "failed"))
        table.add_row("all", *map(str, totals))
    Console(stderr=True, highlight=False).print(table)
    done = summary.total("done")
    rate = f", {done / summary.seconds:.1f} a second" if done and summary.seconds else ""
    _shared.echo(f"{done} done in {summary.seconds:.1f} s{rate}")
