"""A runbook is its path: no link, copy, move, workflow or shape lets a run of it begin without the rules for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld

pytestmark = pytest.mark.slow
JOB = b"# Job\n\n- [ ] 1. Prepare\n  - [ ] 1.1 Choose\n  - [ ] 1.2 Buy\n- [ ] 2. Paint\n"
RULE = 'gates:\n  - {gate: "*", workflow: job, approvers: 2}\n'


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=b"# Another\n\n- [ ] 1. Sweep\n")
    (world.root / "job.md").write_bytes(JOB)
    (world.root / "phasegate.yaml").write_text(RULE)
    commits(world, "A runbook and its rule")
    return world


def commits(world: CommandWorld, subject: str) -> None:
    world.git("add", "-A")
    world.git("commit", "-q", "-m", subject)


def runs_of(world: CommandWorld) -> list[str]:
    return [each.name.rsplit("-", 3)[0] for each in (world.root / ".phasegate").glob("*-2*")]


def link(world: CommandWorld) -> str:
    (world.root / "l2.md").symlink_to("job.md")
    return "l2.md"


def link_that_is_committed(world: CommandWorld) -> str:
    link(world)
    commits(world, "A link")
    return "l2.md"


def link_in_a_directory(world: CommandWorld) -> str:
    (world.root / "d").mkdir()
    (world.root / "d" / "x.md").symlink_to("../job.md")
    return "d/x.md"


def link_on_the_way(world: CommandWorld) -> str:
    (world.root / "here").symlink_to(".", target_is_directory=True)
    return "here/job.md"


def link_to_a_link(world: CommandWorld) -> str:
    link(world)
    (world.root / "l3.markdown").symlink_to("l2.md")
    return "l3.markdown"


@pytest.mark.parametrize(
    "reached", [link, link_that_is_committed, link_in_a_directory, link_on_the_way, link_to_a_link]
)
def test_a_runbook_that_is_reached_over_a_link_has_its_own_name(
    world: CommandWorld, reached: Callable[[CommandWorld], str]
) -> None:
    assert world("run", reached(world)).code == 3
    assert runs_of(world) == ["job"]


def moved(world: CommandWorld) -> str:
    world.git("mv", "job.md", "other.md")
    return "other.md"


def moved_and_edited(world: CommandWorld) -> str:
    moved(world)
    (world.root / "other.md").write_bytes(JOB + b"- [ ] 3. Clean up\n")
    return "other.md"


def moved_into_a_directory(world: CommandWorld) -> str:
    (world.root / "plans").mkdir()
    world.git("mv", "job.md", "plans/work.md")
    return "plans/work.md"


def another_name_and_a_link_in_its_place(world: CommandWorld) -> str:
    moved(world)
    (world.root / "job.md").symlink_to("other.md")
    return "other.md"


def copied(world: CommandWorld) -> str:
    (world.root / "other.md").write_bytes(JOB)
    return "other.md"


def copied_with_ticks_and_blanks(world: CommandWorld) -> str:
    (world.root / "other.md").write_bytes(JOB.replace(b"[ ] 1.1", b"[-] 1.1").replace(b"\n", b"  \r\n"))
    return "other.md"


@pytest.mark.parametrize(
    "put",
    [
        moved,
        moved_and_edited,
        moved_into_a_directory,
        another_name_and_a_link_in_its_place,
        copied,
        copied_with_ticks_and_blanks,
    ],
)
def test_a_rule_that_governs_nothing_since_its_runbook_was_moved_or_copied_refuses_the_start(
    world: CommandWorld, put: Callable[[CommandWorld], str]
) -> None:
    path = put(world)
    commits(world, "Put elsewhere")
    told = world("run", path)
    assert (told.code, runs_of(world)) == (2, []), told.error
    assert "phasegate.yaml has rules for job.md" in told.error
    assert "phasegate.yaml:2:6: expected a rule for workflow:" in told.error
    assert world("plan", path).error == told.error.replace("phasegate run", "phasegate plan")
    name = "plans-work" if "/" in path else "other"
    (world.root / "phasegate.yaml").write_text(RULE + f'  - {{gate: "*", workflow: {name}, approvers: 2}}\n')
    commits(world, "A rule for it, too")
    told = world("run", path, *(["--adopt"] if put is copied_with_ticks_and_blanks else []))
    assert told.code in (2, 3) and "has rules for job.md" not in told.error


def test_rules_for_other_runbooks_are_in_nobodys_way(world: CommandWorld) -> None:
    """A rule for a runbook that is in HEAD, one for none that ever was, one for a workflow, and a pattern."""
    more = "".join(f'  - {{gate: "*", workflow: "{name}", approvers: 2}}\n' for name in ("later", "fleet", "x-*"))
    (world.root / "phasegate.yaml").write_text(RULE + more)
    commits(world, "Rules for many")
    assert world("run", "tasks.md").code == 3


def test_a_runbook_that_was_gone_through_is_put_away_with_its_rules(world: CommandWorld) -> None:
    (world.root / "phasegate.yaml").write_text(RULE.replace("approvers: 2", "expires: 1h"))
    commits(world, "One approver")
    assert world("run", "job.md", "--sandbox", "--yes", "--practice").code == 0
    (world.root / "archive").mkdir()
    world.git("mv", "job.md", "archive/job.md")
    commits(world, "Done")
    assert world("run", "tasks.md").code == 3
    (world.root / "again.md").write_bytes(JOB)
    commits(world, "Once more")
    told = world("run", "again.md")
    assert told.code == 2 and "again.md is a copy of it" in told.error


def test_a_workflow_and_its_runbook_are_two_names_of_one_thing(world: CommandWorld) -> None:
    assert world("init", "deployment-infra").code == 0
    (world.root / "phasegate.yaml").write_text('gates:\n  - {gate: "*", workflow: deployment-infra, approvers: 2}\n')
    commits(world, "A workflow")
    told = world("run", "deployment-infra-tasks.md")
    assert told.code == 2 and "phasegate.yaml has rules for deployment-infra, and" in told.error
    assert told.next == "phasegate run deployment-infra"
    (world.root / "phasegate.yaml").write_text(
        'gates:\n  - {gate: "*", workflow: deployment-infra-tasks, approvers: 2}\n'
    )
    commits(world, "By the file's name")
    told = world("run", "deployment-infra")
    assert told.code == 2 and "phasegate.yaml has rules for deployment-infra-tasks, and" in told.error


NUMBERS = 'gates:\n  - {gate: "1.*", approvers: 2}\n'
TITLES = 'gates:\n  - {gate: "Paint", approvers: 2}\n'


@pytest.mark.parametrize("rules", [NUMBERS, TITLES, RULE.replace('"*"', '"1.*"')])
def test_who_starts_a_run_does_not_choose_the_shape_that_no_rule_is_about(world: CommandWorld, rules: str) -> None:
    (world.root / "phasegate.yaml").write_text(rules)
    commits(world, "Rules by name")
    told = world("run", "job.md", "--as", "checklist")
    assert (told.code, runs_of(world)) == (2, []), told.error
    assert world("plan", "job.md", "--as", "checklist").code == 2
    if "workflow" not in rules:
        assert "job.md read as checklist escapes rules of phasegate.yaml" in told.error
        assert "phasegate.yaml:2:6: the rule for" in told.error and "would not as checklist" in told.error
        assert told.next == "phasegate run job.md"
    assert world("run", "job.md", "--as", "tasks").code == 3


def test_another_shape_in_which_every_line_has_the_same_policy_may_be_chosen(world: CommandWorld) -> None:
    (world.root / "phasegate.yaml").write_text('gates:\n  - {gate: "*", approvers: 2}\n')
    commits(world, "One rule for all")
    assert world("run", "job.md", "--as", "checklist").code == 3


def test_a_file_without_a_shape_of_its_own_keeps_the_rules_of_every_shape(world: CommandWorld) -> None:
    """A rule that is about a gate of this shape is no reason to refuse it."""
    (world.root / "phasegate.yaml").write_text('gates:\n  - {gate: "*", approvers: 2}\n  - {gate: "9", approvers: 3}\n')
    commits(world, "A rule for nothing in any shape")
    assert world("run", "job.md", "--as", "checklist").code == 3
