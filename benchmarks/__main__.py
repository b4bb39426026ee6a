"""Print one table of ratios, and the machine they were measured on: `python -m benchmarks`."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from benchmarks import machine
from benchmarks.group import MODULES, measured
from benchmarks.plan import Plan
from benchmarks.record import Older, Record
from benchmarks.table import WIDTH, Row, markdown, show


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=[*MODULES], default=[*MODULES], metavar="GROUP",
        help=f"some of {', '.join(MODULES)}",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="JSON of an older run")
    markdown_help = "print the table as docs/benchmarks.md has it"
    parser.add_argument("--markdown", action="store_true", help=markdown_help)
    parser.add_argument("--quick", action="store_true", help="once each, of little: no measurement")
    parser.add_argument("--dense", action="store_true", help="frames with ink all over, no mouth")
    drawings = "vectorise pictures of these, and not of synthetic drawings"
    parser.add_argument("--drawings", nargs="+", metavar="FILE", default=[], help=drawings)
    asked = parser.parse_args()
    if asked.json and not asked.json.parent.is_dir():
        parser.error(f"no folder {asked.json.parent}")
    try:
        asked.older = asked.compare and Older(asked.compare)
    except ValueError as error:
        parser.error(str(error))
    return asked


def main() -> int:
    asked = arguments()
    console, progress = Console(), Console(stderr=True)
    if not console.is_terminal:
        console.width = WIDTH
    plan = Plan(asked.quick, asked.dense, tuple(asked.drawings))
    facts, load = machine.facts(), machine.load()
    rows: list[Row] = []
    broken = False
    for group in MODULES:
        if group not in asked.only:
            continue
        start = time.perf_counter()
        found, error = measured(group, plan)
        progress.print(f"{group}: {time.perf_counter() - start:.0f} s", highlight=False)
        if error:
            broken = True
            progress.print(error, markup=False, highlight=False)
        # a quick run measures too little to be compared with targets
        rows += [replace(row, wanted=None) for row in found] if plan.quick else found
    record = Record(plan, facts, load, rows)
    if asked.markdown:
        print(*filter(None, (plan.marks, markdown(rows))), sep="\n\n", end="\n\n")
    else:
        show(rows, console, plan.marks or None, asked.older and asked.older.beside)
    for note in asked.older.notes(record) if asked.older else ():
        console.print(note, markup=False, highlight=False)
    noises = [row.noise for row in rows if row.noise]
    if noises:
        told = f"Median of the runs over their best: {min(noises):.2f} to {max(noises):.2f}."
        console.print(told, highlight=False)
    console.print(f"Load before: {load}.", highlight=False)
    told = ", ".join(f"{name} {fact}" for name, fact in facts.items())
    console.print(told, markup=False, highlight=False)
    if asked.json:
        record.write(asked.json)
    return int(broken)


if __name__ == "__main__":
    raise SystemExit(main())
