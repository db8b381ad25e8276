"""What does each box of a task come to? By its own checks and commands, by a person's word, or by the boxes below it.

Rules:
- A box is answered by the checks that name it (or that it names, by id in `code`) and by the commands that stand in it.
  When all of them passed nobody is asked. One that failed closes the gate; one that was not made, or only notes, leaves
  the box open until a person answers for it.
- A command's exit code answers no box that says more than that it succeeds ("shows 0 errors"): a person does.
- A box that nothing but a word on its exit criterion answers is attested, as that criterion is; it never passed.
- A person's word is yes, no, not applicable with a reason, or, from who approves, waived with a reason. A no closes the
  gate whatever was looked at; no word makes a pass of what failed.
- A box with boxes below it follows from them: it counts when all of them are settled and one of them counts.
- Nobody is asked while a check has failed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from gates.boxes import RULES, Rule, verdict_of
from phases.checks.answered import answering, names_of_item
from phases.manual.box_claims import more_than_success, not_by_exit_code
from phases.manual.box_words import said
from phases.manual.hand_work import command_id
from phases.step import Check, any_failed
from state.event_types import Answered
from state.evidence import Verdict
from state.model import PlannedTask
from state.task_boxes import TaskBox, boxes_of, own_commands

if TYPE_CHECKING:
    from phases.checks.definition import Declared

PASSED = frozenset({"pass", "derived", "attested"})  # attested: an exit criterion that is written as this box
EXPECTED = "yes, or not applicable with a reason"


def own_checks(task: PlannedTask, box: TaskBox, checks: Sequence[Check]) -> list[Check]:
    """The checks among these that answer this box: declared ones, and those of the commands that stand in it.

    Where there is a declared one, a command that was not run says nothing. Where there is none, a command that
    succeeded answers no box that says more than that (`box_claims.py`).
    """
    declared = answering(names_of_item(box.number, box.item), checks)
    commands = answering(map(command_id, own_commands(task, box)), checks)
    if declared:
        return [*declared, *(each for each in commands if each.verdict != "not-checked")]
    more = more_than_success(task, box)
    return [not_by_exit_code(each, more) if more and each.verdict == "pass" else each for each in commands]


def to_ask(
    task: PlannedTask, checks: Sequence[Check], words: Mapping[str, Answered], left_out: Collection[int] = ()
) -> list[TaskBox]:
    """The boxes that a person is asked about, after these checks were made and these words were said.

    None that is left out, by number, and none that waits for somebody elsewhere.
    """
    if any_failed(checks):
        return []
    open_ = [box for box in boxes_of(task) if box.id not in words and box.number not in left_out]
    return [
        box
        for box in open_
        if is_asked(box, own := own_checks(task, box, checks)) and not any(each.waits_for for each in own)
    ]


def that_wait(task: PlannedTask, checks: Sequence[Check], words: Mapping[str, Answered]) -> dict[TaskBox, str]:
    """The boxes that wait for somebody elsewhere, and for whom; none that somebody has said a word on."""
    if any_failed(checks):
        return {}
    waiting = {
        box: "; ".join(each.waits_for for each in own_checks(task, box, checks) if each.waits_for)
        for box in boxes_of(task)
        if box.id not in words
    }
    return {box: whom for box, whom in waiting.items() if whom}


def unlooked(task: PlannedTask, declared: Sequence[Declared]) -> list[TaskBox]:
    """The boxes that nothing but a person's word can answer: no check, no command, and no box below."""
    return [
        box
        for box in boxes_of(task)
        if not box.below
        and not own_commands(task, box)
        and not answering(names_of_item(box.number, box.item), declared)
    ]


def boxes_unmet(task: PlannedTask) -> str:
    """How the names of the questions begin what becomes of a task of which boxes got a no at a terminal."""
    return f"{task.asked_as}-boxes"


def is_asked(box: TaskBox, own: Sequence[Check]) -> bool:
    """Whether a box is a person's to answer, where these are its own checks."""
    return any(check.verdict not in PASSED for check in own) if own else not box.below


