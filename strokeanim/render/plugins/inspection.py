"""Find problems of plugins without running any of their code.

Inspects the metadata of a plugin and the source of its module; only importing it (`load` of
`RendererEntry`) finds the rest. So `strokeanim plugins list` is as fast and as safe with broken
plugins as without.
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
from strokeanim.render.plugins.discovery import RendererEntry, format_api_mismatch, format_entries


@dataclass(frozen=True)
class Problem:
    """Why a renderer fails, or may fail, and how to fix it.

    Attributes:
        status: `"broken"`, `"incomplete"` (a requirement is not installed), `"clash"` (several
            distributions claim its name), `"shadowed"` (a built-in has its name) or
            `"not allowed"` (by `STROKEANIM_PLUGINS`).
        reason: the cause, in words.
        fix: the remedy, in words.
    """

    status: str
    reason: str
    fix: str


def problem(one: RendererEntry, every: Sequence[RendererEntry]) -> Problem | None:
    """Return the first problem of `one` among `every` renderer, if any; import nothing."""
    if one.is_builtin:
        return None
    if not one.is_allowed:
        return Problem(
            "not allowed",
            "STROKEANIM_PLUGINS does not name it",
            f"add {one.distribution} to STROKEANIM_PLUGINS",
        )
    reinstall = f"update, reinstall or uninstall {one.distribution}"
    if one.damage or one.entry_point is None:
        return Problem("broken", one.damage, reinstall)
    for reason, fix in _check_source(one):
        return Problem("broken", reason, fix or reinstall)
    for reason, fix in _check_requirements(one.entry_point):
        return Problem("incomplete", reason, fix)
    return _check_name(one, every)


def _check_name(entry: RendererEntry, every: Sequence[RendererEntry]) -> Problem | None:
    """Check that no other distribution has a renderer of that name."""
    others = [
        other
        for other in every
        if other.name == entry.name
        and other.distribution != entry.distribution
        and other.is_allowed
    ]
    fix = f"choose it with renderer={entry.full_name}, or uninstall one of them"
    if any(other.is_builtin for other in others):
        return Problem("shadowed", f"{entry.name!r} is a built-in renderer", fix)
    if others:
        return Problem("clash", f"{format_entries(others)} claims {entry.name!r} too", fix)
    return None


Finding = tuple[str, str]
"""A reason and its fix; "" for the default fix."""


def _check_requirements(point: EntryPoint) -> Iterator[Finding]:
    """Yield the requirements of a plugin's distribution that are not installed."""
    try:
        required = point.dist.requires if point.dist else None
    except FileNotFoundError:  # by importlib_metadata, which finds distributions if installed
        return
    if not required:
        return
    # Imported here, so that it takes no time without plugins.
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
            installed = version(requirement.name)
        except PackageNotFoundError:
            yield f"it needs {wanted}, which is not installed", f'pip install "{wanted}"'
            continue
        with contextlib.suppress(InvalidVersion):
            if not requirement.specifier.contains(installed, prereleases=True):
                yield f"it needs {wanted}, and {installed} is installed", f'pip install "{wanted}"'


def _check_source(entry: RendererEntry) -> Iterator[Finding]:
    """Yield problems in the source of the module that the entry point refers to."""
    module, _, attribute = entry.value.partition(":")
    module, attribute = module.partition("[")[0].strip(), attribute.partition("[")[0].strip()
    if not all(part.isidentifier() for part in f"{module}.{attribute or module}".split(".")):
        yield f"its entry point {entry.value!r} is not of the form module:Class", ""
        return
    spec = _find_spec(module)
    if spec is None:
        if not _has_custom_search(module):
            yield f"there is no module {module!r}", ""
        return
    get_source = getattr(spec.loader, "get_source", None)
    if get_source is None:
        return
    try:
        source = get_source(spec.name)
        tree = ast.parse(source or "", str(spec.origin))
    except (SyntaxError, ValueError, OSError, ImportError) as error:
        yield f"{spec.origin} can't be read ({type(error).__name__}: {error})", ""
        return
    if source is None or _DYNAMIC_NAMES & set(_yield_names(tree)):
        return
    yield from _check_imports(tree, entry)
    if attribute:
        yield from _check_class(tree, entry, attribute)


