"""Which tree entries does a task's commit hold, and are they as they were shown? Path, mode, type and blob of each.

Rules:
- Runs of format 1 have none: of those only the artifacts' bytes are under the digest, as 0.1 had it.
- Runbook, working log and journal are written after the approval: their path, mode and type are approved as they are.
  The bytes of the runbook and of the journal follow from the journal. Of the log it is said which blob it was when it
  was shown, without this task's entry (`before`; none where there was no log yet).
- A change of mode or type, a removal, and a log that people wrote in and did not commit, are shown beside the work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from phases.documents.markdown import code
from phases.step import Check, ReviewSection
from state.counted import counted
from state.errors import Problem, StepFailed
from state.files import blob_id
from state.line_endings import turned_like
from state.model import PlannedTask
from state.outside_file import read_outside
from state.path_word import path_word
from state.printable import as_name
from state.run_state import RunState
from state.tree_entry import KINDS, PLAIN, TreeEntry, difference
from workflow.engine.log_parts import is_head, part_among, part_for
from workflow.engine.open_run import OpenRun
from workflow.engine.stored_files import refused_programs, stored_otherwise
from workflow.engine.working_log import as_shown
from workflow.runs.git_attributes import own_attributes
from workflow.trailers import ATTRIBUTES, run_files


def paths_with(workspace: Path, log: str, run: RunState, artifacts: Iterable[str]) -> list[str]:
    """Workspace paths of the commit of a task that left these artifacts, each once, in order."""
    ours = [run.journal, run_files(run.run_id)[1], *own_attributes(workspace)]
    return list(dict.fromkeys([run.start.runbook, log, *artifacts, *ours]))


class TreeEntries:
    """The tree entries of one run's commits."""

    def __init__(self, run: OpenRun) -> None:
        self._run = run
        self._workspace = run.workspace
        self._git = run.doors.git
        self._log, self._runbook = run.workflow.log, run.plan.runbook  # of the log its first part

    def of_task(self, task: str, artifacts: Iterable[str]) -> tuple[TreeEntry, ...]:
        """What the commit of a task (its key) that left these artifacts would hold."""
        log = part_for(self._workspace, self._log, self._run.state, task)
        return self.now(task, paths_with(self._workspace, log, self._run.state, artifacts))

    def now(self, task: str, paths: Sequence[str]) -> tuple[TreeEntry, ...]:
        """What the commit of this task (its key) would hold at these paths, as far as it is there to be approved."""
        journal, log = self._run.state.journal, part_among(self._log, paths)
        late = (journal, log, self._runbook)  # written after the approval
        found = dict(self._git.entries(paths, unread=(journal,), later=(log, self._runbook)))
        found |= {path: replace(found[path], blob=None) for path in late if path in found}
        held = self._git.tree_entries(self._git.head(), paths)
        found |= {path: replace(found[path], committed=found[path] == held[path]) for path in paths if path not in late}
        if log in found:
            found[log] = self._log_entry(task, found[log])
        return tuple(found.values())

    def require_fit(self, entries: Iterable[TreeEntry]) -> None:
        """Raise StepFailed for entries that nobody can approve: a directory or another repository in a file's place.

        A link is fit where git holds one and cannot make it here; one on the disk would be read elsewhere.
        """
        wrong = [each for each in entries if each.type not in KINDS or (self._workspace / each.path).is_symlink()]
        if wrong:
            raise StepFailed(
                f"{counted(len(wrong), 'path')} of the commit {'is no file' if len(wrong) == 1 else 'are no files'}, "
                "and nobody can approve that",
                problems=[Problem(as_name(entry.path), f"is {entry.words}, expected a file") for entry in wrong],
                next_command=(
                    f"ls -ld -- {path_word(wrong[0].path)}   # put a file in its place, then: phasegate resume"
                ),
            )

    def stored(self, task: PlannedTask, entries: Sequence[TreeEntry]) -> tuple[list[Check], list[ReviewSection]]:
        """What is shown of the files that git stores otherwise than they are.

        Raises StepFailed for those that nobody can approve, the runbook and the working log among them.
        """
        since = self._run.state.task(task.key).compared_with
        checks, shown, problems, way_on = stored_otherwise(self._git, entries, since)
        late = [self._runbook, part_among(self._log, (each.path for each in entries))]
        for why, how in ((problems, way_on), refused_programs(self._git, late)):
            if why:
                raise StepFailed(
                    f"task {task.label}: a filter would change {counted(len(why), 'file')} of its commit on the way "
                    "into git: what is looked at is not what would be committed",
                    problems=why,
                    next_command=how,
                )
        return checks, shown

    def changes(self, task: str, approved: Sequence[TreeEntry]) -> list[tuple[str, str]]:
        """Path and what is not as it was shown, of each that differs."""
        now = {entry.path: entry for entry in self.now(task, [entry.path for entry in approved])}
        ours = {*run_files(self._run.run_id), ATTRIBUTES}
        found = []
        for entry in approved:
            seen = now[entry.path]
            if why := difference(entry, seen):
                found.append((entry.path, why))
            elif entry.before != seen.before:
                found.append((entry.path, f"{as_name(entry.path)} was changed: somebody wrote in it"))
            elif entry.committed != seen.committed and entry.path not in ours:
                found.append((entry.path, self._committed_elsewhere(seen)))
        return found

    def _committed_elsewhere(self, seen: TreeEntry) -> str:
        """Who made HEAD hold what waits, or hold it no more. By ancestry: no date says when that was."""
        by = self._git.last_change(seen.path, self._git.head())[:10]
        what = "committed" if seen.committed else "taken out of HEAD or put into it otherwise"
        return f"{as_name(seen.path)} was {what} by {by}, which is not the run's, while it waited"

    def intended(self, approved: Sequence[TreeEntry]) -> list[TreeEntry]:
        """What the commit must hold, once runbook and log are written: as approved, with the blobs of those two."""
        late = [self._runbook, part_among(self._log, (each.path for each in approved))]
        written = self._git.entries(late)
        return [
            replace(each, blob=written[each.path].blob, before=None) if each.path in late else each for each in approved
        ]

    # --- what an approver is shown ---------------------------------------------------------------------------------

    def to_show(self, task: str, entries: Sequence[TreeEntry]) -> tuple[list[Check], list[ReviewSection]]:
        """What the entries change beside bytes, against HEAD; checks where only a person can judge it."""
        head = self._git.head()
        held = self._git.tree_entries(head, [entry.path for entry in entries])
        lines = [f"- {line}" for entry in entries if (line := _said_of(entry, held[entry.path]))]
        shown = [ReviewSection("Modes, types and removals", "\n".join(lines))] if lines else []
        log = part_among(self._log, held)
        edit = self._log_edit(task, head, held[log])
        if not edit:
            return [], shown
        # "not-checked": a policy opens no gate behind which something lies that only a person can judge
        check = Check("edit of the working log", "seen by a person", "its difference is shown", "not-checked")
        return [check], [*shown, ReviewSection(f"Edit of {log}, in no commit yet", edit)]

    def _log_edit(self, task: str, head: str, held: TreeEntry) -> str:
        """The difference between the log in HEAD and the one here, both without this task's entry; "" for none."""
        here = self._log_as_shown(task, held.path)
        if here is not None and blob_id(here, head) == held.blob:
            return ""  # nearly always
        before = None
        if held.blob is not None:
            before = self._without_entry(task, self._git.blob(head, held.path))
        if here is not None and before is not None:
            before = turned_like(before, here)
        if here == before:
            return ""
        from workflow.engine.check_runbook_edit import difference  # here: nearly never

        return difference(before or b"", here or b"")

    def _log_entry(self, task: str, found: TreeEntry) -> TreeEntry:
        """The log's entry: one that is not there yet will be written, as an ordinary file."""
        if found.type == "missing":
            return TreeEntry(found.path, PLAIN, "file", None)
        if found.type != "file":
            return found
        data = self._log_as_shown(task, found.path)
        return replace(found, before=None if data is None else blob_id(data, self._run.state.start.base))

    def _log_as_shown(self, task: str, log: str) -> bytes | None:
        try:
            data = read_outside(self._workspace / log, "working log", limit=None, name=log)
        except FileNotFoundError:
            return None
        return self._without_entry(task, data)

    def _without_entry(self, task: str, data: bytes | None) -> bytes | None:
        return as_shown(data, title=self._run.plan.title, run_id=self._run.run_id, task=task, is_head=is_head)


def _said_of(entry: TreeEntry, held: TreeEntry) -> str:
    """What the commit changes at a path beside bytes; "" for a file that stays what it was, or is new and ordinary."""
    name = code(as_name(entry.path))
    if (entry.mode, entry.type) == (held.mode, held.type):
        return ""
    if entry.type == "missing":
        return f"{name} is removed; it was {held.words}"
    if held.type == "missing":
        return "" if entry.is_ordinary else f"{name} is new: {entry.words}"
    return f"{name} was {held.words}, and becomes {entry.words}"
