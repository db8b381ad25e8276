"""Where passkeys alone sign, no hint names a key, and a command says where the signature is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from state.errors import Waiting
from tests.worlds.agent_world import BOXES, AgentWorld
from tests.worlds.approval_world import BOB, EVE, Keys
from tests.worlds.soft_authenticator import Authenticator
from tests.worlds.workspaces import git
from workflow.doors.terminal import Terminal
from workflow.service.approve_policy import approve_policy, policy_change
from workflow.service.this_process import who_runs_this

pytestmark = pytest.mark.slow
OF_AN_AGENT = "default: {presence: signed, passkeys: passkeys}\n"
OF_ANYBODY = "default: {presence: any, signed: true, passkeys: passkeys}\n"
SERVE = "phasegate serve   # with a passkey, in a browser"


def waiting(tmp_path: Path, policy: str, **given: Any) -> tuple[AgentWorld, list[str]]:
    """What waits, and the commands that are said to approve it, as far as they are to be typed."""
    world = AgentWorld(tmp_path, policy=policy, files={"passkeys": Authenticator(BOB).line}, **given)
    world.starts()
    told = world.hands_in(boxes=("1=yes", "2=yes")) if given else world.works("one.txt")
    ways = told["approve"]
    assert isinstance(ways, list)
    return world, [str(each).partition(",")[0] for each in ways]


@pytest.mark.parametrize("policy", [OF_AN_AGENT, OF_ANYBODY])
def test_the_page_is_named_and_a_command_refused_before_anything_is_recorded(policy: str, tmp_path: Path) -> None:
    world, ways = waiting(tmp_path, policy)
    assert ways == ["phasegate serve   # with a passkey"]
    before = world.journal.read_bytes()
    for key in (None, tmp_path / "id_ed25519"):
        with pytest.raises(Waiting, match="opens by a passkey's signature") as refusal:
            world.approves(at_terminal=True, key=key)
        assert refusal.value.next_command == SERVE
    assert world.journal.read_bytes() == before


def test_behind_an_agents_work_boxes_are_answered_by_a_command_which_names_no_key(tmp_path: Path) -> None:
    world, ways = waiting(tmp_path, OF_AN_AGENT, runbook=BOXES)
    command = f"phasegate approve {world.journal.parent.name} --digest {world.digest}"
    assert ways == [
        f"{command} --attest 1 --attest 2   # you looked",
        f"{command} --waive '1:REASON' --waive '2:REASON'   # or goes without",
        "phasegate serve   # then with a passkey",
    ]
    with pytest.raises(Waiting, match=r"^the boxes are answered; the gate of run") as refusal:
        world.approves(at_terminal=True, attest=("1", "2"))
    assert refusal.value.next_command == SERVE
    assert [each["verdict"] for each in world.events("answered")[-2:]] == ["attested", "attested"]
    assert world.events("approved") == []


def test_boxes_that_may_be_answered_on_the_page_are_answered_there(tmp_path: Path) -> None:
    _world, ways = waiting(tmp_path, OF_ANYBODY, runbook=BOXES)
    assert ways == ["phasegate serve   # answer the boxes there"]


def test_where_keys_sign_as_well_both_are_named(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    signers = Keys(tmp_path / "keys").allow(BOB)
    policy = OF_AN_AGENT.replace("passkeys: passkeys", "passkeys: passkeys, allowed_signers: signers")
    files = {"passkeys": Authenticator(BOB).line, "signers": signers}
    world = AgentWorld(tmp_path, policy=policy, files=files)
    world.starts()
    told = world.works("one.txt")["approve"]
    assert isinstance(told, list)
    assert " --key FILE" in str(told[0])
    assert str(told[1]).startswith("phasegate serve ")


def test_a_weaker_policy_that_passkeys_alone_sign_is_approved_on_the_page(tmp_path: Path) -> None:
    world, _ways = waiting(tmp_path, OF_AN_AGENT)
    with (world.root / "passkeys").open("a") as file:
        file.write(Authenticator(EVE).line)
    git(world.root, "commit", "-qam", "Eve, too")
    who, person = who_runs_this(world.root), Terminal(interactive=True)
    seen = policy_change(world.root, who, person, None)
    before = world.journal.read_bytes()
    with pytest.raises(Waiting, match="waits for a passkey's signature") as refusal:
        approve_policy(world.root, who, person, seen, seen.digest)
    assert refusal.value.next_command == "phasegate serve   # on the page of the run, with a passkey of who may"
    assert world.journal.read_bytes() == before
