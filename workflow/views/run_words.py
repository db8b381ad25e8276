"""How does a command name a run whose name a shell would take apart? Its id is quoted before anything reads it."""

from __future__ import annotations

import re
from shlex import quote

from state.late_pattern import late

LINE = "\n      "  # between two commands of one refusal
_FURTHER = rf"(?: && | \|\| |; |,? \w+: | then |{LINE})(?:phasegate|git|cat|ls|cp|mv|rm) "  # another command begins
# a run's id behind a verb that takes one: it begins with the name of its runbook, and ends with when it began
_RUN = late(
    r"(?P<verb>\bphasegate (?!(?:plan|run|init|questions|checks) )\w+ )"
    rf"(?P<run>(?!&&|\|\||['\" #-])(?:(?!{_FURTHER}| {{3}}# | --).)+?-\d{{8}}-\d{{6}}(?:-\w+)?)(?=[ ,;]|{LINE}|$)",
    re.DOTALL,
)

FOR_FIELDS = ", and --answers FILE for its fields"  # in the remark behind a command that hands work in


def runs_quoted(commands: str) -> str:
    """The commands with each run's id as one word of a shell."""
    return _RUN.sub(lambda found: f"{found['verb']}{quote(found['run'])}", commands)