_DYNAMIC_NAMES = frozenset(["globals", "exec", "setattr", "__path__", "__getattr__", "*"])
"""Names by which a module may define more than its source shows."""


def _yield_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a module uses, imports, or gives to its functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.name
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            yield statement.name


def _check_imports(tree: ast.Module, entry: RendererEntry) -> Iterator[Finding]:
    """Yield imports of missing modules, and exceptions that importing the module raises."""
    for statement in tree.body:  # the top level only: others may be caught or never run
        names = []
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and statement.level == 0 and statement.module:
            names = [statement.module]
        elif isinstance(statement, ast.Raise):
            raised = ast.unparse(statement.exc) if statement.exc else "an exception"
            yield f"importing it raises {raised}", ""
        elif isinstance(statement, ast.Expr | ast.If) and "sys.path" in ast.unparse(statement):
            return  # from here on, more modules may be importable
        for name in names:
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names and _find_spec(top) is None:
                yield (
                    f"it imports {top!r}, which is not installed",
                    f"install the package that provides {top!r}, and let {entry.distribution} "
                    "require it",
                )


def _check_class(tree: ast.Module, entry: RendererEntry, attribute: str) -> Iterator[Finding]:
    """Yield what the class lacks to be a renderer for this API version."""
    top, _, inner = attribute.partition(".")
    if top not in set(_yield_bound_names(tree.body)):
        yield f"there is no {top!r} in module {entry.value.partition(':')[0]!r}", ""
    for statement in tree.body:
        if not isinstance(statement, ast.ClassDef) or statement.name != attribute or inner:
            continue
        defined = {*_yield_bound_names(statement.body), *_yield_late_attributes(tree, attribute)}
        is_plain = not (statement.bases or statement.keywords or statement.decorator_list)
        if is_plain and "__init__" not in defined:
            for missing in sorted({"spec", "open"} - defined):
                yield f"it is no renderer: {attribute} lacks {missing!r}", ""
            if any(
                isinstance(value, ast.Constant)
                for value in _yield_assigned_values(statement, "spec")
            ):
                yield f"it is no renderer: {attribute}.spec is no RendererSpec", ""
        for api_version in _yield_api_versions(statement):
            if api_version[0] != API_VERSION[0]:
                message = format_api_mismatch(api_version, API_VERSION, entry.distribution)
                reason, _, fix = message.partition("; ")
                yield f"it {reason}", fix


def _yield_bound_names(body: Sequence[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements bind, also within `if` and `try`."""
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


def _yield_late_attributes(tree: ast.Module, name: str) -> Iterator[str]:
    """Yield the attributes that are set on a class after its definition."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute, ctx=ast.Store()):
                if owner == name:
                    yield attribute


def _yield_assigned_values(statement: ast.ClassDef, name: str) -> Iterator[ast.expr]:
    for inner in statement.body:
        if isinstance(inner, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in inner.targets
        ):
            yield inner.value


def _yield_api_versions(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """Yield the literal versions of calls such as `RendererSpec(api_version=(2, 0))`."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("RendererSpec")):
            continue
        for keyword in node.keywords:
            if keyword.arg == "api_version" and isinstance(keyword.value, ast.Tuple):
                match keyword.value.elts:
                    case [ast.Constant(value=int(major)), ast.Constant(value=int(minor))]:
                        yield major, minor


def _find_spec(module: str) -> ModuleSpec | None:
    """Find a module without importing its packages, as `importlib.util.find_spec` would."""
    top, *rest = module.split(".")
    try:
        spec = importlib.util.find_spec(top)
        for part in rest:
            if spec is None or spec.submodule_search_locations is None:
                return None
            spec = PathFinder.find_spec(part, spec.submodule_search_locations)
    except (ImportError, ValueError, AttributeError):
        return None
    return spec


def _has_custom_search(module: str) -> bool:
    """Return whether the source of a package around the module mentions `__path__`.

    Such a package may search for its modules in its own way.
    """
    parents = module.split(".")[:-1]
    for count in range(1, len(parents) + 1):
        spec = _find_spec(".".join(parents[:count]))
        get_source = getattr(spec.loader, "get_source", None) if spec else None
        if spec and get_source and "__path__" in (get_source(spec.name) or ""):
            return True
    return False
