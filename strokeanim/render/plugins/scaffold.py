"""Write the package of a new renderer plugin, which can be installed and passes its tests."""

from __future__ import annotations

import re
import secrets
import shutil
from pathlib import Path
from string import Template

from strokeanim.errors import DestinationError, InputError
from strokeanim.io.atomic_files import reporting_errors
from strokeanim.render.plugins.discovery import available
from strokeanim.render.plugins.registry import BUILTIN_EXTENSIONS

TEMPLATES = Path(__file__).parents[2] / "assets" / "plugin"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def scaffold(name: str, parent: Path) -> Path:
    """Write the package `strokeanim-NAME` into a new folder of that name in `parent`.

    The folder, which is returned, appears complete or not at all.

    Raises:
        InputError: the name is invalid, or an installed renderer has it.
        OutputError: the folder exists or can't be written.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} is no valid renderer name; use lower-case letters, digits and -, as in "
            f"{'-'.join(re.findall('[a-z0-9]+', name.lower())).lstrip('-0123456789') or 'dots'}"
        )
    for entry in available():
        if entry.name == BUILTIN_EXTENSIONS.get(f".{name}", name):
            raise InputError(f"there is a {entry} already; choose another name")
    words = name.split("-")
    values = {
        "name": name,
        "distribution": f"strokeanim-{name}",
        "module": f"strokeanim_{'_'.join(words)}",
        "Class": "".join(word.capitalize() for word in words),
        "extension": f".{name}",
    }
    folder = parent / values["distribution"]
    if folder.exists():
        raise DestinationError(f"{folder} exists already; remove it, or choose another parent")
    hidden = parent / f".{secrets.token_hex(8)}.tmp"
    try:
        with reporting_errors(folder):
            for template in sorted(TEMPLATES.rglob("*.tmpl")):
                path = template.relative_to(TEMPLATES).with_suffix("")
                file = hidden / path.parent / path.name.replace("module", values["module"])
                file.parent.mkdir(parents=True, exist_ok=True)
                text = Template(template.read_text(encoding="utf-8")).substitute(values)
                file.write_text(text, encoding="utf-8")
            hidden.rename(folder)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return folder
