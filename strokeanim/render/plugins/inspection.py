"""What is wrong with a plugin, as far as can be told without running any of it.

From its metadata and from the text of its module; only importing it tells the rest
(`Listed.load`). So `strokeanim plugins list` is as quick and as safe with broken plugins as
without.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import EntryPoint, PackageNotFoundError, version

from strokeanim.render import API_VERSION
from strokeanim.render.plugins.discovery import RendererEntry, listing, other_api


@dataclass(frozen=True)
class Problem:
    """Why a renderer won't work, or may not, and what to do.

    Attributes:
        status: `"broken"`, `"incomplete"` (something it requires is not installed), `"clash"`
            (several distributions claim its name), `"shadowed"` (a built-in has its name) or
            `"not allowed"` (by `STROKEANIM_PLUGINS`).
        reason, fix: in words.
    """

    status: str
    reason: str
    fix: str


def problem(one: RendererEntry, every: Sequence[RendererEntry]) -> Problem | None:
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
    if one.damage or one.entry_point is None:
        return Problem("broken", one.damage, again)
    for reason, fix in _source(one):
        return Problem("broken", reason, fix or again)
    for reason, fix in _requirements(one.entry_point):
        return Problem("incomplete", reason, fix)
    return _taken(one, every)


def _taken(one: RendererEntry, every: Sequence[RendererEntry]) -> Problem | None:
    others = [
        other
        for other in every
        if other.name == one.name and other.distribution != one.distribution and other.is_allowed
    ]
    fix = f"choose it with --renderer {one.full_name}, or uninstall one of them"
    if any(other.is_builtin for other in others):
        return Problem("shadowed", f"{one.name!r} is a built-in renderer", fix)
    if others:
        return Problem("clash", f"{listing(others)} claims {one.name!r} too", fix)
    return None


Finding = tuple[str, str]
"""A reason and its fix, "" for the usual one."""


def _requirements(point: EntryPoint) -> Iterator[Finding]:
    """What its distribution says it needs and is not there."""
    try:
        required = point.dist.requires if point.dist else None
    except FileNotFoundError:  # of importlib_metadata, which finds distributions once it is there
        return
    if not required:
        return
    # Where there are no plugins, nobody waits for it.
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415
    from packaging.version import InvalidVersion  # noqa: PLC0415

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
        with contextlib.suppress(InvalidVersion):
            if not requirement.specifier.contains(found, prereleases=True):
                yield f"it needs {wanted}, and {found} is installed", f'pip install "{wanted}"'


def _source(one: RendererEntry) -> Iterator[Finding]:
    """What can be read in the module that its entry point names."""
    module, _, attribute = one.value.partition(":")
    module, attribute = module.partition("[")[0].strip(), attribute.partition("[")[0].strip()
    if not all(part.isidentifier() for part in f"{module}.{attribute or module}".split(".")):
        yield f"its entry point {one.value!r} is not of the form module:Class", ""
        return
    found = _found(module)
    if found is None:
        if not _finds_its_own_way(module):
            yield f"there is no module {module!r}", ""
        return
    get_source = getattr(found.loader, "get_source", None)
    if get_source is None:
        return
    try:
        source = get_source(found.name)
        tree = ast.parse(source or "", str(found.origin))
    except (SyntaxError, ValueError, OSError, ImportError) as error:
        yield f"{found.origin} can't be read ({type(error).__name__}: {error})", ""
        return
    if source is None or _BEYOND & set(_words(tree)):
        return
    yield from _missing_imports(tree, one)
    if attribute:
        yield from _class(tree, one, attribute)


_BEYOND = frozenset(["globals", "exec", "setattr", "__path__", "__getattr__", "*"])
"""Words with which a module does what its text does not show."""


def _words(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.name
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            yield statement.name


def _missing_imports(tree: ast.Module, one: RendererEntry) -> Iterator[Finding]:
    for statement in tree.body:  # the top only: others may be caught or never run
        names = []
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and statement.level == 0 and statement.module:
            names = [statement.module]
        elif isinstance(statement, ast.Raise):
            raised = ast.unparse(statement.exc) if statement.exc else "an exception"
            yield f"importing it raises {raised}", ""
        elif isinstance(statement, ast.Expr | ast.If) and "sys.path" in ast.unparse(statement):
            return  # from here on there may be more to import
        for name in names:
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names and _found(top) is None:
                yield (
                    f"it imports {top!r}, which is not installed",
                    f"install the package that provides {top!r}, and let {one.distribution} "
                    "require it",
                )


def _class(tree: ast.Module, one: RendererEntry, attribute: str) -> Iterator[Finding]:
    top, _, inner = attribute.partition(".")
    if top not in set(_bound(tree.body)):
        yield f"there is no {top!r} in module {one.value.partition(':')[0]!r}", ""
    for statement in tree.body:
        if not isinstance(statement, ast.ClassDef) or statement.name != attribute or inner:
            continue
        given = {*_bound(statement.body), *_given_later(tree, attribute)}
        is_plain = not (statement.bases or statement.keywords or statement.decorator_list)
        if is_plain and "__init__" not in given:
            for missing in sorted({"spec", "open"} - given):
                yield f"it is no renderer: {attribute} lacks {missing!r}", ""
            if any(isinstance(value, ast.Constant) for value in _assigned(statement, "spec")):
                yield f"it is no renderer: {attribute}.spec is no RendererSpec", ""
        for theirs in _api_versions(statement):
            if theirs[0] != API_VERSION[0]:
                said = other_api(theirs, API_VERSION, one.distribution)
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


def _given_later(tree: ast.Module, name: str) -> Iterator[str]:
    """Attributes that are set on a class after it was made."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute, ctx=ast.Store()):
                if owner == name:
                    yield attribute


def _assigned(statement: ast.ClassDef, name: str) -> Iterator[ast.expr]:
    for inner in statement.body:
        if isinstance(inner, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in inner.targets
        ):
            yield inner.value


def _api_versions(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """Versions written out in a call `RendererSpec(api_version=(2, 0))`."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("RendererSpec")):
            continue
        for keyword in node.keywords:
            if keyword.arg == "api_version" and isinstance(keyword.value, ast.Tuple):
                match keyword.value.elts:
                    case [ast.Constant(value=int(major)), ast.Constant(value=int(minor))]:
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


def _finds_its_own_way(module: str) -> bool:
    """Whether a package that a module is in looks for modules in its own way."""
    parents = module.split(".")[:-1]
    for count in range(1, len(parents) + 1):
        found = _found(".".join(parents[:count]))
        get_source = getattr(found.loader, "get_source", None) if found else None
        if found and get_source and "__path__" in (get_source(found.name) or ""):
            return True
    return False
