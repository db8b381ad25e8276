"""A key that was approved while work waits reaches the gate that waits: it is shown again, and the key opens it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.policy import GatePolicy
from gates.policy_change import GateRules
from state.errors import Waiting
from state.fold import fold
from state.read_journal import read
from tests.worlds.agent_world import AgentWorld
from tests.worlds.approval_world import BOB, EVE, Keys
from tests.worlds.soft_authenticator import Authenticator
from tests.worlds.workspaces import git
from workflow.doors.terminal import Terminal
from workflow.engine.gatekeeper import text_to_sign
from workflow.service.approve_policy import approve_policy, policy_change
from workflow.service.drive import Driving
from workflow.service.resume import resume
from workflow.service.this_process import nobody, who_runs_this
from workflow.service.verdict import approve

DEFAULT = "default: {}\n"


def commits(world: AgentWorld, files: dict[str, str]) -> None:
    for name, text in files.items():
        (world.root / name).write_text(text)
    git(world.root, "add", *files)
    git(world.root, "commit", "-qm", "Keys")


def approves_policy(world: AgentWorld) -> None:
    who, person = who_runs_this(world.root), Terminal(interactive=True)
    seen = policy_change(world.root, who, person, None)
    approve_policy(world.root, who, person, seen, seen.digest)


@pytest.mark.slow
@pytest.mark.parametrize("by", ["resume", "drive"])
@pytest.mark.parametrize("policy", ["", DEFAULT], ids=["no policy", "a policy"])
def test_a_passkey_that_was_approved_reaches_the_gate_that_waits(by: str, policy: str, tmp_path: Path) -> None:
    bob = Authenticator(BOB)
    world = AgentWorld(tmp_path, policy=policy)
    world.starts()
    world.works("one.txt")
    before = world.digest
    commits(world, {"phasegate.yaml": "default: {passkeys: passkeys}\n", "passkeys": bob.line})
    world.drives()
    assert world.digest == before  # nobody has approved it yet: the old one judges
    approves_policy(world)
    if by == "drive":
        world.drives()
    else:
        with pytest.raises(Waiting, match="waits for approval"):
            resume(world.root, who_runs_this(world.root), nobody(), None, Driving())
    assert world.digest != before
    assert world.events("worked")[-1]["policy"]["passkeys"] == "passkeys"
    assert len(world.events("handed-in")) == 1  # the work stays
    signature = bob.signs(text_to_sign(fold(read(world.journal))))
    approve(world.root, who_runs_this(world.root), nobody(), None, world.digest, via="web", passkey=signature)
    world.drives()
    assert world.events("approved")[-1]["admits"] is True
    assert len(world.commits()) == 2
    assert world.findings() == []


@pytest.mark.slow
def test_a_key_that_goes_voids_an_agents_work_that_it_could_open(tmp_path: Path, keys: Keys) -> None:
    world = AgentWorld(
        tmp_path, policy="default: {allowed_signers: signers}\n", files={"signers": keys.allow(BOB) + keys.allow(EVE)}
    )
    world.starts()
    world.works("one.txt")
    before = world.digest
    commits(world, {"signers": keys.allow(BOB)})
    world.drives()
    assert [each["changed"] for each in world.events("voided")] != []
    assert world.digest == before  # it is to be handed in again


@pytest.mark.parametrize(
    ("presence", "agents", "matters"),
    [(None, True, True), ("terminal", True, True), ("any", True, False), ("signed", False, True), (None, False, False)],
)
def test_keys_matter_where_a_signature_opens_what_nothing_else_does(
    presence: str | None, matters: bool, *, agents: bool
) -> None:
    policy = GatePolicy(presence=presence)  # type: ignore[arg-type]
    one, other = GateRules(policy, frozenset({"a"})), GateRules(policy, frozenset({"a", "b"}))
    assert one.opens_as(other, agents=agents) is not matters
    assert one.opens_as(one, agents=agents)
