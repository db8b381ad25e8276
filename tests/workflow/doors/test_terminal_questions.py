"""What Enter does at a question: it takes what is suggested, and nothing where nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from gates.policy import GatePolicy
from phases.step import Question
from state.evidence import CheckResult, Evidence, Request
from state.task_boxes import boxes_of
from workflow.doors.box_keys import ask_box, change_box, in_lines
from workflow.doors.menu import Choice, with_room
from workflow.doors.terminal import Terminal
from workflow.ports import Pause, ReviewView
from workflow.runbook.reader import read_runbook
from workflow.views.box_view import BoxesView, BoxSaid, BoxWord, LeftOpen
from workflow.views.place import Place

ENTER, DOWN, ESCAPE = "\r", "\x1b[B", "\x1b"


def answer(question: Question, suggestion: str | None, keys: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("workflow.doors.terminal.to_stderr", dict)
    monkeypatch.setattr("workflow.doors.terminal.forget_typed", lambda: None)  # the keys of a test are typed ahead
    with create_pipe_input() as given, create_app_session(input=given, output=DummyOutput()):
        given.send_text(keys)
        answered = Terminal(interactive=True).ask(question, suggestion)
    assert answered is not None
    return answered[0]


def test_enter_takes_the_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question("broken", "Is it broken?", default="no", choices=("yes", "no"))
    assert answer(question, "no", ENTER, monkeypatch) == "no"


def test_enter_chooses_nothing_where_nothing_is_suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question("broken", "Is it broken?", default="yes", choices=("yes", "no"), suggest=False)
    assert answer(question, None, ENTER + ENTER + DOWN + DOWN + ENTER, monkeypatch) == "no"


def test_an_answer_of_several_lines_is_edited_as_it_stands_and_enter_alone_does_not_end_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    question = Question("edited", "The command, edited:", default="a\nb", lines=True)
    assert answer(question, "a\nb", ENTER + "c" + ESCAPE + ENTER, monkeypatch) == "a\nb\nc"


KEPT = Question("version", "Version?", kept=True)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (ENTER, "2.4.0"),
        ("2.4.1" + ENTER, "2.4.1"),
        ("2" + ENTER, "2"),
        ("2.4.01" + ENTER, "2.4.01"),
        ("\x7f1" + ENTER, "2.4.1"),
        ("\x7f01" + ENTER, "2.4.01"),
        ("\x1b[D5" + ENTER, "2.4.50"),
        ("\x1b[200~3.0\x1b[201~.1" + ENTER, "3.0.1"),
        ("\x15" + ENTER, ""),
    ],
)
def test_what_is_kept_from_before_is_typed_over(keys: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer(KEPT, "2.4.0", keys, monkeypatch) == said


def test_what_is_suggested_otherwise_is_edited_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer(Question("version", "Version?"), "2.4.0", "1" + ENTER, monkeypatch) == "2.4.01"


def test_what_is_kept_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    monkeypatch.setattr("workflow.doors.terminal.with_room", lambda text, *_more: texts.append(text) or text)
    answer(KEPT, "2.4.0", ENTER, monkeypatch)
    answer(Question("version", "Version?"), "2.4.0", ENTER, monkeypatch)
    assert texts == ["Version? (kept from before: Enter keeps it, typing replaces it)", "Version?"]


def test_what_a_question_is_about_stands_above_it_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = "\n".join(f"echo {number};" for number in range(100)) + "\n\x1b[2Kecho last"
    question = Question("run", "Run these lines?", default="skip", choices=("run", "skip"), shown=script)
    answer(question, "skip", ENTER, monkeypatch)
    shown = capsys.readouterr().err
    assert all(f"echo {number};" in shown for number in range(100))
    assert "\x1b[2K" not in shown
    assert r"\x1b[2Kecho last" in shown


def test_output_that_stands_right_above_is_not_shown_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("workflow.doors.terminal.to_stderr", dict)
    monkeypatch.setattr("workflow.doors.terminal.forget_typed", lambda: None)
    failed = Question("failed", "Again?", default="no", choices=("no", "again"), shown="$ sh ./deploy.sh\nno image")
    with create_pipe_input() as given, create_app_session(input=given, output=DummyOutput()):
        terminal = Terminal(interactive=True)
        terminal.progress("$ sh ./deploy.sh")
        terminal.output("  no image")
        for _ in range(2):
            given.send_text(ENTER)
            terminal.ask(failed, "no")
    # once when it ran, and once for the second question, which has something else above it
    assert capsys.readouterr().err.count("no image") == 2


@pytest.mark.parametrize(
    ("question", "behind", "expected"),
    [
        ("Approve task 1?", ("approve exactly this",), "Approve task 1?"),
        ('Approve "Roll back"?', ("approve exactly this",), 'Approve "Roll back"?\n '),
        ("Is it true that nothing of this was ever seen?", ("yes",), "Is it true that nothing of this was\never seen?"),
    ],
)
def test_an_answer_that_does_not_fit_beside_its_question_has_a_line_of_its_own(
    question: str, behind: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert with_room(question, *behind).replace("  ever", "ever") == expected


def test_the_keys_of_a_box_are_wrapped_between_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ["[y] yes", "[n] no", "[x] not applicable", "[l] list all", "[p] pause"]
    assert in_lines(keys, 40) == ["  [y] yes  [n] no  [x] not applicable", "  [l] list all  [p] pause"]
    assert in_lines(keys, 200) == ["  " + "  ".join(keys)]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [("yan", LeftOpen(1)), ("yn", BoxWord(1, "fail")), ("yxno" + ENTER, BoxWord(1, "not-applicable", "no"))],
)
def test_a_box_whose_command_has_not_passed_shows_that_and_takes_no_yes(
    keys: str, expected: BoxSaid, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("workflow.doors.box_keys.to_stderr", dict)
    monkeypatch.setattr("workflow.doors.box_keys.forget_typed", lambda: None)
    task, _ = read_runbook(
        b"# A\n\n## B\n- [ ] Roll back: `./rollback.sh`\n\n## C\n- [ ] D\n", name="a", path="a.md"
    ).tasks
    seen = "command 1: ./rollback.sh: exit 127 at line 4; left as it is: not here"
    view = BoxesView("run-1", task, boxes_of(task), 1, {}, [1], [], all_at_once=False, in_vain={1: seen})
    with create_pipe_input() as given, create_app_session(input=given, output=DummyOutput()):
        given.send_text(keys)
        assert ask_box(view, first=True) == expected
    assert seen in " ".join(capsys.readouterr().err.split())


def at_the_gate(monkeypatch: pytest.MonkeyPatch, *, refusal: str) -> ReviewView:
    """What waits: two boxes, the second of which nobody has looked at."""
    monkeypatch.setattr("workflow.doors.box_keys.to_stderr", dict)
    monkeypatch.setattr("workflow.doors.box_keys.forget_typed", lambda: None)
    task, _ = read_runbook(b"# A\n\n## B\n- [ ] C\n- [ ] D\n\n## E\n- [ ] F\n", name="a", path="a.md").tasks
    checks = [
        CheckResult("box 1: C", "yes", "yes, says Ada", "attested", "line 4", answers="box 1"),
        CheckResult("box 2: D", "yes", "nobody has answered it", "not-checked", "line 5", answers="box 2"),
    ]
    request = Request("ab" * 32, "n", *[datetime(2026, 1, 2, tzinfo=UTC)] * 2)
    place = Place(1, 1, False, "B", "r-1", 1, "main", sandbox=False)
    worked = Evidence(checks=checks)
    policy = GatePolicy()
    return ReviewView(place, "a", task, request, worked, {}, [], "m", [], policy, [], lambda: "", refusal=refusal)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [(ENTER, None), ("2" + ENTER + "b", None), ("9" + ENTER + "\b2" + ENTER + "y", BoxWord(2, "attested"))],
)
def test_the_boxes_of_a_page_are_listed_and_there_is_a_way_back(
    keys: str, expected: BoxWord | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    view = at_the_gate(monkeypatch, refusal="")
    with create_pipe_input() as given, create_app_session(input=given, output=DummyOutput()):
        given.send_text(keys)
        assert change_box(view) == expected
    shown = capsys.readouterr().err
    assert "- box 1: C: yes (yes, says Ada)" in shown
    assert "- box 2: D: open, not checked (nobody has answered it)" in shown


def test_who_cannot_approve_reads_why_in_the_question_and_comes_back_from_the_boxes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    chosen = ["boxes", "pause"]
    view = at_the_gate(monkeypatch, refusal="box 2 needs a person's word first")

    def menu(question: str, choices: Sequence[Choice], _decided: object, *, cursor: str) -> str:
        asked.append((question, [choice.key for choice in choices if choice.value != cursor]))
        return chosen.pop(0)

    monkeypatch.setattr("workflow.doors.terminal.menu", menu)
    with create_pipe_input() as given, create_app_session(input=given, output=DummyOutput()):
        given.send_text(ENTER)
        assert Terminal(interactive=True).review(view) == Pause()
    told = """You cannot approve "B": box 2 needs a person's word first. What instead?"""
    assert asked == [(told, ["b", "n", "r", "p"])] * 2
