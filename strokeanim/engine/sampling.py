"""Drawing freely: the decoder's steps, one stroke-5 row at a time, for a whole batch at once.

NumPy only; the engine hands in what computes one step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from strokeanim.data.examples import CONTEXT
from strokeanim.strokes.formats import DRAWING, END, LIFTED
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

    Greedy at temperature 0: the likeliest component's mean, and `Patience` for the pen. A drawing
    that has not ended after `steps` rows is cut there. Rows of finished drawings are not computed.
    """
    count = len(state[0])
    rows = np.zeros((count, steps, 5), np.float32)
    rows[..., 2 + END] = 1
    context = np.zeros((count, CONTEXT), np.float32)
    context[:, 2 + LIFTED] = 1
    alive = np.arange(count)
    draws = None if temperature <= 0 else _noise(rng, count, steps)
    patience = Patience(count)
    for number in range(steps):
        params, state = step(context, state)
        noise = None if draws is None else draws[alive, number]
        if noise is None:
            row = greedy(params, patience.pen(params[:, -3:], context))
        else:
            row = sample(params, temperature, noise)
        rows[alive, number] = row
        going = row[:, 2 + END] == 0
        pen = context[:, 5:] + row[:, :2]
        context = np.concatenate([row, pen], axis=1)
        if not going.all():
            context, state = context[going], [part[going] for part in state]
            alive = alive[going]
            patience.keep(going)
            if not len(alive):
                break
    return rows


class Patience:
    """When a greedy pen lifts and stops: at the median of the length that the decoder expects.

    The likeliest state of each step alone won't do. Of a scribble the decoder knows roughly how
    long it is, not after which point it ends: every step is likelier to go on than not, and the
    pen would never stop. So the probability that it would still be down is multiplied up from step
    to step, and the pen lifts when that falls below a half; and the same, from stroke to stroke,
    for the end of the drawing.
    """

    def __init__(self, count: int) -> None:
        self._down = np.ones(count)
        self._unfinished = np.ones(count)

    def pen(self, logits: Array, context: Array) -> npt.NDArray[np.intp]:
        """The state to choose for each row of pen logits `(batch, 3)`, given its context."""
        p = np.exp(logits - logits.max(axis=1, keepdims=True)).astype(np.float64)
        p /= p.sum(axis=1, keepdims=True)
        between = context[:, 2 + LIFTED] == 1  # strokes; only there does a drawing end
        self._unfinished[between] *= 1 - p[between, END]
        self._down *= p[:, DRAWING]
        state: npt.NDArray[np.intp] = p.argmax(axis=1)
        state[(state == DRAWING) & (self._down < 0.5)] = LIFTED
        state[between & (self._unfinished < 0.5)] = END
        self._down[state == LIFTED] = 1
        return state

    def keep(self, going: npt.NDArray[np.bool_]) -> None:
        """Forget the drawings that have ended."""
        self._down, self._unfinished = self._down[going], self._unfinished[going]


def greedy(params: Array, state: npt.NDArray[np.intp]) -> Array:
    """One stroke-5 row `(batch, 5)` each: the likeliest component's mean and a given pen state."""
    weight, x, y = np.split(params[:, : (params.shape[1] - 3) // 2], 3, axis=1)
    every, component = np.arange(len(params)), weight.argmax(axis=1)
    return _rows(x[every, component], y[every, component], state)


def sample(params: Array, temperature: float, noise: Array) -> Array:
    """One stroke-5 row `(batch, 5)` per row of raw parameters; `noise` is `(batch, 4)`:
    two uniform numbers that choose component and pen state, two normal ones for the offset.
    """
    weight, x, y, sx, sy, rho = np.split(params[:, :-3], 6, axis=1)
    every, component = np.arange(len(params)), _pick(weight / temperature, noise[:, 0])
    spread = np.sqrt(temperature) * np.exp(
        np.clip(np.stack([sx[every, component], sy[every, component]]), *_LOG_SIGMA)
    )
    tied = _RHO * np.tanh(rho[every, component])
    dx = spread[0] * noise[:, 2]
    dy = spread[1] * (tied * noise[:, 2] + np.sqrt(1 - tied**2) * noise[:, 3])
    state = _pick(params[:, -3:] / temperature, noise[:, 1])
    return _rows(x[every, component] + dx, y[every, component] + dy, state)


def _rows(x: Array, y: Array, state: npt.NDArray[np.intp]) -> Array:
    rows = np.zeros((len(x), 5), np.float32)
    rows[:, 0], rows[:, 1] = x, y
    rows[np.arange(len(x)), 2 + state] = 1
    rows[state == END, :2] = 0
    return rows


def _pick(logits: Array, uniform: Array) -> npt.NDArray[np.intp]:
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    running = np.cumsum(likely, axis=1)
    return np.asarray((running < (uniform * running[:, -1])[:, None]).sum(axis=1))


def _noise(rng: np.random.Generator | None, count: int, steps: int) -> Array:
    rng = rng or np.random.default_rng(0)
    uniform = rng.random((count, steps, 2))
    normal = rng.normal(size=(count, steps, 2))
    return np.concatenate([uniform, normal], axis=2).astype(np.float32)