def box_checks(
    task: PlannedTask,
    checks: Sequence[Check],
    words: Mapping[str, Answered],
    left_out: Mapping[int, str] | None = None,
) -> list[Check]:
    """The verdict on each box, in their order; `left_out`: why boxes do not apply, by their number."""
    out = left_out or {}
    failed = any_failed(checks)
    found: dict[int, Check] = {}
    for box in reversed(boxes_of(task)):  # what stands below comes first
        if box.number in out:
            found[box.number] = _check(box, out[box.number], "not-applicable", why=out[box.number])
            continue
        own = own_checks(task, box, checks)
        check = _by_itself(box, own, words.get(box.id), failed=failed)
        found[box.number] = check if not box.below else _with_below(box, check, [found[each] for each in box.below])
    return [found[number] for number in sorted(found)]


def _by_itself(box: TaskBox, own: Sequence[Check], word: Answered | None, *, failed: bool) -> Check:
    looked = "; ".join(f"{check.name}: {check.seen}" for check in own)
    names = tuple(check.name for check in own)
    verdict = _worst(own)
    if word is not None and _counts_before(word, verdict if own else None):
        seen = "; ".join(filter(None, (said(word), looked)))
        return _check(box, seen, verdict_of(word), names, word)
    if own:
        return _check(box, looked, verdict, names)
    return _check(box, "not asked, because a check failed" if failed else "nobody has answered it", "not-checked")


def _counts_before(word: Answered, looked: Verdict | None) -> bool:
    """Whether a word counts before what the box's own checks came to: nobody's yes undoes a failure."""
    if word.verdict == "fail" or looked is None:
        return True
    return looked != "fail" and not (looked in ("pass", "derived") and word.verdict == "attested")


def _with_below(box: TaskBox, by_itself: Check, below: Sequence[Check]) -> Check:
    """The verdict on a box that has boxes below it."""
    ids = tuple(check.item for check in below)
    if by_itself.rests_on or by_itself.by is not None:
        if not RULES[by_itself.verdict].ticks:
            return by_itself
        ids = (*by_itself.rests_on, *ids)
    listed = ", ".join(check.item for check in below)
    follows = _from_below([RULES[check.verdict] for check in below], is_answered=by_itself.by is not None)
    if follows == "not-checked":
        return _check(box, f"waits for {listed}", follows, ids)
    if follows == "not-applicable":
        why = f"none of {listed} applies"
        return _check(box, why, follows, ids, why=why)
    looked = f"{by_itself.seen}; " if by_itself.rests_on else ""
    return _check(box, f"{looked}follows from {listed}", follows, ids)


def _from_below(rules: Sequence[Rule], *, is_answered: bool) -> Verdict:
    """What the boxes below one come to for it; `is_answered`: whether somebody has answered the box itself."""
    if not all(rule.settles for rule in rules):
        return "not-checked"
    return "derived" if is_answered or any(rule.ticks for rule in rules) else "not-applicable"


def _worst(own: Sequence[Check]) -> Verdict:
    """What the checks of a box come to: a failure, then what was not checked, only noted, or said by an agent.

    Derived or attested where all are: nothing looked at a box whose criterion a person attested.
    """
    verdicts = {check.verdict for check in own}
    worst: tuple[Verdict, ...] = ("fail", "not-checked", "note", "said-by-agent")
    alone: tuple[Verdict, ...] = ("derived", "attested")
    found = [verdict for verdict in worst if verdict in verdicts]
    return [*found, *(verdict for verdict in alone if verdicts == {verdict}), "pass"][0]


def _check(
    box: TaskBox,
    seen: str,
    verdict: Verdict,
    rests_on: tuple[str, ...] = (),
    word: Answered | None = None,
    *,
    why: str = "",
) -> Check:
    return Check(
        f"{box.id}: {box.text.rstrip(':：')}",
        EXPECTED,
        seen,
        verdict,
        f"line {box.item.box.line}",
        item=box.id,
        why=word.why if word is not None else why,
        by=word.by if word is not None else None,
        rests_on=rests_on,
    )
