"""Does the heading of a report say a command as it is, whatever signs are in it?"""

from __future__ import annotations

import pytest

from phases.manual.command_endings import CommandEnding, Ending, RanScript
from phases.manual.script_report import script_report, sections
from state.model import Command


@pytest.mark.parametrize(
    ("command", "heading"),
    [
        ("make all", "## `make all`"),
        ("echo `date`", "## `` echo `date` ``"),
        ("`which make`\nmake", "## `` `which make` `` ..."),
        ("echo ``a`` `b`", "## ``` echo ``a`` `b` ```"),
    ],
)
def test_a_command_with_backticks_stays_one_span_of_code(command: str, heading: str) -> None:
    ran = RanScript(
        script=command, program="/bin/sh", exit_code=0, seconds=0.1, output="", failed_line=None, commands=[]
    )
    ended = CommandEnding(1, Command(command, 3, "sh"), Ending.PASS, runs=[ran])
    assert script_report(ended).splitlines()[0] == heading


def ran(script: str, exit_code: int) -> RanScript:
    return RanScript(
        script=script, program="/bin/sh", exit_code=exit_code, seconds=0.1, output="", failed_line=None, commands=[]
    )


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ([ran("tag [version]", 0)], []),
        ([ran("tag 1.2", 0)], ["It ran as", "tag 1.2", "The runbook has", "tag [version]"]),
        ([ran("tag [version]", 2), ran("tag [version]", 0)], ["- before, in run 1: exit 2 at line 3 after 0.1 s"]),
    ],
)
def test_an_approver_reads_what_was_filled_in_and_what_failed_first(runs: list[RanScript], told: list[str]) -> None:
    ended = CommandEnding(1, Command("tag [version]", 3, "sh"), Ending.PASS, runs=runs)
    shown = sections([ended])
    assert [section.title for section in shown] == (["Command 1, line 3"] if told else [])
    assert all(line in section.body for section in shown for line in told)
