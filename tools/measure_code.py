"""Count what a reader meets in the code: lines, docstrings, names, import cycles.

    python -m tools.measure_code [CHECKOUT] [--json FILE]

Printed are, for the package `strokeanim`: lines of Python; the share of function docstrings that
begin with an imperative verb; the share of functions whose name ends in a past participle; names
that two or more modules define at the top level; cycles among modules that import each other when
they are imported; and lines and modules per folder.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

PACKAGE = "strokeanim"
PARTICIPLE = re.compile(
    r"(ed|wn|ught|(^|_)(kept|made|held|told|said|given|taken|seen|found|read))$"
)
NO_PARTICIPLE = {
    "need",
    "seed",
    "feed",
    "speed",
    "embed",
    "own",
    "known",
    "read",
    "shared",
    "unseen",
}
NO_VERB = re.compile(
    r"(The|A|An|What|Where|How|All|One|Of|Whether|In|To|From|As|If|Its|Their|Each|Every|No|Some|Two"
    r"|With|By|For|On|At|That|Those|These|This|Which|When|Who|Both|Only|Not|Now|So|It|Same|Such|Up)\b"
)
VERBS = frozenset(Path(__file__).with_name("verbs.txt").read_text(encoding="utf-8").split())


def main(
    checkout: Annotated[Path, typer.Argument(help="The folder that holds the package.")] = Path(),
    out: Annotated[Path | None, typer.Option("--json", help="Write the counts here, too.")] = None,
) -> None:
    """Print the counts."""
    counts = measure(checkout)
    for name, value in counts.items():
        if not isinstance(value, dict):
            print(f"{name:52}{value}")
    for name, folder in counts["folders"].items():
        print(f"  {name or '.':20}{folder['modules']:4} modules {folder['lines']:6} lines")
    if out is not None:
        out.write_text(json.dumps(counts, indent=2) + "\n")


def measure(checkout: Path) -> dict[str, Any]:
    """Return the counts by name."""
    root = checkout / PACKAGE
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(root.rglob("*.py"))
    }
    functions = [node for tree in trees.values() for node in _functions(tree)]
    docstrings = [doc for node in functions if (doc := ast.get_docstring(node))]
    verbs = sum(_begins_with_verb(doc) for doc in docstrings)
    participles = [node.name for node in functions if _is_participle(node.name)]
    defined: defaultdict[str, set[Path]] = defaultdict(set)
    for path, tree in trees.items():
        for name in _top_level_names(tree):
            defined[name].add(path)
    folders: dict[str, Counter[str]] = defaultdict(Counter)
    for path in trees:
        folder = folders["/".join(path.parent.relative_to(root).parts[:1])]
        folder["modules"] += 1
        folder["lines"] += len(path.read_text(encoding="utf-8").splitlines())
    return {
        "lines": sum(folder["lines"] for folder in folders.values()),
        "modules": len(trees),
        "functions": len(functions),
        "function docstrings": len(docstrings),
        "function docstrings that begin with a verb, %": _share(verbs, len(docstrings)),
        "functions named by a past participle, %": _share(len(participles), len(functions)),
        "names defined in two or more modules": sum(len(paths) > 1 for paths in defined.values()),
        "import cycles": len(_cycles(trees, checkout)),
        "folders": {name: dict(folders[name]) for name in sorted(folders)},
    }


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _begins_with_verb(docstring: str) -> bool:
    first = docstring.split(None, 1)[0].strip(".,:;`")
    return first.lower() in VERBS and not NO_VERB.match(docstring)


def _is_participle(name: str) -> bool:
    return name.rsplit("_", maxsplit=1)[-1] not in NO_PARTICIPLE and bool(PARTICIPLE.search(name))


def _top_level_names(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def _cycles(trees: dict[Path, ast.Module], checkout: Path) -> list[list[str]]:
    """Return the groups of modules that import one another (Tarjan, 1972)."""
    names = {_module(path, checkout): tree for path, tree in trees.items()}
    edges = {name: sorted(_imports(tree, set(names))) for name, tree in names.items()}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in edges[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            groups.append(group)

    for name in names:
        if name not in index:
            visit(name)
    return [group for group in groups if len(group) > 1]


def _imports(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """Yield the modules that are imported when a module is, type checkers' imports left out."""
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield from {name if name in known else node.module} & known
        elif isinstance(node, ast.Import):
            yield from {alias.name for alias in node.names} & known
        pending += ast.iter_child_nodes(node)


def _module(path: Path, checkout: Path) -> str:
    return ".".join(path.relative_to(checkout).with_suffix("").parts).removesuffix(".__init__")


def _share(part: int, whole: int) -> float:
    return round(100 * part / max(whole, 1), 1)


if __name__ == "__main__":
    typer.run(main)
