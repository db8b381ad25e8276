"""Which checks judge a run's work, and are they the ones that somebody has put on record?

Rules:
- The checks beside a runbook count as HEAD holds them. One that is changed, deleted or not committed here is refused,
  as a changed phasegate.yaml is: whoever changed it is on record, and an audit of a bare clone can read it.
- It is the file's own bytes that are compared, line ends apart: what a filter makes of them is nobody's check.
- Where they are others for a task than when the run began, its page says so, with the difference, and no policy opens
  its gate behind that. Which ones judged is recorded with the evidence (`Evidence.data`, JUDGED_BY); what changes
  behind that `shown_checks` finds.
- Runs of format 1 cannot say it, and go on as they did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from gates.judged import CHANGED_CHECKS, JUDGED_BY, checks_beside
from phases.documents.markdown import code_block
from phases.documents.text_difference import text_difference
from phases.step import Check, ReviewSection
from state.errors import BadInput
from state.files import MISSING, blob_id, sha256
from state.json_values import Json
from state.line_endings import with_lf
from state.model import PlannedTask
from state.outside_file import CHECKS, read_if_there
from state.path_word import lift_mark, path_word
from state.printable import as_name
from workflow.engine.open_run import OpenRun
from workflow.engine.shown_checks import NO_CHECKS, Found, same_for

if TYPE_CHECKING:
    from workflow.git_port import Git

SHORT = 7


def committed(workspace: Path, git: Git, path: str) -> bytes | None:
    """The bytes of a file that judges work, as HEAD holds them; None where neither HEAD nor the workspace has one.

    Raises BadInput where the two differ.
    """
    here = read_if_there(workspace / path, "checks file", limit=CHECKS, name=path)
    head = git.head()
    blob = git.tree_entries(head, (path,))[path].blob
    if here is None and blob is None:
        return None
    if here is not None and blob is not None:
        if blob_id(here, blob) == blob:
            return here
        held = git.blob(head, path)
        if held is not None and with_lf(here) == with_lf(held):
            return held
    if mark := git.marks([path]).get(path):
        raise BadInput(
            f"the checks must be as committed, and {as_name(path)} {_how(here, blob)}, which git does not see: it is "
            f"marked {mark}; so nothing is judged by it",
            next_command=f"{lift_mark(mark, path)}   # git sees it again",
        )
    raise BadInput(
        f"the checks must be as committed, and {as_name(path)} {_how(here, blob)}; so nothing is judged by it",
        next_command=_what_to_do(path, here, blob),
    )


def require_committed(workspace: Path, git: Git, runbook: str) -> dict[str, bytes]:
    """The checks beside a runbook that count here, path -> bytes; none where there are none. Raises as `committed`."""
    for path in checks_beside(runbook):
        if (data := committed(workspace, git, path)) is not None:
            return {path: data}
    return {}


def record_of(judged: Mapping[str, bytes]) -> dict[str, Json]:
    """What the evidence says of the files that judged: path -> SHA-256 of what HEAD held; nothing where none did."""
    return {JUDGED_BY: {path: sha256(data) for path, data in judged.items()}} if judged else {}


def changed_checks(
    run: OpenRun, task: PlannedTask, judged: Mapping[str, bytes]
) -> tuple[Sequence[Check], Sequence[ReviewSection]]:
    """What is shown where this task's checks are others than when the run began; `judged`: the ones that judged it.

    Runs of format 1 show nothing.
    """
    runbook = run.plan.runbook
    if run.state.is_of_0_1:
        return (), ()
    was = _at_base(run, runbook, judged)
    if was == _first(judged) or same_for(task, was, _first(judged)):
        return (), ()
    (old, before), (new, now) = was, _first(judged)
    path = new or old
    check = Check(
        CHANGED_CHECKS,
        f"{as_name(old)} {_short(before)}" if old else "none",
        f"{as_name(new)} {_short(now)}: changed since the run began" if new else "none any more",
        "not-checked",
        path,
    )
    return (check,), (ReviewSection("Its checks are others than when the run began", _difference(was, (new, now))),)


def _first(files: Mapping[str, bytes]) -> Found:
    return next(iter(files.items()), NO_CHECKS)


def _at_base(run: OpenRun, runbook: str, judged: Mapping[str, bytes]) -> Found:
    base, git = run.state.start.base, run.doors.git
    for path, entry in git.tree_entries(base, checks_beside(runbook)).items():
        if entry.blob is not None:
            same = path in judged and blob_id(judged[path], entry.blob) == entry.blob
            return path, judged[path] if same else git.blob(base, path) or b""
    return NO_CHECKS


def _difference(was: Found, now: Found) -> str:
    old, new = (data.decode("utf-8", "backslashreplace") for _path, data in (was, now))
    return code_block(text_difference(old, new, f"a/{was[0] or MISSING}", f"b/{now[0] or MISSING}"), "diff")


def _short(data: bytes) -> str:
    return sha256(data)[:SHORT]


def _how(here: bytes | None, head: str | None) -> str:
    if here is None:
        return "was deleted here"
    return "is not committed" if head is None else "differs from HEAD"


def _what_to_do(path: str, here: bytes | None, head: str | None) -> str:
    name = path_word(path)
    if here is None:
        return f"git restore -- {name}   # puts it back\n      git rm -- {name} && git commit   # or takes it away"
    look = f"cat -- {name}" if head is None else f"git -P diff HEAD -- {name}"
    return f"{look}   # look\n      git add -- {name} && git commit -m {quote('Checks')} -- {name}   # or takes it over"
