"""A page of documentation as a reader uses it: every block, from top to bottom, in one folder.

- ```` ```shell ```` blocks run in bash, with `strokeanim`, `python` and `pip` of an environment
  that is the page's own, so a page may install what it has built. An error ends the block.
- ```` ```python ```` blocks run in one namespace.
- A block with `title="name"` is a file: the first of a title begins it, the next continue it.
- ```` ```text ```` right below a shell block is what that one prints; `…` stands for anything.
- ```` ```toml ```` and ```` ```json ```` blocks are read.

Comments on the lines before a block say how it is tested:

- `<!-- long -->`: it takes minutes, or a network. Its command lines are only parsed.
- `<!-- instead of OLD: NEW -->`: the text is replaced, to make it short.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from fnmatch import fnmatch
from importlib.util import find_spec
from itertools import dropwhile
from pathlib import Path
from typing import Any

import typer
from sybil import Document, Example, Region
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

from strokeanim.cli.main import app
from tests.docs import given

ROOT = Path(__file__).parents[2]
BLOCKS = RawFencedCodeBlockLexer(
    re.compile(r'(?P<language>\w*)(?: title="(?P<title>[^"]+)")?[ \t]*$\n', re.MULTILINE)
)
FENCES = re.compile(r"^ *(?:```|~~~)", re.MULTILINE)
COMMENTS = re.compile(r"(?:<!-- .* -->\n)*\Z")
INSTEAD = re.compile(r"<!-- instead of (.+?): (.*?) ?-->")
LANGUAGES = {"csv", "shell", "python", "toml", "json", "text", "html", "latex"}


def blocks(document: Document):
    """A sybil parser: each fenced block becomes an example."""
    for region in BLOCKS(document):
        if region.lexemes["source"].startswith("--8<--"):  # a file that has tests of its own
            continue
        told = COMMENTS.search(document.text[: region.start])[0]
        region.lexemes |= {"long": "<!-- long -->" in told, "instead": INSTEAD.findall(told)}
        yield Region(region.start, region.end, region.lexemes["source"], evaluate, region.lexemes)


def run(page: Path, folder: Path, programs: Path | None = None) -> None:
    """Do what the page says, in `folder`, which is the current one.

    With `programs` of another environment, Python blocks run there, too, each by itself.
    """
    document = Document.parse(str(page), blocks)
    seen = len(list(BLOCKS(document)))
    assert seen == len(FENCES.findall(document.text)) / 2, "a fence that is not understood"
    document.namespace |= {"_folder": folder, "_written": set(), "_programs": programs}
    given.write(document.text, folder)
    for example in document.examples():
        example.evaluate()


def evaluate(example: Example) -> None:
    """Run one block; what is wrong with it is raised."""
    block, text = example.region.lexemes, str(example.parsed)
    for old, new in block["instead"]:
        assert old in text, f"nothing to replace: {old}"
        text = text.replace(old, new)
    language = block["language"]
    assert language in LANGUAGES, f"a block in {language}: {sorted(LANGUAGES)}"
    if block["title"]:
        write(example, block["title"], text)
    elif language == "shell":
        said = parse(text) if block["long"] else shell(text, example.namespace)
        example.namespace["_said"] = example.region.end, said
    elif language == "python" and example.namespace["_programs"]:
        shell(f"python -c {shlex.quote(text)}", example.namespace)
    elif language == "text":
        end, said = example.namespace.get("_said", (0, None))
        if said is not None and not example.document.text[end : example.region.start].strip():
            assert fnmatch(
                said.strip(), re.sub(r"([*?[])", r"[\1]", text.strip()).replace("…", "*")
            ), said
    elif language == "python":
        PythonEvaluator()(example)
    if language == "json":
        json.loads(text)
    elif language == "toml":
        tomllib.loads(text)


def write(example: Example, title: str, text: str) -> None:
    written = example.namespace["_written"]
    path = (example.namespace["_folder"] / title).resolve()
    assert path.is_relative_to(example.namespace["_folder"].resolve()), path
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if title in written else "w", encoding="utf-8") as file:
        file.write(text)
    written.add(title)


def shell(text: str, namespace: dict[str, Any]) -> str:
    """What the commands print; it is an error if one of them fails."""
    folder = namespace["_folder"]
    programs = namespace["_programs"] or environment(folder.parent / "environment")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text], cwd=folder, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, timeout=900, stdin=subprocess.DEVNULL,
        env=os.environ | {
            "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent),
                                     os.environ["PATH"]]),
            "STROKEANIM_QUICKDRAW_URL": given.quickdraw(),
            "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "CHECKOUT": str(ROOT),
            "NO_COLOR": "1", "TF_CPP_MIN_LOG_LEVEL": "3",
        },
    )  # fmt: skip
    assert done.returncode == 0, f"{text}\nended with {done.returncode}\n{done.stdout}"
    assert "does not provide the extra" not in done.stdout, done.stdout
    return done.stdout


def environment(home: Path) -> Path:
    """The programs of a virtual environment that has all that this one has."""
    programs = home / "bin"
    if home.exists():
        return programs
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    (site,) = home.glob("lib/python*/site-packages")
    here = sysconfig.get_path("purelib")
    (site / "all.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    python = shlex.quote(str(programs / "python"))
    for name, command in {
        "strokeanim": f"{python} -m strokeanim",
        "pytest": f"{python} -m pytest -p no:cacheprovider",
        "pip": f"{python} {shlex.quote(str(Path(__file__).with_name('pip_stand_in.py')))}",
        "make": f"{shutil.which('make')} --dry-run --directory {shlex.quote(str(ROOT))}",
    }.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        program.chmod(0o755)
    return programs


def parse(text: str) -> None:
    """Let the real parsers see the command lines; that names of files are right is not asked."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True) or ["#"]
        program, *arguments = dropwhile(re.compile(r"[A-Z_]+=").match, words)
        match program.rpartition("/")[2]:
            case "strokeanim":
                parse_command(arguments)
            case "make":
                subprocess.run(["make", "--dry-run", *arguments], cwd=ROOT, check=True)
            case "python" | "python3" if arguments[0] == "-m":
                assert find_spec(arguments[1]), line
                tests = [one for one in arguments[2:] if one.startswith("tests/")]
                assert all((ROOT / one).exists() for one in tests), line
            case "python":
                assert (ROOT / arguments[0]).exists(), line
            case "dask":
                assert find_spec(f"distributed.cli.dask_{arguments[0]}"), line
            case "pip":
                assert arguments[0] == "install", line
            case _:
                assert program in {"#", "pytest", "."}, line


def parse_command(arguments: list[str]) -> None:
    """Refuse what the command line would refuse, before it looks for files."""
    command, name = typer.main.get_command(app), "strokeanim"
    while hasattr(command, "commands") and arguments[:1] != ["--version"]:
        name, *arguments = arguments
        assert name in command.commands, name
        command = command.commands[name]
    if not {"--help", "-h", "--version"} & set(arguments):
        command.make_context(name, list(arguments))
