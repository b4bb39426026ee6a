"""Run `strokeanim batch`: make many animations with the processes of a Dask cluster."""

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
"""Default output of the jobs of `--pairs`, below `--out`."""

SHOWN = 10
"""Number of failures listed at the end, at most."""


def batch(
    out: Annotated[
        str,
        typer.Option("--out", "-o", help="The folder for all outputs, or a URL such as s3://a/b."),
    ],
    manifest: Annotated[
        str | None,
        typer.Argument(
            help="CSV, JSON lines or TOML, one job per line: source, options, outputs. - for stdin."
        ),
    ] = None,
    pairs: Annotated[
        str | None,
        typer.Option(
            "--pairs",
            metavar="SOURCE",
            help="Instead of a manifest: random pairs of these drawings.",
        ),
    ] = None,
    per_class: Annotated[
        int,
        typer.Option("--per-class", min=1, help="With --pairs: the number of pairs of each class."),
    ] = 10,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="With --pairs: the seed of the random pairs.")
    ] = 0,
    template: Annotated[
        str | None,
        typer.Option(
            "--template",
            help="Outputs, in --out, of jobs that name none: {label}, {key}, {to}, {stem}, {name},"
            " {line}, and options such as {seed}.",
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="COLUMN=VALUE",
            help="Default of a column, for jobs that leave it empty. Repeatable.",
        ),
    ] = None,
    model: _shared.Model = "faces",
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=0, help="Processes; by default one per core; 0 for this process alone."
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="The address of a running Dask cluster, tcp://host:8786.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Repeat jobs that are done, too.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check all jobs without running them.")
    ] = False,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print events to stdout, one JSON object per line.")
    ] = False,
) -> None:
    """Make many animations: those of a manifest, or of random pairs.

    Run the same command again to do jobs that are missing, have changed, or have failed. The
    columns of a manifest are source, out, name, renderer, options, coherence, and the options of
    `animate`.

    Example: strokeanim batch --pairs quickdraw.ndjson --per-class 2 --out pairs --workers 0
    """
    from strokeanim.engine import load_model

    if (manifest is None) == (pairs is None):
        raise InputError("name a MANIFEST, or drawings with --pairs; one of the two")
    if scheduler is not None and workers is not None:
        raise InputError("--workers are processes here, and --scheduler has its own; leave out one")
    codec = cache(partial(load_model, model))
    codec()  # fail on a missing model before drawings are read
    with _shared.policy(allow, skip_bad) as policy:
        jobs = _plan_jobs(manifest, pairs, per_class, seed, out, template, setting, codec, policy)
    if dry_run:
        _shared.echo(f"{len(jobs)} job{'s'[: len(jobs) != 1]}, nothing wrong with them")
        return
    from strokeanim.batch import run

    with _handle_signals() as interrupted, _report_events(len(jobs), json, interrupted) as report:
        summary = run(
            jobs, out, model=model, workers=workers, scheduler=scheduler, force=force, report=report
        )
    _print_summary(summary)
    if summary.failed:
        raise typer.Exit(1)


