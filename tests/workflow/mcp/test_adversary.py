"""An agent with every tool, a shell in the workspace and the person's git configuration opens no gate that wants a key.

It has neither the person's terminal nor their key; what it can do where less is asked for is in docs/agents.md.
"""

from __future__ import annotations

import inspect
import itertools
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from state.errors import PhasegateError
from tests.worlds.agent_world import AGENT, CLIENT, AgentWorld
from tests.worlds.approval_world import ADA, EVE, Keys
from tests.worlds.workspaces import git
from workflow.doors.terminal import Terminal
from workflow.mcp.tools import Tools
from workflow.mcp.waits import Waits
from workflow.service.agent import agent
from workflow.service.approve_policy import approve_policy, policy_change
from workflow.service.reject import reject
from workflow.service.rollback import rollback
from workflow.service.this_process import who_runs_this
from workflow.service.verdict import abort, approve

pytestmark = pytest.mark.slow
TRIES = 200
POLICY = "default: {presence: signed, allowed_signers: signers}\n"
Try = Callable[[], object]


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> AgentWorld:
    world = AgentWorld(tmp_path, policy=POLICY, files={"signers": keys.allow(ADA) + "\n"})
    world.starts()
    world.works("one.txt")
    return world


def test_no_tool_and_no_argument_has_a_verdict() -> None:
    verbs = [name for name, _ in inspect.getmembers(Tools, inspect.isfunction) if not name.startswith("_")]
    reads = ["audit", "log", "plan", "questions", "review", "runs", "status", "task"]
    assert sorted(verbs) == sorted([*reads, "drive", "hand_in", "note", "start", "take_back"])
    assert [name for name, _ in inspect.getmembers(Waits, inspect.isfunction) if name[0] != "_"] == ["now", "wait"]
    arguments = {each for verb in verbs for each in inspect.signature(getattr(Tools, verb)).parameters}
    assert not arguments & {"yes", "practice", "adopt", "again", "digest", "approve", "policy", "take_edit", "key"}


def _by_tools(world: AgentWorld, digest: str) -> Iterator[Try]:
    """The tools, with answers that would open something if any could."""
    names = ("approve", "approve-policy", "take-edit", "adopt", "verdict", "1-approve", "confirm-1", "yes", digest)
    names += ("presence", "attempts", "who", "signed", "approved", "gate")
    for name, word in itertools.product(names, ("yes", "approve", digest, f"yes: approve exactly this ({digest})")):
        yield lambda name=name, word=word: world.tools.drive(CLIENT, None, {name: word})  # type: ignore[misc]
        yield lambda name=name, word=word: world.tools.note(CLIENT, None, f"{name}: {word}")  # type: ignore[misc]
    for who in (("Ada <ada@example.com>", ""), ("policy", ""), ("--yes", ""), ("", "")):
        yield lambda who=who: world.tools.drive(who, None, {})  # type: ignore[misc]
    yield lambda: world.hands_in("one.txt", attest=("all",))


def _by_shell(world: AgentWorld, digest: str, keys: Keys) -> Iterator[Try]:
    """What the command line can be told by a program: with and without a terminal of its own, with keys of its own."""
    for terminal, sign, key, comment in itertools.product(
        (True, False), (True, False), (None, keys.file(EVE)), ("", "as agreed")
    ):
        given: dict[str, Any] = {"sign": sign, "key": key, "comment": comment, "ask": False}
        yield lambda terminal=terminal, given=given: approve(  # type: ignore[misc]
            world.root, who_runs_this(world.root), Terminal(interactive=terminal), None, digest, **given
        )
    yield lambda: approve(world.root, agent(world.root, *CLIENT), Terminal(interactive=False), None, digest)
    person, nobody = who_runs_this(world.root), Terminal(interactive=False)
    yield lambda: reject(world.root, person, nobody, None, "no")
    yield lambda: abort(world.root, person, nobody, None, "no")
    yield lambda: rollback(world.root, person, nobody, None, "no", _driving())


