"""Commands of work by hand are told as what they are: whose, which one, its script, and how it ended."""

from __future__ import annotations

import json
import os
from pathlib import Path
from unittest import mock

import pytest

from tests.worlds.command_world import CommandWorld
from workflow.views.effects import effect_line, how_command_ended

TWO = b"""# Ship

## Phase 1: Build

```sh
echo one
echo two
```

## Phase 2: Ship

```sh
true
```
"""
ANSWERS = """rollback-critical-functionality: "yes"
rollback-data-integrity: "no"
rollback-performance: "no"
rollback-security: "no"
rollback-notified: Bob
"""


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """Two tasks whose commands were run; the second waits for approval."""
    world = CommandWorld(tmp_path, runbook=TWO)
    assert world("run", "tasks.md").code == 3
    with mock.patch.dict(os.environ, {"GIT_AUTHOR_NAME": "Robot", "GIT_AUTHOR_EMAIL": "robot@example.com"}):
        assert world("done", "--no-files", "--run", "1").code == 0
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    assert world("approve", "--digest", digest).code == 0
    assert world("resume").code == 3
    assert world("done", "--no-files", "--run", "1").code == 0
    return world


@pytest.mark.slow
def test_an_abort_names_the_task_of_each_command(world: CommandWorld) -> None:
    said = world("abort", "--reason", "enough").error
    assert "left outside: task Phase 1, command 1: exit 0: echo one (and 1 more line)\n" in said
    assert "left outside: task Phase 2, command 1: exit 0: true\n" in said


@pytest.mark.slow
def test_the_plan_of_a_rollback_has_each_script(world: CommandWorld, tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text(ANSWERS)
    told = world("rollback", "--reason", "it leaks", "--answers", str(tmp_path / "answers.yaml"))
    assert told.code == 3, told.error
    (path,) = world.root.glob("artifacts/**/rollback-plan.md")
    plan = path.read_text()
    assert "| Phase 1 Build | committed as " in plan
    assert "| command 1: exit 0 |" in plan
    assert "\nTask Phase 1 Build, command 1: exit 0\n\n```\necho one\necho two\n```\n" in plan
    assert plan.index("Task Phase 2 Ship, command 1") < plan.index("Task Phase 1 Build, command 1")
    assert "{'" not in plan and "True" not in plan


def test_how_a_command_ended() -> None:
    intent: dict[str, object] = {"command": "false", "program": "sh", "line": 12}
    result: dict[str, object] = {"exit_code": 3, "failed_line": 13}
    assert how_command_ended(intent, result) == "exit 3 at line 13"
    assert how_command_ended({**intent, "edited": True}, {"exit_code": 0}) == "exit 0, edited before it ran"
    assert how_command_ended(intent, None) == "interrupted, and nothing can tell how far it came"
    assert how_command_ended(intent, {"exit_code": None}) == "interrupted, and nothing can tell how far it came"
    assert effect_line("command-2-run-3", intent, result) == "command 2, run 3: exit 3 at line 13: false"
    assert effect_line("order", {}, {"order": "paint"}) == "order: order=paint"
