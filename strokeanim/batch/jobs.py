"""Define what the parts of a batch exchange: jobs, outcomes, events and the summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from strokeanim.inbetween import Coherence
from strokeanim.inbetween.latent_path import Source
from strokeanim.pipeline import AnimateOptions


@dataclass(frozen=True, eq=False, slots=True)
class Job:
    """One animation of a batch, checked.

    Attributes:
        line: line of the manifest.
        request: options of the animation.
        coherence: options of the choice of in-betweens.
        resized: whether the drawings are scaled to one size first.
        drawings: functions that return the drawings.
        outputs: files, relative to the folder of the batch.
        renderer: renderer of all outputs; None for that of each extension.
        options: options of the renderers and of the style.
        label: class of the animation, for tables, or "".
        digest: hash of all the above but the line: equal digests give equal files.
    """

    line: int
    request: AnimateOptions
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
    """A job as it is sent to a worker, with its drawings."""

    request: AnimateOptions
    coherence: Coherence | None
    resized: bool
    drawings: tuple[Source, ...]
    outputs: tuple[str, ...]
    renderer: str | None
    options: Mapping[str, str]

    @classmethod
    def from_job(cls, job: Job) -> RenderSettings:
        """Load the drawings of a job.

        Raises:
            StrokeAnimError: a drawing can't be read any more.
        """
        drawings = tuple(get() for get in job.drawings)
        return cls(
            job.request, job.coherence, job.resized, drawings,
            job.outputs, job.renderer, job.options,
        )  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """The result of a job.

    Attributes:
        files: sizes of the files written, in bytes, by name.
        error: why nothing was written, or "".
        frames: number of frames that the model recognised, and number of all frames.
    """

    files: Mapping[str, int] = field(default_factory=dict)
    error: str = ""
    frames: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Event:
    """A report on the progress of a batch.

    Attributes:
        kind: `plan`, `cluster`, `done`, `failed` or `end`.
        facts: fields of the event, as in `docs/reference/formats.md`.
    """

    kind: str
    facts: Mapping[str, Any]


@dataclass
class Summary:
    """The result of a batch.

    Attributes:
        classes: numbers of jobs that are done, were up to date, or failed, by label.
        failed: line and error of each job that failed.
        left: number of jobs that were not run.
        seconds: duration of the batch.
    """

    classes: dict[str, dict[str, int]] = field(default_factory=dict)
    failed: list[tuple[int, str]] = field(default_factory=list)
    left: int = 0
    seconds: float = 0.0

    def count(self, label: str, what: str) -> None:
        """Count a job of a class as `done`, `up_to_date` or `failed`."""
        row = self.classes.setdefault(label, {"done": 0, "up_to_date": 0, "failed": 0})
        row[what] += 1

    def total(self, what: str) -> int:
        """Return the number of `done`, `up_to_date` or `failed` jobs of all classes."""
        return sum(row[what] for row in self.classes.values())
