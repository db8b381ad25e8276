"""Every helper of the tests has one name, `tests.worlds.NAME`; nobody's path of imports is changed for them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TESTS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("*.py"))
BENCHMARKS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "benchmarks").glob("*.py"))
NAMES = {Path(path).stem for path in TESTS} - {"__init__"}
FOREIGN = {  # the tests that a module is shipped with stand in its own directory, where they import one another
    "tests/phases/deployment_infra/test_mutations.py": ["sys.path", "sys.path"],
    "tests/worlds/provider_schema.py": ["sys.path", "sys.path"],
    "tests/test_benchmarks.py": ["monkeypatch.syspath_prepend", "sys.path"],  # so do the benchmarks
}
BORROWED = {"path", "meta_path", "path_hooks"}  # of `sys`: with these a module comes in by another name


def imported(tree: ast.AST) -> Iterator[str]:
    """Each module that the imports may mean, wherever they stand: `from a import b` may mean a and a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def changed_for_imports(tree: ast.AST) -> Iterator[str]:
    """What is used of `sys` and pytest that lets a module be imported by another name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = f"{node.value.id}.{node.attr}"
            if name in {f"sys.{each}" for each in BORROWED} or node.attr == "syspath_prepend":
                yield name


def wrong(name: str) -> bool:
    """Relative, bare, or out of a test: then one file is two modules, or a test hangs on another."""
    top, _, rest = name.partition(".")
    return not top or top in NAMES or (top == "tests" and rest.partition(".")[0] not in ("", "worlds"))


@pytest.mark.slow
def test_helpers_are_imported_by_their_one_name() -> None:
    found: dict[str, list[object]] = {}
    for path in [*TESTS, *BENCHMARKS]:
        source = (ROOT / path).read_bytes()
        tree = ast.parse(source)
        found[path] = [name for name in imported(tree) if wrong(name)]
        if path in TESTS and b"sys" in source:
            found[path] += changed_for_imports(tree)
    assert {path: names for path, names in found.items() if names} == FOREIGN


@pytest.mark.parametrize("path", [path for path in TESTS if path.endswith("/conftest.py")])
def test_a_conftest_holds_fixtures_and_hooks_only(path: str) -> None:
    """What a test would import from it belongs to tests/worlds: a conftest has no name that two could import."""
    others = []
    for node in ast.parse((ROOT / path).read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("pytest_"):
            decorators = [ast.unparse(each) for each in node.decorator_list]
            others += [] if any(each.startswith("pytest.fixture") for each in decorators) else [node.name]
    assert others == []


def test_what_everybody_shares_lies_in_one_folder() -> None:
    elsewhere = [
        path
        for path in TESTS
        if not path.startswith("tests/worlds/") and not Path(path).name.startswith(("test_", "conftest", "__init__"))
    ]
    assert elsewhere == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import run_world", "run_world"),
        ("def test():\n    from run_world import RunWorld", "run_world"),
        ("from . import run_world", "..run_world"),
        ("from tests.stories.test_terminal import typed", "tests.stories.test_terminal"),
        ("from tests import conftest", "tests.conftest"),
    ],
)
def test_an_import_by_another_name_is_seen(source: str, name: str) -> None:
    assert name in [each for each in imported(ast.parse(source)) if wrong(each)]


@pytest.mark.parametrize(
    "source",
    ["import sys\nsys.path.insert(0, 'tests')", "def test(monkeypatch):\n    monkeypatch.syspath_prepend('x')"],
)
def test_a_changed_path_of_imports_is_seen(source: str) -> None:
    assert list(changed_for_imports(ast.parse(source)))