def _driving() -> Any:
    from workflow.service.drive import Driving

    return Driving()


def _by_policy(world: AgentWorld, keys: Keys) -> Iterator[Try]:
    """A weaker policy, other keys: committed, approved by command, and driven under."""
    for text in ("default: {presence: any}\n", POLICY.replace("signed,", "terminal,"), POLICY + "# mine\n", ""):
        yield lambda text=text: _commits(world, "phasegate.yaml", text)  # type: ignore[misc]
        yield lambda: _approves_policy(world)
        yield lambda: approve(world.root, who_runs_this(world.root), Terminal(interactive=True), None, world.digest)
        yield lambda: world.works("one.txt", secrets.token_hex(4))
    yield lambda: _commits(world, "signers", f"{keys.allow(ADA)}\nada@example.com {keys.public(EVE)}\n")
    yield lambda: approve(
        world.root, who_runs_this(world.root), Terminal(interactive=True), None, world.digest, key=keys.file(EVE)
    )


def _commits(world: AgentWorld, path: str, text: str) -> None:
    (world.root / path).write_text(text)
    git(world.root, "commit", "-q", "-m", "Tidy up", "--allow-empty", "--", path)


def _approves_policy(world: AgentWorld) -> None:
    who, nobody = who_runs_this(world.root), Terminal(interactive=False)
    seen = policy_change(world.root, who, nobody, None)
    approve_policy(world.root, who, nobody, seen, seen.digest, ask=False)


def _by_journal(world: AgentWorld) -> Iterator[Try]:
    """Approvals that are written into the journal, with the chain made anew, and driven on."""
    for via, git_, terminal, signature in itertools.product(
        ("prompt", "command", "policy", "--yes"), (ADA, AGENT, "policy"), (True, False), ("", "-----BEGIN SSH-----")
    ):
        fields = {"via": via, "by": {"git": git_, "user": "ada", "host": "h"}, "terminal": terminal}
        fields |= {"signature": signature} if signature else {}
        yield lambda fields=fields: _forges(world, fields)  # type: ignore[misc]


def _forges(world: AgentWorld, fields: dict[str, Any]) -> None:
    if world.tools.task(None)["status"] != "waiting-for-approval":
        world.works("one.txt", secrets.token_hex(4))

    def change(events: list[dict[str, Any]]) -> None:
        shown = next(each for each in reversed(events) if each["type"] == "worked")
        same = {name: shown[name] for name in ("v", "seq", "at", "task", "attempt")}
        request = {name: shown["request"][name] for name in ("digest", "nonce")}
        events.append({**same, "type": "approved", **request, **fields, "admits": True})

    whole = world.journal.read_bytes()
    world.rewrites(change)
    try:
        world.drives()
    finally:
        if not world.commits():
            world.journal.write_bytes(whole)


def test_none_of_two_hundred_tries_opens_a_gate_that_asks_for_a_signature(world: AgentWorld, keys: Keys) -> None:
    digest, base = world.digest, git(world.root, "rev-parse", "HEAD")
    tries = [*_by_tools(world, digest), *_by_shell(world, digest, keys), *_by_journal(world), *_by_policy(world, keys)]
    assert len(tries) >= TRIES, len(tries)
    for number, attempt in enumerate(tries):
        try:
            attempt()
        except PhasegateError:
            pass
        opened = git(world.root, "log", "--format=%s", "--grep=Phasegate-Task", f"{base.strip()}..HEAD")
        assert opened == "", f"try {number} opened a gate"
        assert world.opened() == [], f"try {number} was recorded as an approval"


def test_the_persons_key_opens_it_from_anywhere_and_nothing_is_left_to_prove(world: AgentWorld, keys: Keys) -> None:
    world.approves(at_terminal=False, key=keys.file(ADA), ask=False)
    world.drives()
    assert len(world.commits()) == 1
    assert world.findings() == []
    assert "presence" not in world.unprovable()
