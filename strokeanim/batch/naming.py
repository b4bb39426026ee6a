"""From templates such as `{label}/{key}.svg` to the names of files, none of which leads outside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from string import Formatter

from strokeanim.errors import InputError

OWN = ".strokeanim"
"""The folder, in that of a batch, of the journal and of what is being written."""

_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')


def filled(template: str, fields: Mapping[str, object]) -> str:
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
    except ValueError as error:
        raise InputError(f"{template!r} is no template: {error}") from error
    return "".join(parts)


def inside(name: str, root: Path | None) -> str:
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
    if path.parts[0] == OWN:
        raise InputError(f"{name!r} is in {OWN}, where the batch keeps its journal")
    if root is not None and not (root / path).resolve().is_relative_to(root.resolve()):
        raise InputError(f"{name!r} leads out of the folder of the batch, through a link there")
    return str(path)


def collision(names: Iterable[str], taken: Mapping[str, int]) -> tuple[str, int] | None:
    """The first name that is taken, or that is a folder of one, or the other way round.

    Args:
        names: of new files.
        taken: names of files, and of all folders above them as `name/`, with the job they are of.

    Returns:
        The name, and the job that has it.
    """
    for name in names:
        for other in (name, f"{name}/", *(folder.removesuffix("/") for folder in folders(name))):
            if other in taken:
                return name, taken[other]
    return None


def folders(name: str) -> list[str]:
    """`["a/b/", "a/"]` of `a/b/c.svg`."""
    return [f"{parent}/" for parent in PurePosixPath(name).parents if str(parent) != "."]
