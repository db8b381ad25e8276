"""A run of one task with scripts, and a person who says yes to them: started, resumed, halted, looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from phases.step import Question
from state.errors import Waiting
from state.event_types import EffectDone
from state.evidence import CheckResult, Evidence
from tests.worlds.run_world import RunWorld
from workflow.engine.engine import Engine, Settings
from workflow.ports import HandIn, Pause

NONE = HandIn((), "prompt")


def runbook(*parts: str) -> bytes:
    """A task with these fences, or words, and one behind it; the first part stands in line 5."""
    body = "\n\n".join(parts).replace("\n", "\n  ")
    return f"# Release\n\n- [ ] 1. Release it\n\n  {body}\n\n- [ ] 2. Tell them\n".encode()


def fence(*lines: str, language: str = "bash") -> str:
    return "\n".join((f"```{language}", *lines, "```"))


class Release(RunWorld):
    """Every command is run unless `answers` says otherwise; nobody approves before the test does."""

    def __init__(self, root: Path, *parts: str, **answers: str) -> None:
        super().__init__(root, runbook=runbook(*parts))
        run = {f"t1-command-{number}": "run" for number in range(1, 6)}
        self.person.answers = {**run, **{name.replace("_", "-"): value for name, value in answers.items()}}
        self.person.works = [NONE]
        self.person.verdicts = [Pause()]

    def says(self, **answers: str) -> None:
        self.person.answers.update({name.replace("_", "-"): value for name, value in answers.items()})

    def is_shown(self) -> Evidence:
        """Start, and come to the page of task 1."""
        with self.start() as engine, pytest.raises(Waiting, match="waits for approval"):
            engine.drive()
        return self.evidence(engine)

    def goes_on(self, settings: Settings | None = None) -> Evidence:
        """Resume, and come to the page."""
        with self.reopen(settings) as engine, pytest.raises(Waiting, match="waits for approval"):
            engine.drive()
        return self.evidence(engine)

    def waits(self, why: str) -> Waiting:
        """Start, and come to a halt for this."""
        with self.start() as engine, pytest.raises(Waiting, match=why) as waiting:
            engine.drive()
        return waiting.value

    def results(self) -> list[EffectDone]:
        with self.reopen() as engine:
            return [event for event in engine.journal.events if isinstance(event, EffectDone)]

    def evidence(self, engine: Engine) -> Evidence:
        worked = engine.run.task("t1").worked
        assert worked is not None
        return worked

    def events(self, engine: Engine) -> list[str]:  # type: ignore[override]
        return [event.type for event in engine.journal.events]

    @property
    def asked(self) -> list[str]:
        return [name for name, _suggestion in self.person.asked]


def checks(worked: Evidence) -> dict[str, tuple[str, str]]:
    return {check.name: (check.verdict, check.seen.partition(" after ")[0]) for check in worked.checks}


def check(worked: Evidence) -> CheckResult:
    (only,) = worked.checks
    return only


def ran(worked: Evidence) -> list[dict[str, object]]:
    """What the evidence's data says of each command."""
    return json.loads(json.dumps(worked.data["commands"]))  # type: ignore[no-any-return]


def asked_in_turn(release: Release, monkeypatch: pytest.MonkeyPatch, **turns: list[str]) -> list[Question]:
    """Answer these questions by these answers, one after the other; what is asked comes into the list."""
    ask, seen = release.person.ask, list[Question]()
    left = {name.replace("_", "-"): list(answers) for name, answers in turns.items()}

    def asks(question: Question, suggestion: str | None) -> tuple[str, str] | None:
        seen.append(question)
        if left.get(question.name):
            return left[question.name].pop(0), "prompt"
        return ask(question, suggestion)

    monkeypatch.setattr(release.person, "ask", asks)
    return seen
