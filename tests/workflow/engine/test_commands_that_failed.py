"""A command that failed or was interrupted: run again, edited, left with a reason, or later; never twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from phases.manual.settle_script import rows_after_edit
from phases.step import Question
from state.errors import BadAnswer, Waiting
from state.event_types import EffectDone, EffectIntended
from state.evidence import CheckResult, Evidence
from tests.worlds.release_world import NONE, Release, checks, fence
from workflow.audit import audit_workspace
from workflow.engine.engine import Settings
from workflow.engine.unused_answers import tell_of_unused
from workflow.ports import Finished, HandIn, Pause
from workflow.views.review_page import review_page


def test_after_a_failure_the_next_is_not_offered_and_the_run_can_pause_there(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `sh one.sh`, then `touch two.txt`.", t1_command_1_failed_1="pause")
    waiting = release.waits("paused: command 1 of task 1: exit 2 at line 5")
    assert waiting.exit_code == 3
    assert release.asked == ["t1-command-1", "t1-command-1-failed-1"]
    (release.root / "one.sh").write_text("echo made > one\n")
    release.says(t1_command_1_failed_1="again")
    release.person.works = [NONE]
    worked = release.goes_on()
    assert release.asked[2:] == ["t1-command-1-failed-1", "t1-command-2"]
    assert checks(worked)["command 1: sh one.sh"] == ("pass", "exit 0")
    assert "(run 2 times)" in worked.checks[0].seen
    assert (release.root / "two.txt").exists()


def test_an_edited_command_is_run_and_kept_as_edited(tmp_path: Path) -> None:
    release = Release(
        tmp_path,
        fence("touch nowhere/made", "touch second"),
        t1_command_1_failed_1="edit",
        t1_command_1_edited_2="mkdir nowhere\ntouch nowhere/made",
    )
    worked = release.is_shown()
    assert (release.root / "nowhere/made").exists()
    assert not (release.root / "second").exists()
    check = check_named(worked, "command 1: touch nowhere/made")
    assert check.verdict == "not-checked"
    assert check.seen.endswith("(run 2 times), edited: mkdir nowhere ...")
    page = review_page(release.person.views[-1])
    assert "mkdir nowhere" in page
    report = (release.root / "artifacts/shed/t1_commands.md").read_text()
    assert report.count("Exit ") == 2
    assert "mkdir nowhere" in report
    with release.reopen() as engine:
        intents = [event.intent for event in engine.journal.events if isinstance(event, EffectIntended)]
    assert [(intent["command"], intent.get("edited")) for intent in intents] == [
        ("touch nowhere/made\ntouch second", None),
        ("mkdir nowhere\ntouch nowhere/made", True),
    ]


def _goes_away(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sits there chooses to edit, leaves the text as it is, and goes away when asked once more what to do."""
    ask, seen = release.person.ask, list[str]()

    def asks(question: Question, suggestion: str | None) -> tuple[str, str] | None:
        seen.append(question.name)
        if seen.count("t1-command-1-failed-1") == 2:
            raise KeyboardInterrupt
        return ask(question, suggestion)

    monkeypatch.setattr(release.person, "ask", asks)


def test_an_answer_of_the_file_that_is_used_after_all_is_not_said_to_be_unused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Release(tmp_path, fence("touch nowhere/made"), t1_command_1_failed_1="edit")
    with monkeypatch.context() as patched, release.start() as engine:
        _goes_away(release, patched)
        with pytest.raises(KeyboardInterrupt):
            engine.drive()
    worked = release.goes_on(Settings(answers={"t1-command-1-failed-1": "skip", "t1-command-1-left": "so be it"}))
    assert "left as it is: so be it" in worked.checks[0].seen
    assert not [line for line in release.person.lines if "is not used" in line]


def test_one_that_is_not_used_is_said_not_to_be_once(tmp_path: Path) -> None:
    release = Release(
        tmp_path,
        fence("touch nowhere/made"),
        t1_command_1_failed_1="edit",
        t1_command_1_edited_2="touch nowhere/else",
        t1_command_1_failed_2="pause",
    )
    release.waits("paused: command 1 of task 1: exit")
    with release.reopen(Settings(answers={"t1-command-1-failed-1": "skip"})) as engine, pytest.raises(Waiting):
        tell_of_unused(engine.open_run)
        engine.drive()
    told = [line for line in release.person.lines if "is not used" in line]
    assert len(told) == 1
    assert told[0].startswith("t1-command-1-failed-1 was answered 'edit', so 'skip' of the answers file is not used")


