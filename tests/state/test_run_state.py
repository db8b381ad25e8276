"""The fold: what is true after which events, and which events cannot follow each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from state.errors import JournalDamaged
from state.events import make_event
from state.fold import commit_found, fold
from state.position import Outcome
from state.run_state import RunState
from state.task_state import TaskStatus

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BY = {"git": "Ada <ada@example.com>", "user": "ada", "host": "here"}
REQUEST = {
    "digest": "d" * 64,
    "nonce": "n",
    "shown_at": "2026-01-02T03:04:05.000Z",
    "expires_at": "2026-01-03T03:04:05.000Z",
}
EMPTY = {"artifacts": [], "checks": [], "data": {}, "review": [], "witness": {}, "entries": [], "request": REQUEST}
START = (
    "run-started",
    {
        "run": "r",
        "workflow": "w",
        "runbook": "tasks.md",
        "runbook_sha256": "0",
        "plan": "0",
        "branch": "main",
        "base": "0",
        "sandbox": True,
        "by": BY,
        "tasks": [{"id": "1", "key": "t1", "title": "a"}, {"id": "2", "key": "t2", "title": "b"}],
    },
)


def at(task: str, attempt: int = 1, **fields: Any) -> dict[str, Any]:
    return {"task": task, "attempt": attempt, **fields}


def begin(task: str, attempt: int = 1, after: str | None = None) -> tuple[str, dict[str, Any]]:
    return "task-started", at(task, attempt, after=after)


WORKED = ("worked", at("t1", **EMPTY))
APPROVED = ("approved", at("t1", digest="d" * 64, nonce="n", by=BY, via="prompt", admits=True))
COMMIT = ("commit-intended", at("t1", message="m", entries=[], approval="d" * 64))

TAKEN = (
    "runbook-taken",
    {
        "file": "runbook-2.md",
        "sha256": "2",
        "plan": "2",
        "by": BY,
        "after": None,
        "tasks": [{"id": key, "key": key, "title": key} for key in ("t1", "t2", "t3")],
    },
)

POLICY_APPROVED = (
    "policy-approved",
    {"head": "abc", "files": {"phasegate.yaml": "1", "signers": None}, "by": BY, "via": "command"},
)


def after(*events: tuple[str, dict[str, Any]]) -> RunState:
    return fold(
        make_event(i, AT + timedelta(seconds=i), type_, fields) for i, (type_, fields) in enumerate([START, *events])
    )


def test_a_task_goes_through_its_life() -> None:
    seen = []
    steps = [begin("t1"), WORKED, APPROVED, COMMIT]
    for count in range(1, len(steps) + 1):
        seen.append(after(*steps[:count]).task("t1").status)
    assert seen == ["working", "in-review", "approved", "committing"]


def test_the_next_task_names_the_commit_of_the_one_before() -> None:
    run = after(begin("t1"), WORKED, APPROVED, COMMIT, begin("t2", after="abc"))
    assert (run.task("t1").status, run.task("t1").commit) == ("done", "abc")
    assert run.current == "t2"


def test_one_approval_of_several_does_not_open_the_gate() -> None:
    half = ("approved", {**APPROVED[1], "admits": False})
    assert after(begin("t1"), WORKED, half).task("t1").status == "in-review"
    assert after(begin("t1"), WORKED, half, APPROVED).task("t1").status == "approved"


def test_a_rejected_task_begins_again_and_remembers_why() -> None:
    rejected = ("rejected", at("t1", digest="d" * 64, reason="wrong region", by=BY))
    run = after(begin("t1"), ("answered", at("t1", question="q", answer="a", via="prompt", by=BY)), WORKED, rejected)
    assert run.task("t1").status == "rejected"
    run = after(begin("t1"), WORKED, rejected, begin("t1", 2))
    state = run.task("t1")
    assert (state.status, state.attempt, state.worked, state.answers) == ("working", 2, None, {})
    assert state.refusals == ["attempt 1 rejected by Ada <ada@example.com>: wrong region"]


def test_an_edit_is_in_force_from_its_event_and_uncommitted_until_the_next_commit() -> None:
    taken = (TAKEN[0], {**TAKEN[1], "after": "abc"})
    run = after(begin("t1"), WORKED, APPROVED, COMMIT, taken)
    assert (run.runbook.file, run.runbook.plan, len(run.runbook.tasks)) == ("runbook-2.md", "2", 3)
    assert (run.task("t1").status, run.task("t1").commit) == ("done", "abc")
    assert [each.since for each in run.uncommitted_versions()] == [5]
    second = [
        ("worked", at("t2", **EMPTY)),
        (APPROVED[0], {**APPROVED[1], "task": "t2"}),
        (COMMIT[0], {**COMMIT[1], "task": "t2"}),
    ]
    run = after(
        begin("t1"), WORKED, APPROVED, COMMIT, taken, begin("t2", after="abc"), *second, begin("t3", after="def")
    )
    assert (run.runbook.file, run.uncommitted_versions()) == ("runbook-2.md", [])


def test_an_effect_is_in_doubt_until_its_record() -> None:
    intended = ("effect-intended", at("t1", effect="create", intent={"name": "x"}))
    done = ("effect-done", at("t1", effect="create", result={"id": 1}))
    assert after(begin("t1"), intended).task("t1").effects == {"create": ({"name": "x"}, None)}
    assert after(begin("t1"), intended, done).task("t1").effects == {"create": ({"name": "x"}, {"id": 1})}


@pytest.mark.parametrize(
    "events",
    [
        [WORKED],
        [begin("t1"), APPROVED],
        [begin("t1"), WORKED, COMMIT],
        [begin("t1"), WORKED, APPROVED, APPROVED],
        [begin("t1"), begin("t2")],
        [begin("t1"), WORKED, APPROVED, COMMIT, begin("t2")],
        [begin("t1"), WORKED, begin("t2", after="abc")],
        [START],
        [("aborted", {"reason": "r", "by": BY, "after": None}), begin("t1")],
        [begin("t1"), ("worked", at("t1", 2, **EMPTY))],
        [begin("t1", 2)],
        [begin("t1"), WORKED, TAKEN],
        [begin("t1"), WORKED, APPROVED, TAKEN],
        [begin("t1"), WORKED, APPROVED, COMMIT, TAKEN],
        [begin("t1"), ("effect-done", at("t1", effect="create", result={}))],
        [begin("t9")],
        [("runbook-taken", {**TAKEN[1], "file": "runbook-3.md"})],
        [begin("t1"), ("runbook-taken", {**TAKEN[1], "after": "abc"})],
        [begin("t1"), WORKED, APPROVED, COMMIT, POLICY_APPROVED],
    ],
    ids=[
        "work without a start",
        "approval before evidence",
        "commit without approval",
        "an approval used twice",
        "a task begun while another is open",
        "a next task that names no commit",
        "a commit named that nobody intended",
        "two starts",
        "anything after the end",
        "work of another attempt",
        "a first attempt that is not the first",
        "an edit taken while something waits",
        "an edit taken while something is approved",
        "an edit taken while a commit is intended",
        "an effect that nobody intended",
        "a task that the plan does not have",
        "an edit with the copy of another",
        "an edit after a commit that nobody intended",
        "a policy approved between a commit's intent and the commit",
    ],
)
def test_events_that_cannot_follow_each_other_are_damage(events: list[tuple[str, dict[str, Any]]]) -> None:
    with pytest.raises(JournalDamaged, match=rf"journal\.jsonl:{len(events) + 1}: "):
        after(*events)


def test_an_approved_policy_is_kept_in_order_and_moves_no_task() -> None:
    run = after(begin("t1"), WORKED, POLICY_APPROVED, APPROVED)
    (approved,) = run.policy_approvals
    assert (approved.seq, approved.head, dict(approved.files)) == (3, "abc", {"phasegate.yaml": "1", "signers": None})
    assert (approved.signature, run.task("t1").status) == ("", "approved")


@pytest.mark.parametrize(
    "changed", [{"files": {}}, {"files": {"phasegate.yaml": 1}}, {"head": None}, {"via": "policy"}, {"signature": 1}]
)
def test_an_approved_policy_says_which_files_of_which_commit(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"field `{next(iter(changed))}"):
        make_event(1, AT, "policy-approved", {**POLICY_APPROVED[1], **changed})


def test_format_1_cannot_say_that_a_policy_was_approved() -> None:
    with pytest.raises(ValueError, match="format 1 cannot record policy-approved"):
        make_event(1, AT, *POLICY_APPROVED, version=1)


TAKEN_BACK = (
    "boxes-taken-back",
    {"file": "tasks.md", "before": "a", "after": "b", "sha256": "2", "plan": "2", "by": BY, "via": "command"},
)


def again(*events: tuple[str, dict[str, Any]]) -> RunState:
    start = (START[0], {**START[1], "again": "tasks-1"})
    return fold(
        make_event(i, AT + timedelta(seconds=i), type_, fields) for i, (type_, fields) in enumerate([start, *events])
    )


def test_boxes_that_are_taken_back_put_another_copy_of_the_runbook_in_force() -> None:
    run = again(TAKEN_BACK, begin("t1"))
    assert [(version.since, version.file, version.plan) for version in run.runbook_versions] == [
        (0, "runbook.md", "0"),
        (1, "runbook-2.md", "2"),
    ]
    assert run.uncommitted_versions() == [run.runbook]
    assert run.runbook.tasks == run.start.tasks


@pytest.mark.parametrize("events", [[TAKEN_BACK, TAKEN_BACK], [begin("t1"), TAKEN_BACK]], ids=["twice", "late"])
def test_boxes_are_taken_back_once_and_before_anything_else(events: list[tuple[str, dict[str, Any]]]) -> None:
    with pytest.raises(JournalDamaged, match=rf"journal\.jsonl:{len(events) + 1}: .*boxes are taken back"):
        again(*events)


def test_a_run_that_does_not_begin_again_takes_no_boxes_back() -> None:
    with pytest.raises(JournalDamaged, match="boxes are taken back where a run begins again"):
        after(TAKEN_BACK)


@pytest.mark.parametrize("changed", [{"file": 1}, {"before": None}, {"after": 1}, {"via": "mcp"}, {"sha256": ""}])
def test_boxes_taken_back_say_which_blobs(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"field `{next(iter(changed))}"):
        make_event(1, AT, "boxes-taken-back", {**TAKEN_BACK[1], **changed})


def test_format_1_cannot_say_that_boxes_were_taken_back() -> None:
    with pytest.raises(ValueError, match="format 1 cannot record boxes-taken-back"):
        make_event(1, AT, *TAKEN_BACK, version=1)


def test_a_journal_begins_with_its_start() -> None:
    with pytest.raises(JournalDamaged, match="a run begins with run-started"):
        fold([])


def back(*keys: str, commit: str | None = None) -> tuple[str, dict[str, Any]]:
    tasks = [{"id": key, "key": key, "title": key, "text": "", "message": "", "exit_criteria": []} for key in keys]
    return "rollback-started", {"reason": "it leaks", "by": BY, "after": commit, "tasks": tasks}


def test_what_is_under_way_when_a_run_turns_back_is_stopped_and_the_way_back_begins() -> None:
    run = after(begin("t1"), back("r1", "r2"))
    assert (run.task("t1").status, run.current, [task.key for task in run.sequence]) == ("stopped", None, ["r1", "r2"])
    run = after(begin("t1"), back("r1", "r2"), begin("r1"))
    assert (run.current, run.task("r1").status) == ("r1", "working")


def test_a_run_that_turns_back_names_the_commit_of_what_was_done() -> None:
    run = after(begin("t1"), WORKED, APPROVED, COMMIT, back("r1", commit="abc"))
    assert (run.task("t1").status, run.task("t1").commit) == ("done", "abc")


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([back("r1"), back("r1")], "the run is being rolled back already"),
        ([back()], "the rollback must have tasks, and none of the plan's"),
        ([back("r1", "r1")], "the rollback must have tasks, and none of the plan's"),
        ([back("t2")], "the rollback must have tasks, and none of the plan's"),
        ([back("r1"), begin("t2")], "t2 is no task of the rollback"),
        ([begin("t1"), back("r1"), WORKED], "the current task is None"),
        ([back("r1", commit="abc"), begin("t1")], "t1 is no task of the rollback"),
    ],
)
def test_a_way_back_that_cannot_be_is_damage(events: list[tuple[str, dict[str, Any]]], why: str) -> None:
    with pytest.raises(JournalDamaged, match=why):
        after(*events)


ABORTED = ("aborted", {"reason": "enough", "by": BY, "after": None})
DONE = (begin("t1"), WORKED, APPROVED, COMMIT)


@pytest.mark.parametrize(
    ("events", "found", "state", "shown", "outcome"),
    [
        ([], False, "ready", "ready", Outcome.NONE),
        ([begin("t1")], False, "t1", "t1", Outcome.NONE),
        ([*DONE], False, "t1", "t1", Outcome.NONE),
        ([*DONE], True, "t2", "t2", Outcome.NONE),
        ([*DONE, begin("t2", after="abc")], False, "t2", "t2", Outcome.NONE),
        ([ABORTED], False, "aborted", "aborted", Outcome.ABORTED),
        ([begin("t1"), ABORTED], False, "aborted", "aborted", Outcome.ABORTED),
        ([begin("t1"), back("r1", "r2")], False, "rolling_back", "rolling_back", Outcome.NONE),
        ([begin("t1"), back("r1", "r2"), begin("r1")], False, "r1", "rolling_back", Outcome.NONE),
        ([begin("t1"), back("r1"), begin("r1"), ABORTED], False, "aborted", "aborted", Outcome.ABORTED),
    ],
)
def test_where_a_run_stands_is_told_in_one_place(
    events: list[tuple[str, dict[str, Any]]], found: bool, state: str, shown: str, outcome: Outcome
) -> None:
    run = after(*events)
    if found:
        commit_found(run, "abc")
    assert (run.position.state, run.position.shown, run.outcome) == (state, shown, outcome)


def of(task: str, *events: tuple[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [(type_, {**fields, "task": task}) for type_, fields in events]


def test_the_last_commit_ends_a_run_and_the_last_of_a_rollback_its_rollback() -> None:
    run = after(*DONE, begin("t2", after="abc"), *of("t2", WORKED, APPROVED, COMMIT))
    assert run.outcome is Outcome.NONE
    commit_found(run, "def")
    assert (run.outcome, run.position.shown, run.position.task) == (Outcome.COMPLETE, "complete", "")
    run = after(begin("t1"), back("r1"), begin("r1"), *of("r1", WORKED, APPROVED, COMMIT))
    commit_found(run, "def")
    assert (run.outcome, run.position.shown) == (Outcome.ROLLED_BACK, "rolled_back")
    assert (run.outcome.words, run.outcome.trailer) == ("rolled back", "rolled-back")


def test_an_edit_that_leaves_only_what_was_taken_over_as_done_has_no_last_task() -> None:
    start = (START[0], {**START[1], "adopted": ["t1"]})
    taken = (TAKEN[0], {**TAKEN[1], "tasks": [{"id": "1", "key": "t1", "title": "a"}]})
    run = fold(make_event(i, AT, type_, fields) for i, (type_, fields) in enumerate([start, taken]))
    assert (run.last_task, run.outcome) == ("", Outcome.COMPLETE)


def test_a_commit_is_found_of_a_task_that_intended_one_and_of_no_other() -> None:
    run = after(*DONE)
    commit_found(run, "abc")
    assert (run.task("t1").status, run.task("t1").commit) == (TaskStatus.DONE, "abc")
    for other in (run, after(), after(begin("t1"), WORKED, APPROVED)):
        with pytest.raises(ValueError, match="commit abc belongs to no task"):
            commit_found(other, "abc")


SWITCHING = ("effect-intended", at("t1", effect="switch to deploy", intent={"branch": "deploy", "from": "main"}))


def test_a_switch_in_doubt_leaves_two_branches_and_one_that_is_recorded_one() -> None:
    assert after(begin("t1"), SWITCHING).branches == ("main", "deploy")
    switched = ("branch-switched", at("t1", branch="deploy", **{"from": "main"}))
    assert after(begin("t1"), SWITCHING, switched).branches == ("deploy",)
    with pytest.raises(JournalDamaged, match="the run is on branch deploy, not on main"):
        after(begin("t1"), SWITCHING, switched, switched)
