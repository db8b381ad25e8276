"""Does a commit's message say what was intended? One judgement, for the engine's proof of a commit and for the audit.

Rules:
- A hook may add trailers of its own among ours (`Change-Id`, `Signed-off-by`); all else stays, byte for byte.
- Nobody adds what is phasegate's to say: `Phasegate-*` and `Approved-by`, in whichever case, once more or otherwise.
- Line feeds at the end are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from state.cheap_classes import NamedTuple
from state.late_pattern import late
from state.position import Outcome
from state.printable import printable_line
from state.run_state import RunState
from state.task_state import TaskState
from workflow.trailers import APPROVER, END, approvers, trailers

_TRAILER = late(r"([A-Za-z0-9][A-Za-z0-9-]*): \S.*")


class JudgedMessage(NamedTuple):
    """What is not as intended, a sentence each: `forged` trailers, another text (`changed`); and trailers `added`."""

    forged: Sequence[str]
    changed: str
    added: Sequence[str]


def claims(run: RunState, state: TaskState) -> dict[str, Sequence[str]]:
    """What the task's commit says in each of phasegate's trailers: name -> values in order."""
    last = run.rollback is not None and state.key == run.sequence[-1].key
    return {
        **{name: [value] for name, value in trailers(run, state).items()},
        END: [Outcome.ROLLED_BACK.trailer] if last else [],
        APPROVER: approvers(run, state),
    }


def judge_message(
    intended: str, seen: str, claimed: Mapping[str, Sequence[str]], named: Mapping[str, Sequence[str]]
) -> JudgedMessage:
    """Compare a whole message with the one intended.

    Args:
        claimed: what phasegate's trailers say in it, as `claims`.
        named: what git takes for trailers in `seen`, whatever the case of their names.
    """
    intended, seen = intended.rstrip("\n"), seen.rstrip("\n")
    if seen == intended:
        return JudgedMessage((), "", ())
    values: dict[str, list[str]] = {}
    for name, given in named.items():
        values.setdefault(name.lower(), []).extend(given)
    forged = [
        f"{name}: expected {', '.join(wanted) or 'none'}, seen {', '.join(values[name.lower()])}"
        for name, wanted in claimed.items()
        if values.get(name.lower(), list(wanted)) != list(wanted)
    ]
    added = None if forged else _added(intended, seen)
    changed = f"expected {first_difference(intended, seen)}" if not forged and added is None else ""
    return JudgedMessage(forged, changed, added or ())


def _added(intended: str, seen: str) -> list[str] | None:
    """Trailers of somebody else's that `seen` has among ours; None when it differs otherwise."""
    text, gap, footer = intended.rpartition("\n\n")
    if not seen.startswith(text + gap):
        return None
    ours, added = footer.split("\n"), list[str]()
    for line in seen.removeprefix(text + gap).split("\n"):
        if ours and line == ours[0]:
            ours.pop(0)
        elif _is_foreign(line):
            added.append(line)
        else:
            return None
    return None if ours else added


def _is_foreign(line: str) -> bool:
    """Whether this is a trailer that phasegate has no business with."""
    found = _TRAILER.fullmatch(line)
    if found is None or printable_line(line) != line:
        return False  # a carriage return in it makes two lines of it for who reads it
    return not found[1].lower().startswith(("phasegate-", APPROVER.lower()))


def first_difference(expected: str, seen: str) -> str:
    """`'a line', seen 'another'`: the first line in which they differ."""
    ours, theirs = expected.split("\n"), seen.split("\n")
    for number in range(max(len(ours), len(theirs))):
        one, other = (lines[number] if number < len(lines) else "" for lines in (ours, theirs))
        if one != other:
            return f"{one!r}, seen {other!r}"
    return f"{expected!r}, seen {seen!r}"