def _plan_jobs(
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
    from strokeanim.batch.manifest import random_pairs, read_manifest, resolve_relative
    from strokeanim.batch.planning import COLUMNS, TEMPLATE, plan
    from strokeanim.batch.store import open_store
    from strokeanim.params import parse_pairs

    defaults: dict[str, Any] = parse_pairs(setting or ())
    unknown = defaults.keys() - set(COLUMNS)
    if unknown:
        raise InputError(
            f"--set: there is no column {min(unknown)!r}; there are {', '.join(COLUMNS)}"
        )
    resolve: Callable[[str], str]
    open_store(out)  # fail on an unreachable store before drawings are read
    if pairs is not None:
        entries = random_pairs(pairs, per_class, seed, policy)
        name, resolve, default = f"--pairs {pairs}, pair", str, TEMPLATE_OF_PAIRS
    else:
        entries = read_manifest(str(manifest), policy.limits)
        name, resolve, default = str(manifest), partial(resolve_relative, str(manifest)), TEMPLATE
        if manifest == "-":
            name, resolve = "standard input", str
    return plan(
        entries, out, codec, name=name, template=template or default, defaults=defaults,
        beside=resolve, policy=policy,
    )  # fmt: skip


@contextmanager
def _handle_signals() -> Iterator[threading.Event]:
    """Raise KeyboardInterrupt on SIGTERM as on Ctrl-C; yield an event that either also sets.

    The event is needed because the exception is lost where Python ignores exceptions, as during
    the deletion of an object.
    """
    interrupted = threading.Event()

    def interrupt(*_: object) -> None:
        interrupted.set()
        raise KeyboardInterrupt

    signals = signal.SIGINT, signal.SIGTERM
    handlers = [signal.signal(number, interrupt) for number in signals]
    try:
        yield interrupted
    finally:
        for number, handler in zip(signals, handlers, strict=True):
            signal.signal(number, handler)


@contextmanager
def _report_events(
    jobs: int, as_json: bool, interrupted: threading.Event
) -> Iterator[Callable[[Event], None]]:
    """Print events as JSON or show a bar; list the failures at the end.

    Yields:
        The function to call with each event; it raises KeyboardInterrupt if `interrupted` is set.
    """
    import json

    from strokeanim.cli._progress import jobs_bar

    failed: list[tuple[int, str]] = []
    started = False
    with (
        _duplicate_stdout() as stdout,
        jobs_bar(jobs, hidden=as_json or not _shared.interactive()) as advance,
    ):

        def report(event: Event) -> None:
            nonlocal started
            facts = event.facts
            if interrupted.is_set() and event.kind != "end":
                raise KeyboardInterrupt
            if as_json:
                print(json.dumps({"event": event.kind, **facts}), file=stdout, flush=True)
            match event.kind:
                case "plan":
                    advance(facts["up_to_date"])
                case "cluster":
                    started = True
                    count, dashboard = facts["workers"], facts.get("dashboard")
                    note = f", to be watched at {dashboard}" if dashboard else ""
                    _shared.echo(f"{count} worker{'s'[: count != 1]} at {facts['scheduler']}{note}")
                case "done":
                    advance(1)
                case "failed":
                    advance(1)
                    failed.append((facts["line"], facts["error"]))
                case "end":
                    _print_failures(failed)
                    left = facts["left"]
                    if left and started:
                        _shared.echo(
                            f"stopped with {left} job{'s'[: left != 1]} to go; "
                            "the same command goes on"
                        )

        yield report


@contextmanager
def _duplicate_stdout() -> Iterator[TextIO]:
    """Yield a duplicate of stdout, which stays in place while plugins have stdout diverted."""
    try:
        descriptor = os.dup(sys.stdout.fileno())
    except (OSError, ValueError):  # stdout is not a file
        yield sys.stdout
        return
    with os.fdopen(descriptor, "w", encoding="utf-8") as stdout:
        yield stdout


def _print_failures(failed: list[tuple[int, str]]) -> None:
    for line, error in sorted(failed)[:SHOWN]:
        _shared.echo(f"line {line}: {error}")
    if len(failed) > SHOWN:
        _shared.echo(f"… and {len(failed) - SHOWN} more failed")


def _print_summary(summary: Summary) -> None:
    """Print the jobs of each class and the rate to stderr."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("", "done", "up to date", "failed", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for label, row in sorted(summary.classes.items()):
        table.add_row(Text(label or "(no class)"), *(str(count) for count in row.values()))
    if len(summary.classes) > 1:
        totals = (summary.total(outcome) for outcome in ("done", "up_to_date", "failed"))
        table.add_row("all", *map(str, totals))
    Console(stderr=True, highlight=False).print(table)
    done = summary.total("done")
    rate = f", {done / summary.seconds:.1f} a second" if done and summary.seconds else ""
    _shared.echo(f"{done} done in {summary.seconds:.1f} s{rate}")
