"""The checks beside a runbook judge as they are committed; a change under the run is shown, recorded and audited."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld, Told
from tests.worlds.forger import Forger

pytestmark = pytest.mark.slow

RUNBOOK = b"# Ship\n\n## Verify\n\n- [ ] Table is encrypted\n- [ ] Told support\n\n## End\n\n- [ ] Done\n"
CHECKS = """\
checks:
  - {id: enc, name: Encrypted, command: {run: "grep -q encrypted state.txt"}, criterion: Table is encrypted}
"""
SOFT = CHECKS.replace("q encrypted", "q plain")
BESIDE = "tasks.checks.yaml"
SHOWN = "### Its checks are others than when the run began"
SAID = "not checked: checks beside the runbook as when the run began"


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """A run whose first task was handed in, and whose check failed."""
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    (world.root / "state.txt").write_text("plain\n")
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
    write(world, CHECKS)
    commit(world)
    assert world("run", "tasks.md").code == 3
    assert done(world).code == 5
    return world


def write(world: CommandWorld, text: str) -> None:
    (world.root / BESIDE).write_text(text)


def commit(world: CommandWorld) -> None:
    world.git("add", "--", BESIDE, "phasegate.yaml")
    world.git("commit", "-qm", "Checks")


def done(world: CommandWorld) -> Told:
    return world("done", "--no-files", "--box", "2=yes")


def approve(world: CommandWorld) -> None:
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    assert world("approve", "--digest", digest).code == 0
    assert world("resume").code in (0, 3)


def audited(world: CommandWorld) -> dict[str, list[str]]:
    (run,) = json.loads(world("audit", "--json").out)["runs"]
    return {what: [each["code"] for each in run[what]] for what in ("findings", "unprovable")}


@pytest.mark.parametrize(
    "softened",
    [SOFT, CHECKS.replace("}, criterion", "}, severity: note, criterion"), "", None],
    ids=["another", "note", "empty", "deleted"],
)
def test_checks_that_are_not_as_committed_judge_nothing(world: CommandWorld, softened: str | None) -> None:
    write(world, softened or "")
    if softened is None:
        (world.root / BESIDE).unlink()
    before = world.files()
    told = world("resume")
    assert told.code == 2
    assert BESIDE in told.error
    if softened != "":  # which is no checks file at all
        assert f"the checks must be as committed, and {BESIDE}" in told.error
    assert world("done", "--no-files", "--box", "2=yes", "--box", "1=yes").code == 2
    assert world.files() == before
    world.git("restore", "--", BESIDE)
    assert done(world).code == 5


def test_a_file_that_would_count_before_the_committed_one_is_refused(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    (world.root / "checks.yaml").write_text(CHECKS)
    world.git("add", "checks.yaml")
    world.git("commit", "-qm", "Checks")
    write(world, SOFT)
    told = world("run", "tasks.md")
    assert told.code == 2
    assert f"{BESIDE} is not committed" in told.error
    assert not (world.root / ".phasegate").exists()


def test_checks_mended_by_a_commit_are_shown_with_the_difference_and_listed(world: CommandWorld) -> None:
    write(world, SOFT)
    commit(world)
    assert done(world).code == 0
    page = world("status", "--review").out
    assert SHOWN in page
    assert SAID in page
    assert '> +  - {id: enc, name: Encrypted, command: {run: "grep -q plain state.txt"}' in page
    approve(world)
    assert audited(world)["findings"] == []
    assert "checks-changed" in audited(world)["unprovable"]


def test_a_task_whose_own_checks_are_the_same_says_nothing(world: CommandWorld) -> None:
    (world.root / "state.txt").write_text("encrypted\n")
    write(world, f"# moved down\n{CHECKS}  - {{id: end, name: End, file: {{path: state.txt}}, criterion: Done}}\n")
    commit(world)
    assert done(world).code == 0
    page = world("status", "--review").out
    assert SHOWN not in page
    assert SAID not in page
    approve(world)
    assert audited(world)["findings"] == []
    assert world("done", "--no-files").code == 0
    assert SHOWN in world("status", "--review").out


@pytest.mark.parametrize("changed", [False, True], ids=["as when it began", "changed"])
def test_no_policy_opens_a_gate_behind_changed_checks(tmp_path: Path, *, changed: bool) -> None:
    world = CommandWorld(tmp_path, runbook=b"# Ship\n\n## Verify\n\n- [ ] Table is encrypted\n\n## End\n\n- [ ] Done\n")
    (world.root / "state.txt").write_text("encrypted\n")
    (world.root / "phasegate.yaml").write_text("default: {opened_by_policy: true}\n")
    write(world, CHECKS)
    world.git("add", "-A")
    world.git("commit", "-qm", "Checks")
    assert world("run", "tasks.md").code == 3
    if changed:
        write(world, CHECKS.replace("-q encrypted", "-q encr"))
        commit(world)
    assert world("done", "--no-files").code == 0
    world("resume")
    assert world.subjects()[-1] == ("Checks" if changed else "tasks: Verify")


def test_the_audit_finds_checks_that_no_commit_holds_and_a_change_that_was_not_shown(world: CommandWorld) -> None:
    (world.root / "state.txt").write_text("encrypted\n")
    assert done(world).code == 0
    approve(world)
    assert audited(world)["findings"] == []
    forger = Forger(world.root, world.run_id)

    def others(events: list[dict[str, object]]) -> list[dict[str, object]]:
        worked = next(event for event in events if event["type"] == "worked")
        data = worked["data"]
        assert isinstance(data, dict)
        data["judged_by"][BESIDE] = "0" * 64
        return events

    forger.rewrite(others)
    assert "checks-differ" in forger.codes()


def test_status_says_that_checks_are_not_on_record_and_what_puts_them_there(world: CommandWorld) -> None:
    told = f"{BESIDE} is not as HEAD has it"
    assert told not in world("status").out
    assert json.loads(world("status", "--json").out)["checks_not_committed"] is None
    write(world, SOFT)
    seen = world("status")
    assert told in seen.out
    assert json.loads(world("status", "--json").out)["checks_not_committed"] == BESIDE
    world.type(Told(0, "", seen.out + seen.error).next)
    assert told not in world("status").out
    assert world.git("log", "-1", "--format=%s").strip() == "Checks"


def test_status_says_that_checks_were_never_committed(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    assert world("run", "tasks.md").code == 3
    write(world, CHECKS)
    assert f"{BESIDE} is not as HEAD has it" in world("status").out


ABOUT_IT = CHECKS.replace("-q encrypted", "-q plain")
ABOUT_ANOTHER = "checks:\n  - {id: end, name: End, file: {path: state.txt}, criterion: Done}\n"


@pytest.fixture
def waiting(tmp_path: Path) -> CommandWorld:
    """A run whose first task was handed in and waits; there are no checks yet."""
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    (world.root / "state.txt").write_text("plain\n")
    (world.root / "phasegate.yaml").write_text("default: {operator_may_approve: true}\n")
    world.git("add", "state.txt", "phasegate.yaml")
    world.git("commit", "-qm", "State")
    assert world("run", "tasks.md").code == 3
    assert world("done", "--no-files", "--box", "1=yes", "--box", "2=yes").code == 0
    return world


def digest_of(world: CommandWorld) -> str:
    return str(json.loads(world("status", "--json").out)["waiting_for"]["digest"])


def commits_checks(world: CommandWorld, text: str, path: str = BESIDE) -> None:
    (world.root / path).write_text(text)
    world.git("add", "--", path)
    world.git("commit", "-qm", "Checks", "--", path)


def test_checks_committed_while_work_waits_void_it_before_an_approval_counts(waiting: CommandWorld) -> None:
    before = digest_of(waiting)
    commits_checks(waiting, ABOUT_IT)
    told = waiting("approve", "--digest", before)
    assert told.code == 2
    assert f"{BESIDE} changed since" in told.error
    assert "its page did not say so" in told.error
    assert waiting("resume").code == 3
    assert waiting("done", "--no-files", "--box", "2=yes").code == 0
    assert SHOWN in waiting("status", "--review").out
    approve(waiting)
    assert audited(waiting) == {"findings": [], "unprovable": audited(waiting)["unprovable"]}
    assert "checks-changed" in audited(waiting)["unprovable"]


def test_checks_committed_after_the_approval_void_it_before_the_commit(waiting: CommandWorld) -> None:
    assert waiting("approve", "--digest", digest_of(waiting)).code == 0
    commits_checks(waiting, ABOUT_IT)
    told = waiting("resume")
    assert "approval void" in told.error
    assert waiting.subjects()[-1] == "Checks"


def test_checks_of_other_tasks_committed_while_work_waits_are_nothing_to_it(waiting: CommandWorld) -> None:
    before = digest_of(waiting)
    commits_checks(waiting, ABOUT_ANOTHER)
    assert waiting("approve", "--digest", before).code == 0
    assert waiting("resume").code == 3
    assert audited(waiting)["findings"] == []


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [(BESIDE, SOFT, f"{BESIDE}: judged by"), ("tasks.checks.yaml", ABOUT_IT, "tasks.checks.yaml")],
    ids=["the same file", "put back"],
)
def test_checks_that_judged_and_are_others_now_void_what_waits(
    world: CommandWorld, path: str, text: str, why: str
) -> None:
    (world.root / "state.txt").write_text("encrypted\n")
    if text is ABOUT_IT:  # the page says that there are none any more, and then there are again
        world.git("rm", "-q", "--", BESIDE)
        world.git("commit", "-qm", "None")
        assert world("done", "--no-files", "--box", "1=yes", "--box", "2=yes").code == 0
    else:
        assert done(world).code == 0
    before = digest_of(world)
    commits_checks(world, text, path)
    told = world("approve", "--digest", before)
    assert told.code == 2
    assert why in told.error


@pytest.mark.parametrize("mark", ["skip-worktree", "assume-unchanged"])
def test_checks_whose_changes_git_was_told_not_to_see_are_refused_with_what_lifts_that(
    world: CommandWorld, mark: str
) -> None:
    world.git("update-index", f"--{mark}", BESIDE)
    write(world, SOFT)
    told = done(world)
    assert (told.code, f"which git does not see: it is marked {mark}" in told.error) == (2, True)
    assert told.next.startswith(f"git update-index --no-{mark} {BESIDE}")
    world.type(told.next)
    assert "git -P diff HEAD" in done(world).error
