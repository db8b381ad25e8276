"""Which files belong to work that is handed in, and why are others refused? What changed since its task began."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from pathlib import PurePosixPath

from phases.manual.hand_work import report_paths
from state.counted import counted
from state.errors import BadInput, Problem
from state.event_types import Snapshot
from state.model import PlannedTask
from state.outside_file import INPUT, read_if_there
from state.path_word import path_word
from state.printable import as_name, as_names
from state.task_state import TaskState
from state.utf8 import is_utf8
from workflow.engine.answers_files import answers_files
from workflow.engine.log_parts import own_parts
from workflow.engine.older_changes import older_changes
from workflow.engine.open_run import OpenRun
from workflow.engine.stored_files import refused_programs
from workflow.ports import HandIn
from workflow.trailers import RUN

MODULES = ".gitmodules"
BY_YOURSELF = "which no run takes in: commit it by yourself"
SUBMODULE = f"is another repository (a submodule, a nested one), {BY_YOURSELF}"
FEW = 5  # files that a command which is suggested names


class HandedFiles:
    """The files of the manual tasks of a run."""

    def __init__(self, run: OpenRun) -> None:
        self._run = run
        self._answers_files()  # this command's is one from now on, whatever becomes of the command

    def changes(self, state: TaskState) -> list[str]:
        """What changed since the task began, but for what phasegate writes, other runs did, or gave answers."""
        before = self.before(state)
        left_out = self._own(self._run.plan.task(state.key)) | self._of_other_runs(before) | self._answers_files()
        return [path for path in self._run.doors.git.changes(before) if path not in left_out]

    def _of_other_runs(self, before: Snapshot) -> set[str]:
        """The files that only other runs committed since, and that are as they committed them."""
        git = self._run.doors.git
        head = git.head()
        if head == before.head or self._run.state.is_of_0_1:
            return set()
        theirs, others = set[str](), set[str]()
        for commit in git.find_commits({}, before.head):
            runs = commit.trailers.get(RUN, ())
            (theirs if runs and self._run.run_id not in runs else others).update(commit.paths)
        found = theirs - others
        return found.difference(git.changes(Snapshot(head, {}))) if found else found

    def before(self, state: TaskState) -> Snapshot:
        """What the task began from; for one that nobody was to work at (`--yes`), all that is not committed counts."""
        return state.before or Snapshot(self._run.doors.git.head(), {})

    def _own(self, task: PlannedTask) -> set[str]:
        log = self._run.workflow.log
        own = own_parts(self._run.workspace, log)
        return self._run.workflow.paths(self._run.plan.runbook) | own | set(report_paths(log, task))

    def _answers_files(self) -> set[str]:
        """The files of `--answers` of this command and of earlier ones, where they lie in the repository."""
        return set() if self._run.state.is_of_0_1 else answers_files(self._run)

    def accept(self, task: PlannedTask, given: HandIn, *, may_come: bool = False) -> Sequence[str]:
        """The files that belong to the work; a directory stands for what changed in it since the task began.

        A file that was changed before that, and is not committed, belongs to it when it is named itself.

        With `may_come` a file that is not changed yet may be: commands are still to be run.

        Raises BadInput for a path that was not changed since the task began or that is phasegate's own to write, for
        changes when it was not said whether they belong, and for a task that may not be skipped; WorkspaceRefused as
        `Git.preflight`.
        """
        state = self._run.state.task(task.key)
        if given.skip:
            self._require_optional(task, given.options)
            return ()
        if given.paths is None:
            self._require_unchanged(task, self.changes(state), given.options)
        if not given.paths:
            return ()
        changed = self.changes(state)
        files, problems = self._named(task, given.paths, changed, may_come=may_come)
        unfit = [Problem(as_name(path), why) for path in files if (why := self._why_unfit(path))]
        if files and not unfit:
            told = set(changed).difference(self.before(state).dirty)  # what was dirty before may be ignored by now
            self._run.doors.git.preflight(files, self._run.plan.runbook, resuming=True, changed=told)
        known = _Known(self._own(task), frozenset(changed), lambda: older_changes(self._run, given.paths or ()))
        reasons = ((path, self._why_not_taken(path, task, known)) for path in files)
        problems += unfit or [Problem(as_name(path), why) for path, why in reasons if why]
        if problems:
            raise BadInput(
                f"task {task.label} cannot be handed in with these files; "
                + (f"changed since it began: {as_names(changed)}" if changed else "nothing was changed since it began"),
                problems=problems,
                next_command=self._once_more(given.options, changed, _all_right(given.paths, changed, problems)),
            )
        self._require_stored_as_they_are(task, files)
        return files

    def _require_stored_as_they_are(self, task: PlannedTask, files: Sequence[str]) -> None:
        """Raise BadInput for files of which a program would store something else: see `stored_files`."""
        if self._run.state.is_of_0_1:
            return
        problems, way_on = refused_programs(self._run.doors.git, files)
        if problems:
            raise BadInput(
                f"task {task.label} cannot be handed in with {counted(len(problems), 'file')} that a filter would "
                "change on the way into git: what is looked at is not what would be committed",
                problems=problems,
                next_command=way_on,
            )

    def _require_optional(self, task: PlannedTask, options: str) -> None:
        """Raise BadInput for a task that may not be skipped."""
        if not task.optional:
            raise BadInput(
                f"task {task.label} is not optional, so it cannot be skipped",
                next_command=f"phasegate done {self._run.run_id} {options}--path FILE   # when it is done; --no-files "
                f"where it left none\n      phasegate abort {self._run.run_id} --reason TEXT   # or ends the run",
            )

    def _require_unchanged(self, task: PlannedTask, changed: Sequence[str], options: str) -> None:
        """Raise BadInput for changes of which nobody said whether they belong to the task."""
        if changed:
            raise BadInput(
                f"{counted(len(changed), 'file')} changed since task {task.label} began, and it was not said "
                f"whether {'it belongs' if len(changed) == 1 else 'they belong'} to the task:",
                body="\n".join(f"  {as_name(path)}" for path in changed),
                next_command=self._once_more(options, changed),
            )

    def _once_more(self, options: str, changed: Sequence[str], right: Sequence[str] = ()) -> str:
        """The order once more with all else that was typed, with the files that were right, else with changed ones."""
        fit = [path for path in changed if "\n" not in path and not self._why_unfit(path)]
        files = " ".join(f"--path {path_word(path)}" for path in right) or _those(fit)
        return f"phasegate done {self._run.run_id} {options}{files}"

    def _named(
        self, task: PlannedTask, paths: Sequence[str], changed: Sequence[str], *, may_come: bool
    ) -> tuple[Sequence[str], list[Problem]]:
        """The files that the paths stand for, each once, and the directories that stand for nothing."""
        files: dict[str, None] = {}
        problems = []
        for path in paths:
            inside = at_or_below(path, changed)
            if not inside and not may_come and (why := self._why_empty(path, task)):
                problems.append(Problem(as_name(path), why))
            else:
                files |= dict.fromkeys(inside or ([] if may_come and not _why_never(path, self._own(task)) else [path]))
        return list(files), problems

    def _why_unfit(self, path: str) -> str:
        """Why nobody could approve this path as a file: a link, another repository's, what says where others are."""
        workspace = os.fspath(self._run.workspace)
        for parent in reversed(PurePosixPath(path).parents[:-1]):
            if os.path.islink(f"{workspace}/{parent}"):  # noqa: PTH114 - of ten thousand files, a Path each is much
                return f"goes through the symbolic link {as_name(str(parent))}: what lies behind one is not committed"
            if os.path.lexists(f"{workspace}/{parent}/.git"):
                return f"lies in another repository, {as_name(str(parent))}, and is committed there"
        if os.path.islink(f"{workspace}/{path}"):  # noqa: PTH114
            target = os.readlink(f"{workspace}/{path}")  # noqa: PTH115
            return f"is a symbolic link -> {as_name(target)}, {BY_YOURSELF}, or put a file in its place"
        if path == MODULES and (new := self._new_submodules()):
            return f"says where {as_names(new)} comes from, another repository, {BY_YOURSELF}"
        return ""

    def _new_submodules(self) -> list[str]:
        """The paths of submodules that are named, and that HEAD has not."""
        data = read_if_there(self._run.workspace / MODULES, "file", limit=INPUT, name=MODULES) or b""
        lines = data.decode("utf-8", "replace").split("\n")
        named = [line.partition("=")[2].strip() for line in lines if line.strip().startswith("path")]
        git = self._run.doors.git
        held = git.tree_entries(git.head(), named) if named else {}
        return [path for path in named if held[path].type != "submodule"]

    def _why_not_taken(self, path: str, task: PlannedTask, known: _Known) -> str:
        """Why this file cannot be handed in; "" where it can."""
        if never := _why_never(path, known.own):
            return never
        if path in known.changed or path in known.older:
            return ""
        there = os.path.lexists(self._run.workspace / path)
        return f"was not changed since task {task.label} began" if there else "is not there"

    def _why_empty(self, path: str, task: PlannedTask) -> str:
        """Why nothing in that directory can be handed in; "" for what is no directory."""
        place = self._run.workspace / path
        if place.is_symlink() or not place.is_dir():
            return ""
        if path != "." and (place / ".git").exists():
            return SUBMODULE
        return f"holds nothing that was changed since task {task.label} began"


