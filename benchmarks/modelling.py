"""Time the model: decoding frames at once against one at a time, and coherence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks import rows
from benchmarks.plan import Plan
from benchmarks.table import Row
from benchmarks.timing import by_turns, reason
from strokeanim.engine import load_model
from strokeanim.io.samples import all_samples, samples_of
from strokeanim.latent.interpolation import interpolation_times, slerp
from strokeanim.pipeline import animate

FRAMES, TRIED = 280, 10


def decode(plan: Plan) -> Iterator[Row]:
    """Time decoding; the loop runs on a few of the frames, since each takes the same time."""
    onnx = load_model()
    z = onnx.encode(all_samples())
    frames = np.concatenate([slerp(z[k], z[k + 4], interpolation_times(10)) for k in range(24)])[
        :FRAMES
    ]
    try:
        keras = load_model(engine="keras")
    except Exception as error:
        yield from (row.skip(reason(error)) for row in (rows.DECODE_EACH, rows.DECODE_ALL))
        return
    few = frames[:: FRAMES // plan.count(TRIED, 1)]
    keras.decode(few[:1])
    theirs = {
        rows.DECODE_EACH: lambda: [keras.decode(one[None]) for one in few],
        rows.DECODE_ALL: lambda: keras.decode(frames),
    }
    own, (each, at_once) = by_turns(lambda: onnx.decode(frames), theirs, plan.runs(4))
    if each.theirs is not None:
        each = each.found(own.best, each.theirs * FRAMES / len(few), each.noise)
    yield from (each, at_once)


def between(plan: Plan) -> Iterator[Row]:
    model, pair = load_model(), samples_of("eye")[:2]
    _, found = by_turns(
        lambda: animate(*pair, model=model),
        {rows.BETWEEN: lambda: animate(*pair, model=model, coherent=False)},
        plan.runs(7),
    )
    yield from found
