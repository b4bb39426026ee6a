"""Draw docs/img/architecture.svg from the code: `python -m tools.architecture`.

The layers are those of the import contract in pyproject.toml, which `lint-imports` enforces. The
purpose of a layer is the first line of its docstring; its imports are those of its modules.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import grimp
import svgwrite

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "img" / "architecture.svg"
PACKAGE = "strokeanim"
SHOWN_AS = {"PIL": "Pillow", "skimage": "scikit-image", "sklearn": "scikit-learn"}
WIDTH, HEIGHT, GAP, MARGIN = 1400, 78, 8, 12
FONT = {"font_family": "Helvetica, Arial, sans-serif"}


def layers() -> list[list[str]]:
    """Return the layers from the top down; packages of one layer share a list."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (contract,) = (
        one for one in settings["tool"]["importlinter"]["contracts"] if one["type"] == "layers"
    )
    return [[name.strip().removeprefix(f"{PACKAGE}.") for name in layer.split("|")]
            for layer in contract["layers"]]  # fmt: skip


def purpose(package: str) -> str:
    """Return the first sentence of a package's docstring."""
    path = ROOT / PACKAGE / package
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    line = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]
    return re.split(r"; |\. |: ", line)[0].rstrip(".").replace("`", "")


def imported(graph: grimp.ImportGraph, package: str) -> tuple[list[str], list[str]]:
    """Return the packages below that one imports directly, and the libraries."""
    name = f"{PACKAGE}.{package}"
    below, libraries = set(), set()
    for module in {name} | graph.find_descendants(name):
        for target in graph.find_modules_directly_imported_by(module):
            first, _, rest = target.partition(".")
            if first == PACKAGE:
                below.add(rest.partition(".")[0])
            elif first not in {*sys.stdlib_module_names, "numpy"}:  # NumPy is everywhere
                libraries.add(SHOWN_AS.get(first, first))
    order = [one for layer in layers() for one in layer]
    return (
        [one for one in order if one in below - {package}],
        sorted(libraries, key=str.lower),
    )


def picture() -> str:
    """Return the diagram as SVG."""
    graph = grimp.build_graph(
        PACKAGE,
        include_external_packages=True,
        exclude_type_checking_imports=True,
        cache_dir=None,
    )
    rows = layers()
    height = 2 * MARGIN + len(rows) * (HEIGHT + GAP) - GAP
    drawing = svgwrite.Drawing(size=(WIDTH, height), viewBox=f"0 0 {WIDTH} {height}", debug=False)
    drawing.set_desc("The layers of strokeanim", "Each imports only from those below it.")
    drawing.add(drawing.rect((0, 0), (WIDTH, height), rx=8, fill="#ffffff"))
    for row, layer in enumerate(rows):
        width = (WIDTH - 2 * MARGIN - (len(layer) - 1) * GAP) / len(layer)
        for column, package in enumerate(layer):
            left, top = MARGIN + column * (width + GAP), MARGIN + row * (HEIGHT + GAP)
            shade = "#f3efe6" if row % 2 else "#ece5d6"
            drawing.add(drawing.rect((left, top), (width, HEIGHT), rx=5, fill=shade))
            below, libraries = imported(graph, package)
            start = left + 12
            words = [
                (package, top + 24, start, 17, "#222222", {"font_weight": "bold"}),
                (purpose(package), top + 24, start + 165, 13, "#222222", {}),
                (f"imports {', '.join(below)}" if below else "", top + 46, start, 11, "#77705f",
                 {}),
                (", ".join(libraries), top + 66, start, 11, "#b4471f", {}),
            ]  # fmt: skip
            for text, y, x, size, fill, more in words:
                if text:
                    drawing.add(
                        drawing.text(text, (x, y), font_size=size, fill=fill, **more, **FONT)
                    )
    return str(drawing.tostring()) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
