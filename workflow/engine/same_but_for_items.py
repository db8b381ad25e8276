"""Is evidence that was put together again what was shown, but for its items? Else nobody has seen it yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gates.words import SHORT
from state.errors import Waiting
from state.evidence import Evidence
from state.printable import as_name
from state.task_state import TaskState
from workflow.engine.open_run import OpenRun
from workflow.views.box_view import BoxWord


def require_same_but_for_items(
    run: OpenRun, shown: Evidence | None, state: TaskState, words: Sequence[BoxWord]
) -> None:
    """Raise Waiting when evidence that was put together again differs from what was shown by more than its items.

    The words stand by then: what waits is the evidence with them, which nobody has seen.
    """
    now, request = state.worked, state.request
    assert shown is not None and now is not None and request is not None
    before, after = (replace(each, checks=[c for c in each.checks if not c.answers]) for each in (shown, now))
    if before != after:
        said_of = ", ".join(f"box {word.number} {word.verdict}" for word in words)
        raise Waiting(
            f"{said_of}: recorded, and nothing is approved: the evidence has changed since it was shown by more than "
            f"that ({'; '.join(_differences(before, after))}), and waits as {request.digest[:SHORT]} now",
            next_command=f"phasegate status {run.run_id} --review   # read it, then approve that",
        )


def _differences(before: Evidence, after: Evidence) -> Sequence[str]:
    """What evidence has otherwise than before: checks and files by name, anything else in a word."""
    was, is_ = set(before.checks), set(after.checks)
    names = [check.name for check in (*before.checks, *after.checks) if check not in was & is_]
    files = {each.path: each.sha256 for each in before.artifacts}
    names += [as_name(each.path) for each in after.artifacts if files.get(each.path) != each.sha256]
    return list(dict.fromkeys(names)) or ["what is shown of it"]
