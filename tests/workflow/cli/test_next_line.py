"""Next commands work where the person stands: with the directory that was given, and after a slip of the keyboard."""

from __future__ import annotations

import pytest

from workflow.cli.main import run
from workflow.cli.next_line import Standing, directory_given, next_lines

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
        ("stauts", "phasegate --help"),
        ("--nonsense", "phasegate --help"),
        ("approve", "phasegate approve --help"),
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
