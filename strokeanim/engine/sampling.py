"""Drawing freely: the decoder's steps, one stroke-5 row at a time, for a whole batch at once.

NumPy only; the engine hands in what computes one step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from strokeanim.datasets.batches import CONTEXT, LOG_SIGMA, RHO
from strokeanim.geometry.stroke_formats import DRAWING, END, LIFTED
from strokeanim.typing import Float32, Stroke5Batch

Array = npt.NDArray[np.float32]
State = Sequence[Array]
Temperatures = Float32[np.ndarray, " batch"]
RandomSource = np.random.Generator | Sequence[np.random.Generator] | None
Step = Callable[[Array, State], tuple[Array, State]]
"""Context `(batch, 7)` and state → raw parameters `(batch, 6 M + 3)` and the next state."""

States = npt.NDArray[np.intp]
QUANTILE = 0.25
"""Where a greedy pen lifts. The median stops a little early: the decoder chooses offset and pen
state apart, and often lifts a step before the curve has closed. At a quarter, strokes have as many
points as they should and closed curves close (measured in docs/adr/0004)."""


def decode_rows(
    step: Step,
    state: State,
    steps: int,
    temperature: float | Temperatures = 0.0,
    rng: RandomSource = None,
) -> Stroke5Batch:
    """`(batch, steps, 5)` stroke-5 rows in model units; from a drawing's end on, end rows.

    Greedy at temperature 0: the likeliest component's mean, and strokes of the length that the
    decoder expects (see `Pen`). Above, σ is multiplied by √τ and the logits of the components are
    divided by τ, as in sketch-rnn; the lengths of strokes spread with √τ, at 1 to their full
    distribution. `temperature` may be one for each drawing, `(batch,)`. Each drawing has random
    numbers of its own, so it does not depend on what it is decoded with: those that `rng` spawns,
    or, of a list of generators, one for each drawing.

    A drawing that has not ended after `steps` rows is cut there. Rows of finished drawings are
    not computed.
    """
    count = len(state[0])
    rows = np.zeros((count, steps, 5), np.float32)
    rows[..., 2 + END] = 1
    context = np.zeros((count, CONTEXT), np.float32)
    context[:, 2 + LIFTED] = 1
    alive = np.arange(count)
    heat = np.broadcast_to(np.asarray(temperature, np.float32), (count,))
    noise = _noise(rng, count, steps) if (heat > 0).any() else None
    pen = PenTracker(count)
    for number in range(steps):
        params, state = step(context, state)
        if noise is None:
            quantile: Array | float = QUANTILE
            offset = greedy(params)
        else:
            chance, hot = noise[alive, number], heat[alive]
            share = np.minimum(1.0, np.sqrt(hot))
            quantile = (1 - share) * QUANTILE + share * chance[:, 1]
            offset = np.where((hot > 0)[:, None], sample(params, hot, chance), greedy(params))
        rows[alive, number] = row = _row(offset, pen.state(params[:, -3:], context, quantile))
        going = row[:, 2 + END] == 0
        context = np.concatenate([row, context[:, 5:] + row[:, :2]], axis=1)
        if not going.all():
            context, state = context[going], [part[going] for part in state]
            alive = alive[going]
            pen.keep(going)
            if not len(alive):
                break
    return rows


class PenTracker:
    """When the pen lifts, and when the drawing ends: at a quantile of the length expected.

    The likeliest state of each step alone won't do. Of a scribble the decoder knows roughly how
    long it is, not after which point it ends: every step is likelier to go on than not, and the
    pen would never stop. So the probability that it would still be down is multiplied up from step
    to step, and the pen lifts when that falls below a quantile chosen at the start of the stroke:
    `QUANTILE`, or a uniform number for a fair sample. The same, from stroke to stroke,
    for the end of the drawing.
    """

    def __init__(self, count: int) -> None:
        self._down, self._unfinished = np.ones(count), np.ones(count)
        self._lift, self._end = np.full(count, QUANTILE), np.full(count, -1.0)

    def state(self, logits: Array, context: Array, quantile: Array | float) -> States:
        """The pen state after each row, from its logits `(batch, 3)` and its context.

        `quantile`, a number or one per row, counts only in the rows where a stroke starts.
        """
        p = np.exp(logits - logits.max(axis=1, keepdims=True)).astype(np.float64)
        p /= p.sum(axis=1, keepdims=True)
        between = context[:, 2 + LIFTED] == 1  # strokes; only there does a drawing end
        self._end = np.where(self._end < 0, quantile, self._end)
        self._lift = np.where(between, quantile, self._lift)
        self._unfinished[between] *= 1 - p[between, END]
        self._down = np.where(between, 1.0, self._down) * p[:, DRAWING]
        # Of a drawing that goes on, the pen is up or down: the end has no share in that.
        self._down[between] /= np.maximum(1 - p[between, END], 1e-9)
        state: States = np.where(self._down < self._lift, LIFTED, DRAWING)
        abrupt = ~between & (state == LIFTED) & (p[:, END] > p[:, LIFTED])
        state[abrupt | (between & (self._unfinished < self._end))] = END
        return state

    def keep(self, going: npt.NDArray[np.bool_]) -> None:
        """Forget the drawings that have ended."""
        self._down, self._unfinished = self._down[going], self._unfinished[going]
        self._lift, self._end = self._lift[going], self._end[going]


def greedy(params: Array) -> Array:
    """The offset `(batch, 2)`: the mean of the likeliest component of each row."""
    weight, x, y = np.split(params[:, : (params.shape[1] - 3) // 2], 3, axis=1)
    every, component = np.arange(len(params)), weight.argmax(axis=1)
    return np.stack([x[every, component], y[every, component]], axis=1)


def sample(params: Array, temperature: float | Temperatures, noise: Array) -> Array:
    """An offset `(batch, 2)` per row; of `noise` `(batch, 4)` the first number, uniform, chooses
    the component, and the last two, normal, the place in it. The second is the pen's.
    """
    weight, x, y, sx, sy, rho = np.split(params[:, :-3], 6, axis=1)
    heat = np.reshape(np.maximum(temperature, 1e-6), (-1, 1))
    every, component = np.arange(len(params)), _pick(weight / heat, noise[:, 0])
    spread = np.sqrt(temperature) * np.exp(
        np.clip(np.stack([sx[every, component], sy[every, component]]), *LOG_SIGMA)
    )
    tied = RHO * np.tanh(rho[every, component])
    dx = spread[0] * noise[:, 2]
    dy = spread[1] * (tied * noise[:, 2] + np.sqrt(1 - tied**2) * noise[:, 3])
    return np.stack([x[every, component] + dx, y[every, component] + dy], axis=1)


def _row(offset: Array, state: States) -> Array:
    rows = np.zeros((len(offset), 5), np.float32)
    rows[:, :2] = offset
    rows[np.arange(len(offset)), 2 + state] = 1
    rows[state == END, :2] = 0
    return rows


def _pick(logits: Array, uniform: Array) -> npt.NDArray[np.intp]:
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    running = np.cumsum(likely, axis=1)
    return np.asarray((running < (uniform * running[:, -1])[:, None]).sum(axis=1))


def _noise(rng: RandomSource, count: int, steps: int) -> Array:
    """`(count, steps, 4)`: two uniform numbers, two normal ones; each drawing's own."""
    each = rng if isinstance(rng, Sequence) else (rng or np.random.default_rng(0)).spawn(count)
    drawn = [np.hstack([one.random((steps, 2)), one.normal(size=(steps, 2))]) for one in each]
    return np.asarray(drawn, dtype=np.float32)