class _Known:
    """What is known once for all files of a hand-in: phasegate's own, those changed since, and, once asked, before."""

    def __init__(self, own: Collection[str], changed: Collection[str], older: Callable[[], Collection[str]]) -> None:
        self.own, self.changed = own, changed
        self._older = older

    @cached_property
    def older(self) -> Collection[str]:
        return self._older()


def _why_never(path: str, own: Collection[str]) -> str:
    """Why no file of this name can be handed in, whatever is still to come; "" where one can."""
    if not is_utf8(path):
        return "has a name that is not UTF-8, so no log can hold it: rename it"
    return "is phasegate's own to write" if path in own else ""


def _those(changed: Sequence[str]) -> str:
    """The options by which these files are named, a few of many; or none."""
    named = [f"--path {path_word(path)}" for path in changed if is_utf8(path)][:FEW]
    only = "only those that belong to the task; " if len(named) > 1 else ""
    return f"{' '.join(named)}   # {only}or --no-files" if named else "--no-files"


def _all_right(named: Sequence[str], changed: Sequence[str], problems: Sequence[Problem]) -> list[str]:
    """Those of the named paths of which these problems say nothing, of what lies below them neither."""
    wrong = {problem.where for problem in problems}
    return [path for path in named if wrong.isdisjoint(map(as_name, [path, *at_or_below(path, changed)]))]


def at_or_below(path: str, changed: Sequence[str]) -> list[str]:
    """What was changed of a file, or in a directory."""
    return [each for each in changed if each == path or path == "." or each.startswith(f"{path}/")]
