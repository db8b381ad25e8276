"""Work of which a part was done at a terminal, and the rest by processes without one: the audit finds nothing wrong.

A process is killed at a known place: at a prompt, or while a check of its task reads a named pipe.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.processes import begin, end_group
from tests.worlds.repositories import first_commit
from tests.worlds.typed_commands import typed, until

pytestmark = pytest.mark.slow

CUT = """# Cut over

## T-24h
- [ ] Freeze announced
- [ ] Mail drafted

## T-0
- [ ] DNS switched
"""
PLAIN = "# Plain\n\n- [ ] 1. Paint the shed\n- [ ] 2. Tidy up\n"
CHECKS = "checks:\n  - {id: read, name: It can be read, command: {run: cat .git/pipe}, tasks: ['1']}\n"
BOB = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "cut.md").write_text(CUT)
    (tmp_path / "plain.md").write_text(PLAIN)
    (tmp_path / "plain.checks.yaml").write_text(CHECKS)
    first_commit(tmp_path)
    read(tmp_path)
    return tmp_path


def blocks(place: Path) -> Path:
    """From now on the check stands still where it reads, until something is written."""
    pipe = place / ".git/pipe"
    pipe.unlink()
    os.mkfifo(pipe)
    return pipe


def read(place: Path) -> None:
    """From now on the check passes."""
    pipe = place / ".git/pipe"
    pipe.unlink(missing_ok=True)
    pipe.write_text("there\n")


def says_done(child: pexpect.spawn[str]) -> None:
    until(child, r"Is [^\n]* done\?[^\n]*a key, or")
    child.expect("pause: go on later")
    child.send("d")


def box(child: pexpect.spawn[str], number: int, key: str) -> None:
    until(child, rf"box {number} of \d+: ")
    child.expect(r"p\) pause")
    child.send(key)


def killed_at(child: pexpect.spawn[str], pattern: str) -> None:
    until(child, pattern)
    killed(child)


def killed(child: pexpect.spawn[str]) -> None:
    child.kill(signal.SIGKILL)
    child.expect(pexpect.EOF)
    child.close()
    assert child.signalstatus == signal.SIGKILL


def killed_in_the_check(place: Path, child: pexpect.spawn[str], pipe: Path) -> None:
    with pipe.open("w"):  # returns once the check reads
        killed(child)
    read(place)


def types(place: Path, code: int, *words: str, **environment: str) -> str:
    told = phasegate(place, *words, **environment)
    assert told.returncode == code, told.stderr
    return told.stderr


def approves(place: Path, **environment: str) -> None:
    shown = json.loads(phasegate(place, "status", "--json").stdout)["waiting_for"]
    types(place, 0, "approve", "--digest", shown["digest"], **environment)
    types(place, 3, "resume")


def boxes_at_a_terminal_then_the_rest_by_done(place: Path) -> None:
    child = typed(place, "run", "cut.md")
    child.timeout = 15
    says_done(child)
    box(child, 1, "y")
    killed_at(child, "box 2 of 2: ")
    types(place, 0, "done", "--no-files", "--box", "2=yes")
    approves(place, **BOB)


def done_at_a_terminal_then_the_boxes_by_done(place: Path) -> None:
    child = typed(place, "run", "cut.md")
    child.timeout = 15
    says_done(child)
    killed_at(child, "box 1 of 2: ")
    types(place, 0, "done", "--no-files", "--box", "1=yes", "--box", "2=yes")
    approves(place, **BOB)


def handed_in_at_a_terminal_then_looked_at_without_one(place: Path) -> None:
    pipe = blocks(place)
    child = typed(place, "run", "plain.md")
    child.timeout = 15
    says_done(child)
    killed_in_the_check(place, child, pipe)
    types(place, 3, "resume")
    approves(place, **BOB)


def shown_at_a_terminal_then_approved_without_one(place: Path) -> None:
    child = typed(place, "run", "cut.md")
    child.timeout = 15
    says_done(child)
    box(child, 1, "y")
    box(child, 2, "y")
    killed_at(child, "pause: decide later")
    approves(place)


def an_answers_file_without_a_terminal_then_the_rest_at_one(place: Path) -> None:
    (place / ".git/answers.yaml").write_text("t-24h-box-1: 'yes'\n")
    child = typed(place, "run", "cut.md")
    child.timeout = 15
    says_done(child)
    killed_at(child, "box 1 of 2: ")
    types(place, 3, "resume", "--answers", str(place / ".git/answers.yaml"))
    child = typed(place, "resume")
    child.timeout = 15
    box(child, 2, "y")
    killed_at(child, "pause: decide later")
    approves(place, **BOB)


def an_answers_file_behind_what_was_handed_in_at_a_terminal(place: Path) -> None:
    (place / ".git/answers.yaml").write_text("t-24h-box-2: 'yes'\n")
    child = typed(place, "run", "cut.md")
    child.timeout = 15
    says_done(child)
    box(child, 1, "y")
    killed_at(child, "box 2 of 2: ")
    told = phasegate(place, "resume", "--answers", str(place / ".git/answers.yaml"))
    assert told.returncode == 3, told.stderr
    if "waits for approval" not in told.stderr:
        types(place, 0, "done", "--no-files")
    approves(place, **BOB)


def handed_in_by_done_then_looked_at_at_a_terminal(place: Path) -> None:
    types(place, 3, "run", "plain.md")
    pipe = blocks(place)
    process = begin(place, "done", "--no-files")
    with pipe.open("w"):
        end_group(process)
    read(place)
    child = typed(place, "resume")
    child.timeout = 15
    killed_at(child, "pause: decide later")
    approves(place, **BOB)


def done_typed_at_a_terminal_then_looked_at_without_one(place: Path) -> None:
    types(place, 3, "run", "plain.md")
    pipe = blocks(place)
    child = typed(place, "done", "--no-files")
    child.timeout = 15
    killed_in_the_check(place, child, pipe)
    types(place, 3, "resume")
    approves(place, **BOB)


ORDERS = (
    boxes_at_a_terminal_then_the_rest_by_done,
    done_at_a_terminal_then_the_boxes_by_done,
    handed_in_at_a_terminal_then_looked_at_without_one,
    shown_at_a_terminal_then_approved_without_one,
    an_answers_file_without_a_terminal_then_the_rest_at_one,
    an_answers_file_behind_what_was_handed_in_at_a_terminal,
    handed_in_by_done_then_looked_at_at_a_terminal,
    done_typed_at_a_terminal_then_looked_at_without_one,
)


@pytest.mark.parametrize("happens", ORDERS, ids=lambda each: each.__name__.replace("_", " "))
def test_the_audit_finds_nothing(place: Path, happens: Callable[[Path], None]) -> None:
    happens(place)
    assert json.loads(phasegate(place, "status", "--json").stdout)["progress"]["done"] == 1
    audit = phasegate(place, "audit")
    assert audit.returncode == 0, audit.stdout


@pytest.mark.parametrize("dies", [False, True], ids=["it goes on", "it is killed while its command runs"])
def test_a_yes_that_waits_for_the_boxs_own_command_is_the_commands_to_give(tmp_path: Path, dies: bool) -> None:
    """The yes counts only with the command's exit 0, which alone is enough: with the process no answer is lost."""
    (tmp_path / "cut.md").write_text(CUT.replace("Mail drafted", "Mail drafted (`grep -q there .git/pipe`)"))
    first_commit(tmp_path)
    read(tmp_path)
    types(tmp_path, 3, "run", "cut.md")
    order = ("done", "--no-files", "--run", "1", "--box", "1=yes", "--box", "2=yes")
    if dies:
        pipe = blocks(tmp_path)
        process = begin(tmp_path, *order)
        with pipe.open("w"):
            end_group(process)
        read(tmp_path)
        types(tmp_path, 3, "resume")
    else:
        types(tmp_path, 0, *order)
    worked = json.loads(phasegate(tmp_path, "log", "--json").stdout.splitlines()[-1])
    verdicts = {check["answers"]: check["verdict"] for check in worked["checks"] if check.get("answers")}
    assert verdicts == {"box 1": "attested", "box 2": "pass"}
    approves(tmp_path, **BOB)
    assert (tmp_path / "cut.md").read_text().count("[x]") == 2
    assert phasegate(tmp_path, "audit").returncode == 0
