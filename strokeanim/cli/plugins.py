"""`strokeanim plugins`: which renderers are there, what they can do, are they sound; a new one."""

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
    help="Renderer plugins: what is installed, does it work, a new one.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A renderer, or dist:name where several have it.")
]


@app.command("list")
def list_(
    json: _shared.Json = False,
    load: Annotated[
        bool, typer.Option("--load", help="Import each one, which tells all that is wrong.")
    ] = False,
) -> None:
    """List the renderers, where they come from, and what is wrong with those that won't work.

    Nothing is imported without --load: what is told is what can be seen from outside.

    Example: strokeanim plugins list
    """
    from strokeanim.render.plugins import discovery, inspection

    every = discovery.available()
    rows = []
    for one in every:
        problem = inspection.problem(one, every)
        row: dict[str, Any] = {
            "name": one.name,
            "distribution": one.distribution,
            "version": one.version,
            "value": one.value,
            "status": problem.status if problem else "ok",
            "reason": problem.reason if problem else "",
            "fix": problem.fix if problem else "",
        }
        if load:
            row |= _loaded(one, row)
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
    """Tell what a renderer can do, and its options; as a JSON schema with --json.

    Example: strokeanim plugins info gif
    """
    from strokeanim import params
    from strokeanim.render.plugins import registry

    one = registry.listed(name)
    with _shared.stdout_set_aside():
        spec = one.load().spec
    facts = {
        "name": one.name,
        "distribution": one.distribution,
        "version": one.version,
        "value": one.value,
        **_facts(spec),
    }
    if json:
        _shared.print_json({**facts, "options": params.schema(spec.options)})
        return
    for key, value in facts.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        typer.echo(f"{key.replace('_', ' '):13} {_words(shown)}".rstrip())
    described = params.describe(spec.options)
    typer.echo("options       " + ("" if described else "none"))
    for option in described:
        typer.echo(f"  -O {shlex.quote(f'{option.name}={option.default}')}")
        typer.echo(f"      {option.help} ({option.type})")


@app.command("check")
def check(
    name: Name,
    extension: Annotated[
        str, typer.Option("--extension", help="Which of its formats; the first if not given.")
    ] = "",
    json: _shared.Json = False,
) -> None:
    """Hold an installed renderer to the contract; exit code 1 if it fails anywhere.

    The same checks run under pytest: see strokeanim.testing.RendererConformance.

    Example: strokeanim plugins check gif
    """
    from strokeanim.render.plugins import registry
    from strokeanim.testing import conformance

    one = registry.listed(name)
    outcomes = []
    with _shared.stdout_set_aside():
        renderer = one.load()
        entry = one.entry_point.load() if one.entry_point else renderer
    if extension not in ("", *renderer.spec.extensions):
        known = ", ".join(renderer.spec.extensions)
        raise InputError(f"{one} writes no {extension} files; its extensions are {known}")
    checked = entry if isinstance(entry, type) else renderer
    for outcome in _quietly(conformance(checked, extension, one.value.partition(":")[0])):
        outcomes.append(outcome)
        if not json:
            detail = f": {outcome.detail}" if outcome.detail else ""
            typer.echo(f"{outcome.status:8} {outcome.check}{detail}")
    count = {
        status: sum(one.status == status for one in outcomes)
        for status in ("passed", "failed", "skipped")
    }
    if json:
        checks = [dataclasses.asdict(outcome) for outcome in outcomes]
        _shared.print_json({"renderer": one.full_name, **count, "checks": checks})
    _shared.echo(f"{one}: " + ", ".join(f"{number} {status}" for status, number in count.items()))
    if count["failed"]:
        raise typer.Exit(1)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the renderer: dots.")],
    dest: Annotated[Path, typer.Option("--dest", help="The folder to put it in.")] = Path(),
    json: _shared.Json = False,
) -> None:
    """Write a renderer plugin that installs and passes as it is, to go on from.

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
    place = folder if folder.is_absolute() else f"./{folder}"
    _shared.echo(
        f"Next:  pip install --editable '{place}[test]'\n"
        f"       strokeanim plugins check {name}\n"
        f"       strokeanim animate sample:mouth --out mouth.{name}"
    )


def _quietly(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    """What a renderer prints while it is checked is lost: one of the checks tells about it."""
    from strokeanim.testing.driving import overheard

    while True:
        with overheard():
            outcome = next(outcomes, None)
        if outcome is None:
            return
        yield outcome


def _facts(spec: RendererSpec) -> dict[str, Any]:
    of_sequences = ("timing", "streaming") if spec.kind == "sequence" else ()
    can = [name for name in ("transparency", "colour", *of_sequences) if getattr(spec, name)]
    return {
        "description": spec.description,
        "extensions": list(spec.extensions),
        "media_type": spec.media_type,
        "kind": spec.kind,
        "api_version": ".".join(map(str, spec.api_version)),
        "units": spec.units,
        "capabilities": can,
        "background": spec.background,
        "priority": spec.priority,
        "requirements": list(spec.requirements),
    }


def _loaded(one: RendererEntry, row: dict[str, Any]) -> dict[str, Any]:
    """What importing a renderer adds to its row."""
    if row["status"] == "not allowed":
        return {}
    try:
        with _shared.stdout_set_aside():
            spec = one.load().spec
    except StrokeAnimError as error:
        reason, _, fix = str(error).removeprefix(f"{one} ").rpartition("; ")
        return {"status": "broken", "reason": f"it {reason}", "fix": fix}
    facts = _facts(spec)
    if row["status"] in ("broken", "incomplete"):  # what it looked like, and is not
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


def _words(value: object) -> object:
    return {None: "transparent", "": "none"}.get(value, value)  # type: ignore[call-overload]
