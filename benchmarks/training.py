"""Compare training with the machine's ceiling: `python -m benchmarks.training [UNITS [BATCH]]`.

Printed are the drawings per second of a training step in float32 and in bfloat16, with XLA and
without it, and of the pipeline that makes the batches; and the ceiling, if only the step's matrix
products and convolutions took time, at the speed of a large float32 product. All are from one run,
so that ratios compare.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np

from strokeanim.datasets.batches import Batch
from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.model.config import DataConfig, ModelConfig, RunConfig, TrainConfig
from strokeanim.model.train import build_compiled, make_examples
from strokeanim.model.vae import StrokeVAE

BATCHES = 8


def main(units: int = 384, batch: int = 128) -> None:
    settings = TrainConfig(batch=batch)
    config = RunConfig(ModelConfig(units=units), DataConfig(), settings)
    examples = make_examples(config, synthesise_many(2000, 1), [], [])
    stream = examples.starting(0)
    next(stream)
    start = time.perf_counter()
    batches = [next(stream) for _ in range(2 * BATCHES)][-BATCHES:]
    made = 2 * BATCHES * batch / (time.perf_counter() - start)
    flops = float(np.mean([cost(each, config.model) for each in batches]))
    ceiling = product_speed()
    print(f"large float32 product      {ceiling / 1e9:8.0f} GFLOP/s")
    print(f"a step of {batch} drawings     {flops / 1e9:8.1f} GFLOP in products and convolutions")
    print(f"ceiling                    {ceiling / flops * batch:8.0f} drawings/s")
    print(f"the pipeline alone         {made:8.0f} drawings/s")
    for name, jit, precision in (
        ("float32", False, "float32"),
        ("bfloat16", False, "bfloat16"),
        ("float32, XLA", True, "float32"),
        ("bfloat16, XLA", True, "bfloat16"),
    ):
        how = replace(settings, jit=jit, precision=precision)
        speed = batch / step_time(replace(config, train=how), batches)
        share = speed / (ceiling / flops * batch)
        print(f"{name:26} {speed:8.0f} drawings/s, {share:.0%} of the ceiling", flush=True)


def step_time(config: RunConfig, batches: list[Batch]) -> float:
    """Return the seconds of a step, after each padded length has been compiled."""
    model = build_compiled(config)
    train_on(model, batches)
    start = time.perf_counter()
    train_on(model, batches)
    return (time.perf_counter() - start) / len(batches)


def train_on(model: StrokeVAE, batches: list[Batch]) -> None:
    for batch in batches:
        model.train_on_batch(batch.inputs(), batch.targets())


def cost(batch: Batch, model: ModelConfig) -> float:
    """Return the FLOPs of products and convolutions in a training step: three forward passes."""
    drawings, steps, _ = batch.rows.shape
    step = 2 * model.units * (4 * model.units + 6 * model.mixtures + 3) + 2 * 7 * 4 * model.units
    side, before, picture = model.side, 1, 0.0
    for filters in model.filters:
        side //= 2
        picture += 2 * side * side * 9 * before * filters
        before = filters
    picture += 2 * (side * side + 1) * before * model.latent + 2 * model.latent * 6 * model.units
    start = model.side // 16
    paint = 2.0 * model.latent * start * start * 64
    before, side = 64, start
    for filters in (48, 24, 12):
        paint += 2 * side * side * 16 * before * filters
        before, side = filters, side * 2
    paint += 2 * side * side * 9 * before
    return 3.0 * drawings * (steps * step + picture + paint * model.pixels)


def product_speed(size: int = 2048) -> float:
    """Return the FLOP/s of a float32 product of two square matrices, the fastest of five."""
    a = np.random.default_rng(0).random((size, size), dtype=np.float32)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - start)
    return 2 * size**3 / min(times)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
