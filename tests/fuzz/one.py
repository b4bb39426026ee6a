"""`python -m tests.fuzz.one TARGET CORPUS [libFuzzer options]`: one reader, until it is stopped."""

from __future__ import annotations

import contextlib
import sys
import warnings

import atheris

with atheris.instrument_imports(include=["strokeanim"]):
    from tests.fuzz.targets import TARGETS

from strokeanim.errors import InputError

target = TARGETS[sys.argv.pop(1)]


def one(data: bytes) -> None:
    with contextlib.suppress(InputError):
        target(data)


if __name__ == "__main__":
    warnings.simplefilter("error")
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
