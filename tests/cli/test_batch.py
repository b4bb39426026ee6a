"""`strokeanim batch` as people use it: whole runs, and runs that end before they should."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from strokeanim.batch import cluster as clusters
from strokeanim.io.samples import all_samples, samples_of
from strokeanim.io.saving import save
from tests.plugins.packages import install, package, renderer

distributed = pytest.importorskip("distributed", reason="strokeanim[batch] is not installed")
psutil = pytest.importorskip("psutil")

PAIRS = ("--pairs", "drawings.ndjson", "--per-class", "6", "--set", "steps=3")
JOBS = 24


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("batch")
    save(all_samples(), folder / "drawings.ndjson")
    return folder


@pytest.fixture(scope="module")
def undisturbed(place) -> dict[str, bytes]:
    """What a run that nobody disturbs leaves."""
    events, code, _ = watched(place, *PAIRS, "--out", "whole", "--workers", "2")
    assert code == 0
    assert events[-1] | {"seconds": 0} == {
        "event": "end", "done": JOBS, "up_to_date": 0, "failed": 0, "left": 0, "seconds": 0,
    }  # fmt: skip
    found = outputs(place / "whole")
    assert len(found) == JOBS
    return found


def watched(
    place: Path,
    *arguments: str,
    at_first: Callable[[subprocess.Popen[str]], object] | None = None,
    environment: dict[str, str] | None = None,
) -> tuple[list[dict[str, Any]], int, str]:
    """Run a batch in a process of its own, and do something when the first job is done."""
    with subprocess.Popen(
        [sys.executable, "-m", "strokeanim", "batch", *arguments, "--json"],
        cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env=os.environ | (environment or {}),
    ) as process:  # fmt: skip
        events: list[dict[str, Any]] = []
        for line in process.stdout or ():
            events.append(json.loads(line))
            if events[-1]["event"] == "done" and at_first:
                at_first(process)
                at_first = None
        error = (process.stderr and process.stderr.read()) or ""
        return events, process.wait(), error


def outputs(folder: Path) -> dict[str, bytes]:
    """All files but those of the batch itself."""
    own = folder / ".strokeanim"
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and own not in path.parents
    }


def finished(place: Path, out: str, *arguments: str) -> dict[str, Any]:
    """The last event of the same command, which must go well; nothing half done is left."""
    events, code, error = watched(place, *PAIRS, "--out", out, *arguments)
    assert code == 0, error
    assert not (place / out / ".strokeanim" / "scratch").exists()
    return events[-1]


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing(place, undisturbed):
    def kill(process):
        workers = [
            child
            for child in psutil.Process(process.pid).children(recursive=True)
            if "spawn_main" in " ".join(child.cmdline())
        ]
        assert len(workers) == 2
        workers[0].kill()

    events, code, _ = watched(place, *PAIRS, "--out", "a", "--workers", "2", at_first=kill)
    assert code == 0
    assert events[-1]["done"] == JOBS
    assert outputs(place / "a") == undisturbed
    assert not (place / "a" / ".strokeanim" / "scratch").exists()


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on(place, undisturbed):
    family: list[Any] = []

    def kill(process):
        family.extend(psutil.Process(process.pid).children(recursive=True))
        process.kill()

    events, code, _ = watched(place, *PAIRS, "--out", "b", "--workers", "2", at_first=kill)
    assert code == -signal.SIGKILL
    assert events[-1]["event"] == "done"
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive  # its workers end with it
    before = outputs(place / "b")
    assert 0 < len(before) < JOBS
    assert before.items() <= undisturbed.items()  # each whole
    last = finished(place, "b", "--workers", "2")
    assert last["done"] + last["up_to_date"] == JOBS
    assert outputs(place / "b") == undisturbed


@pytest.mark.slow
def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(place, undisturbed):
    def interrupt(process):
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: workers get it too

    events, code, error = watched(place, *PAIRS, "--out", "c", "--workers", "2", at_first=interrupt)
    assert code == 130
    assert "Traceback" not in error
    assert "interrupted" in error
    assert f"stopped with {events[-1]['left']} jobs to go; the same command goes on" in error
    done = events[-1]["done"]
    assert done > 0
    assert not (place / "c" / ".strokeanim" / "scratch").exists()
    last = finished(place, "c", "--workers", "2")
    assert last["up_to_date"] == done
    assert outputs(place / "c") == undisturbed
    assert finished(place, "c")["up_to_date"] == JOBS


@pytest.mark.slow
def test_a_job_that_kills_its_workers_costs_no_other(place, tmp_path):
    deadly = renderer("deadly", frame="import os; os._exit(1)")
    install(tmp_path / "site", [package(tmp_path, "strokeanim-deadly", "deadly", deadly)])
    pair = "sample:eye/0 sample:eye/1"
    lines = [f"{pair},{name},0" for name in ("a.svg", "b.deadly", "c.svg", "d.svg")]
    (place / "deadly.csv").write_text("\n".join(["source,out,steps", *lines]))
    events, code, error = watched(
        place, "deadly.csv", "--out", "h", "--workers", "1",
        environment={
            "PYTHONPATH": str(tmp_path / "site"),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",  # or four die for each blame
        },
    )  # fmt: skip
    assert code == 1
    (failed,) = [event for event in events if event["event"] == "failed"]
    assert failed["line"] == 3
    assert "were killed, one after the other" in failed["error"]
    assert set(outputs(place / "h")) == {"a.svg", "c.svg", "d.svg"}
    assert "line 3: " in error


@contextmanager
def cluster(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler and two workers, as one starts them by hand."""
    address = f"tcp://127.0.0.1:{port}"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    start = [sys.executable, "-m", "dask"]
    scheduler = subprocess.Popen(
        [*start, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"], **quiet
    )
    workers = subprocess.Popen(
        [*start, "worker", address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard"],
        start_new_session=True,
        **quiet,
    )
    try:
        with distributed.Client(address, timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
        yield scheduler
    finally:
        scheduler.kill()
        scheduler.wait()
        workers.terminate()
        try:
            workers.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(workers.pid, signal.SIGKILL)
            workers.wait()


@pytest.mark.slow
def test_a_scheduler_that_is_lost(place, undisturbed, unused_port):
    address = ("--scheduler", f"tcp://127.0.0.1:{unused_port}")
    with cluster(unused_port) as scheduler:
        _, code, error = watched(
            place, *PAIRS, "--out", "d", *address, at_first=lambda _: scheduler.kill()
        )
        assert code == 1
        assert "the connection to the cluster was lost; what was done is kept" in error
        assert "Traceback" not in error
        assert 0 < len(outputs(place / "d")) < JOBS
    last = finished(place, "d", "--workers", "2")
    assert last["up_to_date"] > 0
    assert outputs(place / "d") == undisturbed


def test_a_cluster_that_is_not_there(run, place, unused_port, monkeypatch):
    monkeypatch.setattr(clusters, "CONNECT", 0.5)
    monkeypatch.chdir(place)
    address = f"tcp://127.0.0.1:{unused_port}"
    code, _, error = run("batch", *PAIRS, "--out", "e", "--scheduler", address)
    assert code == 2
    assert "no scheduler answers" in error
    assert "dask scheduler" in error


@pytest.mark.slow
def test_s3(place, undisturbed, s3):
    """Against a server that runs here: sources, manifest and outputs are there."""
    fsspec = pytest.importorskip("fsspec")
    files = fsspec.filesystem("s3", endpoint_url=s3["AWS_ENDPOINT_URL"], key="a", secret="b")
    files.mkdir("studio")
    files.put_file(str(place / "drawings.ndjson"), "studio/drawings.ndjson")
    arguments = [
        argument.replace("drawings.ndjson", "s3://studio/drawings.ndjson") for argument in PAIRS
    ]
    run = (*arguments, "--out", "s3://studio/made", "--workers", "2")
    events, code, error = watched(place, *run, environment=s3)
    assert code == 0, error
    assert events[-1]["done"] == JOBS
    files.invalidate_cache()
    found = {
        name.removeprefix("studio/made/"): files.cat_file(name)
        for name in files.find("studio/made")
        if "/.strokeanim/" not in name
    }
    assert found == undisturbed
    gone = next(iter(found))
    files.rm_file(f"studio/made/{gone}")
    events, code, _ = watched(place, *run, environment=s3)
    assert (code, events[-1]["done"], events[-1]["up_to_date"]) == (0, 1, JOBS - 1)
    files.invalidate_cache()
    assert files.cat_file(f"studio/made/{gone}") == undisturbed[gone]


@pytest.fixture
def s3(unused_port, monkeypatch) -> Iterator[dict[str, str]]:
    """The environment that leads to an empty S3."""
    moto = pytest.importorskip("moto.server", reason="moto is not installed")
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=unused_port, verbose=False)
    server.start()
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{unused_port}",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield environment
    server.stop()


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_batch_in_this_process(run, place, monkeypatch):
    monkeypatch.chdir(place)
    for label in ("nose", "ear"):  # of which nobody but the model knows what they are
        save([samples_of(label)[1].with_label("", label)], place / f"{label}.ndjson")
    (place / "jobs.csv").write_text(
        "source,out,steps\n"
        "sample:mouth/0 sample:mouth/1,{label}/{line}.svg {label}/{line}.gif,2\n"
        "nose.ndjson ear.ndjson,no.svg,2\n"
        "sample:eye/3,,2\n"
    )
    code, out, error = run("batch", "jobs.csv", "--out", "f", "--workers", 0)
    assert code == 1
    assert out == ""
    assert "line 3: the drawings are of different classes" in error
    names = set(outputs(place / "f"))
    assert {"mouth/2.svg", "mouth/2.gif"} < names
    assert len(names) == 3
    code, _, error = run("batch", "jobs.csv", "--out", "f", "--workers", 0)
    assert code == 1  # what failed is tried again
    assert "0 done" in error
    run("animate", "sample:eye/3", "--steps", 2, "--out", place / "eye.svg")
    made = next(name for name in names if name.startswith("eye/"))
    assert (place / "f" / made).read_bytes() == (place / "eye.svg").read_bytes()
    shutil.rmtree(place / "f")


def test_mistakes_are_found_before_any_work(fails, tmp_path):
    (tmp_path / "a.csv").write_text("source,out\nno.ndjson,a.svg\n")
    assert "a.csv:2: there is no file no.ndjson" in fails("batch", "a.csv", "--out", "o")
    assert "one of the two" in fails("batch", "--out", "o")
    assert "no column 'step'" in fails("batch", "a.csv", "--set", "step=3", "--out", "o")
    assert "leave out one" in fails(
        "batch", "a.csv", "--out", "o", "--workers", 2, "--scheduler", "tcp://a:1"
    )


def test_a_dry_run(run, place, monkeypatch):
    monkeypatch.chdir(place)
    code, _, error = run("batch", *PAIRS, "--out", "g", "--dry-run")
    assert (code, error) == (0, f"{JOBS} jobs, nothing wrong with them\n")
    assert not (place / "g").exists()
