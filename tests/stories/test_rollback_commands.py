"""`phasegate rollback` as people and machines type it: in a terminal, without one, and what other verbs say then."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.typed_commands import DOWN, ENTER, UP, ask, ended, typed, until
from tests.worlds.workspaces import git, workspace

pytestmark = pytest.mark.slow

ANSWERS = """\
rollback-critical-functionality: "no"
rollback-data-integrity: "yes"
rollback-performance: "no"
rollback-security: "no"
rollback-notified: the team
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A run of stage-06 whose first task is committed; AWS was not touched."""
    with workspace(tmp_path / "shop") as made:
        assert phasegate(made, "run", "stage-06", "--sandbox", "--yes", "--until", "1.1").returncode == 0
        yield made


def choose(child: pexpect.spawn[str], question: str, keys: str) -> None:
    until(child, rf"{question}\?[^\n]*a key, or")
    child.expect("no\\b")
    child.send(keys)


def test_in_a_terminal_it_is_asked_shown_approved_and_done(place: Path) -> None:
    child = typed(place, "rollback", "--reason", "it leaks")
    # nothing is suggested, so Enter alone says nothing
    choose(child, "critical functionality is broken", ENTER + DOWN + ENTER)
    for question in ("data integrity is compromised", "performance is severely degraded", "vulnerability is exposed"):
        choose(child, question, DOWN * 2 + ENTER)
    until(child, "Who has been notified")
    child.send("the team" + ENTER)
    page = ask(child)
    assert "R1 Plan the rollback" in page
    assert "Reason: it leaks" in page
    assert "attested: critical functionality is broken: yes, says Ada" in page
    assert "R2 Look at what the deployment left" in page
    child.send(UP + ENTER)
    until(child, "R1 committed as")
    ask(child)
    child.send(UP + ENTER)
    until(child, "rolled back, 2 steps in 2 commits")
    assert ended(child) == 0
    assert git(place, "log", "--format=%s").splitlines()[:2] == [
        "stage-06 rollback R2: Look at what the deployment left",
        "stage-06 rollback R1: Plan the rollback",
    ]
    assert git(place, "status", "--porcelain") == ""


def test_without_a_terminal_it_waits_and_goes_on_from_elsewhere(place: Path) -> None:
    done = phasegate(place, "rollback", "--reason", "it leaks")
    assert (done.returncode, "asks 5 questions that have no answer:" in done.stderr) == (3, True)
    for name in ("critical-functionality", "data-integrity", "performance", "security", "notified"):
        assert f"\n  rollback-{name}: " in done.stderr
    assert "resume" in done.stderr.split("next:")[1]
    assert json.loads(phasegate(place, "status", "--json").stdout)["state"] == "rolling_back"
    (place / "answers.yaml").write_text(ANSWERS)
    for step in ("rollback_1", "rollback_2"):
        done = phasegate(place, "resume", "--answers", str(place / "answers.yaml"))
        assert done.returncode == 3, done.stderr
        waiting = json.loads(phasegate(place, "status", "--json").stdout)["waiting_for"]
        assert waiting["task"] == step
        assert f"## R{step[-1]} " in phasegate(place, "status", "--review").stdout
        git(place, "config", "user.email", "bob@example.com")  # somebody else
        assert phasegate(place, "approve", "--digest", waiting["digest"][:7]).returncode == 0
        git(place, "config", "user.email", "ada@example.com")
    done = phasegate(place, "resume")
    assert (done.returncode, done.stdout.endswith(": rolled back, 2 steps in 2 commits\n")) == (0, True)
    shown = phasegate(place, "status").stdout
    assert re.match(r"stage-06-\S+: rolled back, 3 of 16 done\n", shown)
    assert "rolled back because it leaks (Ada <ada@example.com>)" in shown
    assert "next:" not in shown
    assert "rollback-started" in phasegate(place, "log").stdout
    assert phasegate(place, "audit").returncode == 0
    again = phasegate(place, "resume")
    assert (again.returncode, "was rolled back" in again.stderr) == (4, True)
    again = phasegate(place, "rollback", "--reason", "once more")
    assert (again.returncode, "was rolled back" in again.stderr) == (2, True)


def test_with_yes_in_the_sandbox_the_whole_of_a_deployment_is_rolled_back(place: Path) -> None:
    assert phasegate(place, "resume", "--yes", "--until", "3.2").returncode == 0
    done = phasegate(place, "rollback", "--reason", "it leaks", "--yes")
    assert done.returncode == 0, done.stderr
    plan = (place / "artifacts/stage-06/rollback-plan.md").read_text()
    assert "execute-change-set: change_set_arn `arn:aws:cloudformation:" in plan
    left = (place / "artifacts/stage-06/rollback-results.md").read_text()
    assert "CREATE_COMPLETE, empty, retained and protected" in left
    assert phasegate(place, "audit").returncode == 0


def test_a_reason_must_be_given(place: Path) -> None:
    before = git(place, "status", "--porcelain")
    assert phasegate(place, "rollback").returncode == 2
    assert git(place, "status", "--porcelain") == before
