"""`phasegate worker`, real processes in clones of their own: runs are begun, gone on with, taken over, left alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from state.errors import BadInput, RunFenced, WorkspaceRefused
from state.event_parts import RunTarget
from state.json_values import format_time
from tests.worlds.approval_world import BOB, Keys
from tests.worlds.barn import WORKFLOWS
from tests.worlds.run_world import FakePerson
from tests.worlds.workers import POLICY, Workers
from tests.worlds.workspaces import git, stop_sandbox
from workflow.doors.clock import SystemClock
from workflow.meeting.by_refs import BackOff
from workflow.meeting.schedule import Ready
from workflow.runs.workflow_catalog import KNOWN
from workflow.sandbox.control import start
from workflow.service import segment
from workflow.service import worker as service
from workflow.service.meeting_place import Kept, place_of
from workflow.service.met import met
from workflow.service.runner_key import tips_of
from workflow.service.this_process import nobody, who_runs_this
from workflow.service.worker import Wanted, worker
from workflow.service.workspace import sandbox_directory

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> Iterator[Workers]:
    found = Workers(tmp_path, keys, policy=POLICY.replace("3s", "1s"))
    try:
        yield found
    finally:
        found.end()


def test_an_ordered_run_goes_from_gate_to_gate_until_it_is_over(world: Workers, tmp_path: Path) -> None:
    run = world.order()
    world.once("w1")
    assert world.standing(run).state == "waiting"
    for name in ("w2", "w1"):
        assert world.approve(run)
        world.once(name)
    assert world.approve(run)
    assert f"{run}: over" in world.once("w2")
    assert world.wrong_with(run) == [] and world.lines_of("refused") == []
    assert world.left_behind() == []
    assert world.clone("w1").git("status", "--porcelain", "--branch") == "## main...origin/main\n"
    git(tmp_path, "clone", "-q", "--bare", "-b", f"phasegate/{run}", f"file://{world.origin}", "plain.git")
    command = [sys.executable, "-m", "tests.worlds.barn", "-C", str(tmp_path / "plain.git"), "audit", "--json"]
    audit = subprocess.run(command, capture_output=True, text=True, env=world.environment)
    (found,) = json.loads(audit.stdout)["runs"]
    assert found["findings"] == [] and len(found["tasks"]) == 3


def test_it_asks_nobody_and_leaves_work_by_hand_to_people(world: Workers) -> None:
    run = world.waits()  # Ada's own, whose tasks are done by hand
    assert world.approve(run)
    assert "names no target, and this worker is for sandbox" in world.once("w1", code=2)
    words = ("worker", "--name", "w1", "--once")
    done = subprocess.run(world.command("w1", *words), capture_output=True, text=True, env=world.environment)
    assert done.returncode == 0, done.stderr
    assert world.standing(run).state == "stopped" and "Phasegate-Because: asks" in world.said(run)
    assert (
        world.bob.git("log", "--format=%an %s", "-1", world.standing(run).branch)
        == "Eve the worker release task 1: Build it\n"
    )


def test_a_run_of_another_account_is_left_alone_and_the_others_go_on(world: Workers) -> None:
    away = world.order("barn-20260102-030405-11111111", RunTarget("111111111111", "eu-west-1", False))
    here = world.order()
    before = world.standing(away)
    said = world.once("w1", code=2)
    assert f"run {away} acts in 111111111111/eu-west-1, this worker in sandbox; it is left alone" in said
    assert "phasegate worker --target 111111111111/eu-west-1" in said
    assert world.standing(away) == before and world.standing(here).state == "waiting"


def test_the_profile_that_an_order_names_is_the_workers_own_in_each_of_its_segments(
    world: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = start(sandbox_directory(world.ada.root)).endpoint_url
    keys = f"region = eu-west-1\nendpoint_url = {endpoint}\naws_access_key_id = a\naws_secret_access_key = b\n"
    (world.root / "aws").write_text(f"[profile canary]\n{keys}")
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(world.root / "aws"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("BARN", str(world.outside))
    target = RunTarget("123456789012", "eu-west-1", False)  # moto's
    run = world.order(target=target, profile="canary")
    strange = world.order("barn-20260102-030405-11111111", target, profile="cuckoo")
    root, person = world.clone("w1").root, FakePerson(absent=True)  # at a worker nobody is asked
    try:
        with (
            patch.dict(KNOWN, WORKFLOWS),
            worker(root, who_runs_this(root), person, Wanted("w1", once=True)) as works,
        ):
            for _ in range(2):
                works.works()
                assert not world.standing(run).verdicts, person.lines  # what was approved was taken in
                assert world.approve(run), (world.standing(run), person.lines)
    finally:
        stop_sandbox(world.ada.root)
    assert f"run {strange} acts in {target}, this worker by profile cuckoo in no account" in "\n".join(person.lines)
    assert (world.outside / "profiles").read_text().split() == ["canary", "canary"]
    assert world.standing(strange).state == "todo" and "AWS_PROFILE" not in os.environ


def test_where_a_worker_is_is_asked_again_when_aws_did_not_answer(
    world: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Aws:
        region = "eu-west-1"

        def call(self, *_words: str) -> dict[str, str]:
            asked.append("sts")
            if len(asked) == 1:
                raise BadInput("AWS does not answer", next_command="aws sts get-caller-identity")
            return {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/eve"}

    asked: list[str] = []
    monkeypatch.setattr("workflow.service.worker.real_aws", lambda _person: Aws)
    run = world.order(target=RunTarget("123456789012", "eu-west-1", False))
    ready = Ready(run, "todo", world.standing(run).tip)
    root = world.clone("w1").root
    with worker(root, who_runs_this(root), nobody(), Wanted("w1")) as works:
        assert works.fits([ready]) == [] == works.fits([ready]) and asked == ["sts"]  # not at each look
        works._here_later = BackOff(1, lambda: 1e9)  # by when it is asked again
        for _ in range(2):
            assert works.fits([ready]) == [ready]
    assert asked == ["sts", "sts"]


def test_once_looks_again_where_a_run_moved_on_while_it_was_looked_at(
    world: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = world.order()
    seen = service.look_at
    looks = iter([lambda _place, runs: {each: RunFenced("moved on", next_command="phasegate worker") for each in runs}])
    monkeypatch.setattr(service, "look_at", lambda *given: next(looks, seen)(*given))
    root = world.clone("w1").root
    with (
        patch.dict(KNOWN, WORKFLOWS),
        patch.dict(os.environ, {"BARN": str(world.outside)}),
        worker(root, who_runs_this(root), nobody(), Wanted("w1", "sandbox", once=True)) as works,
    ):
        assert works.works().segments == 1
    assert world.standing(run).state == "waiting"


def test_a_run_whose_branch_somebody_deleted_is_told_and_left_until_it_is_put_back(world: Workers) -> None:
    run = world.order()
    world.once("w1")
    assert world.approve(run)
    before = world.standing(run)
    git(world.origin, "update-ref", "-d", f"refs/heads/phasegate/{run}")
    said = world.once("w1", code=2)
    typed = f"git push origin {before.branch}:refs/heads/phasegate/{run}"
    assert "is gone" in said and typed in said
    assert world.standing(run).tip == before.tip
    world.ada.git(*typed.split()[1:])
    assert f"{run}: waiting" in world.once("w1")


def test_a_worker_killed_in_a_call_is_taken_over_and_the_call_is_looked_for(world: Workers) -> None:
    run, calls, world.real = world.order(), world.hold("tin"), True
    world.once("w1")
    world.approve(run)
    world.begin("w2")
    assert calls.read_text() == f"{run}/tin\n"
    world.kill("w2")
    world.go_without("tin")
    world.begin("w3")
    world.until(run, "waiting")
    assert world.lines_of("calls") == [f"{run}/wood", f"{run}/tin"]
    world.kill("w3", signal.SIGTERM)
    assert len(world.left_behind()) == 1  # of the one that was killed: removed when it comes back
    world.once("w2")
    assert world.left_behind() == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_that_is_ended_leaves_its_run_to_be_taken_over(world: Workers, how: signal.Signals) -> None:
    run, calls = world.order(), world.hold("wood")
    world.begin("w1")
    assert calls.read_text() == f"{run}/wood\n"
    assert world.kill("w1", how) == 130
    assert world.standing(run).state == "working" and "Phasegate-Because: let go" in world.said(run)
    assert world.left_behind() == []
    world.go_without("wood")
    world.begin("w2")
    world.until(run, "waiting")
    assert world.kill("w2", how) == 130  # one that has nothing in hand
    assert world.lines_of("calls") == [f"{run}/wood"]


def test_what_only_a_person_can_tell_is_never_done_again_by_a_worker(world: Workers) -> None:
    run = world.order(answers={"repeat-t3-1": "repeat"})  # no order answers for that person
    for _ in range(2):
        world.once("w1")
        world.approve(run)
    calls = world.hold("builder")
    world.begin("w2")
    assert calls.read_text() == f"{run}/builder\n"
    world.kill("w2")
    world.go_without("builder")
    world.begin("w3")
    world.until(run, "stopped")
    assert "Phasegate-Because: asks" in world.said(run)
    world.kill("w3", signal.SIGTERM)
    tip = world.standing(run).tip
    world.once("w1")
    assert world.standing(run).tip == tip and f"{run}/builder" not in world.lines_of("calls")


def test_what_an_order_answers_goes_along_from_worker_to_worker(world: Workers) -> None:
    answered, asks = world.order(answers={"gauge": "thick"}), world.order("barn-20260102-030405-22222222")
    (world.outside / "asks").touch()
    world.once("w1")
    assert world.approve(answered) and world.approve(asks)
    world.once("w2")
    assert [world.standing(run).state for run in (answered, asks)] == ["waiting", "stopped"]
    assert "Phasegate-Because: asks" in world.said(asks)


def test_a_run_that_is_taken_over_three_times_in_vain_is_stopped_for_a_person(world: Workers) -> None:
    run, calls = world.order(), world.hold("wood")
    for name in ("w1", "w2", "w3", "w4"):
        world.begin(name)
        assert calls.read_text() == f"{run}/wood\n"
        world.kill(name)
    assert "Phasegate-Take: 3" in world.said(run)
    world.begin("w5")
    world.until(run, "stopped")
    assert "Phasegate-Because: taken over 3 times" in world.said(run)
    world.kill("w5", signal.SIGTERM)


def test_a_run_that_waits_for_a_time_is_ready_when_it_has_come(world: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    run = world.order()
    (world.outside / "until").write_text(format_time(datetime.now(UTC) + timedelta(days=1)))
    world.once("w1")
    assert world.standing(run).state == "stopped" and "Phasegate-Because: waits for a time" in world.said(run)
    stopped = Ready(run, "stopped", world.standing(run).tip)
    world.once("w1")
    assert world.standing(run).tip == stopped.tip
    root = world.clone("w2").root
    with worker(root, who_runs_this(root), nobody(), Wanted("w2", "sandbox")) as works:
        assert not works.come([stopped])
        later = datetime.now(UTC) + timedelta(days=2)
        monkeypatch.setattr(SystemClock, "now", lambda _clock: later)
        assert works.come([stopped]) == [stopped]


def test_who_approves_is_no_worker(world: Workers) -> None:
    clone, run = world.clone("w1"), world.order()
    clone.git("config", "user.signingkey", str(world.keys.file(BOB)))
    assert "a worker approves nothing, and the key SHA256:" in world.once("w1", code=2)
    clone.git("config", "user.signingkey", str(world.keys.file("Eve")))
    clone.git("config", "user.email", "bob@example.com")
    assert "the name Eve the worker <bob@example.com>" in world.once("w1", code=2)
    assert world.standing(run).state == "todo"


def test_one_worker_of_a_name_works_in_a_clone(world: Workers) -> None:
    world.order()
    calls = world.hold("wood")
    world.begin("w1")
    calls.read_text()
    assert "another process is worker w1 of this clone" in world.once("w1", code=6)


def test_a_tip_leads_no_worker_out_of_its_own_clone(world: Workers, tmp_path: Path) -> None:
    root, run = world.clone("w1").root, Ready(world.order(), "todo", "")
    (root / "out").symlink_to(tmp_path)
    for away in ("..", "out"):
        with pytest.raises(WorkspaceRefused, match="is none of its branch"):
            segment._lay_out(root, root / away, run, world.base, segment.Seen(away, None, "barn", None, 0))


def test_a_run_that_moved_since_its_tip_was_read_is_not_claimed(world: Workers) -> None:
    root, run = world.clone("w1").root, world.order()
    place = place_of(root)
    found = place.standing(run)
    place.tip(run, found)
    world.once("w2")
    before = world.refs()
    Kept(root, run).begin("origin")
    with (
        pytest.raises(RunFenced, match="somebody else's now"),
        met(root, run, who_runs_this(root), nobody(), left=found),
    ):
        pass
    assert world.refs() == before


def test_no_two_tips_are_alike_though_one_identity_makes_both_in_one_second(world: Workers) -> None:
    root = world.clone("w1").root
    one, other = (tips_of(root, "run", "Worker on here") for _ in range(2))
    assert len({one.mark("1"), one.mark("1"), other.mark("1")}) == 3
