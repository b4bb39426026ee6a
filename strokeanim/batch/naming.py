"""From templates such as `{label}/{key}.svg` to the names of files, none of which leads outside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from string import Formatter

from strokeanim.errors import InputError

OWN = ".strokeanim"
"""The folder, in that of a batch, of the journal and of what is being written."""

_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')


def format_template(template: str, fields: Mapping[str, object]) -> str:
    """A template with its fields filled in; a value is one name, whatever is in it.

    Raises:
        InputError: no such field, an empty one, or a template with a mistake.

    >>> filled("{label}/{line:04d}.svg", {"label": "a/b", "line": 7})
    'a-b/0007.svg'
    """
    parts = []
    try:
        for text, name, form, _ in Formatter().parse(template):
            parts.append(text)
            if name is None:
                continue
            if name not in fields:
                near = get_close_matches(name, fields, n=1)
                hint = f"did you mean {{{near[0]}}}? " if near else ""
                raise InputError(
                    f"{template!r} has a field {{{name}}}, which there is not; {hint}"
                    f"there are {', '.join(fields)}"
                )
            value = _NOT_IN_NAMES.sub("-", format(fields[name], form or ""))
            if not value.strip(". "):
                raise InputError(
                    f"{{{name}}} in {template!r} is empty; use {{line}}, or give the job a name"
                )
            parts.append(value)
    except (ValueError, TypeError) as error:
        raise InputError(f"{template!r} is no template: {error}") from error
    return "".join(parts)


def check_inside(name: str, root: Path | None) -> str:
    """The name of an output, checked and tidied.

    Args:
        name: relative to the folder of the batch.
        root: that folder, where it is one of this machine.

    Raises:
        InputError: it leads out of the folder, or into what the batch keeps there for itself.
    """
    path = PurePosixPath(name)
    if not path.name or "\0" in name:
        raise InputError(f"{name!r} is no file name")
    if path.is_absolute() or ".." in path.parts or "\\" in name or re.match("[A-Za-z]:", name):
        raise InputError(
            f"{name!r} leads out of the folder of the batch; give a path in it, with no .. and /"
        )
    if path.parts[0].casefold() == OWN:
        raise InputError(f"{name!r} is in {OWN}, where the batch keeps its journal")
    if root is not None and not (root / path).resolve().is_relative_to(root.resolve()):
        raise InputError(f"{name!r} leads out of the folder of the batch, through a link there")
    return str(path)


class OutputNameRegistry:
    """Names of files that jobs have; no two may have one, or one be a folder of the other.

    Names that differ in case only are one name, as they are on some systems, and a series such as
    `a-%04d.png` has all names with a number there.
    """

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._folders: dict[str, int] = {}
        self._series: dict[tuple[str, str], int] = {}
        self._numbered: dict[tuple[str, str], int] = {}

    def take(self, names: Sequence[str], line: int) -> None:
        """For the job of a line.

        Raises:
            InputError: one of them is taken.
        """
        for name in names:
            plain = name.casefold()
            parents = [str(one) for one in PurePosixPath(plain).parents if str(one) != "."]
            series, numbered = _around(_PATTERN, plain), _around(_NUMBER, plain)
            found = [self._files.get(one) for one in (plain, *parents)]
            found += [self._folders.get(plain)]
            found += [self._series.get(one) for one in (*series, *numbered)]
            found += [self._numbered.get(one) for one in series]
            for other in found:
                if other is not None:
                    whose = "twice in this job" if other == line else f"that of line {other} too"
                    raise InputError(f"the output {name!r} is {whose}; name another")
            self._files[plain] = line
            self._folders.update(dict.fromkeys(parents, line))
            self._series.update(dict.fromkeys(series, line))
            self._numbered.update(dict.fromkeys(() if series else numbered, line))


_PATTERN = re.compile(r"%0?\d*d")
_NUMBER = re.compile(r"\d+")


def _around(what: re.Pattern[str], name: str) -> list[tuple[str, str]]:
    """What is before and after each place where it is."""
    return [(name[: found.start()], name[found.end() :]) for found in what.finditer(name)]
