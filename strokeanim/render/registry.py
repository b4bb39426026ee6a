"""Which renderers there are: entry points in the group `strokeanim.renderers`.

Listing reads metadata only; a plugin's code runs when that plugin is asked for. The built-ins
come through the same door. A name belongs to

1. the built-in of that name, whatever else claims it, then
2. the one plugin that claims it; several are an error. `dist:name` is always unambiguous.

An extension belongs to

1. the renderer named like it, without importing any other, then
2. the one with the highest `priority` among those whose spec lists it; a draw is an error.

Two environment variables:

- `STROKEANIM_PLUGINS`: if set, only the distributions (or `dist:name`) in this comma-separated
  list may load, beside the built-ins; empty means none.
- `STROKEANIM_STRICT=1`: what is otherwise a warning, or stepped over, is an error.
"""

from __future__ import annotations

import difflib
import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from strokeanim.errors import InputError, PluginError
from strokeanim.render import API_VERSION

if TYPE_CHECKING:
    from strokeanim.render.protocol import Renderer

GROUP = "strokeanim.renderers"
OURS = "strokeanim"
"""The distribution that the built-ins belong to."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listed:
    """A renderer as its package announces it; nothing of it is imported.

    Attributes:
        name: of the renderer.
        distribution: the installed package it comes from.
        version: of that package.
        value: where the renderer is, `"module:Class"`.
    """

    name: str
    distribution: str
    version: str
    value: str
    entry_point: EntryPoint = field(repr=False, compare=False)

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
            PluginError: it may not load, can't be imported, is no renderer, or is for another
                major version.
        """
        # Here, so that listing renderers stays cheap.
        from strokeanim.render.protocol import RendererSpec  # noqa: PLC0415

        if not self.is_allowed:
            raise PluginError(
                f"{self} may not load, says STROKEANIM_PLUGINS; add {self.distribution} to it"
            )
        fix = f"update, reinstall or uninstall {self.distribution}"
        try:
            found = self.entry_point.load()
            renderer: Renderer = found() if isinstance(found, type) else found
        except (Exception, SystemExit) as error:
            reason = f"{type(error).__name__}: {error}"
            if isinstance(error, ModuleNotFoundError) and error.name:
                fix = f"pip install {error.name.partition('.')[0]}, or {fix}"
            raise PluginError(f"{self} can't be loaded ({reason}); {fix}") from error
        spec = getattr(renderer, "spec", None)
        is_renderer = isinstance(spec, RendererSpec)
        if not is_renderer or not callable(getattr(renderer, "open", None)):
            raise PluginError(
                f"{self} is no renderer ({self.value} lacks a RendererSpec `spec` or `open`); {fix}"
            )
        ours, theirs = API_VERSION, renderer.spec.api_version
        if theirs[0] != ours[0]:
            raise PluginError(f"{self} {other_api(theirs, ours, self.distribution)}")
        if theirs > ours:
            _object(
                f"{self} was written for renderer API {_dotted(theirs)} and may miss something in "
                f"{_dotted(ours)}, which this strokeanim has; update strokeanim"
            )
        return renderer


def available() -> tuple[Listed, ...]:
    """All renderers, by name and then by distribution. Imports no plugin."""
    found = [
        Listed(point.name, point.dist.name, point.dist.version, point.value, point)
        if point.dist
        else Listed(point.name, "unknown", "0", point.value, point)
        for point in entry_points(group=GROUP)
    ]
    return tuple(sorted(found, key=lambda one: (one.name, one.distribution)))


def listed(name: str) -> Listed:
    """The renderer of that name, or of that `dist:name`, before it is imported.

    Raises:
        InputError: there is none, or several distributions have one of that name.
    """
    distribution, _, short = name.rpartition(":")
    every = available()
    matches = [
        one
        for one in every
        if one.name == short and canonical(distribution) in ("", canonical(one.distribution))
    ]
    if not matches:
        known = sorted({one.name for one in every if one.is_allowed})
        nearest = difflib.get_close_matches(short, known, n=1)
        guess = f"did you mean {nearest[0]!r}? " if nearest else ""
        raise InputError(f"there is no renderer {name!r}; {guess}there are: {', '.join(known)}")
    return _owner(matches)


