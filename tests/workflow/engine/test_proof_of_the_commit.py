"""What hooks make of a commit is found: in the first task of a process, whose commit git is asked for, and in later
ones, whose commits are read without a process.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import StepFailed
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.doors.git.repository import GitDoor
from workflow.engine.engine import Settings

YES = Settings(yes=True, practice=True)
SIGN_OFF = 'echo "Signed-off-by: Ada <ada@example.com>" >> "$1"'


@pytest.fixture(params=[0, 1], ids=["first", "later"])
def done(request: pytest.FixtureRequest) -> int:
    """How many tasks this process has committed before the hook comes."""
    return int(request.param)


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    return RunWorld(tmp_path)


def hook(world: RunWorld, name: str, script: str) -> Path:
    file = world.root / ".git/hooks" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


OPEN_FILE = "j=$(ls .phasegate/*/journal.jsonl .phasegate/*/journal/*/*.jsonl 2> .git/none | tail -1)"
SPOILT = {
    "a byte of the working log": ("pre-commit", "echo x >> artifacts/shed/working_log.md; git add -u", "was changed"),
    "another box ticked": (
        "pre-commit",
        "sed -i 's/\\[ \\] 2.1/[x] 2.1/' tasks.md; git add -u",
        "tasks.md was changed",
    ),
    "a file added": ("pre-commit", "echo more > more.txt; git add more.txt", "more.txt was added"),
    "a directory added": ("pre-commit", "mkdir -p a/b; echo > a/b/c; git add a", "a/b/c was added"),
    "a file removed": ("pre-commit", "git rm -q --cached tasks.md", "tasks.md was changed"),
    "a file made executable": ("pre-commit", "git update-index --chmod=+x theirs.txt", "theirs.txt was added"),
    "the subject": ("commit-msg", "sed -i '1s/^/[JIRA-1] /' \"$1\"", r"the message was changed to '\[JIRA-1\]"),
    "a line in the journal": (
        "pre-commit",
        f'{OPEN_FILE}; echo x >> "$j"; git add "$j"',
        "jsonl was changed",
    ),
    "another journal in its place": (
        "pre-commit",
        f'{OPEN_FILE}; head -2 "$j" > .git/j; mv .git/j "$j"; git add "$j"',
        "jsonl was changed",
    ),
    "the run's copy of the runbook": (
        "pre-commit",
        "git update-index --chmod=+x .phasegate/*/runbook.md",
        "executable",
    ),
    "an approver more, in lower case": (
        "commit-msg",
        "echo 'approved-by: Bob <bob@example.com>' >> \"$1\"",
        "the trailers were changed: Approved-by: expected",
    ),
    "another task": ("commit-msg", "echo 'Phasegate-Task: t2_1' >> \"$1\"", "trailers were changed: Phasegate-Task: "),
    "an approval twice": (
        "commit-msg",
        'grep ^Phasegate-Approval "$1" > .git/x; cat .git/x >> "$1"',
        "the trailers were changed: Phasegate-Approval: ",
    ),
    "an end": ("commit-msg", "echo 'Phasegate-End: aborted' >> \"$1\"", "Phasegate-End: expected none, seen aborted"),
    "a trailer that phasegate may have one day": (
        "commit-msg",
        "echo 'Phasegate-Note: fine' >> \"$1\"",
        "the message was changed: expected",
    ),
    "a paragraph more": (
        "commit-msg",
        "sed -i '2s/.*/\\nThis drops the old tables.\\n/' \"$1\"",
        "the message was changed: expected .*, seen 'This drops the old tables.'",
    ),
    "amended afterwards": (
        "post-commit",
        "[ -e .git/once ] && exit; touch .git/once; echo x > x; git add x; git commit -q --amend --no-edit",
        "x was added",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "script", "found"), SPOILT.values(), ids=SPOILT.keys())
def test_what_a_hook_spoilt_is_named_and_taken_back(
    world: RunWorld, done: int, name: str, script: str, found: str
) -> None:
    (world.root / "theirs.txt").write_text("theirs\n")
    world.git("add", "theirs.txt")
    world.git("commit", "-q", "-m", "Theirs")
    with world.start(YES) as engine:
        for _ in range(done):
            engine.segment()
        before = world.git("rev-parse", "HEAD")
        script_file = hook(world, name, script)
        with pytest.raises(StepFailed, match=found):
            engine.segment()
        assert world.git("rev-parse", "HEAD") == before
    script_file.unlink()
    with world.reopen(YES) as engine:
        engine.drive(lambda task: task.id == "1.2")
    assert world.subjects()[1:] == ["shed task 1.1: Choose a colour", "shed task 1.2: Order the paint"]


def test_trailers_that_a_hook_drops_are_missed(world: RunWorld, done: int) -> None:
    with world.start(YES) as engine:
        for _ in range(done):
            engine.segment()
        before = world.git("rev-parse", "HEAD")
        hook(world, "commit-msg", "sed -i '/^Phasegate/d' \"$1\"")
        with pytest.raises(StepFailed, match=r"taken back: the message was changed: expected 'Phasegate-Run: "):
            engine.segment()
        assert world.git("rev-parse", "HEAD") == before


def test_a_trailer_that_a_hook_adds_is_theirs_to_add(world: RunWorld, done: int) -> None:
    with world.start(YES) as engine:
        for _ in range(done):
            engine.segment()
        hook(world, "commit-msg", SIGN_OFF)
        engine.drive()
        assert engine.complete
    assert world.git("log", f"-{3 - done}", "--format=%(trailers:key=Signed-off-by,valueonly)").count("Ada") == 3 - done


def test_a_trailer_may_stand_among_ours(world: RunWorld, done: int) -> None:
    """As Gerrit's hook puts it."""
    with world.start(YES) as engine:
        for _ in range(done):
            engine.segment()
        hook(world, "commit-msg", "sed -i 's/^Phasegate-Run/Change-Id: I1\\n&/' \"$1\"")
        engine.drive()
        assert engine.complete
    assert world.git("log", "-1", "--format=%(trailers:key=Change-Id,valueonly)").strip() == "I1"
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []


