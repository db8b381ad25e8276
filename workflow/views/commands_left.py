"""Which commands of a task that went through did not pass: failed and left so, edited, left out, or never run?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from state.task_state import TaskState

_OF_A_COMMAND = re.compile(r"(command \d+): .*|(tests)", re.DOTALL)


def commands_left(state: TaskState) -> Iterator[str]:
    """`command 1: exit 2 at line 51; left as it is: ...`, one for each; none of a task that was left out whole."""
    if state.worked is None or state.skipped:
        return
    for check in state.worked.checks:
        found = _OF_A_COMMAND.fullmatch(check.name)
        if found and not check.answers and check.verdict not in ("pass", "fail"):
            yield f"{found[1] or found[2]}: {check.seen}"
