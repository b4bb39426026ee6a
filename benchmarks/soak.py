"""Check that the loss stays finite: `python -m benchmarks.soak [CONFIG]`, by default soak.toml.

This trains from scratch in a temporary folder, then checks every line of the log: the lines must
reach from the first step to the last, and every value must be finite.
"""

from __future__ import annotations

import csv
import math
import subprocess
import sys
import tempfile
from pathlib import Path

from strokeanim.model.config import TrainConfig, read_config

CONFIG = Path(__file__).with_name("soak.toml")


def main(config: str | Path = CONFIG) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = ("train", str(config), "--out", f"{folder}/run", "--selector", "none")
        done = subprocess.run([sys.executable, "-m", "strokeanim", *command], check=False)
        if done.returncode:
            sys.exit(done.returncode)
        with Path(folder, "run", "log.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
    if wrong := faults(rows, read_config(config).train):
        sys.exit(f"soak: {wrong}")
    print(f"soak: {rows[-1]['step']} steps, {len(rows)} lines, every value a number")


def faults(rows: list[dict[str, str]], settings: TrainConfig) -> str:
    """Return what is wrong with a log, or an empty string.

    >>> settings = TrainConfig(steps=4, log_every=2)
    >>> faults([{"step": "2", "loss": "1.5"}, {"step": "4", "loss": "1.4"}], settings)
    ''
    >>> faults([{"step": "2", "loss": "1.5"}, {"step": "4", "loss": "nan"}], settings)
    'loss is nan at step 4'
    >>> faults([{"step": "4", "loss": "1.4"}], settings)
    'the log has 1 lines and not 2, the last of step 4 of 4'
    """
    every, last = settings.log_every, settings.steps
    wanted = [*range(every, last, every), last]
    if [int(row["step"]) for row in rows] != wanted:
        end = rows[-1]["step"] if rows else "none"
        return (
            f"the log has {len(rows)} lines and not {len(wanted)}, the last of step {end} of {last}"
        )
    for row in rows:
        for name, value in row.items():
            if value and not math.isfinite(float(value)):
                return f"{name} is {value} at step {row['step']}"
    return ""


if __name__ == "__main__":
    main(*sys.argv[1:])
