"""What is installed: entry points in the group `strokeanim.renderers`, and nothing imported.

Two environment variables:

- `STROKEANIM_PLUGINS`: if set, only the distributions (or `dist:name`) in this comma-separated
  list may load, beside the built-ins; empty means none.
- `STROKEANIM_STRICT=1`: what is otherwise a warning, or stepped over, is an error.
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
OURS = "strokeanim"
"""The distribution that the built-ins belong to."""


@dataclass(frozen=True)
class RendererEntry:
    """A renderer as its package announces it; nothing of it is imported.

    Attributes:
        name: of the renderer.
        distribution: the installed package it comes from.
        version: of that package.
        value: where the renderer is, `"module:Class"`.
        entry_point: to load it by; None where the distribution is damaged.
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
        """`dist:name`, which is unambiguous."""
        return f"{self.distribution}:{self.name}"

    @property
    def is_builtin(self) -> bool:
        """Whether it came with strokeanim."""
        return canonical(self.distribution) == OURS

    @property
    def is_allowed(self) -> bool:
        """Whether `STROKEANIM_PLUGINS` lets it load."""
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
        """Import the plugin and check that it is a renderer of our API version.

        Raises:
            PluginError: it may not load, can't be imported, is no renderer, has another name than
                its entry point, or is for another major version.
        """
        # Here, so that listing renderers stays cheap.
        from strokeanim.render.protocol import RendererSpec  # noqa: PLC0415

        if not self.is_allowed:
            raise PluginError(
                f"{self} may not load, says STROKEANIM_PLUGINS; add {self.distribution} to it"
            )
        fix = f"update, reinstall or uninstall {self.distribution}"
        if self.entry_point is None:
            raise PluginError(f"{self} can't be loaded ({self.damage}); {fix}")
        try:
            found = self.entry_point.load()
            renderer: Renderer = found() if isinstance(found, type) else found
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
            said = other_api(spec.api_version, API_VERSION, self.distribution)
            raise PluginError(f"{self} {said}")
        if spec.name != self.name:
            raise PluginError(
                f"{self} calls itself {spec.name!r} in its spec; both names must be equal, so {fix}"
            )
        return renderer


def available() -> tuple[RendererEntry, ...]:
    """All renderers, by name and then by distribution. Imports no plugin.

    A distribution whose metadata can't be read is one renderer called `"?"`, with the damage.
    """
    found: dict[str, list[RendererEntry]] = {}
    for distribution in distributions():
        # Most have nothing to do with us, and parsing takes longer than reading.
        if GROUP not in (distribution.read_text("entry_points.txt") or ""):
            continue
        name, version = "unknown", "0"
        with contextlib.suppress(Exception):
            name, version = distribution.name or name, distribution.version or version
        try:
            points = distribution.entry_points.select(group=GROUP)
            here = [
                RendererEntry(point.name, name, version, point.value, point) for point in points
            ]
        except Exception as error:
            damage = f"its entry_points.txt can't be read: {type(error).__name__}: {error}"
            here = [RendererEntry("?", name, version, "", None, damage)]
        # The first on the path is the one that is imported.
        found.setdefault(canonical(name) if name != "unknown" else str(len(found)), here)
    every = [one for here in found.values() for one in here]
    return tuple(sorted(every, key=lambda one: (one.name, one.distribution)))


def allow_list() -> frozenset[str] | None:
    """What `STROKEANIM_PLUGINS` names; None if it is not set, which allows all."""
    text = os.environ.get("STROKEANIM_PLUGINS")
    if text is None:
        return None
    named = (part.strip().rpartition(":") for part in text.split(",") if part.strip())
    return frozenset(f"{canonical(a)}:{b}" if a else canonical(b) for a, _, b in named)


def is_strict() -> bool:
    """Whether `STROKEANIM_STRICT` asks for errors in place of warnings."""
    return os.environ.get("STROKEANIM_STRICT", "").lower() in ("1", "true", "yes", "on")


def canonical(distribution: str) -> str:
    """The one spelling of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def other_api(theirs: Sequence[int], ours: Sequence[int], distribution: str) -> str:
    """What there is to say about another major version of the contract, and the fix."""
    return (
        f"is for renderer API {dotted(theirs)}, this strokeanim has {dotted(ours)}; "
        f"install a version of {distribution} for {dotted(ours)}"
    )


def dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def listing(every: Sequence[RendererEntry]) -> str:
    """Their full names and versions in words."""
    return " and ".join(f"{one.full_name} ({one.version})" for one in every)
