"""The line of the start goes on behind a line that is told meanwhile, and is gone at the end."""

from __future__ import annotations

import io
import os

import click
import pytest

from phases.step import Question
from workflow import starting
from workflow.cli.group import cli
from workflow.cli.main import run
from workflow.doors.busy import Busy
from workflow.doors.terminal import GOES_ON, Terminal
from workflow.starting import CLEAR, LATER


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


def test_nothing_is_drawn_over_the_line_that_a_shell_completes(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = here(monkeypatch)
    monkeypatch.setenv("_PHASEGATE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "phasegate run st")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert run([]) == 0
    assert screen.getvalue() == ""


def test_what_looks_an_answer_up_is_loaded_before_the_question_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def answered(_self: Terminal, _question: Question, _suggestion: str | None) -> tuple[str, str]:
        return f"tried before: {tried}", "prompt"

    monkeypatch.setattr(Terminal, "_answer", answered)
    question = Question("region", "Which region?", problem_with=lambda said: tried.append(said))
    assert Terminal(interactive=True).ask(question, "us-east-1") == ("tried before: ['us-east-1']", "prompt")


def test_what_is_mostly_quick_says_later_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, now = here(monkeypatch), [0.0]
    monkeypatch.setattr("workflow.starting.time.monotonic", lambda: now[0])
    line = starting.Starting()
    line.begin(after=starting.LATER)
    line.waits_for("asking git")
    assert screen.getvalue() == ""
    now[0] = starting.LATER
    line.waits_for("asking AWS")
    assert screen.getvalue().endswith("starting: asking AWS")
    line.over()


@pytest.mark.parametrize(("verb", "after"), [("doctor", LATER), ("serve", LATER), ("run", 0.0), ("log", None)])
def test_which_verbs_say_it(verb: str, after: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    monkeypatch.setattr(starting, "begin", lambda *, after: seen.append(after))
    cli.resolve_command(click.Context(cli), [verb])
    assert seen == ([] if after is None else [after])
    seen.clear()
    cli.resolve_command(click.Context(cli), [verb, "--help"])
    assert seen == []


def test_the_line_names_what_is_waited_for_and_never_what_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(Busy, "begin", lambda _self, text="", _share=None: said.append(text))
    person = Terminal(interactive=True)
    with person.working():
        person.progress("$ make")
        person.waiting("$ make")
        person.output("  made")
        person.progress("1.1 committed as 1234567890")
    assert said == ["", GOES_ON, "$ make", "", GOES_ON]


@pytest.mark.parametrize("columns", [20, 40, 200])
def test_the_line_is_one_line_however_narrow_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = here(monkeypatch)
    monkeypatch.setattr(screen, "fileno", lambda: 2)
    monkeypatch.setattr("os.get_terminal_size", lambda _descriptor: os.terminal_size((columns, 24)))
    with starting.started():
        starting.begin()
        starting.waits_for("reading the runbook and looking at the repository")
    drawn = [line for line in screen.getvalue().split(CLEAR) if line]
    assert max(map(len, drawn)) == min(
        columns - 1, len("| 0:00  starting: reading the runbook and looking at the repository")
    )
