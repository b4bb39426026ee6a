"""The folder of a training run: what is in it, and whether a run may go on there. No Keras here."""

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
    """Whether a run of `config` may begin, or go on, in `out`.

    Raises:
        InputError: `out` holds a run and `resume` is not set; or a run whose model or data are not
            those of `config`; or a folder of shards is missing, or was cut again since.
    """
    checkpoint = out / CHECKPOINT
    if not checkpoint.exists():
        return
    if not resume:
        raise InputError(f"{out} already holds a run; go on with --resume or use another --out")
    facts = load_metadata(checkpoint)
    before, now = _fixed(config_from(facts["config"])), _fixed(config)
    changed = [key for key, value in now.items() if before[key] != value]
    if changed:
        told = ", ".join(f"{key} was {before[key]!r}" for key in changed)
        raise InputError(f"{out} is a run of another config: {told}; use another --out")
    known = facts.get("shards") or (None,) * len(config.data.shards)  # not in older checkpoints
    for folder, digest in zip(config.data.shards, known, strict=True):
        if digest and digest != digest_of(folder):
            raise InputError(
                f"{folder}: the shards are not those that the run in {out} began with; bring "
                "these back, or use another --out"
            )


def _fixed(config: RunConfig) -> dict[str, Any]:
    """What can't change under way: the weights' shapes and the stream of batches."""
    flat = {f"model.{key}": value for key, value in asdict(config.model).items()}
    flat |= {f"data.{key}": value for key, value in asdict(config.data).items()}
    for key in ("real", "shards", "other"):
        flat[f"data.{key}"] = tuple(Path(name).name for name in getattr(config.data, key))
    return flat | {"train.batch": config.train.batch, "train.seed": config.train.seed}