def test_a_line_of_an_edited_command_is_counted_as_before_the_edit(tmp_path: Path) -> None:
    release = Release(
        tmp_path,
        fence("echo one", "touch nowhere/made", "sh missing.sh"),
        t1_command_1_failed_1="edit",
        t1_command_1_edited_2="echo one\necho put in\nmkdir nowhere && touch nowhere/made\nsh missing.sh",
        t1_command_1_failed_2="pause",
    )
    release.waits("paused: command 1 of task 1: exit")
    with release.reopen() as engine:
        ran = [event.result for event in engine.journal.events if isinstance(event, EffectDone)]
    first, edited = (each["failed_line"] for each in ran)
    assert edited == first + 1  # from the second of its three lines to the third, whatever was put in between


def test_rows_after_an_edit_are_those_of_the_lines_that_stood_there() -> None:
    assert rows_after_edit("a\nb\nc", [7, 9, 10], "a\nnew\nb\nc") == (7, 7, 9, 10)
    assert rows_after_edit("a\nb\nc", [7, 9, 10], "a\nc") == (7, 10)
    assert rows_after_edit("a\nb\nc", [7, 9, 10], "a\nB\nC\nD") == (7, 9, 10, 10)
    assert rows_after_edit("a", [7], "x\na") == (7, 7)


def check_named(worked: Evidence, name: str) -> CheckResult:
    return next(each for each in worked.checks if each.name == name)


