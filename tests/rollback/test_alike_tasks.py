"""Two tasks of one title are two tasks in a rollback's plan, and a command that names another profile is told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.position import Outcome
from tests.worlds.run_world import RunWorld

RUNBOOK = b"""# Ship it

## Before
### Testing
- [ ] Tested (`echo before > before.txt`)

## After
### Testing
- [ ] Tested (`echo after > after.txt`)
- [ ] Token given

## Rollback
```bash
echo destroy --env=dev > destroyed.txt
```
"""
CHECKS = """\
profiles:
  dev: {values: {stack: Shop-dev}}
  staging: {values: {stack: Shop-staging}}
checks:
  - {id: smoke-token, name: Token, command: {run: echo token passes, changes: true}, line: 10}
"""
pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    made = RunWorld(tmp_path, runbook=RUNBOOK)
    (made.root / "tasks.checks.yaml").write_text(CHECKS)
    made.git("add", "-A")
    made.git("commit", "-qm", "The checks")
    (made.root / ".git/info/exclude").write_text("before.txt\nafter.txt\ndestroyed.txt\n")
    made.person.answers = {
        "profile": "staging",
        **{f"{key}-command-1": "run" for key in ("testing", "testing-2", "rollback-2")},
        "testing-2-check-smoke-token": "run",
        "rollback-notified": "the team",
    }
    with made.start() as engine:
        engine.drive()
        assert engine.complete
    return made


def test_each_task_has_its_own_commands_and_its_line(world: RunWorld) -> None:
    with world.start_rollback() as engine:
        engine.drive()
        assert engine.outcome is Outcome.ROLLED_BACK
    (path,) = world.root.rglob("rollback-plan.md")
    plan = path.read_text()
    rows = [line for line in plan.splitlines() if line.startswith("| Testing")]
    assert [row.split("|")[1].strip() for row in rows] == ["Testing (line 8)", "Testing (line 4)"]
    assert rows[0].count("command 1") == rows[1].count("command 1") == 1
    assert plan.count("echo before > before.txt") == plan.count("echo after > after.txt") == 1
    assert "check `smoke-token`: command `echo token passes`" in plan  # the name of a check is nobody's secret


def test_what_names_another_profile_is_said_at_the_question_and_on_both_pages(world: RunWorld) -> None:
    with world.start_rollback() as engine:
        engine.drive()
        first, second = (engine.run.task(task.key).worked for task in engine.plan.rollback)
    assert first is not None
    assert second is not None
    told = "names dev, and this run is for staging"
    (planned,) = [check for check in first.checks if check.seen == told]
    (ran,) = [check for check in second.checks if check.seen == told]
    assert (planned.verdict, ran.verdict) == ("not-checked", "not-checked")  # no policy opens a gate behind that
    assert any(f"It {told}." in question for question in world.person.questions)
