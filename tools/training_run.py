"""Run a training of days in the background: start or resume it, pause it, see how far it is.

    python -m tools.training_run start DRAWINGS OTHER   begin, or go on from the last checkpoint
    python -m tools.training_run status                 step, loss, speed, time left
    python -m tools.training_run pause | unpause | stop

A run lives in RUNS (`--runs`, default `~/strokeanim-runs`), outside the checkout:

    RUNS/source     a clone of this repository, with an environment of its own, made by the first
                    `start`; later changes to the checkout do not reach a run that has begun
    RUNS/NAME       config.json, log.csv, checkpoint.npz, best.npz; RUNS/NAME.txt: its output
    RUNS/NAME.json  what the run was started with, so that `start` without arguments resumes it

Training has the lowest priority that still lets it use idle processors. It may be killed at any
time: a checkpoint is written every `save_every` steps of the config. `start --selector DIR` on a
run that has stopped has a classifier choose its best weights from then on.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer

ROOT = Path(__file__).parents[1]
RUNS = Path.home() / "strokeanim-runs"
NICE = 15
RECENT = 50
"""Lines of the log that speed and loss are averaged over."""

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__.splitlines()[0])
Runs = Annotated[Path, typer.Option(help="The folder of all runs.")]
Name = Annotated[str, typer.Option(help="The run's name.")]


@dataclass(frozen=True)
class Started:
    """What a run was started with.

    Attributes:
        config: the TOML file, within the clone.
        drawings: files of real drawings.
        other: files of drawings of other classes.
        selector: the folder of the classifier that chooses weights, or "none".
        pid: the process, which leads a process group.
    """

    config: str
    drawings: tuple[str, ...]
    other: tuple[str, ...]
    selector: str
    pid: int = 0


@app.command()
def start(
    drawings: Annotated[Path | None, typer.Argument(help="Real drawings of the classes.")] = None,
    other: Annotated[Path | None, typer.Argument(help="Drawings of other classes.")] = None,
    config: Annotated[Path, typer.Option(help="A TOML file, within the checkout.")] = Path(
        "examples/faces.toml"
    ),
    selector: Annotated[
        Path | None, typer.Option(help="The classifier that chooses the best weights.")
    ] = None,
    name: Name = "faces",
    runs: Runs = RUNS,
) -> None:
    """Begin a run, or go on from its last checkpoint."""
    runs.mkdir(parents=True, exist_ok=True)
    record = runs / f"{name}.json"
    if record.exists():
        run = _read(record)
        if _alive(run.pid):
            _fail(f"{name} is running already: process {run.pid}")
    elif drawings is None or other is None:
        _fail(f"there is no run {name} in {runs}; name the drawings and those of other classes")
    else:
        files = ((str(drawings.resolve()),), (str(other.resolve()),))
        run = Started(str(config), *files, selector="none")
    if selector is not None:
        run = replace(run, selector=str(selector.resolve()))
    python = _environment(runs / "source")
    command = [str(python), "-m", "strokeanim", "train", run.config, "--resume"]
    command += ["--out", str(runs / name), "--selector", run.selector]
    for option, paths in (("--data", run.drawings), ("--other", run.other)):
        for path in paths:
            command += [option, path]
    with (runs / f"{name}.txt").open("ab") as output:
        process = subprocess.Popen(
            ["nice", "-n", str(NICE), *command],
            cwd=runs / "source",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _yield_to_other_sessions(process.pid)
    record.write_text(json.dumps(asdict(replace(run, pid=process.pid)), indent=2) + "\n")
    print(f"{name} runs as process {process.pid}; what it prints is in {runs / name}.txt")


@app.command()
def status(name: Name = "faces", runs: Runs = RUNS) -> None:
    """Print how far a run is."""
    run = _read(runs / f"{name}.json")
    folder = runs / name
    state = "running" if _alive(run.pid) else "not running; `start` resumes it"
    if _paused(run.pid):
        state = "paused"
    print(f"{name}: process {run.pid}, {state}")
    if not (folder / "log.csv").exists():
        return
    with (folder / "log.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    if not lines:
        return
    steps = json.loads((folder / "config.json").read_text())["train"]["steps"]
    batch = json.loads((folder / "config.json").read_text())["train"]["batch"]
    last, recent = lines[-1], lines[-RECENT:]
    mean = {
        key: sum(float(line[key]) for line in recent) / len(recent)
        for key in ("loss", "kl", "accuracy", "drawings_per_second")
    }
    left = (steps - int(last["step"])) * batch / mean["drawings_per_second"] / 3600
    print(f"step {last['step']} of {steps}, {float(last['minutes']) / 60:.1f} hours of training")
    print(
        f"last {len(recent)} lines: loss {mean['loss']:.3f}, KL {mean['kl']:.0f} nats, accuracy "
        f"{mean['accuracy']:.3f}, {mean['drawings_per_second']:.0f} drawings/s, {left:.1f} h left"
    )
    checkpoint = folder / "checkpoint.npz"
    if checkpoint.exists():
        age = (time.time() - checkpoint.stat().st_mtime) / 60
        print(f"last checkpoint {age:.0f} minutes ago")
    scored = [line for line in lines if line["score"]]
    for line in scored[-5:]:
        print(
            f"step {line['step']}: score {float(line['score']):.3f}, in-betweens "
            f"{float(line['between']):.1%}, rebuilt {float(line['rebuilt']):.1%}, "
            f"Chamfer {float(line['chamfer']):.2%}"
        )


@app.command()
def pause(name: Name = "faces", runs: Runs = RUNS) -> None:
    """Suspend a run, to time something else."""
    _signal(_read(runs / f"{name}.json").pid, signal.SIGSTOP)


@app.command()
def unpause(name: Name = "faces", runs: Runs = RUNS) -> None:
    """Let a suspended run go on."""
    _signal(_read(runs / f"{name}.json").pid, signal.SIGCONT)


@app.command()
def stop(name: Name = "faces", runs: Runs = RUNS) -> None:
    """End a run; what it has learned since its last checkpoint is lost."""
    _signal(_read(runs / f"{name}.json").pid, signal.SIGKILL)


def _environment(source: Path) -> Path:
    """Clone this repository and install it there, unless that is done; return its Python."""
    python = source / ".venv" / "bin" / "python"
    ready = source / ".venv" / "ready"
    if ready.exists():
        return python
    if not source.exists():
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(source)], check=True)
    maker = subprocess.run(["tools/ensure-python"], cwd=source, check=True, stdout=subprocess.PIPE)
    subprocess.run([maker.stdout.decode().strip(), "-m", "venv", ".venv"], cwd=source, check=True)
    install = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    install += ["--constraint", "constraints.txt", "--editable", ".[train,analysis]"]
    subprocess.run(install, cwd=source, check=True)
    ready.touch()
    return python


def _read(record: Path) -> Started:
    if not record.exists():
        _fail(f"there is no run {record.stem} in {record.parent}; begin it with `start`")
    values = json.loads(record.read_text())
    return Started(**values | {key: tuple(values[key]) for key in ("drawings", "other")})


def _yield_to_other_sessions(pid: int) -> None:
    """Lower the priority of the process's session, where Linux shares processors by session.

    With `sched_autogroup_enabled`, `nice` counts within a session only (sched(7)).
    """
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(NICE))


def _alive(pid: int) -> bool:
    """Whether the process is there and trains; process numbers are used again."""
    try:
        return b"train" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _paused(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    if not _alive(pid):
        _fail(f"process {pid} is not running; `start` resumes the run")
    os.killpg(pid, number)


def _fail(message: str) -> NoReturn:
    print(message)
    raise typer.Exit(2)


if __name__ == "__main__":
    app()
