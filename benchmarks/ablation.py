"""Ablation study of the model: `python -m benchmarks.ablation DRAWINGS OTHER OUT [NAME…]`.

Every variant is trained for the same number of steps from the same seed, and scored on the `valid`
split of the real drawings by the selector, never by the judge. An interrupted study resumes. The
table is OUT/ablation.csv; `python -m benchmarks.ablation --table OUT` prints it as Markdown.

Most variants differ from `base` in one setting and see the same batches. The exceptions are:

- *free bits 0.1* has KL weight 0.1 too: compare it with *KL 0.1*;
- *stroke encoder, no class head* differs in two settings, as its name says;
- *class prior* is one setting but changes both the prior of the latents and the class head;
- *other drawings 0.2* sees other batches, with 0.2 less of synthetic drawings;
- *human order* and *no pen drift* see the same drawings, but change the decoder's targets or the
  pen position that it is given; in *human order*, line widths differ as well.

Initial weights are the same only if the network is. `valid` has 35 drawings, so one of them is
some 3 points: differences below that are noise, and larger ones may be. The intervals are 95 %
over drawings and do not include the effect of another seed.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

Row = dict[str, str | float | None]

USAGE = """usage: python -m benchmarks.ablation DRAWINGS OTHER OUT [NAME…]
       python -m benchmarks.ablation --table OUT
DRAWINGS and OTHER are QuickDraw files: of the classes, and of any others"""

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
INTERVALS = ("rec", *(f"between_{name}" for name in BETWEEN))
"""Figures whose intervals have columns of their own."""

LOW, HIGH = "_low", "_high"
PLAIN = {"silhouette": 2, "between_path_ratio": 2, "active_units": 0, "loss": 3, "minutes": 0}
"""Columns that are not shares, and their decimals."""

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


def main(*arguments: str) -> None:
    match arguments:
        case ("--table", out):
            table = Path(out) / "ablation.csv"
            if not table.exists():
                fail(f"there is no {table}")
            print(markdown(read(table)))
        case (drawings, other, out, *names) if not drawings.startswith("-"):
            for file in (drawings, other):
                if not Path(file).is_file():
                    fail(f"there is no file {file}\n{USAGE}")
            for name in names:
                if name not in VARIANTS:
                    fail(f"no variant {name!r}; there are {', '.join(VARIANTS)}")
            for name in names or VARIANTS:
                run(name, drawings, other, Path(out))
        case _:
            fail(USAGE)


def fail(message: str) -> None:
    print(message, file=sys.stderr)
    sys.exit(2)


def run(name: str, drawings: str, other: str, out: Path) -> None:
    """Train, export and score one variant."""
    variant = {**DEFAULTS, **VARIANTS[name]}
    folder = out / name.replace(" ", "-").replace(",", "")
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.toml"
    config.write_text(BASE.format(**variant))
    extra = ("--other", other) if variant["other_share"] else ()
    strokeanim("train", config, "--out", folder, "--data", drawings, "--resume",
               "--selector", "none", *extra)  # fmt: skip
    strokeanim("model", "export", folder, "--out", folder / "model", "--data", drawings)
    told = strokeanim(
        "evaluate", "--model", folder / "model", "--data", drawings,
        "--split", "valid", "--judge", "selector", "--json",
    )  # fmt: skip
    with (folder / "log.csv").open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    row = {"variant": name, **figures(json.loads(told)), "loss": last["loss"]}
    row["minutes"] = last["minutes"]
    if not variant["class_weight"]:
        row["identify"] = None  # the head exists, but is untrained
    keep(row, out / "ablation.csv")


def strokeanim(*arguments: object) -> str:
    """Return what a command prints on stdout; exit if it fails, since it has printed why."""
    command = [sys.executable, "-m", "strokeanim", *map(str, arguments)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


def figures(found: dict[str, dict]) -> Row:
    """Extract the columns that come from the JSON of `evaluate`."""
    between = found["methods"]["independent"]["all"]["figures"]
    chosen = {name: found["figures"][name]["mean"] for name in FIGURES}
    chosen |= {f"between_{name}": between[name]["mean"] for name in BETWEEN}
    row: Row = {}
    for name, figure in chosen.items():
        row[name] = figure["value"]
        if name in INTERVALS:
            row |= {name + LOW: figure["low"], name + HIGH: figure["high"]}
    return {**row, "active_units": found["active_units"]["drawings"]}


def keep(row: Row, table: Path) -> None:
    """Write a row of the table, replacing an earlier one of the same name.

    Columns that only older rows have are kept; columns that they lack stay empty.
    """
    rows = {each["variant"]: each for each in read(table)} if table.exists() else {}
    rows[row["variant"]] = row
    columns = dict.fromkeys([*row, *(name for each in rows.values() for name in each)])
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows.values())


def read(table: Path) -> list[Row]:
    with table.open(newline="") as file:
        return list(csv.DictReader(file))


def markdown(rows: list[Row]) -> str:
    """Format the table: shares in per cent, intervals in brackets, a dash for a missing value.

    >>> row = {"variant": "base", "rec": "0.8", "rec_low": "0.7", "rec_high": "0.86", "loss": ""}
    >>> print(markdown([row]))
    | variant | rec | loss |
    |---|---|---|
    | base | 80.0 % [70.0, 86.0] | – |
    """
    every = dict.fromkeys(name for row in rows for name in row)
    columns = [name for name in every if not name.endswith((LOW, HIGH))]
    lines = [columns, *([cell(row, name) for name in columns] for row in rows)]
    first, *rest = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([first, "|---" * len(columns) + "|", *rest])


def cell(row: Row, name: str) -> str:
    if name == "variant" or not row.get(name):
        return str(row.get(name) or "–")
    if name in PLAIN:
        value, low, high = (number(row.get(name + end), PLAIN[name]) for end in ("", LOW, HIGH))
    else:
        value, low, high = (number(row.get(name + end), 1, 100) for end in ("", LOW, HIGH))
        value += " %"
    return f"{value} [{low}, {high}]" if low and high else value


def number(text: str | float | None, decimals: int, times: int = 1) -> str:
    return f"{float(text) * times:.{decimals}f}" if text else ""


if __name__ == "__main__":
    main(*sys.argv[1:])
