"""Back from anywhere: stopped, planned, approved, taken back, verified, committed; re-read from disk and git."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from phases.step import Check
from state.errors import BadInput, PhasegateError, Rejected, StepFailed, Waiting
from state.events import Event
from state.fold import fold
from state.position import Outcome
from tests.worlds.journals import journal_bytes
from tests.worlds.taking_back import RETURNED, Broken, TakingBack
from workflow.engine.engine import Engine, Settings
from workflow.engine.rollback_plan import NOTIFIED
from workflow.ports import Approve, Elsewhere, Pause, Reject, ReviewView, Verdict
from workflow.runs.find_run import events_of, is_over
from workflow.views.status_of_run import status_view

PLAN = "artifacts/shed/rollback-plan.md"
THERE = ["shed task 1.1: Choose a colour", "shed task 1.2: Order the paint", "shed task 2.1: Paint the walls"]
BACK = ["shed rollback R1: Plan the rollback", "shed rollback R2: Return the paint"]


@pytest.fixture
def world(tmp_path: Path) -> TakingBack:
    return TakingBack(tmp_path)


def at_gate_of_second(world: TakingBack) -> None:
    world.person.verdicts = [Approve("prompt"), Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()


def status(world: TakingBack) -> dict[str, object]:
    return status_view(fold(events_of(world.root, world.run_id))).to_json()


def assert_rolled_back(world: TakingBack, there: list[str]) -> None:
    """The end, read again: commits in order, a clean tree, nothing outside, a sound audit, nothing more to do."""
    assert world.subjects() == [*there, *BACK]
    assert world.git("status", "--porcelain", "--untracked-files=no") == ""
    assert world.outside == []
    found = world.audit()
    assert [finding.message for finding in found.findings] == []
    assert found.state == "rolled_back"
    assert (
        found.git_sequence
        == found.journal_sequence
        == [
            *("t1_1", "t1_2", "t2_1")[: len(there)],
            "rollback_1",
            "rollback_2",
            "rolled-back",
        ]
    )
    with world.reopen() as engine, pytest.raises(Rejected, match="was rolled back"):
        engine.drive()


# --- from several states


@pytest.mark.slow
def test_a_run_is_rolled_back_from_the_gate_it_waits_at(world: TakingBack) -> None:
    at_gate_of_second(world)
    with world.start_rollback() as engine:
        engine.drive()
        assert engine.outcome is Outcome.ROLLED_BACK
        assert world.statuses(engine) == ["done", "stopped", "pending"]
    assert len(world.returned) == 1
    assert world.history == ["order"]
    assert_rolled_back(world, THERE[:1])
    message = world.git("log", "-1", "--format=%B")
    assert "\nPhasegate-Task: rollback_2\nPhasegate-Approval: " in message
    assert "\nPhasegate-End: rolled-back\nApproved-by: Ada <ada@example.com>\n" in message
    assert "Phasegate-End" not in world.git("log", "-1", "--format=%B", "HEAD~1")


def test_a_run_is_rolled_back_before_its_first_task(world: TakingBack) -> None:
    with world.start():
        pass
    with world.start_rollback() as engine:
        engine.drive()
    assert_rolled_back(world, [])


@pytest.mark.slow
def test_a_complete_run_is_rolled_back(world: TakingBack) -> None:
    with world.start() as engine:
        engine.drive()
    with world.start_rollback() as engine:
        engine.drive()
    assert "was stopped after its last task" in (world.root / PLAN).read_text()
    assert_rolled_back(world, THERE)


def test_a_run_whose_step_failed_is_rolled_back(world: TakingBack) -> None:
    world.failing = [Check("is dry", "dry", "wet", "fail")]
    with world.start() as engine, pytest.raises(StepFailed):
        engine.drive()
    with world.start_rollback() as engine:
        engine.drive()
    assert_rolled_back(world, [])


@pytest.mark.slow
def test_an_effect_in_doubt_is_listed_as_such_and_taken_back(tmp_path: Path) -> None:
    world = Broken(tmp_path)
    with suppress(KeyboardInterrupt), world.start() as engine:
        engine.drive()
    assert len(world.outside) == 1
    with world.start_rollback() as engine:
        engine.drive()
    plan = (world.root / PLAN).read_text()
    assert "order (in doubt): order `green paint" in plan
    assert "| order of 1.2 Order the paint | done or not | nobody knows: look | note |" in plan
    assert len(world.returned) == 1
    assert_rolled_back(world, THERE[:1])


@pytest.mark.slow
def test_approved_and_half_prepared_is_taken_away_again_before_the_way_back(world: TakingBack) -> None:
    """Killed after ticks and log entry, before the intent of the commit."""
    with suppress(KeyboardInterrupt), world.start() as engine:
        engine.drive(lambda task: task.id == "1.1")
        die_before(engine, "commit-intended")
        engine.drive()
    assert world.boxes() == "xxx  "
    assert "## 1.2 " in (world.root / "artifacts/shed/working_log.md").read_text()
    with world.start_rollback() as engine:
        engine.drive()
    assert world.boxes() == " x   "
    log = (world.root / "artifacts/shed/working_log.md").read_text()
    assert [log.count(f"## {title}") for title in ("1.1 ", "1.2 ", "R1 ", "R2 ")] == [1, 0, 1, 1]
    assert_rolled_back(world, THERE[:1])


@pytest.mark.slow
def test_a_commit_that_was_made_and_not_recorded_counts_as_done(world: TakingBack) -> None:
    with suppress(KeyboardInterrupt), world.start() as engine:
        make = engine._commits.make
        engine._commits.make = lambda state: (make(state), die())[0]  # type: ignore[method-assign]
        engine.drive()
    with world.start_rollback() as engine:
        engine.drive()
    assert_rolled_back(world, THERE[:1])


@pytest.mark.slow
def test_files_changed_after_their_approval_do_not_stand_in_the_way(world: TakingBack) -> None:
    at_gate_of_second(world)
    (world.root / "artifacts/shed/colour.md").write_text("pink\n")
    with pytest.raises(BadInput, match="changed after their approval"), world.reopen() as engine:
        engine.drive()
    with world.start_rollback() as engine:
        engine.drive()
    assert world.git("status", "--porcelain") == " M artifacts/shed/colour.md\n"
    world.git("checkout", "--", ".")
    assert_rolled_back(world, THERE[:1])


# --- the plan


@pytest.mark.slow
def test_the_plan_says_why_how_bad_what_was_done_and_what_comes(world: TakingBack) -> None:
    with world.start() as engine:
        engine.drive(lambda task: task.id == "1.2")
    sha = world.git("rev-parse", "HEAD").strip()
    world.person.views.clear()
    with world.start_rollback("the paint leaks") as engine:
        engine.drive()
    view = world.person.views[0]
    assert view.worked.review[0].body == "Approving this begins the rollback at once: R2 Return the paint."
    assert [section.title for section in view.worked.review] == [
        "Approving this",
        "Why",
        "What is going to be done",
        "What was done, newest first",
    ]
    plan = (world.root / PLAN).read_text()
    when = r"2026-01-02 03:04:\d\d UTC\n"  # no milliseconds where people read
    assert re.search(rf"- Reason: the paint leaks\n- By Ada <ada@example.com> at {when}", plan)
    assert "was stopped before task 2.1 (Paint the walls)" in plan
    assert "| critical functionality is broken | yes or no | yes, says Ada &lt;ada@example.com> | attested |" in plan
    assert "| people were told | who | the whole street, says Ada &lt;ada@example.com> | attested |" in plan
    rows = [line for line in plan.splitlines() if line.startswith(("| 1.1", "| 1.2"))]
    assert [row.split(" | ")[0] for row in rows] == ["| 1.2 Order the paint", "| 1.1 Choose a colour"]
    assert f"committed as `{sha[:10]}` | order: order `green paint" in rows[0]
    assert "- R2 Return the paint: Send back what was ordered, the latest first" in plan


@pytest.mark.slow
def test_nothing_is_taken_back_before_the_plan_is_approved(world: TakingBack) -> None:
    at_gate_of_second(world)
    world.person.verdicts = [Pause()]
    with world.start_rollback() as engine, pytest.raises(Waiting, match="task R1 waits for approval"):
        engine.drive()
    assert (len(world.outside), world.returned) == (1, [])
    assert status(world)["state"] == "rolling_back"
    with world.reopen() as engine:
        engine.drive()
    assert_rolled_back(world, THERE[:1])


@pytest.mark.slow
def test_a_plan_that_was_rejected_is_made_anew_and_says_so(world: TakingBack) -> None:
    at_gate_of_second(world)
    world.person.verdicts = [Reject("ask the neighbours first")]
    with world.start_rollback() as engine:
        engine.drive()
        assert engine.run.tasks["rollback_1"].attempt == 2
    log = (world.root / "artifacts/shed/working_log.md").read_text()
    assert "- Rollback, because it leaks\n" in log
    assert "- attempt 1 rejected by Ada <ada@example.com>: ask the neighbours first" in log
    assert [name for name, _ in world.person.asked].count("rollback-security") == 2
    assert_rolled_back(world, THERE[:1])


@pytest.mark.slow
def test_none_of_the_criteria_is_noted_and_no_obstacle(world: TakingBack) -> None:
    at_gate_of_second(world)
    world.person.answers["rollback-critical-functionality"] = "no"
    with world.start_rollback() as engine:
        engine.drive()
    assert "| one of these holds | at least one | none | note |" in (world.root / PLAN).read_text()


def test_the_criteria_are_asked_without_a_suggestion(world: TakingBack) -> None:
    at_gate_of_second(world)
    with world.start_rollback() as engine:
        engine.drive()
    assert {suggestion for name, suggestion in world.person.asked if name.startswith("rollback-")} == {None}


def test_no_policy_opens_the_gate_of_a_rollbacks_plan(world: TakingBack) -> None:
    (world.root / "phasegate.yaml").write_text('gates:\n  - {gate: "R1", workflow: shed, opened_by_policy: true}\n')
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "policy")
    at_gate_of_second(world)
    world.person.verdicts = [Pause()]
    with world.start_rollback() as engine, pytest.raises(Waiting, match="task R1 waits for approval"):
        engine.drive()
    assert world.person.views[-1].policy.opened_by_policy


def test_with_yes_in_the_sandbox_it_goes_by_itself_and_takes_the_defaults(world: TakingBack) -> None:
    at_gate_of_second(world)
    world.person.asked.clear()
    with world.start_rollback(settings=Settings(yes=True, practice=True)) as engine:
        engine.drive()
    assert world.person.asked == []
    assert "people were told | who | nobody, says" in (world.root / PLAN).read_text()


# --- by hand


SECTIONS = {
    "a section of its own": (b"\n## Rollback Procedures\n\n1. Call:\n   ```bash\n   shop cancel\n   ```\n", "Call"),
    "named otherwise": (b"\n## How to roll back\n\nScrape it off.\n\n### Further down\n\nAll of it.\n", "All of it."),
    "none": (b"", "The runbook does not say how to roll back."),
    "in a fence only": (b"\n```\n## Rollback\n```\n", "The runbook does not say how to roll back."),
}


@pytest.mark.slow
@pytest.mark.parametrize("which", SECTIONS)
def test_without_steps_the_runbooks_own_section_is_what_is_to_be_done(tmp_path: Path, which: str) -> None:
    from tests.worlds.run_world import RUNBOOK

    section, said = SECTIONS[which]
    world = TakingBack(tmp_path, runbook=RUNBOOK + section, by_hand=True)
    at_gate_of_second(world)
    with world.start_rollback() as engine:
        task = engine.plan.rollback[1]
        assert (task.id, task.title, task.exit_criteria[2]) == ("R2", "Roll back by hand", "the system is stable again")
        assert said in task.text
        assert [command.text for command in task.commands] == (["shop cancel"] if b"cancel" in section else [])
        engine.drive()
        assert engine.outcome is Outcome.ROLLED_BACK
    assert world.subjects() == [THERE[0], BACK[0], "shed rollback R2: Roll back by hand"]
    assert world.findings() == []
    assert said in (world.root / PLAN).read_text()


def test_a_phase_about_rolling_back_is_not_taken_for_the_procedure(tmp_path: Path) -> None:
    from workflow.engine.rollback_tasks import rollback_section
    from workflow.runbook.reader import read_runbook

    data = (
        b"# D\n\n## Phase 1: Go\n\n- x\n\n## Phase 2: Rollback Preparation\n\n- write it\n\n"
        b"## Rollback Procedures\n\n1. Undo\n\n## After\n\n- y\n"
    )
    plan = read_runbook(data, name="d", path="d.md")
    assert rollback_section(data, plan) == "## Rollback Procedures\n\n1. Undo"
    only = data[: data.index(b"## Rollback Proc")]
    assert rollback_section(only, read_runbook(only, name="d", path="d.md")).startswith("## Phase 2: Rollback Prep")


@pytest.mark.parametrize("heading", ["Troubleshooting", "In an emergency"])
def test_whatever_the_reader_takes_for_the_way_back_is_what_is_done_by_hand(heading: str) -> None:
    from workflow.engine.rollback_tasks import rollback_section
    from workflow.runbook.reader import read_runbook

    data = f"# D\n\n## Deploy\n- [ ] A\n\n## Test the rollback\n- [ ] B\n\n## {heading}\n- [ ] Restart\n".encode()
    plan = read_runbook(data, name="d", path="d.md")
    assert [task.title for task in plan.tasks] == ["Deploy", "Test the rollback"]
    assert rollback_section(data, plan) == f"## {heading}\n- [ ] Restart"
    both = data + b"\n## Rollback\n- [ ] Undo\n"
    assert rollback_section(both, read_runbook(both, name="d", path="d.md")) == "## Rollback\n- [ ] Undo"


def test_where_no_heading_says_how_to_go_back_its_labels_do() -> None:
    from workflow.engine.rollback_tasks import rollback_section
    from workflow.runbook.reader import read_runbook

    data = (
        b"# D\n\n## Deploy\n- [ ] A\n\n**Rollback**\n\n- [ ] Undo\n\n**After**\n\n- [ ] Tell\n- Roll back: `make old`\n"
    )
    assert (
        rollback_section(data, read_runbook(data, name="d", path="d.md"))
        == "**Rollback**\n\n- [ ] Undo\n\n- Roll back: `make old`"
    )


# --- interrupted, refused, from elsewhere


def die() -> None:
    raise KeyboardInterrupt


def die_before(engine: Engine, type_: str) -> None:
    append = engine.journal.append

    def dying(kind: str, *arguments: object, **fields: object) -> Event:
        if kind == type_:
            raise KeyboardInterrupt
        return append(kind, *arguments, **fields)  # type: ignore[arg-type]

    engine.journal.append = dying  # type: ignore[method-assign]


@pytest.mark.slow
def test_a_step_that_failed_on_the_way_back_goes_on_when_its_cause_is_mended(world: TakingBack) -> None:
    at_gate_of_second(world)
    order = world.outside[0]
    world.outside.append(order)  # it was delivered twice: one stays
    with world.start_rollback() as engine, pytest.raises(StepFailed, match="task R2: 1 of 1 checks failed"):
        engine.drive()
    assert status(world)["state"] == "rolling_back"
    world.outside.clear()
    with world.reopen() as engine:
        engine.drive()
    assert_rolled_back(world, THERE[:1])


def test_nobody_there_the_questions_come_from_a_file_and_the_approval_from_elsewhere(world: TakingBack) -> None:
    at_gate_of_second(world)
    world.person.absent = True
    with (
        world.start_rollback() as engine,
        pytest.raises(Waiting, match="Is this the case: critical functionality is broken") as w,
    ):
        engine.drive()
    asked = """answers.yaml   # add, each with its answer: rollback-critical-functionality: "yes" or "no"\n"""
    assert f"${{EDITOR:-vi}} {asked}" in w.value.next_command
    settings = Settings(answers=world.person.answers)
    with world.reopen(settings) as engine, pytest.raises(Waiting, match="task R1 waits for approval"):
        engine.drive()
    for key in ("rollback_1", "rollback_2"):
        waiting = status(world)["waiting_for"]
        assert isinstance(waiting, dict)
        assert waiting["task"] == key
        with world.reopen(work=False) as engine:
            engine.resolve_commit()
            engine.approve(str(waiting["digest"])[:7], "command", by=engine.doors.me)
        with world.reopen() as engine, suppress(Waiting):
            engine.drive()
    assert_rolled_back(world, THERE[:1])


