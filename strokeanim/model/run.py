"""Check the folder of a training run: whether a run may begin or resume there; without Keras."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from strokeanim.datasets.shards import digest_of
from strokeanim.errors import InputError
from strokeanim.model.checkpoint import load_metadata
from strokeanim.model.config import RunConfig, config_from

CHECKPOINT = "checkpoint.npz"
BEST = "best.npz"
LOG = "log.csv"


def check_run(config: RunConfig, out: Path, resume: bool) -> None:
    """Check that a run of `config` may begin, or resume, in `out`.

    Raises:
        InputError: `out` contains a run and `resume` is false, the model or the data of that run
            are not those of `config`, or a folder of shards is missing or was written anew.
    """
    checkpoint = out / CHECKPOINT
    if not checkpoint.exists():
        return
    if not resume:
        raise InputError(
            f"{out} already holds a run; set resume to continue it, or choose another out",
            option="resume",
        )
    facts = load_metadata(checkpoint)
    before, now = _fixed_settings(config_from(facts["config"])), _fixed_settings(config)
    changed = [key for key, value in now.items() if before[key] != value]
    if changed:
        changes = ", ".join(f"{key} was {before[key]!r}" for key in changed)
        raise InputError(
            f"{out} is a run of another config: {changes}; choose another out", option="out"
        )
    known = facts.get("shards") or (None,) * len(config.data.shards)  # not in older checkpoints
    for folder, digest in zip(config.data.shards, known, strict=True):
        if digest and digest != digest_of(folder):
            raise InputError(
                f"{folder}: the shards are not those that the run in {out} began with; bring "
                "these back, or choose another out",
                option="out",
            )


def _fixed_settings(config: RunConfig) -> dict[str, Any]:
    """Return the settings that a run keeps: those of the weights' shapes and of the batches."""
    flat = {f"model.{key}": value for key, value in asdict(config.model).items()}
    flat |= {f"data.{key}": value for key, value in asdict(config.data).items()}
    for key in ("real", "shards", "other"):
        flat[f"data.{key}"] = tuple(Path(name).name for name in getattr(config.data, key))
    return flat | {"train.batch": config.train.batch, "train.seed": config.train.seed}
