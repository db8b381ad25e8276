"""How is work that a person does taken in? For every task without a step of phasegate's own.

Rules:
- The person does the work, in the repository or elsewhere; they say when it is done and name the files that belong to
  it. Nothing else of theirs is ever committed.
- What changed is told from a snapshot of the working tree that the journal has from the task's beginning.
- Handing in is an event: a resumed run asks neither for the work nor for its answers again.
- Commands of the task are offered, never run unasked: see `phases.manual.hand_work`. They come first, then the files,
  then the evidence: what a command writes can be handed in, and no file changes after its digest was taken. Where they
  were begun, a resumed run goes on with them before it asks for anything else.
- Without a terminal the run pauses (exit 3), and `phasegate done` hands the work in.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from gates.fields import DATA as FIELDS
from phases.checks.applying import applying
from phases.checks.profiles import chosen
from phases.manual.boxes import box_checks
from phases.manual.earlier_runs import earlier_runs, other_sections, run_data
from phases.manual.hand_work import check_work, command_endings, may_run, report_paths, report_runs
from phases.manual.script_questions import question_name
from phases.manual.script_report import command_data, sections
from phases.step import AfterCrash, Check, ReviewSection, Step, StepContext, Work
from state.counted import counted
from state.errors import Waiting
from state.event_types import Event, HandedIn
from state.evidence import AGENT, By
from state.model import PlannedTask
from state.printable import as_name, as_names, printable
from state.task_boxes import boxes_of
from state.task_events import LEFT_OUT_VIA, HandedInVia
from state.task_fields import fields_of
from state.task_state import BY_PROGRAM, TaskState
from workflow.engine.box_answers import BoxAnswers
from workflow.engine.conditions import why_left_out
from workflow.engine.field_answers import fill_in
from workflow.engine.handed_files import HandedFiles, at_or_below
from workflow.engine.in_order import InOrder
from workflow.engine.older_changes import older_changes, older_shown
from workflow.engine.open_run import OpenRun
from workflow.engine.profile_in_force import ProfileInForce
from workflow.engine.said_done import done_question, is_said_done, record_done, takes_back, tell_said_done
from workflow.engine.step_context import EngineContext, context_for
from workflow.ports import Elsewhere, Finished, HandIn, HandView, Note, Pause
from workflow.runbook.above import no_go, said_above
from workflow.runs.checks_beside import checks_in
from workflow.views.as_written import as_written
from workflow.views.boxes import asked_beside_files
from workflow.views.leaves_out import text_left_out
from workflow.views.left_out import steps_beside
from workflow.views.place import place_of
from workflow.views.sent_back import why_once_more

NEXT_LOOK = 10.0  # [s] after which what waits for somebody elsewhere is looked at again


class ByHand:
    """The manual tasks of a run. A rehearsal hands in nothing, unasked; `yes` alone waits for people.

    Attributes:
        given: what `phasegate done` hands in, and who, until it is recorded.
        boxes: the answers to the boxes of a task, each by itself.
        order: in which boxes and fields are asked for between its commands.
    """

    def __init__(self, run: OpenRun) -> None:
        self.given: tuple[HandIn, By | None] | None = None
        self.boxes = BoxAnswers(run)
        self.order = InOrder(run, self.boxes)
        self._files = HandedFiles(run)
        self._profile = ProfileInForce(run)
        self._run = run
        self._accepted: Event | None = None  # the hand-in of which all files were there when it was recorded

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
        `HandedFiles.accept`, and what `commands` raises.
        """
        if self.given is not None and self._is_taken(state, self.given[0]):
            (given, by), self.given = self.given, None
            runs = may_run(task, self._run.settings.answers) and not given.skip
            self._take(task, given, by, commands if runs else None)
        if state.handed_in is not None:
            self.boxes.record_given(task)
            self._take_what_came(task, state, commands)
            return True
        if unasked := self._handed_in_unasked(task, state, commands):
            by_nobody = replace(self._run.doors.me, git=LEFT_OUT_VIA) if unasked.via == LEFT_OUT_VIA else None
            self._record(task, unasked, by_nobody)
            return True
        if not is_said_done(self._run, task, state) and self._has_begun_commands(task, state):
            commands()
        self._record_kept(task)
        return self._ask(task, state, commands)

    def _handed_in_unasked(
        self, task: PlannedTask, state: TaskState, commands: Callable[[], Sequence[Check]]
    ) -> HandIn | None:
        """What is handed in without asking for the work: in a rehearsal, where it is left out, at a checkpoint."""
        context = context_for(self._run, task, self.step(task))
        by_person: HandedInVia = "prompt" if self._run.doors.person.at_terminal else "done"
        via: HandedInVia = "--yes" if self._run.rehearses else by_person
        self.boxes.left_out = self._profile.left_out(task, lambda: context)
        if self._profile.leaves_out(task, lambda: context) and not self._files.changes(state):
            return HandIn((), LEFT_OUT_VIA)
        if why := why_left_out(self._run, task, context):
            return HandIn((), via, why)
        if self._run.rehearses:
            return HandIn((), "--yes")
        if task.kind == "checkpoint" and not self._files.changes(state) and self._leave_no_file(state, commands):
            return HandIn((), "checkpoint")
        return None

    def _has_begun_commands(self, task: PlannedTask, state: TaskState) -> bool:
        """Whether something was said of the task's commands in this attempt, or one was run; never in runs of 0.1."""
        names = tuple(question_name(task, number) for number in range(1, len(task.commands) + 1))
        said = any(asked.startswith(names) for asked in state.answers)
        return (said or bool(state.effects)) and not self._run.state.is_of_0_1

    def _ask(self, task: PlannedTask, state: TaskState, commands: Callable[[], object]) -> bool:
        said = self._done_or_say(task, state)
        if isinstance(said, Finished):
            commands()
            while takes_back(self._run, task, context_for(self._run, task, self.step(task))):
                commands()
            said = self._say(task, state, names_files=True)
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
            case Pause():  # whoever said so has the task in front of them
                raise Waiting(
                    f"paused: {task.in_words} is to be done by hand",
                    next_command=f"phasegate resume {self._run.run_id}   # shows it again",
                )
            case _:
                raise self._parked(task, state)
        return False

    def _record_kept(self, task: PlannedTask) -> None:
        """Record what is kept of an attempt that was ended to ask something again: the work may come in much later.

        But for what was said of commands and of boxes, and that the work is done: these have their own place.
        """
        for name in sorted(self._run.kept.difference({done_question(task)})):
            if name not in self._run.state.task(task.key).answers:
                via = self._run.given_via(name)
                self._run.record("answered", question=name, answer=self._run.settings.answers[name], via=via)
        self._run.kept = frozenset()

    def _done_or_say(self, task: PlannedTask, state: TaskState) -> HandIn | Finished | Note | Pause | Elsewhere | None:
        """What a person says of the task; that it is done is said once in an attempt, and its commands come next."""
        if is_said_done(self._run, task, state):
            tell_said_done(self._run, task)
            record_done(self._run, task)  # kept from an attempt that was ended to ask something else again
            return Finished()
        said = self._say(task, state, names_files=False)
        if isinstance(said, Finished):
            record_done(self._run, task)
        return said

    def _say(
        self, task: PlannedTask, state: TaskState, *, names_files: bool
    ) -> HandIn | Finished | Note | Pause | Elsewhere | None:
        """What a person says of the task; `Elsewhere` where somebody else took it on meanwhile."""
        seen = len(self._run.journal.events)
        with self._run.journal.released() as decided:
            said = self._run.doors.person.work(self._view(task, state, decided, names_files=names_files))
        others = self._run.merge_foreign_events(seen)
        if any(event.type != "noted" for event in others):
            return Elsewhere()  # what was said here comes too late
        return said

    def _take(self, task: PlannedTask, given: HandIn, by: By | None, commands: Callable[[], object] | None) -> None:
        """Record what `phasegate done` hands in; with commands that are to be run, as it is after those.

        Raises as `HandedFiles.accept`, before anything is recorded or run where that can be told then.
        """
        if commands is not None:
            self._files.accept(task, given, may_come=True)
            self.boxes.record_given(task)
        if commands is not None and (given.paths is None or not self._are_there(task, given)):
            self._run_before(task, given, by, commands)  # what they write decides what is handed in
            commands = None
        self._record(task, given, by)
        if commands is not None:
            before = self._run.state.task(task.key).handed_in_paths
            commands()
            if set(self._files.accept(task, given)) != set(before):  # a directory holds more now
                self._record(task, given, by)

    def _run_before(self, task: PlannedTask, given: HandIn, by: By | None, commands: Callable[[], object]) -> None:
        """Run the commands; where they pause, what was handed in stays so, as it was named."""
        try:
            commands()
        except Waiting:
            if given.paths and not self._run.state.is_of_0_1:
                self._record_event(given, given.paths, by)
            raise

    def _to_come(self, state: TaskState) -> list[str]:
        """What `done` named and a command of the task was still to write when the run paused."""
        event = state.handed_in
        if event is self._accepted:
            return []
        if event is None or event.via not in BY_PROGRAM or event.skip or self._run.state.is_of_0_1:
            return []
        missing = set(event.paths).difference(self._files.changes(state)) if event.paths else set()
        return sorted(missing.difference(older_changes(self._run, event.paths))) if missing else []

    def _is_taken(self, state: TaskState, given: HandIn) -> bool:
        """Whether what `done` brings counts: nothing was handed in, it names files, or those named never came."""
        if state.handed_in is None or given.paths or given.skip:
            return True
        return given.paths is not None and bool(self._to_come(state))

    def _take_what_came(self, task: PlannedTask, state: TaskState, commands: Callable[[], object]) -> None:
        """Record the files of what was named before a command had written it. Raises as `HandedFiles.accept`."""
        event = state.handed_in
        if event is not None and self._to_come(state):
            commands()
            self._record(task, HandIn(tuple(event.paths), event.via), event.by)

    def _are_there(self, task: PlannedTask, given: HandIn) -> bool:
        """Whether something was changed already at each of the paths that are named."""
        changed = self._files.changes(self._run.state.task(task.key))
        return all(at_or_below(path, changed) for path in given.paths or ())

    def _leave_no_file(self, state: TaskState, commands: Callable[[], Sequence[Check]]) -> bool:
        """Run a checkpoint's tests; whether nobody has to be asked about files: none changed, or a test failed.

        In runs of 0.1 nothing is asked, and the tests run once that is recorded, as they did.
        """
        return (
            self._run.state.is_of_0_1
            or any(check.verdict == "fail" for check in commands())
            or not self._files.changes(state)
        )

    def _change_more(self, task: PlannedTask, state: TaskState, said: HandIn, commands: Callable[[], object]) -> bool:
        """Run the task's commands; whether files are changed now that were not before.

        Raises as `HandedFiles.accept`.
        """
        if not task.commands and task.kind != "checkpoint":
            return False
        self._files.accept(task, said)
        before = set(self._files.changes(state))
        commands()
        more = sorted(set(self._files.changes(state)) - before)
        if more:
            told = f"the commands of {task.label} changed {as_names(more)}: name the files again"
            self._run.doors.person.progress(told)
        return bool(more)

    def _record(self, task: PlannedTask, given: HandIn, by: By | None = None) -> None:
        self._accepted = self._record_event(given, self._files.accept(task, given), by)

    def _record_event(self, given: HandIn, paths: Sequence[str], by: By | None) -> Event:
        extra: dict[str, object] = {"skip": given.skip} if given.skip else {}
        if not self._run.state.is_of_0_1:
            extra["terminal"] = given.via not in BY_PROGRAM and self._run.doors.person.at_terminal
        said = given.via not in ("--yes", "checkpoint", LEFT_OUT_VIA)  # what nobody said comes about again
        return self._run.record("handed-in", paths=list(paths), via=given.via, sync=said, **extra, by=by)

    # --- what is looked at -----------------------------------------------------------------------------------------

    def _take_in(self, task: PlannedTask, ctx: EngineContext) -> Work:
        """The work, with the changed files that nobody named."""
        work = self._work(task, ctx)
        return replace(work, checks=[*work.checks, *self._left_out(self._run.state.task(task.key))])

    def _work(self, task: PlannedTask, ctx: EngineContext) -> Work:
        event = self._run.state.task(task.key).handed_in
        assert event is not None
        if reason := event.skip:
            skipped = ReviewSection("Skipped", f"{reason}\n\nSaid by {event.by.git} ({event.via}).")
            out = [] if self._run.state.is_of_0_1 else [ReviewSection("What is left out", text_left_out([task]))]
            return Work(
                data={"skipped": reason}, review=[skipped, *out, *report_runs(task, ctx, self._run.workflow.log)]
            )
        if why := self._profile.leaves_out(task, lambda: ctx):
            return self._not_applicable(task, ctx, why)
        checks = self._looked_at(task, ctx)
        reports = dict(ctx.artifacts)
        ctx.artifacts.clear()
        for path in event.paths:
            ctx.take_in(path)
        ctx.artifacts.update(reports)
        text = task.text if self._run.state.is_of_0_1 else as_written(task)
        lists = "" if self._run.state.is_of_0_1 else no_go(task)
        above = said_above(task)
        shown = [
            *_own_gate(task),
            *([ReviewSection("What says to stop above this task", above)] if above else []),
            *([ReviewSection("When not to go on, by the runbook", lists)] if lists else []),
            _what_was_done(text, event),
            *older_shown(self._run, task, event.paths, self._files.changes),
        ]
        ended = command_endings(task, ctx)
        data: dict[str, object] = {"commands": command_data(ended)} if ended else {}
        earlier = earlier_runs(task, ctx)
        if earlier.others:
            data["earlier"] = run_data(earlier.others)
        fields, filled_in = fill_in(self._run, task, ctx, checks)
        if fields:
            data[FIELDS] = fields
        return Work(checks=checks, data=data, review=[*shown, *filled_in, *sections(ended), *other_sections(earlier)])

    def _looked_at(self, task: PlannedTask, ctx: EngineContext) -> list[Check]:
        """The task's checks and the verdict on each of its boxes; looked at again while one waits for somebody.

        Raises Waiting where nobody waits here.
        """
        looked_at = task if self.boxes.are_answered_one_by_one(task) else task._replace(items=())
        self.boxes.left_out = self._profile.left_out(task, lambda: ctx)
        before = self.order.before_criteria(task, ctx)
        runbook, log = self._run.plan.runbook, self._run.workflow.log
        since: datetime | None = None
        while True:
            out = self.boxes.said_not_applicable(task)
            checks = check_work(looked_at, ctx, runbook=runbook, log=log, before_criteria=before, not_applicable=out)
            if agents_word(self._run.state.task(task.key)):
                checks = [_said(each) for each in checks]
            self.order.all_left(task, ctx, checks)
            boxes = self.boxes.checks(task, checks, ctx)
            waiting = self.boxes.that_wait(task, checks)
            if not waiting:
                return [*checks, *boxes]
            told = "; ".join(f"{whom} ({box.id}: {box.text})" for box, whom in waiting.items())
            since = ctx.look_again(NEXT_LOOK, told, since)

    def _not_applicable(self, task: PlannedTask, ctx: EngineContext, why: str) -> Work:
        """A task that the run's profile leaves out: nothing is looked at, and its approver sees why."""
        event = self._run.state.task(task.key).handed_in
        assert event is not None
        for path in event.paths:
            ctx.take_in(path)
        boxes = box_checks(task, (), {}, {box.number: why for box in boxes_of(task)})
        checks = boxes or [Check("applies", "in this profile", why, "not-checked")]
        shown = [ReviewSection("Not applicable", why), _what_was_done(as_written(task), event)]
        return Work(checks=checks, review=[*shown, *report_runs(task, ctx, self._run.workflow.log)])

    def _left_out(self, state: TaskState) -> list[Check]:
        """What is said of files that changed since the task began and that nobody named."""
        if (state.before is None and not state.effects) or self._run.state.is_of_0_1:
            return []
        left = [path for path in self._files.changes(state) if path not in state.handed_in_paths]
        seen = f"{', '.join(map(as_name, left))}: nobody named them, so they stay out of the commit"
        return [Check("files that changed", "in the commit", seen, "note")] if left else []

    def _view(self, task: PlannedTask, state: TaskState, decided: object, *, names_files: bool) -> HandView:
        before = self._files.before(state)
        runs = bool(task.commands) or task.kind == "checkpoint"
        return HandView(
            place=place_of(self._run.plan, self._run.state, task),
            task=task,
            refusals=tuple(state.refusals),
            changed=lambda: self._files.changes(state),
            diff=lambda paths: self._run.doors.git.diff(list(paths), before.head),
            decided=decided,  # type: ignore[arg-type]
            boxes=boxes_of(task) if self.boxes.are_answered_one_by_one(task) else (),
            fields=() if self._run.state.is_of_0_1 else self._fields(task),
            commands_first=runs and not self._run.state.is_of_0_1,
            no_task=() if self._run.state.is_of_0_1 else steps_beside(self._run.plan, task),
            names_files=names_files,
            answered=self._run.state.answers,
            is_there=lambda path: os.path.lexists(self._run.workspace / path),
            checks=self._declared_calls(task),
            answers_file=self._run.settings.answers_file,
        )

    def _declared_calls(self, task: PlannedTask) -> tuple[Sequence[str], Sequence[str]]:
        """What the declared checks that apply to the task call, and those of them that may change something."""
        found = checks_in(self._run.workspace, self._run.plan.runbook, under_way=True)
        if found is None:
            return (), ()
        own = applying(found, chosen(found.profiles, self._run.state.answers), task).of(task)
        return [each.call for each in own], [each.call.removeprefix("command ") for each in own if each.changes]

    def _fields(self, task: PlannedTask) -> list[str]:
        """The labels of the fields that somebody is asked for: none that a sign-off fills in."""
        found = fields_of(task)
        signed = self.boxes.signed_off(task) if found else ()
        return [each.label for each in found if each.line not in signed]

    def _parked(self, task: PlannedTask, state: TaskState) -> Waiting:
        run_id = self._run.run_id
        why = why_once_more(state)
        return Waiting(
            f"{task.in_words} is to be done by hand:",
            body=(f"\n{printable(why)}\n" if why else "") + f"\n{as_written(task).rstrip()}\n",
            next_command=_how_to_hand_in(
                run_id,
                task,
                asked_to_rehearse=self._run.settings.yes,
                one_by_one=not self._run.state.is_of_0_1,
            ),
        )


