"""What each part of the model is worth: `python -m benchmarks.ablation DRAWINGS OTHER OUT [NAME…]`.

Every variant differs from the base in one thing and gets the same number of steps of the same
batches. It is scored on the `valid` split of the real drawings by the selector, never by the judge.
Killed, it goes on where it was; the table is in OUT/ablation.csv.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

BASE = """
[model]
units = {units}
latent = {latent}
layer_norm = {layer_norm}
pixels = {pixels}
encoder = "{encoder}"
gate_bias = {gate_bias}
class_prior = {class_prior}
steps = 72

[data]
synthetic = 20000
real_share = {real_share}
other_share = {other_share}
canonical = {canonical}
pen_noise = {pen_noise}

[train]
steps = {steps}
batch = 64
rate = {rate}
kl_weight = {kl_weight}
free_bits = {free_bits}
class_weight = {class_weight}
pixel_weight = 0.5
save_every = 500
valid_every = 100000
"""

FIGURES = (
    "identify", "rec", "ret_1", "chamfer", "cut", "knn", "silhouette", "generated_rec",
)  # fmt: skip
BETWEEN = ("rec", "worst_t", "all_right", "path_ratio")

DEFAULTS = {
    "units": 256, "latent": 512, "layer_norm": "true", "pixels": "true", "encoder": "cnn",
    "gate_bias": "true", "class_prior": "false", "real_share": 0.4, "other_share": 0.0,
    "canonical": "true", "pen_noise": 0.012, "rate": 1e-3, "kl_weight": 0.02, "free_bits": 0.0,
    "class_weight": 0.2, "steps": 2000,
}  # fmt: skip

VARIANTS: dict[str, dict[str, object]] = {
    "base": {},
    "other drawings 0.2": {"other_share": 0.2},
    "stroke encoder": {"encoder": "bilstm"},
    "human order": {"canonical": "false"},
    "no KL": {"kl_weight": 0.0},
    "class prior": {"class_prior": "true"},
    "free bits 0.1": {"kl_weight": 0.1, "free_bits": 0.1},
    "KL 0.1": {"kl_weight": 0.1},
    "no pixel decoder": {"pixels": "false"},
    "no class head": {"class_weight": 0.0},
    "plain LSTM": {"layer_norm": "false"},
    "z in the first state only": {"gate_bias": "false"},
    "latent 128": {"latent": 128},
    "units 128": {"units": 128},
    "no pen drift": {"pen_noise": 0.0},
    "stroke encoder, no class head": {"encoder": "bilstm", "class_weight": 0.0},
}


def main(drawings: str, other: str, out: str, *names: str) -> None:
    folder = Path(out)
    for name in names or VARIANTS:
        variant = {**DEFAULTS, **VARIANTS[name]}
        run = folder / name.replace(" ", "-").replace(",", "")
        run.mkdir(parents=True, exist_ok=True)
        config = run / "config.toml"
        config.write_text(BASE.format(**variant))
        extra = ("--other", other) if variant["other_share"] else ()
        strokeanim("train", config, "--out", run, "--data", drawings, "--resume",
                   "--selector", "none", *extra)  # fmt: skip
        strokeanim("model", "export", run, "--out", run / "model", "--data", drawings)
        score(name, drawings, run, folder / "ablation.csv")


def strokeanim(*arguments: object) -> str:
    """What the command prints on stdout."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-m", "strokeanim", *map(str, arguments)]
    done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True)
    return done.stdout


def score(name: str, drawings: str, run: Path, table: Path) -> None:
    """One line of the table, in place of an earlier one of that name."""
    told = strokeanim(
        "evaluate", "--model", run / "model", "--data", drawings,
        "--split", "valid", "--judge", "selector", "--json",
    )  # fmt: skip
    found = json.loads(told)
    between = found["ways"]["independent"]["all"]["figures"]
    figures = {key: found["figures"][key] for key in FIGURES}
    figures |= {f"between_{key}": between[key] for key in BETWEEN}
    row = {"variant": name, **{key: figure["mean"]["value"] for key, figure in figures.items()}}
    row["active_units"] = found["active_units"]["drawings"]
    with (run / "log.csv").open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    row |= {"loss": last["loss"], "minutes": last["minutes"]}
    rows = {}
    if table.exists():
        with table.open(newline="") as file:
            rows = {each["variant"]: each for each in csv.DictReader(file)}
    rows[name] = row
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerows(rows.values())


if __name__ == "__main__":
    main(*sys.argv[1:])
