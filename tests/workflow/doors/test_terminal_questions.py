"""What Enter does at a question: it takes what is suggested, and nothing where nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from gates.policy import GatePolicy
from phases.step import Question
from state.errors import Waiting
from state.evidence import CheckResult, Evidence, Request
from state.task_boxes import boxes_of
from workflow.doors.box_keys import ask_box, change_box
from workflow.doors.prompts import Choice, fitted, keyed, numbers, pick, pick_several, taken_in_words, with_room
from workflow.doors.terminal import Terminal
from workflow.ports import Approve, Pause, Reject, ReviewView
from workflow.runbook.reader import read_runbook
from workflow.views.box_view import BoxesView, BoxSaid, BoxWord, LeftOpen
from workflow.views.place import Place

ENTER, UP, DOWN, ESCAPE, CTRL_D = "\r", "\x1b[A", "\x1b[B", "\x1b", "\x04"


def answer(question: Question, suggestion: str | None, keys: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("workflow.doors.prompts.to_stderr", dict)
    monkeypatch.setattr("workflow.doors.terminal.forget_typed", lambda: None)  # the keys of a test are typed ahead
    monkeypatch.setattr("workflow.doors.prompts.forget_typed", lambda: None)
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


@pytest.mark.parametrize(
    ("keys", "taken"),
    [(ENTER, ["b", "a", "c"]), (" " + ENTER, ["a", "c"]), ("a" + ENTER, []), ("a" + DOWN + " " + ENTER, ["a"])],
)
def test_those_of_several_that_were_left_checked_are_taken_in_their_order(
    keys: str, taken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.doors.prompts.to_stderr", dict)
    monkeypatch.setattr("workflow.doors.prompts.forget_typed", lambda: None)
    with create_pipe_input() as given, create_app_session(input=given, output=DummyOutput()):
        given.send_text(keys)
        assert pick_several("Which?", ["b", "a", "c"]) == taken


@pytest.mark.parametrize(
    ("taken", "of", "room", "words"),
    [
        (["src/a.py", "b c"], 3, 30, "2 of 3 files: src/a.py, b c"),
        (["src/a.py", "b"], 2, 30, "2 files: src/a.py, b"),
        (["src/a.py"], 1, 30, "1 file: src/a.py"),
        (["src/a.py", "b"], 3, 20, "2 of 3 files"),
        (["src/a.py"], 1, 10, "1 file"),
        ([], 2, 30, "none of 2 files"),
        (["a\x1bb"], 1, 30, r"1 file: a\x1bb"),
    ],
)
def test_what_was_taken_is_said_by_name_or_by_how_many(taken: list[str], of: int, room: int, words: str) -> None:
    assert taken_in_words(taken, of, room) == words


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
    monkeypatch.setattr("workflow.doors.prompts.with_room", lambda text, *_more: texts.append(text) or text)
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
    monkeypatch.setattr("workflow.doors.prompts.to_stderr", dict)
    monkeypatch.setattr("workflow.doors.terminal.forget_typed", lambda: None)
    monkeypatch.setattr("workflow.doors.prompts.forget_typed", lambda: None)
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
        ("\u78ba\u8a8d\u3057\u305f\u304b?", ("x" * 29,), "\u78ba\u8a8d\u3057\u305f\u304b?\n "),
        ("So?", ("\u78ba\u8a8d\u3057\u305f" * 5,), "So?\n "),
        ("Is it true that nothing of this was ever seen?", ("yes",), "Is it true that nothing of this was\never seen?"),
    ],
)
def test_an_answer_that_does_not_fit_beside_its_question_has_a_line_of_its_own(
    question: str, behind: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert with_room(question, *behind).replace("  ever", "ever") == expected


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        (("yes", "no"), "yn"),
        (("run", "skip", "fill"), "rsf"),
        (("again", "edit", "fill", "skip", "pause"), "aefsp"),
        (("again", "arrived"), "12"),
        (("prod", "dev"), "12"),  # p pauses
        (("command 1: ask again", "command 2: ask again"), "12"),
        (("3.2", "yes"), "12"),
    ],
)
def test_each_answer_has_a_key_of_its_own(values: tuple[str, ...], keys: str) -> None:
    assert [each.key for each in keyed(values)] == list(keys)


def test_lines_that_outnumber_the_keys_have_none() -> None:
    assert "".join(numbers(50)) == "123456789abcdefghijklmnoqrstuvwxyz"
    assert len(numbers(50)) == 50


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("n", "no"),
        ("zn", "no"),
        (ENTER + "y", "yes"),
        (DOWN + ENTER, "yes"),
        (UP + ENTER, "pause"),
        ("n" + ENTER, "no"),
    ],
)
def test_a_key_is_the_answer_and_enter_alone_is_none(keys: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question("broken", "Is it broken?", default="yes", choices=("yes", "no"), suggest=False, place="Task 1")
    if said == "pause":
        with pytest.raises(Waiting, match="paused at: Is it broken"):
            answer(question, None, keys, monkeypatch)
    else:
        assert answer(question, None, keys, monkeypatch) == said


@pytest.mark.parametrize("keys", ["p", CTRL_D])
def test_a_question_of_a_run_can_be_paused_at(keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for choices in ((), ("yes", "no")) if keys == CTRL_D else (("yes", "no"),):
        with pytest.raises(Waiting, match="paused at: Is it broken") as paused:
            answer(Question("broken", "Is it broken?", choices=choices, place="Task 1"), None, keys, monkeypatch)
        assert paused.value.next_command.startswith("phasegate resume")


def test_where_nothing_is_under_way_a_pause_is_no_answer_and_ctrl_d_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question("adopt", "Take them over?", choices=("adopt", "refuse"))
    assert answer(question, None, "pr", monkeypatch) == "refuse"
    with pytest.raises(KeyboardInterrupt):
        answer(question, None, CTRL_D, monkeypatch)


def test_what_approves_needs_its_key_and_enter_and_a_key_of_nobody_takes_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = at_the_gate(monkeypatch, refusal="")
    monkeypatch.setattr("workflow.doors.terminal.forget_typed", lambda: None)
    said = []
    for keys in ("a" + ENTER, "ap", "aip", "az" + ENTER + "p"):
        with create_pipe_input() as given, create_app_session(input=given, output=DummyOutput()):
            given.send_text(keys)
            said.append(Terminal(interactive=True).review(view))
    assert said == [Approve("prompt"), Pause(), Pause(), Pause()]


def test_an_answer_that_approves_needs_its_key_and_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    yes = "yes: approve exactly this"
    question = Question("approve-policy", "Does it count?", choices=("no: leave it", yes), approves=yes)
    assert answer(question, "no: leave it", "yn", monkeypatch) == "no: leave it"
    assert answer(question, "no: leave it", "y" + ENTER, monkeypatch) == yes


def test_a_reason_that_is_not_given_goes_back_to_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    view = at_the_gate(monkeypatch, refusal="")
    with create_pipe_input() as given, create_app_session(input=given, output=DummyOutput()):
        given.send_text("r" + ENTER + "n" + ENTER + "rno" + ENTER)
        assert Terminal(interactive=True).review(view) == Reject("no")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [("yan", LeftOpen(1)), ("yn", BoxWord(1, "fail")), ("yxno" + ENTER, BoxWord(1, "not-applicable", "no"))],
)
def test_a_box_whose_command_has_not_passed_shows_that_and_takes_no_yes(
    keys: str, expected: BoxSaid, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("workflow.doors.prompts.to_stderr", dict)
    monkeypatch.setattr("workflow.doors.prompts.forget_typed", lambda: None)
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
    monkeypatch.setattr("workflow.doors.prompts.to_stderr", dict)
    monkeypatch.setattr("workflow.doors.prompts.forget_typed", lambda: None)
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
    [("b", None), ("2b", None), (ENTER + "92y", BoxWord(2, "attested"))],
)
def test_the_boxes_of_a_page_are_listed_and_there_is_a_way_back(
    keys: str, expected: BoxWord | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = at_the_gate(monkeypatch, refusal="")
    listed: list[str] = []
    monkeypatch.setattr(
        "workflow.doors.box_keys.pick",
        lambda question, choices: (listed.extend(each.text for each in choices), pick(question, choices))[1],
    )
    with create_pipe_input() as given, create_app_session(input=given, output=DummyOutput()):
        given.send_text(keys)
        assert change_box(view) == expected
    assert listed[:2] == ["box 1: C: yes (yes, says Ada)", "box 2: D: open, not checked (nobody has answered it)"]


def test_who_cannot_approve_reads_why_in_the_question_and_comes_back_from_the_boxes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    chosen = ["boxes", "pause"]
    view = at_the_gate(monkeypatch, refusal="box 2 needs a person's word first")

    def chooses(question: str, choices: Sequence[Choice], *, cursor: str, decided: object) -> str:
        asked.append((question, [choice.key for choice in choices if choice.value != cursor]))
        return chosen.pop(0)

    monkeypatch.setattr("workflow.doors.terminal.pick", chooses)
    with create_pipe_input() as given, create_app_session(input=given, output=DummyOutput()):
        given.send_text("b")  # the boxes are listed, and left
        assert Terminal(interactive=True).review(view) == Pause()
    told = """You cannot approve "B": box 2 needs a person's word first. What instead?"""
    assert asked == [(told, ["b", "n", "r", "p"])] * 2