def _how_to_hand_in(run_id: str, task: PlannedTask, *, asked_to_rehearse: bool, one_by_one: bool) -> str:
    asked = asked_beside_files(task) if one_by_one else ""
    lines: Iterable[str] = (
        f"phasegate done {run_id} --path FILE   # when it is done; --no-files where it left none{asked}",
        *((f"phasegate done {run_id} --skip REASON   # it is optional",) if task.optional else ()),
        *((f"phasegate resume {run_id} --yes --practice   # a rehearsal, in a copy",) if asked_to_rehearse else ()),
    )
    return "\n      ".join(lines)


def _what_was_done(text: str, event: HandedIn) -> ReviewSection:
    how = f"Handed in by {event.by.git} ({event.via}) with {counted(len(event.paths), 'file')}."
    return ReviewSection("What was to be done", f"{text}\n\n{how}")


def _own_gate(task: PlannedTask) -> list[ReviewSection]:
    """What the runbook itself asks for at the task's end; a line that holds its commands was confirmed by then."""
    if not task.gate or task.gate_line in {stop.line for stop in task.stops}:
        return []
    return [ReviewSection("What the runbook asks for before it goes on", f"{task.gate} (line {task.gate_line})")]


def agents_word(state: TaskState) -> bool:
    """Whether an agent handed the work in, or answered something of it: what nobody else looked at is its word then."""
    by_agent = state.handed_in is not None and state.handed_in.by.is_agent
    return by_agent or any(who.startswith(AGENT) for who in state.given_by.values())


def _said(check: Check) -> Check:
    """A check that rests on somebody's word, as what it is where an agent said so."""
    return replace(check, verdict="said-by-agent") if check.verdict == "attested" else check
