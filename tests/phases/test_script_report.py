"""Does the heading of a report say a command as it is, whatever signs are in it?"""

from __future__ import annotations

import pytest

from phases.manual.command_endings import CommandEnding, Ending, RanScript
from phases.manual.script_report import script_report
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
