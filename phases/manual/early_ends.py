"""Did a script that ended with 0 come to its end? What it did not reach is named, and passes for nothing.

Rules:
- A script came to its end when the mark behind its last command was made (`workflow/doors/scripts.py` puts it there),
  or when its last command, begun, ends its shell itself: `exit`, `exit 0`, `exec PROGRAM` on a line of their own.
- A script of Python has its mark where `python_mark.py` says.
- In doubt it did not: a person can still say that it counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from state.counted import counted
from state.late_pattern import late

_ENDS_ITS_SHELL = late(r"(?:exit(?:[ \t]+(?:0|\"?\$[\w?{}]+\"?))?|exec[ \t]+[^\n;&|()`]+)[ \t]*")
# `trap` may make 0 of anything when the shell ends; with `-n` nothing is run that is read
_ENDS_OTHERWISE = late(r"\btrap\b|\bset\s+-\w*n|\bnoexec\b")


def ends_its_shell(command: str, script: str) -> bool:
    """Whether this command, the last one of the script, is one by which a shell is meant to end."""
    code = command.split(" #")[0].strip()
    return _ENDS_ITS_SHELL.fullmatch(code) is not None and _ENDS_OTHERWISE.search(script) is None


def before_its_end(ran: Mapping[str, object]) -> str:
    """`before its end: line 6 (`false`) was not reached`; "" of a run that came to its end, or failed.

    Args:
        ran: a run as the journal has it, `phases.manual.command_endings.RanScript`.
    """
    if ran.get("ended_early") is not True:
        return ""
    commands = [each for each in _list(ran.get("commands")) if isinstance(each, Mapping)]
    missed = [f"line {each.get('line')} (`{each['unreached']}`)" for each in commands if "unreached" in each]
    if not missed:
        at = f" that begins at line {commands[-1].get('line')}" if commands else ""
        return f"before its end, inside of the command{at}"
    more = f", nor {counted(len(missed) - 1, 'command')} below it" if len(missed) > 1 else ""
    return f"before its end: {missed[0]} was not reached{more}"


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
