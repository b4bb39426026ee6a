"""Drawing freely: the decoder's steps, one stroke-5 row at a time, for a whole batch at once.

NumPy only; the engine hands in what computes one step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from strokeanim.data.examples import CONTEXT
from strokeanim.strokes.formats import END, LIFTED
from strokeanim.typing import Stroke5Batch

Array = npt.NDArray[np.float32]
State = Sequence[Array]
Step = Callable[[Array, State], tuple[Array, State]]
"""Context `(batch, 7)` and state → raw parameters `(batch, 6 M + 3)` and the next state."""

_LOG_SIGMA = (-6.0, 3.0)
_RHO = 0.95


def draw(
    step: Step,
    state: State,
    steps: int,
    temperature: float = 0.0,
    rng: np.random.Generator | None = None,
) -> Stroke5Batch:
    """`(batch, steps, 5)` stroke-5 rows in model units; from a drawing's end on, end rows.

    Greedy at temperature 0: the likeliest component's mean and the likeliest pen state. A drawing
    that has not ended after `steps` rows is cut there. Rows of finished drawings are not computed.
    """
    count = len(state[0])
    rows = np.zeros((count, steps, 5), np.float32)
    rows[..., 2 + END] = 1
    context = np.zeros((count, CONTEXT), np.float32)
    context[:, 2 + LIFTED] = 1
    alive = np.arange(count)
    draws = None if temperature <= 0 else _noise(rng, count, steps)
    for number in range(steps):
        params, state = step(context, state)
        noise = None if draws is None else draws[alive, number]
        row = choose(params, temperature, noise)
        rows[alive, number] = row
        going = row[:, 2 + END] == 0
        pen = context[:, 5:] + row[:, :2]
        context = np.concatenate([row, pen], axis=1)
        if not going.all():
            context, state = context[going], [part[going] for part in state]
            alive = alive[going]
            if not len(alive):
                break
    return rows


def choose(params: Array, temperature: float, noise: Array | None) -> Array:
    """One stroke-5 row `(batch, 5)` per row of raw parameters; `noise` is `(batch, 4)`:
    two uniform numbers that choose component and pen state, two normal ones for the offset.
    """
    mixtures = (params.shape[1] - 3) // 6
    weight, x, y, sx, sy, rho = np.split(params[:, : 6 * mixtures], 6, axis=1)
    pen = params[:, 6 * mixtures :]
    if noise is None:
        component, state = weight.argmax(axis=1), pen.argmax(axis=1)
    else:
        component = _pick(weight / temperature, noise[:, 0])
        state = _pick(pen / temperature, noise[:, 1])
    every = np.arange(len(params))
    row = np.zeros((len(params), 5), np.float32)
    row[:, 0], row[:, 1] = x[every, component], y[every, component]
    if noise is not None:
        spread = np.sqrt(temperature) * np.exp(
            np.clip(np.stack([sx[every, component], sy[every, component]]), *_LOG_SIGMA)
        )
        tied = _RHO * np.tanh(rho[every, component])
        row[:, 0] += spread[0] * noise[:, 2]
        row[:, 1] += spread[1] * (tied * noise[:, 2] + np.sqrt(1 - tied**2) * noise[:, 3])
    row[every, 2 + state] = 1
    row[state == END, :2] = 0
    return row


def _pick(logits: Array, uniform: Array) -> npt.NDArray[np.intp]:
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    running = np.cumsum(likely, axis=1)
    return np.asarray((running < (uniform * running[:, -1])[:, None]).sum(axis=1))


def _noise(rng: np.random.Generator | None, count: int, steps: int) -> Array:
    rng = rng or np.random.default_rng(0)
    uniform = rng.random((count, steps, 2))
    normal = rng.normal(size=(count, steps, 2))
    return np.concatenate([uniform, normal], axis=2).astype(np.float32)
