"""Train the model, with checkpoints and a log, in a run that can be killed and resumed."""

from __future__ import annotations

import csv
import io
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np

from strokeanim.datasets.batches import Batch, Source, TrainingBatches
from strokeanim.datasets.shards import WINDOW, Shard, ShardWindow, digest_of, list_shards
from strokeanim.errors import InputError
from strokeanim.geometry.drawing import Drawing
from strokeanim.io.atomic_files import replace_file, reporting_errors
from strokeanim.model.checkpoint import (
    WEIGHTS,
    load_arrays,
    load_matching,
    restore,
    save_arrays,
    variables_of,
)
from strokeanim.model.config import RunConfig
from strokeanim.model.devices import ONE, Devices
from strokeanim.model.run import BEST, CHECKPOINT, LOG, check_run
from strokeanim.model.vae import StrokeVAE

PARTS = ["loss", "offset", "pen", "kl", "pixel", "class", "accuracy"]
SCORES = ["score", "between", "rebuilt", "chamfer"]
COLUMNS = ["step", *PARTS, "rate", "drawings_per_second", "minutes", *SCORES]

Report = Callable[[int, dict[str, float]], None]
"""A function called with the step and its logged values whenever a line is written."""

Validate = Callable[[StrokeVAE], dict[str, float]]
"""A function that returns a model's `score` on held-out drawings, and its parts."""

TOLERANCE = 0.01
"""Largest difference of equal scores: a few dozen drawings have no finer resolution."""


def train(
    config: RunConfig,
    synthetic: Sequence[Drawing],
    real: Sequence[Drawing],
    other: Sequence[Drawing],
    out: Path,
    resume: bool = False,
    report: Report | None = None,
    start: Path | None = None,
    validate: Validate | None = None,
    selector: str = "",
) -> StrokeVAE:
    """Train for `config.train.steps` steps; write `checkpoint.npz`, `log.csv` and `config.json`.

    Resuming restores weights, optimizer, random state and the number of the next batch: the run
    ends as it would have without the interruption, but for the order of floating-point sums.
    Without a checkpoint, a run begins. Model and data must not have changed; steps, rates, loss
    weights and the number of devices may.

    A new run starts with those weights of the model folder `start` that fit, if it is given. With
    `validate`, weights are scored every `config.train.valid_every` steps and the best so far are
    kept in `best.npz`; of equals (see `TOLERANCE`) the latest. After `config.train.patience`
    validations without a better or an equal score, training stops. `selector` is the name of the
    classifier that validates.

    Raises:
        InputError: no drawing is of the model's classes, `out` is not free (see `check_run`), the
            loss is not finite, or the devices of `config` do not exist.
        OutputError: `out` cannot be written.
    """
    check_run(config, out, resume)
    devices = Devices.sharing(config.train.devices, config.train.batch)
    _check_jit(config, devices)
    examples = make_examples(config, synthetic, real, other)
    model = build_compiled(config, devices)
    facts = _open_run(config, model, out, start)
    facts["shards"] = [digest_of(folder) for folder in config.data.shards]
    settings, first = config.train, int(facts["step"])
    log = _TrainingLog(out / LOG, first, float(facts["minutes"]))
    best = _BestWeights(out / BEST, settings.patience, facts.get("best"))
    if validate is None or not first:
        (out / BEST).unlink(missing_ok=True)
    end = first if validate and best.out_of_patience else settings.steps
    with _Prefetch(examples.starting(first)) as batches:
        for step in range(first + 1, end + 1):
            batch = next(batches)
            values = _train_step(devices, model, batch, step)
            log.count(len(batch.label))
            last = step == end
            scores: dict[str, float] = {}
            if validate and (step % settings.valid_every == 0 or last):
                with log.pause():
                    scores = validate(model)
                last = best.update(model, step, scores, config) or last
            if step % settings.log_every == 0 or scores or last:
                line = log.write(step, {**values, **scores})
                model.reset_metrics()
                if report:
                    report(step, line)
            if step % settings.save_every == 0 or last:
                facts |= {"step": step, "minutes": log.minutes, "config": config.to_dict()}
                facts |= {"best": best.to_dict(), "selector": selector} if validate else {}
                save_arrays(out / CHECKPOINT, variables_of(model, optimizer=True), facts)
            if last:
                break
    return model


def _train_step(devices: Devices, model: StrokeVAE, batch: Batch, step: int) -> dict[str, float]:
    """Run one optimizer step, and return what is logged.

    The values are of this step alone if Keras resets its metrics before each batch, as 3.15 does.
    """
    values = devices.learn(model, batch.inputs(), batch.targets())
    if not np.isfinite(values["loss"]):
        raise InputError(
            f"the loss is {values['loss']} at step {step}; lower train.rate or train.clip "
            "in the config and resume from the last checkpoint",
            option="resume",
        )
    return {**values, "rate": float(model.optimizer.learning_rate)}


