"""Make safe names of output files from templates such as `{label}/{key}.svg`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from string import Formatter

from strokeanim.errors import InputError

PRIVATE_FOLDER = ".strokeanim"
"""The subfolder of the journal and of unfinished files in the folder of a batch."""

_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')


def format_template(template: str, fields: Mapping[str, object]) -> str:
    """Fill in the fields of a template; separators and special characters in values become `-`.

    Raises:
        InputError: a field is unknown or empty, or the template is malformed.

    >>> format_template("{label}/{line:04d}.svg", {"label": "a/b", "line": 7})
    'a-b/0007.svg'
    """
    parts = []
    try:
        for text, name, spec, _ in Formatter().parse(template):
            parts.append(text)
            if name is None:
                continue
            if name not in fields:
                near = get_close_matches(name, fields, n=1)
                hint = f"did you mean {{{near[0]}}}? " if near else ""
                raise InputError(
                    f"{template!r} has an unknown field {{{name}}}; {hint}"
                    f"the fields are {', '.join(fields)}"
                )
            value = _FORBIDDEN.sub("-", format(fields[name], spec or ""))
            if not value.strip(". "):
                raise InputError(
                    f"{{{name}}} in {template!r} is empty; use {{line}}, or give the job a name"
                )
            parts.append(value)
    except (ValueError, TypeError) as error:
        raise InputError(f"{template!r} is no template: {error}") from error
    return "".join(parts)


def check_inside(name: str, root: Path | None) -> str:
    """Check the name of an output and return it in normal form.

    Args:
        name: a path relative to the folder of the batch.
        root: that folder, or None if it is remote.

    Raises:
        InputError: the path leads out of the folder, or into the folder of the journal.
    """
    path = PurePosixPath(name)
    if not path.name or "\0" in name:
        raise InputError(f"{name!r} is no file name")
    if path.is_absolute() or ".." in path.parts or "\\" in name or re.match("[A-Za-z]:", name):
        raise InputError(
            f"{name!r} leads out of the folder of the batch; give a path in it, with no .. and /"
        )
    if path.parts[0].casefold() == PRIVATE_FOLDER:
        raise InputError(f"{name!r} is in {PRIVATE_FOLDER}, where the batch keeps its journal")
    if root is not None and not (root / path).resolve().is_relative_to(root.resolve()):
        raise InputError(f"{name!r} leads out of the folder of the batch, through a link there")
    return str(path)


class OutputNameRegistry:
    """The output names of all jobs, none of which may equal another or be a folder of it.

    Names that differ only in case are equal, as on some file systems, and a series such as
    `a-%04d.png` includes all names with a number there.
    """

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._folders: dict[str, int] = {}
        self._series: dict[tuple[str, str], int] = {}
        self._numbered: dict[tuple[str, str], int] = {}

    def reserve(self, names: Sequence[str], line: int) -> None:
        """Reserve names for the job of a line.

        Raises:
            InputError: a name is already reserved.
        """
        for name in names:
            plain = name.casefold()
            parents = [str(p) for p in PurePosixPath(plain).parents if str(p) != "."]
            series, numbered = _split_around(_PATTERN, plain), _split_around(_NUMBER, plain)
            owners = [self._files.get(path) for path in (plain, *parents)]
            owners += [self._folders.get(plain)]
            owners += [self._series.get(key) for key in (*series, *numbered)]
            owners += [self._numbered.get(key) for key in series]
            for other in owners:
                if other is not None:
                    whose = "twice in this job" if other == line else f"that of line {other} too"
                    raise InputError(f"the output {name!r} is {whose}; name another")
            self._files[plain] = line
            self._folders.update(dict.fromkeys(parents, line))
            self._series.update(dict.fromkeys(series, line))
            self._numbered.update(dict.fromkeys(() if series else numbered, line))


_PATTERN = re.compile(r"%0?\d*d")
_NUMBER = re.compile(r"\d+")


def _split_around(pattern: re.Pattern[str], name: str) -> list[tuple[str, str]]:
    """Return what is before and after each match of a pattern in a name."""
    return [(name[: match.start()], name[match.end() :]) for match in pattern.finditer(name)]
