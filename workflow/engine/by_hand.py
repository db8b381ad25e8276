"""How is work that a person does taken in? For every task without a step of phasegate's own.

Rules:
- The person does the work, in the repository or elsewhere; they say when it is done and name the files that belong to
  it. Nothing else of theirs is ever committed.
- What changed is told from a snapshot of the working tree that the journal has from the task's beginning.
- Handing in is an event: a resumed run asks neither for the work nor for its answers again.
- Commands of the task are offered, never run unasked: see `phases.manual.hand_work`. They come first, then the files,
  then the evidence: what a command writes can be handed in, and no file changes after its digest was taken.
- Without a terminal the run pauses (exit 3), and `phasegate done` hands the work in.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from shlex import quote

from phases.manual.hand_work import check_work, may_run, report_paths
from phases.step import AfterCrash, Check, ReviewSection, Step, StepContext, Work
from state.errors import BadInput, Problem, Waiting
from state.event_types import Snapshot
from state.evidence import By
from state.model import PlannedTask
from state.printable import printable_line
from state.task_state import TaskState
from state.utf8 import is_utf8
from workflow.engine.open_run import OpenRun
from workflow.engine.step_context import EngineContext
from workflow.ports import Elsewhere, HandIn, HandView, Note


class ByHand:
    """The manual tasks of a run. A rehearsal hands in nothing, unasked; `yes` alone waits for people.

    Attributes:
        given: what `phasegate done` hands in, and who, until it is recorded.
    """

    def __init__(self, run: OpenRun) -> None:
        self.given: tuple[HandIn, By | None] | None = None
        self._run = run

    def step(self, task: PlannedTask) -> Step:
        """The task's work as a step: it takes in what was handed in, and looks at it."""

        def take_in(ctx: StepContext) -> Work:
            """Done by hand."""
            assert isinstance(ctx, EngineContext)
            return self._take_in(task, ctx)

        return Step(task.id, task.title, (), report_paths(self._run.workflow.log, task), AfterCrash.REDO, take_in)

    def is_handed_in(self, task: PlannedTask, state: TaskState, commands: Callable[[], Sequence[Check]]) -> bool:
        """Whether this attempt's work has been handed in; asks for it where somebody can be asked.

        `commands` runs the task's, and tells what they came to.

        What `phasegate done` brings comes before what was handed in earlier in this attempt. False when something else
        was said; then the task's state has to be looked at again. Raises Waiting when nobody can be asked, BadInput as
        `accept`, and what `commands` raises.
        """
        if self.given is not None and (state.handed_in is None or self.given[0].paths or self.given[0].skip):
            (given, by), self.given = self.given, None
            runs = may_run(task, self._run.settings.answers) and not given.skip
            self._take(task, given, by, commands if runs else None)
        if state.handed_in is not None:
            return True
        if self._run.rehearses:
            self._record(task, HandIn((), "--yes"))
            return True
        if task.kind == "checkpoint" and not self._changes(state) and self._leave_no_file(state, commands):
            self._record(task, HandIn((), "checkpoint"))
            return True
        return self._ask(task, state, commands)

    def _ask(self, task: PlannedTask, state: TaskState, commands: Callable[[], object]) -> bool:
        seen = len(self._run.journal.events)
        with self._run.journal.released() as decided:
            said = self._run.doors.person.work(self._view(task, state, decided))
        others = self._run.merge_foreign_events(seen)
        if any(event.type != "noted" for event in others):
            return False  # somebody else took the task on; what was said here comes too late
        match said:
            case HandIn():
                if not said.skip and self._change_more(task, state, said, commands):
                    return False  # what the commands changed is in nobody's list yet: the files are asked for again
                self._record(task, said)
                return True
            case Note(text):
                self._run.record("noted", text=text, task=task.key)
            case Elsewhere():
                pass
            case _:
                raise self._parked(task)
        return False

    def _take(self, task: PlannedTask, given: HandIn, by: By | None, commands: Callable[[], object] | None) -> None:
        """Record what `phasegate done` hands in; with commands that are to be run, as it is after those.

        Raises as `accept`, before anything is recorded or run where that can be told then.
        """
        if commands is not None:
            self.accept(task, given, may_come=True)
        if commands is not None and (given.paths is None or not self._are_there(task, given)):
            commands()  # what they write decides what is handed in
            commands = None
        self._record(task, given, by)
        if commands is not None:
            before = self._run.state.task(task.key).handed_in_paths
            commands()
            if set(self.accept(task, given)) != set(before):  # a directory holds more now
                self._record(task, given, by)

    def _are_there(self, task: PlannedTask, given: HandIn) -> bool:
        """Whether something was changed already at each of the paths that are named."""
        changed = self._changes(self._run.state.task(task.key))
        return all(_at_or_below(path, changed) for path in given.paths or ())

    def _leave_no_file(self, state: TaskState, commands: Callable[[], Sequence[Check]]) -> bool:
        """Run a checkpoint's tests; whether nobody has to be asked about files: none changed, or a test failed.

        In runs of 0.1 nothing is asked, and the tests run once that is recorded, as they did.
        """
        return (
            self._run.state.is_of_0_1
            or any(check.verdict == "fail" for check in commands())
            or not self._changes(state)
        )

    def _change_more(self, task: PlannedTask, state: TaskState, said: HandIn, commands: Callable[[], object]) -> bool:
        """Run the task's commands; whether files are changed now that were not before. Raises as `accept`."""
        if not task.commands and task.kind != "checkpoint":
            return False
        self.accept(task, said)
        before = set(self._changes(state))
        commands()
        more = sorted(set(self._changes(state)) - before)
        if more:
            told = f"the commands of {task.label} changed {', '.join(more)}: name the files again"
            self._run.doors.person.progress(told)
        return bool(more)

    def _record(self, task: PlannedTask, given: HandIn, by: By | None = None) -> None:
        paths = self.accept(task, given)
        extra: dict[str, object] = {"skip": given.skip} if given.skip else {}
        if not self._run.state.is_of_0_1:
            extra["terminal"] = given.via != "done" and self._run.doors.person.at_terminal
        said = given.via not in ("--yes", "checkpoint")  # what nobody said comes about again
        self._run.record("handed-in", paths=list(paths), via=given.via, sync=said, **extra, by=by)

    def accept(self, task: PlannedTask, given: HandIn, *, may_come: bool = False) -> Sequence[str]:
        """The files that belong to the work; a directory stands for what changed in it.

        With `may_come` a file that is not changed yet may be: commands are still to be run.

        Raises BadInput for a path that was not changed since the task began or that is phasegate's own to write, for
        changes when it was not said whether they belong, and for a task that may not be skipped; WorkspaceRefused as
        `Git.preflight`.
        """
        state = self._run.state.task(task.key)
        if given.skip:
            if not task.optional:
                raise BadInput(
                    f"task {task.label} is not optional, so it cannot be skipped",
                    next_command=f"phasegate done {self._run.run_id} --path FILE   # when it is done; --no-files where "
                    f"it left none\n      phasegate abort {self._run.run_id} --reason TEXT   # or ends the run",
                )
            return ()
        if given.paths is not None and not given.paths:
            return ()
        changed = self._changes(state)
        if given.paths is None:
            if changed:
                raise BadInput(
                    f"{len(changed)} files changed since task {task.label} began, and it was not said whether they "
                    "belong to it:",
                    body="\n".join(f"  {printable_line(path)}" for path in changed),
                    next_command=f"phasegate done {self._run.run_id} {_one_of(changed)}",
                )
            return ()
        files: dict[str, None] = {}
        problems = []
        for path in given.paths:
            files |= dict.fromkeys(_at_or_below(path, changed) or ([] if may_come else [path]))
        if files:
            self._run.doors.git.preflight(list(files), self._run.plan.runbook, resuming=True)
        for path in files:
            if not is_utf8(path):
                problems.append(Problem(path, "has a name that is not UTF-8, so no log can hold it: rename it"))
            elif path in self._own(task):
                problems.append(Problem(path, "is phasegate's own to write"))
            elif path not in changed:
                there = os.path.lexists(self._run.workspace / path)
                why = f"was not changed since task {task.label} began" if there else "is not there"
                problems.append(Problem(path, why))
        if problems:
            raise BadInput(
                f"task {task.label} cannot be handed in with these files; "
                + (
                    f"changed since it began: {', '.join(changed)}" if changed else "nothing was changed since it began"
                ),
                problems=problems,
                next_command=f"phasegate done {self._run.run_id} {_one_of(changed)}",
            )
        return list(files)

    # --- what is looked at -----------------------------------------------------------------------------------------

    def _take_in(self, task: PlannedTask, ctx: EngineContext) -> Work:
        event = self._run.state.task(task.key).handed_in
        assert event is not None
        who, via = event.by.git, event.via
        if reason := event.skip:
            return Work(
                data={"skipped": reason}, review=[ReviewSection("Skipped", f"{reason}\n\nSaid by {who} ({via}).")]
            )
        checks = check_work(task, ctx, runbook=self._run.plan.runbook, log=self._run.workflow.log)
        reports = dict(ctx.artifacts)
        ctx.artifacts.clear()
        for path in event.paths:
            ctx.take_in(path)
        ctx.artifacts.update(reports)
        checks += self._left_out(task, event.paths)
        how = f"{task.text}\n\nHanded in by {who} ({via}) with {len(event.paths)} files."
        return Work(checks=checks, review=[ReviewSection("What was to be done", how)])

    def _left_out(self, task: PlannedTask, named: Sequence[str]) -> list[Check]:
        """What is said of files that nobody named, where a command ran, which may have changed them."""
        state = self._run.state.task(task.key)
        if not state.effects or self._run.state.is_of_0_1:
            return []
        left = [path for path in self._changes(state) if path not in named]
        seen = f"{', '.join(left)}: nobody named them, so they stay out of the commit"
        return [Check("files that changed", "in the commit", seen, "note")] if left else []

    def _changes(self, state: TaskState) -> list[str]:
        """What changed since the task began, but for the files that phasegate itself writes."""
        own = self._own(self._run.plan.task(state.key))
        return [path for path in self._run.doors.git.changes(self._before(state)) if path not in own]

    def _before(self, state: TaskState) -> Snapshot:
        """What the task began from; for one that nobody was to work at (`--yes`), all that is not committed counts."""
        return state.before or Snapshot(self._run.doors.git.head(), {})

    def _own(self, task: PlannedTask) -> set[str]:
        return self._run.workflow.paths(self._run.plan.runbook) | set(report_paths(self._run.workflow.log, task))

    def _view(self, task: PlannedTask, state: TaskState, decided: object) -> HandView:
        before = self._before(state)
        return HandView(
            run_id=self._run.run_id,
            task=task,
            attempt=state.attempt,
            refusals=tuple(state.refusals),
            changed=lambda: self._changes(state),
            diff=lambda paths: self._run.doors.git.diff(list(paths), before.head),
            decided=decided,  # type: ignore[arg-type]
        )

    def _parked(self, task: PlannedTask) -> Waiting:
        run_id = self._run.run_id
        return Waiting(
            f"task {task.label} is to be done by hand:",
            body=f"\n{task.text.rstrip()}\n",
            next_command=_how_to_hand_in(run_id, task, asked_to_rehearse=self._run.settings.yes),
        )


def _one_of(changed: Sequence[str]) -> str:
    """The option by which one of these files is named, or none."""
    named = (f"--path {quote(path)}   # or --no-files" for path in changed if is_utf8(path))
    return next(named, "--no-files")


def _at_or_below(path: str, changed: Sequence[str]) -> list[str]:
    """What was changed of a file, or in a directory."""
    return [each for each in changed if each == path or path == "." or each.startswith(f"{path}/")]


def _how_to_hand_in(run_id: str, task: PlannedTask, *, asked_to_rehearse: bool) -> str:
    lines: Iterable[str] = (
        f"phasegate done {run_id} --path FILE   # when it is done; --no-files where it left none",
        *((f"phasegate done {run_id} --skip REASON   # it is optional",) if task.optional else ()),
        *((f"phasegate resume {run_id} --yes --practice   # a rehearsal, in a copy",) if asked_to_rehearse else ()),
    )
    return "\n      ".join(lines)
