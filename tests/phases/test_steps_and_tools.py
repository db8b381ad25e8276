"""Steps import tools, never steps: a step can be read, tested and moved without another one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def modules_imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file may mean, wherever in it the import stands: `from a import b` is `a` and `a.b`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def declares_steps(path: Path) -> bool:
    source = path.read_text()
    return "@step(" in source and any(  # to parse every file takes a second
        isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "step"
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
    )


def imports_of_steps(files: list[Path], root: Path) -> list[str]:
    """Where a module that declares steps is imported; a workflow's own list of its steps apart."""
    names = {path: ".".join(path.relative_to(root).with_suffix("").parts) for path in files}
    steps = {names[path] for path in files if declares_steps(path)}
    return [
        f"{names[path]}:{line} imports {name}"
        for path in files
        if path.name != "workflow.py"
        for name, line in modules_imported(path)
        if name in steps
    ]


def test_steps_import_tools_and_nothing_imports_steps_but_their_workflow() -> None:
    files = sorted((ROOT / "phases").rglob("*.py"))
    assert sum(map(declares_steps, files)) > 20
    assert not imports_of_steps(files, ROOT)


@pytest.mark.parametrize("words", ["from phases.one import helper", "from phases import one", "import phases.one"])
def test_the_test_of_steps_sees_a_step_that_imports_another(tmp_path: Path, words: str) -> None:
    declared = '@step("{0}", "T", after_crash=None)\ndef work(ctx):\n    """W."""\n    {1}\n'
    (tmp_path / "phases").mkdir()
    one, two = tmp_path / "phases" / "one.py", tmp_path / "phases" / "two.py"
    one.write_text(declared.format("1", "pass"))
    two.write_text(declared.format("2", words))
    assert {each.split(" ")[0] for each in imports_of_steps([one, two], tmp_path)} == {"phases.two:4"}
