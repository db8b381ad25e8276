"""How are a task's boxes shown, each with its number and its answer? In refusals, in `status`, and on the page.

Pure. What a runbook or a person says stands in one line, printable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from shlex import quote

from gates.approval import SHORT
from gates.boxes import unsettled
from gates.operators import operators_of
from phases.checks.answered import criteria_in_boxes
from phases.documents.markdown import inline
from phases.manual.box_words import said
from state.counted import counted
from state.evidence import CheckResult, Evidence, RecordedPolicy
from state.model import PlannedTask
from state.printable import printable_line
from state.run_state import RunState
from state.task_boxes import TaskBox, boxes_of, own_commands
from state.task_fields import fields_of
from state.task_state import TaskState, TaskStatus

NO_ANSWER = "no answer yet"
TICKED_BEFORE = "; ticked before this run"
WORDS: Mapping[str, str] = {
    "pass": "yes",
    "derived": "yes, derived",
    "attested": "yes",
    "fail": "no",
    "not-applicable": "not applicable",
    "waived": "waived",
    "note": "open, noted",
    "not-checked": "open, not checked",
    "said-by-agent": "open, said by an agent",
}


def listed_boxes(boxes: Sequence[TaskBox], known: Mapping[int, str]) -> str:
    """Every box by its number, a line each, with what is known of it; those that have no answer say so."""
    wide = len(str(len(boxes)))
    lines = (f"  {box.number:>{wide}}. {box.text}   ({known_of(box, known)})" for box in boxes)
    return "\n".join(map(printable_line, lines))


def known_of(box: TaskBox, known: Mapping[int, str]) -> str:
    """What is known of a box by its number, else that it has no answer; a tick from before this run is none."""
    return known.get(box.number, f"{NO_ANSWER}{TICKED_BEFORE if box.item.box.done else ''}")


def ticked_before(task: PlannedTask) -> str:
    """Which boxes of a task somebody ticked before the run, in a sentence; "" where none is."""
    numbers = [str(box.number) for box in boxes_of(task) if box.item.box.done and not box.below]
    if not numbers:
        return ""
    which = "box" if len(numbers) == 1 else "boxes"
    return f"Ticked in the runbook before this run, and left so whatever the answer is: {which} {', '.join(numbers)}."


def listed_criteria(task: PlannedTask) -> list[str]:
    """The exit criteria of a task that are no boxes, each by its number, a line each."""
    wide, boxes = len(str(len(task.exit_criteria))), criteria_in_boxes(task)
    criteria = ((number, text) for number, text in enumerate(task.exit_criteria, 1) if text not in boxes)
    return [printable_line(f"  {number:>{wide}}. {text}") for number, text in criteria]


def asked_beside_files(task: PlannedTask) -> str:
    """What handing a task in asks for beside its files, as the remark behind the command goes on; "" for nothing."""
    boxes = any(not box.below or own_commands(task, box) for box in boxes_of(task))
    return "".join(
        (
            ", and --box N=yes for each box" if boxes else "",
            ", and --attest N for each exit criterion" if listed_criteria(task) else "",
            ", and --answers FILE for its fields" if fields_of(task) else "",
        )
    )


def how_to_answer(run_id: str, numbers: Iterable[int]) -> str:
    """The command that answers these boxes."""
    boxes = " ".join(f"--box {number}=yes" for number in numbers)
    return f"phasegate done {quote(run_id)} {boxes}   # each yes, no or 'n/a:REASON'"


def how_to_approve(run: RunState, state: TaskState) -> Sequence[str]:
    """The commands that approve what this task shows; boxes without a word that counts get one by them.

    What its gate asks for beside an approval stands in them, or behind: a key, and who may not give it.
    """
    assert state.request is not None
    worked = state.worked or Evidence()
    signed = worked.policy is not None and worked.policy.signed
    command = f"phasegate approve {run.run_id} --digest {state.request.digest[:SHORT]}{' --key FILE' if signed else ''}"
    asked = ", ".join(asked_of_approvers(run, state))
    numbers = [check.answers.removeprefix("box ") for check in unsettled(worked.checks)]
    if not numbers:
        return tuple(_ways(command, worked.policy, asked))
    attest = " ".join(f"--attest {number}" for number in numbers)
    waive = " ".join(f"--waive '{number}:REASON'" for number in numbers)
    which = "it holds" if len(numbers) == 1 else "they hold, each by itself"
    return (
        _remarked(f"{command} {attest}", f"you looked, and {which}", asked),
        _remarked(f"{command} {waive}", "or goes without", asked),
    )


def _ways(command: str, policy: RecordedPolicy | None, asked: str) -> Iterator[str]:
    """How to approve what needs no word first: by this command, with a passkey, or by either."""
    passkeys = policy is not None and bool(policy.passkeys)
    if policy is None or not (passkeys and policy.signed and not policy.allowed_signers):
        yield _remarked(command, asked)
        asked = ""
    if passkeys:
        yield _remarked("phasegate serve", "with a passkey, in a browser", asked)


def _remarked(command: str, *remarks: str) -> str:
    """A command with those of these remarks behind it that say something."""
    said = ", ".join(filter(None, remarks))
    return f"{command}   # {said}" if said else command


def asked_of_approvers(run: RunState, state: TaskState) -> Iterator[str]:
    """What the gate of this task asks of who approves, in words; nothing where anybody may."""
    policy = state.worked.policy if state.worked else None
    if policy is None:
        return
    if policy.approvers > 1:
        given = {approval.by.git for approval in state.approvals}
        yield f"{counted(policy.approvers, 'person', 'people')}, {len(given)} by now"
    if policy.who:
        yield f"by {', '.join(map(printable_line, policy.who))}"
    if others := _barred(run, state, policy):
        yield f"by somebody else than {', '.join(map(printable_line, others))}"
    if policy.presence == "terminal" and not policy.signed:
        yield "in a terminal, or with --sign" + (" or a passkey" if policy.passkeys else "")


def _barred(run: RunState, state: TaskState, policy: RecordedPolicy) -> Collection[str]:
    """Who may not approve: who did the work, and where several are asked for, who has approved already."""
    did_work = [] if policy.operator_may_approve else operators_of(run, state)
    given = [approval.by.git for approval in state.approvals] if policy.approvers > 1 else []
    return dict.fromkeys([*did_work, *given])


def box_lines(checks: Sequence[CheckResult], task: PlannedTask | None = None) -> list[str]:
    """The page's section on the boxes: number and text, the verdict, who said so and why; those ticked before."""
    items = [check for check in checks if check.answers]
    if not items:
        return []
    lines = ["", f"### Boxes ({len(items)})", ""]
    for check in items:
        lines.append(f"- {inline(check.name)}: {inline(answer_in_words(check))}")
    if task is not None and (before := ticked_before(task)):
        lines += ["", before]
    return lines


