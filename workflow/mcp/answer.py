"""What does an agent read of where a run stands? One plain structure for every tool; a waiting gate is no error.

    {"status": "to-do" | "waiting-for-approval" | "waiting-for-person" | "asks" | "at-work" | "over" | "refused" |
               "as-asked", "run": ID, ...}

Rules:
- The commands in it (`approve`, `reject`) are for a person, and say so. `next` of a refusal is a list of calls that the
  agent can make, and of what is a person's, which says so (workflow.mcp.next_steps).
"""

from __future__ import annotations

from shlex import quote

from gates.words import SHORT
from state.errors import PhasegateError, Waiting
from state.json_values import Json, format_time
from workflow.mcp.argument_names import in_arguments
from workflow.mcp.next_steps import next_steps
from workflow.service.stands import Stands

Answer = dict[str, Json]
_STATUS = {"approval": "waiting-for-approval", "work": "to-do", "answer": "asks"}
_THEN = {
    "waiting-for-approval": "A person decides. Tell them the command, or the address in `page`; call wait, then drive.",
    "to-do": "Do the task in the working tree, then call hand_in with its paths. Do not tick boxes, do not commit.",
    "as-asked": "Call drive to go on.",
    "over": "Nothing is left to do; audit verifies it.",
    "waiting-for-person": "A person goes on: tell them what `message` and `next` say, then call status to look.",
    "asks": "Call answer with the question's name, or ask the person.",
}


def stood_at(found: Stands, *, message: str = "", following: Json = None) -> Answer:
    """Where the run stands; `message` is why it stopped there, and `following` what can be done about that."""
    at, status = found.at, _status(found, following)
    body: Answer = {
        "status": status,
        "run": at.run,
        "state": at.state,
        "outcome": found.outcome or None,
        "task": at.task.to_json() if at.task is not None else None,
        "then": _THEN[status],
    }
    if message:
        body["message"] = message
    if at.expires_at is not None:
        body |= {
            "digest": at.digest[:SHORT],
            "expires_at": format_time(at.expires_at),
            "approve": [f"{each}" for each in found.approve],
            "reject": f"phasegate reject {quote(at.run)} --reason TEXT",
            "page": found.page or None,
            "for": "a person, at a terminal or on the page; no tool here approves or rejects",
        }
    return body


def _status(found: Stands, following: Json) -> str:
    """In a word, where the run stands; by what can be done where it was stopped."""
    waits_for = found.at.waits_for
    steps = [each for each in following if isinstance(each, dict)] if isinstance(following, list) else []
    if found.outcome:
        return "over"
    if waits_for != "approval" and steps and not any("tool" in each or "resource" in each for each in steps):
        return "waiting-for-person"
    asks = any(each.get("tool") in ("answer", "hand_in") for each in steps)
    return _STATUS.get(waits_for or "", "asks" if asks else "as-asked")


def refused(error: PhasegateError, run_id: str = "") -> Answer:
    """What was refused, as the command line says it; `next` is what can be done then, in the run where there is one."""
    return {
        "status": "waiting" if isinstance(error, Waiting) else "refused",
        "message": in_arguments("\n".join(error.lines())).replace("; next: ", "; for a person: "),
        "next": next_steps(error.next_command, run_id),
        "exit_code": error.exit_code,
    }