@pytest.mark.slow
def test_a_question_that_stands_goes_away_when_the_run_is_rolled_back_elsewhere(world: TakingBack) -> None:
    def elsewhere(view: ReviewView) -> Verdict:
        world.person.verdicts = [Pause()]
        with world.start_rollback("stop it") as engine, pytest.raises(Waiting):
            engine.drive()
        assert view.decided()
        return Elsewhere()

    world.person.verdicts = [elsewhere]
    with world.start() as engine, pytest.raises(Rejected, match="is being rolled back, begun elsewhere: stop it"):
        engine.drive()
    with world.reopen() as engine:
        engine.drive()
    assert_rolled_back(world, [])


@pytest.mark.parametrize("how", ["rolling back", "rolled back", "aborted"])
def test_a_run_is_rolled_back_once(world: TakingBack, how: str) -> None:
    at_gate_of_second(world)
    if how == "aborted":
        with world.reopen() as engine:
            engine.abort("no more")
    else:
        world.person.verdicts = [Pause()] if how == "rolling back" else []
        with world.start_rollback() as engine, suppress(Waiting):
            engine.drive()
    before = journal_bytes(world.root / ".phasegate" / world.run_id / "journal.jsonl")
    expected = "is being rolled back already" if how == "rolling back" else f"was {how}"
    with pytest.raises(PhasegateError, match=expected), world.start_rollback("again"):
        pass
    assert journal_bytes(world.root / ".phasegate" / world.run_id / "journal.jsonl") == before


