"""Plan the jobs of a batch: check all entries before anything is rendered."""

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
from strokeanim.batch.drawing_cache import DrawingCache, LoadDrawing
from strokeanim.batch.jobs import Job
from strokeanim.batch.manifest import Entry
from strokeanim.batch.naming import OutputNameRegistry, check_inside, format_template
from strokeanim.errors import InputError, StrokeAnimError
from strokeanim.geometry import Picture
from strokeanim.inbetween import Coherence
from strokeanim.inbetween.latent_path import Source
from strokeanim.io.limits import ReadPolicy
from strokeanim.io.remote import is_remote
from strokeanim.io.sources import parse_source
from strokeanim.latent.codec import Codec
from strokeanim.params import option_names, parse_options, parse_pairs
from strokeanim.pipeline import AnimateOptions, are_separate_pages, random_other
from strokeanim.render.host import STYLE_OPTIONS, check_outputs

MAX_MISTAKES = 25
"""Largest number of mistakes in one error."""

TEMPLATE = "{label}/{key}.svg"
REQUEST_COLUMNS = option_names(AnimateOptions)
COLUMNS = ("source", "out", "name", "renderer", "options", "coherence", *REQUEST_COLUMNS)
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
    """Make the jobs of entries, if no entry has a mistake.

    Args:
        entries: the entries of a manifest.
        out: the folder of the outputs, or its URL.
        model: returns the model, which identifies drawings without a label.
        name: name of the manifest in messages.
        template: output of entries that name none.
        defaults: values of columns that an entry leaves out.
        beside: resolves a source of an entry.
        policy: treatment of bad drawings.

    Raises:
        InputError: one line for every mistake: a missing source, an unknown column, a value out of
            range, or an output that has no renderer, belongs to two jobs or is outside of the
            folder.
    """
    planner = _Planner(os.fspath(out), model, template, defaults or {}, beside, policy)
    jobs: list[Job] = []
    mistakes: list[str] = []
    for entry in entries:
        try:
            jobs.append(planner.make_job(entry))
        except StrokeAnimError as error:
            mistakes.append(f"{name}:{entry.line}: {error}")
    if mistakes:
        more = len(mistakes) - MAX_MISTAKES
        lines = mistakes[:MAX_MISTAKES] + ([f"… and {more} more"] if more > 0 else [])
        raise InputError("\n".join(lines))
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
        self._cache = DrawingCache(policy)
        self._reserved = OutputNameRegistry()
        self._requests: dict[AnimateOptions, AnimateOptions] = {}

    def make_job(self, entry: Entry) -> Job:
        """Make the job of an entry.

        Raises:
            StrokeAnimError: the entry has a mistake.
        """
        given = self._merge_defaults(entry.values)
        sources = tuple(self._beside(source) for source in _split_texts(given, "source"))
        if not sources:
            raise InputError("the column source is missing or empty; name a drawing")
        request = parse_options(
            AnimateOptions, {k: given[k] for k in REQUEST_COLUMNS if k in given}, "the job"
        )
        request = self._requests.setdefault(request, request)  # most jobs share a few
        coherence = None
        if "coherence" in given:
            coherence = parse_options(Coherence, _read_pairs(given, "coherence"), "coherence")
        loaders, drawings = self._load_drawings(sources, request.seed)
        request.check(drawings, self._model(), coherence)
        outputs = self._name_outputs(entry, given | asdict(request), sources[0], drawings)
        options = _read_pairs(given, "options")
        for key in STYLE_OPTIONS & given.keys():
            if key in options:
                raise InputError(f"the column {key} and options say it twice; keep one")
            options[key] = str(given[key])
        renderer = str(given["renderer"]) if "renderer" in given else None
        _check_outputs(outputs, renderer, tuple(sorted(options.items())))
        self._reserved.reserve(outputs, entry.line)
        content: dict[str, Any] = {
            "version": __version__,
            "request": asdict(request),
            "coherence": coherence and asdict(coherence),
            "resized": are_separate_pages(sources),
            "drawings": [_hash_drawing(drawing) for drawing in drawings],
            "outputs": outputs,
            "renderer": renderer,
            "options": options,
        }
        return Job(
            entry.line, request, coherence, content["resized"], loaders, outputs, renderer, options,
            drawings[0].label,
            hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
        )  # fmt: skip

    def _merge_defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
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

    def _load_drawings(
        self, sources: Sequence[str], seed: int
    ) -> tuple[tuple[LoadDrawing, ...], tuple[Source, ...]]:
        """Return functions that load the drawings of a job, and the drawings."""
        pairs = [self._cache.find(source) for source in sources]
        if len(sources) == 1:
            start = pairs[0][1]
            pool = self._cache.pool(parse_source(sources[0]).place)
            end = random_other(start, pool, seed, self._model)
            pairs.append((lambda: end, end))
        return tuple(loader for loader, _ in pairs), tuple(drawing for _, drawing in pairs)

    def _name_outputs(
        self, entry: Entry, given: Mapping[str, Any], source: str, drawings: Sequence[Source]
    ) -> tuple[str, ...]:
        fields = {
            "label": drawings[0].label,
            "key": drawings[0].key,
            "to": drawings[-1].key,
            "name": given.get("name", ""),
            "line": entry.line,
            "stem": Path(parse_source(source).place).stem,
            **{key: given[key] for key in (*REQUEST_COLUMNS, *STYLE_OPTIONS) if key in given},
        }
        templates = _split_texts(given, "out") or [self._template]
        return tuple(check_inside(format_template(text, fields), self._root) for text in templates)


def _split_texts(given: Mapping[str, Any], column: str) -> list[str]:
    """Return the list of texts in a column; a single text is split as by a shell."""
    value = given.get(column, [])
    if isinstance(value, str):
        try:
            return shlex.split(value)
        except ValueError as error:
            raise InputError(f"{column} {value!r}: {str(error).lower()}") from error
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return value
    raise InputError(f"{column} must be text or a list of texts, not {value!r}")


def _read_pairs(given: Mapping[str, Any], column: str) -> dict[str, str]:
    """Return the pairs in a column, which are text such as `key=value`, or an object."""
    value = given.get(column, "")
    if isinstance(value, Mapping):
        return {str(key).replace("-", "_"): str(item) for key, item in value.items()}
    return parse_pairs(_split_texts(given, column))


@lru_cache(maxsize=4096)
def _find_output_error(
    files: tuple[str, ...], renderer: str | None, options: tuple[Any, ...]
) -> str:
    """Return the error of outputs with such names, or ""."""
    try:
        check_outputs(files, renderer, dict(options))
    except StrokeAnimError as error:
        return str(error)
    return ""


def _check_outputs(outputs: Sequence[str], renderer: str | None, options: tuple[Any, ...]) -> None:
    """Raise `InputError` if no renderer writes an output, or if an option is wrong."""
    names = [PurePosixPath(output).name for output in outputs]
    kinds = tuple(s if "%" in s else f"{n}{Path(s).suffix}" for n, s in enumerate(names))
    error = _find_output_error(kinds, renderer, options)
    if error:
        raise InputError(error)


def _hash_drawing(drawing: Source) -> str:
    """Hash everything in a drawing that an animation may depend on."""
    scale = drawing.scale if isinstance(drawing, Picture) else 0
    digest = hashlib.sha256(json.dumps([drawing.label, drawing.key, scale]).encode())
    if isinstance(drawing, Picture):
        arrays: Sequence[np.ndarray] = [drawing.coverage]
    else:
        arrays = [*drawing.strokes, *(drawing.times or ())]
    for array in arrays:
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
