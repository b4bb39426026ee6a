"""From entries to jobs: everything that can be wrong is found before anything is drawn."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from strokeanim import __version__
from strokeanim.batch.drawing_cache import DrawingCache, Held
from strokeanim.batch.jobs import Job
from strokeanim.batch.manifest import Entry
from strokeanim.batch.naming import OutputNameRegistry, check_inside, format_template
from strokeanim.errors import InputError, StrokeAnimError
from strokeanim.geometry import Picture
from strokeanim.inbetween import Coherence
from strokeanim.io.limits import ReadPolicy
from strokeanim.io.remote import is_remote
from strokeanim.io.sources import parse_source
from strokeanim.latent.codec import Codec
from strokeanim.params import option_names, parse_options, parse_pairs
from strokeanim.pipeline import Source
from strokeanim.render.host import STYLE_OPTIONS, check_outputs
from strokeanim.request import Request, are_separate_pages, random_other

SHOWN = 25
"""Mistakes that are told of at once."""

TEMPLATE = "{label}/{key}.svg"
REQUEST = option_names(Request)
COLUMNS = ("source", "out", "name", "renderer", "options", "coherence", *REQUEST)
COLUMNS += tuple(sorted(STYLE_OPTIONS))


def plan(
    entries: Sequence[Entry],
    out: str | os.PathLike[str],
    model: Callable[[], Codec],
    *,
    name: str = "manifest",
    template: str = TEMPLATE,
    defaults: Mapping[str, Any] | None = None,
    beside: Callable[[str], str] = str,
    policy: ReadPolicy = ReadPolicy(),
) -> list[Job]:
    """Jobs, of entries that are all without a mistake.

    Args:
        entries: what is wanted.
        out: the folder that outputs will be in, or its URL.
        model: gives what says of what class a drawing is, where that is asked.
        name: of the manifest, for messages.
        template: of the outputs of entries that name none.
        defaults: values of what entries don't say.
        beside: from a source as an entry names it to the source that is meant.
        policy: how bad drawings are met.

    Raises:
        InputError: one line for every mistake: a source that is not there, an unknown column, a
            value out of range, an output that nobody writes, that two jobs have, or that lies
            outside of the folder.
    """
    planner = _Planner(os.fspath(out), model, template, defaults or {}, beside, policy)
    jobs: list[Job] = []
    mistakes: list[str] = []
    for entry in entries:
        try:
            jobs.append(planner.job(entry))
        except StrokeAnimError as error:
            mistakes.append(f"{name}:{entry.line}: {error}")
    if mistakes:
        more = len(mistakes) - SHOWN
        told = mistakes[:SHOWN] + ([f"… and {more} more"] if more > 0 else [])
        raise InputError("\n".join(told))
    return jobs


class _Planner:
    def __init__(
        self,
        out: str,
        model: Callable[[], Codec],
        template: str,
        defaults: Mapping[str, Any],
        beside: Callable[[str], str],
        policy: ReadPolicy,
    ) -> None:
        self._root = None if is_remote(out) else Path(out)
        self._model, self._template, self._defaults = cache(model), template, defaults
        self._beside = beside
        self._shelf = DrawingCache(policy)
        self._taken = OutputNameRegistry()
        self._requests: dict[Request, Request] = {}

    def job(self, entry: Entry) -> Job:
        """Raises `StrokeAnimError`: what is wrong with it."""
        given = self._columns(entry.values)
        sources = tuple(self._beside(source) for source in _texts(given, "source"))
        if not sources:
            raise InputError("the column source is missing or empty; name a drawing")
        request = parse_options(Request, {k: given[k] for k in REQUEST if k in given}, "the job")
        request = self._requests.setdefault(request, request)  # a million are alike, mostly
        coherence = None
        if "coherence" in given:
            coherence = parse_options(Coherence, _pairs(given, "coherence"), "coherence")
        held, shown = self._drawings(sources, request.seed)
        request.check(shown, self._model(), coherence)
        outputs = self._outputs(entry, given | asdict(request), sources[0], shown)
        options = _pairs(given, "options")
        for key in STYLE_OPTIONS & given.keys():
            if key in options:
                raise InputError(f"the column {key} and options say it twice; keep one")
            options[key] = str(given[key])
        renderer = str(given["renderer"]) if "renderer" in given else None
        _checked(outputs, renderer, tuple(sorted(options.items())))
        self._taken.take(outputs, entry.line)
        told: dict[str, Any] = {
            "version": __version__,
            "request": asdict(request),
            "coherence": coherence and asdict(coherence),
            "resized": are_separate_pages(sources),
            "drawings": [_digest(drawing) for drawing in shown],
            "outputs": outputs,
            "renderer": renderer,
            "options": options,
        }
        return Job(
            entry.line, request, coherence, told["resized"], held, outputs, renderer, options,
            shown[0].label, hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest(),
        )  # fmt: skip

    def _columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        given = dict(self._defaults)
        for column, value in values.items():
            key = str(column).replace("-", "_")
            if key not in COLUMNS:
                near = get_close_matches(key, COLUMNS, n=1)
                hint = f"did you mean {near[0]!r}? " if near else ""
                raise InputError(
                    f"there is no column {column!r}; {hint}there are {', '.join(COLUMNS)}"
                )
            given[key] = value
        return given

    def _drawings(
        self, sources: Sequence[str], seed: int
    ) -> tuple[tuple[Held, ...], tuple[Source, ...]]:
        """What gives them later, and what they are."""
        found = [self._shelf.find(source) for source in sources]
        if len(sources) == 1:
            start = found[0][1]
            pool = self._shelf.pool(parse_source(sources[0]).place)
            end = random_other(start, pool, seed, self._model)
            found.append((lambda: end, end))
        return tuple(held for held, _ in found), tuple(drawing for _, drawing in found)

    def _outputs(
        self, entry: Entry, given: Mapping[str, Any], source: str, shown: Sequence[Source]
    ) -> tuple[str, ...]:
        fields = {
            "label": shown[0].label,
            "key": shown[0].key,
            "to": shown[-1].key,
            "name": given.get("name", ""),
            "line": entry.line,
            "stem": Path(parse_source(source).place).stem,
            **{key: given[key] for key in (*REQUEST, *STYLE_OPTIONS) if key in given},
        }
        templates = _texts(given, "out") or [self._template]
        return tuple(check_inside(format_template(one, fields), self._root) for one in templates)


def _texts(given: Mapping[str, Any], column: str) -> list[str]:
    """A list of texts; one text is split as a shell does it."""
    value = given.get(column, [])
    if isinstance(value, str):
        try:
            return shlex.split(value)
        except ValueError as error:
            raise InputError(f"{column} {value!r}: {str(error).lower()}") from error
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return value
    raise InputError(f"{column} must be text or a list of texts, not {value!r}")


def _pairs(given: Mapping[str, Any], column: str) -> dict[str, str]:
    """`key=value` as text, or as an object."""
    value = given.get(column, "")
    if isinstance(value, Mapping):
        return {str(key).replace("-", "_"): str(each) for key, each in value.items()}
    return parse_pairs(_texts(given, column))


@lru_cache(maxsize=4096)
def _check(files: tuple[str, ...], renderer: str | None, options: tuple[Any, ...]) -> str:
    """What is wrong with outputs of such names, or ""."""
    try:
        check_outputs(files, renderer, dict(options))
    except StrokeAnimError as error:
        return str(error)
    return ""


def _checked(outputs: Sequence[str], renderer: str | None, options: tuple[Any, ...]) -> None:
    """Raises `InputError`: nobody writes them, or an option is wrong."""
    names = [PurePosixPath(one).name for one in outputs]
    kinds = tuple(one if "%" in one else f"{n}{Path(one).suffix}" for n, one in enumerate(names))
    wrong = _check(kinds, renderer, options)
    if wrong:
        raise InputError(wrong)


def _digest(drawing: Source) -> str:
    """Of everything that an animation may depend on."""
    scale = drawing.scale if isinstance(drawing, Picture) else 0
    found = hashlib.sha256(json.dumps([drawing.label, drawing.key, scale]).encode())
    if isinstance(drawing, Picture):
        arrays: Sequence[np.ndarray] = [drawing.coverage]
    else:
        arrays = [*drawing.strokes, *(drawing.times or ())]
    for array in arrays:
        found.update(str(array.shape).encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()
