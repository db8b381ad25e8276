"""Profiles, items that follow from others, sign-offs, items that wait, and what nothing can make true, in a run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from state.errors import BadInput, StepFailed, Waiting
from state.evidence import CheckResult
from tests.worlds.run_world import FakePerson, RunWorld
from workflow.audit import audit_workspace
from workflow.engine.engine import Engine, Settings
from workflow.ports import Approve, HandIn, HandView, Pause, ReviewView, Verdict
from workflow.service.status import status
from workflow.views.box_view import BoxWord
from workflow.views.boxes import how_to_approve
from workflow.views.who_may import asked_of_command, who_may

RUNBOOK = b"""# Ship it

## Deploy
- [ ] Built
- [ ] Kept for half a day

## Production only
- [ ] Backed up

## Mail
- [ ] Address named
- [ ] Address confirmed
- [ ] Told

## Sign-Off
- [ ] Deployment completed
- [ ] Deployed by: ________________
- [ ] Approved by: ________________
- [ ] Date: ________________
- [ ] Paid
"""
CHECKS = """\
profiles:
  dev: {values: {place: dev.txt}, leaves-out: [Production only], lines: [20]}
  production: {values: {place: production.txt}}
checks:
  - {id: built, name: It is built, file: {path: "{place}"}, criterion: Built}
  - {id: half-a-day, name: Kept, cannot-hold: {why: whole days only}, line: 5}
  - {id: backed-up, name: It is backed up, file: {path: backup.txt}, line: 8}
  - {id: named, name: The address is named, file: {path: address.txt}, line: 11}
  - {id: confirmed, name: It is confirmed, file: {path: confirmed.txt}, line: 12, waits-for: whoever reads the mail}
  - {id: completed, name: It is completed, follows-from: {tasks: [Deploy, Mail]}, line: 16}
  - {id: deployed-by, name: Who deployed, sign-off: {of: operator}, line: 17}
  - {id: approved-by, name: Who approves, sign-off: {of: approver}, line: 18}
  - {id: on, name: The day, sign-off: {of: date}, line: 19}
