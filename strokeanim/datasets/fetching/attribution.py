"""Write the attribution that the licence of the drawings requires into their folder."""

from __future__ import annotations

from pathlib import Path

from strokeanim.io.atomic_files import replace_file, reporting_errors
from strokeanim.io.locks import locked

FILE_NAME = "ATTRIBUTION.txt"
_TITLE = "Drawings from the Quick, Draw! Dataset"
_CREDIT = f"""{_TITLE}

Made available by Google, Inc. under the Creative Commons Attribution 4.0 International licence.

Data set: https://github.com/googlecreativelab/quickdraw-dataset
Game:     https://quickdraw.withgoogle.com
Licence:  https://creativecommons.org/licenses/by/4.0/

If you pass these files on, or anything made from them, keep this credit and say what you changed.

Files:
"""


def credit(folder: Path, entry: str) -> None:
    """Add a file to the folder's attribution, unless listed; other text in there is kept.

    Raises:
        OutputError: the attribution can't be written.
    """
    file, line = folder / FILE_NAME, f"- {entry}"
    with locked(file):
        with reporting_errors(file):
            # The bytes of an existing file are kept, whatever their encoding.
            text = file.read_bytes().decode("utf-8", "surrogateescape") if file.exists() else ""
        lines = text.splitlines()
        if _TITLE in lines and line in lines:
            return
        if _TITLE not in lines:
            text += f"{_separator(text)}{_CREDIT}"
        elif not text.endswith("\n"):
            text += "\n"
        with replace_file(file) as sink:
            sink.write(f"{text}{line}\n".encode("utf-8", "surrogateescape"))


def _separator(text: str) -> str:
    return "\n\n" if text and not text.endswith("\n") else "\n" if text else ""
