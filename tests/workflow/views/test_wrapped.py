"""What is printed to a terminal is broken at blanks only, commands nowhere; what is piped stays as it is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from workflow.views import wrapped as wrapping
from workflow.views.wrapped import shown, wrapped

LONG = "phasegate: task 1 cannot be handed in with these files; nothing was changed since it began, and it waits"


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_words_are_never_broken_and_none_is_lost() -> None:
    lines = list(wrapped(f"{LONG}\n  {LONG}\n\n> {LONG}", 40))
    assert max(map(len, lines)) <= 40
    assert " ".join(" ".join(lines).replace("> ", "").split()) == " ".join(f"{LONG} {LONG} {LONG}".split())
    assert all(line.startswith("> ") for line in lines[-3:])


def test_a_command_is_one_line_and_its_remark_stands_below_it() -> None:
    text = "next: phasegate done shop-20261120-203121 --path FILE   # when it is done; --no-files where it left none"
    assert list(wrapped(text, 60, commands=True)) == [
        "next: phasegate done shop-20261120-203121 --path FILE",
        "      # when it is done; --no-files where it left none",
    ]
    assert list(wrapped(text, 120, commands=True)) == [text]
    assert list(wrapped(f"$ {LONG}", 40)) == [f"$ {LONG}"]


@pytest.mark.parametrize("before", ["task 1 is done, as you said; to take that back:", "it is not there; next:"])
def test_a_command_behind_words_is_set_apart_where_the_line_is_too_long(before: str) -> None:
    command = "phasegate -C 'a b' resume shop-20261120-203121 --ask-again TASK-is-done"
    command = command.replace("'a b'", "ab")
    assert list(wrapped(f"{before} {command}", 60)) == [before, f"  {command}"]
    assert list(wrapped(f"{before} {command}", 200)) == [f"{before} {command}"]


def test_only_a_terminal_gets_other_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert shown(LONG, io.StringIO()) == LONG
    assert shown(LONG, Tty()) == "\n".join(wrapped(LONG, 40))


def test_every_listing_of_a_run_fits_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = CommandWorld(tmp_path)
    world("run", "tasks.md")
    said = "a note of " + "considerably many words, " * 8 + "and its end"
    assert world("note", said).code == 0
    whole = world("log").out
    assert said in whole
    monkeypatch.setattr(wrapping, "_columns", lambda _stream: 60)
    for listing in (["log"], ["status"], ["runs"]):
        told = world(*listing).out
        assert max(map(len, told.split("next:")[0].splitlines())) <= 60, told
    assert world("log").out.split() == whole.split()
    assert world("log", "--json").out.count("\n") == whole.count("\n")
