"""Every face says who may open a gate, and how, in the same words; what the policy bars is offered nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gates.policy import GatePolicy
from state.fold import fold
from state.read_journal import read
from tests.worlds.agent_world import AgentWorld
from tests.worlds.approval_world import ADA, BOB, Keys
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.page_world import Page
from tests.worlds.soft_authenticator import Authenticator
from tests.worlds.workspaces import git
from workflow.service.gate import gate as gate_of
from workflow.service.inbox import Inbox
from workflow.service.status import review, status
from workflow.views.who_may import approval_asked, how_in_words

PASSKEYS = "default: {signed: true, passkeys: passkeys}\n"


@pytest.mark.parametrize(
    ("policy", "how"),
    [
        (GatePolicy(), ""),
        (GatePolicy(presence="any"), ""),
        (GatePolicy(presence="terminal"), "at a terminal"),
        (GatePolicy(presence="terminal", allowed_signers="s"), "at a terminal or with a signature"),
        (GatePolicy(presence="terminal", passkeys="p"), "at a terminal or with a passkey"),
        (
            GatePolicy(presence="terminal", passkeys="p", allowed_signers="s"),
            "at a terminal or with a signature or with a passkey",
        ),
        (GatePolicy(signed=True, allowed_signers="s"), "signed by an SSH key in s"),
        (GatePolicy(signed=True, passkeys="p"), "signed by a passkey in p"),
        (GatePolicy(signed=True, passkeys="p", allowed_signers="s"), "signed by an SSH key in s or by a passkey in p"),
        (GatePolicy(signed=True), "signed, by a key of which the policy names no list"),
    ],
)
def test_ways_are_said_where_the_policy_admits_them(policy: GatePolicy, how: str) -> None:
    assert how_in_words(policy) == how


@pytest.mark.parametrize(
    ("policy", "asked"),
    [
        (GatePolicy(), "approval of the digest shown"),
        (GatePolicy(signed=True, passkeys="p"), "approval of the digest shown, signed by a passkey in p"),
        (GatePolicy(approvers=2, who=("a@b.c",)), "2 approvals of the digest shown, by a@b.c"),
        (
            GatePolicy(presence="signed", passkeys="p"),
            "approval of the digest shown; of an agent's work signed by a passkey in p",
        ),
        (
            GatePolicy(presence="any"),
            "approval of the digest shown; of an agent's work in any way, also without a person there",
        ),
        (
            GatePolicy(opened_by_policy=True),
            "approval of the digest shown; it opens by itself where every check passed",
        ),
    ],
)
def test_the_plan_says_what_its_gate_will_ask_for(policy: GatePolicy, asked: str) -> None:
    assert approval_asked(policy) == asked


def test_plan_reads_the_policy_of_each_gate(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy=PASSKEYS, files={"passkeys": ""})
    told = phasegate(world.root, "plan", "shed.md").stdout
    assert told.count("checks pass, then approval of the digest shown, signed by a passkey in passkeys") == 2


def whom(world: AgentWorld) -> set[str]:
    """Who may approve, by every face that says it."""
    view = status(world.root, None)
    assert view.waiting_for is not None
    (line,) = Inbox({"shed": world.root}).look().lines
    assert line.gate is not None
    assert f"who may approve: {view.waiting_for.whom}" in "\n".join(view.lines())
    return {view.waiting_for.whom, line.gate.whom, gate_of(world.root, None).whom}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("", "anybody, at a terminal"),
        ("default: {allowed_signers: signers}\n", "anybody, at a terminal or with a signature"),
        (PASSKEYS, "holders of a passkey in passkeys (1)"),
        ("default: {presence: any}\n", "anybody"),
        (
            "default: {approvers: 2, who: [ada@example.com, bob@example.com]}\n",
            "2 people, 0 by now: ada@example.com, bob@example.com, at a terminal",
        ),
    ],
)
def test_every_face_says_who_may_and_how(policy: str, said: str, tmp_path: Path, keys: Keys) -> None:
    files = {"passkeys": Authenticator(BOB).line, "signers": keys.allow(ADA)}
    world = AgentWorld(tmp_path, policy=policy, files=files)
    world.starts()
    world.works("one.txt")
    assert whom(world) == {said}


@pytest.mark.slow
def test_the_page_of_an_agents_work_says_how_a_passkey_would_open_it(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path)
    world.starts()
    world.works("one.txt")
    page = Page(world.root)
    page.enters()
    gate = page.get(page.gate())
    assert "this gate asks for a person: at a terminal. No passkeys: in phasegate.yaml names a list" in gate.said()
    assert 'href="/people"' in gate.text.partition('id="verdict"')[2]
    assert "or by a passkey's signature" not in gate.said()
    assert "--sign" not in gate.said()


@pytest.mark.slow
def test_the_page_of_a_gate_says_that_a_weaker_policy_waits(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy="default: {approvers: 2}\n")
    world.starts()
    world.works("one.txt")
    page = Page(world.root)
    page.enters()
    assert "is weaker" not in page.get(page.gate()).said()
    changes(world, {"phasegate.yaml": "default: {approvers: 1}\n"})
    gate = page.get(page.gate())
    assert "phasegate.yaml at HEAD is weaker than what this run began with; the old one judges" in gate.said()
    assert f'href="{page.run()}/policy"' in gate.text


def changes(world: AgentWorld, files: dict[str, str]) -> None:
    for name, text in files.items():
        (world.root / name).write_text(text)
    git(world.root, "add", *files)
    git(world.root, "commit", "-qm", "Policy", "--", *files)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["stricter", "missing", "checks"])
def test_where_an_approval_would_be_refused_none_is_offered(what: str, tmp_path: Path) -> None:
    policy = "default: {passkeys: passkeys}\n"
    world = AgentWorld(tmp_path, policy=policy, files={"passkeys": Authenticator(BOB).line})
    world.starts()
    world.works("one.txt")
    page, run = Page(world.root), world.journal.parent.name
    page.enters()
    assert "Or in a terminal" in page.get(page.gate()).said() or "In a terminal" in page.get(page.gate()).said()
    assert any("phasegate approve" in each for each in status(world.root, None).following)
    if what == "stricter":
        changes(world, {"phasegate.yaml": policy.replace("{", "{approvers: 2, ")})
        why, then = "phasegate.yaml was ", f"phasegate resume {run}"
    elif what == "missing":
        (world.root / "passkeys").unlink()
        why, then = "phasegate.yaml names passkeys, which is not there", "phasegate serve"
    else:
        checks = "checks:\n  - {id: one, name: One, task: '1', file: {path: one.txt}}\n"
        changes(world, {"shed.checks.yaml": checks})
        why, then = "shed.checks.yaml changed since", f"phasegate resume {run}"
    told = status(world.root, None)
    assert told.waiting_for is not None
    assert told.waiting_for.closed.startswith(why)
    assert told.to_json()["waiting_for"]["closed"] == told.waiting_for.closed  # type: ignore[index, call-overload]
    assert not any("phasegate approve" in each for each in told.following)
    assert any(each.startswith(then) for each in told.following)
    said = page.get(page.gate()).said()
    assert f"It cannot be approved as it is: {why}" in said
    assert "phasegate approve" not in said
    assert json.loads(phasegate(world.root, "status", "--json").stdout)["waiting_for"]["closed"].startswith(why)


@pytest.mark.slow
def test_what_waits_under_passkeys_alone_is_said_on_the_page_of_the_terminal(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, policy=PASSKEYS, files={"passkeys": Authenticator(BOB).line})
    world.starts()
    world.works("one.txt")
    assert fold(read(world.journal)).current_task is not None
    assert "signed by a passkey in passkeys" in review(world.root, None)
