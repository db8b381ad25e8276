"""Faces go through the desk: who may use click, git's processes and the engine; and no two modules need each other."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.worlds.sources import ROOT, modules

FACES = ("cli", "web", "mcp", "fleet")  # those that there are, and those to come
BEHIND = ("workflow.engine", "workflow.runs", "workflow.doors")
PROMPTS = ("questionary", "getpass.getpass", "click.prompt", "click.confirm", "rich.prompt", "prompt_toolkit.shortcuts")
STARTS_GIT = ("reading", "writing", "environment")  # of workflow/doors/git/command.py


@cache
def imported(path: Path, module: str) -> tuple[str, ...]:
    """Each name that the imports of a file may mean, in full, wherever they stand: `from a import b` is `a` and `a.b`.

    A text that names a module, as `import_module` takes it, counts as well, and so does `workflow.room.name`.
    """
    return tuple(_imported(path, module))


def _imported(path: Path, module: str) -> Iterator[str]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=name, names=names, level=level):
                above = package.split(".")[: len(package.split(".")) - level + 1] if level else []
                start = ".".join([*above, *([name] if name else [])])
                yield start
                yield from (f"{start}.{alias.name}" for alias in names)
            case ast.Constant(value=str(text)) if text.startswith("workflow.") and " " not in text:
                yield text.partition(":")[0]
            case ast.Attribute(value=ast.Attribute() | ast.Name()):
                yield from filter(None, [_dotted(node)])


def _dotted(node: ast.expr) -> str:
    """`workflow.a.b` where that is what is written; "" for other expressions."""
    words: list[str] = []
    while isinstance(node, ast.Attribute):
        words.append(node.attr)
        node = node.value
    return ".".join(["workflow", *reversed(words)]) if isinstance(node, ast.Name) and node.id == "workflow" else ""


def is_in(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def lent(root: Path) -> set[str]:
    """What the desk and the views have from behind, by the name it would have there: `workflow.service.run.Engine`."""
    return {
        f"{module}.{alias.asname or alias.name}"
        for module, path in modules(root).items()
        if is_in(module, "workflow.service") or is_in(module, "workflow.views")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ImportFrom) and any(is_in(node.module or "", room) for room in BEHIND)
        for alias in node.names
    }


def past_the_desk(root: Path) -> list[str]:
    forbidden = (*BEHIND, *sorted(lent(root)))
    return [
        f"{module}: {name}"
        for module, path in modules(root).items()
        if any(is_in(module, f"workflow.{face}") for face in FACES)
        for name in imported(path, module)
        if any(is_in(name, each) for each in forbidden)
    ]


def click_elsewhere(root: Path) -> list[str]:
    return [
        module
        for module, path in modules(root).items()
        if not is_in(module, "workflow.cli") and any(is_in(name, "click") for name in imported(path, module))
    ]


def git_elsewhere(root: Path) -> list[str]:
    return [
        f"{module}: {name}"
        for module, path in modules(root).items()
        if not is_in(module, "workflow.doors.git")
        for name in imported(path, module)
        if name in {f"workflow.doors.git.command.{each}" for each in STARTS_GIT} or is_in(name, "git")
    ]


def asked_elsewhere(root: Path) -> list[str]:
    return [
        f"{module}: {name}"
        for module, path in modules(root).items()
        if module != "workflow.doors.prompts"
        for name in imported(path, module)
        if any(is_in(name, each) for each in PROMPTS)
    ] + [
        f"{module}: input()"
        for module, path in modules(root).items()
        if b"input" in (source := path.read_bytes())
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "input"
    ]


def cycles(needs: Mapping[str, set[str]]) -> list[list[str]]:
    """Modules that need one another, directly or not (Tarjan's strongly connected components of more than one)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in needs[name]:
            if other not in order:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == order[name]:
            at = stack.index(name)
            found.append(stack[at:])
            del stack[at:]

    for name in needs:
        if name not in order:
            visit(name)
    return [each for each in found if len(each) > 1]


def needs(root: Path) -> dict[str, set[str]]:
    """Which modules each module imports, in functions and for types, too; that a package comes first is not counted."""
    known = modules(root)
    found: dict[str, set[str]] = {}
    for module, path in known.items():
        names = {name for name in imported(path, module) if name in known and name != module}
        found[module] = {each for each in names if not any(other.startswith(f"{each}.") for other in names)}
    return found


@pytest.mark.slow
def test_click_belongs_to_the_command_line() -> None:
    assert click_elsewhere(ROOT) == []


@pytest.mark.slow
def test_faces_go_through_the_desk() -> None:
    assert past_the_desk(ROOT) == []


@pytest.mark.slow
def test_git_is_started_behind_its_door_only() -> None:
    assert git_elsewhere(ROOT) == []


@pytest.mark.slow
def test_a_person_is_asked_through_one_door() -> None:
    assert asked_elsewhere(ROOT) == []


@pytest.mark.slow
def test_no_two_modules_need_each_other() -> None:
    sys.setrecursionlimit(10_000)
    assert cycles(needs(ROOT)) == []


def said_in_lines(tree: ast.AST) -> Iterator[str]:
    """The texts of a file, docstrings apart."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    first = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) if _says(node.body)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in first:
            yield node.value


def _says(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[0], ast.Expr)


def test_no_next_line_is_printed_but_by_its_door() -> None:
    files = sorted((ROOT / "workflow" / "cli").glob("*.py"))
    printing = {
        path.name for path in files if any("next: " in text for text in said_in_lines(ast.parse(path.read_bytes())))
    }
    assert printing == {"next_line.py"}


BROKEN = {  # a file, what it says, and who sees it
    "click in a function": ("workflow/service/one.py", "def f():\n    import click\n", click_elsewhere),
    "click's insides": ("phases/one.py", "from click.core import Command\n", click_elsewhere),
    "the engine": ("workflow/cli/one.py", "from workflow.engine.engine import Engine\n", past_the_desk),
    "a room": ("workflow/web/one.py", "from workflow import doors\n", past_the_desk),
    "a room by its place": ("workflow/mcp/one.py", "from ..runs import find_run\n", past_the_desk),
    "in a function": ("workflow/fleet/one.py", "def f():\n    import workflow.doors.terminal\n", past_the_desk),
    "by a text": (
        "workflow/cli/one.py",
        "import importlib\nimportlib.import_module('workflow.runs.begin')\n",
        past_the_desk,
    ),
    "lent by the desk": ("workflow/cli/one.py", "from workflow.service.two import Engine\n", past_the_desk),
    "lent by an attribute": ("workflow/cli/one.py", "import workflow\nworkflow.engine.engine.Engine\n", past_the_desk),
    "git's own arguments": ("workflow/audit/one.py", "from workflow.doors.git.command import reading\n", git_elsewhere),
    "a prompt of its own": ("workflow/doors/one.py", "def f():\n    import questionary\n", asked_elsewhere),
    "a line that is read": ("workflow/cli/one.py", "def f():\n    return input('Sure?')\n", asked_elsewhere),
    "GitPython": ("workflow/runs/one.py", "import git\n", git_elsewhere),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_a_rule_is_seen(tmp_path: Path, name: str) -> None:
    path, text, finds = BROKEN[name]
    for place, said in {"workflow/service/two.py": "from workflow.engine.engine import Engine\n", path: text}.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(said)
    assert finds(tmp_path)


def test_a_cycle_is_seen(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "one.py").write_text("from state import two\n")
    (tmp_path / "state" / "two.py").write_text("from typing import Any\nimport state.three\n")
    (tmp_path / "state" / "three.py").write_text("def f():\n    from state.one import g\n")
    (found,) = cycles(needs(tmp_path))
    assert sorted(found) == ["state.one", "state.three", "state.two"]
