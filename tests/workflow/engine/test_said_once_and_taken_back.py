"""What a person said at a terminal is said once, in the order of the file, and can be taken back before the hand-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from phases.manual.interpreters import Interpreter
from phases.step import Question
from state.errors import Waiting
from state.event_types import Answered, EffectDone
from state.evidence import CheckResult, Evidence
from state.task_events import LEFT_OPEN
from tests.worlds.release_world import Release, checks, fence
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.engine.engine import Engine
from workflow.ports import Approve, Doors, Finished, HandIn, HandView, Pause
from workflow.views.box_view import BoxesView, BoxSaid, BoxWord, LeftOpen
from workflow.views.review_page import review_page
from workflow.views.stale_answers import stale_answers

NO_FILES = HandIn((), "prompt")


def says_done(view: HandView) -> HandIn | Finished:
    return Finished() if view.commands_first and not view.names_files else NO_FILES


class Talk:
    """Everything that is asked of one run's person, in order, and what they say: each word once, then what is usual."""

    def __init__(self, world: RunWorld, **words: list[str | BaseException]) -> None:
        self.asked: list[str] = []
        self._words = {name.replace("_", "-"): list(each) for name, each in words.items()}
        self._usual, self._world = world.person.ask, world
        world.person.ask = self._ask  # type: ignore[method-assign]
        world.person.boxes = self._boxes  # type: ignore[method-assign]
        world.person.work = self._work  # type: ignore[method-assign, assignment]

    def _ask(self, question: Question, suggestion: str | None) -> tuple[str, str] | None:
        self.asked.append(question.name)
        if left := self._words.get(question.name):
            said = left.pop(0)
            if isinstance(said, BaseException):
                raise said
            return said, "prompt"
        return self._usual(question, suggestion)

    def _boxes(self, view: BoxesView) -> BoxSaid | None:
        self.asked.append(f"box {view.number}")
        return LeftOpen(view.number) if view.number in view.in_vain else BoxWord(view.number, "attested")

    def _work(self, view: HandView) -> HandIn | Finished:
        self.asked.append("files" if view.names_files else "done?")
        return says_done(view)


# --- said once -----------------------------------------------------------------------------------------------------


