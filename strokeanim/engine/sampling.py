"""Sample stroke-5 rows from the decoder, one decoder step at a time for a whole batch.

This module uses NumPy only; the engine passes the function that computes a step.
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
"""A function from context `(batch, 7)` and state to raw parameters `(batch, 6 M + 3)` and state."""

States = npt.NDArray[np.intp]
QUANTILE = 0.25
"""The probability of being still down at which the pen lifts in greedy decoding. One half, the
median length, is a little early: the decoder predicts offset and pen state separately, and often
lifts a step before the curve has closed. At a quarter, strokes have the right number of points and
closed curves close (measured in docs/adr/0004)."""


def decode_rows(
    step: Step,
    state: State,
    steps: int,
    temperature: float | Temperatures = 0.0,
    rng: RandomSource = None,
) -> Stroke5Batch:
    """Return `(batch, steps, 5)` stroke-5 rows in model units, with end rows after the end.

    At temperature 0, decoding is greedy: the mean of the most probable component, and strokes of
    the length that the decoder expects (see `PenTracker`). At temperature τ > 0, σ is multiplied
    by √τ and the logits of the components are divided by τ, as in sketch-rnn; the spread of
    stroke lengths grows with √τ, to their full distribution at τ = 1.

    A drawing that has not ended after `steps` rows is truncated. Rows of finished drawings are
    not computed.

    Args:
        step: computes one decoder step.
        state: initial state of the decoder.
        steps: number of rows.
        temperature: τ, one number or one for each drawing, `(batch,)`.
        rng: a generator that spawns one for each drawing, or a list of one for each drawing, so
            that a drawing does not depend on the others of its batch.
    """
    count = len(state[0])
    rows = np.zeros((count, steps, 5), np.float32)
    rows[..., 2 + END] = 1
    context = np.zeros((count, CONTEXT), np.float32)
    context[:, 2 + LIFTED] = 1
    alive = np.arange(count)
    temperatures = np.broadcast_to(np.asarray(temperature, np.float32), (count,))
    noise = _draw_noise(rng, count, steps) if (temperatures > 0).any() else None
    pen = PenTracker(count)
    for index in range(steps):
        params, state = step(context, state)
        if noise is None:
            quantile: Array | float = QUANTILE
            offset = greedy(params)
        else:
            row_noise, tau = noise[alive, index], temperatures[alive]
            share = np.minimum(1.0, np.sqrt(tau))
            quantile = (1 - share) * QUANTILE + share * row_noise[:, 1]
            offset = np.where((tau > 0)[:, None], sample(params, tau, row_noise), greedy(params))
        rows[alive, index] = row = _build_rows(offset, pen.state(params[:, -3:], context, quantile))
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
    """Pen states of a batch of drawings, by quantiles of the expected lengths.

    The most probable pen state of each step does not suffice. For a scribble, the decoder predicts
    roughly how long it is, but not after which point it ends: at every step, going on is more
    probable than lifting, and the pen would never lift. Therefore the probability that the pen is
    still down is accumulated as a product over steps, and the pen lifts when it falls below a
    quantile chosen at the start of the stroke: `QUANTILE`, or a uniform number for a fair sample.
    The end of the drawing is determined in the same way, over strokes.
    """

    def __init__(self, count: int) -> None:
        self._down, self._unfinished = np.ones(count), np.ones(count)
        self._lift, self._end = np.full(count, QUANTILE), np.full(count, -1.0)

    def state(self, logits: Array, context: Array, quantile: Array | float) -> States:
        """Return the pen state after each row, from its logits `(batch, 3)` and its context.

        `quantile`, a number or one per row, has an effect only in rows where a stroke starts.
        """
        p = np.exp(logits - logits.max(axis=1, keepdims=True)).astype(np.float64)
        p /= p.sum(axis=1, keepdims=True)
        between = context[:, 2 + LIFTED] == 1  # strokes, the only point where a drawing ends
        self._end = np.where(self._end < 0, quantile, self._end)
        self._lift = np.where(between, quantile, self._lift)
        self._unfinished[between] *= 1 - p[between, END]
        self._down = np.where(between, 1.0, self._down) * p[:, DRAWING]
        # Given that the drawing goes on, the pen is up or down: exclude the end.
        self._down[between] /= np.maximum(1 - p[between, END], 1e-9)
        state: States = np.where(self._down < self._lift, LIFTED, DRAWING)
        abrupt = ~between & (state == LIFTED) & (p[:, END] > p[:, LIFTED])
        state[abrupt | (between & (self._unfinished < self._end))] = END
        return state

    def keep(self, going: npt.NDArray[np.bool_]) -> None:
        """Drop the drawings that have ended; `going` marks the others, `(batch,)`."""
        self._down, self._unfinished = self._down[going], self._unfinished[going]
        self._lift, self._end = self._lift[going], self._end[going]


def greedy(params: Array) -> Array:
    """Return the mean of the most probable component of each row, an offset `(batch, 2)`."""
    weight, x, y = np.split(params[:, : (params.shape[1] - 3) // 2], 3, axis=1)
    row, component = np.arange(len(params)), weight.argmax(axis=1)
    return np.stack([x[row, component], y[row, component]], axis=1)


def sample(params: Array, temperature: float | Temperatures, noise: Array) -> Array:
    """Sample an offset from the mixture of each row, `(batch, 2)`.

    Of `noise`, `(batch, 4)`, the first number, uniform, selects the component, and the last two,
    normal, the point within it. The second is not used here; it is the quantile of the pen.
    """
    weight, x, y, sx, sy, rho = np.split(params[:, :-3], 6, axis=1)
    tau = np.reshape(np.maximum(temperature, 1e-6), (-1, 1))
    row, component = np.arange(len(params)), _sample_categorical(weight / tau, noise[:, 0])
    spread = np.sqrt(temperature) * np.exp(
        np.clip(np.stack([sx[row, component], sy[row, component]]), *LOG_SIGMA)
    )
    correlation = RHO * np.tanh(rho[row, component])
    dx = spread[0] * noise[:, 2]
    dy = spread[1] * (correlation * noise[:, 2] + np.sqrt(1 - correlation**2) * noise[:, 3])
    return np.stack([x[row, component] + dx, y[row, component] + dy], axis=1)


def _build_rows(offset: Array, state: States) -> Array:
    rows = np.zeros((len(offset), 5), np.float32)
    rows[:, :2] = offset
    rows[np.arange(len(offset)), 2 + state] = 1
    rows[state == END, :2] = 0
    return rows


def _sample_categorical(logits: Array, uniform: Array) -> npt.NDArray[np.intp]:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    cumulative = np.cumsum(weights, axis=1)
    return np.asarray((cumulative < (uniform * cumulative[:, -1])[:, None]).sum(axis=1))


def _draw_noise(rng: RandomSource, count: int, steps: int) -> Array:
    """Draw two uniform and two normal numbers per row, `(count, steps, 4)`, for each drawing."""
    generators = (
        rng if isinstance(rng, Sequence) else (rng or np.random.default_rng(0)).spawn(count)
    )
    noise = [np.hstack([g.random((steps, 2)), g.normal(size=(steps, 2))]) for g in generators]
    return np.asarray(noise, dtype=np.float32)
