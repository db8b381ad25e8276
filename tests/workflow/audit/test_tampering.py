"""Whatever is done to a run afterwards is found, each by its own code."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.run_world import RunWorld
from tests.workflow.audit.forger import Events, Forger
from tests.workflow.audit.forgeries import (
    COLOUR,
    RUNBOOK,
    Tamper,
    amended,
    approval_copied,
    approval_copied_all_along,
    artifact_and_its_object,
    claims_a_task,
    claims_an_end,
    claims_it_again,
    claims_nothing,
    copy_forged_all_along,
    dropping,
    edited,
    edited_and_committed,
    failed_check,
    first_task_left_out,
    forked,
    in_last,
    journal_in_last,
    journal_line,
    merged_away,
    of,
    on_another_base,
    other_approval,
    rebased,
    removed,
    reordered,
    request_copied,
    reworded,
    rewriting,
    runbook_forged_all_along,
    runbook_in_last,
    split,
    squashed,
    squashed_into_one_of_their_own,
    trailer,
    unsigned_hand,
    with_a_last_word,
    with_body,
    with_one_more,
    with_third_edited,
    without_third,
    without_trailers,
)
from tests.workflow.audit.test_gates_as_asked import FORGED
from workflow.audit.findings import CODES

OTHER_TASKS = [{"id": "", "key": key, "title": "another"} for key in ("t1_1", "t1_2", "t2_1")]
COMPLETE: list[tuple[str, Tamper, str]] = [
    ("a commit is removed", dropping(1), "commit-missing"),
    ("the first commit is removed", dropping(0), "commit-missing"),
    ("a commit is amended", amended, "commit-amended"),
    ("an amended commit holds another artifact", amended, "file-differs"),
    ("all commits are rebased", rebased, "commit-amended"),
    ("commits are reordered", reordered, "commit-reordered"),
    ("reordered commits hold journals that shrink", reordered, "journal-rewritten"),
    ("commits do not stand on each other", forked, "commit-reordered"),
    ("two commits are squashed", squashed, "commit-missing"),
    ("all commits are squashed", squashed_into_one_of_their_own, "commit-missing"),
    ("git tells another sequence", dropping(1), "sequence-differs"),
    ("a message is changed", reworded("shed task 2.1: Paint the roof"), "message-changed"),
    ("a message gets a body", with_body, "message-changed"),
    ("a message loses its trailers", without_trailers, "message-changed"),
    ("an approval trailer is another task's", other_approval, "trailer-forged"),
    (
        "an approver is added",
        trailer("Approved-by:", "Approved-by: Eve <e@example.com>\nApproved-by:"),
        "trailer-forged",
    ),
    ("an approver is replaced", trailer("Approved-by: Ada <ada@", "Approved-by: Eve <eve@"), "trailer-forged"),
    ("a task is claimed twice", claims_it_again, "commit-duplicate"),
    ("an end is claimed", claims_an_end, "trailer-forged"),
    ("a commit names the run and no task", claims_nothing, "trailer-forged"),
    ("a file is smuggled in", in_last("secret.txt", b"x"), "extra-file"),
    ("files and words are split over two commits", split, "extra-file"),
    ("the working log is another", in_last("artifacts/shed/working_log.md", b"fine\n"), "file-differs"),
    ("a box is not ticked in its commit", runbook_in_last(b"[x] 2.1", b"[ ] 2.1"), "mark-missing"),
    ("a box is unticked later", edited_and_committed(RUNBOOK, b"[x] 1.1", b"[ ] 1.1"), "mark-without-commit"),
    ("a box is unticked by a merge", merged_away, "mark-without-commit"),
    ("the text is edited in a task's commit", runbook_in_last(b"walls", b"roof"), "runbook-edited"),
    ("the text is edited later", edited_and_committed(RUNBOOK, b"walls", b"roof"), "runbook-edited"),
    ("the text is edited in the working tree", edited(RUNBOOK, b"walls", b"roof"), "runbook-edited"),
    ("a line is added to the text", edited_and_committed(RUNBOOK, b"# Paint", b"Hello\n# Paint"), "runbook-edited"),
    ("the runbook is removed", removed(RUNBOOK), "runbook-edited"),
    ("an artifact is edited later", edited_and_committed(COLOUR, b"green", b"pink"), "artifact-changed-later"),
    ("an artifact is removed later", removed(COLOUR), "artifact-changed-later"),
    ("an artifact is dropped by a merge", merged_away, "artifact-changed-later"),
    ("an artifact and its object are replaced", artifact_and_its_object, "file-differs"),
    ("a line is removed from the journal", journal_line(without_third, commit=True), "journal-rewritten"),
    ("a line of the journal is edited", journal_line(with_third_edited, commit=True), "journal-rewritten"),
    ("a line is put into the journal", journal_line(with_one_more, commit=True), "journal-rewritten"),
    ("the end of the journal is cut off", journal_line(lambda events: events[:-4], commit=True), "journal-rewritten"),
    ("a line is removed in the last commit", journal_in_last(without_third), "journal-rewritten"),
    ("a line is edited in the last commit", journal_in_last(with_third_edited), "journal-rewritten"),
    ("a line is put in in the last commit", journal_in_last(with_one_more), "journal-rewritten"),
    ("the last commit's journal lacks its intent", journal_in_last(lambda events: events[:-1]), "trailer-forged"),
    ("the last commit's journal goes on behind its intent", journal_in_last(with_a_last_word), "journal-rewritten"),
    ("the journal is edited in the working tree", journal_line(with_third_edited, commit=False), "journal-rewritten"),
    (
        "the chain is broken",
        edited_and_committed(".phasegate/RUN/journal.jsonl", b'"green"', b'"red"'),
        "journal-damaged",
    ),
    ("a field is of the wrong kind", rewriting(of("approved", admits="yes")), "journal-damaged"),
    ("the journal is deleted", removed(".phasegate"), "journal-missing"),
    (
        "the copy of the runbook is edited",
        edited_and_committed(".phasegate/RUN/runbook.md", b"walls", b"roof"),
        "runbook-copy-differs",
    ),
    ("the copy of the runbook was never the runbook", copy_forged_all_along, "runbook-copy-differs"),
    ("copy and digest are of another runbook", runbook_forged_all_along, "runbook-copy-differs"),
    ("another plan is named", rewriting(of("run-started", plan="0" * 64)), "plan-differs"),
    ("the journal names other tasks", rewriting(of("run-started", tasks=OTHER_TASKS)), "plan-differs"),
    ("the journal names no tasks", rewriting(of("run-started", tasks=[])), "journal-damaged"),
    ("the journal is another run's", rewriting(of("run-started", run="shed-1")), "journal-damaged"),
    ("the evidence is replaced", rewriting(of("worked", "t1_2", data={"order": "nothing"})), "digest-mismatch"),
    ("an answer is replaced", rewriting(of("answered", answer="red")), "digest-mismatch"),
    (
        "an approval is dropped",
        rewriting(lambda e: None if (e["type"], e.get("task")) == ("approved", "t1_2") else e),
        "journal-impossible",
    ),
    ("an approval is for another digest", rewriting(of("approved", "t1_2", digest="0" * 64)), "approval-mismatch"),
    ("an approval is from another task", approval_copied_all_along, "approval-mismatch"),
    ("an approval from another task is used twice", approval_copied_all_along, "approval-reused"),
    ("a request is from another task", request_copied, "approval-reused"),
    ("an approval came too late", rewriting(of("approved", "t1_2", at="2026-02-01T00:00:00.000Z")), "approval-expired"),
    ("a check had failed", rewriting(failed_check), "check-failed"),
    ("--yes opened a gate in a real account", unsigned_hand, "approval-unattended"),
    ("another message was intended", rewriting(of("commit-intended", "t1_2", message="done\n")), "intent-differs"),
    (
        "the commit was intended for another approval",
        rewriting(of("commit-intended", "t1_2", approval="0" * 64)),
        "intent-differs",
    ),
    ("a task is left out", first_task_left_out, "task-skipped"),
    ("the run stands on another base", on_another_base, "run-base-missing"),
]

HALFWAY: list[tuple[str, Tamper, str]] = [
    ("a box is ticked in the working tree", edited(RUNBOOK, b"[ ] 1.2", b"[x] 1.2"), "mark-without-commit"),
    ("a box is ticked by a commit", edited_and_committed(RUNBOOK, b"[ ] 2.1", b"[x] 2.1"), "mark-without-commit"),
    ("a box is unticked in the working tree", edited(RUNBOOK, b"[x] 1.1", b"[ ] 1.1"), "mark-without-commit"),
    ("a commit claims the open task", claims_a_task, "trailer-forged"),
    ("an approval is copied from another task", approval_copied, "approval-mismatch"),
    ("a copied approval is used twice", approval_copied, "approval-reused"),
    (
        "a committed line is edited in the working tree",
        journal_line(with_third_edited, commit=False),
        "journal-rewritten",
    ),
    (
        "the copy is edited in the working tree",
        edited(".phasegate/RUN/runbook.md", b"walls", b"roof"),
        "runbook-copy-differs",
    ),
]


@pytest.mark.parametrize(("tamper", "code"), [case[1:] for case in COMPLETE], ids=[case[0] for case in COMPLETE])
def test_in_a_complete_run_it_is_found_that(complete: Forger, tamper: Tamper, code: str) -> None:
    tamper(complete)
    assert code in complete.codes()


@pytest.mark.parametrize(("tamper", "code"), [case[1:] for case in HALFWAY], ids=[case[0] for case in HALFWAY])
def test_in_an_open_run_it_is_found_that(halfway: Forger, tamper: Tamper, code: str) -> None:
    tamper(halfway)
    assert code in halfway.codes()


def test_a_rewritten_history_is_found_by_an_anchor_kept_elsewhere_and_by_nothing_else(complete: Forger) -> None:
    anchor = complete.made()[1].sha
    assert complete.codes(anchor=anchor) == []
    complete.rewrite(of_note("nothing happened"))
    assert complete.codes() == []
    assert "whole-history" in [limit.code for limit in complete.audit().unprovable]
    assert complete.codes(anchor=anchor) == ["anchor-missing"]


def of_note(text: str) -> Callable[[Events], Events]:
    def edit(events: Events) -> Events:
        note = {"v": 1, "at": events[1]["at"], "type": "noted", "text": text, "by": events[0]["by"]}
        return [*events[:2], note, *events[2:]]

    return edit


def test_an_anchor_in_the_history_with_another_journal_is_found(complete: Forger) -> None:
    journal_line(with_third_edited, commit=True)(complete)
    anchor = complete.made()[0].sha
    assert "anchor-differs" in complete.codes(anchor=anchor)


def test_every_code_of_a_finding_is_provoked_here() -> None:
    provoked = {code for _, _, code in [*COMPLETE, *HALFWAY]} | {"anchor-missing", "anchor-differs"}
    gates = {code for _, codes in FORGED.values() for code in codes}
    assert provoked | gates == set(CODES)


def test_nothing_is_found_by_the_forger_itself(complete: Forger) -> None:
    complete.rewrite(lambda events: events)
    assert complete.codes() == []
    assert subprocess.run(["git", "-C", complete.root, "status", "--porcelain"], capture_output=True).stdout == b""


def test_what_differs_in_a_journal_is_said_with_its_line(complete: Forger) -> None:
    journal_line(with_third_edited, commit=False)(complete)
    (finding,) = complete.audit().findings
    assert finding.message == "line 3 differs between the tip and the working tree"
    complete.commit("journal", complete.journal)
    said = [finding for finding in complete.audit().findings if finding.code == "journal-rewritten"]
    assert [(finding.commit, finding.message) for finding in said] == [
        (made.sha, f"line 3 differs between the tip and commit {made.sha[:10]}") for made in complete.made()
    ]


def test_lines_that_were_cut_off_are_named(complete: Forger) -> None:
    journal_line(lambda events: events[:-4], commit=False)(complete)
    (finding,) = complete.audit().findings
    count = len(complete.events()) + 4
    assert finding.message == f"the working tree lacks lines {count - 3} to {count}, which the tip has"


def test_the_commit_that_deleted_a_journal_is_named(complete: Forger) -> None:
    removed(".phasegate")(complete)
    (finding,) = [finding for finding in complete.audit().findings if finding.code == "journal-missing"]
    assert finding.commit == complete.git("rev-parse", "HEAD").strip()


def test_a_hook_that_puts_another_journal_into_a_commit_is_found(tmp_path: Path) -> None:
    """The commit is amended behind the run's back; the journal in the working tree goes on as it should."""
    world = RunWorld(tmp_path)
    with world.start() as engine:
        engine.segment()
        path = engine.journal.path.relative_to(world.root)
        hook = world.root / ".git/hooks/pre-commit"
        hook.parent.mkdir(exist_ok=True)
        edit = f'git show :{path} | sed \'s/"green"/"pink"/\' | git hash-object -w --stdin'
        hook.write_text(f'#!/bin/sh\ngit update-index --cacheinfo "100644,$({edit}),{path}"\n')
        hook.chmod(0o755)
        engine.segment()
        hook.unlink()
        engine.segment()
    found = Forger(world.root, world.run_id).audit()
    second = world.git("rev-parse", "HEAD~1").strip()
    assert [(finding.code, finding.commit) for finding in found.findings] == [("journal-damaged", second)]