@pytest.mark.parametrize("settings", [{"separators": "="}, {"separators": "=%", "Phasegate-Task.key": "X: "}])
def test_how_a_repository_reads_trailers_changes_nothing(world: RunWorld, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        world.git("config", f"trailer.{name}", value)
    with world.start(YES) as engine:
        engine.drive()
        assert engine.complete
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []


def test_what_somebody_commits_between_the_gate_and_the_commit_is_found_below_it(world: RunWorld) -> None:
    with world.start(YES) as engine:
        real = engine.doors.git.commit

        def commit(paths: list[str], message: str, *, author: str = "") -> str:
            world.git("add", "artifacts/shed/colour.md")
            world.git("commit", "-q", "-m", "theirs")
            return real(paths, message, author=author)

        engine.doors.git.commit = commit  # type: ignore[method-assign, assignment]
        with pytest.raises(StepFailed, match=r"colour\.md was committed below it"):
            engine.segment()
    assert world.git("log", "-1", "--format=%s").strip() == "theirs"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("default: {approvers: 2}\n", r"phasegate\.yaml was missing, is "),
        ("default: 1\n", r"phasegate\.yaml in .* read"),
    ],
    ids=["a stricter one", "none that can be read"],
)
def test_a_policy_that_is_committed_between_the_gate_and_the_commit_is_found_below_it(
    world: RunWorld, text: str, why: str
) -> None:
    with world.start(YES) as engine:
        real = engine.doors.git.commit

        def commit(paths: list[str], message: str, *, author: str = "") -> str:
            (world.root / "phasegate.yaml").write_text(text)
            world.git("add", "phasegate.yaml")
            world.git("commit", "-q", "-m", "theirs", "--", "phasegate.yaml")
            return real(paths, message, author=author)

        engine.doors.git.commit = commit  # type: ignore[method-assign, assignment]
        with pytest.raises(StepFailed, match=why):
            engine.segment()
    assert world.git("log", "-1", "--format=%s").strip() == "theirs"


@pytest.mark.parametrize("name", ["a line in the journal", "a file added"])
def test_what_a_hook_spoilt_in_the_commit_of_an_end_is_taken_back(world: RunWorld, name: str) -> None:
    kind, script, _ = SPOILT[name]
    with world.start(YES) as engine:
        engine.segment()
        before = world.git("rev-parse", "HEAD")
        hook(world, kind, script)
        assert engine.abort("enough") == ""
        assert any("its commit, which was taken back" in line for line in world.person.lines)
        assert world.git("rev-parse", "HEAD") == before
        assert engine.journal.written().splitlines()[-1].count(b'"aborted"') == 1
    (found,) = audit_workspace(world.root, None)
    assert (found.findings, found.state) == ([], "aborted")


@pytest.mark.slow
def test_a_repository_that_packs_itself_after_each_commit_costs_processes_and_nothing_else(world: RunWorld) -> None:
    hook(world, "post-commit", "git gc -q --prune=now 2> /dev/null")
    with world.start(YES) as engine:
        engine.drive()
        assert engine.complete
    assert world.git("status", "--porcelain") == ""


def test_a_later_task_costs_two_processes_and_its_commit_is_one(world: RunWorld) -> None:
    told: list[str] = []
    with world.start(YES) as engine:
        engine.drive(lambda task: task.id == "1.2")
        door = engine.doors.git
        assert isinstance(door, GitDoor)
        door._git._on_process = lambda when, argv: told.append(" ".join(argv)) if when == "before" else None
        engine.segment()
    _to_add, command = told  # its file of the journal is new to git
    assert " commit " in command
