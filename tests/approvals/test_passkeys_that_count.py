"""A gate counts and offers exactly the passkeys whose approval would count now, and believes no line of a journal."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.agent_world import AgentWorld
from tests.worlds.approval_world import ADA, BOB, EVE
from tests.worlds.page_world import Answer, Page
from tests.worlds.passkey_forms import brought
from tests.worlds.soft_authenticator import Authenticator
from tests.worlds.workspaces import git
from workflow.doors.terminal import Terminal
from workflow.service.done import Work, done
from workflow.service.inbox import Inbox
from workflow.service.status import status
from workflow.service.this_process import who_runs_this

pytestmark = pytest.mark.slow
SIGNED = "default: {presence: signed, passkeys: passkeys}\n"
PEOPLE = "default: {signed: true, passkeys: passkeys}\n"


def entered(world: AgentWorld) -> Page:
    page = Page(world.root)
    page.enters()
    return page


def made(tmp_path: Path, policy: str, *theirs: Authenticator) -> AgentWorld:
    world = AgentWorld(tmp_path, policy=policy, files={"passkeys": "".join(each.line for each in theirs)})
    world.starts()
    return world


def lists(world: AgentWorld, *theirs: Authenticator, commit: bool = True) -> None:
    (world.root / "passkeys").write_text("".join(each.line for each in theirs))
    if commit:
        git(world.root, "commit", "-qam", "Passkeys")


def options(page: Answer) -> dict[str, Any]:
    found = re.findall(r'data-passkey="\w+" data-options="([^"]*)"', page.text)
    return dict(json.loads(html.unescape(found[0]))) if found else {"allowCredentials": []}


def offered(page: Answer) -> Sequence[str]:
    return [each["id"] for each in options(page)["allowCredentials"]]


def told(world: AgentWorld) -> set[str]:
    """Who may approve, as each face says it."""
    gate = entered(world).get(entered(world).gate()).said()
    on_page = gate.partition("who may approve: ")[2].partition(")")[0] + ")"
    waiting = status(world.root, None).waiting_for
    (line,) = Inbox({"shed": world.root}).look(60).lines
    assert waiting is not None and line.gate is not None
    return {on_page, waiting.whom, line.gate.whom}


def require(world: AgentWorld, *theirs: Authenticator, closed: bool = False) -> None:
    """Of the passkeys exactly these are counted and offered; none where nothing can be approved as it is."""
    page = entered(world)
    assert sorted(offered(page.get(page.gate()))) == ([] if closed else sorted(each.id for each in theirs))
    assert told(world) == {f"holders of a passkey in passkeys ({len(theirs)})"}


def signs(theirs: Authenticator, page: Answer) -> str:
    said = {"challenge": options(page)["challenge"], "origin": theirs.origin}
    return brought(theirs.signs(b"", client_data=said))


def test_a_line_that_nobody_committed_and_one_that_nobody_approved_count_nothing(tmp_path: Path) -> None:
    bob, eve = Authenticator(BOB), Authenticator(EVE)
    world = made(tmp_path, SIGNED, bob)
    world.works("one.txt")
    require(world, bob)
    lists(world, bob, eve, commit=False)
    require(world, bob, closed=True)
    lists(world, bob, eve)
    require(world, bob)
    page = entered(world)
    gate = page.get(page.gate())
    refused = page.says("approve", gate, confirmed="yes", credential=signs(eve, gate)).said()
    assert "it is committed, and nobody has approved it for this run" in refused
    assert f"approve {world.journal.parent.name} --policy" in refused


def test_after_a_swap_of_keys_under_a_run_those_of_before_are_offered(tmp_path: Path) -> None:
    bob, eve = Authenticator(BOB), Authenticator(EVE)
    world = made(tmp_path, SIGNED, bob)
    lists(world, eve)
    world.works("one.txt")
    require(world, bob)
    page = entered(world)
    gate = page.get(page.gate())
    assert page.says("approve", gate, confirmed="yes", credential=signs(bob, gate)).status == 303
    world.drives()
    (finding,) = world.findings()
    assert finding.startswith("policy-widened")


def test_a_revoked_passkey_is_not_offered(tmp_path: Path) -> None:
    bob, eve = Authenticator(BOB), Authenticator(EVE)
    world = made(tmp_path, SIGNED, bob, eve)
    (world.root / "passkeys").write_text(f'{bob.line}{eve.line}{{"revoked": "{eve.id}"}}\n')
    git(world.root, "commit", "-qam", "Eve's is lost")
    world.works("one.txt")
    require(world, bob)


def test_who_may_not_approve_is_neither_counted_nor_offered_and_may_reject(tmp_path: Path) -> None:
    ada, bob = Authenticator(ADA), Authenticator(BOB)
    world = made(tmp_path, "default: {signed: true, passkeys: passkeys, operator_may_approve: false}\n", ada, bob)
    (world.root / "one.txt").write_text("done\n")
    done(world.root, who_runs_this(world.root), Terminal(interactive=False), None, Work(("one.txt",)))
    page = entered(world)
    gate = page.get(page.gate())
    assert offered(gate) == [bob.id]
    to_sign = page.says("sign-rejection", gate, reason="not so")
    assert sorted(offered(to_sign)) == sorted([ada.id, bob.id])


def test_of_those_whom_the_policy_names_alone(tmp_path: Path) -> None:
    bob, eve = Authenticator(BOB), Authenticator(EVE)
    world = made(tmp_path, "default: {presence: signed, passkeys: passkeys, who: [bob@example.com]}\n", bob, eve)
    world.works("one.txt")
    page = entered(world)
    assert offered(page.get(page.gate())) == [bob.id]


# --- the journal says so ------------------------------------------------------------------------------------------


def forged(world: AgentWorld, who: str, **more: object) -> None:
    """A line of an approval that nobody gave."""

    def change(events: list[dict[str, Any]]) -> None:
        shown = events[-1]
        assert shown["type"] == "worked"
        body = {"task": shown["task"], "attempt": shown["attempt"], "via": "web", "admits": False, "terminal": True}
        asked = {"digest": shown["request"]["digest"], "nonce": shown["request"]["nonce"]}
        by = {"git": who, "user": "x", "host": "y"}
        head = {name: shown[name] for name in ("v", "at") if name in shown}
        events.append({**head, "type": "approved", **body, **asked, "by": by, **more})

    world.rewrites(change)


def test_an_approval_that_the_gate_would_refuse_is_nobodys(tmp_path: Path) -> None:
    ada, bob = Authenticator(ADA), Authenticator(BOB)
    world = made(tmp_path, "default: {presence: signed, passkeys: passkeys, approvers: 2}\n", ada, bob)
    world.works("one.txt")
    forged(world, BOB)
    page = entered(world)
    gate = page.get(page.gate()).said()
    assert "2 people, 0 by now: holders of a passkey in passkeys (2)" in gate
    assert "approved by Bob" not in gate
    assert "approval by Bob <bob@example.com> is not signed, and the policy asks for signatures" in gate
    waiting = status(world.root, None).waiting_for
    assert waiting is not None and waiting.whom.startswith("2 people, 0 by now")
    assert "is not signed" in waiting.closed
    (line,) = Inbox({"shed": world.root}).look(60).lines
    assert line.gate is not None and line.gate.whom.startswith("2 people, 0 by now")


def test_a_forged_approval_is_not_what_the_reader_approved(tmp_path: Path) -> None:
    ada = Authenticator(ADA)
    world = made(tmp_path, SIGNED, ada)
    world.works("one.txt")
    before = world.digest
    forged(world, ADA)
    (world.root / "one.txt").write_text("another\n")
    world.drives()
    world.hands_in("one.txt")
    assert world.digest != before
    page = entered(world)
    gate = page.get(page.gate())
    assert "Since" not in gate.said().partition("Changes (1 file)")[0]
    assert page.says("approve", gate, confirmed="yes", credential=signs(ada, gate)).status == 303
    assert world.digest[:7] in gate.said()