@pytest.mark.parametrize("columns", [30, 40, 60])
def test_a_line_of_a_list_loses_no_sign_where_it_is_wrapped(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = "reject, with a reason: send the task back to work"
    first, *more = fitted(text, before=6).split("\n")
    assert len(first) + 6 <= columns
    assert all(len(line) <= columns and line.startswith(" " * 6) for line in more)  # right of its key
    assert " ".join(each.strip() for each in (first, *more)) == text


def test_at_a_gate_that_only_a_passkey_opens_no_key_approves_and_the_question_says_what_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    view = at_the_gate(monkeypatch, refusal="")

    def chooses(question: str, choices: Sequence[Choice], *, cursor: str, decided: object) -> str:
        asked.append((question, [choice.key for choice in choices if choice.value != cursor]))
        return "pause"

    monkeypatch.setattr("workflow.doors.terminal.pick", chooses)
    for passkeys, signers in (("keys", ""), ("keys", "signers")):
        policy = GatePolicy(signed=True, passkeys=passkeys, allowed_signers=signers)
        assert Terminal(interactive=True).review(replace(view, policy=policy)) == Pause()
    told = '"B" opens by an approval signed by a passkey in keys, on the page of `phasegate serve`. What instead?'
    assert asked[0] == (told, ["b", "n", "r", "p"])
    assert asked[1][1] == ["a", "b", "n", "r", "p"]