def get(name: str) -> Renderer:
    """The renderer of that name, or of that `dist:name`.

    Raises:
        InputError: there is none, or several distributions have one of that name.
        PluginError: see `Listed.load`.
    """
    return listed(name).load()


def for_path(path: str | Path) -> Renderer:
    """The renderer for a file name, by its extension.

    Raises:
        InputError: none or several renderers write such files.
        PluginError: the one that does is broken.
    """
    suffix = Path(path).suffix.lower()
    if not suffix:
        raise InputError(
            f"{str(path)!r} has no extension to choose the renderer by; "
            "add one such as .gif, or name the renderer"
        )
    every = [one for one in available() if one.is_allowed]
    namesakes = [one for one in every if one.name == suffix[1:]]
    if namesakes:
        renderer = _owner(namesakes).load()
        if suffix in renderer.spec.extensions:
            return renderer
    return _by_extension(suffix, every)


def origin(renderer: Renderer) -> str:
    """What errors call it: by name, and by distribution if an installed one announces it."""
    place = f"{type(renderer).__module__}:{type(renderer).__qualname__}"
    for one in available():
        if one.value.replace(" ", "") == place:
            return str(one)
    return f"renderer {renderer.spec.name!r}"


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
        f"is for renderer API {_dotted(theirs)}, this strokeanim has {_dotted(ours)}; "
        f"install a version of {distribution} for {_dotted(ours)}"
    )


def _by_extension(suffix: str, every: Sequence[Listed]) -> Renderer:
    matches: list[tuple[Listed, Renderer]] = []
    extensions: set[str] = set()
    broken: list[PluginError] = []
    for one in every:
        try:
            renderer = one.load()
        except PluginError as error:  # somebody else's trouble, unless nothing else fits
            if is_strict():
                raise
            broken.append(error)
            continue
        extensions.update(renderer.spec.extensions)
        if suffix in renderer.spec.extensions:
            matches.append((one, renderer))
    if not matches:
        also = "".join(f"; also, {error}" for error in broken)
        nearest = difflib.get_close_matches(suffix, sorted(extensions), n=1)
        guess = f"did you mean {nearest[0]}? " if nearest else ""
        known = ", ".join(sorted(extensions))
        raise InputError(f"no renderer writes {suffix} files; {guess}there are {known}{also}")
    highest = max(renderer.spec.priority for _, renderer in matches)
    first = [(one, renderer) for one, renderer in matches if renderer.spec.priority == highest]
    if len(first) > 1:
        raise _clash([one for one, _ in first], f"extension {suffix}")
    return first[0][1]


def _owner(claimants: Sequence[Listed]) -> Listed:
    """Whom a name belongs to, among those who claim it."""
    builtin = [one for one in claimants if one.is_builtin]
    if not builtin:
        if len(claimants) > 1:
            raise _clash(claimants, f"renderer {claimants[0].name!r}")
        return claimants[0]
    others = [one for one in claimants if not one.is_builtin and one.is_allowed]
    if others:
        _object(
            f"{builtin[0].name!r} is the built-in renderer, and {listing(others)} claims that name "
            f"too; choose with --renderer {others[0].full_name} or {builtin[0].full_name}"
        )
    return builtin[0]


def listing(every: Sequence[Listed]) -> str:
    """Their full names and versions in words."""
    return " and ".join(f"{one.full_name} ({one.version})" for one in every)


def _clash(claimants: Sequence[Listed], what: str) -> InputError:
    return InputError(
        f"{what} is claimed by {listing(claimants)}; "
        f"name one of them, as in --renderer {claimants[0].full_name}"
    )


def _object(message: str) -> None:
    if is_strict():
        raise PluginError(message)
    _log.warning(message)


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))
