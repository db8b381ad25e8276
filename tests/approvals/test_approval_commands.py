"""The real command in real terminals: approve and reject from elsewhere, signatures, and what `init` writes."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.worlds.approval_world import ADA, BOB, Keys
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.run_world import RUNBOOK
from tests.worlds.workspaces import PHASEGATE, environment, git
from workflow.doors.prompts import TICK

pytestmark = pytest.mark.slow

AS_BOB = {
    "GIT_AUTHOR_NAME": "Bob",
    "GIT_AUTHOR_EMAIL": "bob@example.com",
    "GIT_COMMITTER_NAME": "Bob",
    "GIT_COMMITTER_EMAIL": "bob@example.com",
}
ROBOT = {"GIT_AUTHOR_NAME": "Robot", "GIT_AUTHOR_EMAIL": "robot@example.com"}
SIGNED = "default: {signed: true, operator_may_approve: false, allowed_signers: signers}\n"
ASKED = r"Approve [^\n]*\?[^\n]*a key, or"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "shed"
    made.mkdir()
    (made / "shed.md").write_bytes(RUNBOOK)
    git(made, "init", "-q", "-b", "main")
    git(made, "config", "user.name", "Ada")
    git(made, "config", "user.email", "ada@example.com")
    git(made, "add", ".")
    git(made, "commit", "-q", "-m", "Start")
    return made


def policy(place: Path, text: str, **files: str) -> None:
    for name, content in {"phasegate.yaml": text, **files}.items():
        (place / name).write_text(content)
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "A policy")


def hand_in(child: pexpect.spawn[str]) -> None:
    """Say at the terminal that the task is done, and come to the question whether it may be left."""
    child.expect(r"Is [^\n]* done\?[^\n]*a key, or")
    child.expect("pause: go on later")
    child.send("\x1b[B\r")  # down from "show": it is done
    child.expect(ASKED)


@pytest.fixture
def terminal(place: Path) -> Iterator[pexpect.spawn[str]]:
    """`phasegate run shed.md`, at its first question."""
    child = pexpect.spawn(
        PHASEGATE,
        ["-C", str(place), "run", "shed.md"],
        encoding="utf-8",
        timeout=30,
        dimensions=(60, 200),
        env={**environment(), "PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm-256color", "NO_COLOR": "1"},
    )
    hand_in(child)
    child.expect("pause: decide later")
    yield child
    child.close(force=True)


def begin(place: Path) -> None:
    """A run whose first task somebody has handed in."""
    assert phasegate(place, "run", "shed.md").returncode == 3
    handed = phasegate(place, "done", "--no-files", **ROBOT)
    assert handed.returncode == 0, handed.stderr


def waiting(place: Path) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(phasegate(place, "status", "--json").stdout)["waiting_for"]
    return body


def digest(place: Path, characters: int = 7) -> str:
    return str(waiting(place)["digest"])[:characters]


def test_a_waiting_run_notices_an_approval_from_another_terminal(place: Path, terminal: pexpect.spawn[str]) -> None:
    assert TICK < 0.5  # so within a second; the time itself is the machine's
    done = phasegate(place, "approve", "--digest", digest(place), "--comment", "fine", **AS_BOB)
    assert done.returncode == 0, done.stderr
    terminal.expect("from elsewhere: approved by Bob")
    terminal.expect("1.1 committed as")
    terminal.expect("pause: go on later")  # the next task
    assert f"Approved-by: {BOB}" in git(place, "log", "-1", "--format=%B")
    assert f"{BOB} said: fine" in (place / "artifacts/shed/working_log.md").read_text("utf-8")


def test_a_waiting_run_goes_back_to_work_when_another_terminal_rejects(
    place: Path, terminal: pexpect.spawn[str]
) -> None:
    done = phasegate(place, "reject", "--reason", "not that green", **AS_BOB)
    assert done.returncode == 0, done.stderr
    terminal.expect("from elsewhere: rejected by Bob")
    terminal.expect("attempt 2")
    terminal.expect("rejected by Bob.*not that green")


def test_the_terminal_is_usable_after_a_question_that_went_away(place: Path, terminal: pexpect.spawn[str]) -> None:
    phasegate(place, "note", "from elsewhere")
    terminal.expect("from elsewhere: noted by Ada")
    terminal.expect("pause: decide later")
    terminal.send("\x1b[A\r")  # up from "show": approve
    terminal.expect("1.1 committed as")
    assert f"Approved-by: {ADA}" in git(place, "log", "-1", "--format=%B")


def journal(place: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((place / ".phasegate").rglob("*.jsonl"))]


def test_two_approvers_from_two_terminals_while_the_run_is_paused(place: Path) -> None:
    policy(place, "default: {approvers: 2}\n")
    begin(place)
    first = phasegate(place, "approve", "--digest", digest(place))
    assert "approved, more approvals are needed" in first.stdout
    again = phasegate(place, "approve", "--digest", digest(place))
    assert (again.returncode, "has approved this already" in again.stderr) == (2, True)
    half = phasegate(place, "resume")
    assert (half.returncode, "1 approval of" in half.stderr) == (3, True)
    assert "- approved by Ada" in phasegate(place, "status", "--review").stdout
    assert phasegate(place, "approve", "--digest", digest(place), **AS_BOB).returncode == 0
    phasegate(place, "resume", "--until", "1.1")
    assert git(place, "log", "-1", "--format=%(trailers:key=Approved-by,valueonly)").split("\n")[:2] == [ADA, BOB]


def test_a_signed_approval_on_the_command_line(place: Path, keys: Keys) -> None:
    policy(place, SIGNED, signers=keys.allow(BOB))
    begin(place)
    shown = digest(place, 64)
    unsigned = phasegate(place, "approve", "--digest", shown, GIT_CONFIG_GLOBAL="/dev/null", **AS_BOB)
    assert (unsigned.returncode, "no SSH key to sign with" in unsigned.stderr) == (2, True)
    wrong = phasegate(place, "approve", "--digest", shown, "--key", str(keys.file(ADA)), **AS_BOB)
    assert (wrong.returncode, "is not a key of bob@example.com" in wrong.stderr) == (2, True)
    good = phasegate(place, "approve", "--digest", shown, "--key", str(keys.file(BOB)), **AS_BOB)
    assert good.returncode == 0, good.stderr
    assert phasegate(place, "resume", "--until", "1.1").returncode == 0
    assert f"Approved-by: {BOB}" in git(place, "log", "-1", "--format=%B")


@pytest.mark.parametrize("characters", [7, 63])
def test_less_than_the_whole_digest_is_refused_where_it_is_signed(place: Path, keys: Keys, characters: int) -> None:
    policy(place, SIGNED, signers=keys.allow(BOB))
    begin(place)
    before = journal(place)
    given = ("--digest", digest(place, characters), "--key", str(keys.file(BOB)))
    short = phasegate(place, "approve", *given, **AS_BOB)
    assert (short.returncode, "signing" in short.stderr) == (2, False)
    assert f"names '{given[1]}', {characters} characters of a digest: the gate of task 1.1 asks for sig" in short.stderr
    assert "expected all 64" in short.stderr
    assert journal(place) == before
    (command,) = (line.strip() for line in short.stderr.split("\n") if " --digest " in line)
    words = shlex.split(command.replace("FILE", str(keys.file(BOB))), comments=True)
    assert words[words.index("--digest") + 1] == digest(place, 64)
    assert command in phasegate(place, "status").stdout
    assert command in phasegate(place, "resume").stderr
    typed = phasegate(place, *words[words.index("approve") :], **AS_BOB)
    assert typed.returncode == 0, typed.stderr


def test_a_policy_that_is_signed_is_approved_by_its_whole_digest(place: Path, keys: Keys) -> None:
    policy(place, SIGNED, signers=keys.allow(BOB))
    begin(place)
    policy(place, SIGNED.replace("false", "true"), signers=keys.allow(BOB))
    shown = phasegate(place, "approve", "--policy", **AS_BOB)
    command = next(line for line in shown.stderr.split("\n") if "--digest" in line).split(" --digest ")[1]
    whole = command.split()[0]
    assert (shown.returncode, len(whole), f"Digest {whole}\n" in shown.stdout) == (3, 64, True)
    before = journal(place)
    key = ("--key", str(keys.file(BOB)))
    short = phasegate(place, "approve", "--policy", "--digest", whole[:63], *key, **AS_BOB)
    assert (short.returncode, "signing" in short.stderr, journal(place)) == (2, False, before)
    assert f"is {whole[:7]}; it has to be signed: expected all 64 characters" in short.stderr
    assert phasegate(place, "approve", "--policy", "--digest", whole, *key, **AS_BOB).returncode == 0


def test_sign_signs_where_the_policy_leaves_it_open(place: Path, keys: Keys) -> None:
    policy(place, "default: {allowed_signers: signers}\n", signers=keys.allow(ADA))
    git(place, "config", "gpg.format", "ssh")
    git(place, "config", "user.signingkey", str(keys.file(ADA)))
    begin(place)
    assert phasegate(place, "approve", "--digest", digest(place), "--sign").returncode == 0
    assert "BEGIN SSH SIGNATURE" in phasegate(place, "log", "--json").stdout


def test_approving_needs_the_digest_that_was_shown(place: Path) -> None:
    begin(place)
    done = phasegate(place, "approve", "--digest", "0000000")
    assert (done.returncode, "the approval names '0000000'" in done.stderr) == (2, True)
    assert phasegate(place, "approve").returncode == 2


def test_init_writes_a_policy_that_changes_nothing_and_overwrites_none(place: Path) -> None:
    assert phasegate(place, "init", "stage-06").returncode == 0
    written = (place / "phasegate.yaml").read_bytes()
    assert b"# operator_may_approve: true" in written
    (place / "phasegate.yaml").write_bytes(b"default: {approvers: 2}\n")
    again = phasegate(place, "init", "stage-06")
    assert (again.returncode, "phasegate.yaml is there already" in again.stdout) == (0, True)
    assert (place / "phasegate.yaml").read_bytes() == b"default: {approvers: 2}\n"


def test_a_policy_that_is_not_committed_is_told_with_the_command(place: Path) -> None:
    (place / "phasegate.yaml").write_text("default: {}\n")
    done = phasegate(place, "run", "shed.md")
    assert done.returncode == 2
    told = done.stderr.replace(f" -C {place}", "")
    assert "cat -- phasegate.yaml)   # look\n      git add -- phasegate.yaml && git commit" in told
    assert not (place / ".phasegate").exists()
