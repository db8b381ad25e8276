"""A deployment from a phase workflow, guided in a real terminal from start to end, with a rejection and a Ctrl-C."""

from __future__ import annotations

import re
from pathlib import Path

import pexpect
import pytest

from phases.manual.blanks import blanks, nameless
from phases.manual.reading_commands import only_reads
from state.model import PlannedTask
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.forked_terminal import ForkedTerminal
from tests.worlds.workspaces import ROOT, SHARED, environment, git
from workflow.runbook.reader import read_runbook

pytestmark = pytest.mark.slow

OWN, SEED = ROOT / "tests/runbooks/good/aws-deploy.md", SHARED / "seeds/aws-deployment-workflow.md"
UP, DOWN, ENTER, CTRL_C = "\x1b[A", "\x1b[B", "\r", "\x03"


class Guided:
    """Somebody at the terminal who goes through the phases of a runbook."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.child = self._typed("run", "deploy.md")

    def _typed(self, *arguments: str) -> pexpect.spawn[str]:
        child = ForkedTerminal(
            ["-C", str(self.place), *arguments],
            encoding="utf-8",
            timeout=60,
            dimensions=(100, 200),
            env={**environment(), "PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm-256color", "NO_COLOR": "1"},
        )
        child.delaybeforesend = None
        return child

    def until(self, pattern: str) -> str:
        self.child.expect(pattern)
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.child.before or "")

    def shown(self) -> str:
        """The page of the task that is to be done; returns when keys are read."""
        page = self.until(r"Is [^\n]* done\?[^\n]*a key, or")
        self.child.expect("pause: go on later")
        return page

    def hands_in(self, task: PlannedTask) -> str:
        """Says that it is done, runs nothing, attests every criterion; returns the page at the gate."""
        self.child.send(DOWN + ENTER)
        for command in task.commands:
            if nameless(command):
                continue  # it is never run as it stands
            self.until(re.escape(command.text.split("\n")[-1][:40]))  # "Run" and "skip" also stand in the answer before
            self.until("skip")
            reads = only_reads(command.text) and not blanks(command)
            self.child.send((DOWN if reads else DOWN * 2) + ENTER)
        if not all(nameless(command) for command in task.commands):
            self.until("Go on, or take one of these back")
            self.until("ask again")
            self.child.send(ENTER)
        for _ in task.exit_criteria:
            self.until("Is it met")
            self.child.expect(r"\bno\b")
            self.child.send(ENTER + DOWN + ENTER)  # it stands on no answer: Enter alone attests nothing
        page = self.until(r"Approve [^\n]*\?[^\n]*a key, or")
        self.child.expect("pause: decide later")
        return page

    def resume(self) -> None:
        self.child = self._typed("resume")

    def ended(self) -> int | None:
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


@pytest.mark.parametrize("runbook", [OWN, SEED], ids=["own", "seed"])
def test_eight_phases_by_hand(tmp_path: Path, runbook: Path) -> None:
    if not runbook.exists():
        pytest.skip(f"{runbook.name} is not beside this repository")
    place = tmp_path / "shop"
    place.mkdir()
    (place / "deploy.md").write_bytes(runbook.read_bytes())
    git(place, "init", "-q", "-b", "main")
    git(place, "config", "user.name", "Ada")
    git(place, "config", "user.email", "ada@example.com")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "A runbook")
    phases = read_runbook(runbook.read_bytes(), name="deploy", path="deploy.md").tasks
    assert len(phases) == 8

    guided = Guided(place)
    for number, phase in enumerate(phases, 1):
        page = guided.shown()
        assert phase.title in page
        if number == 1:
            assert "aws sts get-caller-identity" in page
        if number == 3:
            guided.child.send(CTRL_C)
            guided.until("paused: everything so far is safe")
            assert guided.ended() == 130
            guided.resume()
            guided.shown()
        gate = guided.hands_in(phase)
        assert "yes, says Ada" in " ".join(gate.split())
        if number == 2:
            guided.child.send(DOWN * 2 + ENTER)
            guided.until(r"Why\?")
            guided.child.send("the backup is missing" + ENTER)
            assert "the backup is missing" in guided.shown()
            guided.hands_in(phase)
        guided.child.send(UP + ENTER)
        guided.until("committed as")
    guided.until("complete, 8 tasks in 8 commits")
    assert guided.ended() == 0

    assert git(place, "log", "--format=%s").splitlines()[-2::-1] == [
        f"deploy task {phase.id}: {phase.title}" for phase in phases
    ]
    assert git(place, "status", "--porcelain") == ""
    log = (place / "artifacts/deploy/working_log.md").read_text("utf-8")
    assert "attempt 1 rejected by Ada <ada@example.com>: the backup is missing" in log
    audited = phasegate(place, "audit")
    assert audited.returncode == 0, audited.stdout
