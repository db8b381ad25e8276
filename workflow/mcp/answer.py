"""What does an agent read of where a run stands? One plain structure for every tool; a waiting gate is no error.

    {"status": "to-do" | "waiting-for-approval" | "waiting-for-person" | "asks" | "at-work" | "over" | "refused" |
               "as-asked", "run": ID, ...}

Rules:
- `then` is said of the first call in `next`, and both are made here: whoever goes by one does what the other says.
- The commands in it (`approve`, `reject`) are for a person, and say so. `next` of a refusal is a list of calls that the
  agent can make, and of what is a person's, which says so (workflow.mcp.next_steps).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from shlex import quote

from gates.words import SHORT
from state.errors import PhasegateError, Waiting
from state.json_values import Json, format_time
from state.task_boxes import boxes_of
from workflow.mcp.argument_names import in_arguments
from workflow.mcp.next_steps import ANSWER, Step, next_steps
from workflow.service.stands import Stands

Answer = dict[str, Json]
_PERSON = "A person goes on: tell them what `message` and `next` say, then call status to look."
_THEN = {  # by the first call in `next`; a person's step is none
    "hand_in": "Do the task in the working tree, then call hand_in as `next` says, what is in capitals filled in. "
    "Do not tick boxes, do not commit.",
    "answer": "Call answer as `next` says, with your answers filled in, or ask the person.",
    "drive": "Call drive to go on.",
    "wait": "A person decides. Tell them the command, or the address in `page`; call wait meanwhile.",
    "audit": "Nothing is left to do; audit verifies it.",
    "take_back": "Call take_back as `next` says.",
}
_MENDED = "Mend what `message` says, then call drive to go on."


def stood_at(found: Stands, *, message: str = "", following: Sequence[Json] = ()) -> Answer:
    """Where the run stands; `message` is why work stopped there, and `following` what can be done about that.

    Where nothing is said, both are what the run itself says: `next` always is what `then` is about.
    """
    at = found.at
    if not message and found.used_up is not None:
        message = _message(found.used_up)
        following = next_steps(found.used_up.next_command, at.run)
    elif not message and found.closed:
        message = in_arguments(found.closed)
        following = next_steps("\n      ".join(found.following), at.run)
    steps = _in_full(list(following), found) if message and following else _usual(found)
    status = _status(found, steps)
    body: Answer = {
        "status": status,
        "run": at.run,
        "state": at.state,
        "outcome": found.outcome or None,
        "task": _task(found),
        "then": then_of(status, steps, failed=bool(found.closed)),
        "next": steps,
    }
    if message:
        body["message"] = message
    if at.expires_at is not None and status == "waiting-for-approval":
        body |= {
            "digest": at.digest[:SHORT],
            "expires_at": format_time(at.expires_at),
            "approve": [f"{each}" for each in found.approve],
            "reject": f"phasegate reject {quote(at.run)} --reason TEXT",
            "page": found.page or None,
            "for": "a person, at a terminal or on the page; no tool here approves or rejects",
        }
    return body


def with_not_run(found: Answer, numbers: Sequence[int], left_out: Collection[int] = ()) -> Answer:
    """The same, with the commands of the task that was handed in which nobody has run, and how they are run yet.

    `left_out`: the numbers of those that the order itself said not to run.
    """
    if not numbers or found["status"] != "waiting-for-approval":
        return found
    own, unnamed = [each for each in numbers if each in left_out], [each for each in numbers if each not in left_out]
    them = "it" if len(unnamed) == 1 else "them"
    said = "; ".join(
        [f"{_commands(own)} not run, as `answers` says, and the page names you for that"] * bool(own)
        + [f"{_commands(unnamed)} not run: nothing in `commands` named {them}, and the page says so"] * bool(unnamed)
    )
    why = f"to have {'it' if len(numbers) == 1 else 'them'} run after all; then hand_in with commands"
    back: Json = {"tool": "take_back", "arguments": {"run": found["run"]}, "why": why}
    steps = found["next"] if isinstance(found["next"], list) else []
    return {**found, "not_run": [*numbers], "message": said, "next": [*steps, back]}


def _commands(numbers: Sequence[int]) -> str:
    left = ", ".join(map(str, numbers))
    return f"command {left} was" if len(numbers) == 1 else f"commands {left} were"


def then_of(status: str, steps: Sequence[Json], *, failed: bool = False) -> str:
    """What the agent does then, in words: what the first call among these steps is; a person's are theirs."""
    tools = [str(each["tool"]) for each in steps if isinstance(each, dict) and "tool" in each]
    if status == "waiting-for-person" or not tools:
        return _PERSON
    if failed and tools[0] == "drive":
        return _MENDED
    return _THEN.get(tools[0], f"Call {tools[0]} as `next` says.")


