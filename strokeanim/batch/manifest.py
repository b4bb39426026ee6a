"""What is wanted: a manifest in CSV, JSON lines or TOML, or random pairs of a file."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from strokeanim.errors import InputError
from strokeanim.geometry import DrawingArray
from strokeanim.io.limits import Limits, ReadPolicy
from strokeanim.io.remote import is_remote
from strokeanim.io.sources import SourceName, load, open_source, parse_source

FORMATS = (".csv", ".jsonl", ".ndjson", ".toml")
_TABLE = re.compile(r"^\s*\[\[\s*job\s*\]\]", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """One job as it is written down.

    Attributes:
        line: where, from 1; of random pairs, the number of the pair.
        values: what was said, by column; nothing of it is checked.
    """

    line: int
    values: Mapping[str, Any]


def read_manifest(manifest: str, limits: Limits = Limits()) -> list[Entry]:
    """The entries of a manifest; its format by its name, or by its contents.

    CSV has a header; an empty cell says nothing. Of JSON, every line is an object. In TOML, each
    job is a table `[[job]]`.

    Args:
        manifest: a file, a URL, or `-` for standard input.
        limits: on its size.

    Raises:
        InputError: it can't be read, is in no such format, or holds no job.
    """
    with open_source(manifest, limits) as stream:
        data = stream.read(limits.json + 1)
    name = "standard input" if manifest == "-" else manifest
    limits.check("json", len(data), name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8: {error}; save it as UTF-8") from error
    read = {".csv": _csv, ".jsonl": _json, ".ndjson": _json, ".toml": _toml}[_format(name, text)]
    entries = list(read(text, name))
    if not entries:
        raise InputError(f"{name} holds no jobs")
    return entries


def random_pairs(
    source: str, per_class: int, seed: int = 0, policy: ReadPolicy = ReadPolicy()
) -> list[Entry]:
    """So many different pairs of drawings of each class in a file, all as likely.

    Args:
        source: a file of several drawings.
        per_class: pairs of each class; all there are where that is more.
        seed: of the choice.
        policy: how bad drawings are met.

    Raises:
        InputError: the file can't be read, or holds no two drawings of a class.
    """
    if source.startswith("-"):
        raise InputError("standard input can be read once only; name a file of drawings for pairs")
    if per_class < 1:
        raise InputError(f"{per_class} pairs per class; 1 is the least")
    found = load(source, policy.limits, policy.on_bad)
    if not isinstance(found, DrawingArray):
        raise InputError(f"{source} is a single picture; pairs need a file of drawings")
    place = parse_source(source).place
    rng = np.random.default_rng(seed)
    labels = np.array(found.labels.tolist())
    pairs: list[tuple[int, int]] = []
    for label in sorted(set(labels.tolist())):
        members = np.flatnonzero(labels == label)
        pairs += [
            (int(members[a]), int(members[b])) for a, b in _some(len(members), per_class, rng)
        ]
    if not pairs:
        raise InputError(f"{source} holds no two drawings of a class")
    return [
        Entry(line, {"source": [str(SourceName(place, str(number))) for number in pair]})
        for line, pair in enumerate(pairs, start=1)
    ]


def beside(manifest: str, source: str) -> str:
    """A source as a manifest names it: relative ones are beside the manifest."""
    if is_remote(source) or source.startswith(("sample:", "-")) or Path(source).is_absolute():
        return source
    if is_remote(manifest):
        return f"{manifest.rpartition('/')[0]}/{source}"
    return str(Path(manifest).parent / source)


def _some(members: int, count: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Different unordered pairs of the first so many numbers, each in a random order."""
    every = comb(members, 2)
    if count >= every:
        chosen = list(combinations(range(members), 2))
    else:
        ranks = rng.choice(every, count, replace=False, shuffle=False)
        # pair (a, b), a < b, has the rank b (b − 1) / 2 + a
        larger = ((1 + np.sqrt(1 + 8 * ranks.astype(np.float64))) / 2).astype(np.int64)
        larger -= larger * (larger - 1) // 2 > ranks
        larger += (larger + 1) * larger // 2 <= ranks
        smaller = ranks - larger * (larger - 1) // 2
        chosen = list(zip(smaller.tolist(), larger.tolist(), strict=True))
    turned = rng.random(len(chosen)) < 0.5
    return [(b, a) if turn else (a, b) for (a, b), turn in zip(chosen, turned, strict=True)]


def _format(name: str, text: str) -> str:
    extension = PurePosixPath(name.lower()).suffix
    if extension in FORMATS:
        return extension
    if _TABLE.search(text):
        return ".toml"
    return ".jsonl" if text.lstrip().startswith("{") else ".csv"


def _csv(text: str, name: str) -> Iterator[Entry]:
    csv.field_size_limit(2**31 - 1)  # a cell as long as the system takes, which is a C long
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows, [])
        columns = [column.strip() for column in header]
        twice = {column for column in columns if columns.count(column) > 1}
        if twice:
            raise InputError(f"{name}:1: the column {min(twice)!r} is there twice; keep one")
        line = rows.line_num
        for row in rows:
            # a quoted cell may go over several lines; the first is where to look
            first, line = line + 1, rows.line_num
            if len(row) > len(columns):
                raise InputError(
                    f"{name}:{first}: {len(row)} cells and {len(columns)} columns; "
                    "put quotes around a cell with a comma in it"
                )
            cells = zip(columns, map(str.strip, row), strict=False)
            given = {key: cell for key, cell in cells if cell}
            if given:
                yield Entry(first, given)
    except csv.Error as error:
        raise InputError(f"{name}:{rows.line_num}: no valid CSV: {error}") from error


def _json(text: str, name: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{name}:{number}: no valid JSON: {error.msg}") from error
        if not isinstance(found, dict):
            raise InputError(f'{name}:{number}: each line must be an object, like {{"source": …}}')
        yield Entry(number, {key: value for key, value in found.items() if value is not None})


def _toml(text: str, name: str) -> Iterator[Entry]:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} is not TOML: {error}") from error
    unknown = set(found) - {"job"}
    if unknown:
        raise InputError(f"{name}: unknown key {min(unknown)!r}; jobs are tables [[job]]")
    jobs: Sequence[Any] = found.get("job", [])
    if not isinstance(jobs, list) or not all(isinstance(job, dict) for job in jobs):
        raise InputError(f"{name}: jobs are tables [[job]]")
    starts = [text.count("\n", 0, match.end()) + 1 for match in _TABLE.finditer(text)]
    # a table header within a text of several lines, or jobs written as an array: count jobs
    lines = starts if len(starts) == len(jobs) else range(1, len(jobs) + 1)
    yield from (Entry(line, job) for line, job in zip(lines, jobs, strict=True))
