"""Which renderers there are: entry points in the group `strokeanim.renderers`.

Listing runs no plugin; a plugin's code runs when that plugin is asked for. The built-ins come
through the same door. A name belongs to

1. the built-in of that name, whatever else claims it, then
2. the one plugin that claims it and may load; several are an error. `dist:name` is always
   unambiguous.

An extension belongs to

1. the built-in that lists it, then
2. the plugin named like it, without importing any other, then
3. the one with the highest `priority` among those whose spec lists it; a draw is an error.

Two environment variables:

- `STROKEANIM_PLUGINS`: if set, only the distributions (or `dist:name`) in this comma-separated
  list may load, beside the built-ins; empty means none.
- `STROKEANIM_STRICT=1`: what is otherwise a warning, or stepped over, is an error.
"""

from __future__ import annotations

import contextlib
import difflib
import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, distributions
from pathlib import Path
from typing import TYPE_CHECKING

from strokeanim.errors import InputError, PluginError, StrokeAnimError
from strokeanim.render import API_VERSION

if TYPE_CHECKING:
    from strokeanim.render.protocol import Renderer

GROUP = "strokeanim.renderers"
OURS = "strokeanim"
"""The distribution that the built-ins belong to."""
BUILTIN_EXTENSIONS = {".m4v": "mp4"}
"""Extensions of built-ins that are not named like them, so that none is imported to find out."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listed:
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


@dataclass(frozen=True)
class Found:
    """A renderer, and what errors call it: `"renderer 'dots' of strokeanim-dots 1.0"`."""

    renderer: Renderer
    origin: str


def available() -> tuple[Listed, ...]:
    """All renderers, by name and then by distribution. Imports no plugin.

    A distribution whose metadata can't be read is one renderer called `"?"`, with the damage.
    """
    found: dict[str, list[Listed]] = {}
    for distribution in distributions():
        # Most have nothing to do with us, and parsing takes longer than reading.
        if GROUP not in (distribution.read_text("entry_points.txt") or ""):
            continue
        name, version = "unknown", "0"
        with contextlib.suppress(Exception):
            name, version = distribution.name or name, distribution.version or version
        try:
            points = distribution.entry_points.select(group=GROUP)
            here = [Listed(point.name, name, version, point.value, point) for point in points]
        except Exception as error:
            damage = f"its entry_points.txt can't be read: {type(error).__name__}: {error}"
            here = [Listed("?", name, version, "", None, damage)]
        # The first on the path is the one that is imported.
        found.setdefault(canonical(name) if name != "unknown" else str(len(found)), here)
    every = [one for here in found.values() for one in here]
    return tuple(sorted(every, key=lambda one: (one.name, one.distribution)))


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
        raise InputError(
            f"there is no renderer {name!r}; {guess}there are {', '.join(known)}; "
            "a plugin has to be installed first"
        )
    return _owner([one for one in matches if one.is_allowed] or matches)


def find(path: str | Path, name: str | None = None) -> Found:
    """The renderer of that name, or else the one for that file.

    Raises:
        InputError, PluginError: as `get` and `for_path`.
    """
    one, renderer = _by_path(path) if name is None else _loaded(listed(name))
    theirs = renderer.spec.api_version
    if theirs > API_VERSION:
        _warn_or_raise(
            f"{one} was written for renderer API {_dotted(theirs)} and may miss something in "
            f"{_dotted(API_VERSION)}, which this strokeanim has; update strokeanim"
        )
    return Found(renderer, str(one))


def get(name: str) -> Renderer:
    """The renderer of that name, or of that `dist:name`.

    Raises:
        InputError: there is none, or several distributions have one of that name.
        PluginError: see `Listed.load`.
    """
    return find("", name).renderer


def for_path(path: str | Path) -> Renderer:
    """The renderer for a file name, by its extension.

    Raises:
        InputError: none or several renderers write such files.
        PluginError: the one that does is broken.
    """
    return find(path).renderer


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


def _by_path(path: str | Path) -> tuple[Listed, Renderer]:
    suffix = Path(path).suffix.lower()
    if not suffix:
        raise InputError(
            f"{str(path)!r} has no extension to choose the renderer by; "
            "add one such as .gif, or name the renderer"
        )
    every = [one for one in available() if one.is_allowed]
    namesakes = [one for one in every if one.name == BUILTIN_EXTENSIONS.get(suffix, suffix[1:])]
    trouble: StrokeAnimError | None = None
    if namesakes:
        try:
            one, renderer = _loaded(_owner(namesakes))
        except StrokeAnimError as error:
            # Another one may write such files, and nobody has asked for this one by name.
            if is_strict():
                raise
            trouble = error
        else:
            if suffix in renderer.spec.extensions:
                return one, renderer
    return _by_extension(suffix, every, trouble)


def _by_extension(
    suffix: str, every: Sequence[Listed], trouble: StrokeAnimError | None
) -> tuple[Listed, Renderer]:
    """Among all renderers; `trouble` is what the one named like the extension had."""
    matches: list[tuple[Listed, Renderer]] = []
    extensions: set[str] = set()
    others: list[str] = []
    for one in every:
        try:
            renderer = one.load()
        except PluginError as error:  # somebody else's trouble, unless nothing else fits
            if is_strict():
                raise
            others.append(str(error))
            continue
        extensions.update(renderer.spec.extensions)
        if suffix in renderer.spec.extensions:
            matches.append((one, renderer))
        elif one.name == suffix[1:]:
            others.append(f"renderer {one.name!r} writes {', '.join(renderer.spec.extensions)}")
    if not matches:
        if trouble is not None:
            raise trouble
        also = "".join(f"; also, {other}" for other in others)
        nearest = difflib.get_close_matches(suffix, sorted(extensions), n=1)
        guess = f"did you mean {nearest[0]}? " if nearest else ""
        known = ", ".join(sorted(extensions))
        raise InputError(f"no renderer writes {suffix} files; {guess}there are {known}{also}")
    highest = max(renderer.spec.priority for _, renderer in matches)
    first = [match for match in matches if match[1].spec.priority == highest]
    if len(first) > 1:
        raise _clash([one for one, _ in first], f"extension {suffix}")
    return first[0]


def _loaded(one: Listed) -> tuple[Listed, Renderer]:
    return one, one.load()


def _owner(claimants: Sequence[Listed]) -> Listed:
    """Whom a name belongs to, among those who claim it."""
    builtin = [one for one in claimants if one.is_builtin]
    if not builtin:
        if len(claimants) > 1:
            raise _clash(claimants, f"renderer {claimants[0].name!r}")
        return claimants[0]
    others = [one for one in claimants if not one.is_builtin and one.is_allowed]
    if others:
        _warn_or_raise(
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


def _warn_or_raise(message: str) -> None:
    if is_strict():
        raise PluginError(message)
    _log.warning(message)


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))