def test_in_a_bare_clone_the_same_is_found(complete: Forger, tmp_path: Path) -> None:
    for tamper in (
        edited_and_committed(".phasegate/RUN/runbook.md", b"walls", b"roof"),
        edited_and_committed(RUNBOOK, b"walls", b"roof"),
        edited_and_committed(COLOUR, b"green", b"pink"),
    ):
        tamper(complete)
    complete.git("clone", "-q", "--bare", str(complete.root), str(tmp_path / "bare.git"))
    assert Forger(tmp_path / "bare.git", complete.run_id).codes() == [
        "artifact-changed-later",
        "runbook-copy-differs",
        "runbook-edited",
    ]


def test_a_copy_that_never_was_the_runbook_is_said_with_both_digests(complete: Forger) -> None:
    copy_forged_all_along(complete)
    said = [finding.message for finding in complete.audit().findings if finding.code == "runbook-copy-differs"]
    assert any("the run started with" in message for message in said)


def test_a_merge_that_changes_what_neither_side_had_is_named(complete: Forger) -> None:
    complete.git("switch", "-q", "-c", "side", "main~1")
    complete.commit("something else")
    complete.git("switch", "-q", "main")
    complete.git("merge", "-q", "--no-ff", "--no-commit", "side")
    complete.replace(RUNBOOK, b"walls", b"roof")
    complete.replace(COLOUR, b"green", b"pink")
    merge = complete.commit("merge side", RUNBOOK, COLOUR)
    assert [(finding.code, finding.commit) for finding in complete.audit().findings] == [
        ("artifact-changed-later", merge),
        ("runbook-edited", merge),
    ]
