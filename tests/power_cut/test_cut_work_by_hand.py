"""The power goes anywhere in work by hand (script, boxes, a field): it goes on, and nothing is done or asked twice."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from phases.step import Question
from state.files import Disk
from state.find_runs import find_runs
from tests.worlds.cut_points import CutDisk, take_away
from tests.worlds.cut_world import copy_workspace
from tests.worlds.enumerate_cuts import fingerprint
from tests.worlds.forked_child import Outcome, start_child
from tests.worlds.journals import journal_bytes
from tests.worlds.run_world import FakeClock, FakePerson, RunWorld
from workflow.audit import audit_workspace
from workflow.doors.commands import CommandDoor
from workflow.doors.git.step_git import StepGitDoor
from workflow.engine.engine import Doors, Engine
from workflow.ports import StepDoors
from workflow.views.box_view import BoxesView, BoxWord

RUNBOOK = b"""# Release

## Before

- [ ] The sources are here (`test -e tasks.md`)
- [ ] Notes written
- [ ] Frontend rebuilt
- [ ] Built by: ____

```sh
echo ran >> ran.txt
```

## After

- [ ] Everybody told
"""
DONE = (
    RUNBOOK.replace(b"[ ] The", b"[x] The")
    .replace(b"[ ] Notes", b"[x] Notes")
    .replace(b"[ ] Built by: ____", b"[x] Built by: Ada")
)
KINDS = (  # of points; without one of them something is not looked at
    "(answered): half written",
    "(effect-intended): all written",
    "(effect-done): nothing written",
    "(worked): one byte written",
    "tasks.md",
    "git commit: ended, nobody knows",
)


class Somebody(FakePerson):
    """Runs the script once: after a cut they look whether it did its work."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self.boxes_asked: list[str] = []

    def ask(self, question: Question, suggestion: str | None) -> tuple[str, str] | None:
        self.asked.append((question.name, suggestion))
        if "-failed-" in question.name:
            return ("skip" if (self.root / "ran.txt").exists() else "again"), "prompt"
        if "-command-" in question.name:
            return ("I looked" if question.name.endswith("-left-1") or "-left" in question.name else "run"), "prompt"
        return "Ada" if "-field-" in question.name else question.default or "", "prompt"

    def boxes(self, view: BoxesView) -> BoxWord:
        self.boxes_asked.append(f"box {view.number}")
        if view.number == 3:
            return BoxWord(3, "not-applicable", "nothing changed")
        return BoxWord(view.number, "attested")


class HandWorld(RunWorld):
    def __init__(self, root: Path) -> None:
        super().__init__(root, runbook=RUNBOOK)
        (self.root / ".git" / "info" / "exclude").write_text("ran.txt\n")
        self.person: Somebody = Somebody(self.root)

    def doors(self) -> Doors:
        watch = self.disk.on_process if isinstance(self.disk, CutDisk) else None
        git = StepGitDoor(self.root, on_process=watch) if watch else StepGitDoor(self.root)
        by = {"git": "Ada <ada@example.com>", "user": "ada", "host": "here"}
        steps = StepDoors(CommandDoor(grace=0.1), git, self.post)
        return Doors(git, self.disk, self.clock, self.person, _no_aws, by, steps=steps)

    def gone_on_in(self, place: Path) -> list[str]:
        """What a new process makes of a copy, up to the first commit; where that is not what it should be."""
        there = copy.copy(self)
        there.root, there.disk, there.person = place, Disk(), Somebody(place)
        there.clock = FakeClock(self.clock.at, self.clock.nonces + 1_000)
        said_before = _said(place)
        runs = find_runs(place)
        there.run_id = runs[0] if runs else ""
        with ExitStack() as exits:
            engine = exits.enter_context(there.reopen() if runs else there.start())
            _first_task(engine)
        found = []
        if (place / "ran.txt").read_text() != "ran\n":
            found.append(f"ran: {(place / 'ran.txt').read_text()!r}")
        if (place / "tasks.md").read_bytes() != DONE:
            found.append(f"runbook: {(place / 'tasks.md').read_text()}")
        if len(there.subjects()) != 1:
            found.append(f"commits: {there.subjects()}")
        asked = [name for name, _ in there.person.asked if "-failed-" not in name] + there.person.boxes_asked
        found += [f"asked again: {name}" for name in asked if name in said_before]
        (audited,) = audit_workspace(place, engine.run.run_id, anchor=None)
        return found + [str(each) for each in audited.findings]


def _no_aws() -> None:
    raise AssertionError("this world has no AWS")


def _said(place: Path) -> set[str]:
    """Names of questions and boxes whose answers are in whole lines of the journal."""
    found: set[str] = set()
    for journal in place.glob(".phasegate/*/journal.jsonl"):
        for line in journal_bytes(journal).split(b"\n")[:-1]:
            event = json.loads(line)
            if event["type"] == "answered":
                found.add(event.get("item") or event["question"])
    return found


def _first_task(engine: Engine) -> None:
    engine.drive(lambda task: task.key == engine.plan.tasks[0].key)


@pytest.mark.slow
def test_work_by_hand_that_is_cut_anywhere_is_gone_on_with(tmp_path: Path) -> None:
    world = HandWorld(tmp_path)
    names: list[str] = []
    outcomes: list[Outcome] = []
    tried: set[str] = set()
    watching = True

    def survive(name: str, lost: Mapping[Path, bytes | None]) -> None:
        place = tmp_path / "copy"
        copy_workspace(world.root, place)
        take_away(lost, world.root, place)
        seen = fingerprint(place)
        if seen not in tried:
            tried.add(seen)
            outcomes.extend((name, bad) for _, bad in start_child(lambda: [("", world.gone_on_in(place))]).outcomes())
        shutil.rmtree(place)

    def cut(name: str, lost: Mapping[Path, bytes | None]) -> None:
        nonlocal watching
        if not watching:
            return
        watching = False
        names.append(name)
        survive(name, {})
        if lost:
            survive(f"{name}; lost", lost)
        watching = True

    world.disk = CutDisk(world.root, cut)
    with world.start() as engine:
        _first_task(engine)
        watching = False
    assert (world.root / "tasks.md").read_bytes() == DONE
    assert [outcome for outcome in outcomes if outcome[1]] == []
    assert [kind for kind in KINDS if not any(kind in name for name in names)] == []
    assert len(tried) > 60, len(tried)
