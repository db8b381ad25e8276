"""Imports point down only: workflow, phases, gates, state; and reading commands stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["state", "gates", "phases", "workflow"]  # each may import itself and what stands before it
OUTSIDE = {"boto3", "botocore", "git", "questionary", "prompt_toolkit", "moto", "rich", "werkzeug"}
DOORS = ("workflow/doors/", "workflow/sandbox/")


def sources(layer: str) -> Iterator[Path]:
    yield from (ROOT / layer).rglob("*.py")


@cache
def imported(path: Path) -> list[tuple[str, int]]:
    """The packages that a file imports, wherever in it, with the lines."""
    return list(_imported(path))


def _imported(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0], node.lineno


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_nothing_above_it(layer: str) -> None:
    above = set(LAYERS[LAYERS.index(layer) + 1 :])
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(layer)
        for name, line in imported(path)
        if name in above
    ]
    assert not found


def test_outside_libraries_are_imported_behind_the_doors_only() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for layer in LAYERS
        for path in sources(layer)
        for name, line in imported(path)
        if name in OUTSIDE and not str(path.relative_to(ROOT)).startswith(DOORS)
    ]
    assert not found


def test_the_sdk_of_the_agents_server_is_imported_by_four_files() -> None:
    found = {
        str(path.relative_to(ROOT))
        for layer in LAYERS
        for path in sources(layer)
        for name, _ in imported(path)
        if name == "mcp"
    }
    assert found == {f"workflow/mcp/{name}.py" for name in ("server", "opening", "unread", "updates")}


def test_the_web_server_is_imported_by_the_page_alone() -> None:
    found = {
        path.relative_to(ROOT).parent.as_posix()
        for layer in LAYERS
        for path in sources(layer)
        for name, _ in imported(path)
        if name in ("starlette", "markupsafe", "webauthn")
    }
    assert found == {"workflow/web"}


def test_keys_of_passkeys_are_handled_where_they_are_verified_and_enrolled_alone() -> None:
    sandbox = ROOT / "workflow/sandbox"  # which makes certificates of its own
    found = {
        str(path.relative_to(ROOT))
        for layer in LAYERS
        for path in sources(layer)
        for name, _ in imported(path)
        if name == "cryptography" and sandbox not in path.parents
    }
    assert found == {"workflow/doors/public_key.py", "workflow/web/passkeys.py"}


def test_the_layer_test_sees_an_import_that_points_up(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from workflow.engine.engine import Engine\n")
    assert imported(wrong) == [("workflow", 2)]


def test_the_parts_of_the_engine_are_made_of_the_open_run_and_never_of_the_engine() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "workflow/engine").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "workflow.engine.engine"
    ]
    assert not found


def test_the_status_of_a_task_is_set_by_the_fold_alone() -> None:
    rooms = [each for each in (ROOT / "workflow").iterdir() if each.name not in ("sandbox", "doors")]
    found = {
        str(path.relative_to(ROOT))
        for place in (ROOT / "state", *rooms)
        for path in place.rglob("*.py")
        if ".status" in (source := path.read_text())  # to parse them all takes a second
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr == "status" and isinstance(node.ctx, ast.Store)
    }
    assert found == {"state/fold.py"}


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["status", "log", "plan", "audit", "sandbox", "checks"])
def test_a_reading_command_imports_nothing_heavy(verb: str) -> None:
    code = (
        "import sys; from workflow.cli.group import VERBS, cli; cli.get_command(None, sys.argv[1]); "
        "print(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    seen = subprocess.run([sys.executable, "-c", code, verb], capture_output=True, text=True, check=True).stdout
    heavy = OUTSIDE | {"pydantic", "transitions", "yaml", "cfnlint", "mcp", "anyio", "starlette", "cryptography"}
    assert not [name for name in heavy if f"'{name}'" in seen]
