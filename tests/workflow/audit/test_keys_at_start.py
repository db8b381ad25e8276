"""Who committed the keys that a run began with is listed: each with the commit since which its line stands."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.worlds.agent_world import AgentWorld
from tests.worlds.approval_world import BOB, EVE, Keys
from tests.worlds.soft_authenticator import Authenticator
from tests.worlds.workspaces import git
from workflow.audit import audit_workspace

POLICY = "default: {allowed_signers: signers, passkeys: passkeys}\n"


def commits(world: AgentWorld, path: str, text: str, author: str) -> str:
    (world.root / path).write_text(text)
    git(world.root, "add", path)
    git(world.root, "commit", "-qm", "tidy up", "--author", author)
    return git(world.root, "rev-parse", "HEAD").strip()[:10]


def listed(root: Path) -> list[str]:
    (audited,) = audit_workspace(root, None)
    assert audited.findings == []
    return [each.message for each in audited.unprovable if each.code == "keys-at-start"]


def test_each_key_is_listed_with_its_commit_and_author(tmp_path: Path, keys: Keys) -> None:
    bob, eve = Authenticator(BOB), Authenticator(EVE)
    world = AgentWorld(tmp_path, policy=POLICY, files={"passkeys": bob.line, "signers": keys.allow(BOB)})
    first = git(world.root, "rev-parse", "HEAD").strip()[:10]
    commits(world, "passkeys", bob.line + eve.line, "Mallory <mallory@example.com>")
    commits(world, "passkeys", bob.line, "Ada <ada@example.com>")
    again = commits(world, "passkeys", f"# ours\n{eve.line}{bob.line}", "Mallory <mallory@example.com>")
    later = commits(world, "signers", keys.allow(BOB) + keys.allow(EVE), "Eve \u202e<eve@example.com>")
    commits(world, ".mailmap", "Nobody <nobody@example.com> <mallory@example.com>\n", "Ada <ada@example.com>")
    world.starts()
    world.works("one.txt")
    passkeys = (
        f"passkeys that the run began with: a passkey of eve@example.com (commit {again} by Mallory "
        f"<mallory@example.com>); a passkey of bob@example.com (commit {first} by Ada <ada@example.com>)"
    )
    signers = (
        f"signers that the run began with: eve@example.com (commit {later} by Eve \\u202e <eve@example.com>); "
        f"bob@example.com (commit {first} by Ada <ada@example.com>)"
    )
    told = [each.removeprefix("who put the keys into ") for each in listed(world.root)]
    assert [each.replace("\\u202e<", "\\u202e <") for each in told] == [passkeys, signers]
    world.approves(at_terminal=True)
    world.drives()
    subprocess.run(["git", "clone", "-q", "--bare", world.root, tmp_path / "bare.git"], check=True)
    assert listed(tmp_path / "bare.git") == listed(world.root)


@pytest.mark.parametrize("policy", ["", "default: {operator_may_approve: false}\n"])
def test_where_no_key_judges_nothing_is_listed(tmp_path: Path, policy: str) -> None:
    world = AgentWorld(tmp_path, policy=policy)
    world.starts()
    world.works("one.txt")
    assert listed(world.root) == []


def test_a_key_that_came_under_the_run_is_not_one_that_it_began_with(tmp_path: Path) -> None:
    bob, eve = Authenticator(BOB), Authenticator(EVE)
    world = AgentWorld(tmp_path, policy="default: {passkeys: passkeys}\n", files={"passkeys": bob.line})
    world.starts()
    commits(world, "passkeys", bob.line + eve.line, "Mallory <mallory@example.com>")
    (audited,) = audit_workspace(world.root, None)
    (said,) = [each.message for each in audited.unprovable if each.code == "keys-at-start"]
    assert "bob@example.com" in said and "eve@example.com" not in said


def test_in_a_clone_that_begins_later_it_is_said_that_it_may_have_been_before(tmp_path: Path) -> None:
    bob = Authenticator(BOB)
    world = AgentWorld(tmp_path, policy="default: {passkeys: passkeys}\n", files={"passkeys": bob.line})
    commits(world, "more.txt", "more\n", "Ada <ada@example.com>")
    world.starts()
    world.works("one.txt")
    world.approves(at_terminal=True)
    world.drives()
    there = f"file://{world.root}"
    subprocess.run(["git", "clone", "-q", "--depth=2", there, tmp_path / "later"], check=True)
    (audited,) = audit_workspace(tmp_path / "later", None)
    (said,) = [each.message for each in audited.unprovable if each.code == "keys-at-start"]
    assert "with which this clone begins: or one before it" in said
