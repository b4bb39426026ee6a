"""The cluster that a batch runs on: our own processes, or somebody's; and what can happen to it."""

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
"""Seconds in which a scheduler has to answer."""

_SETTINGS = {
    # one thread of a worker runs at a time, so one arena will do, and keeps fewer pages
    "distributed.nanny.pre-spawn-environ.MALLOC_ARENA_MAX": 1,
}


def need_dask() -> None:
    """Raises `MissingDependencyError`: it is not installed."""
    try:
        import distributed  # noqa: F401, PLC0415
    except ImportError as error:
        raise MissingDependencyError(
            f"batches need {error.name}: pip install 'strokeanim[batch]'"
        ) from error


@contextlib.contextmanager
def cluster(workers: int | None, scheduler: str | None) -> Iterator[Any]:
    """A client of a cluster, which is our own if no scheduler is named."""
    import dask.system  # noqa: PLC0415
    from distributed import Client, LocalCluster  # noqa: PLC0415

    with contextlib.ExitStack() as stack:
        stack.enter_context(_quiet())
        stack.enter_context(dask.config.set(_SETTINGS))
        if scheduler is None:
            count = dask.system.CPU_COUNT if workers is None else workers
            local = LocalCluster(
                n_workers=max(1, count),
                threads_per_worker=1,
                processes=count > 0,
                memory_limit=0,  # they are small, and one that is paused would wait for ever
                dashboard_address="127.0.0.1:0" if _has_dashboard() else None,
                silence_logs=logging.CRITICAL,
            )
            stack.callback(local.close, timeout=20)
            client = Client(local)
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
        # the scheduler may be gone, and is not to be waited for
        stack.callback(client.close, timeout=5)
        yield client


@contextlib.contextmanager
def studio(
    client: Any, files: Mapping[str, bytes], store: Store, mark: str, ours: bool
) -> Iterator[str]:
    """The name of a `Studio` on every worker."""
    from strokeanim.batch.worker import RenderWorker  # noqa: PLC0415  (an extra)

    name = f"strokeanim-{secrets.token_hex(4)}"
    try:
        try:
            with asking():
                client.register_plugin(RenderWorker(name, files, store.url, mark, ours))
        except ModuleNotFoundError as error:
            raise InputError(
                f"a worker lacks {error.name}; pip install 'strokeanim[batch]' on all machines"
            ) from error
        yield name
    finally:
        with contextlib.suppress(Exception):  # the cluster may be lost
            client.unregister_worker_plugin(name)


@contextlib.contextmanager
def asking() -> Iterator[None]:
    """What Dask raises when the scheduler is not there any more becomes our error."""
    from concurrent.futures import CancelledError  # noqa: PLC0415

    from distributed.client import ClosedClientError  # noqa: PLC0415  (an extra)

    try:
        yield
    except StrokeAnimError:
        raise
    except (OSError, TimeoutError, CancelledError, ClosedClientError) as error:
        raise StrokeAnimError(
            "the connection to the cluster was lost; what was done is kept: the same command "
            "goes on"
        ) from error


def facts_of(client: Any) -> dict[str, Any]:
    facts = {"scheduler": client.scheduler.address, "workers": len(client.nthreads())}
    if _has_dashboard() and client.dashboard_link:
        facts["dashboard"] = client.dashboard_link
    return facts


def _has_dashboard() -> bool:
    """Dask's page needs bokeh."""
    from importlib.util import find_spec  # noqa: PLC0415

    return find_spec("bokeh") is not None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What Dask says of workers that come and go is told by events."""
    known = [name for name in logging.Logger.manager.loggerDict if name.startswith("distributed")]
    loud = [logging.getLogger(name) for name in (*known, "tornado", "asyncio")]
    before = [logger.level for logger in loud]
    for logger in loud:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="distributed")
            yield
    finally:
        for logger, level in zip(loud, before, strict=True):
            logger.setLevel(level)