def answer_in_words(check: CheckResult) -> str:
    """What a box came to: a person's word with whose it is, or the verdict with what was seen."""
    return check.seen if check.by is not None else f"{WORDS[check.verdict]} ({check.seen})"


def boxes_at_hand(task: PlannedTask, state: TaskState) -> list[str]:
    """The task's boxes, a line each, with what its evidence or people say of them by now."""
    boxes = boxes_of(task)
    checks = {check.answers: check for check in (state.worked.checks if state.worked else ()) if check.answers}
    known = {}
    for box in boxes:
        if box.id in checks:
            known[box.number] = answer_in_words(checks[box.id])
        elif box.id in state.words:
            known[box.number] = said(state.words[box.id])
        elif otherwise := _answered_so_far(task, box, state) or answered_otherwise(task, box):
            known[box.number] = otherwise
    return listed_boxes(boxes, known).split("\n") if boxes else []


def _answered_so_far(task: PlannedTask, box: TaskBox, state: TaskState) -> str:
    """What came of a box's own commands that were begun in the attempt under way; "" where none was, or it has none."""
    numbers = own_commands(task, box) if state.status is TaskStatus.WORKING else []
    last = {number: ended for number in numbers if (ended := _last_run(state, number)) is not None}
    if not last:
        return ""
    came = ", ".join(f"command {number}: {ended}" for number, ended in last.items())
    left = " ".join(f"--run {number}" for number in numbers if number not in last)
    return f"its command answers it: {came}{f'; {left}' if left else ''}"


def _last_run(state: TaskState, number: int) -> str | None:
    """How the latest run of this command in the attempt ended; None where it was not begun."""
    from workflow.views.effects import command_number, how_command_ended  # where there is a command only

    runs = [found for effect, found in state.effects.items() if command_number(effect) == number]
    return how_command_ended(*runs[-1]) if runs else None


def answered_otherwise(task: PlannedTask, box: TaskBox) -> str:
    """What answers a box before it is looked at, if it is not a person: the boxes below it, or its own commands."""
    if commands := own_commands(task, box):
        return "its command answers it: " + " ".join(f"--run {number}" for number in commands)
    return f"follows from {', '.join(map(str, box.below))}" if box.below else ""
