"""Connect to the Dask cluster of a batch, local or remote, and translate its errors."""

from __future__ import annotations

import contextlib
import logging
import secrets
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from strokeanim.batch.store import Store
from strokeanim.errors import InputError, MissingDependencyError, StrokeAnimError

CONNECT = 10.0
"""Seconds to wait for an answer of the scheduler."""

_SETTINGS = {
    # One thread of a worker runs at a time, so one arena suffices and takes less memory.
    "distributed.nanny.pre-spawn-environ.MALLOC_ARENA_MAX": 1,
}


def require_dask() -> None:
    """Raise `MissingDependencyError` if Dask is not installed."""
    try:
        import distributed  # noqa: F401, PLC0415
    except ImportError as error:
        raise MissingDependencyError(
            f"batches need {error.name}: pip install 'strokeanim[batch]'"
        ) from error


@contextlib.contextmanager
def open_cluster(workers: int | None, scheduler: str | None) -> Iterator[Any]:
    """Yield a client of the scheduler or, if that is None, of a new local cluster.

    Raises:
        InputError: the scheduler does not answer, or its cluster has no workers.
    """
    import dask.system  # noqa: PLC0415
    from distributed import Client, LocalCluster  # noqa: PLC0415

    with contextlib.ExitStack() as stack:
        stack.enter_context(_silence_dask())
        stack.enter_context(dask.config.set(_SETTINGS))
        if scheduler is None:
            count = dask.system.CPU_COUNT if workers is None else workers
            own = LocalCluster(
                n_workers=max(1, count),
                threads_per_worker=1,
                processes=count > 0,
                memory_limit=0,  # workers are small, and a paused one would wait for ever
                dashboard_address="127.0.0.1:0" if _has_dashboard() else None,
                silence_logs=logging.CRITICAL,
            )
            stack.callback(own.close, timeout=20)
            client = Client(own)
        else:
            try:
                client = Client(scheduler, timeout=CONNECT)
            except (OSError, ValueError, TimeoutError) as error:
                raise InputError(
                    f"no scheduler answers at {scheduler}: {error or type(error).__name__}; "
                    "start one with `dask scheduler`, and workers with `dask worker ADDRESS`"
                ) from error
            if not client.nthreads():
                client.close()
                raise InputError(
                    f"the cluster at {scheduler} has no workers; start some with "
                    f"`dask worker {scheduler}`"
                )
        # Do not wait for a scheduler that may be lost.
        stack.callback(client.close, timeout=5)
        yield client


@contextlib.contextmanager
def register_worker(
    client: Any, files: Mapping[str, bytes], store: Store, marker: str, local: bool
) -> Iterator[str]:
    """Yield the name of a `RenderWorker` that is registered on every worker.

    Raises:
        InputError: a worker can't take part.
    """
    from strokeanim.batch.worker import RenderWorker  # noqa: PLC0415  (an extra)

    name = f"strokeanim-{secrets.token_hex(4)}"
    try:
        try:
            with reporting_lost_cluster():
                client.register_plugin(RenderWorker(name, files, store.url, marker, local))
        except ModuleNotFoundError as error:
            raise InputError(
                f"a worker lacks {error.name}; pip install 'strokeanim[batch]' on all machines"
            ) from error
        yield name
    finally:
        with contextlib.suppress(Exception):  # the cluster may be lost
            client.unregister_worker_plugin(name)


@contextlib.contextmanager
def reporting_lost_cluster() -> Iterator[None]:
    """Turn the exceptions of Dask for a lost scheduler into `StrokeAnimError`."""
    from concurrent.futures import CancelledError  # noqa: PLC0415

    from distributed.client import ClosedClientError  # noqa: PLC0415  (an extra)

    try:
        yield
    except StrokeAnimError:
        raise
    except (OSError, TimeoutError, CancelledError, ClosedClientError) as error:
        raise StrokeAnimError(
            "the connection to the cluster was lost; what was done is kept: run the same batch "
            "again to continue"
        ) from error


def describe_cluster(client: Any) -> dict[str, Any]:
    """Return the address, the number of workers and the dashboard of a cluster, for events."""
    facts = {"scheduler": client.scheduler.address, "workers": len(client.nthreads())}
    if _has_dashboard() and client.dashboard_link:
        facts["dashboard"] = client.dashboard_link
    return facts


def _has_dashboard() -> bool:
    """Return whether bokeh is installed, which the dashboard needs."""
    from importlib.util import find_spec  # noqa: PLC0415

    return find_spec("bokeh") is not None


@contextlib.contextmanager
def _silence_dask() -> Iterator[None]:
    """Silence the logs and warnings of Dask, as events report workers that come and go."""
    names = [name for name in logging.Logger.manager.loggerDict if name.startswith("distributed")]
    loggers = [logging.getLogger(name) for name in (*names, "tornado", "asyncio")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="distributed")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
