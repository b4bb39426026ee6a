"""What the parts of a batch tell one another: jobs, what became of them, events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from strokeanim.inbetween import Coherence
from strokeanim.pipeline import Source
from strokeanim.request import Request


@dataclass(frozen=True, eq=False, slots=True)
class Job:
    """One animation to be made, checked.

    Attributes:
        line: of the manifest.
        request: how it is to move.
        coherence: what its in-betweens are chosen by.
        resized: whether its drawings are to be of one size first.
        drawings: give the drawings it is made of, when they are asked for.
        outputs: files, relative to the folder of the batch.
        renderer: of all of them; None for each by its extension.
        options: of the renderers, and of the style.
        label: its class, for tables; "" if nobody knows.
        digest: of all the above but the line: equal ones give equal files.
    """

    line: int
    request: Request
    coherence: Coherence | None
    resized: bool
    drawings: tuple[Callable[[], Source], ...]
    outputs: tuple[str, ...]
    renderer: str | None
    options: Mapping[str, str]
    label: str
    digest: str


@dataclass(frozen=True)
class RenderSettings:
    """A job as it travels to a worker, drawings and all."""

    request: Request
    coherence: Coherence | None
    resized: bool
    drawings: tuple[Source, ...]
    outputs: tuple[str, ...]
    renderer: str | None
    options: Mapping[str, str]

    @classmethod
    def of(cls, job: Job) -> RenderSettings:
        drawings = tuple(get() for get in job.drawings)
        return cls(
            job.request, job.coherence, job.resized, drawings,
            job.outputs, job.renderer, job.options,
        )  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes:
        files: what was written, and how many bytes each has.
        error: why nothing was, or "".
        frames: how many, and how many of them the model recognised.
    """

    files: Mapping[str, int] = field(default_factory=dict)
    error: str = ""
    frames: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Event:
    """Something to tell whoever waits.

    Attributes:
        kind: `plan`, `cluster`, `done`, `failed` or `end`.
        facts: what there is to say, as in `docs/reference/formats.md`.
    """

    kind: str
    facts: Mapping[str, Any]


@dataclass
class Summary:
    """How a batch went, per class: done, up to date before, failed.

    Attributes:
        classes: counts by label.
        failed: line and error of the jobs that failed.
        left: jobs that were not come to.
        seconds: that it took.
    """

    classes: dict[str, dict[str, int]] = field(default_factory=dict)
    failed: list[tuple[int, str]] = field(default_factory=list)
    left: int = 0
    seconds: float = 0.0

    def count(self, label: str, what: str) -> None:
        row = self.classes.setdefault(label, {"done": 0, "up_to_date": 0, "failed": 0})
        row[what] += 1

    def total(self, what: str) -> int:
        """Over all classes: `done`, `up_to_date` or `failed`."""
        return sum(row[what] for row in self.classes.values())
