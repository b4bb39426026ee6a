"""Read the entries of a manifest in CSV, JSON lines or TOML, or make random pairs of a file."""

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
    """One job as written in a manifest.

    Attributes:
        line: line of the manifest, or number of the random pair, from 1.
        values: values by column, not checked.
    """

    line: int
    values: Mapping[str, Any]


def read_manifest(manifest: str, limits: Limits = Limits()) -> list[Entry]:
    """Read the entries of a manifest, whose format is that of its extension or else of its content.

    CSV has a header, and empty cells are left out. In JSON lines, every line is an object. In TOML,
    each job is a table `[[job]]`.

    Args:
        manifest: a file, a URL, or `-` for standard input.
        limits: limits of its size.

    Raises:
        InputError: the manifest can't be read, has another format, or contains no job.
    """
    with open_source(manifest, limits) as stream:
        data = stream.read(limits.json + 1)
    name = "standard input" if manifest == "-" else manifest
    limits.check("json", len(data), name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8: {error}; save it as UTF-8") from error
    parsers = {
        ".csv": _parse_csv,
        ".jsonl": _parse_json,
        ".ndjson": _parse_json,
        ".toml": _parse_toml,
    }
    entries = list(parsers[_detect_format(name, text)](text, name))
    if not entries:
        raise InputError(f"{name} holds no jobs")
    return entries


def random_pairs(
    source: str, per_class: int, seed: int = 0, policy: ReadPolicy = ReadPolicy()
) -> list[Entry]:
    """Sample different pairs of drawings of each class in a file, all with equal probability.

    Args:
        source: a file of several drawings.
        per_class: pairs of each class; a class with fewer pairs contributes all.
        seed: seed of the sample.
        policy: treatment of bad drawings.

    Raises:
        InputError: the file can't be read, or contains no two drawings of a class.
    """
    if source.startswith("-"):
        raise InputError("standard input can be read once only; name a file of drawings for pairs")
    if per_class < 1:
        raise InputError(f"{per_class} pairs per class; 1 is the least")
    drawings = load(source, policy.limits, policy.on_bad)
    if not isinstance(drawings, DrawingArray):
        raise InputError(f"{source} is a single picture; pairs need a file of drawings")
    place = parse_source(source).place
    rng = np.random.default_rng(seed)
    labels = np.array(drawings.labels.tolist())
    pairs: list[tuple[int, int]] = []
    for label in sorted(set(labels.tolist())):
        members = np.flatnonzero(labels == label)
        pairs += [
            (int(members[a]), int(members[b]))
            for a, b in _sample_pairs(len(members), per_class, rng)
        ]
    if not pairs:
        raise InputError(f"{source} holds no two drawings of a class")
    return [
        Entry(line, {"source": [str(SourceName(place, str(number))) for number in pair]})
        for line, pair in enumerate(pairs, start=1)
    ]


def resolve_relative(manifest: str, source: str) -> str:
    """Return a source of a manifest; a relative path is resolved against the manifest's folder."""
    if is_remote(source) or source.startswith(("sample:", "-")) or Path(source).is_absolute():
        return source
    if is_remote(manifest):
        return f"{manifest.rpartition('/')[0]}/{source}"
    return str(Path(manifest).parent / source)


def _sample_pairs(members: int, count: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Sample different pairs of the numbers below `members`, each in random order."""
    total = comb(members, 2)
    if count >= total:
        chosen = list(combinations(range(members), 2))
    else:
        ranks = rng.choice(total, count, replace=False, shuffle=False)
        # pair (a, b), a < b, has the rank b (b − 1) / 2 + a
        larger = ((1 + np.sqrt(1 + 8 * ranks.astype(np.float64))) / 2).astype(np.int64)
        larger -= larger * (larger - 1) // 2 > ranks
        larger += (larger + 1) * larger // 2 <= ranks
        smaller = ranks - larger * (larger - 1) // 2
        chosen = list(zip(smaller.tolist(), larger.tolist(), strict=True))
    swaps = rng.random(len(chosen)) < 0.5
    return [(b, a) if swap else (a, b) for (a, b), swap in zip(chosen, swaps, strict=True)]


def _detect_format(name: str, text: str) -> str:
    extension = PurePosixPath(name.lower()).suffix
    if extension in FORMATS:
        return extension
    if _TABLE.search(text):
        return ".toml"
    return ".jsonl" if text.lstrip().startswith("{") else ".csv"


def _parse_csv(text: str, name: str) -> Iterator[Entry]:
    csv.field_size_limit(2**31 - 1)  # the longest cell that the system allows, a C long
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows, [])
        columns = [column.strip() for column in header]
        repeated = {column for column in columns if columns.count(column) > 1}
        if repeated:
            raise InputError(f"{name}:1: the column {min(repeated)!r} is there twice; keep one")
        line = rows.line_num
        for row in rows:
            # A quoted cell may span several lines; report the first.
            first, line = line + 1, rows.line_num
            if len(row) > len(columns):
                raise InputError(
                    f"{name}:{first}: {len(row)} cells and {len(columns)} columns; "
                    "put quotes around a cell with a comma in it"
                )
            cells = zip(columns, map(str.strip, row), strict=False)
            values = {key: cell for key, cell in cells if cell}
            if values:
                yield Entry(first, values)
    except csv.Error as error:
        raise InputError(f"{name}:{rows.line_num}: no valid CSV: {error}") from error


def _parse_json(text: str, name: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{name}:{number}: no valid JSON: {error.msg}") from error
        if not isinstance(values, dict):
            raise InputError(f'{name}:{number}: each line must be an object, like {{"source": …}}')
        yield Entry(number, {key: value for key, value in values.items() if value is not None})


def _parse_toml(text: str, name: str) -> Iterator[Entry]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} is not TOML: {error}") from error
    unknown = set(document) - {"job"}
    if unknown:
        raise InputError(f"{name}: unknown key {min(unknown)!r}; jobs are tables [[job]]")
    jobs: Sequence[Any] = document.get("job", [])
    if not isinstance(jobs, list) or not all(isinstance(job, dict) for job in jobs):
        raise InputError(f"{name}: jobs are tables [[job]]")
    starts = [text.count("\n", 0, match.end()) + 1 for match in _TABLE.finditer(text)]
    # Number the jobs if a multi-line string contains a table header, or jobs are in an array.
    lines = starts if len(starts) == len(jobs) else range(1, len(jobs) + 1)
    yield from (Entry(line, job) for line, job in zip(lines, jobs, strict=True))
