"""Which answers say nothing any more, because what they were about came to something else? Left out where people read.

The journal keeps them. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from phases.manual.box_words import NO, NOT_APPLICABLE, YES
from state.evidence import Evidence
from state.task_events import LEFT_OPEN

FAIL = "fail"  # of a command's ending in the evidence: it was left as it is
OPEN = ("not-checked", "note", "said-by-agent")


def stale_answers(asked_as: str, answers: Mapping[str, str], worked: Evidence | None) -> set[str]:
    """The names of why a command is left that passed in the end, and of a box left to the approver that has an answer,
    or of which a word was kept until it could count.

    `asked_as`: how the names of the task's questions begin.
    """
    if worked is None:
        return set()
    listed = worked.data.get("commands")
    endings = {
        str(each.get("number")): each.get("ending")
        for each in (listed if isinstance(listed, list | tuple) else ())
        if isinstance(each, Mapping)
    }
    boxes = {check.answers.removeprefix("box "): check.verdict for check in worked.checks if check.answers}
    found = set()
    for name, answer in answers.items():
        if command := re.fullmatch(rf"{re.escape(asked_as)}-command-(\d+)-left", name):
            is_stale = endings.get(command[1], FAIL) != FAIL
        elif box := re.fullmatch(rf"{re.escape(asked_as)}-box-(\d+)", name):
            was_kept = answer in (YES, NO) or answer.startswith(f"{NOT_APPLICABLE}:")  # it stands at the box by now
            is_stale = was_kept or (answer == LEFT_OPEN and boxes.get(box[1], OPEN[0]) not in OPEN)
        else:
            continue
        found |= {name} if is_stale else set()
    return found