def _task(found: Stands) -> Json:
    """The task at hand, with what it asks; one that was taken back says so, as `phasegate status` does."""
    task = found.at.task
    if task is None:
        return None
    questions: Json = [
        {
            "name": each.name,
            "text": each.text,
            "choices": list(each.choices),
            "whose": each.whose or "yours to answer, in answers",
        }
        for each in found.asked
    ]
    return {**task.to_json(), "status": "taken back" if task.taken_back else task.status, "questions": questions}


def _usual(found: Stands) -> list[Json]:
    """What can be done where the run stands, and nothing stopped it."""
    of: Step = {"run": found.at.run}
    if found.outcome:
        return [{"tool": "audit", "arguments": of, "why": ""}]
    match found.at.waits_for:
        case "approval":
            return [{"tool": "wait", "arguments": of, "why": "until a person has decided"}]
        case "work":
            return hand_in_steps(found)
        case _:
            return [{"tool": "drive", "arguments": of, "why": ""}]


def _in_full(steps: list[Json], found: Stands) -> list[Json]:
    """The steps; a call that hands in what nothing was said of yet has all that the task needs."""
    plain = {"run": found.at.run, "paths": ["FILE"]}
    if found.at.waits_for == "work" and isinstance(steps[0], dict) and steps[0].get("arguments") == plain:
        return [*hand_in_steps(found), *steps[1:]]
    return steps


def hand_in_steps(found: Stands) -> list[Json]:
    """The call that hands the task at hand in, once it is done, with what it needs, and what of it is a person's."""
    task = found.at.task
    given: Step = {"run": found.at.run, "paths": ["FILE"]}
    whys = ["when it is done; no_files: true instead of paths where it left none"]
    if found.persons_step:
        whys.append("its commands are a person's to run, behind a line that says to stop")
    elif task is not None and task.task.commands:
        given["commands"] = ["all"]
        whys.append("in commands the numbers of those that are to be run, none is run unnamed")
    if task is not None and task.box_by_box and (boxes := [box for box in boxes_of(task.task) if not box.below]):
        given["boxes"] = [f"{box.number}=ANSWER" for box in boxes]
        whys.append("each box yes, no or n/a:REASON")
    if task is not None and task.task.exit_criteria:
        whys.append("in attest the numbers of exit criteria that hold")
    mine = [each for each in found.asked if not (each.whose or (found.persons_step and each.of_a_command))]
    if answers := [each.name for each in mine]:
        given["answers"] = dict.fromkeys(answers, ANSWER)
    of_a_person = next_steps(found.persons_step, found.at.run) if found.persons_step else []
    return [{"tool": "hand_in", "arguments": given, "why": "; ".join(whys)}, *of_a_person]


def _status(found: Stands, steps: Sequence[Json]) -> str:
    """In a word, where the run stands; by what can be done there."""
    if found.outcome:
        return "over"
    if found.at.waits_for == "approval" and not found.closed:
        return "waiting-for-approval"
    doable = [each for each in steps if isinstance(each, dict) and ("tool" in each or "resource" in each)]
    if not doable:
        return "waiting-for-person"
    tools = {str(each.get("tool")) for each in doable}
    if found.at.waits_for == "work" or "hand_in" in tools:
        return "to-do"
    return "asks" if "answer" in tools and "drive" not in tools else "as-asked"


def _message(error: PhasegateError) -> str:
    return in_arguments("\n".join(error.lines())).replace("; next: ", "; for a person: ")


def refused(error: PhasegateError, run_id: str = "") -> Answer:
    """What was refused, as the command line says it; `next` is what can be done then, in the run where there is one."""
    steps = next_steps(error.next_command, run_id)
    return {
        "status": "waiting" if isinstance(error, Waiting) else "refused",
        "message": _message(error),
        "then": then_of("refused", steps, failed=True),
        "next": steps,
        "exit_code": error.exit_code,
    }