"""
ALL = ("dev.txt", "address.txt", "confirmed.txt")


class ShipWorld(RunWorld):
    def __init__(self, root: Path, *files: str, profile: str = "dev") -> None:
        super().__init__(root, runbook=RUNBOOK)
        (self.root / "tasks.checks.yaml").write_text(CHECKS)
        for name in files:
            (self.root / name).write_text("here\n")
        self.person.answers = {"profile": profile}
        self.git("add", "-A")
        self.git("commit", "-qm", "The checks")


def without_a_terminal(**answers: str) -> tuple[FakePerson, Settings]:
    return FakePerson(absent=True, at_terminal=False), Settings(answers)


HALF_A_DAY = {"deploy-box-2": "n/a: a day"}


def verdicts(engine: Engine, key: str) -> dict[str, CheckResult]:
    worked = engine.run.task(key).worked
    assert worked is not None
    return {check.answers: check for check in worked.checks if check.answers}


def test_a_profile_leaves_out_and_fills_and_every_kind_has_its_verdict(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, *ALL)
    with world.start(Settings(HALF_A_DAY)) as engine:
        engine.drive()
        assert engine.complete
        found = {key: [c.verdict for c in verdicts(engine, key).values()] for key in (t.key for t in engine.plan.tasks)}
        backed_up = verdicts(engine, "production_only")["box 1"]
        signed = verdicts(engine, "sign_off")
    assert found == {
        "deploy": ["pass", "not-applicable"],
        "production_only": ["not-applicable"],
        "mail": ["pass", "pass", "attested"],
        "sign_off": ["derived", "pass", "derived", "pass", "not-applicable"],
    }
    assert (backed_up.why, backed_up.by) == ("by profile dev", None)
    assert "Ada <ada@example.com>" in signed["box 2"].seen
    assert "2026-01-02" in signed["box 4"].seen
    assert [name for name, _suggestion in world.person.asked] == ["profile"]  # once, and no field is typed
    assert [view.number for view in world.person.boxes_seen] == [3]
    assert world.boxes() == "x  xxxxxxx "
    after = (world.root / "tasks.md").read_bytes()
    assert [(a, b) for a, b in zip(RUNBOOK, after, strict=True) if a != b] == [(ord(" "), ord("x"))] * 8
    assert audit_workspace(world.root, world.run_id, anchor=None)[0].findings == []


def test_another_profile_looks_at_what_the_first_leaves_out(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, *ALL, "production.txt", profile="production")
    with world.start(Settings(HALF_A_DAY)) as engine, pytest.raises(Exception, match="It is backed up"):
        engine.drive()


def test_what_cannot_hold_is_told_before_the_run_and_no_yes_is_taken_for_it(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, *ALL)
    with world.start(Settings({"deploy-box-2": "yes"})) as engine:
        assert "tasks.md:5: nothing can make it true: Kept for half a day: whole days only" in world.person.lines
        with pytest.raises(Exception, match="deploy-box-2: yes is refused"):
            engine.drive()


def test_what_waits_for_somebody_pauses_behind_the_rest_and_is_looked_at_again(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, "dev.txt", "address.txt")
    with world.start(Settings(HALF_A_DAY)) as engine, pytest.raises(Waiting) as waits:
        engine.drive()
    assert "whoever reads the mail (box 2: Address confirmed)" in waits.value.message
    assert f"phasegate resume {world.run_id} --wait" in waits.value.next_command
    assert [view.number for view in world.person.boxes_seen] == [3]  # the rest of the section was answered
    with world.reopen() as engine, pytest.raises(Waiting):
        engine.drive()
    assert len(world.person.boxes_seen) == 1  # and is not asked again
    (world.root / "confirmed.txt").write_text("yes\n")
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete


def test_with_wait_it_is_looked_at_again_until_it_is_there(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, "dev.txt", "address.txt")
    waited: list[int] = []

    def confirm(_when: object) -> None:
        waited.append(1)
        if len(waited) == 3:
            (world.root / "confirmed.txt").write_text("yes\n")

    world.clock.wait_until = confirm  # type: ignore[method-assign, assignment]
    with world.start(Settings(HALF_A_DAY, wait=True)) as engine:
        engine.drive()
        assert engine.complete
    assert len(waited) == 3


def test_a_word_settles_what_waits(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, "dev.txt", "address.txt")
    answers = {**HALF_A_DAY, "mail-box-2": "n/a: no mail here"}
    with world.start(Settings(answers)) as engine:
        engine.drive()
        assert engine.complete
        assert verdicts(engine, "sign_off")["box 1"].verdict == "derived"


def test_without_a_terminal_the_profile_comes_from_the_answers_file_or_is_waited_for(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, *ALL)
    world.person, settings = without_a_terminal(**HALF_A_DAY)
    with world.start(settings) as engine, pytest.raises(Waiting, match="Which profile is this for"):
        engine.drive()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[Production only]", "[Staging]", "2:48: profile dev: no task of tasks.md is called 'Staging'"),
        ("tasks: [Deploy, Mail]}", "lines: [1, 16]}", "line 1 of tasks.md has no box of a task"),
        ("tasks: [Deploy, Mail]}", "tasks: [Deploy, Mial]}", "no task of tasks.md is called 'Mial'"),
        ("lines: [20]", "lines: [2]", "2:74: profile dev: line 2 of tasks.md has no box of a task"),
        ("{place: production.txt}", "{}", "3:3: profile production has no value for place, which another one has"),
        ("{place: dev.txt}", "{Place: dev.txt}", "2:18: values: 'Place' is no name of a placeholder"),
        ("  dev:", "  Dev:", "2:3: profile: expected small letters, digits and hyphens, seen 'Dev'"),
        ("leaves-out", "leaves-in", "2:35: 'leaves-in' is not a setting here; there are: values, leaves-out, lines"),
        ("{of: date}", "{of: day}", "'operator', 'approver' or 'date'"),
        ("{tasks: [Deploy, Mail]}", "{}", "expected tasks or lines that it follows from, seen nothing"),
        ("{why: whole days only}", "{why: ''}", "why"),
    ],
)
def test_what_is_wrong_with_profiles_is_refused_before_the_run_with_its_place(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    world = ShipWorld(tmp_path)
    assert CHECKS.count(old) == 1
    (world.root / "tasks.checks.yaml").write_text(CHECKS.replace(old, new))
    with pytest.raises(BadInput) as refused, world.start():
        pass
    said = [str(problem) for problem in refused.value.problems]
    assert all(each.startswith("tasks.checks.yaml:") for each in said)
    assert any(told in each for each in said), said


def found(world: ShipWorld, name: str) -> Path:
    (path,) = world.root.rglob(name)
    return path


def test_what_was_waited_for_long_is_dated_by_the_look_that_it_rests_on(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, "dev.txt", "address.txt")

    def confirm(when: datetime) -> None:
        world.clock.at = max(world.clock.at, when) + timedelta(minutes=3)
        (world.root / "confirmed.txt").write_text("yes\n")

    world.clock.wait_until = confirm  # type: ignore[method-assign, assignment]
    with world.start(Settings(HALF_A_DAY, wait=True)) as engine:
        engine.drive()
        assert engine.complete
        started = engine.run.task("mail").started_at
        report = found(world, "mail_checks.md").read_text()
    (looked,) = re.findall(r"Looked at (\S+Z)\.", report)
    assert started is not None
    assert datetime.fromisoformat(looked) >= started + timedelta(minutes=3)


def test_a_word_on_what_was_shown_keeps_the_time_of_the_look_that_was_shown(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, *ALL)
    world.person, settings = without_a_terminal(profile="dev", **HALF_A_DAY)
    with world.start(settings) as engine, pytest.raises(Waiting):
        engine.drive()
        engine.hand_in(HandIn((), "done"), {})
    with world.reopen() as engine, pytest.raises(Waiting):
        engine.drive()
    report = found(world, "deploy_checks.md")
    before = report.read_bytes()
    world.clock.at += timedelta(hours=1)
    with world.reopen() as engine:
        request = engine.run.task("deploy").request
        assert request is not None
        words = [BoxWord(2, "waived", "whole days only")]
        engine.say_of_boxes(request.digest, words, "command", by=replace(engine.doors.me, git="Bo <bo@example.com>"))
    assert report.read_bytes() == before


def test_what_a_profile_leaves_out_is_handed_in_by_nobody_so_that_nobody_is_barred(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, *ALL)
    (world.root / "phasegate.yaml").write_text("gates: [{gate: Production only, operator_may_approve: false}]\n")
    world.git("add", "-A")
    world.git("commit", "-qm", "The policy")
    with world.start(Settings(HALF_A_DAY)) as engine:
        engine.drive()
        assert engine.complete  # one person alone
        handed_in = engine.run.task("production_only").handed_in
        assert handed_in is not None
        assert (handed_in.via, handed_in.by.git) == ("profile", "profile")
    assert audit_workspace(world.root, world.run_id, anchor=None)[0].findings == []


def test_a_task_that_a_profile_leaves_out_is_nobodys_work(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, *ALL)
    (world.root / "phasegate.yaml").write_text("gates: [{gate: Production only, operator_may_approve: false}]\n")
    world.git("add", "-A")
    world.git("commit", "-qm", "The policy")

    def verdict(view: ReviewView) -> Verdict:
        return Pause() if view.task.key == "production_only" else Approve("prompt")

    world.person.verdicts = [verdict] * 9
    with world.start(Settings(HALF_A_DAY)) as engine, pytest.raises(Waiting):
        engine.drive()
    with world.reopen() as engine:
        state = engine.run.task("production_only")
        assert state.request is not None
        assert who_may(engine.run, state) == "anybody"
        assert list(asked_of_command(engine.run, state)) == []


def test_nobody_attests_what_nothing_can_make_true(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, *ALL)
    world.person.verdicts = [BoxWord(2, "attested"), Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    told = "nothing can make box 2 true (whole days only): it does not apply, or --waive 2:REASON"
    assert f"box 2 was not attested: {told}" in world.person.lines
    with world.reopen() as engine:
        state = engine.run.task("deploy")
        assert state.request is not None
        assert not state.words
        seen = len(engine.journal.events)
        with pytest.raises(BadInput, match=re.escape(told)):
            engine.say_of_boxes(state.request.digest, [BoxWord(2, "attested")], "command", by=engine.doors.me)
        assert len(engine.journal.events) == seen
        assert "--attest 2" not in "".join(how_to_approve(engine.run, state))
        assert "--waive '2:REASON'" in "".join(how_to_approve(engine.run, state))


def test_only_fields_that_somebody_fills_in_are_said_to_be_asked_for(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, *ALL)
    asked: list[Sequence[str]] = []

    def look(view: HandView) -> HandIn:
        asked.append(view.fields)
        return HandIn((), "prompt")

    world.person.works = [look] * 3
    with world.start(Settings(HALF_A_DAY)) as engine:
        engine.drive()
    assert asked == [[], [], []]


def test_a_failed_check_is_counted_once_though_its_box_repeats_it(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, "address.txt", "confirmed.txt")
    with world.start(Settings(HALF_A_DAY)) as engine, pytest.raises(StepFailed, match="1 of 2 checks failed"):
        engine.drive()


def test_status_says_whom_elsewhere_a_run_waits_for(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, "dev.txt", "address.txt")
    with world.start(Settings(HALF_A_DAY)) as engine, pytest.raises(Waiting):
        engine.drive()
    view = status(world.root, world.run_id)
    assert view.to_json()["waits_elsewhere"] == ["whoever reads the mail (box 2: Address confirmed)"]
    assert any("waits, unless it is so by now, for whoever reads the mail" in line for line in view.lines())


def test_a_wait_is_said_once_however_often_it_is_looked_at(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, "dev.txt", "address.txt")
    waited: list[int] = []

    def confirm(_when: object) -> None:
        waited.append(1)
        if len(waited) == 5:
            (world.root / "confirmed.txt").write_text("yes\n")

    world.clock.wait_until = confirm  # type: ignore[method-assign, assignment]
    with world.start(Settings(HALF_A_DAY, wait=True)) as engine:
        engine.drive()
    assert sum("whoever reads the mail" in line for line in world.person.lines) == 1


def test_where_more_changed_than_the_words_they_stand_and_what_waits_now_is_named(tmp_path: Path) -> None:
    world = ShipWorld(tmp_path, *ALL)
    world.person.verdicts = [Pause()]
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    (world.root / "dev.txt").write_text("another\n")
    with world.reopen() as engine:
        request = engine.run.task("deploy").request
        assert request is not None
        words = [BoxWord(2, "waived", "whole days only")]
        with pytest.raises(Waiting) as refused:
            engine.say_of_boxes(request.digest, words, "command", by=engine.doors.me)
        state = engine.run.task("deploy")
        assert state.request is not None
        now = state.request.digest[:7]
    told = refused.value.message
    assert told.startswith("box 2 waived: recorded, and nothing is approved: the evidence has changed")
    assert "It is built" in told
    assert f"waits as {now} now" in told
    assert state.words["box 2"].verdict == "waived"
