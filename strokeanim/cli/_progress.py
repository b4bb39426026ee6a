"""The progress bar of long work, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def bar(steps: int) -> Iterator[Callable[[int, dict[str, float]], None]]:
    """A bar of `steps`; the function it gives is called with the step and the logged values."""
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
            told = f"loss {values['loss']:.3f}  {values['drawings_per_second']:.0f} drawings/s"
            progress.update(task, completed=step, description=told)

        yield report


@contextmanager
def jobs_bar(jobs: int, hidden: bool) -> Iterator[Callable[[int], None]]:
    """A bar of `jobs`; the function it gives is called with how many more are done."""
    columns = (TextColumn("animating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=hidden) as progress:
        task = progress.add_task("", total=jobs)
        yield lambda more: progress.advance(task, more)