def build_compiled(config: RunConfig, devices: Devices = ONE) -> StrokeVAE:
    """Build a new model with its optimizer: Adam, gradient clipped by global norm, cosine decay.

    Raises:
        InputError: `train.jit` is set for several devices of TensorFlow.
    """
    _check_jit(config, devices)
    settings = config.train
    keras.utils.set_random_seed(settings.seed)
    rate = keras.optimizers.schedules.CosineDecay(
        settings.rate * 0.1,
        decay_steps=max(1, settings.steps - _warmup_steps(settings.steps)),
        alpha=settings.rate_end / settings.rate,
        warmup_target=settings.rate,
        warmup_steps=_warmup_steps(settings.steps),
    )
    with devices.scope():
        with _use_precision(settings.precision):
            model = StrokeVAE(config.model, settings).built_once()
        model.compile(
            optimizer=devices.adam(rate, settings.clip),
            jit_compile=settings.jit or keras.backend.backend() != "tensorflow",
        )
        model.optimizer.build(model.trainable_variables)
    return model


def _check_jit(config: RunConfig, devices: Devices) -> None:
    if config.train.jit and devices.strategy:
        raise InputError(
            "train.jit = true: TensorFlow compiles for one device only; set it to false, "
            "or KERAS_BACKEND to jax"
        )


