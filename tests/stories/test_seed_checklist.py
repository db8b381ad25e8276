"""A checklist of 13 boxes and four commands: these are one script, each box has its own answer in the record."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from phases.step import Question
from state.event_types import Answered
from state.task_events import ItemVerdict
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.repositories import first_commit
from tests.worlds.run_world import FakePerson, RunWorld
from tests.worlds.screen import Screen
from tests.worlds.workspaces import SHARED
from workflow.audit import audit_workspace
from workflow.views.box_view import BoxesView, BoxWord

OWN = Path(__file__).parents[1] / "runbooks/guided/socket-api.md"
SEED = SHARED / "seeds/deployment-checklist.md"
KEY = "t13_3"
WITH_ID = ["get-routes --api-id a1b2c3", "get-authorizers --api-id a1b2c3"]
pytestmark = pytest.mark.slow


def verdict(number: int) -> ItemVerdict:
    return "not-applicable" if number % 3 == 0 else "attested"


class Somebody(FakePerson):
    """Runs the commands of 13.3 alone, leaves every other box out, and says yes of 13.3, but for every third box."""

    def ask(self, question: Question, suggestion: str | None) -> tuple[str, str] | None:
        if "-command-" not in question.name:
            return super().ask(question, suggestion)
        return ("run" if question.name.startswith("t13-3-") else "skip", "prompt")

    def boxes(self, view: BoxesView) -> BoxWord:
        if view.task.key != KEY:
            return BoxWord(view.number, "not-applicable", "looked at another day")
        return BoxWord(view.number, verdict(view.number), "not in this account" if view.number % 3 == 0 else "")


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What an `aws` in front of everybody's was called with, a call a line; it knows one API."""
    stub, calls = tmp_path / "tools" / "aws", tmp_path / "calls"
    stub.parent.mkdir()
    stub.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {calls}\ncase "$*" in *ApiId*) echo a1b2c3;; esac\n')
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stub.parent}:{os.environ['PATH']}")
    return calls


@pytest.mark.parametrize("runbook", [OWN, SEED], ids=["own", "seed"])
def test_four_commands_are_one_script_and_each_of_13_boxes_has_its_own_answer(
    runbook: Path, tmp_path: Path, calls: Path
) -> None:
    if not runbook.exists():
        pytest.skip(f"{runbook.name} is not beside this clone")
    world = RunWorld(tmp_path, runbook=runbook.read_bytes())
    world.person = Somebody()
    with world.start() as engine:
        engine.drive(lambda task: task.key == KEY)
        task = engine.plan.task(KEY)
        words = [
            each for each in engine.journal.events if isinstance(each, Answered) and each.task == KEY and each.item
        ]
        worked = engine.run.task(KEY).worked
    assert [line.split()[1] for line in calls.read_text().splitlines()] == [
        *("get-apis", "get-apis", "get-routes", "get-authorizers")
    ]
    assert [" ".join(line.split()[1:4]) for line in calls.read_text().splitlines()[2:]] == WITH_ID
    assert worked is not None
    commands = [check for check in worked.checks if check.name.startswith("command ")]
    assert [check.verdict for check in commands] == ["pass"]
    assert len(task.items) == 13
    assert [(word.item, word.verdict) for word in words] == [(f"box {n}", verdict(n)) for n in range(1, 14)]
    log = next(world.root.glob("artifacts/*/working_log.md")).read_text("utf-8")
    for number, item in enumerate(task.items, 1):
        (line,) = [each for each in log.splitlines() if f"box {number}: {item.text}" in each]
        assert ("not applicable" in line and "not in this account" in line) == (number % 3 == 0), line
    before, after = (world.git("show", f"{rev}:tasks.md").encode() for rev in ("HEAD~1", "HEAD"))
    expected = bytearray(before)
    for number, item in enumerate(task.items, 1):
        if number % 3:
            expected[item.box.offset] = ord("x")
    assert after == bytes(expected)
    (found,) = audit_workspace(world.root, world.run_id, anchor=None)
    assert found.findings == []


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("runbook", [OWN, SEED], ids=["own", "seed"])
def test_a_person_at_the_terminal_runs_the_script_and_answers_13_boxes(
    runbook: Path, width: int, tmp_path: Path, calls: Path
) -> None:
    if not runbook.exists():
        pytest.skip(f"{runbook.name} is not beside this clone")
    text = runbook.read_text("utf-8")
    place = tmp_path / "place"
    place.mkdir()
    begin = text.index("### Task 13.3")
    end = text.index("- [ ]", text.index("### Monitoring", begin))  # with the section behind it
    (place / "tasks.md").write_text(f"# Deploy\n\n## Deployment\n\n{text[begin:end]}- [ ] Alarms exist\n")
    first_commit(place)
    screen = Screen(place, "run", "tasks.md", "--until", "13.3", width=width, PATH=os.environ["PATH"])
    screen.asked("Is task 13.3 done?")
    screen.press("d")
    for number in range(1, 14):
        if number == 13:  # the script stands below the boxes
            assert not calls.exists()
        screen.asked(f"box {number} of 13")
        screen.press("x" if number % 3 == 0 else "y")
        if number % 3 == 0:
            screen.asked("Why?", listed="")
            screen.press("not in this account\r")
    screen.asked("Run these 4 lines with bash")
    screen.press("r")
    screen.asked("Approve task 13.3?")
    screen.press("a")
    screen.until("» a)")
    screen.press("\r")
    assert screen.ended() == 0
    assert max(map(len, screen.lines())) <= width
    assert [line.split()[1] for line in calls.read_text().splitlines()] == [
        *("get-apis", "get-apis", "get-routes", "get-authorizers")
    ]
    events = [json.loads(line) for line in phasegate(place, "log", "--json").stdout.splitlines()]
    said = {each["item"]: (each["verdict"], each["via"]) for each in events if each.get("item")}
    assert said == {f"box {number}": (verdict(number), "prompt") for number in range(1, 14)}
    log = (place / "artifacts/tasks/working_log.md").read_text("utf-8")
    assert all(f"box {number}: " in log for number in range(1, 14))
    assert phasegate(place, "audit").returncode == 0
