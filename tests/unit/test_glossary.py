"""Names of modules, public functions and classes keep to the glossary."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in (ROOT / "docs/reference/glossary.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| term")
]
REJECTED = {
    word.strip()
    for row in ROWS
    for word in row[3].split(",")
    if word.strip() and " " not in word.strip()
}
ELSEWHERE = {
    "code", "coverage", "frame", "line", "mark", "middle", "run", "tag", "teacher",
}  # fmt: skip
"""Words that are a term of their own, or a verb, and are rejected for one meaning only."""


def public_names(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def test_the_glossary_has_four_columns_and_no_term_twice():
    assert all(len(row) == 4 and row[0] and row[1] for row in ROWS)
    terms = [row[0] for row in ROWS if row[0] != "key"]
    assert len(terms) == len(set(terms)) >= 80


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "strokeanim").rglob("*.py")),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_names_are_terms_of_the_glossary(path):
    named = [path.stem.lstrip("_"), *public_names(path)]
    wrong = {name: bad for name in named if (bad := (words(name) & REJECTED) - ELSEWHERE)}
    assert not wrong
