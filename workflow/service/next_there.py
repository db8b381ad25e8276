"""How do the commands go that a gate prints, for somebody who reads the run at a remote? Their clone has no such run.

phasegate status RUN --review            phasegate status RUN --remote --review
phasegate approve RUN --digest D         phasegate approve RUN --remote --digest D
phasegate log RUN                        phasegate status RUN --remote
phasegate approve RUN --policy           phasegate resume RUN, which takes the run over, in front of it
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from state.errors import PhasegateError
from state.path_word import path_word

THERE = ("status", "approve", "reject")
_COMMAND = re.compile(r"\bphasegate ([a-z]+) (\S+)([^#&|]*)")


@contextmanager
def said_there(run_id: str) -> Iterator[None]:
    """In the block, what is refused says commands that work where the run is at a remote only."""
    try:
        yield
    except PhasegateError as error:
        error.next_command = there(error.next_command, run_id)
        raise


def there(command: str, run_id: str) -> str:
    """The command, or several lines of them, for whoever has the run at a remote only."""
    command, resume, behind = command.partition("phasegate resume")  # behind that the run is here
    needs_it = False

    def typed(found: re.Match[str]) -> str:
        nonlocal needs_it
        verb, run, rest = found.groups()
        if run not in (run_id, path_word(run_id)) or "--remote" in rest:
            return found.group()
        if verb in THERE and not any(word in rest for word in ("--policy", "--attest", "--waive")):
            return f"phasegate {verb} {run} --remote{rest}"
        if verb == "log":
            return f"phasegate status {run} --remote{' ' if rest.endswith(' ') else ''}"
        needs_it = True
        return found.group()

    found = _COMMAND.sub(typed, command)
    if needs_it:
        found = f"phasegate resume {path_word(run_id)}   # by a runner: takes the run over, then\n      {found}"
    return f"{found}{resume}{behind}"
