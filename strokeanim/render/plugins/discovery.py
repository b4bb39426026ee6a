"""List installed renderers, entry points in the group `strokeanim.renderers`, and load them.

Listing imports no renderer. Two environment variables apply:

- `STROKEANIM_PLUGINS`: if set, only the distributions (or `dist:name`) in this comma-separated
  list may load, beside the built-ins; empty means none.
- `STROKEANIM_STRICT=1`: what would be a warning, or skipped, is an error.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, distributions
from typing import TYPE_CHECKING

from strokeanim.errors import PluginError
from strokeanim.render import API_VERSION

if TYPE_CHECKING:
    from strokeanim.render.protocol import Renderer

GROUP = "strokeanim.renderers"
BUILTIN_DISTRIBUTION = "strokeanim"
"""The distribution of the built-in renderers."""


@dataclass(frozen=True)
class RendererEntry:
    """A renderer as the metadata of its distribution lists it, before it is imported.

    Attributes:
        name: name of the renderer.
        distribution: name of the installed package that contains it.
        version: version of that package.
        value: object reference of the renderer, `"module:Class"`.
        entry_point: the entry point that loads it; None if the distribution is damaged.
        damage: what is wrong with the distribution itself, or "".
    """

    name: str
    distribution: str
    version: str
    value: str
    entry_point: EntryPoint | None = field(repr=False, compare=False)
    damage: str = ""

    @property
    def full_name(self) -> str:
        """Return `dist:name`, which is unambiguous."""
        return f"{self.distribution}:{self.name}"

    @property
    def is_builtin(self) -> bool:
        """Return whether the renderer is part of strokeanim."""
        return canonical(self.distribution) == BUILTIN_DISTRIBUTION

    @property
    def is_allowed(self) -> bool:
        """Return whether `STROKEANIM_PLUGINS` allows the renderer to load."""
        allowed = allow_list()
        return (
            self.is_builtin
            or allowed is None
            or canonical(self.distribution) in allowed
            or f"{canonical(self.distribution)}:{self.name}" in allowed
        )

    def __str__(self) -> str:
        return f"renderer {self.name!r} of {self.distribution} {self.version}"

    def load(self) -> Renderer:
        """Import the plugin and check that it is a renderer for this API version.

        Raises:
            PluginError: the plugin is not allowed, can't be imported, is not a renderer, has
                another name than its entry point, or is for another major version.
        """
        # Imported here, so that listing renderers stays cheap.
        from strokeanim.render.protocol import RendererSpec  # noqa: PLC0415

        if not self.is_allowed:
            raise PluginError(
                f"{self} is not allowed by STROKEANIM_PLUGINS; add {self.distribution} to it"
            )
        fix = f"update, reinstall or uninstall {self.distribution}"
        if self.entry_point is None:
            raise PluginError(f"{self} can't be loaded ({self.damage}); {fix}")
        try:
            loaded = self.entry_point.load()
            renderer: Renderer = loaded() if isinstance(loaded, type) else loaded
            spec, can_open = (getattr(renderer, name, None) for name in ("spec", "open"))
        except (Exception, SystemExit) as error:
            if isinstance(error, ModuleNotFoundError) and error.name:
                top = error.name.partition(".")[0]
                fix = f"install the package that provides {top!r}, or {fix}"
            reason = f"{type(error).__name__}: {error}"
            raise PluginError(f"{self} can't be loaded ({reason}); {fix}") from error
        if not isinstance(spec, RendererSpec) or not callable(can_open):
            raise PluginError(
                f"{self} is no renderer ({self.value} lacks a RendererSpec `spec` or `open`); {fix}"
            )
        if spec.api_version[0] != API_VERSION[0]:
            message = format_api_mismatch(spec.api_version, API_VERSION, self.distribution)
            raise PluginError(f"{self} {message}")
        if spec.name != self.name:
            raise PluginError(
                f"{self} calls itself {spec.name!r} in its spec; both names must be equal, so {fix}"
            )
        return renderer


def available() -> tuple[RendererEntry, ...]:
    """List all renderers, by name and then by distribution, without importing any.

    A distribution with unreadable metadata is listed as a renderer called `"?"`, with its `damage`.
    """
    by_distribution: dict[str, list[RendererEntry]] = {}
    for distribution in distributions():
        # Few distributions contain renderers, and parsing takes longer than reading.
        if GROUP not in (distribution.read_text("entry_points.txt") or ""):
            continue
        name, version = "unknown", "0"
        with contextlib.suppress(Exception):
            name, version = distribution.name or name, distribution.version or version
        try:
            points = distribution.entry_points.select(group=GROUP)
            entries = [
                RendererEntry(point.name, name, version, point.value, point) for point in points
            ]
        except Exception as error:
            damage = f"its entry_points.txt can't be read: {type(error).__name__}: {error}"
            entries = [RendererEntry("?", name, version, "", None, damage)]
        # Of equal distributions, Python imports the first on the path.
        key = canonical(name) if name != "unknown" else str(len(by_distribution))
        by_distribution.setdefault(key, entries)
    every = [entry for entries in by_distribution.values() for entry in entries]
    return tuple(sorted(every, key=lambda entry: (entry.name, entry.distribution)))


def allow_list() -> frozenset[str] | None:
    """Return what `STROKEANIM_PLUGINS` names; None if it is not set, which allows all."""
    text = os.environ.get("STROKEANIM_PLUGINS")
    if text is None:
        return None
    named = (part.strip().rpartition(":") for part in text.split(",") if part.strip())
    return frozenset(f"{canonical(a)}:{b}" if a else canonical(b) for a, _, b in named)


def is_strict() -> bool:
    """Return whether `STROKEANIM_STRICT` turns warnings into errors."""
    return os.environ.get("STROKEANIM_STRICT", "").lower() in ("1", "true", "yes", "on")


def canonical(distribution: str) -> str:
    """Return the normalised name of a distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def format_api_mismatch(theirs: Sequence[int], ours: Sequence[int], distribution: str) -> str:
    """Return the end of an error about another major version of the contract, with the fix."""
    return (
        f"is for renderer API {format_version(theirs)}, "
        f"this strokeanim has {format_version(ours)}; "
        f"install a version of {distribution} for {format_version(ours)}"
    )


def format_version(version: Sequence[int]) -> str:
    """Format a version: `"1.0"`."""
    return ".".join(map(str, version))


def format_entries(every: Sequence[RendererEntry]) -> str:
    """Format full names and versions: `"strokeanim-dots:dots (1.0) and …"`."""
    return " and ".join(f"{entry.full_name} ({entry.version})" for entry in every)
