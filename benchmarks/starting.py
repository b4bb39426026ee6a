"""Time whole processes: the command line alone, with plugins, and `animate`.

This module imports nothing large, since `process` counts the memory of this process as well.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import rows
from benchmarks.plan import Plan
from benchmarks.table import Row
from benchmarks.timing import by_turns, process

strokeanim = partial(process, "-m", "strokeanim")


def start(plan: Plan) -> Iterator[Row]:
    bare = partial(process, "-c", "import typer, rich")
    _, found = by_turns(partial(strokeanim, "--help"), {rows.HELP: bare}, plan.runs(10))
    yield from found


def plugins(plan: Plan) -> Iterator[Row]:
    """Measure the cost of twenty plugins, three of them broken, in commands that don't use them."""
    from tests.plugins.packages import install, package, renderer

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packages = [package(folder, f"p-{n}", f"p{n}", renderer(f"p{n}")) for n in range(17)]
        packages += [
            package(folder, "no-import", "sad", renderer("sad", start="import nothing_there\n")),
            package(folder, "no-dependency", "sadder", renderer("sadder"), ["nothing-there"]),
            package(folder, "no-spec", "saddest", "class Renderer: ..."),
        ]
        install(folder / "site", packages)
        commands = {rows.HELP_BESIDE: ["--help"], rows.LIST_BESIDE: ["plugins", "list"]}
        for row, command in commands.items():
            ours = partial(strokeanim, *command, path=str(folder / "site"))
            theirs = {row: partial(strokeanim, *command, path="")}
            yield from by_turns(ours, theirs, plan.runs(15))[1]


def animate(plan: Plan) -> Iterator[Row]:
    onnx: list[float] = []
    keras: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        command = "animate", "sample:mouth", "--out", f"{folder}/mouth.gif"
        _, found = by_turns(
            lambda: onnx.append(strokeanim(*command)),
            {rows.ANIMATE: lambda: keras.append(strokeanim(*command, "--engine", "keras"))},
            plan.runs(4),
        )
    yield from found
    if keras:
        yield rows.ANIMATE_MB.found(max(onnx), max(keras))
    else:
        yield rows.ANIMATE_MB.skip(found[0].skipped)
    yield rows.ANIMATE_MOST.found(max(onnx))
