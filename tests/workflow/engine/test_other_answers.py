"""An answers file that has another answer than the run: it is taken where that may be, or told of by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld, Told

pytestmark = pytest.mark.slow
RUNBOOK = b"""# R

- [ ] 1. Checkpoint - ensure all tests pass
- [ ] 2. Checkpoint - ensure all tests pass
"""
CHECKED = b"# Ship\n\n## First\n- [ ] Built\n\n## Second\n- [ ] Built again\n"
CHECKS = """\
profiles:
  dev: {values: {kept: kept.txt}}
  production: {values: {kept: other.txt}}
checks:
  - {id: one, name: One, file: {path: "{place}"}, line: 4}
  - {id: two, name: Two, file: {path: "{place}"}, line: 7}
  - {id: three, name: Three, file: {path: "{kept}"}, tasks: [Second]}
"""


def governed(tmp_path: Path, runbook: bytes, checks: str = "") -> CommandWorld:
    """A runbook whose gates whoever did the work may open, with these checks beside it."""
    world = CommandWorld(tmp_path, runbook=runbook)
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
    if checks:
        (world.root / "tasks.checks.yaml").write_text(checks)
    world.git("add", ".")
    world.git("commit", "-q", "-m", "What judges")
    return world


def answers(world: CommandWorld, **given: str) -> str:
    path = world.root.parent / "answers.yaml"
    path.write_text("".join(f"{name.replace('_', '-')}: {json.dumps(each)}\n" for name, each in given.items()))
    return str(path)


def resume(world: CommandWorld, **given: str) -> Told:
    return world("resume", "--answers", answers(world, **given))


def approve(world: CommandWorld) -> None:
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    assert world("approve", "--digest", digest).code == 0


def not_used(told: Told) -> list[str]:
    return [line.strip() for line in told.error.splitlines() if "is not used" in line]


def page(world: CommandWorld) -> str:
    return world("status", "--review").out


@pytest.fixture
def at_second(tmp_path: Path) -> CommandWorld:
    """The first checkpoint passed with `true`; the second one waits with what that gave, too."""
    world = governed(tmp_path, RUNBOOK)
    assert world("run", "tasks.md", "--answers", answers(world, test_command="true")).code == 3
    approve(world)
    return world


def test_a_test_command_that_failed_is_another_one_since(tmp_path: Path) -> None:
    world = governed(tmp_path, RUNBOOK)
    assert world("run", "tasks.md", "--answers", answers(world, test_command="false")).code == 5
    told = resume(world, test_command="true")
    assert (told.code, not_used(told)) == (3, []), told.error
    assert "tests: exit 0" in page(world)


def test_the_next_checkpoint_takes_another_test_command(at_second: CommandWorld) -> None:
    told = resume(at_second, test_command="test -f tasks.md")
    assert (told.code, not_used(told)) == (3, [])
    assert "test_command" not in told.error
    assert "test -f tasks.md" in at_second("log").out + page(at_second)


def test_what_waits_at_a_gate_keeps_its_test_command_and_says_so(at_second: CommandWorld) -> None:
    assert at_second("resume").code == 3
    before = page(at_second)
    told = resume(at_second, test_command="false")
    assert not_used(told) == [
        "test-command was answered 'true' in task 1, so 'false' of the answers file is not used for what waits at the "
        f"gate; it is taken once that is sent back: phasegate reject {run_of(at_second)} --reason REASON, then resume "
        "with the file"
    ]
    assert page(at_second) == before
    assert at_second("reject", "--reason", "other tests").code == 0
    assert resume(at_second, test_command="false").code == 5


def run_of(world: CommandWorld) -> str:
    return str(json.loads(world("status", "--json").out)["run"])


def ship(tmp_path: Path) -> CommandWorld:
    return governed(tmp_path, CHECKED, CHECKS)


def test_what_fills_a_check_is_taken_by_the_next_task_also_before_the_profile(tmp_path: Path) -> None:
    world = ship(tmp_path)
    given = answers(world, profile="dev", place="tasks.md")
    assert world("run", "tasks.md", "--answers", given).code == 3
    assert world("done", "--no-files", "--answers", given).code == 0
    approve(world)
    given = answers(world, profile="dev", place="tasks.checks.yaml", kept="none.txt")
    assert world("resume", "--answers", given).code == 3
    told = world("done", "--no-files", "--answers", given)
    assert told.code == 5, told.error
    assert "none.txt" in told.error
    assert "kept.txt" not in told.error


def test_a_profile_and_what_is_approved_stay_and_are_told(tmp_path: Path) -> None:
    world = ship(tmp_path)
    (world.root / "kept.txt").write_text("x")
    given = answers(world, profile="dev", place="tasks.md")
    assert world("run", "tasks.md", "--answers", given).code == 3
    assert world("done", "--no-files", "--answers", given).code == 0
    approve(world)
    told = resume(world, profile="production", place="tasks.md", first_box_1="no")
    assert not_used(told) == [
        "profile was answered 'dev' in task First, so 'production' of the answers file is not used: a run keeps its "
        "profile; for another one: phasegate run tasks.md"
    ]
