"""Nothing is found where nothing is wrong: every honest way in which a run can go, end, pause, be cloned, be mixed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from phases.step import Check, Workflow
from state.errors import BadInput, PhasegateError
from tests.worlds.forger import Forger
from tests.worlds.journals import journal_bytes, last_file
from tests.worlds.killed_at_commit import killed_at
from tests.worlds.run_world import RUNBOOK, FakeClock, RunWorld
from workflow.audit import RunAudit, audit_workspace
from workflow.audit.tables import text_lines
from workflow.engine.engine import Settings
from workflow.ports import Approve, Note, Pause, Reject, ReviewView
from workflow.runbook.reader import read_runbook
from workflow.runs.load_plan import RunTarget


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    return RunWorld(tmp_path)


class SecondRun(RunWorld):
    """Another runbook in the repository of `first`, done by hand."""

    def __init__(self, first: RunWorld, *, runbook: str = "other.md") -> None:
        self.__dict__ |= first.__dict__
        self.runbook = runbook
        self.clock = FakeClock(first.clock.at)
        if not (self.root / runbook).exists():
            (self.root / runbook).write_bytes(b"# Other\n\n- [ ] 1. One\n- [ ] 2. Two\n")
            self.git("add", runbook)
            self.git("commit", "-q", "-m", "another runbook")

    @property
    def workflow(self) -> Workflow:
        return Workflow("other", "other", self.runbook, lambda: b"", "artifacts/other/working_log.md", ())

    def target(self) -> RunTarget:
        data = (self.root / self.runbook).read_bytes()
        return RunTarget(read_runbook(data, name="other", path=self.runbook), self.workflow, data)


def sound(place: Path, run_id: str | None = None) -> RunAudit:
    """The audit of one run in which nothing was found."""
    (found,) = audit_workspace(place, run_id)
    assert [f"{finding.code}: {finding.message}" for finding in found.findings] == []
    return found


def limits(found: RunAudit) -> set[str]:
    return {limit.code for limit in found.unprovable}


def test_a_complete_run_is_told_in_one_line_a_task(complete: Forger) -> None:
    found = sound(complete.root)
    assert (found.state, found.done, found.workflow, found.runbook) == ("complete", 3, "shed", "tasks.md")
    assert found.git_sequence == found.journal_sequence == ["t1_1", "t1_2", "t2_1"]
    first = found.tasks[0]
    assert (first.id, first.title, first.status, first.files) == ("1.1", "Choose a colour", "done", 6)
    assert first.commit == complete.made()[0].sha
    assert first.author == "Ada <ada@example.com>"
    assert first.approved_by == ("Ada <ada@example.com>",)
    assert f"Phasegate-Approval: {first.digest}" in complete.made()[0].message
    assert limits(found) == {"unsigned-approval", "unbacked-events", "whole-history"}


def test_a_bare_clone_tells_the_same(complete: Forger, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    complete.git("clone", "-q", "--bare", str(complete.root), str(bare))
    assert sound(bare).to_json() == sound(complete.root).to_json()


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_shallow_clone_says_what_it_cannot_see(complete: Forger, tmp_path: Path, depth: int) -> None:
    clone = tmp_path / "shallow"
    complete.git("clone", "-q", f"--depth={depth}", f"file://{complete.root}", str(clone))
    found = sound(clone)
    assert (found.state, found.done) == ("complete", 3)
    assert sum(bool(task.commit) for task in found.tasks) == depth
    assert "shallow-history" in limits(found)
    first, *others = [task for task in found.tasks if task.commit]
    assert (first.files, first.files_in_words) == (None, "how many files is not known here")
    assert all(task.files for task in others)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_shallow_clone_that_begins_after_the_run_says_so(complete: Forger, tmp_path: Path, depth: int) -> None:
    for name in ("a", "b"):
        complete.write(name, b"x")
        complete.commit(name, name)
    clone = tmp_path / "shallow"
    complete.git("clone", "-q", f"--depth={depth}", f"file://{complete.root}", str(clone))
    found = sound(clone)
    assert (found.state, found.done) == ("complete", 3)
    assert [bool(task.commit) for task in found.tasks] == [False, False, depth == 3]
    assert "shallow-history" in limits(found)


def test_without_a_commit_the_way_on_makes_one(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    with pytest.raises(BadInput, match="nothing to audit") as refused:
        audit_workspace(tmp_path, None)
    assert refused.value.next_command == 'git add . && git commit --allow-empty -m "Start"'


def test_a_shallow_clone_that_begins_after_an_aborted_run_says_so(world: RunWorld, tmp_path: Path) -> None:
    with world.start() as engine:
        engine.abort("the shed burned down")
    world.git("commit", "-q", "--allow-empty", "-m", "more")
    clone = tmp_path / "shallow"
    world.git("clone", "-q", "--depth=1", f"file://{world.root}", str(clone))
    found = sound(clone)
    assert found.state == "aborted"
    assert [limit.message for limit in found.unprovable if limit.code == "shallow-history"][-1:] == [
        "the commit that aborted the run, before this clone begins"
    ]


def test_in_a_shallow_clone_what_is_wrong_in_sight_is_found(complete: Forger, tmp_path: Path) -> None:
    made = complete.made()
    complete.remake([(made[2].tree, made[2].message)], onto=made[0].sha)
    clone = tmp_path / "shallow"
    complete.git("clone", "-q", "--depth=2", f"file://{complete.root}", str(clone))
    assert "commit-missing" in Forger(clone, complete.run_id).codes()


def test_in_a_shallow_clone_a_commit_that_lies_in_sight_is_not_out_of_sight(complete: Forger, tmp_path: Path) -> None:
    """The clone begins before the second task, whose commit was left out: it is missing, though no task's commit is in
    front of it."""
    first, _, third = complete.made()
    before = complete.git("commit-tree", first.tree, "-p", first.sha, "-m", "work of others").strip()
    complete.remake([(third.tree, third.message)], onto=before)
    clone = tmp_path / "shallow"
    complete.git("clone", "-q", "--depth=2", f"file://{complete.root}", str(clone))
    found = Forger(clone, complete.run_id).audit()
    assert ("commit-missing", "t1_2") in [(finding.code, finding.task) for finding in found.findings]
    assert [task.status for task in found.tasks] == ["done", "missing", "done"]


def test_in_a_shallow_clone_an_artifact_from_before_it_is_followed(complete: Forger, tmp_path: Path) -> None:
    complete.replace("artifacts/shed/colour.md", b"green", b"pink")
    complete.commit("a small change", "artifacts/shed/colour.md")
    clone = tmp_path / "shallow"
    complete.git("clone", "-q", "--depth=2", f"file://{complete.root}", str(clone))
    assert Forger(clone, complete.run_id).codes() == ["artifact-changed-later"]


@pytest.mark.slow
def test_rejected_voided_and_failed_attempts_are_part_of_a_sound_run(world: RunWorld) -> None:
    def edit_then_approve(view: ReviewView) -> Approve:
        (world.root / "artifacts/shed/colour.md").write_text("pink\n")
        return Approve("prompt")

    world.failing = [Check("is legal", "allowed", "forbidden", "fail")]
    world.person.verdicts = [Reject("not that"), Note("hm"), edit_then_approve]
    with world.start() as engine, suppress(PhasegateError):
        engine.drive()
    world.failing = []
    with world.reopen() as engine:
        engine.drive()
    found = sound(world.root)
    assert found.state == "complete"
    assert found.tasks[0].attempt == 4
    assert [refusal.split(":")[0] for refusal in found.tasks[0].refusals] == [
        "attempt 1 failed",
        "attempt 2 rejected by Ada <ada@example.com>",
        "attempt 3 voided",
    ]
    assert [span.ended_by for span in found.spans if span.sent_back] == ["step-failed", "rejected", "voided"]


@pytest.mark.slow
def test_a_refused_and_a_taken_back_commit_are_part_of_a_sound_run(world: RunWorld) -> None:
    hook = world.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    for script in ("exit 1", "echo tidy >> artifacts/shed/colour.md; git add artifacts/shed/colour.md"):
        hook.write_text(f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)
        with world.reopen() if world.run_id else world.start() as engine, pytest.raises(PhasegateError):
            engine.drive()
        assert sound(world.root).done == 0
    hook.unlink()
    with world.reopen() as engine:
        engine.drive()
    assert sound(world.root).state == "complete"


def test_trailers_that_a_hook_adds_are_no_finding(world: RunWorld) -> None:
    hook = world.root / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\necho "Change-Id: I0123" >> "$1"\n')
    hook.chmod(0o755)
    with world.start() as engine:
        engine.drive()
    found = sound(world.root)
    assert [limit.task for limit in found.unprovable if limit.code == "added-trailers"] == ["t2_1"]


@pytest.mark.parametrize("done", [0, 1, 2])
def test_an_aborted_run_is_sound(world: RunWorld, done: int) -> None:
    world.person.verdicts = [*[Approve("prompt")] * done, Pause()]
    with world.start() as engine:
        with suppress(PhasegateError):
            engine.drive()
        engine.abort("the shed burned down")
    found = sound(world.root)
    assert (found.state, found.done) == ("aborted", done)
    assert found.git_sequence[-1] == "aborted"


def test_gates_that_yes_opened_in_the_sandbox_are_sound_and_said(world: RunWorld) -> None:
    with world.start(Settings(yes=True, practice=True)) as engine:
        engine.drive()
    found = sound(world.root)
    assert {task.via for task in found.tasks} == {"--yes"}


def test_an_aborted_run_whose_marks_were_set_already_is_sound(world: RunWorld) -> None:
    killed_at(world)
    assert world.boxes() == " x   "
    assert sound(world.root).state == "t1_1"
    with world.reopen(work=False) as engine:
        engine.abort("enough")
    assert sound(world.root).state == "aborted"


@pytest.mark.slow
def test_a_run_killed_after_any_event_is_sound(tmp_path: Path) -> None:
    whole = RunWorld(tmp_path)
    with whole.start() as engine:
        engine.drive()
        events = len(engine.journal.events)
    states = []
    for stop in range(1, events):
        (tmp_path / str(stop)).mkdir()
        world = RunWorld(tmp_path / str(stop))
        with world.start() as engine:
            real, left = engine.journal.append, iter(range(stop - 1))

            def append(
                *given: object, real: Callable[..., object] = real, left: Iterator[int] = left, **fields: object
            ) -> object:
                if next(left, None) is None:
                    raise KeyboardInterrupt("killed")
                return real(*given, **fields)

            engine.journal.append = append  # type: ignore[method-assign, assignment]
            with pytest.raises(KeyboardInterrupt):
                engine.drive()
        states.append(sound(world.root).state)
    assert states[0] == "ready"
    assert list(dict.fromkeys(states)) == ["ready", "t1_1", "t1_2", "t2_1"]


def test_a_run_that_waits_is_sound_with_and_without_its_working_tree(halfway: Forger, tmp_path: Path) -> None:
    assert sound(halfway.root).state == "t1_2"
    assert sound(halfway.root).tasks[1].status == "in-review"
    assert not any(task.signed for task in sound(halfway.root).tasks)
    halfway.git("clone", "-q", "--bare", str(halfway.root), str(tmp_path / "bare.git"))
    assert sound(tmp_path / "bare.git").done == 1


def test_a_torn_last_line_is_an_interruption(halfway: Forger) -> None:
    journal = last_file(halfway.root / halfway.journal)
    journal.write_bytes(journal.read_bytes() + b'{"v":2,"seq":9')
    assert sound(halfway.root).state == "t1_2"


@pytest.mark.slow
def test_commits_of_others_in_between_are_no_finding(world: RunWorld) -> None:
    with world.start() as engine:
        while not engine.complete:
            (world.root / "notes.txt").write_text(f"{len(world.subjects())}\n")
            world.git("add", "notes.txt")
            world.git("commit", "-q", "-m", "notes")
            engine.segment()
    found = sound(world.root)
    assert (found.commits, found.own_commits) == (6, 3)
    assert "complete, 3 of 3 done, 3 commits, tip" in text_lines(found)[0]


@pytest.mark.parametrize("date", ["-5 +0000", "99999999999999999 +0000", "+0000", "1 +9999"])
def test_a_commit_of_others_whose_date_is_none_blinds_no_audit(complete: Forger, date: str) -> None:
    tree, head = complete.git("rev-parse", "HEAD^{tree}").strip(), complete.git("rev-parse", "HEAD").strip()
    who = f"Bob <bob@example.com> {date}"
    text = f"tree {tree}\nparent {head}\nauthor {who}\ncommitter {who}\n\nx\n"
    made = complete.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=text.encode()).strip()
    complete.git("update-ref", "HEAD", made)
    assert complete.codes() == []
    complete.amend_last(message="forged")
    assert complete.codes() != []


def test_a_commit_of_others_in_an_encoding_that_is_not_like_ascii_blinds_no_audit(complete: Forger) -> None:
    complete.git("-c", "i18n.commitEncoding=IBM037", "commit", "-q", "--allow-empty", "-m", "x")
    assert complete.codes() == []


def test_a_journal_that_was_committed_along_with_other_work_is_no_finding(halfway: Forger) -> None:
    halfway.commit("work in progress", halfway.journal)
    assert sound(halfway.root).state == "t1_2"


@pytest.mark.slow
def test_a_merge_from_another_branch_is_no_finding(world: RunWorld) -> None:
    with world.start() as engine:
        engine.segment()
    world.git("switch", "-q", "-c", "side", "main~1")
    for name in ("a", "b"):
        (world.root / name).write_text(name)
        world.git("add", name)
        world.git("commit", "-q", "-m", name)
    world.git("switch", "-q", "main")
    world.git("merge", "-q", "--no-ff", "-m", "merge side", "side")
    with world.reopen() as engine:
        engine.drive()
    found = sound(world.root)
    assert (found.state, found.commits, found.own_commits) == ("complete", 6, 3)


def test_a_run_whose_branch_was_merged_is_sound(complete: Forger) -> None:
    complete.git("switch", "-q", "-c", "trunk", f"{complete.made()[0].sha}^")
    complete.write("a", b"a")
    complete.commit("a", "a")
    complete.git("merge", "-q", "--no-ff", "-m", "merge the run", "main")
    assert sound(complete.root).state == "complete"


@pytest.mark.slow
def test_two_runs_on_one_branch_are_told_apart(world: RunWorld) -> None:
    with world.start() as first:
        first.segment()
        other = SecondRun(world)  # its runbook appears, and is edited, after the first run's base and before its own
        (world.root / "other.md").write_bytes(b"# Other\n\n- [ ] 1. Uno\n- [ ] 2. Due\n")
        world.git("commit", "-q", "-m", "in Italian", "other.md")
        with other.start() as second:
            second.segment()
            first.segment()
            second.segment()
            first.segment()
    found = audit_workspace(world.root, None)
    assert [(each.run, each.state, each.findings) for each in found] == [
        (other.run_id, "complete", []),
        (world.run_id, "complete", []),
    ]
    assert sound(world.root, world.run_id).git_sequence == ["t1_1", "t1_2", "t2_1"]


@pytest.mark.slow
def test_a_runbook_that_is_run_again_leaves_the_first_run_sound(world: RunWorld) -> None:
    with world.start() as engine:
        engine.drive()
    first = world.run_id
    (world.root / "tasks.md").write_bytes(RUNBOOK.replace(b"walls", b"roof"))
    world.git("commit", "-q", "-am", "once more, with a roof")
    world.person.answers["colour"] = "red"
    with world.start() as engine:
        engine.drive()
    assert world.run_id != first
    again = sound(world.root, first)
    assert [limit.message.split(" belongs")[0] for limit in again.unprovable if limit.code == "superseded"] == [
        "artifacts/shed/colour.md",
        "tasks.md",
    ]
    second = sound(world.root, world.run_id)
    assert second.state == "complete"
    assert [(each.commits, each.own_commits) for each in (again, second)] == [(7, 3), (3, 3)]


@pytest.mark.slow
@pytest.mark.parametrize("clone", [False, True])
def test_crlf_in_the_working_tree_is_no_finding(tmp_path: Path, clone: bool) -> None:
    world = RunWorld(tmp_path)
    world.git("config", "core.autocrlf", "true")
    (world.root / "tasks.md").unlink()
    world.git("checkout", "-q", "--", "tasks.md")
    with world.start() as engine:
        engine.drive()
    assert b"\r\n" in (world.root / "tasks.md").read_bytes()
    place = world.root
    if clone:
        place = tmp_path / "clone"
        world.git("clone", "-q", "-c", "core.autocrlf=true", str(world.root), str(place))
        assert b"\r\n" not in journal_bytes(place / f".phasegate/{world.run_id}/journal.jsonl")
    assert limits(sound(place)) == {"unsigned-approval", "unbacked-events", "whole-history"}


@pytest.mark.slow
def test_crlf_that_git_keeps_is_no_finding(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=RUNBOOK.replace(b"\n", b"\r\n"))
    with world.start() as engine:
        engine.drive()
    assert sound(world.root).state == "complete"


@pytest.mark.slow
def test_a_file_that_git_stored_in_another_encoding_is_said_to_be_unproved(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    (world.root / ".gitattributes").write_text("colour.md working-tree-encoding=UTF-16LE\n")
    world.git("add", ".gitattributes")
    world.git("commit", "-q", "-m", "attributes")
    with world.start() as engine:
        engine.segment()
    (found,) = audit_workspace(world.root, None)
    assert "filtered-file" in limits(found)
    assert "file-differs" not in [finding.code for finding in found.findings]


def test_a_linked_work_tree_and_a_detached_head_are_audited_as_well(complete: Forger, tmp_path: Path) -> None:
    place = tmp_path / "linked"
    complete.git("worktree", "add", "-q", "--detach", str(place))
    assert sound(place).state == "complete"


def test_nothing_is_written(complete: Forger) -> None:
    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in complete.root.rglob("*") if path.is_file()}

    before = files()
    sound(complete.root)
    assert files() == before


def test_a_run_that_is_not_there_is_refused_with_those_that_are(complete: Forger) -> None:
    with pytest.raises(BadInput, match=f"no run 'shed-1' in the history of HEAD; there are: {complete.run_id}"):
        audit_workspace(complete.root, "shed-1")


def test_a_repository_without_runs_is_refused(world: RunWorld) -> None:
    with pytest.raises(BadInput, match="no run has been committed or started here"):
        audit_workspace(world.root, None)
    with pytest.raises(BadInput, match="takes a commit's id"):
        audit_workspace(world.root, None, anchor="--output=x")


def test_an_empty_repository_is_refused(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    with pytest.raises(BadInput, match="there is no commit yet"):
        audit_workspace(tmp_path, None)


def test_a_run_that_was_deleted_is_known_by_its_commits(complete: Forger) -> None:
    shutil.rmtree(complete.root / ".phasegate")
    complete.git("commit", "-q", "-a", "-m", "tidy up")
    (found,) = audit_workspace(complete.root, None)
    assert found.run == complete.run_id
    assert "journal-missing" in [finding.code for finding in found.findings]
