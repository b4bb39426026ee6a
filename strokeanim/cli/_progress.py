"""Show the progress of long work as a bar on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def bar(steps: int) -> Iterator[Callable[[int, dict[str, float]], None]]:
    """Show a bar of `steps`; yield a function to call with the step and the logged values."""
    columns = (
        TextColumn("training"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=steps)

        def report(step: int, values: dict[str, float]) -> None:
            message = f"loss {values['loss']:.3f}  {values['drawings_per_second']:.0f} drawings/s"
            progress.update(task, completed=step, description=message)

        yield report


@contextmanager
def jobs_bar(jobs: int, hidden: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar of `jobs`; yield a function to call with the number of newly finished jobs."""
    columns = (TextColumn("animating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=hidden) as progress:
        task = progress.add_task("", total=jobs)
        yield lambda more: progress.advance(task, more)
