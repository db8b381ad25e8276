"""By hand, in a real terminal: what is shown, what each key does, and that the terminal is given back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.worlds.forked_shell import forked
from tests.worlds.repositories import first_commit
from tests.worlds.typed_commands import CTRL_C, DOWN, ENTER, UP, ask, ended, typed, until
from tests.worlds.workspaces import PHASEGATE, environment, git, phasegate, workspace

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    with workspace(tmp_path / "shop") as made:
        yield made


def test_a_guided_run(place: Path) -> None:
    child = typed(place, "run", "stage-06", "--sandbox")
    page = ask(child)
    assert "1.1 Set up stage-06 workspace and validate migration contract" in page
    assert "artifacts/stage-06/migrationContract.json" in page
    digest = re.search(r"Digest ([0-9a-f]{64})", page)
    assert digest

    child.send(ENTER)  # stands on "show": Enter alone approves nothing
    shown = ask(child)
    assert '"CustomerId"' in shown
    assert git(place, "log", "--format=%s").count("\n") == 1

    child.send(UP + ENTER)
    until(child, "1.1 committed as")
    assert digest.group(1) in git(place, "log", "-1", "--format=%B")

    ask(child)
    child.send(DOWN * 2 + ENTER)
    until(child, r"Why\?")
    child.send("key types look wrong" + ENTER)
    page = ask(child)
    assert "attempt 2" in page
    assert "key types look wrong" in page

    child.send(CTRL_C)
    until(child, "paused: everything so far is safe")
    assert ended(child) == 130

    child = typed(place, "resume")
    page = ask(child)
    assert "1.2 Generate DynamoDB CloudFormation template" in page
    child.send(UP + ENTER)
    until(child, "1.2 committed as")
    ask(child)
    child.send(DOWN * 3 + ENTER)  # pause
    until(child, "waits for approval")
    assert ended(child) == 3
    log = (place / "artifacts/stage-06/06_working_log.md").read_text("utf-8")
    assert "attempt 1 rejected by Ada <ada@example.com>: key types look wrong" in log


def test_questions_are_asked_with_their_defaults_and_checked(place: Path) -> None:
    assert forked(place, "run", "stage-06", "--sandbox", "--yes", "--until", "2.1").returncode == 0
    child = typed(place, "resume")
    until(child, "Which AWS region")
    child.send(ENTER)
    until(child, "Which project")
    child.send(ENTER)
    until(child, "Which environment")
    child.send("\x15Not An Environment" + ENTER)  # Ctrl-U empties the line
    child.send("\x15test" + ENTER)
    until(child, "Which e-mail address")
    child.send(ENTER)
    until(child, "What shall the CloudFormation stack be called")
    child.send(ENTER)
    page = ask(child)
    assert "environment: test" in page
    assert "CustomersTable" in page
    assert "USD" in page
    child.send(CTRL_C)
    assert ended(child) == 130


def test_a_piped_yes_opens_nothing(place: Path) -> None:
    done = forked(place, "run", "stage-06", "--sandbox", PHASEGATE_DEBUG="1")
    assert done.returncode == 3
    child = pexpect.spawn(
        "/bin/sh", ["-c", f"yes | {PHASEGATE} -C {place} resume"], encoding="utf-8", timeout=60, env=environment()
    )
    until(child, "waits for approval of")
    ended(child)
    assert git(place, "log", "--format=%s").count("\n") == 1


def test_what_was_typed_before_the_question_decides_nothing(place: Path) -> None:
    """`a`, Enter, typed while the first task still works, approves nothing once it is asked."""
    child = typed(place, "run", "stage-06", "--sandbox")
    until(child, "1.1 Set up stage-06 workspace")
    child.send("a" + ENTER + UP + ENTER)
    ask(child)
    child.send("n")  # happens at its key, and is the first thing that is heard
    until(child, "Note:")
    child.send("looked at twice" + ENTER)
    ask(child)
    child.send(CTRL_C)
    assert ended(child) == 130
    assert git(place, "log", "--format=%s").count("\n") == 1


def test_a_word_and_enter_decide_nothing(place: Path) -> None:
    child = typed(place, "run", "stage-06", "--sandbox")
    ask(child)
    child.send("wait" + ENTER)  # `a` is a key, `it` are none: the cursor is back at "show"
    ask(child)
    child.send(CTRL_C)
    assert ended(child) == 130
    assert git(place, "log", "--format=%s").count("\n") == 1


def test_an_approval_needs_its_key_and_enter_and_a_rejection_its_reason(place: Path) -> None:
    child = typed(place, "run", "stage-06", "--sandbox", "--until", "1.1")
    ask(child)
    child.send("a")
    until(child, "» a")
    child.send("r")
    until(child, "Why[?]")
    child.send(ENTER)  # no reason: back to the page's list
    ask(child)
    assert git(place, "log", "--format=%s").count("\n") == 1
    child.send("a" + ENTER)
    until(child, "1.1 committed as")
    assert ended(child) == 0


def test_somebody_who_starts_a_run_sees_at_once_that_it_starts_and_no_rest_of_that(tmp_path: Path) -> None:
    (tmp_path / "shed.md").write_text("# Shed\n\n- [ ] 1. Paint\n")
    first_commit(tmp_path)
    child = typed(tmp_path, "run", "shed.md")
    child.expect("starting: loading what the command needs")
    assert (child.before or "") == "\r\x1b[2K| 0:00  "
    child.expect("starting: reading the runbook and looking at the repository")
    child.expect("run shed-")
    ask_work = until(child, r"Is [^\n]* done\?[^\n]*a key, or")
    assert "starting" not in ask_work.rpartition("working")[2]
    child.sendcontrol("c")
    assert ended(child) == 130
    assert "starting" not in phasegate(tmp_path, "resume").stderr


def test_ctrl_c_before_a_run_has_begun_names_the_command_that_was_typed(tmp_path: Path) -> None:
    (tmp_path / "shed.md").write_text("# Shed\n\n- [x] 1. Choose\n- [ ] 2. Paint\n")
    first_commit(tmp_path)
    child = typed(tmp_path, "run", "shed.md", "--until", "2")
    until(child, "Take them over as done")
    child.expect("refuse")
    child.send(CTRL_C)
    until(child, "paused: everything so far is safe")
    assert f"next: phasegate -C {tmp_path} run shed.md --until 2\r\n" in until(child, pexpect.EOF)
    assert not (tmp_path / ".phasegate").exists()
