"""Several devices that share each batch: every one holds all weights and takes equal parts of it.

The loss and the gradient are those of the whole batch, whatever the number of devices, so a run
may go on with another number. JAX does this by itself once it is told where arrays lie
(`keras.distribution`). TensorFlow's `MirroredStrategy` runs the step once on each device, and
leaves to us what is not a mean over examples: who gets which examples, when gradients are clipped.
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
"""By name, all with the batch as their first axis."""


@dataclass(frozen=True)
class Devices:
    """Where a model is made and trained; by default, where the backend does so by itself.

    Attributes:
        count: how many there are.
        distribution: a `keras.distribution.DataParallel` (JAX), or None.
        strategy: a `tf.distribute.MirroredStrategy` (TensorFlow), or None.
    """

    count: int = 1
    distribution: Any = None
    strategy: Any = None

    @classmethod
    def sharing(cls, count: int, batch: int) -> Devices:
        """The first `count` devices of the fastest kind there is, 0 for all of them.

        Raises:
            InputError: there are fewer, the batch can't be cut into as many equal parts, or the
                backend is one that can't share.
        """
        if count == 1:
            return ONE
        there = _there()
        if count > len(there):
            raise InputError(
                f"train.devices = {count}: {keras.backend.backend()} has {len(there)} "
                f"({', '.join(there)}); set it to {len(there)} at most, or to 0 for all"
            )
        names = there[: count or len(there)]
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
        return cls(len(names), strategy=_tensorflow().distribute.MirroredStrategy(names))

    def scope(self) -> AbstractContextManager[Any]:
        """Models and optimizers that are to be trained there are made within."""
        every = self.distribution or self.strategy
        return every.scope() if every else nullcontext()

    def adam(self, rate: Any, clip: float) -> keras.optimizers.Optimizer:
        """Adam that clips the gradient of the whole batch by its global norm."""
        kind = _reducing_first() if self.strategy else keras.optimizers.Adam
        return kind(rate, global_clipnorm=clip)

    def learn(self, model: keras.Model, inputs: Arrays, targets: Arrays) -> dict[str, float]:
        """One step of the optimizer on a whole batch; what the model's metrics say of it."""
        if self.strategy:
            inputs, targets = self._dealt(inputs), self._dealt(targets)
        with self.scope():
            values = model.train_on_batch(inputs, targets, return_dict=True)
        return {name: float(value) for name, value in values.items()}

    def _dealt(self, arrays: Arrays) -> dict[str, Any]:
        """Each device's part, already there."""
        tf = _tensorflow()
        places = self.strategy.extended.worker_devices

        def part(array: np.ndarray) -> Any:
            parts = np.split(array, self.count)

            def of(device: Any) -> Any:
                number = device.replica_id_in_sync_group
                with tf.device(places[number]):  # else all would pass through the first
                    return tf.constant(parts[number])

            return self.strategy.experimental_distribute_values_from_function(of)

        return {name: part(array) for name, array in arrays.items()}


ONE = Devices()


def replicas() -> int:
    """How many times the step that is being computed runs at once, on parts of a batch."""
    if keras.backend.backend() != "tensorflow":
        return 1
    return int(_tensorflow().distribute.get_strategy().num_replicas_in_sync)


def batch_mean(x: Any) -> Any:
    """The mean over the first axis of the whole batch, of which this device may have a part."""
    mean = ops.mean(x, axis=0)
    if replicas() == 1:
        return mean
    tf = _tensorflow()
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, mean)


def _there() -> list[str]:
    """The names of the devices of the fastest kind."""
    backend = keras.backend.backend()
    if backend == "jax":
        return list(keras.distribution.list_devices())
    if backend != "tensorflow":
        raise InputError(
            f"train.devices: {backend} trains on one here; "
            "set it to 1, or KERAS_BACKEND to jax or tensorflow"
        )
    config = _tensorflow().config
    found = config.list_logical_devices("GPU") or config.list_logical_devices("CPU")
    return [device.name for device in found]


def _reducing_first() -> type[keras.optimizers.Adam]:
    """Adam for `MirroredStrategy`. Keras clips each device's gradient and adds them up then; here
    they are added up and then clipped.
    """

    class ReducingFirst(keras.optimizers.Adam):
        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            tf = _tensorflow()
            context = tf.distribute.get_replica_context()
            whole = context.all_reduce(tf.distribute.ReduceOp.SUM, list(grads))
            super().apply(whole, trainable_variables)

        def _all_reduce_sum_gradients(self, grads_and_vars: Any) -> Any:
            """Keras's own, which comes after the clipping."""
            return list(grads_and_vars)

    return ReducingFirst


def _tensorflow() -> Any:
    return import_module("tensorflow")  # takes seconds, and JAX does without
