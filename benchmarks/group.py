"""Measure each group of rows in a process of its own.

The memory and threads of one alternative then don't affect the next, and one that crashes its
process only loses the rows of its group.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from benchmarks import rows
from benchmarks.plan import Plan
from benchmarks.table import Row
from benchmarks.timing import reason

MODULES = {
    "start": "starting", "plugins": "starting", "animate": "starting", "decode": "modelling",
    "between": "modelling", "pixels": "rendering", "svg": "vectors", "gif": "rendering",
    "mp4": "rendering", "memory": "memory", "load": "loading", "vectorise": "vectorising",
    "batch": "batches",
}  # fmt: skip
"""The module of each group, in the order of the table; its function has the name of the group."""

SETTINGS = {"vectorise": {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}}
"""Environment variables of the groups' processes."""


def measured(group: str, plan: Plan) -> tuple[list[Row], str]:
    """Return all rows of a group, and its stderr if it failed; missing rows are skipped."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rows")
        file.touch()
        told = json.dumps(asdict(plan))
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.group", group, file, told],
            env=os.environ | SETTINGS.get(group, {}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        lines = file.read_text(encoding="utf-8").splitlines()
    found = {row.key: row for row in (Row(**json.loads(line)) for line in lines)}
    last = done.stderr.strip().rpartition("\n")[2]
    why = f"broke: {reason(last or str(done.returncode))}"
    wanted = [row for row in rows.every() if row.group == group]
    return (
        [found.get(row.key) or row.skip(why) for row in wanted],
        done.stderr if done.returncode else "",
    )


def main(group: str, file: str, told: str) -> None:
    plan = json.loads(told)
    module = import_module(f"benchmarks.{MODULES[group]}")
    with Path(file).open("a", encoding="utf-8") as sink:
        for row in getattr(module, group)(Plan(**plan)):
            sink.write(json.dumps(asdict(row)) + "\n")
            sink.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
