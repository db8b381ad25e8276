"""How are a task's boxes shown, each with its number and its answer? In refusals, in `status`, and on the page.

Pure. What a runbook or a person says stands in one line, printable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from shlex import quote

from gates.approval import opened_by_policy
from gates.boxes import ticked_by_policy, unsettled, why_never
from gates.policy import GatePolicy
from gates.words import to_name
from phases.checks.answered import criteria_in_boxes
from phases.documents.markdown import inline
from phases.manual.box_words import said
from state.evidence import CheckResult, Evidence, RecordedPolicy
from state.model import PlannedTask
from state.run_state import RunState
from state.task_boxes import LEFT_OPEN, TaskBox, box_question, boxes_of, own_commands
from state.task_fields import fields_of
from state.task_state import TaskState, TaskStatus
from workflow.views.numbered import Numbered, in_numbered_lines
from workflow.views.run_words import FOR_FIELDS
from workflow.views.who_may import asked_of_command

SERVE = "phasegate serve"  # by which a passkey signs, in a browser
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
    return "\n".join(in_numbered_lines(_as_seen(boxes, known)))


def _as_seen(boxes: Sequence[TaskBox], known: Mapping[int, str]) -> list[Numbered]:
    return [Numbered(box.number, box.text, known_of(box, known)) for box in boxes]


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


def open_criteria(task: PlannedTask) -> list[Numbered]:
    """The exit criteria of a task that are no boxes."""
    boxes = criteria_in_boxes(task)
    return [Numbered(number, text) for number, text in enumerate(task.exit_criteria, 1) if text not in boxes]


def listed_criteria(task: PlannedTask) -> list[str]:
    """These, each by its number, a line each."""
    return in_numbered_lines(open_criteria(task))


def asked_beside_files(task: PlannedTask) -> str:
    """What handing a task in asks for beside its files, as the remark behind the command goes on; "" for nothing."""
    boxes = any(not box.below or own_commands(task, box) for box in boxes_of(task))
    return "".join(
        (
            ", and --box N=yes for each box" if boxes else "",
            ", and --attest N for each exit criterion" if listed_criteria(task) else "",
            FOR_FIELDS if fields_of(task) else "",
        )
    )


def how_to_answer(run_id: str, numbers: Iterable[int]) -> str:
    """The command that answers these boxes."""
    boxes = " ".join(f"--box {number}=yes" for number in numbers)
    return f"phasegate done {quote(run_id)} {boxes}   # each yes, no or 'n/a:REASON'"


def opens_by_policy(state: TaskState) -> bool:
    """Whether the policy that the evidence was put before opens this gate by itself, when the run is resumed."""
    policy = state.worked.policy if state.worked else None
    return policy is not None and opened_by_policy(GatePolicy.of(policy), state.worked.checks if state.worked else ())


def how_to_open(run: RunState, state: TaskState) -> Sequence[str]:
    """The commands by which this gate opens: where its policy opens it, by going on; else by `how_to_approve`."""
    by_policy = (f"phasegate resume {run.run_id}   # the policy opens this gate",) if opens_by_policy(state) else ()
    return (*by_policy, *how_to_approve(run, state))


def how_to_approve(run: RunState, state: TaskState) -> Sequence[str]:
    """The commands that approve what this task shows; boxes without a word that counts get one by them.

    What its gate asks for beside an approval stands in them, or behind: a key, and who may not give it. Where passkeys
    alone sign, none names a key: a word on a box is said by a command, or on the page where it may be.
    """
    assert state.request is not None
    worked = state.worked or Evidence()
    policy = worked.policy
    key = " --key FILE" if policy is not None and policy.signed and not policy.passkeys_alone else ""
    digest = to_name(state.request.digest, signed=policy is not None and policy.signed)
    command = f"phasegate approve {run.run_id} --digest {digest}{key}"
    asked = ", ".join(asked_of_command(run, state))
    words = {
        check.answers.removeprefix("box "): not why_never(check, worked.checks) for check in unsettled(worked.checks)
    }
    if words:
        return tuple(_with_words(command, words, policy, asked))
    return tuple(_ways(command, policy, asked))


def _with_words(command: str, words: Mapping[str, bool], policy: RecordedPolicy | None, asked: str) -> Iterator[str]:
    """How to approve what needs words on these boxes first, by number, each with whether it can hold at all."""
    if policy is not None and policy.passkeys_alone and policy.presence in (None, "any"):
        yield _remarked(SERVE, "answer the boxes there, and sign with a passkey", asked)
        return
    waived = {number: f"--waive '{number}:REASON'" for number in words}
    attest = " ".join(f"--attest {number}" if holds else waived[number] for number, holds in words.items())
    if can_hold := [number for number, holds in words.items() if holds]:
        which = "it holds" if len(can_hold) == 1 else "they hold, each by itself"
        yield _remarked(f"{command} {attest}", f"you looked, and {which}", asked)
    other = "or goes without" if can_hold else "nothing can make it true: why it goes without"
    yield _remarked(f"{command} {' '.join(waived.values())}", other, asked)
    if policy is not None and policy.passkeys_alone:
        yield _remarked(SERVE, "then with a passkey, in a browser")


def _ways(command: str, policy: RecordedPolicy | None, asked: str) -> Iterator[str]:
    """How to approve what needs no word first: by this command, with a passkey, or by either."""
    if policy is None or not policy.passkeys_alone:
        yield _remarked(command, asked)
        asked = ""
    if policy is not None and policy.passkeys:
        yield _remarked(SERVE, "with a passkey, in a browser", asked)


def _remarked(command: str, *remarks: str) -> str:
    """A command with those of these remarks behind it that say something."""
    said = "; ".join(filter(None, remarks))
    return f"{command}   # {said}" if said else command


def box_lines(checks: Sequence[CheckResult], task: PlannedTask | None, policy: GatePolicy) -> list[str]:
    """The page's section on the boxes: number and text, the verdict, who said so and why; those ticked before the run,
    and by the policy alone.
    """
    items = [check for check in checks if check.answers]
    if not items:
        return []
    lines = ["", f"### Boxes ({len(items)})", ""]
    for check in items:
        lines.append(f"- {inline(check.name)}: {inline(answer_in_words(check))}")
    if task is not None and (before := ticked_before(task)):
        lines += ["", before]
    if by_policy := ticked_by_policy(checks, policy):
        named = ", ".join(inline(check.answers) for check in by_policy)
        lines += ["", f"The policy ticks what does not apply and what is waived, too: {named}."]
    return lines


def answer_in_words(check: CheckResult) -> str:
    """What a box came to: a person's word with whose it is, or the verdict with what was seen."""
    return check.seen if check.by is not None else f"{WORDS[check.verdict]} ({check.seen})"


