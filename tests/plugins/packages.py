"""Real distributions for the tests: written, built and installed by pip, into folders of their own.

A folder becomes part of a process through PYTHONPATH, so that the tests' own environment stays as
it is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "{distribution}"
version = "2.1"
dependencies = {requires}
[project.entry-points."strokeanim.renderers"]
{name} = "{entry}"
[tool.hatch.build.targets.wheel]
only-include = ["{module}.py"]
"""

RENDERER = """
from strokeanim.render.protocol import RendererSpec

class Renderer:
    spec = RendererSpec(
        name={name!r}, extensions=(".{name}",), media_type="text/plain", kind="sequence",
        description="a line per frame",{more}
    )
    def open(self, sink, context, options):
        return Session(sink)

class Session:
    count = 0
    def __init__(self, sink):
        self.sink = sink
    def frame(self, frame):
        self.count += 1
        {frame}
        self.sink.write(b"frame\\n")
    def finish(self):
        pass
    def abort(self):
        pass
"""


def renderer(name: str, frame: str = "pass", more: str = "", start: str = "") -> str:
    """The source of a renderer, with something of its own in `frame`, the spec, and at the top."""
    return dedent(start) + RENDERER.format(name=name, frame=frame, more=more)


def package(
    folder: Path,
    distribution: str,
    name: str,
    source: str,
    requires: Sequence[str] = (),
    entry: str | None = None,
) -> Path:
    """Write the sources of a distribution that announces one renderer."""
    module = distribution.replace("-", "_")
    home = folder / distribution
    home.mkdir(parents=True)
    (home / "pyproject.toml").write_text(
        PYPROJECT.format(
            distribution=distribution, name=name, module=module, requires=list(requires),
            entry=entry or f"{module}:Renderer",
        )
    )  # fmt: skip
    (home / f"{module}.py").write_text(dedent(source))
    return home


def install(site: Path, packages: Sequence[Path]) -> None:
    """Build and install them, as `pip install` does, into the folder `site`."""
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet",
         "--no-deps", "--no-build-isolation", "--no-compile", "--target", site, *packages],
        check=True,
    )  # fmt: skip


def run(
    site: Path,
    *arguments: object,
    cwd: Path,
    program: Sequence[str] = ("-m", "strokeanim"),
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run strokeanim in a new process in which `site` is installed."""
    return subprocess.run(
        [sys.executable, *program, *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(site), **environment},
    )  # fmt: skip
