"""Next commands work where the person stands: with the directory that was given, and after a slip of the keyboard."""

from __future__ import annotations

import pytest

from workflow.cli.main import run
from workflow.cli.next_line import Standing, directory_given, next_lines
from workflow.service.run_at_hand import take_answers_along, take_in_hand

COMMANDS = (
    "git stash push -- a.md, then: phasegate resume r   # phasegate status is a remark",
    "phasegate abort r --reason TEXT, or: git switch main && git log   # then: phasegate resume r",
    "git commit -m 'a && git log, or: phasegate log'",
    "PHASEGATE_DEBUG=1 phasegate ...",
)


def test_each_command_gets_the_directory_and_nothing_else_does() -> None:
    assert next_lines(Standing("a b"), *COMMANDS) == (
        "next: git -C 'a b' stash push -- a.md, then: phasegate -C 'a b' resume r   # phasegate status is a remark\n"
        "      phasegate -C 'a b' abort r --reason TEXT, or: git -C 'a b' switch main && git -C 'a b' log"
        "   # then: phasegate -C 'a b' resume r\n"
        "      git -C 'a b' commit -m 'a && git log, or: phasegate log'\n"
        "      PHASEGATE_DEBUG=1 phasegate ..."
    )
    assert next_lines(Standing(), *COMMANDS) == "next: " + "\n      ".join(COMMANDS)


def test_a_run_named_after_a_runbook_with_a_blank_is_one_word() -> None:
    said = next_lines(
        Standing(), "phasegate abort my tasks-20260102-030405-2 --reason TEXT, or: phasegate log a-20260102-030405"
    )
    assert (
        said == "next: phasegate abort 'my tasks-20260102-030405-2' --reason TEXT, or: phasegate log a-20260102-030405"
    )


def test_the_answers_file_that_was_given_goes_along_with_the_run() -> None:
    lines = (
        "phasegate resume r, or: phasegate done r --path FILE   # hands it in",
        "phasegate resume r --answers b.yaml   # with a better one",
        "phasegate done r --take-back; phasegate approve r --digest 1234567",
    )
    take_answers_along("my answers.yaml")
    try:
        assert next_lines(Standing(), *lines) == (
            "next: phasegate resume r --answers 'my answers.yaml', or: phasegate done r --path FILE --answers "
            "'my answers.yaml'   # hands it in\n"
            "      phasegate resume r --answers b.yaml   # with a better one\n"
            "      phasegate done r --take-back; phasegate approve r --digest 1234567"
        )
    finally:
        take_in_hand("")
    assert next_lines(Standing(), *lines) == "next: " + "\n      ".join(lines)


@pytest.mark.parametrize(
    ("typed", "directory"),
    [
        ("-C x status", "x"),
        ("-Cx status", "x"),
        ("status", ""),
        ("note -C", ""),
        ("-C", ""),
        ("-h -C x", "x"),
        ("-C x -C y log", "y"),
    ],
)
def test_the_directory_that_was_given(typed: str, directory: str) -> None:
    assert directory_given(typed.split(" ")) == directory


@pytest.mark.parametrize(
    ("typed", "following"),
    [
        ("stauts", "phasegate status --help"),
        ("xyzzy", "phasegate --help"),
        ("--nonsense", "phasegate --help"),
        ("status --nonsense", "phasegate status --help"),
        ("note a b c", "phasegate note --help"),
        ("run", "phasegate run --help"),
    ],
)
def test_after_a_wrong_command_line_the_help_is_named(
    typed: str, following: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(typed.split(" ")) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"next: {following}"
    assert run(following.split(" ")[1:]) == 0


def test_resume_names_the_run_that_is_in_hand() -> None:
    take_in_hand("tasks-20260102-030405")
    try:
        assert next_lines(Standing("x"), "phasegate resume   # asks again", "git add a && phasegate resume") == (
            "next: phasegate -C x resume tasks-20260102-030405   # asks again\n"
            "      git -C x add a && phasegate -C x resume tasks-20260102-030405"
        )
        assert next_lines(Standing(), "phasegate resume --answers FILE") == (
            "next: phasegate resume tasks-20260102-030405 --answers FILE"
        )
        assert next_lines(Standing(), "phasegate resume other-20260102-030405") == (
            "next: phasegate resume other-20260102-030405"
        )
    finally:
        take_in_hand("")
    assert next_lines(Standing(), "phasegate resume") == "next: phasegate resume"


def test_an_editor_that_is_not_set_is_typed_with_one_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "ed")
    assert next_lines(Standing(), "$EDITOR 'a b.md' && git add a") == "next: $EDITOR 'a b.md' && git add a"
    monkeypatch.delenv("EDITOR")
    assert next_lines(Standing(), "$EDITOR 'a b.md' && git add a") == "next: ${EDITOR:-vi} 'a b.md' && git add a"
