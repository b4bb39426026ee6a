"""Select a renderer by name or by file extension.

Built-in renderers and plugins are all entry points in the group `strokeanim.renderers`. A plugin
is imported only when it is needed. A name selects

1. the built-in of that name, whatever else has it, then
2. the plugin of that name that may load; several are an error. `dist:name` is always unambiguous.

An extension selects

1. the built-in that lists it, then
2. the plugin of the same name as the extension, without importing any other, then
3. the plugin with the highest `priority` among those whose spec lists it; a tie is an error.

The environment variables of `strokeanim.render.plugins.discovery` apply.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from strokeanim.errors import InputError, PluginError, StrokeAnimError
from strokeanim.render import API_VERSION
from strokeanim.render.plugins.discovery import (
    RendererEntry,
    available,
    canonical,
    format_entries,
    format_version,
    is_strict,
)

if TYPE_CHECKING:
    from strokeanim.render.protocol import Renderer

BUILTIN_EXTENSIONS = {".htm": "html", ".m4v": "mp4"}
"""Extensions of built-ins of another name, listed so that no built-in need be imported."""

PACKAGES = {".json": "strokeanim-lottie"} | dict.fromkeys(
    (".hpgl", ".plt", ".gcode", ".ngc", ".nc"), "strokeanim-plotter"
)
"""Packages of this repository by extension, to name them in errors if not installed."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FoundRenderer:
    """A renderer and its name in errors: `"renderer 'dots' of strokeanim-dots 1.0"`."""

    renderer: Renderer
    origin: str


def find_entry(name: str) -> RendererEntry:
    """Return the entry of a renderer by its name or `dist:name`, without importing it.

    Raises:
        InputError: no renderer, or renderers of several distributions, have that name.
    """
    distribution, _, short = name.rpartition(":")
    every = available()
    matches = [
        entry
        for entry in every
        if entry.name == short and canonical(distribution) in ("", canonical(entry.distribution))
    ]
    if not matches:
        known = sorted({entry.name for entry in every if entry.is_allowed})
        nearest = difflib.get_close_matches(short, known, n=1)
        guess = f"did you mean {nearest[0]!r}? " if nearest else ""
        raise InputError(
            f"there is no renderer {name!r}; {guess}there are {', '.join(known)}; "
            "a plugin has to be installed first"
        )
    return _resolve_name([entry for entry in matches if entry.is_allowed] or matches)


def find(path: str | Path, name: str | None = None) -> FoundRenderer:
    """Return the renderer of that name, or the renderer for that path if `name` is None.

    Raises:
        InputError, PluginError: as `get` and `for_path`.
    """
    entry, renderer = _find_by_path(path) if name is None else _load(find_entry(name))
    theirs = renderer.spec.api_version
    if theirs > API_VERSION:
        _warn_or_raise(
            f"{entry} was written for renderer API {format_version(theirs)} and may miss something "
            f"in {format_version(API_VERSION)}, which this strokeanim has; update strokeanim"
        )
    return FoundRenderer(renderer, str(entry))


def get(name: str) -> Renderer:
    """Return the renderer of that name or `dist:name`.

    Raises:
        InputError: no renderer, or renderers of several distributions, have that name.
        PluginError: as `RendererEntry.load`.
    """
    return find("", name).renderer


def for_path(path: str | Path) -> Renderer:
    """Return the renderer for a path, by its extension.

    Raises:
        InputError: no renderer or several of them write such files.
        PluginError: the renderer of such files is broken.
    """
    return find(path).renderer


def _find_by_path(path: str | Path) -> tuple[RendererEntry, Renderer]:
    suffix = Path(path).suffix.lower()
    if not suffix:
        raise InputError(
            f"{str(path)!r} has no extension to choose the renderer by; "
            "add one such as .gif, or name a renderer"
        )
    every = [entry for entry in available() if entry.is_allowed]
    name = BUILTIN_EXTENSIONS.get(suffix, suffix[1:])
    namesakes = [entry for entry in every if entry.name == name]
    failure: StrokeAnimError | None = None
    if namesakes:
        try:
            entry, renderer = _load(_resolve_name(namesakes))
        except StrokeAnimError as error:
            # Another renderer may write such files; this one was not requested by name.
            if is_strict():
                raise
            failure = error
        else:
            if suffix in renderer.spec.extensions:
                return entry, renderer
    return _find_by_extension(suffix, every, failure)


def _find_by_extension(
    suffix: str, every: Sequence[RendererEntry], failure: StrokeAnimError | None
) -> tuple[RendererEntry, Renderer]:
    """Load all entries and return the one that writes such files.

    `failure` is the error of the renderer with the name of the extension, if it has failed.
    """
    matches: list[tuple[RendererEntry, Renderer]] = []
    extensions: set[str] = set()
    others: list[str] = []
    for entry in every:
        try:
            renderer = entry.load()
        except PluginError as error:  # reported only if no other renderer fits
            if is_strict():
                raise
            others.append(str(error))
            continue
        extensions.update(renderer.spec.extensions)
        if suffix in renderer.spec.extensions:
            matches.append((entry, renderer))
        elif entry.name == suffix[1:]:
            others.append(f"renderer {entry.name!r} writes {', '.join(renderer.spec.extensions)}")
    if not matches:
        if failure is not None:
            raise failure
        also = "".join(f"; also, {other}" for other in others)
        nearest = difflib.get_close_matches(suffix, sorted(extensions), n=1)
        guess = f"did you mean {nearest[0]}? " if nearest else ""
        if suffix in PACKAGES:
            package = PACKAGES[suffix]
            guess = f"{package} does: pip install ./plugins/{package} in a checkout; "
        known = ", ".join(sorted(extensions))
        raise InputError(
            f"no installed renderer writes {suffix} files; {guess}there are {known}{also}"
        )
    highest = max(renderer.spec.priority for _, renderer in matches)
    first = [match for match in matches if match[1].spec.priority == highest]
    if len(first) > 1:
        raise _format_clash([entry for entry, _ in first], f"extension {suffix}")
    return first[0]


def _load(entry: RendererEntry) -> tuple[RendererEntry, Renderer]:
    return entry, entry.load()


def _resolve_name(entries: Sequence[RendererEntry]) -> RendererEntry:
    """Return which of several entries of one name the name selects."""
    builtin = [entry for entry in entries if entry.is_builtin]
    if not builtin:
        if len(entries) > 1:
            raise _format_clash(entries, f"renderer {entries[0].name!r}")
        return entries[0]
    others = [entry for entry in entries if not entry.is_builtin and entry.is_allowed]
    if others:
        _warn_or_raise(
            f"{builtin[0].name!r} is the built-in renderer, and {format_entries(others)} claims "
            f"that name too; choose with renderer={others[0].full_name} or {builtin[0].full_name}"
        )
    return builtin[0]


def _format_clash(entries: Sequence[RendererEntry], what: str) -> InputError:
    return InputError(
        f"{what} is claimed by {format_entries(entries)}; "
        f"name one of them, as in renderer={entries[0].full_name}",
        option="renderer",
    )


def _warn_or_raise(message: str) -> None:
    if is_strict():
        raise PluginError(message)
    _log.warning(message)