@pytest.mark.slow
def test_a_rollback_that_cannot_be_finished_is_aborted(world: TakingBack) -> None:
    at_gate_of_second(world)
    world.person.verdicts = [Approve("prompt"), Pause()]
    with world.start_rollback() as engine, pytest.raises(Waiting):
        engine.drive()
    with world.reopen() as engine:
        engine.abort("the shop has closed")
    found = world.audit()
    assert (found.state, [finding.message for finding in found.findings]) == ("aborted", [])
    assert found.git_sequence == ["t1_1", "rollback_1", "aborted"]


@pytest.mark.slow
def test_a_request_of_a_plan_that_expired_counts_as_rejected(world: TakingBack) -> None:
    at_gate_of_second(world)
    world.person.verdicts = [Pause()]
    with world.start_rollback() as engine, pytest.raises(Waiting):
        engine.drive()
    world.clock.at += timedelta(hours=25)
    with world.reopen() as engine:
        engine.drive()
    assert_rolled_back(world, THERE[:1])


@pytest.mark.slow
def test_a_rule_for_a_gate_of_the_way_back_is_no_idle_rule(world: TakingBack) -> None:
    (world.root / "phasegate.yaml").write_text('gates:\n  - {gate: "R3", workflow: shed, approvers: 2}\n')
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "policy")
    with pytest.raises(BadInput, match="rules for gates that shed does not have"):
        world.start().__enter__()
    (world.root / "phasegate.yaml").write_text('gates:\n  - {gate: "R2", workflow: shed, approvers: 2}\n')
    world.git("commit", "-q", "-a", "-m", "policy")
    at_gate_of_second(world)
    world.person.verdicts = [Approve("prompt"), Approve("prompt"), Pause()]
    with world.start_rollback() as engine, pytest.raises(Waiting, match=r"task R2 waits .* \(1 approval of"):
        engine.drive()


