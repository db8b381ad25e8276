"""A rollback by hand goes through what its runbook has for afterwards: its boxes must hold, and checks answer them."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import StepFailed
from state.position import Outcome
from tests.worlds.command_world import CommandWorld
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace

RUNBOOK = b"""# Ship it

## Deploy
- [ ] Deployed

## Rollback Plan

If deployment fails:

### Execute Rollback
```bash
rm -f deployed.txt; echo gone > state.txt
```

### Post-Rollback
- [ ] Verify it is gone
- [ ] Document the reason
"""
CHECKS = """\
checks:
  - {id: gone, name: It is gone, file: {path: state.txt, contains: gone}, criterion: Verify it is gone}
"""
pytestmark = pytest.mark.slow


def rolled_back(root: Path) -> RunWorld:
    world = RunWorld(root, runbook=RUNBOOK)
    (world.root / "tasks.checks.yaml").write_text(CHECKS)
    world.git("add", "-A")
    world.git("commit", "-qm", "The checks")
    (world.root / ".git/info/exclude").write_text("deployed.txt\nstate.txt\n")
    with world.start() as engine:
        engine.segment()
    (world.root / "deployed.txt").write_text("here\n")
    return world


def answers(world: RunWorld, run: str) -> None:
    world.person.answers = {"rollback-2-command-1": run, "rollback-notified": "the team"}


def test_the_commands_are_offered_and_afterwards_each_box_is_a_criterion(tmp_path: Path) -> None:
    world = rolled_back(tmp_path)
    answers(world, "run")
    with world.start_rollback() as engine:
        assert [(task.id, task.title) for task in engine.plan.rollback][2:] == [("R3", "Post-Rollback")]
        engine.drive()
        assert engine.outcome is Outcome.ROLLED_BACK
        worked = engine.run.task(engine.plan.rollback[2].key).worked
    assert worked is not None
    assert [(check.name, check.verdict) for check in worked.checks] == [
        ("It is gone", "pass"),
        ("Document the reason", "attested"),
    ]
    assert not (world.root / "deployed.txt").exists()
    assert world.boxes() == "x  "  # what stands under Post-Rollback stays as it is
    assert audit_workspace(world.root, world.run_id, anchor=None)[0].findings == []


def test_what_is_not_gone_keeps_the_last_gate_closed(tmp_path: Path) -> None:
    world = rolled_back(tmp_path)
    answers(world, "skip")
    with world.start_rollback() as engine, pytest.raises(StepFailed, match="task R3: 1 of 2 checks failed") as failed:
        engine.drive()
    assert "It is gone" in str(failed.value)


BESIDE = b"# Ship it\n\n## Deploy\n- [ ] Deployed\n\n## Rollback\n\n- [ ] Traffic back\n\n"
BESIDE += b"## Post-Rollback\n\n- [ ] It is gone\n"


@pytest.mark.parametrize("names", ["criterion: It is gone", 'tasks: ["R3"]', 'tasks: ["Post-Rollback"]'])
def test_a_check_names_what_only_the_way_back_has(tmp_path: Path, names: str) -> None:
    world = RunWorld(tmp_path, runbook=BESIDE)
    check = f"checks:\n  - {{id: gone, name: Gone, file: {{path: gone.txt}}, {names}}}\n"
    (world.root / "tasks.checks.yaml").write_text(check)
    (world.root / "gone.txt").write_text("gone\n")
    world.git("add", "-A")
    world.git("commit", "-qm", "The checks")
    with world.start() as engine:
        engine.segment()
    world.person.answers = {"rollback-notified": "the team"}
    with world.start_rollback() as engine:
        engine.drive()
        assert engine.outcome is Outcome.ROLLED_BACK
        worked = engine.run.task(engine.plan.rollback[2].key).worked
    assert worked is not None
    assert ("Gone", "pass") in [(check.name, check.verdict) for check in worked.checks]


@pytest.mark.parametrize("names", ["criterion: It is there", 'tasks: ["R4"]'])
def test_what_neither_the_plan_nor_its_way_back_has_is_refused(tmp_path: Path, names: str) -> None:
    world = CommandWorld(tmp_path, runbook=BESIDE)
    check = f"checks:\n  - {{id: gone, name: Gone, file: {{path: gone.txt}}, {names}}}\n"
    (world.root / "tasks.checks.yaml").write_text(check)
    world.git("add", "-A")
    world.git("commit", "-qm", "The checks")
    for refused in (world("run", "tasks.md"), world("checks", "tasks.md")):
        assert refused.code == 2 and "tasks.checks.yaml:2:" in refused.error
    assert not (world.root / ".phasegate").exists()
