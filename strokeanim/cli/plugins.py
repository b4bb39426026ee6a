"""Run `strokeanim plugins`: list, describe and check renderers, and write a new one."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from strokeanim.cli import _shared
from strokeanim.errors import InputError, PluginError, StrokeAnimError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strokeanim.render.plugins.discovery import RendererEntry
    from strokeanim.render.protocol import RendererSpec
    from strokeanim.testing import Outcome

app = typer.Typer(
    help="List, describe, check and create renderer plugins.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="A renderer, or dist:name if several distributions have it."
    ),
]


@app.command("list")
def list_(
    json: _shared.Json = False,
    load: Annotated[
        bool, typer.Option("--load", help="Import each renderer, which reveals all errors.")
    ] = False,
) -> None:
    """List the renderers, their distributions, and the problems of those that don't work.

    Without --load, nothing is imported and only problems visible from outside are reported.

    Example: strokeanim plugins list
    """
    from strokeanim.render.plugins import discovery, inspection

    entries = discovery.available()
    rows = []
    for entry in entries:
        problem = inspection.problem(entry, entries)
        row: dict[str, Any] = {
            "name": entry.name,
            "distribution": entry.distribution,
            "version": entry.version,
            "value": entry.value,
            "status": problem.status if problem else "ok",
            "reason": problem.reason if problem else "",
            "fix": problem.fix if problem else "",
        }
        if load:
            row |= _load_row(entry, row)
        rows.append(row)
    if json:
        _shared.print_json(rows)
    else:
        _print_list(rows)
    broken = [
        f"{row['distribution']}:{row['name']}"
        for row in rows
        if row["status"] in ("broken", "incomplete")
    ]
    if broken and discovery.is_strict():
        raise PluginError(f"broken: {', '.join(broken)}; see above, or unset STROKEANIM_STRICT")


@app.command("info")
def info(name: Name, json: _shared.Json = False) -> None:
    """Print the capabilities and options of a renderer; with --json, options as a JSON schema.

    Example: strokeanim plugins info gif
    """
    from strokeanim import params
    from strokeanim.render.plugins import registry

    entry = registry.find_entry(name)
    with _shared.divert_stdout():
        spec = entry.load().spec
    facts = {
        "name": entry.name,
        "distribution": entry.distribution,
        "version": entry.version,
        "value": entry.value,
        **_describe_spec(spec),
    }
    if json:
        _shared.print_json({**facts, "options": params.schema(spec.options)})
        return
    for key, value in facts.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        typer.echo(f"{key.replace('_', ' '):13} {_format_value(text)}".rstrip())
    options = params.describe_options(spec.options)
    typer.echo("options       " + ("" if options else "none"))
    for option in options:
        typer.echo(f"  -O {shlex.quote(f'{option.name}={option.default}')}")
        typer.echo(f"      {option.help} ({option.type})")


@app.command("check")
def check(
    name: Name,
    extension: Annotated[
        str,
        typer.Option("--extension", help="The format to check; by default the renderer's first."),
    ] = "",
    json: _shared.Json = False,
) -> None:
    """Check an installed renderer against the contract; exit with code 1 if a check fails.

    The same checks run under pytest: see strokeanim.testing.RendererConformance.

    Example: strokeanim plugins check gif
    """
    from strokeanim.render.plugins import registry
    from strokeanim.testing import conformance

    entry = registry.find_entry(name)
    outcomes = []
    with _shared.divert_stdout():
        renderer = entry.load()
        target = entry.entry_point.load() if entry.entry_point else renderer
    if extension not in ("", *renderer.spec.extensions):
        known = ", ".join(renderer.spec.extensions)
        raise InputError(f"{entry} writes no {extension} files; its extensions are {known}")
    target = target if isinstance(target, type) else renderer
    module = entry.value.partition(":")[0]
    for outcome in _suppress_output(conformance(target, extension, module)):
        outcomes.append(outcome)
        if not json:
            detail = f": {outcome.detail}" if outcome.detail else ""
            typer.echo(f"{outcome.status:8} {outcome.check}{detail}")
    count = {
        status: sum(outcome.status == status for outcome in outcomes)
        for status in ("passed", "failed", "skipped")
    }
    if json:
        checks = [dataclasses.asdict(outcome) for outcome in outcomes]
        _shared.print_json({"renderer": entry.full_name, **count, "checks": checks})
    _shared.echo(f"{entry}: " + ", ".join(f"{number} {status}" for status, number in count.items()))
    if count["failed"]:
        raise typer.Exit(1)


@app.command("new")
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the renderer, such as dots.")
    ],
    dest: Annotated[Path, typer.Option("--dest", help="The folder to write it into.")] = Path(),
    json: _shared.Json = False,
) -> None:
    """Write a renderer plugin that installs and passes all checks, as a starting point.

    Example: strokeanim plugins new dots
    """
    from strokeanim.render.plugins.scaffold import scaffold

    folder = scaffold(name, dest)
    files = sorted(str(file) for file in folder.rglob("*") if file.is_file())
    if json:
        _shared.print_json({"folder": str(folder), "files": files})
        return
    for file in files:
        typer.echo(file)
    path = folder if folder.is_absolute() else f"./{folder}"
    _shared.echo(
        f"Next:  pip install --editable '{path}[test]'\n"
        f"       strokeanim plugins check {name}\n"
        f"       strokeanim animate sample:mouth --out mouth.{name}"
    )


def _suppress_output(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    """Yield outcomes and discard what the renderer prints; a check of its own reports that."""
    from strokeanim.testing.driving import capture_output

    while True:
        with capture_output():
            outcome = next(outcomes, None)
        if outcome is None:
            return
        yield outcome


def _describe_spec(spec: RendererSpec) -> dict[str, Any]:
    sequence_fields = ("timing", "streaming") if spec.kind == "sequence" else ()
    capabilities = [
        name for name in ("transparency", "colour", *sequence_fields) if getattr(spec, name)
    ]
    return {
        "description": spec.description,
        "extensions": list(spec.extensions),
        "media_type": spec.media_type,
        "kind": spec.kind,
        "api_version": ".".join(map(str, spec.api_version)),
        "units": spec.units,
        "capabilities": capabilities,
        "background": spec.background,
        "priority": spec.priority,
        "requirements": list(spec.requirements),
    }


def _load_row(entry: RendererEntry, row: dict[str, Any]) -> dict[str, Any]:
    """Import a renderer and return what to add to its row, or replace in it."""
    if row["status"] == "not allowed":
        return {}
    try:
        with _shared.divert_stdout():
            spec = entry.load().spec
    except StrokeAnimError as error:
        reason, _, fix = str(error).removeprefix(f"{entry} ").rpartition("; ")
        return {"status": "broken", "reason": f"it {reason}", "fix": fix}
    facts = _describe_spec(spec)
    if row["status"] in ("broken", "incomplete"):  # it looked like that from outside, yet loads
        facts |= {"status": "ok", "reason": "", "fix": ""}
    return facts


def _print_list(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        origin = f"{row['distribution']} {row['version']}"
        about = row.get("description") or row["value"]
        extensions = " ".join(row.get("extensions", ()))
        typer.echo(f"{row['name']:14} {origin:24} {extensions and extensions + '  '}{about}")
    for row in rows:
        if row["status"] != "ok":
            sys.stdout.flush()
            _shared.echo(
                f"{row['status']}: renderer {row['name']!r} of {row['distribution']} "
                f"{row['version']}: {row['reason']}; {row['fix']}"
            )


def _format_value(value: object) -> object:
    return {None: "transparent", "": "none"}.get(value, value)  # type: ignore[call-overload]