# --- what is shown


def test_status_tells_the_way_back_behind_the_plan(world: TakingBack) -> None:
    at_gate_of_second(world)
    world.person.verdicts = [Approve("prompt"), Pause()]
    with world.start_rollback() as engine, pytest.raises(Waiting):
        engine.drive()
    seen = status(world)
    tasks = seen["tasks"]
    assert isinstance(tasks, list)
    assert [(task["id"], task["status"]) for task in tasks] == [
        ("1.1", "done"),
        ("1.2", "stopped"),
        ("2.1", "pending"),
        ("R1", "done"),
        ("R2", "in-review"),
    ]
    assert set(tasks[-1]) == {"id", "key", "title", "status", "commit", "approved_by", "skipped", "taken_back"}
    rollback = seen["rollback"]
    assert isinstance(rollback, dict)
    assert (rollback["reason"], rollback["by"]) == ("it leaks", "Ada <ada@example.com>")
    assert seen["progress"] == {"done": 2, "total": 5}
    json.dumps(seen)


@pytest.mark.slow
def test_it_is_over_when_the_way_back_is_and_not_before(world: TakingBack) -> None:
    at_gate_of_second(world)
    world.person.verdicts = [Approve("prompt"), Pause()]
    with world.start_rollback() as engine, suppress(Waiting):
        engine.drive()
    assert not is_over(world.root, world.run_id)
    with world.reopen() as engine:
        engine.drive()
    assert is_over(world.root, world.run_id)


def test_without_a_rollback_status_says_null(world: TakingBack) -> None:
    at_gate_of_second(world)
    assert status(world)["rollback"] is None


def test_a_file_that_the_way_back_writes_is_part_of_its_commit(world: TakingBack) -> None:
    at_gate_of_second(world)
    with world.start_rollback() as engine:
        engine.drive()
    changed = world.git("show", "--name-only", "--format=", "HEAD").split()
    assert sorted(changed) == sorted(
        [RETURNED, "artifacts/shed/working_log.md", f".phasegate/{world.run_id}/journal/00/02.jsonl"]
    )


@pytest.mark.parametrize("answer", ["", "  "])
def test_nobody_is_an_answer_to_who_was_told_and_nothing_is_none(answer: str) -> None:
    assert NOTIFIED.problem_with("nobody") is None
    assert NOTIFIED.problem_with(answer) == "expected who, or nobody, seen nothing"
