"""Training: batches in, checkpoints and a log out. Kill it at any time; `resume` goes on."""

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
"""Called with the step and the logged values each time a line is written."""

Validate = Callable[[StrokeVAE], dict[str, float]]
"""What held-out drawings say of the model: a `score` to be chosen by, and what it is made of."""

TOLERANCE = 0.01
"""Scores that differ by no more than this are equal: a few dozen drawings can't tell better."""


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
    """Train for `config.train.steps` steps, leaving `checkpoint.npz`, `log.csv`, `config.json`.

    Resuming restores weights, optimizer, random state and the number of the next batch: the run
    ends as it would have without the break, but for the order of floating-point sums. Without a
    checkpoint it begins. What the model is and what it is fed must not have changed; steps, rates,
    loss weights and the number of devices may.

    With `start`, a model folder, a run that begins takes over those of its weights that fit. With
    `validate`, weights are looked at every `config.train.valid_every` steps and the best so far are
    kept in `best.npz`; of equals (see `TOLERANCE`) the latest. After `config.train.patience` looks
    without a better score or an equal one, training stops. `selector` names what validates.

    Raises:
        InputError: nothing to learn from, `out` is not free (see `check_run`), or the loss is no
            longer a number; or the devices of `config` are not there.
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
    log = _Log(out / LOG, first, float(facts["minutes"]))
    best = _Best(out / BEST, settings.patience, facts.get("best"))
    if validate is None or not first:
        (out / BEST).unlink(missing_ok=True)
    end = first if validate and best.over else settings.steps
    with _Prefetch(examples.starting(first)) as batches:
        for step in range(first + 1, end + 1):
            batch = next(batches)
            values = _learn(devices, model, batch, step)
            log.count(len(batch.label))
            last = step == end
            scores: dict[str, float] = {}
            if validate and (step % settings.valid_every == 0 or last):
                with log.paused():
                    scores = validate(model)
                last = best.seen(model, step, scores, config) or last
            if step % settings.log_every == 0 or scores or last:
                line = log.write(step, {**values, **scores})
                model.reset_metrics()
                if report:
                    report(step, line)
            if step % settings.save_every == 0 or last:
                facts |= {"step": step, "minutes": log.minutes, "config": config.to_dict()}
                facts |= {"best": best.facts(), "selector": selector} if validate else {}
                save_arrays(out / CHECKPOINT, variables_of(model, optimizer=True), facts)
            if last:
                break
    return model


def _learn(devices: Devices, model: StrokeVAE, batch: Batch, step: int) -> dict[str, float]:
    """One step of the optimizer, and what is logged of it: of it alone where Keras resets its
    metrics before each batch, as 3.15 does.
    """
    values = devices.learn(model, batch.inputs(), batch.targets())
    if not np.isfinite(values["loss"]):
        raise InputError(
            f"the loss is {values['loss']} at step {step}; lower train.rate or train.clip "
            "in the config and go on from the last checkpoint with --resume"
        )
    return {**values, "rate": float(model.optimizer.learning_rate)}


def build_compiled(config: RunConfig, devices: Devices = ONE) -> StrokeVAE:
    """A new model with its optimizer: Adam, gradient clipped by global norm, cosine decay.

    Raises:
        InputError: `train.jit` on several devices of TensorFlow.
    """
    _check_jit(config, devices)
    settings = config.train
    keras.utils.set_random_seed(settings.seed)
    rate = keras.optimizers.schedules.CosineDecay(
        settings.rate * 0.1,
        decay_steps=max(1, settings.steps - _warmup(settings.steps)),
        alpha=settings.rate_end / settings.rate,
        warmup_target=settings.rate,
        warmup_steps=_warmup(settings.steps),
    )
    with devices.scope():
        with _computing_in(settings.precision):
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
def _computing_in(precision: str) -> Iterator[None]:
    """Layers made here compute in `precision`; their weights are float32."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _warmup(steps: int) -> int:
    return min(200, max(1, steps // 10))


def make_examples(
    config: RunConfig,
    synthetic: Sequence[Drawing],
    real: Sequence[Drawing],
    other: Sequence[Drawing],
) -> TrainingBatches:
    """The stream of batches: real and other drawings with their shares, synthetic ones for the
    rest. Those of `config.data.shards` are both.

    Raises:
        InputError: none is of the model's classes, the shares are more than all, or a folder of
            shards is not complete.
    """
    data, classes = config.data, set(config.model.classes)
    shards = list_shards(data.shards, "train")
    known = {label: every for label, every in shards.items() if label in classes}
    unknown = {label: every for label, every in shards.items() if label not in classes}
    made = [d for d in synthetic if d.label in classes]
    most = WINDOW // 2 if known and unknown else WINDOW  # of all that is in memory
    seed = config.train.seed
    named = [[d for d in real if d.label in classes], _windows(known, seed, most)]
    unnamed = [[d for d in other if d.label not in classes], _windows(unknown, seed, most)]
    pairs = [*_shared_out(named, data.real_share), *_shared_out(unnamed, data.other_share)]
    rest = 1 - sum(share for _, share in pairs)
    if rest < -1e-9:
        raise InputError(
            f"data.real_share + data.other_share = {1 - rest:g}: 1 at most, for there are both"
        )
    pairs = [*_shared_out([made], max(rest, 0.0)), *pairs]
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


def _windows(shards: dict[str, tuple[Shard, ...]], seed: int, most: int) -> ShardWindow | None:
    return ShardWindow(shards, seed, most) if shards else None


def _shared_out(sources: Sequence[Source | None], share: float) -> list[tuple[Source, float]]:
    """Those that have drawings, with equal parts of a share; none if it is 0."""
    some = [source for source in sources if source]
    return [(source, share / len(some)) for source in some if share > 0]


def _open_run(config: RunConfig, model: StrokeVAE, out: Path, start: Path | None) -> dict[str, Any]:
    """Load what is there; the facts of the checkpoint to go on from."""
    facts: dict[str, Any] = {"step": 0, "minutes": 0.0}
    if (out / CHECKPOINT).exists():
        arrays, facts = load_arrays(out / CHECKPOINT)
        restore(variables_of(model, optimizer=True), arrays)
    elif start is not None:
        facts["from"] = _take_over(config, model, start)
    with reporting_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    with replace_file(out / "config.json") as file:
        file.write((json.dumps(config.to_dict(), indent=2) + "\n").encode())
    return facts


def _take_over(config: RunConfig, model: StrokeVAE, start: Path) -> dict[str, Any]:
    """Begin with the weights of a model folder; what was taken."""
    arrays, _ = load_arrays(start / WEIGHTS)
    known = json.loads((start / "model.json").read_text(encoding="utf-8"))
    heads = ("classifier", "class_means")
    if tuple(known["config"]["model"]["classes"]) != config.model.classes:
        arrays = {name: a for name, a in arrays.items() if not any(head in name for head in heads)}
    variables = variables_of(model, optimizer=False)
    taken = load_matching(variables, arrays)
    if not taken:
        raise InputError(f"no weight of {start} fits this config; leave out --from")
    weights = sum(variable.ndim > 0 for variable in variables.values())
    return {"name": known["name"], "steps": known["steps_trained"], "taken": taken, "of": weights}


class _Best:
    """The weights that held-out drawings speak best of; `facts` are what a checkpoint remembers."""

    def __init__(self, path: Path, patience: int, facts: dict[str, Any] | None) -> None:
        self.path, self.patience = path, patience
        known = facts if facts and path.exists() else {"score": -1.0, "worse": 0}
        self.score, self.worse = float(known["score"]), int(known["worse"])

    @property
    def over(self) -> bool:
        """Whether enough looks in a row were worse."""
        return 0 < self.patience <= self.worse

    def facts(self) -> dict[str, Any]:
        return {"score": self.score, "worse": self.worse}

    def seen(
        self, model: StrokeVAE, step: int, scores: dict[str, float], config: RunConfig
    ) -> bool:
        """Keep the weights unless earlier ones were better; whether to stop."""
        if scores["score"] >= self.score - TOLERANCE:
            self.score, self.worse = max(self.score, scores["score"]), 0
            facts = {"step": step, "config": config.to_dict(), **scores}
            save_arrays(self.path, variables_of(model, optimizer=False), facts)
        else:
            self.worse += 1
        return self.over


class _Log:
    """The CSV log; lines after the step that a run resumes from are dropped."""

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
        """Spent so far, in this sitting and those before it."""
        return self._before + (time.monotonic() - self._began) / 60

    def count(self, drawings: int) -> None:
        self.drawings += drawings

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What happens now does not count as training."""
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
    """The next batches, made in a thread while the step runs."""

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
        except BaseException as error:  # handed to the training thread, which raises it
            self._put(error)

    def _put(self, item: Batch | BaseException) -> bool:
        """Wait for room, but not for ever; False if nobody wants any more."""
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False
