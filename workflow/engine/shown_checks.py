"""Are the checks that judged a task's work, and that its page showed, those that count in a commit?

Rules:
- One comparison for both: by it the gate voids what waits, before an approval counts, and by it the audit reports what
  was left. Whoever reads commits is handed in.
- The evidence names what judged by its SHA-256 (`gates.judged`); it must be what the commit holds. Where the checks of
  the task are others there than at the run's base, the page must say so.
- What a checks file says of other tasks is nothing to this one.
- Steps that look at no checks, tasks that were left out, and runs of format 1 name none: nothing is compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from gates.judged import checks_beside, judged_by, says_changed
from state.errors import BadInput
from state.files import sha256
from state.model import PlannedTask
from state.printable import as_name
from state.run_state import RunState
from state.task_state import TaskState
from workflow.policy.policy_history import Stored

Found = tuple[str, bytes]  # the path and the bytes of the checks that count; "" and none where there are none
NO_CHECKS: Found = ("", b"")


def why_not_as_shown(stored: Stored, run: RunState, task: PlannedTask, state: TaskState, at: str) -> Iterator[str]:
    """How the checks that count in this commit are others than those behind what was put before the approvers."""
    if not names_checks(run, state):
        return
    recorded, held = judged_by(state), counting_checks(stored, at, run.start.runbook)
    path, data = held
    for each, digest in recorded.items():
        seen = sha256(stored.data_at(at, each)) if stored.id_at(at, each) else ""
        if seen != digest:
            yield f"{as_name(each)}: judged by {digest[:7]}, {at[:10]} has {seen[:7] or 'none'}"
    if path and path not in recorded and (recorded or says_changed(state)) and not same_for(task, NO_CHECKS, held):
        yield f"{as_name(path)}: did not judge, and {at[:10]} has it ({sha256(data)[:7]})"
        return
    why = "" if says_changed(state) else changed_since_base(stored, run, at)
    if why and not same_for(task, counting_checks(stored, run.start.base, run.start.runbook), held):
        yield f"{why}, and its page did not say so"


def names_checks(run: RunState, state: TaskState) -> bool:
    """Whether the evidence of this task is to name what judged it."""
    if run.is_of_0_1 or state.worked is None or state.skipped:
        return False
    return bool(judged_by(state)) or state.handed_in is not None


def changed_since_base(stored: Stored, run: RunState, at: str) -> str:
    """That the checks are others in this commit than where the run began, for whichever task; "" where they are not."""
    base, runbook = run.start.base, run.start.runbook
    if _ids(stored, base, runbook) == _ids(stored, at, runbook):
        return ""
    name = counting_checks(stored, at, runbook)[0] or counting_checks(stored, base, runbook)[0]
    return f"{as_name(name)} changed since {base[:10]}, where the run began"


def counting_checks(stored: Stored, commit: str, runbook: str) -> Found:
    """The checks beside a runbook that count in a commit."""
    path = _ids(stored, commit, runbook)[0]
    return (path, stored.data_at(commit, path)) if path else NO_CHECKS


def same_for(task: PlannedTask, was: Found, now: Found) -> bool:
    """Whether both have the same checks for this task, and fill them in from the same profiles and lookups.

    A file without a check for it is as none.
    """
    try:
        return _about(task, *was) == _about(task, *now)
    except BadInput:  # what cannot be read was something else
        return False


def _ids(stored: Stored, commit: str, runbook: str) -> tuple[str, str]:
    """The path and the blob of the checks that count in a commit; "" for none."""
    for path in checks_beside(runbook):
        if blob := stored.id_at(commit, path):
            return path, blob
    return "", ""


def _about(task: PlannedTask, path: str, data: bytes) -> object:
    """What of a checks file is about this task, as it stands there. Raises BadInput where it cannot be read."""
    if not path:
        return None
    from phases.checks.about_task import about_task  # pydantic, YAML and botocore: only where checks changed
    from workflow.doors.aws.models import BotocoreModels

    return about_task(data, path, task, BotocoreModels())