def test_that_the_work_is_done_is_not_asked_again_after_an_interruption(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `true --one`, then `touch two.txt`.")
    talk = Talk(release, t1_command_1=[KeyboardInterrupt()])
    with release.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.drive()
    assert talk.asked == ["done?", "t1-command-1"]
    talk.asked.clear()
    release.goes_on()
    assert talk.asked == ["t1-command-1", "t1-command-2", "files"]
    assert any(f"phasegate resume {release.run_id} --ask-again t1-is-done" in line for line in release.person.lines)


def test_that_it_is_done_can_be_taken_back(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `true --one`.")
    talk = Talk(release, t1_command_1=[KeyboardInterrupt()])
    with release.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.drive()
    talk.asked.clear()
    with release.reopen() as engine, pytest.raises(Waiting, match="waits for approval"):
        engine.ask_again(["t1-is-done"])
        engine.drive()
    assert talk.asked[0] == "done?"


def test_somebody_else_is_asked_whether_it_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = Release(tmp_path, "First `true --one`.")
    talk = Talk(release, t1_command_1=[KeyboardInterrupt()])
    with release.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.drive()
    talk.asked.clear()
    real = release.doors

    def bobs() -> Doors:
        return replace(real(), by={"git": "Bob <bob@example.com>", "user": "bob", "host": "here"})

    monkeypatch.setattr(release, "doors", bobs)
    release.goes_on()
    assert talk.asked[0] == "done?"


LOOKED_AT = b"""# R

## One
- [ ] Tests pass (`sh tests.sh`)
- [ ] Told

## Two
- [ ] x
"""


def test_a_box_that_was_left_to_the_approver_stays_so_after_an_interruption(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=LOOKED_AT)
    world.person.answers = {"one-command-1": "skip"}
    talk = Talk(world, one_commands_stand=["go on with these"])
    usual = world.person.boxes

    def interrupted(view: BoxesView) -> BoxSaid | None:
        if view.number == 2:
            raise KeyboardInterrupt
        return usual(view)

    world.person.boxes = interrupted  # type: ignore[method-assign]
    with world.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.drive()
    assert talk.asked == ["done?", "one-command-1", "box 1"]
    talk.asked.clear()
    world.person.boxes = usual  # type: ignore[method-assign]
    world.person.verdicts = [Pause()]
    with world.reopen() as engine, pytest.raises(Waiting, match="waits for approval"):
        engine.drive()
    assert talk.asked == ["box 2", "one-commands-stand", "files"]


# --- in the order of the file --------------------------------------------------------------------------------------

PARTS = b"""# Cut over

## Phase 1: Switch

Person: ____

### Before
- [ ] Frozen
- [ ] Green (`test -d .git`)

### The switch

```sh
touch switched
```

- [ ] DNS points there

By: ____

### Exit Criteria

- Nobody complains

## Phase 2: After
- [ ] x
"""


def test_boxes_and_fields_come_with_the_commands_of_their_part_and_the_criteria_behind_them(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=PARTS)
    world.person.answers = {"phase-1-command-1": "run", "phase-1-command-2": "run"}
    talk = Talk(world)
    with world.start() as engine:
        engine.segment()
    assert talk.asked == [
        "done?",
        *("phase-1-field-1", "box 1", "phase-1-command-1"),
        *("phase-1-command-2", "box 3", "phase-1-field-2"),
        *("files",),
        *_criteria(engine),
    ]
    assert audit_workspace(world.root, world.run_id, anchor=None)[0].findings == []


def _criteria(engine: Engine) -> list[str]:
    return ["phase-1-nobody-complains"] if engine.plan.tasks[0].exit_criteria else []


def test_without_commands_the_criteria_come_behind_the_boxes_above_them(tmp_path: Path) -> None:
    text = PARTS.replace(b" (`test -d .git`)", b"").replace(b"```sh\ntouch switched\n```\n", b"")
    world = RunWorld(tmp_path, runbook=text)
    talk = Talk(world)
    with world.start() as engine:
        engine.segment()
    boxes = ["phase-1-field-1", "box 1", "box 2", "box 3", "phase-1-field-2"]
    assert talk.asked == ["done?", *boxes, "phase-1-nobody-complains"]


def test_a_box_waits_for_its_own_command(tmp_path: Path) -> None:
    fenced = LOOKED_AT.replace(b" (`sh tests.sh`)", b"\n\n  ```sh\n  sh tests.sh\n  ```\n")
    world = RunWorld(tmp_path, runbook=fenced)
    (world.root / "tests.sh").write_text("true\n")
    world.git("add", ".")
    world.git("commit", "-qm", "Tests")
    world.person.answers = {"one-command-1": "run"}
    talk = Talk(world)
    with world.start() as engine:
        engine.segment()
    assert talk.asked == ["done?", "one-command-1", "box 2", "files"]


FIELD_FIRST = b"""# O

## One

Lead: ____

- [ ] Below the field

Host: ____

- [ ] Last

## Two

Lead: ____

- [ ] Below
- [ ] Built (`test -d .git`)

Behind: ____

## Three

- [ ] z
"""


def test_each_field_is_asked_for_at_its_place_with_commands_and_without(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=FIELD_FIRST)
    world.person.answers = {"two-command-1": "run", "one-field-1": "Ada", "two-field-1": "Ada"}
    talk = Talk(world)
    with world.start() as engine:
        engine.segment()
    assert talk.asked == ["done?", "one-field-1", "box 1", "one-field-2", "box 2"]
    talk.asked.clear()
    with world.reopen() as engine:
        engine.segment()
    assert talk.asked == ["done?", "two-field-1", "box 1", "two-command-1", "two-field-2", "files"]


def test_a_field_behind_a_no_waits_until_the_no_is_changed(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=FIELD_FIRST)
    talk = Talk(world, one_boxes_unmet=["again"])
    said = iter([BoxWord(1, "fail"), BoxWord(2, "attested"), BoxWord(1, "attested")])

    def boxes(view: BoxesView) -> BoxSaid | None:
        talk.asked.append(f"box {view.number}")
        return next(said)

    world.person.boxes = boxes  # type: ignore[method-assign]
    with world.start() as engine:
        engine.segment()
    asked = ["done?", "one-field-1", "box 1", "box 2", "one-boxes-unmet", "box 1", "one-field-2"]
    assert talk.asked == asked


# --- taken back ----------------------------------------------------------------------------------------------------


def test_a_command_that_was_skipped_by_mistake_is_run_after_all(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `touch one.txt`, then `touch two.txt`.")
    talk = Talk(release, t1_command_1=["skip", "run"], t1_commands_stand=["command 1: ask again"])
    worked = release.is_shown()
    assert [each["ending"] for each in worked.data["commands"]] == ["pass", "pass"]  # type: ignore[index, union-attr]
    assert (release.root / "one.txt").exists()
    assert talk.asked == ["done?", "t1-command-1", "t1-command-2", "t1-commands-stand", "t1-command-1", "files"]
    assert len(release.results()) == 2  # the other one ran once


def test_a_failure_that_was_left_by_mistake_is_asked_about_again(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `sh one.sh`.")
    name = "t1_command_1"
    Talk(
        release,
        **{f"{name}_failed_1": ["skip", "again"], f"{name}_left": ["a slip"], f"{name}_failed_2": ["skip"]},
        t1_commands_stand=["command 1: ask again"],
    )
    release.says(t1_command_1_left="a slip")
    worked = release.is_shown()
    assert checks(worked)["command 1: sh one.sh"] == ("not-checked", "exit 2 at line 5")
    assert len(release.results()) == 2


def test_an_edit_by_mistake_is_none_where_the_text_stays(tmp_path: Path) -> None:
    release = Release(tmp_path, fence("sh one.sh"))
    talk = Talk(release, t1_command_1_failed_1=["edit", "skip"], t1_command_1_edited_2=["sh one.sh"])
    release.says(t1_command_1_left="not today")
    release.is_shown()
    assert talk.asked.count("t1-command-1-failed-1") == 2
    assert len(release.results()) == 1
    talk.asked.clear()
    release.person.verdicts = [Approve("prompt")]
    with release.reopen() as engine:  # nothing of it is asked again
        engine.segment()
    assert talk.asked == []


def test_an_edit_that_passed_is_taken_back_by_a_run_of_the_runbooks_text(tmp_path: Path) -> None:
    release = Release(tmp_path, fence("test -e here"), t1_command_1_edited_2="touch here")
    talk = Talk(
        release,
        t1_command_1_failed_1=["edit"],
        t1_commands_stand=["command 1: ask again"],
        t1_command_1_passed_2=["again"],
    )
    worked = release.is_shown()
    assert checks(worked)["command 1: test -e here"] == ("pass", "exit 0")
    assert talk.asked[-3:] == ["t1-commands-stand", "t1-command-1-passed-2", "files"]
    assert [each.result["script"] for each in release.results()] == ["test -e here", "touch here", "test -e here"]


def test_a_script_that_ended_early_is_told_and_can_be_run_again(tmp_path: Path) -> None:
    release = Release(tmp_path, fence("[ -e here ] || { touch here; exit 0; }", "touch ran"))
    talk = Talk(release, t1_commands_stand=["command 1: ask again"], t1_command_1_passed_1=["again"])
    worked = release.is_shown()
    assert [verdict for name, (verdict, _seen) in checks(worked).items() if name.startswith("command 1")] == ["pass"]
    assert talk.asked[-3:] == ["t1-commands-stand", "t1-command-1-passed-1", "files"]
    assert (release.root / "ran").exists()
    assert [each.result.get("ended_early") for each in release.results()] == [True, None]


def test_without_a_terminal_nobody_is_asked_whether_it_stands(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `touch one.txt`.")
    release.person.answers = {"t1-command-1": "skip"}
    release.person.at_terminal = False
    with release.start() as engine, pytest.raises(Waiting):
        engine.drive()
    asked = [event.question for event in _answers(release)]
    assert "t1-commands-stand" not in asked


def _answers(release: Release) -> list[Answered]:
    with release.reopen() as engine:
        return [event for event in engine.journal.events if isinstance(event, Answered)]


def test_going_on_is_said_once(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `touch one.txt`.")
    talk = Talk(release, t1_command_1=["skip"], t1_commands_stand=["go on with these"])
    release.is_shown()
    assert talk.asked == ["done?", "t1-command-1", "t1-commands-stand", "files"]
    assert not any(isinstance(event, EffectDone) for event in release.results())


def test_going_on_stands_for_what_was_listed_and_for_nothing_else(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `touch one.txt`, then `touch two.txt`.")
    Talk(release, t1_command_1=["skip"], t1_commands_stand=["go on with these"])
    release.is_shown()
    release.person.verdicts = [Pause()]
    talk = Talk(release, t1_command_2=["skip"], t1_commands_stand=["go on with these"])
    with release.reopen() as engine, pytest.raises(Waiting):
        engine.ask_again(["t1-command-2"])
        engine.drive()
    assert talk.asked.count("t1-commands-stand") == 1
    stood = [event.answer for event in _answers(release) if event.question == "t1-commands-stand"]
    assert stood[0] == "go on with these: command 1 was not run"
    assert stood[-1] == "go on with these: command 1 was not run; command 2 was not run"


# --- a program that is not here ------------------------------------------------------------------------------------


class NoBash:
    """bash is not found, until somebody is asked `wanted` times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_here = False
        found = Interpreter.found

        def as_here(interpreter: Interpreter, environment: Mapping[str, str]) -> str | None:
            return None if interpreter.name == "bash" and not self.is_here else found(interpreter, environment)

        monkeypatch.setattr(Interpreter, "found", as_here)


BASH = "```bash\ntouch one.txt\n```"


def test_a_fence_whose_program_is_not_here_is_told_at_its_place_and_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    NoBash(monkeypatch)
    release = Release(tmp_path, BASH, "Then `touch two.txt`.")
    texts: list[str] = []
    talk = Talk(release)
    ask = release.person.ask

    def asks(question: Question, suggestion: str | None) -> tuple[str, str] | None:
        texts.append(question.text)
        return ask(question, suggestion)

    release.person.ask = asks  # type: ignore[method-assign]
    worked = release.is_shown()
    assert talk.asked == ["done?", "t1-command-1-missing", "t1-command-2", "t1-commands-stand", "files"]
    assert texts[0].startswith("Command 1 is not run: bash is not found on PATH. Go on without it, or ask again")
    assert "Command 1 (`touch one.txt`) was not run: bash is not found on PATH." in texts[2]
    assert worked.data["commands"][0]["ending"] == "not-run"  # type: ignore[index]


@pytest.mark.parametrize("when", ["at its place", "behind the last"])
def test_it_is_run_once_its_program_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    bash = NoBash(monkeypatch)
    release = Release(tmp_path, BASH, "Then `touch two.txt`.")
    words: dict[str, list[str | BaseException]] = {"t1_command_1_missing": ["ask again", "ask again"]}
    if when == "behind the last":
        words = {"t1_command_1_missing": ["go on", "ask again"], "t1_commands_stand": ["command 1: ask again"]}
    talk = Talk(release, **words)
    ask = release.person.ask

    def asks(question: Question, suggestion: str | None) -> tuple[str, str] | None:
        bash.is_here |= talk.asked.count("t1-command-1-missing") == 1 and question.name.endswith("-missing")
        return ask(question, suggestion)

    release.person.ask = asks  # type: ignore[method-assign]
    release.is_shown()
    assert (release.root / "one.txt").exists()
    assert len(release.results()) == 2


def test_without_a_terminal_it_is_told_once_and_nothing_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    NoBash(monkeypatch)
    release = Release(tmp_path, BASH)
    release.person.at_terminal = False
    with release.start() as engine, pytest.raises(Waiting, match="waits for approval"):
        engine.drive()
    told = [line for line in release.person.lines if "bash is not found on PATH" in line]
    assert len(told) == 1


def test_why_a_command_is_left_is_told_only_while_it_is_left(tmp_path: Path) -> None:
    release = Release(tmp_path, fence("test -e here || { touch here; false; }"))
    name = "t1_command_1"
    Talk(
        release,
        **{f"{name}_failed_1": ["skip", "again"], f"{name}_left": ["the server is away"]},
        t1_commands_stand=["command 1: ask again"],
    )
    worked = release.is_shown()
    assert [each["ending"] for each in worked.data["commands"]] == ["pass"]  # type: ignore[index, union-attr]
    page = review_page(release.person.views[-1])
    assert "the server is away" not in page and "why it is left" not in page
    release.person.verdicts = [Approve("prompt")]
    with release.reopen() as engine:
        engine.segment()
        assert "the server is away" in {each.answer for each in engine.journal.events if isinstance(each, Answered)}
    log = (release.root / "artifacts/shed/working_log.md").read_text()
    assert "t1-command-1-failed-1" in log and "-left" not in log
    assert audit_workspace(release.root, release.run_id, anchor=None)[0].findings == []


def test_a_box_that_was_left_to_the_approver_is_told_so_only_while_it_has_no_answer() -> None:
    answers = {"t1-box-1": LEFT_OPEN, "t1-box-2": LEFT_OPEN, "t1-box-3": "other", "t1-command-1-left": "x"}
    answers |= {"t1-box-4": "yes", "t1-box-5": "n/a:no disk"}  # kept until they could count
    box = CheckResult("box 1", "yes", "exit 0", "pass", answers="box 1")
    open_ = CheckResult("box 2", "yes", "nobody", "not-checked", answers="box 2")
    commands = {"commands": [{"number": 1, "ending": "fail"}]}
    worked = Evidence(checks=[box, open_, replace(open_, answers="box 3", verdict="pass")], data=commands)
    assert stale_answers("t1", answers, worked) == {"t1-box-1", "t1-box-4", "t1-box-5"}
    assert stale_answers("t1", answers, None) == set()
