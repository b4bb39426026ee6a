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

The environment variables are those of `strokeanim.render.plugins.discovery`.
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
    dotted,
    is_strict,
    listing,
)

if TYPE_CHECKING:
    from strokeanim.render.protocol import Renderer

BUILTIN_EXTENSIONS = {".htm": "html", ".m4v": "mp4"}
"""Extensions of built-ins that are not named like them, so that none is imported to find out."""

PACKAGES = {".json": "strokeanim-lottie"} | dict.fromkeys(
    (".hpgl", ".plt", ".gcode", ".ngc", ".nc"), "strokeanim-plotter"
)
"""Whose files these are, for who has not installed it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FoundRenderer:
    """A renderer, and what errors call it: `"renderer 'dots' of strokeanim-dots 1.0"`."""

    renderer: Renderer
    origin: str


def listed(name: str) -> RendererEntry:
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


def find(path: str | Path, name: str | None = None) -> FoundRenderer:
    """The renderer of that name, or else the one for that file.

    Raises:
        InputError, PluginError: as `get` and `for_path`.
    """
    one, renderer = _by_path(path) if name is None else _loaded(listed(name))
    theirs = renderer.spec.api_version
    if theirs > API_VERSION:
        _warn_or_raise(
            f"{one} was written for renderer API {dotted(theirs)} and may miss something in "
            f"{dotted(API_VERSION)}, which this strokeanim has; update strokeanim"
        )
    return FoundRenderer(renderer, str(one))


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


def _by_path(path: str | Path) -> tuple[RendererEntry, Renderer]:
    suffix = Path(path).suffix.lower()
    if not suffix:
        raise InputError(
            f"{str(path)!r} has no extension to choose the renderer by; "
            "add one such as .gif, or name a renderer (--renderer, or renderer=)"
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
    suffix: str, every: Sequence[RendererEntry], trouble: StrokeAnimError | None
) -> tuple[RendererEntry, Renderer]:
    """Among all renderers; `trouble` is what the one named like the extension had."""
    matches: list[tuple[RendererEntry, Renderer]] = []
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
        raise _clash([one for one, _ in first], f"extension {suffix}")
    return first[0]


def _loaded(one: RendererEntry) -> tuple[RendererEntry, Renderer]:
    return one, one.load()


def _owner(claimants: Sequence[RendererEntry]) -> RendererEntry:
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


def _clash(claimants: Sequence[RendererEntry], what: str) -> InputError:
    return InputError(
        f"{what} is claimed by {listing(claimants)}; "
        f"name one of them, as in --renderer {claimants[0].full_name}"
    )


def _warn_or_raise(message: str) -> None:
    if is_strict():
        raise PluginError(message)
    _log.warning(message)
