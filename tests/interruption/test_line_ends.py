"""A clone whose git turns line ends goes on with a run and audits it; line ends that a person turned are an edit."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from state.errors import BadInput, Waiting
from tests.worlds.run_world import RUNBOOK, RunWorld
from tests.worlds.stage_world import StageWorld
from workflow.audit import audit_workspace
from workflow.ports import Pause
from workflow.runs.git_attributes import CONTENT
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow
CRLF = RUNBOOK.replace(b"\n", b"\r\n")
ATTRIBUTES = ".phasegate/.gitattributes"


def moved(world: RunWorld | StageWorld, root: Path, autocrlf: str) -> None:
    """The same run on another machine: a clone made with this `core.autocrlf`, where it stays in force."""
    place = root / "elsewhere"
    command = ["git", "-c", f"core.autocrlf={autocrlf}", "clone", "-q", str(world.root), str(place)]
    subprocess.run(command, check=True)
    world.root = place
    for setting in ("user.name Ada", "user.email ada@example.com", f"core.autocrlf {autocrlf}"):
        world.git("config", *setting.split(" ", 1))


def waiting(root: Path) -> RunWorld:
    """A run whose first task waits for its approval."""
    world = RunWorld(root)
    world.person.verdicts = [Pause()]
    with world.start() as engine, pytest.raises(Waiting, match="waits for approval"):
        engine.segment()
    return world


def finished(world: RunWorld) -> None:
    """To the end in a new process, then everything read again from disk and git."""
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete
    assert world.git("status", "--porcelain") == ""
    assert [task.findings for task in audit_workspace(world.root, None)] == [[]]
    assert world.boxes() == "xxxxx"


@pytest.mark.parametrize("upto", [1, 2], ids=["after the first task", "after the second task"])
def test_a_clone_with_crlf_goes_on_and_every_clone_audits_it(tmp_path: Path, upto: int) -> None:
    world = RunWorld(tmp_path)
    with world.start() as engine:
        for _ in range(upto):
            engine.segment()
    moved(world, tmp_path, "true")
    for path in ("tasks.md", "artifacts/shed/colour.md", "artifacts/shed/working_log.md"):
        assert b"\r\n" in (world.root / path).read_bytes()
    finished(world)
    assert (world.root / "tasks.md").read_bytes() == CRLF.replace(b"[ ]", b"[x]")
    assert world.git("show", "HEAD:tasks.md") == RUNBOOK.replace(b"[ ]", b"[x]").decode()
    bare = tmp_path / "bare"
    subprocess.run(["git", "clone", "-q", "--bare", str(world.root), str(bare)], check=True)
    assert [task.findings for task in audit_workspace(bare, None)] == [[]]


@pytest.mark.parametrize("back", ["false", "input"])
def test_a_run_begun_with_crlf_goes_on_where_git_leaves_lf(tmp_path: Path, back: str) -> None:
    world = RunWorld(tmp_path)
    world.git("config", "core.autocrlf", "true")
    (world.root / "tasks.md").unlink()
    world.git("checkout", "-q", "--", "tasks.md")
    assert (world.root / "tasks.md").read_bytes() == CRLF
    with world.start() as engine:
        engine.segment()
    moved(world, tmp_path, back)
    assert (world.root / f".phasegate/{world.run_id}/runbook.md").read_bytes() == CRLF  # as the person had it
    assert b"\r" not in (world.root / "tasks.md").read_bytes()
    finished(world)


def test_line_ends_that_a_person_turned_are_refused_and_are_no_edit(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    with world.start() as engine:
        engine.segment()
    runbook = world.root / "tasks.md"
    runbook.write_bytes(runbook.read_bytes().replace(b"\n", b"\r\n"))
    with world.reopen() as engine, pytest.raises(BadInput, match=r"the line ends of tasks\.md were changed by hand"):
        engine.segment()


def test_line_ends_turned_while_the_question_stands_void_the_approval(tmp_path: Path) -> None:
    world = waiting(tmp_path)
    (world.root / "tasks.md").write_bytes(CRLF)
    with world.reopen() as engine:
        request = engine.run.task("t1_1").request
        assert request is not None
        with pytest.raises(BadInput, match=r"changed after it was shown; review it again: tasks\.md was changed"):
            engine.approve(request.digest, "command", by=engine.doors.me)
        assert engine.run.task("t1_1").status == "voided"


def test_an_artifact_edited_in_a_clone_with_crlf_is_still_missed(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    with world.start() as engine:
        engine.segment()
    moved(world, tmp_path, "true")
    (world.root / "artifacts/shed/colour.md").write_bytes(b"red\r\n")
    with pytest.raises(BadInput, match=r"artifacts/shed/colour\.md"), world.reopen():
        pass


def test_the_whole_stage_goes_on_in_a_clone_with_crlf(tmp_path: Path, sandbox: Sandbox) -> None:
    stage = StageWorld(tmp_path, sandbox)
    stage.take_to("1.2")
    moved(stage, tmp_path, "true")
    assert b"\r\n" in (stage.root / "artifacts/stage-06/dynamodb-infrastructure.yaml").read_bytes()
    stage.finish()
    assert [task.findings for task in audit_workspace(stage.root, None)] == [[]]


class TestAttributes:
    """`.phasegate/.gitattributes` is one of the run's own files."""

    def test_it_rides_in_the_first_commit_and_in_no_other(self, tmp_path: Path) -> None:
        world = RunWorld(tmp_path)
        with world.start() as engine:
            engine.drive()
        assert (world.root / ATTRIBUTES).read_bytes() == CONTENT
        assert world.git("log", "--format=%s", "--", ATTRIBUTES).splitlines() == world.subjects()[:1]

    def test_it_rides_in_the_end_of_a_run_that_was_aborted_first(self, tmp_path: Path) -> None:
        world = waiting(tmp_path)
        with world.reopen() as engine:
            engine.abort("no")
        assert ATTRIBUTES in world.git("show", "--name-only", "--format=", "HEAD")
        assert [task.findings for task in audit_workspace(world.root, None)] == [[]]

    def test_another_one_in_a_commit_of_the_run_is_a_finding(self, tmp_path: Path) -> None:
        world = waiting(tmp_path)
        with world.reopen() as engine:
            engine.abort("no")
        (world.root / ATTRIBUTES).write_text("* text\n")
        world.git("commit", "-q", "--amend", "--no-edit", ATTRIBUTES)
        (audit,) = audit_workspace(world.root, None)
        assert [(finding.code, finding.message) for finding in audit.findings] == [
            ("file-differs", f"{ATTRIBUTES} is not the one that phasegate writes")
        ]

    def test_one_that_is_there_and_the_same_is_left_alone(self, tmp_path: Path) -> None:
        world = RunWorld(tmp_path)
        with world.start() as engine:  # a start that died, and was removed as never begun
            pass
        shutil.rmtree(world.root / ".phasegate" / world.run_id)
        before = (world.root / ATTRIBUTES).stat()
        with world.start() as engine:
            engine.drive()
        assert (world.root / ATTRIBUTES).stat().st_mtime_ns == before.st_mtime_ns
        assert world.git("status", "--porcelain") == ""

    def theirs(self, world: RunWorld, content: str) -> None:
        (world.root / ".phasegate").mkdir()
        (world.root / ATTRIBUTES).write_text(content)
        world.git("add", ".")
        world.git("commit", "-q", "-m", "Attributes")

    def test_another_that_keeps_journals_is_respected(self, tmp_path: Path) -> None:
        world = RunWorld(tmp_path)
        self.theirs(world, "* -text\n*.jsonl -diff\n")
        with world.start() as engine:
            engine.drive()
        assert world.git("log", "--format=%s", "--", ATTRIBUTES).splitlines() == ["Attributes"]

    def test_another_that_does_not_is_refused_and_nothing_is_begun(self, tmp_path: Path) -> None:
        world = RunWorld(tmp_path)
        self.theirs(world, "*.jsonl -diff\n")
        with pytest.raises(BadInput, match=r"lets git convert the line ends of journals") as refused, world.start():
            pass
        assert [path.name for path in (world.root / ".phasegate").iterdir()] == [".gitattributes"]
        subprocess.run(["sh", "-ec", refused.value.next_command], cwd=world.root, check=True, capture_output=True)
        with world.start() as engine:
            engine.drive()
            assert engine.complete

    def test_one_that_was_edited_under_the_run_is_never_committed(self, tmp_path: Path) -> None:
        world = RunWorld(tmp_path)
        with world.start() as engine:
            (world.root / ATTRIBUTES).write_text("* text\n")
            engine.drive()
        assert world.git("status", "--porcelain") == f"?? {ATTRIBUTES}\n"