def test_without_a_terminal_a_failure_pauses_with_the_answers_that_can_be_given(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `sh one.sh`, then `touch two.txt`.")
    release.person.works = [Pause()]
    release.waits("to be done by hand")
    release.person.absent = True
    run = {"t1-command-1": "run", "t1-command-2": "run"}
    with release.reopen() as engine, pytest.raises(Waiting, match="exit 2 at line 5") as waiting:
        engine.hand_in(HandIn((), "done"), run)
    assert waiting.value.exit_code == 3
    assert re.search("cannot open|No such file", str(waiting.value))  # what it printed
    assert "each with its answer: t1-command-1-failed-1: again or edit or skip or pause" in waiting.value.next_command
    assert not (release.root / "two.txt").exists()
    left = Settings(answers={"t1-command-1-failed-1": "skip"})
    with release.reopen(left) as engine, pytest.raises(Waiting, match="Why is command 1 left") as waiting:
        engine.drive()
    assert "each with its answer: t1-command-1-left" in waiting.value.next_command
    answers = {"t1-command-1-left": "not here", "t1-command-2": "skip"}
    with release.reopen(Settings(answers=answers)) as engine, pytest.raises(Waiting, match="approval"):
        engine.drive()
    with release.reopen() as engine:
        assert "left as it is: not here" in release.evidence(engine).checks[0].seen


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_has_words(tmp_path: Path, reason: str) -> None:
    release = Release(tmp_path, "First `false --now`.", t1_command_1_failed_1="skip")
    with (
        release.start(Settings(answers={"t1-command-1-left": reason})) as engine,
        pytest.raises(BadAnswer, match="expected a reason"),
    ):
        engine.drive()


def interrupted(release: Release, at: str) -> None:
    """Start, and have the process stop where this line is shown."""

    def progress(text: str) -> None:
        if text == at:
            raise KeyboardInterrupt

    release.person.progress = progress  # type: ignore[method-assign]
    with release.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.drive()
    del release.person.progress  # type: ignore[method-assign]


def test_an_interrupted_script_is_never_run_again_by_itself(tmp_path: Path) -> None:
    release = Release(tmp_path, fence("echo begun >> ran", "touch half", "touch whole"), t1_command_1_failed_1="pause")
    interrupted(release, "$ touch half")
    release.person.works = [NONE]
    with release.reopen() as engine, pytest.raises(Waiting, match="interrupted, and nothing can tell how far it came"):
        engine.drive()
    assert (release.root / "ran").read_text() == "begun\n"
    release.says(t1_command_1_failed_1="again")
    release.goes_on()
    assert (release.root / "ran").read_text() == "begun\nbegun\n"
    assert (release.root / "whole").exists()


def test_an_interrupted_script_can_be_left_with_a_reason(tmp_path: Path) -> None:
    release = Release(tmp_path, fence("touch half", "touch whole"))
    interrupted(release, "$ touch whole")
    release.says(t1_command_1_failed_1="skip", t1_command_1_left="I looked: it was done")
    release.person.works = [NONE]
    assert "interrupted, and nothing can tell" in release.goes_on().checks[0].seen
    assert not (release.root / "whole").exists()


def test_a_script_that_reads_is_read_again_after_a_crash(tmp_path: Path) -> None:
    release = Release(tmp_path, fence("ls", "git status"))
    interrupted(release, "$ git status")
    release.person.works = [NONE]
    assert checks(release.goes_on()) == {"command 1: ls": ("pass", "exit 0")}


def test_nothing_is_asked_or_run_twice_when_the_run_is_resumed_at_any_event(tmp_path: Path) -> None:
    """Cut behind each event of the first walk: what is in the journal is neither asked for nor run again."""
    release = Release(
        tmp_path,
        "First `sh count.sh <NAME>`, then `sh count.sh two`.",
        fill_name="one",
        t1_command_1_filled="run",
        t1_command_1_failed_1="edit",
        t1_command_1_edited_2="sh count.sh edited",
    )
    (release.root / "count.sh").write_text('echo "$1" >> ../ran\ntest "$1" != one\n')
    release.is_shown()
    assert (tmp_path / "ran").read_text().split() == ["one", "edited", "two"]
    journal = release.root / f".phasegate/{release.run_id}/journal.jsonl"
    whole = journal.read_bytes().splitlines(keepends=True)
    for end in range(2, len(whole)):
        journal.write_bytes(b"".join(whole[:end]))
        (tmp_path / "ran").write_text("")
        release.person.asked.clear()
        release.person.works, release.person.verdicts = [NONE, NONE], [Pause()]
        with release.reopen() as engine:
            before = engine.run.task("t1")
            known, begun = dict(before.answers), [each for each, (_i, done) in before.effects.items() if done]
            doubtful = [each for each, (_i, done) in before.effects.items() if not done]
            release.says(**{"t1-command-1-failed-2": "again", "t1-command-2-failed-1": "again"})
            with pytest.raises(Waiting, match="approval"):
                engine.drive()
        asked = set(release.asked) - {"t1-command-1-filled"}  # asked again where nobody knows what was seen
        assert not asked & set(known), end
        unseen = "fill-name" in known and "t1-command-1-filled" not in known
        assert ("t1-command-1-filled" in release.asked) is (unseen or "fill-name" not in known), end
        runs = (tmp_path / "ran").read_text().split()
        left_again = [each for each in doubtful if each != "command-1"]  # which is edited instead of run again
        assert len(runs) == 3 - len(begun) - len(doubtful) + len(left_again), end


def test_a_command_that_may_change_something_is_asked_about_when_its_failure_is_asked_about_again(
    tmp_path: Path,
) -> None:
    """Of another question, too: nothing that may change something runs once more without a word."""
    failing = "sh count.sh one"
    release = Release(tmp_path, f"First `{failing}`.", t1_command_1_failed_1="skip", t1_command_1_left="not here")
    (release.root / "count.sh").write_text('echo "$1" >> ../ran\nfalse\n')
    release.is_shown()
    for name in ("t1-command-1-failed-1", "t1-command-1-left"):
        before = (tmp_path / "ran").read_text()
        release.person.asked.clear()
        release.person.works, release.person.verdicts = [NONE], [Pause()]
        release.says(t1_command_1="skip")
        with release.reopen() as engine:
            engine.ask_again([name])
            with pytest.raises(Waiting, match="approval"):
                engine.drive()
        assert release.asked == ["t1-command-1"]
        assert (tmp_path / "ran").read_text() == before
        release.says(t1_command_1="run")  # for the next one
        release.person.works, release.person.verdicts = [NONE], [Pause()]
        with release.reopen() as engine:
            engine.ask_again(["t1-command-1"])
            with pytest.raises(Waiting, match="approval"):
                engine.drive()


def test_a_command_that_is_not_to_be_run_stays_so_when_another_answer_is_asked_again(tmp_path: Path) -> None:
    release = Release(tmp_path, "First `sh one.sh`, then `sh two.sh`.", t1_command_1="skip", t1_command_2="skip")
    release.is_shown()
    release.person.asked.clear()
    release.person.works, release.person.verdicts = [NONE], [Pause()]
    with release.reopen() as engine:
        engine.ask_again(["t1-command-2"])
        with pytest.raises(Waiting, match="approval"):
            engine.drive()
    assert release.asked == ["t1-command-2"]


def test_who_gives_no_reason_is_asked_again_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = Release(tmp_path, "First `sh one.sh`.")
    said = {
        "t1-command-1-failed-1": iter(["skip", "again"]),
        "t1-command-1-failed-2": iter(["skip"]),
    }
    asked: list[tuple[str, str | None, bool]] = []
    left = iter(["  ", "not needed"])

    def ask(question: Question, suggestion: str | None) -> tuple[str, str]:
        asked.append((question.name, suggestion, question.kept))
        if question.name == "t1-command-1-left":
            assert "(Enter alone: back)" in question.text
            answer = next(left)
            assert question.problem_with("") is None
            return answer, "prompt"
        return next(said[question.name]) if question.name in said else "run", "prompt"

    monkeypatch.setattr(release.person, "ask", ask)
    worked = release.is_shown()
    assert [name for name, *_ in asked if "command-1-" in name] == [
        "t1-command-1-failed-1",
        "t1-command-1-left",
        "t1-command-1-failed-1",
        "t1-command-1-failed-2",
        "t1-command-1-left",
    ]
    assert "left as it is: not needed" in worked.checks[0].seen
    with release.reopen() as engine:
        answers = [each for each in engine.journal.events if each.type == "answered"]
    assert "" not in [each.answer.strip() for each in answers]  # type: ignore[attr-defined]


def test_an_edit_begins_with_the_text_that_ran_last_and_is_never_typed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Release(tmp_path, "First `ls nowhere`.")
    actions = {"t1-command-1-failed-1": iter(["edit", "edit"]), "t1-command-1-failed-2": iter(["edit"])}
    edits = iter(["ls nowhere", "ls nowhere -a", "ls ."])
    begun: list[tuple[str | None, bool]] = []

    def ask(question: Question, suggestion: str | None) -> tuple[str, str]:
        if "-edited-" in question.name:
            begun.append((suggestion, question.kept))
            return next(edits), "prompt"
        if question.name == "t1-commands-stand":
            assert "Command 1 (`ls .`) passed as it was edited." in question.text
        return next(actions[question.name]) if question.name in actions else question.default or "run", "prompt"

    monkeypatch.setattr(release.person, "ask", ask)
    monkeypatch.setattr(release.person, "at_terminal", True, raising=False)
    release.person.works = [Finished(), NONE]  # type: ignore[list-item]
    release.is_shown()
    assert begun == [("ls nowhere", False), ("ls nowhere", False), ("ls nowhere -a", False)]


def test_an_edited_command_of_two_lines_stands_in_the_log_as_two(tmp_path: Path) -> None:
    release = Release(
        tmp_path,
        fence("touch nowhere/made", "touch second"),
        t1_command_1_failed_1="edit",
        t1_command_1_edited_2="mkdir nowhere\ntouch nowhere/made   # <!-- phasegate:end",
    )
    release.is_shown()
    with release.reopen() as engine:
        engine.drive()
    log = (release.root / "artifacts/shed/working_log.md").read_text()
    script = "  ```\n  mkdir nowhere\n  touch nowhere/made   # &lt;!-- phasegate:end\n  ```\n"
    assert f"- Answer: t1-command-1-edited-2 =\n\n{script}" in log
    assert audit_workspace(release.root, release.run_id, anchor=None)[0].findings == []
    assert log.count("<!-- phasegate:end") == 2
