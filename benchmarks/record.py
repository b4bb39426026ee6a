"""Write a run as JSON, and compare it with an older run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.plan import Plan
from benchmarks.table import Row, digits

VERSION = 1


@dataclass(frozen=True)
class Record:
    """The results of a run; `load` is that of the machine before it."""

    plan: Plan
    facts: dict[str, str]
    load: float | None
    rows: Sequence[Row]

    def write(self, file: Path) -> None:
        plan = asdict(self.plan) | {"drawings": len(self.plan.drawings)}
        told = {"version": VERSION, **plan, "load": self.load, "facts": self.facts}
        told["rows"] = [row.record() for row in self.rows]
        file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


class Older:
    """An older run from a file, to compare with.

    Raises:
        ValueError: the file was not written by `Record.write`, or has another version.
    """

    def __init__(self, file: Path) -> None:
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            if told["version"] != VERSION:
                raise ValueError(f"{file} is of version {told['version']}; this reads {VERSION}")
            self._facts: dict[str, str] = told["facts"]
            self._plan = told["quick"], told["dense"], told["drawings"]
            self._ratios = {
                (row["what"], row["against"]): row["ratio"] for row in told["rows"] if row["ratio"]
            }
        except (OSError, KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise ValueError(f"{file} is not what --json writes: {error}") from None

    def beside(self, row: Row) -> str:
        """Return the older ratio, and how it has changed."""
        then = self._ratios.get(row.key)
        if then is None:
            return "not measured"
        told = f"{digits(then)} ×"
        if row.ratio is None:
            return told
        change = row.ratio / then - 1
        if abs(change) < 0.005:
            return f"{told}, the same"
        better = (change > 0) == (row.better == "higher")
        return f"{told}, {change:+.0%}, {'better' if better else 'worse'}"

    def notes(self, now: Record) -> list[str]:
        """Return warnings about the comparison."""
        found = []
        names = [*now.facts, *(name for name in self._facts if name not in now.facts)]
        other = [
            f"{name} {self._facts.get(name, 'none')} then"
            for name in names
            if self._facts.get(name) != now.facts.get(name)
        ]
        if other:
            found.append(f"Ratios compare, seconds do not: {', '.join(other)}.")
        if self._plan != (now.plan.quick, now.plan.dense, len(now.plan.drawings)):
            found.append("The older run was made with other options: it does not compare.")
        if self._plan[0]:
            found.append("The older run was --quick: not a measurement.")
        return found
