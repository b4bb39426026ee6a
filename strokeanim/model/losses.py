"""Compute the terms of the training loss, each a mean over the batch in nats; backend-neutral."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from strokeanim.datasets.batches import LOG_SIGMA, RHO
from strokeanim.model.devices import batch_mean

_LOG_2PI = float(np.log(2 * np.pi))


def mixture(params: Any, mixtures: int) -> tuple[Any, Any, Any, Any, Any]:
    """Split the decoder's outputs `(…, 6 mixtures + 3)` into a bivariate mixture and pen logits.

    Graves (arXiv 1308.0850), eq. 18 to 22, with logs instead of exponentials.

    Returns:
        Log weights (…, mixtures), means (…, mixtures, 2), log σ (…, mixtures, 2),
        ρ (…, mixtures), pen logits (…, 3).
    """
    parts = ops.split(params[..., : 6 * mixtures], 6, axis=-1)
    log_weight = ops.log_softmax(parts[0], axis=-1)
    mean = ops.stack(parts[1:3], axis=-1)
    log_sigma = ops.clip(ops.stack(parts[3:5], axis=-1), *LOG_SIGMA)
    rho = RHO * ops.tanh(parts[5])
    return log_weight, mean, log_sigma, rho, params[..., 6 * mixtures :]


def offset_nll(params: Any, offset: Any, mixtures: int) -> Any:
    """Compute −log p(offset) per step under the mixture, by log-sum-exp: Graves, eq. 24 to 26."""
    log_weight, mean, log_sigma, rho, _ = mixture(params, mixtures)
    scaled = (ops.expand_dims(offset, -2) - mean) * ops.exp(-log_sigma)
    x, y = scaled[..., 0], scaled[..., 1]
    rest = 1.0 - rho * rho
    quadratic = (x * x + y * y - 2.0 * rho * x * y) / rest
    log_density = -0.5 * quadratic - ops.sum(log_sigma, axis=-1) - 0.5 * ops.log(rest) - _LOG_2PI
    return -ops.logsumexp(log_weight + log_density, axis=-1)


def pen_nll(params: Any, state: Any, mixtures: int) -> Any:
    """Compute the cross-entropy of the pen state per step; `state` is one-hot (…, 3)."""
    return -ops.sum(state * ops.log_softmax(params[..., 6 * mixtures :], axis=-1), axis=-1)


def stroke_nll(params: Any, target: Any, weight: Any, mixtures: int) -> tuple[Any, Any]:
    """Compute the losses of offsets and pen states: summed over steps, averaged over the batch.

    The offset of the end row does not count, since nothing is drawn there.
    """
    offset_weight = weight * (1.0 - target[..., 4])
    offsets = ops.sum(offset_weight * offset_nll(params, target[..., :2], mixtures), axis=-1)
    pens = ops.sum(weight * pen_nll(params, target[..., 2:], mixtures), axis=-1)
    return ops.mean(offsets), ops.mean(pens)


def kl_divergence(mean: Any, log_variance: Any, free_bits: float, prior: Any = 0.0) -> Any:
    """Compute KL(q(z|x) ‖ N(prior, 1)) over all dimensions: Kingma and Welling, arXiv 1312.6114.

    `prior` is 0 or means (batch, L), such as those of the classes. With `free_bits`, the
    batch mean of each dimension is at least that, so a smaller one has no gradient.
    """
    shift = mean - prior
    kl = -0.5 * (1.0 + log_variance - shift * shift - ops.exp(log_variance))
    if free_bits > 0:  # no mean over examples, so devices must communicate
        return ops.sum(ops.maximum(batch_mean(kl), free_bits))
    return ops.sum(ops.mean(kl, axis=0))
