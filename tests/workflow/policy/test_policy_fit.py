"""What `run` refuses of a policy, `plan` refuses and `doctor` tells of: rules for no gate, signers without a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld

pytestmark = pytest.mark.slow
KEY = "ada@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ\n"


def with_policy(path: Path, policy: str, signers: str = "") -> CommandWorld:
    world = CommandWorld(path, runbook=b"# Job\n\n- [ ] 1. First\n")
    (world.root / "phasegate.yaml").write_text(policy)
    (world.root / "signers").write_text(signers)
    world.git("add", ".")
    world.git("commit", "-qm", "Policy")
    return world


@pytest.mark.parametrize(
    ("policy", "why", "health"),
    [
        ('gates: [{gate: "9", workflow: tasks}]\n', "no task of tasks is called '9'", "warn"),
        ("default: {signed: true, allowed_signers: tasks.md}\n", "tasks.md has no line with a key", "fail"),
        ("default: {signed: true, allowed_signers: signers}\n", "signers has no line with a key", "fail"),
    ],
)
def test_run_plan_and_doctor_say_the_same(tmp_path: Path, policy: str, why: str, health: str) -> None:
    world = with_policy(tmp_path, policy, "# nobody yet\n")
    ran, planned, looked = world("run", "tasks.md"), world("plan", "tasks.md"), world("doctor")
    assert (ran.code, why in ran.error) == (2, True), ran.error
    assert (planned.code, planned.error) == (ran.code, ran.error)
    assert "EDITOR" in ran.next
    (line,) = [line for line in looked.out.splitlines() if why in line]
    assert line.startswith(health)


def test_a_file_of_signers_with_a_key_is_one(tmp_path: Path) -> None:
    world = with_policy(tmp_path, "default: {signed: true, allowed_signers: signers}\n", KEY)
    assert world("plan", "tasks.md").code == 0
    assert world("run", "tasks.md").code == 3
