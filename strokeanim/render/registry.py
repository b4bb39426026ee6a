"""Which renderers there are: entry points in the group `strokeanim.renderers`.

Listing reads metadata only; a plugin's code runs when that plugin is asked for. The built-ins
come through the same door.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from strokeanim.errors import InputError, PluginError
from strokeanim.render.protocol import API_VERSION, Renderer, RendererSpec

GROUP = "strokeanim.renderers"


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

    def load(self) -> Renderer:
        """Import the plugin and check that it is a renderer of our API version.

        Raises:
            PluginError: it can't be imported, is no renderer, or is for another major version.
        """
        origin = f"renderer {self.name!r} of {self.distribution} {self.version}"
        fix = f"update, reinstall or uninstall {self.distribution}"
        try:
            found = self.entry_point.load()
            renderer: Renderer = found() if isinstance(found, type) else found
        except (Exception, SystemExit) as error:
            reason = f"{type(error).__name__}: {error}"
            raise PluginError(f"{origin} can't be loaded ({reason}); {fix}") from error
        spec = getattr(renderer, "spec", None)
        if not isinstance(spec, RendererSpec) or not callable(getattr(renderer, "open", None)):
            raise PluginError(
                f"{origin} is no renderer ({self.value} lacks a RendererSpec `spec` or `open`); "
                f"{fix}"
            )
        if spec.api_version[0] != API_VERSION[0]:
            theirs, ours = (".".join(map(str, v)) for v in (spec.api_version, API_VERSION))
            raise PluginError(
                f"{origin} is for renderer API {theirs}, this strokeanim has {ours}; "
                f"install a version of {self.distribution} for {ours}"
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


def get(name: str) -> Renderer:
    """The renderer of that name, or of that `dist:name`.

    Raises:
        InputError: there is none, or several distributions have one of that name.
        PluginError: see `Listed.load`.
    """
    distribution, _, short = name.rpartition(":")
    every = available()
    matches = [
        one
        for one in every
        if one.name == short and _canonical(distribution) in ("", _canonical(one.distribution))
    ]
    if not matches:
        known = sorted({one.name for one in every})
        nearest = difflib.get_close_matches(short, known, n=1)
        guess = f"did you mean {nearest[0]!r}? " if nearest else ""
        raise InputError(f"there is no renderer {name!r}; {guess}there are: {', '.join(known)}")
    return _only(matches, f"renderer {name!r}").load()


def for_path(path: str | Path) -> Renderer:
    """The renderer for a file name, by its extension.

    A renderer named like the extension is taken without importing any other.

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
    every = available()
    namesakes = [one for one in every if one.name == suffix[1:]]
    if namesakes:
        renderer = _only(namesakes, f"renderer {suffix[1:]!r}").load()
        if suffix in renderer.spec.extensions:
            return renderer
    return _by_extension(suffix, every)


def _by_extension(suffix: str, every: Sequence[Listed]) -> Renderer:
    matches: list[tuple[Listed, Renderer]] = []
    extensions: set[str] = set()
    broken: list[PluginError] = []
    for one in every:
        try:
            renderer = one.load()
        except PluginError as error:  # somebody else's trouble, unless nothing else fits
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
    _only([one for one, _ in matches], f"extension {suffix}")
    return matches[0][1]


def _only(matches: Sequence[Listed], what: str) -> Listed:
    if len(matches) > 1:
        choices = " and ".join(f"{one.full_name} ({one.version})" for one in matches)
        raise InputError(
            f"{what} is claimed by {choices}; name one of them, as in {matches[0].full_name}"
        )
    return matches[0]


def _canonical(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()
