"""The table of the benchmarks: what it says, what it keeps, and what it does when things break."""

from __future__ import annotations

import doctest
import io
import json
import os
import platform
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import machine, rows, table, timing
from benchmarks.group import MODULES
from benchmarks.plan import Plan
from benchmarks.record import Older, Record
from benchmarks.table import Row, show
from benchmarks.timing import by_turns
from strokeanim.render.plugins import discovery

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
FAST = Row("svg", "a picture", "another way", "s", "higher", 5.0)
CHEAP = Row("svg", "a picture", "allowed", "kB", "lower", 1.0, theirs=200.0)


def broken():
    raise RuntimeError("broken in /home/someone/there.py\nand more")


def bench(*arguments, path=""):
    """A run in a process, with `path` before all other modules."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", *map(str, arguments)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("module", [table, timing], ids=lambda one: one.__name__)
def test_examples(module):
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


def test_a_ratio_is_a_gain_or_a_price():
    assert FAST.found(2.0, 12.0).ratio == 6.0
    assert FAST.found(2.0, 12.0).met
    assert FAST.found(2.0, 8.0).met is False
    assert CHEAP.found(100.0).ratio == 0.5
    assert CHEAP.found(100.0).met
    assert CHEAP.found(300.0).met is False
    for row in (FAST, FAST.skip("no reason"), CHEAP.found(0.0)):
        assert row.met in (None, True)
    assert FAST.skip("no reason").ratio is None


def test_what_is_missed_or_skipped_is_told():
    console = Console(record=True, width=120, file=io.StringIO())
    show([FAST.found(0.002, 0.008), CHEAP.skip("no [paper]")], console, "today")
    missed, skipped = console.export_text().strip().splitlines()[-2:]
    assert " ".join(missed.split()) == "a picture another way 2 ms 8 ms 4 × ≥ 5 × MISSED"
    assert " ".join(skipped.split()) == "a picture allowed skipped no [paper]"


def test_what_breaks_of_theirs_costs_its_row_only():
    other = Row("svg", "a picture", "a third way", "s", "higher")
    calls = []
    own, found = by_turns(lambda: calls.append(1), {FAST: broken, other: lambda: None}, runs=3)
    assert len(calls) == 4  # one to warm up
    assert found[0] == FAST.skip("broken in …")
    assert found[1].ours == own.best
    assert found[1].noise >= 1


def test_what_breaks_of_ours_is_raised():
    with pytest.raises(RuntimeError, match="broken"):
        by_turns(broken, {FAST: lambda: None}, runs=3)


def test_facts_hold_no_path_and_no_name_of_the_machine():
    facts = machine.facts()
    told = json.dumps(facts)
    for secret in (platform.node(), sys.prefix, str(Path.home()), str(ROOT)):
        assert len(secret) < 3 or secret not in told
    assert {"processor", "cores", "memory", "system", "python", "numpy", "cairo"} <= set(facts)
    assert all(facts.values())


def test_a_library_that_is_missing_is_none(monkeypatch):
    monkeypatch.setattr(machine, "PACKAGES", ("nothing-there",))
    monkeypatch.setattr(machine, "LIBRARIES", {"cairo": broken})
    facts = machine.facts()
    assert facts["nothing-there"] == facts["cairo"] == "none"


def recorded(file, row, plan=Plan(), **facts):  # noqa: B008
    record = Record(plan, {"cores": "2"} | facts, 0.1, [row])
    record.write(file)
    return record


def test_an_older_run_beside_this_one(tmp_path):
    file = tmp_path / "old.json"
    old = recorded(file, FAST.found(1.0, 10.0))
    older = Older(file)
    assert older.beside(FAST.found(1.0, 12.0)) == "10 ×, +20%, better"
    assert older.beside(FAST.found(1.0, 8.0)) == "10 ×, -20%, worse"
    assert older.beside(FAST.found(2.0, 20.01)) == "10 ×, the same"
    assert older.beside(FAST.skip("not here")) == "10 ×"
    assert older.beside(CHEAP.found(1.0)) == "not measured"
    assert older.notes(old) == []
    [note] = older.notes(recorded(file, FAST, numpy="3", cores="4"))
    assert note == "Ratios compare, seconds do not: cores 2 then, numpy none then."
    recorded(file, FAST, Plan(quick=True))
    other, quick = Older(file).notes(old)
    assert "other options" in other
    assert "not a measurement" in quick


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1}', '{"version": 2}', '"1"'])
def test_what_is_no_record_is_refused(tmp_path, text):
    file = tmp_path / "old.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"old\.json is "):
        Older(file)


def test_every_row_is_of_a_group_that_can_be_measured():
    assert [*dict.fromkeys(row.group for row in rows.every())] == [*MODULES]
    assert len({row.key for row in rows.every()}) == len(rows.every())
    for group, module in MODULES.items():
        assert callable(getattr(import_module(f"benchmarks.{module}"), group))


def test_every_renderer_of_sequences_is_measured_and_constant_where_it_promises_to_be():
    specs = [one.load().spec for one in discovery.available() if one.is_builtin]
    promises = {spec.name: spec.streaming for spec in specs if spec.kind == "sequence"}
    assert {name: row.wanted is not None for name, row in rows.GROWTH.items()} == promises


def section(title):
    """The first two cells of each row of the tables there."""
    text = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = [line.split("|") for line in text.splitlines() if line.startswith("| ")]
    return {(what.strip(), against.strip()) for _, what, against, *_ in lines}


def test_the_page_shows_every_row_and_explains_it():
    assert section("The last full run") - {("what", "against")} == {row.key for row in rows.every()}
    explained = {what for what, _ in section("What each row measures")}
    growths = "10 000 frames to …: memory"
    names = {growths if row in rows.GROWTH.values() else row.what for row in rows.every()}
    assert explained - {"what"} == names
    for group in MODULES:
        assert f"`{group}`" in PAGE


@pytest.mark.slow
def test_a_quick_run(tmp_path):
    cheap = ["start", "pixels", "load", "vectorise"]
    file = tmp_path / "new.json"
    done = bench("--only", *cheap, "--json", file)
    assert done.returncode == 0, done.stderr
    assert "QUICK: not a measurement" in done.stdout
    assert "MISSED" not in done.stdout
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["version"] == 1
    assert told["quick"] is True
    assert told["facts"] == machine.facts()
    expected = [row for row in rows.every() if row.group in cheap]
    assert [(row["what"], row["against"]) for row in told["rows"]] == [one.key for one in expected]
    for row in told["rows"]:
        assert set(row) == {*Row.__dataclass_fields__, "ratio", "met"}
        assert not row["skipped"]
        assert row["ratio"] is not None
        assert row["met"] is None

    done = bench("--only", "start", "--compare", file)
    assert done.returncode == 0, done.stderr
    assert "then" in done.stdout
    assert any(word in done.stdout for word in ("better", "worse", "the same"))
    assert "Ratios compare" not in done.stdout
    told["facts"]["processor"] = "an abacus"
    file.write_text(json.dumps(told), encoding="utf-8")
    done = bench("--only", "start", "--compare", file)
    assert "Ratios compare, seconds do not: processor an abacus then." in " ".join(
        done.stdout.split()
    )


@pytest.mark.slow
def test_a_run_goes_on_beside_libraries_that_break(tmp_path):
    (tmp_path / "drawsvg.py").write_text('raise RuntimeError("it broke")')
    (tmp_path / "tests").mkdir()  # hides what vectorise needs, which is ours
    (tmp_path / "tests/__init__.py").write_text("")
    file = tmp_path / "new.json"
    done = bench("--only", "svg", "vectorise", "start", "--json", file, path=tmp_path)
    assert done.returncode == 1, done.stdout
    found = json.loads(file.read_text(encoding="utf-8"))["rows"]
    for row in found:
        if row["against"] == "drawsvg":
            assert row["skipped"] == "it broke"
        elif row["group"] == "vectorise":
            assert row["skipped"].startswith("broke: ModuleNotFoundError: No module named 'tests")
        else:
            assert row["ratio"] > 0


@pytest.mark.slow
def test_what_cannot_be_compared_with_is_told(tmp_path):
    done = bench("--compare", tmp_path / "nothing.json")
    assert done.returncode == 2
    assert "nothing.json is not what --json writes" in done.stderr
