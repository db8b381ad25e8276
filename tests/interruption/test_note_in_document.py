"""A note in the runbook: below the fence of its Notes, shown, approved and committed with a task, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from state.errors import BadInput
from tests.worlds.command_world import CommandWorld
from tests.worlds.run_world import RUNBOOK
from workflow.audit import audit_workspace
from workflow.runs.document_notes import with_note

pytestmark = pytest.mark.slow
NOTES = b"\n## Notes\n\nWrite down what went otherwise:\n\n```\n[Add notes here]\n```\n"
NOTED = RUNBOOK + NOTES


def sound(root: Path) -> None:
    (audit,) = audit_workspace(root, None)
    assert (audit.findings, audit.state) == ([], "complete")


def test_a_note_is_shown_approved_and_committed_with_the_task_and_changes_nothing_else(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=NOTED)
    world.up_to("1.2")
    before = (world.root / "tasks.md").read_bytes()
    told = world("note", "--in-document", "the paint came a day late")
    assert (told.code, "also in the runbook" in told.out) == (0, True), told.error
    after = (world.root / "tasks.md").read_bytes()
    assert after.startswith(before) and after[len(before) :].count(b"\n") == 2
    assert after.endswith(b": the paint came a day late\n")
    assert world.git("show", "HEAD:tasks.md").encode().strip() == before.strip()  # in no commit that nobody approved
    world("resume")
    world.hand_in()
    page = world("status", "--review").out
    assert ": the paint came a day late" in page and "Edit of tasks.md, kept as runbook-2.md" in page.replace(
        f".phasegate/{world.run_id}/", ""
    )
    told = world("note", "--in-document", "and one tin was blue")  # voids what was shown
    assert (told.code, "task 2.1 waited for approval, and is shown again with it" in told.out) == (0, True)
    assert f"next: phasegate resume {world.run_id}" in told.error
    assert world("resume", "--yes", "--practice").code == 0
    done = (world.root / "tasks.md").read_bytes()
    lines = done.splitlines()
    assert lines[-2].endswith(b": the paint came a day late") and lines[-1].endswith(b": and one tin was blue")
    unticked = done.replace(b"[x]", b"[ ]")
    assert unticked[: len(NOTED)] == NOTED
    assert [len(line) for line in done.splitlines()] == [len(line) for line in unticked.splitlines()]
    assert world.git("status", "--porcelain") == ""
    assert "the paint came a day late" in world("log").out
    sound(world.root)


@pytest.mark.parametrize(
    "text",
    ["one\ntwo", "one\n- [ ] 9.9 Another task", "one\n```", "one\n# A heading", "one\rtwo"],
    ids=["two lines", "a box", "a fence", "a heading", "a lone return"],
)
def test_what_is_no_line_of_words_is_refused_and_changes_nothing(tmp_path: Path, text: str) -> None:
    world = CommandWorld(tmp_path, runbook=NOTED)
    world.up_to("1.1")
    before = world.files()
    told = world("note", "--in-document", text)
    assert (told.code, "is one line of words" in told.error) == (2, True), told.error
    assert world.files() == before


@pytest.mark.parametrize(
    "runbook",
    [RUNBOOK, RUNBOOK + b"\n## Notes\n\nNo fence.\n", RUNBOOK + NOTES.replace(b"]\n```", b"]")],
    ids=["no section", "no fence", "an open fence"],
)
def test_without_a_place_for_notes_it_is_refused_and_changes_nothing(tmp_path: Path, runbook: bytes) -> None:
    with pytest.raises(BadInput, match="has no section Notes with a fence in it"):
        with_note(runbook, "- a note", "tasks.md", "run")


def test_an_edit_by_hand_is_not_taken_along(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=NOTED)
    world.up_to("1.2")
    path = world.root / "tasks.md"
    path.write_bytes(path.read_bytes().replace(b"2.1 Paint the walls", b"2.1 Burn the walls"))
    before = world.files()
    told = world("note", "--in-document", "nothing happened")
    assert (told.code, "--take-edit" in told.error) == (2, True), told.error
    assert world.files() == before


def test_a_secret_in_a_note_is_masked_in_the_document_too(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=NOTED)
    world.up_to("1.2")
    assert world("note", "--in-document", "it was password: hunter2hunter2").code == 0
    assert b"hunter2" not in (world.root / "tasks.md").read_bytes()


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_notes_lie_below_the_fence_in_order_with_the_documents_line_ends(end: bytes) -> None:
    text = (NOTES + b"\n## After\n\nwords\n").replace(b"\n", end)
    once = with_note(text, "- one", "tasks.md", "run")
    twice = with_note(once, "- two", "tasks.md", "run")
    fence = b"```" + end
    assert twice == text.replace(
        fence + end + b"## After", fence + end + b"- one" + end + b"- two" + end + end + b"## After"
    )
    assert with_note(NOTES[:-1], "- one", "tasks.md", "run") == NOTES + b"\n- one\n"
