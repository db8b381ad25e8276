"""What Enter does at a question: it takes what is suggested, and nothing where nothing is."""

from __future__ import annotations

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from phases.step import Question
from workflow.doors.terminal import Terminal

ENTER, DOWN = "\r", "\x1b[B"


def answer(question: Question, suggestion: str | None, keys: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("workflow.doors.terminal._output", dict)
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
