"""Load the bundled synthetic drawings of `sample:`, made by `strokeanim data synth`."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from pathlib import Path

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing
from strokeanim.io.ndjson import read_ndjson

PREFIX = "sample:"

FILE = Path(__file__).parents[1] / "assets" / "samples.ndjson.gz"


def all_samples() -> tuple[Drawing, ...]:
    """Return every bundled drawing, in the order of the file, with label and key.

    Raises:
        InputError: the file is missing from the installation.
    """
    return _read_samples(FILE)


def samples_of(label: str) -> list[Drawing]:
    """Return the bundled drawings of a class.

    Raises:
        InputError: no drawing has that class; the message names the classes.
    """
    drawings = [drawing for drawing in all_samples() if drawing.label == label]
    if drawings:
        return drawings
    labels = sorted({drawing.label for drawing in all_samples()})
    close = get_close_matches(label, labels, n=1)
    hint = f"did you mean {PREFIX}{close[0]}? " if close else ""
    raise InputError(f"there are no samples of {label!r}; {hint}there are: {', '.join(labels)}")


@cache
def _read_samples(file: Path) -> tuple[Drawing, ...]:
    if not file.is_file():
        raise InputError("the bundled samples are missing; install strokeanim again")
    return tuple(read_ndjson(file))
