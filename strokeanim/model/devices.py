"""Train on several devices that each hold all weights and take an equal part of every batch.

Loss and gradient are those of the whole batch, whatever the number of devices, so a run can be
resumed with another number. JAX needs only the distribution of arrays (`keras.distribution`).
TensorFlow's `MirroredStrategy` runs the step once on each device; whatever is not a mean over
examples is implemented here: the distribution of examples and the clipping of gradients.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import keras
import numpy as np
from keras import ops

from strokeanim.errors import InputError

Arrays = Mapping[str, np.ndarray]
"""Arrays by name, each with the batch as its first axis."""


@dataclass(frozen=True)
class Devices:
    """The devices on which a model is built and trained; by default, the backend's choice.

    Attributes:
        count: number of devices.
        distribution: a `keras.distribution.DataParallel` (JAX), or None.
        strategy: a `tf.distribute.MirroredStrategy` (TensorFlow), or None.
    """

    count: int = 1
    distribution: Any = None
    strategy: Any = None

    @classmethod
    def sharing(cls, count: int, batch: int) -> Devices:
        """Return the first `count` devices of the fastest kind, or all of them if `count` is 0.

        Raises:
            InputError: there are fewer, the batch can't be divided into as many equal parts, or the
                backend supports one device only.
        """
        if count == 1:
            return ONE
        available = _list_devices()
        if count > len(available):
            raise InputError(
                f"train.devices = {count}: {keras.backend.backend()} has {len(available)} "
                f"({', '.join(available)}); set it to {len(available)} at most, or to 0 for all"
            )
        names = available[: count or len(available)]
        if batch % len(names):
            raise InputError(
                f"train.batch = {batch}: can't be shared by {len(names)} devices equally; "
                f"make it {batch + -batch % len(names)}, or set train.devices"
            )
        if len(names) == 1:
            return ONE
        if keras.backend.backend() == "jax":
            parallel = keras.distribution.DataParallel(devices=names)
            return cls(len(names), distribution=parallel)
        return cls(len(names), strategy=_import_tensorflow().distribute.MirroredStrategy(names))

    def scope(self) -> AbstractContextManager[Any]:
        """Return the context in which models and optimizers for these devices are built."""
        parallel = self.distribution or self.strategy
        return parallel.scope() if parallel else nullcontext()

    def adam(self, rate: Any, clip: float) -> keras.optimizers.Optimizer:
        """Build an Adam optimizer that clips the gradient of the whole batch by its global norm."""
        kind = _define_adam() if self.strategy else keras.optimizers.Adam
        return kind(rate, global_clipnorm=clip)

    def learn(self, model: keras.Model, inputs: Arrays, targets: Arrays) -> dict[str, float]:
        """Run one optimizer step on a whole batch, and return the model's metrics."""
        if self.strategy:
            inputs, targets = self._distribute(inputs), self._distribute(targets)
        with self.scope():
            values = model.train_on_batch(inputs, targets, return_dict=True)
        return {name: float(value) for name, value in values.items()}

    def _distribute(self, arrays: Arrays) -> dict[str, Any]:
        """Put the part of each device on that device."""
        tf = _import_tensorflow()
        devices = self.strategy.extended.worker_devices

        def split(array: np.ndarray) -> Any:
            parts = np.split(array, self.count)

            def place(context: Any) -> Any:
                replica = context.replica_id_in_sync_group
                with tf.device(devices[replica]):  # else all would pass through the first
                    return tf.constant(parts[replica])

            return self.strategy.experimental_distribute_values_from_function(place)

        return {name: split(array) for name, array in arrays.items()}


ONE = Devices()


def replicas() -> int:
    """Return the number of replicas that run the current step at once, on parts of a batch."""
    if keras.backend.backend() != "tensorflow":
        return 1
    return int(_import_tensorflow().distribute.get_strategy().num_replicas_in_sync)


def batch_mean(x: Any) -> Any:
    """Compute the mean over the first axis of the whole batch, of which `x` may be a part."""
    mean = ops.mean(x, axis=0)
    if replicas() == 1:
        return mean
    tf = _import_tensorflow()
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, mean)


def _list_devices() -> list[str]:
    """Return the names of the devices of the fastest kind."""
    backend = keras.backend.backend()
    if backend == "jax":
        return list(keras.distribution.list_devices())
    if backend != "tensorflow":
        raise InputError(
            f"train.devices: {backend} trains on one device only; "
            "set it to 1, or KERAS_BACKEND to jax or tensorflow"
        )
    config = _import_tensorflow().config
    devices = config.list_logical_devices("GPU") or config.list_logical_devices("CPU")
    return [device.name for device in devices]


def _define_adam() -> type[keras.optimizers.Adam]:
    """Define Adam for `MirroredStrategy`, which sums the gradients of the devices and then clips.

    Keras's own clips the gradient of each device and then sums them.
    """

    class ReduceThenClip(keras.optimizers.Adam):
        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            tf = _import_tensorflow()
            context = tf.distribute.get_replica_context()
            whole = context.all_reduce(tf.distribute.ReduceOp.SUM, list(grads))
            super().apply(whole, trainable_variables)

        def _all_reduce_sum_gradients(self, grads_and_vars: Any) -> Any:
            """Replace Keras's own sum, which follows the clipping, by nothing."""
            return list(grads_and_vars)

    return ReduceThenClip


def _import_tensorflow() -> Any:
    return import_module("tensorflow")  # takes seconds, and JAX does not need it