def boxes_at_hand(task: PlannedTask, state: TaskState, running: str = "") -> list[Numbered]:
    """The task's boxes, with what its evidence or people say of them by now; `running`: the effect under way."""
    boxes = boxes_of(task)
    checks = {check.answers: check for check in (state.worked.checks if state.worked else ()) if check.answers}
    known = {}
    for box in boxes:
        if box.id in checks:
            known[box.number] = answer_in_words(checks[box.id])
        elif box.id in state.words:
            known[box.number] = said(state.words[box.id])
        elif state.skipped:
            known[box.number] = f"left out: {state.skipped}"
        elif otherwise := _answered_so_far(task, box, state, running) or answered_otherwise(task, box):
            known[box.number] = otherwise + _kept(task, box, state)
        elif kept := _kept(task, box, state):
            known[box.number] = kept.removeprefix("; ")
    return _as_seen(boxes, known)


def _answered_so_far(task: PlannedTask, box: TaskBox, state: TaskState, running: str) -> str:
    """What came of a box's own commands that were begun in the attempt under way; "" where none was, or it has none."""
    numbers = own_commands(task, box) if state.status is TaskStatus.WORKING else []
    last = {number: ended for number in numbers if (ended := _last_run(state, number, running)) is not None}
    if not last:
        return ""
    came = ", ".join(f"command {number}: {ended}" for number, ended in last.items())
    left = " ".join(f"--run {number}" for number in numbers if number not in last)
    return _by_its_commands(task, box, f"{came}{f'; {left}' if left else ''}")


def _last_run(state: TaskState, number: int, running: str) -> str | None:
    """How the latest run of this command in the attempt ended; None where it was not begun."""
    from workflow.views.effects import command_number, how_command_ended  # where there is a command only

    runs = [effect for effect in state.effects if command_number(effect) == number]
    if not runs:
        return None
    return "runs now" if runs[-1] == running else how_command_ended(*state.effects[runs[-1]])


def _kept(task: PlannedTask, box: TaskBox, state: TaskState) -> str:
    """What was answered for a box in the attempt under way and is no word on it yet; "" for nothing."""
    name = box_question(task, box.number)
    answer = state.answers.get(name, "") if state.status is TaskStatus.WORKING else ""
    if answer in ("", LEFT_OPEN):
        return f"; {answer}" if answer else ""
    return f"; {answer}, said {state.given_by.get(name, '')}, counts once that is known"


def _by_its_commands(task: PlannedTask, box: TaskBox, runs: str) -> str:
    """What its own commands say of a box, by the rule that its page goes by; `runs`: how they are run, or ended."""
    from phases.manual.box_claims import more_than_success  # where a box has a command only

    if more := more_than_success(task, box):
        return f"its command runs, and a person says whether {more!r} holds: {runs}"
    return f"its command answers it: {runs}"


def answered_otherwise(task: PlannedTask, box: TaskBox) -> str:
    """What answers a box before it is looked at, if it is not a person: the boxes below it, or its own commands."""
    if commands := own_commands(task, box):
        return _by_its_commands(task, box, " ".join(f"--run {number}" for number in commands))
    return f"follows from {', '.join(map(str, box.below))}" if box.below else ""
