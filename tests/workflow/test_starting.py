"""The line of the start goes on behind a line that is told meanwhile, and is gone at the end."""

from __future__ import annotations

import io

import pytest

from phases.step import Question
from workflow import starting
from workflow.doors.terminal import Terminal
from workflow.starting import CLEAR


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def here(monkeypatch: pytest.MonkeyPatch) -> Tty:
    """Standard error as a terminal, from now on."""
    tty = Tty()
    monkeypatch.setattr("sys.stderr", tty)
    monkeypatch.setenv("TERM", "xterm")
    return tty


def test_what_is_told_meanwhile_stands_in_a_line_of_its_own_and_the_line_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = here(monkeypatch)
    with starting.started():
        starting.begin()
        person = Terminal(interactive=True)
        person.waiting("reading the runbook")
        assert screen.getvalue().endswith("0:00  starting: reading the runbook")  # not with the next turn only
        person.progress("2 boxes are no task")
        before, after = screen.getvalue().split("2 boxes are no task\n")
        assert before.endswith(CLEAR)
        assert after.startswith(CLEAR)
        assert "0:00  starting: reading the runbook" in after
    assert screen.getvalue().endswith(CLEAR)
    assert not starting.over()


def test_nothing_is_drawn_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with starting.started():
        starting.begin()
    assert capsys.readouterr().err == ""


def test_what_looks_an_answer_up_is_loaded_before_the_question_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def answered(_self: Terminal, _question: Question, _suggestion: str | None) -> tuple[str, str]:
        return f"tried before: {tried}", "prompt"

    monkeypatch.setattr(Terminal, "_answer", answered)
    question = Question("region", "Which region?", problem_with=lambda said: tried.append(said))
    assert Terminal(interactive=True).ask(question, "us-east-1") == ("tried before: ['us-east-1']", "prompt")