@contextmanager
def _use_precision(precision: str) -> Iterator[None]:
    """Set the precision in which layers built here compute; their weights are float32."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _warmup_steps(steps: int) -> int:
    return min(200, max(1, steps // 10))


def make_examples(
    config: RunConfig,
    synthetic: Sequence[Drawing],
    real: Sequence[Drawing],
    other: Sequence[Drawing],
) -> TrainingBatches:
    """Build the stream of batches: real and other drawings by their shares, synthetic ones else.

    Drawings of `config.data.shards` are real or other by their class.

    Raises:
        InputError: no drawing is of the model's classes, the sum of the shares exceeds 1, or a
            folder of shards is incomplete.
    """
    data, classes = config.data, set(config.model.classes)
    shards = list_shards(data.shards, "train")
    known = {label: parts for label, parts in shards.items() if label in classes}
    unknown = {label: parts for label, parts in shards.items() if label not in classes}
    made = [d for d in synthetic if d.label in classes]
    limit = WINDOW // 2 if known and unknown else WINDOW  # of drawings in memory
    seed = config.train.seed
    named = [[d for d in real if d.label in classes], _open_window(known, seed, limit)]
    unnamed = [[d for d in other if d.label not in classes], _open_window(unknown, seed, limit)]
    pairs = [*_divide_share(named, data.real_share), *_divide_share(unnamed, data.other_share)]
    rest = 1 - sum(share for _, share in pairs)
    if rest < -1e-9:
        raise InputError(
            f"data.real_share + data.other_share = {1 - rest:g}: 1 at most with drawings of both"
        )
    pairs = [*_divide_share([made], max(rest, 0.0)), *pairs]
    if not pairs or not any([made, *named]):
        raise InputError(
            f"nothing to learn from: no drawing of {', '.join(config.model.classes)}; "
            "set data.synthetic, data.real or data.shards"
        )
    total = sum(share for _, share in pairs)
    return TrainingBatches(
        tuple(source for source, _ in pairs),
        tuple(share / total for _, share in pairs),
        config.model.classes,
        batch=config.train.batch,
        steps=config.model.steps,
        side=config.model.side,
        latent=config.model.latent,
        strength=config.data.augment,
        pen_noise=config.data.pen_noise,
        in_order=config.data.canonical,
        seed=config.train.seed,
    )


def _open_window(shards: dict[str, tuple[Shard, ...]], seed: int, limit: int) -> ShardWindow | None:
    return ShardWindow(shards, seed, limit) if shards else None


def _divide_share(sources: Sequence[Source | None], share: float) -> list[tuple[Source, float]]:
    """Divide a share equally among the sources that have drawings; return none if it is 0."""
    filled = [source for source in sources if source]
    return [(source, share / len(filled)) for source in filled if share > 0]


def _open_run(config: RunConfig, model: StrokeVAE, out: Path, start: Path | None) -> dict[str, Any]:
    """Load the checkpoint or the start weights, and return the metadata of the checkpoint."""
    facts: dict[str, Any] = {"step": 0, "minutes": 0.0}
    if (out / CHECKPOINT).exists():
        arrays, facts = load_arrays(out / CHECKPOINT)
        restore(variables_of(model, optimizer=True), arrays)
    elif start is not None:
        facts["from"] = _load_start_weights(config, model, start)
    with reporting_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    with replace_file(out / "config.json") as file:
        file.write((json.dumps(config.to_dict(), indent=2) + "\n").encode())
    return facts


def _load_start_weights(config: RunConfig, model: StrokeVAE, start: Path) -> dict[str, Any]:
    """Load the weights of a model folder that fit, and return what was loaded."""
    arrays, _ = load_arrays(start / WEIGHTS)
    known = json.loads((start / "model.json").read_text(encoding="utf-8"))
    heads = ("classifier", "class_means")
    if tuple(known["config"]["model"]["classes"]) != config.model.classes:
        arrays = {name: a for name, a in arrays.items() if not any(head in name for head in heads)}
    variables = variables_of(model, optimizer=False)
    taken = load_matching(variables, arrays)
    if not taken:
        raise InputError(
            f"no weight of {start} fits this config; start from another model, or from none"
        )
    weights = sum(variable.ndim > 0 for variable in variables.values())
    return {"name": known["name"], "steps": known["steps_trained"], "taken": taken, "of": weights}


class _BestWeights:
    """The weights with the best score so far; `facts` is the state in the checkpoint, if any."""

    def __init__(self, path: Path, patience: int, facts: dict[str, Any] | None) -> None:
        self.path, self.patience = path, patience
        known = facts if facts and path.exists() else {"score": -1.0, "worse": 0}
        self.score, self.worse = float(known["score"]), int(known["worse"])

    @property
    def out_of_patience(self) -> bool:
        """Return whether enough scores in a row were worse."""
        return 0 < self.patience <= self.worse

    def to_dict(self) -> dict[str, Any]:
        return {"score": self.score, "worse": self.worse}

    def update(
        self, model: StrokeVAE, step: int, scores: dict[str, float], config: RunConfig
    ) -> bool:
        """Save the weights unless earlier ones were better, and return whether to stop."""
        if scores["score"] >= self.score - TOLERANCE:
            self.score, self.worse = max(self.score, scores["score"]), 0
            facts = {"step": step, "config": config.to_dict(), **scores}
            save_arrays(self.path, variables_of(model, optimizer=False), facts)
        else:
            self.worse += 1
        return self.out_of_patience


class _TrainingLog:
    """The CSV log, without lines after the step that a run resumes from."""

    def __init__(self, path: Path, start: int, minutes: float) -> None:
        self.path = path
        self._before, self._began = minutes, time.monotonic()
        self.drawings, self.since = 0, time.monotonic()
        kept = []
        if start and path.exists():
            with path.open(newline="") as file:
                kept = [row for row in csv.DictReader(file) if int(row["step"]) <= start]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        writer.writerows(kept)
        with replace_file(path) as file:
            file.write(text.getvalue().encode())

    @property
    def minutes(self) -> float:
        """Return the minutes spent so far, including those before a resumption."""
        return self._before + (time.monotonic() - self._began) / 60

    def count(self, drawings: int) -> None:
        self.drawings += drawings

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Exclude the time of the block from the training time."""
        start = time.monotonic()
        yield
        self.since += time.monotonic() - start

    def write(self, step: int, values: dict[str, float]) -> dict[str, float]:
        now = time.monotonic()
        speed = self.drawings / max(now - self.since, 1e-9)
        self.drawings, self.since = 0, now
        line = {"step": step, **values, "drawings_per_second": speed, "minutes": self.minutes}
        shown = {name: f"{line[name]:.6g}" for name in COLUMNS if name in line}
        with reporting_errors(self.path), self.path.open("a", newline="") as file:
            csv.DictWriter(file, COLUMNS).writerow(shown)
        return line


class _Prefetch:
    """A queue of the next batches, filled by a thread while the step runs."""

    def __init__(self, batches: Iterator[Batch], ahead: int = 12) -> None:
        self._queue: queue.Queue[Any] = queue.Queue(ahead)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._fill, args=(batches,), daemon=True)

    def __enter__(self) -> _Prefetch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def __next__(self) -> Batch:
        item = self._queue.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def _fill(self, batches: Iterator[Batch]) -> None:
        try:
            for batch in batches:
                if not self._put(batch):
                    return
        except BaseException as error:  # which the training thread raises
            self._put(error)

    def _put(self, item: Batch | BaseException) -> bool:
        """Wait for room in the queue; return False if it is closed meanwhile."""
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False
