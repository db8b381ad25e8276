"""`doctor --remote`: what a host must allow is asked with refs of the probe's own; without it nothing is shared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.approval_world import Keys
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.two_people import TwoPeople
from tests.worlds.workspaces import git
from workflow.doors.git.meeting_place import GitRemote
from workflow.meeting.moves import Move
from workflow.service.meeting_place import place_of
from workflow.service.probe_remote import probe

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> TwoPeople:
    return TwoPeople(tmp_path, keys)


def takes_no_namespace(origin: Path) -> None:
    hook = origin / "hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ncase "$1" in refs/phasegate/*) exit 1;; esac\n')
    hook.chmod(0o755)


def knows_no_atomic(origin: Path) -> None:
    git(origin, "config", "receive.advertiseAtomic", "false")


def deletes_nothing(origin: Path) -> None:
    hook = origin / "hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ncase "$3" in *[!0]*) exit 0;; esac\necho never delete here >&2\nexit 1\n')
    hook.chmod(0o755)


HOSTS = {"takes": takes_no_namespace, "honours": knows_no_atomic, "deletes": deletes_nothing}


def test_a_host_that_allows_all_of_it_is_left_as_it_was(world: TwoPeople) -> None:
    found = world.ada.json("doctor", "--remote", "origin")
    assert found["fit"] and [each["health"] for each in found["looked"]] == ["ok"] * 5
    assert world.refs() == []


@pytest.mark.parametrize("what", HOSTS, ids=str)
def test_a_host_that_lacks_something_is_named_and_nothing_is_shared(world: TwoPeople, what: str) -> None:
    HOSTS[what](world.origin)
    done = phasegate(world.ada.root, "doctor", "--remote", "origin", "--json")
    failed = [each for each in json.loads(done.stdout)["looked"] if each["health"] == "fail"]
    assert done.returncode == 1 and [each["name"].split()[1] for each in failed] == [what]
    assert failed[0]["fix"]
    if what == "deletes":
        left = world.refs()
        assert left and all(ref in failed[0]["seen"] for ref in left)
        assert "the host says: never delete here" in failed[0]["seen"]
    world.ada("run", "release.md", code=3)
    said = world.ada("share", code=2)
    assert "does not allow what sharing needs" in said and "next: phasegate -C" in said and "doctor --remote" in said
    assert [ref for ref in world.refs() if "probe" not in ref] == []


def test_a_host_that_ignores_leases_is_found(world: TwoPeople, monkeypatch: pytest.MonkeyPatch) -> None:
    push = GitRemote.push

    def forced(remote: GitRemote, moves: list[Move]) -> None:
        there = remote.look(*(each.ref for each in moves))
        push(remote, [Move(each.ref, there.get(each.ref, ""), each.new) for each in moves])

    monkeypatch.setattr(GitRemote, "push", forced)
    failed = [each.name for each in probe(place_of(world.ada.root, "origin")) if each.health == "fail"]
    assert failed == ["origin refuses a stale lease"]


def test_a_host_that_takes_branches_only_is_met_there(world: TwoPeople) -> None:
    takes_no_namespace(world.origin)
    policy = world.ada.root / "phasegate.yaml"
    policy.write_text(policy.read_text().replace("{lease", "{prefix: refs/heads/phasegate-meeting, lease"))
    world.ada.git("commit", "-qam", "Meet at branches")
    world.ada.git("push", "-q", "origin", "main")
    world.bob.git("pull", "-q", "--ff-only", "origin", "main")
    run = world.waits()
    assert f"refs/heads/phasegate-meeting/waiting/{run}" in world.refs()
    world.bob("approve", run, "--remote", "--digest", world.digest)
    world.ada("resume", code=3)


def test_a_remote_that_is_not_there_is_told(world: TwoPeople) -> None:
    said = world.ada("doctor", "--remote", "nowhere", code=2)
    assert "remote nowhere does not answer" in said


def test_a_host_that_forgets_atomic_meanwhile_refuses_and_is_asked_about_by_doctor(world: TwoPeople) -> None:
    run = world.waits()
    knows_no_atomic(world.origin)
    said = world.ada("share", run, code=2)
    assert "the remote refused the push" in said and "does not support --atomic" in said
    assert "doctor --remote origin   # what the host allows" in said
