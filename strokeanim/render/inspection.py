"""What is wrong with a plugin, as far as can be told without running any of it.

From its metadata and from the text of its module; only importing it tells the rest
(`Listed.load`). So `strokeanim plugins list` is as quick and as safe with broken plugins as
without.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from strokeanim.render import API_VERSION, registry
from strokeanim.render.registry import Listed


@dataclass(frozen=True)
class Problem:
    """Why a renderer won't work, and what to do.

    Attributes:
        status: `"broken"`, `"clash"` (several distributions claim its name), `"shadowed"` (a
            built-in has its name) or `"not allowed"` (by `STROKEANIM_PLUGINS`).
        reason, fix: in words.
    """

    status: str
    reason: str
    fix: str


def problem(one: Listed, every: Sequence[Listed]) -> Problem | None:
    """The first thing that is visibly wrong with `one` among `every` renderer; imports nothing."""
    if one.is_builtin:
        return None
    if not one.is_allowed:
        return Problem(
            "not allowed",
            "STROKEANIM_PLUGINS does not name it",
            f"add {one.distribution} to STROKEANIM_PLUGINS",
        )
    again = f"update, reinstall or uninstall {one.distribution}"
    for reason, fix in (*_requirements(one), *_source(one)):
        return Problem("broken", reason, fix or again)
    others = [
        other
        for other in every
        if other.name == one.name and other.distribution != one.distribution and other.is_allowed
    ]
    fix = f"choose it with --renderer {one.full_name}, or uninstall one of them"
    if any(other.is_builtin for other in others):
        return Problem("shadowed", f"{one.name!r} is a built-in renderer", fix)
    if others:
        return Problem("clash", f"{registry.listing(others)} claims {one.name!r} too", fix)
    return None


Finding = tuple[str, str]
"""A reason and its fix, "" for the usual one."""


def _requirements(one: Listed) -> Iterator[Finding]:
    """What its distribution says it needs and is not there."""
    required = one.entry_point.dist.requires if one.entry_point.dist else None
    if not required:
        return
    # Where there are no plugins, nobody waits for it.
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415

    for text in required:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        wanted = f"{requirement.name}{requirement.specifier}"
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            yield f"it needs {wanted}, which is not installed", f'pip install "{wanted}"'
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            yield f"it needs {wanted}, and {found} is installed", f'pip install "{wanted}"'


def _source(one: Listed) -> Iterator[Finding]:
    """What can be read in the module that its entry point names."""
    module, colon, attribute = one.value.partition(":")
    module, attribute = module.strip(), attribute.partition("[")[0].strip()
    if not colon or not all(part.isidentifier() for part in f"{module}.{attribute}".split(".")):
        yield f"its entry point {one.value!r} is not of the form module:Class", ""
        return
    found = _found(module)
    if found is None:
        yield f"there is no module {module!r}", ""
        return
    if not found.has_location or not str(found.origin).endswith(".py"):
        return
    try:
        tree = ast.parse(Path(str(found.origin)).read_bytes())
    except (SyntaxError, ValueError, OSError) as error:
        yield f"{found.origin} can't be read ({type(error).__name__}: {error})", ""
        return
    yield from _missing_imports(tree)
    yield from _class(tree, one, attribute)


def _missing_imports(tree: ast.Module) -> Iterator[Finding]:
    for statement in tree.body:  # the top only: others may be caught or never run
        names = []
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and statement.level == 0 and statement.module:
            names = [statement.module]
        for name in names:
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names and _found(top) is None:
                yield f"it imports {top!r}, which is not installed", f"pip install {top}"
        if isinstance(statement, ast.Raise):
            raised = ast.unparse(statement.exc) if statement.exc else "an exception"
            yield f"importing it raises {raised}", ""


def _class(tree: ast.Module, one: Listed, attribute: str) -> Iterator[Finding]:
    bound = set(_bound(tree.body))
    if "*" not in bound and "__getattr__" not in bound and attribute.partition(".")[0] not in bound:
        yield f"there is no {attribute!r} in module {one.value.partition(':')[0]!r}", ""
    for statement in tree.body:
        if not isinstance(statement, ast.ClassDef) or statement.name != attribute:
            continue
        inside = set(_bound(statement.body))
        is_plain = not (statement.bases or statement.keywords or statement.decorator_list)
        if is_plain and "__init__" not in inside:
            for missing in sorted({"spec", "open"} - inside):
                yield f"it is no renderer: {attribute} lacks {missing!r}", ""
        if any(isinstance(value, ast.Constant) for value in _assigned(statement, "spec")):
            yield f"it is no renderer: {attribute}.spec is no RendererSpec", ""
        for theirs in _api_versions(statement):
            if theirs[0] != API_VERSION[0]:
                said = registry.other_api(theirs, API_VERSION, one.distribution)
                reason, _, fix = said.partition("; ")
                yield f"it {reason}", fix


def _bound(body: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that statements bind; those within `if` and `try` too."""
    for statement in body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield statement.name
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, ast.alias):
                yield (node.asname or node.name).partition(".")[0]
            elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name


def _assigned(statement: ast.ClassDef, name: str) -> Iterator[ast.expr]:
    for inner in statement.body:
        if isinstance(inner, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in inner.targets
        ):
            yield inner.value


def _api_versions(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """Versions written out in a call such as `RendererSpec(api_version=(2, 0))`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "api_version":
            match node.value:
                case ast.Tuple(
                    elts=[ast.Constant(value=int(major)), ast.Constant(value=int(minor))]
                ):
                    yield major, minor


def _found(module: str) -> ModuleSpec | None:
    """Where a module is. `importlib.util.find_spec` would import the packages it is in."""
    top, *rest = module.split(".")
    try:
        found = importlib.util.find_spec(top)
        for part in rest:
            if found is None or found.submodule_search_locations is None:
                return None
            found = PathFinder.find_spec(part, found.submodule_search_locations)
    except (ImportError, ValueError, AttributeError):
        return None
    return found
