"""A runbook that says STOP above a command: the command is offered once a person confirmed it, and not before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from state.errors import BadAnswer, Waiting
from state.event_types import Answered
from state.evidence import AGENT
from tests.worlds.release_world import NONE, Release, checks, fence
from tests.worlds.run_world import RunWorld
from workflow.engine.engine import Settings
from workflow.ports import BoxWord, Pause
from workflow.views.review_page import review_page

STOP = "STOP. Do not go on until the DBA has seen the backup."
BEFORE, BEHIND = fence("touch before"), fence("touch behind")


def test_the_command_behind_it_is_offered_once_it_is_confirmed(tmp_path: Path) -> None:
    release = Release(tmp_path, BEFORE, STOP, BEHIND, t1_stop_1="confirmed")
    worked = release.is_shown()
    assert release.asked == ["t1-command-1", "t1-stop-1", "t1-command-2"]
    seen = ("attested", "confirmed, says Ada <ada@example.com> (prompt)")
    assert checks(worked)[f"stop: {STOP}"] == seen
    assert STOP in review_page(release.person.views[-1])


def test_nothing_else_is_a_confirmation_and_nothing_behind_it_has_run(tmp_path: Path) -> None:
    release = Release(tmp_path, BEFORE, STOP, BEHIND, t1_stop_1="yes")
    with release.start() as engine, pytest.raises(BadAnswer, match="expected confirmed"):
        engine.drive()
    assert (release.root / "before").exists() and not (release.root / "behind").exists()


def test_above_the_first_command_it_holds_all_of_them(tmp_path: Path) -> None:
    release = Release(tmp_path, STOP, BEFORE, BEHIND, t1_stop_1="confirmed")
    release.is_shown()
    assert release.asked == ["t1-stop-1", "t1-command-1", "t1-command-2"]


@pytest.mark.parametrize("words", [(BEFORE, STOP), (BEFORE, "[HUMAN] look", BEHIND), (BEFORE, "Stop the bus", BEHIND)])
def test_words_that_hold_no_command_ask_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    release = Release(tmp_path, *words)
    release.is_shown()
    assert not any("stop" in name for name in release.asked)


def test_a_command_that_nobody_wants_to_be_run_is_held_by_nothing(tmp_path: Path) -> None:
    release = Release(tmp_path, BEFORE, STOP, BEHIND)
    with release.start(Settings({"t1-command-2": "skip"})) as engine, pytest.raises(Waiting, match="approval"):
        engine.drive()
    assert release.asked == ["t1-command-1"]


def test_yes_confirms_it_in_a_rehearsal_only(tmp_path: Path) -> None:
    release = Release(tmp_path, STOP, fence("touch behind"))
    release.sandbox, release.person.absent, release.person.at_terminal = True, True, False
    run = {"t1-command-1": "run"}
    with (
        release.start(Settings(run, yes=True)) as engine,
        pytest.raises(Waiting, match=r"asks: Line 5 of the runbook says: STOP\."),
    ):
        engine.drive()
    assert not (release.root / "behind").exists()
    with release.reopen(Settings(run, yes=True, practice=True)) as engine:
        engine.drive()
        said = [event for event in engine.journal.events if isinstance(event, Answered)]
        assert ("t1-stop-1", "default") in [(each.question, each.via) for each in said]


def test_it_is_asked_again_in_the_next_attempt_and_not_after_a_kill(tmp_path: Path) -> None:
    release = Release(tmp_path, STOP, fence("touch behind"), t1_stop_1="confirmed")
    release.is_shown()
    release.person.asked.clear()
    release.person.verdicts = [Pause()]
    release.goes_on()
    assert release.asked == []


BOX = b"""# Cut over

## T-0

- [ ] Backup taken
- [ ] STOP: wait for approval of the DBA
- [ ] Old table dropped (`git tag dropped`)

## T+1h

- [ ] Everybody told
"""


def box_world(root: Path, verdict: str) -> RunWorld:
    world = RunWorld(root, runbook=BOX)
    world.person.answers = {"t-0-command-1": "run", "t-0-stop-1": "confirmed", "t-0-boxes-unmet": "pause"}
    world.person.works, world.person.verdicts = [NONE], [Pause()]
    world.person.box_words = [BoxWord(1, "attested"), BoxWord(2, verdict, "not ours")]  # type: ignore[arg-type]
    with world.start() as engine, pytest.raises(Waiting):
        engine.drive()
    return world


@pytest.mark.parametrize("verdict", ["attested", "not-applicable"])
def test_a_box_that_says_so_is_confirmed_by_its_answer(tmp_path: Path, verdict: str) -> None:
    world = box_world(tmp_path, verdict)
    assert [name for name, _ in world.person.asked] == ["t-0-command-1"]


def test_a_no_to_such_a_box_holds_the_command(tmp_path: Path) -> None:
    world = box_world(tmp_path, "fail")
    assert next(name for name, _ in world.person.asked) == "t-0-stop-1"


@pytest.mark.parametrize("words", [{"t1-stop-1": "confirmed"}, {}])
def test_an_agent_confirms_nothing_and_is_not_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: dict[str, str]
) -> None:
    release = Release(tmp_path, STOP, fence("touch behind"))
    release.person.absent = True
    said = Settings({"t1-command-1": "run", **words})
    agent = {"git": f"{AGENT}scripted 1.0", "user": "agent", "host": "here"}
    doors = replace(release.doors(), by=agent)
    monkeypatch.setattr(release, "doors", lambda: doors)
    with release.start(said) as engine, pytest.raises(Waiting, match=r"no agent may answer: Line 5 .* STOP") as told:
        engine.drive()
    assert told.value.next_command.endswith("   # a person answers t1-stop-1")  # no call of an agent's
    assert not (release.root / "behind").exists()
