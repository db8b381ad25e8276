"""What the remote's verbs print can be typed where it is printed, says who may, and has the host's own words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.worlds.approval_world import ADA, BOB, CAROL, Keys
from tests.worlds.two_people import POLICY, TwoPeople
from workflow.service.next_there import there

pytestmark = pytest.mark.slow

RUN = "release-20260102-030405-0a1b2c3d"


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> TwoPeople:
    return TwoPeople(tmp_path, keys, signers=(BOB, CAROL), runners=(ADA, BOB))


def nexts(said: str) -> list[str]:
    """The lines of `next:`, without the program and its directory."""
    lines = said[said.index("next:") :].splitlines() if "next:" in said else []
    return [found.group(1) for line in lines if (found := re.search(r"phasegate(?: -C \S+)? (.*)", line))]


@pytest.mark.parametrize("given", ["f5348a", "0000000", "first seven", "0" * 64])
def test_a_verdict_names_all_of_the_digest(world: TwoPeople, given: str) -> None:
    run, digest = world.waits(), world.digest
    named = digest[:7] if given == "first seven" else given
    for verb in (("approve",), ("reject", "--reason", "no")):
        said = world.bob(*verb, run, "--remote", "--digest", named, code=2)
        assert ("7 of the 64 characters that a signature asks for" in said) == (given == "first seven")
        assert digest in said
    assert not [ref for ref in world.refs() if "verdicts" in ref]


def test_the_printed_verdict_is_typed_as_it_is_printed(world: TwoPeople) -> None:
    run, digest = world.waits(), world.digest
    (review, approve) = nexts(world.bob("inbox"))
    assert approve == f"approve {run} --remote --digest {digest}"
    world.bob(*review.split("#")[0].split())
    assert f"{digest} waits for approval" in world.bob("status", run, "--remote")
    world.bob(*approve.split())


def test_who_has_no_key_may_not_and_is_shown_no_command(world: TwoPeople) -> None:
    run = world.waits()
    for at, may in ((world.bob, True), (world.carol(), True), (world.eve(), False), (world.ada, False)):
        (found,) = at.json("inbox")["waiting"]
        assert (found["run"], found["may"]) == (run, may)
        assert ("approve" in " ".join(nexts(at("inbox")))) == may


def test_a_key_that_came_under_the_run_or_was_revoked_counts_in_the_inbox_as_at_the_gate(
    tmp_path: Path, keys: Keys
) -> None:
    policy = POLICY.replace("allowed_signers: signers", "allowed_signers: signers, revoked_keys: revoked")
    world = TwoPeople(tmp_path, keys, policy=policy, signers=(BOB,), runners=(ADA, BOB))
    (world.ada.root / "revoked").write_text("# none\n")
    world.ada.git("add", "-A")
    world.ada.git("commit", "-qm", "Nobody is revoked")
    world.ada("run", "release.md", code=3)
    with (world.ada.root / "signers").open("a") as lines:
        lines.write(keys.allow(CAROL))
    world.ada.git("commit", "-qam", "Carol, too")
    world.ada("done", "--no-files")
    world.ada("share")
    assert [at.json("inbox")["waiting"][0]["may"] for at in (world.bob, world.carol())] == [True, False]


@pytest.mark.parametrize(
    ("typed", "there_"),
    [
        (f"phasegate status {RUN} --review   # read", f"phasegate status {RUN} --remote --review   # read"),
        (f"phasegate approve {RUN} --digest 00", f"phasegate approve {RUN} --remote --digest 00"),
        (f"phasegate log {RUN}", f"phasegate status {RUN} --remote"),
        ("git log", "git log"),
        (f"phasegate resume {RUN}", f"phasegate resume {RUN}"),
        (f"phasegate resume {RUN}\n  phasegate approve {RUN}", f"phasegate resume {RUN}\n  phasegate approve {RUN}"),
        (
            f"phasegate approve {RUN} --policy",
            f"phasegate resume {RUN}   # by a runner: takes the run over, then\n      phasegate approve {RUN} --policy",
        ),
    ],
)
def test_a_command_is_said_as_it_works_for_who_has_the_run_at_a_remote(typed: str, there_: str) -> None:
    assert there(typed, RUN) == there_


def test_what_a_refused_verdict_prints_can_be_typed_where_it_was_refused(world: TwoPeople) -> None:
    run, digest = world.waits(), world.digest
    refused = [
        world.bob("approve", run, "--remote", "--digest", "0" * 64, code=2),
        world.eve()("approve", run, "--remote", "--digest", digest, code=2),
        world.ada("approve", run, "--remote", "--digest", digest, code=2),
        world.bob("approve", run, "--remote", "--digest", digest, "--key", str(world.keys.file(CAROL)), code=2),
    ]
    for said in refused:
        for each in nexts(said):
            if each.startswith(("status", "inbox")):
                world.bob(*each.split("#")[0].split())
            else:
                assert "--remote" in each or each.startswith(("resume", "doctor", "serve")), each


def test_a_run_that_is_not_there_is_told_with_what_is(world: TwoPeople) -> None:
    run = world.waits()
    said = world.bob("approve", f"{run[:-1]}x", "--remote", "--digest", world.digest, code=2)
    assert nexts(said) == [f"status {run} --remote"]
    assert nexts(world.bob("approve", "elsewhere", "--remote", "--digest", "0" * 64, code=2))[0].startswith("inbox")


def test_the_words_of_the_host_are_shown(world: TwoPeople) -> None:
    run = world.waits()
    hook = world.origin / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'policy: no pushes on Friday' >&2\nexit 1\n")
    hook.chmod(0o755)
    for said in (
        world.ada("resume", run, code=2),
        world.bob("approve", run, "--remote", "--digest", world.digest, code=2),
        world.ada("doctor", "--remote", "origin", code=1),
    ):
        assert "policy: no pushes on Friday" in said
    assert "meeting: {" not in said and "ask whoever runs the host" in said
