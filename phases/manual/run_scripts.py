"""How are a task's commands run, one after the other, and how did each of them end? Each fence is one script.

    endings = run_scripts(ctx.task, ctx)          # asks, runs, and asks what to do about one that failed
    endings = run_scripts(ctx.task, ctx)          # again: nothing is asked or run twice in an attempt
    ending_of(item.commands[0], endings)          # how the command of a box ended (`command_endings.py`)

Rules:
- A command is run when a person says so, and only then. Its placeholders are filled in first (`blanks.py`); what is
  shown then is what runs, and what is recorded.
- Above a command the runbook may say to stop (`stops.py`): it is offered when somebody has confirmed that.
- The next command is offered when this one has passed, or was left with a reason. One that failed, or was interrupted,
  is run again, edited, left with a reason that the approver reads, or the run pauses there; nothing of that by Enter.
- A script is asked about by one question, and judged as a whole: it only reads when all of its commands do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from phases.manual.after_failure import Action, decide, edited, reason_to_leave
from phases.manual.asks_at_a_terminal import asks_at_a_terminal
from phases.manual.blanks import Filled, blanks, fill, filled, nameless, variables_in
from phases.manual.command_endings import CommandEnding, Ending, RanLine, RanScript, how_it_ended
from phases.manual.interpreters import NOT_FOUND, Interpreter, interpreter_of
from phases.manual.reading_commands import only_reads
from phases.manual.scripts import Script
from phases.manual.shell_lines import command_lines, stops_when_it_fails
from phases.manual.stops import CONFIRMED, stop_question, stops_before
from phases.step import Question, StepContext
from state.counted import counted
from state.errors import WentBack
from state.model import Command, PlannedTask
from state.task_boxes import boxes_of, own_commands

KEEP = "keep"  # what passed as it was edited
GO_ON, AGAIN = "go on", "ask again"  # without a command whose program is missing
Before = Callable[[int | None, Sequence[CommandEnding]], None]


def run_question(task: PlannedTask, number: int, ready: Filled | None = None, told: str = "") -> Question:
    """Whether to run the task's command with this number, from 1, as it is filled in; `told`: what is to be known."""
    command = task.commands[number - 1]
    text = ready.text if ready is not None else command.text
    asked_first = blanks(command) if ready is None else {}
    reads = not blanks(command) and reads_only(command, text)  # whatever is filled in: the same before and after
    remark = "" if reads else " It may change something."
    if asked_first:
        remark += f" {', '.join(asked_first.values())} is asked for first."
    return Question(
        question_name(task, number),
        f"{_run_it(command, text)}{remark}{told}",
        default="run" if reads else "skip",
        choices=("run", "skip", *(["fill"] if ready is not None and blanks(command) else [])),
        suggest=reads,
        shown=text if "\n" in text else "",
        runs=("run", "fill"),
    )


def of_another_profile(ctx: StepContext, text: str) -> str:
    """`names dev, and this run is for staging`: what a command says that is another profile's; "" for nothing."""
    mine, others = ctx.of_other_profiles(text)
    return f"names {', '.join(others)}, and this run is for {mine}" if others else ""


def _told(ctx: StepContext, text: str) -> str:
    """What somebody has to know before this is run, in sentences."""
    told = f" It {names}." if (names := of_another_profile(ctx, text)) else ""
    if asks := asks_at_a_terminal(text):
        told += f" `{asks[0]}` asks at a terminal, and a command has none here: it needs {asks[1]}."
    return told


def _run_it(command: Command, text: str) -> str:
    lines = text.count("\n") + 1
    return f"Run `{text}`?" if lines == 1 else f"Run these {counted(lines, 'line')} with {_of(command).call}?"


def question_name(task: PlannedTask, number: int) -> str:
    """How an answers file names the question whether to run this command; others about it begin with the same."""
    return f"{task.asked_as}-command-{number}"


def reads_only(command: Command, text: str) -> bool:
    """Whether the whole of this text is known to read and nothing else, where the command's interpreter runs it."""
    interpreter = _of(command)
    if not interpreter.is_shell or (interpreter.name == "zsh" and "=" in text):  # zsh's `=cat` is the path of cat
        return False
    return only_reads(text)


def run_scripts(task: PlannedTask, ctx: StepContext, before: Before | None = None) -> list[CommandEnding]:
    """Offer and run the task's commands, in order; how each of them ended.

    What was asked and run in this attempt is not asked and run again. `before` is called before each command, and after
    the last one, with its line in the runbook (None then) and how those before it ended.

    Raises Waiting when a person is needed and nobody answers, or said to pause; StepFailed when one cannot be started
    or does not end in time.
    """
    endings: list[CommandEnding] = []
    for number, command in enumerate(task.commands, 1):
        _hold_at_stops(task, ctx, number, endings, before)
        if before is not None:
            before(command.line, endings)
        endings.append(_offer(task, ctx, number, endings))
    if before is not None:
        before(None, endings)
    return endings


def _hold_at_stops(
    task: PlannedTask, ctx: StepContext, number: int, endings: Sequence[CommandEnding], before: Before | None
) -> None:
    """Have each line confirmed that says to stop above a command which is going to be offered. Raises as `ask`."""
    if not task.stops or ctx.has_begun(_effect(number, 1)) or _missing(task.commands[number - 1], endings):
        return
    if ctx.known(run_question(task, number)) == "skip":
        return
    for stop in task.stops:
        if before is not None and stop.line < task.commands[number - 1].line:
            before(stop.line + 1, endings)  # a box on this line answers it
        if stop in stops_before(task, number, ctx):
            # a default is taken by a rehearsal: nothing else takes those of work by hand
            ctx.ask(replace(stop_question(task, stop), default=CONFIRMED))


def _of(command: Command) -> Interpreter:
    interpreter = interpreter_of(command.language)
    assert interpreter is not None, "the reader takes no other fences for commands"
    return interpreter


def _offer(task: PlannedTask, ctx: StepContext, number: int, before: Sequence[CommandEnding]) -> CommandEnding:
    command = task.commands[number - 1]
    if ctx.has_begun(_effect(number, 1)):  # whatever is found here now
        return _Running(task, ctx, number, _former(before)).until_settled(filled(command, ctx.answers()))
    if same_as := _ran_already(task, number, before):
        return CommandEnding(number, command, Ending.PASS, same_as=same_as)
    if missing := _left_out(task, ctx, number, before):
        return CommandEnding(number, command, Ending.NOT_RUN, f"not run: {missing}")
    ready = _asked(task, ctx, number)
    if ready is None:
        return CommandEnding(number, command, Ending.SKIPPED, "not run")
    return _Running(task, ctx, number, _former(before)).until_settled(ready)


def missing_question(task: PlannedTask, number: int, missing: str) -> Question:
    """Whether the work goes on without a command that cannot be run here; `missing` says why."""
    return Question(
        f"{question_name(task, number)}-missing",
        f"Command {number} is not run: {missing}. Go on without it, or ask again once it is there?",
        default=GO_ON,
        choices=(GO_ON, AGAIN),
        default_alone=True,
    )


def _left_out(task: PlannedTask, ctx: StepContext, number: int, before: Sequence[CommandEnding]) -> str:
    """Why this command is not run, as whoever sits here was told at its place; "" where it can be."""
    again = False
    while missing := _missing(task.commands[number - 1], before):
        if not missing.endswith(NOT_FOUND):  # nothing that is done meanwhile changes it
            return missing
        if ctx.ask(missing_question(task, number, missing), again=again) == GO_ON:
            return missing
        again = True
    question = missing_question(task, number, "")
    said = ctx.answers().get(question.name) if ctx.given_by(question.name) else ""
    return "it could not be run when it was its turn" if said == GO_ON else ""


def _ran_already(task: PlannedTask, number: int, before: Sequence[CommandEnding]) -> int:
    """The number of the same command, which passed as it stands, where one of the two is a box's; 0 for none.

    Nothing that may change something ran since: what it found still holds, and serves both.
    """
    command = task.commands[number - 1]
    if command.same_shell or (command.language and any(each.same_shell for each in task.commands[number:])):
        return 0
    of_boxes = {each for box in boxes_of(task) for each in own_commands(task, box)}
    for ended in reversed(before):
        other = ended.command
        if other.text == command.text and _of(other) == _of(command) and {number, ended.number} & of_boxes:
            passed = ended.ending is Ending.PASS and not ended.was_edited and not other.same_shell
            return (ended.same_as or ended.number) if passed else 0
        if any(not reads_only(other, each["script"]) for each in ended.runs):
            return 0
    return 0


def _asked(task: PlannedTask, ctx: StepContext, number: int) -> Filled | None:
    """The command as it is to be run, and said to be; None where it is not.

    With values that are known the question shows them. Else they are asked for when somebody wants it to be run, and
    what they made of it is shown once more: nothing runs that was typed and not seen.
    """
    command = task.commands[number - 1]
    question = run_question(task, number)
    said_before = ctx.given_by(question.name) != "" and not ctx.is_brought(
        question.name
    )  # by a process that died: of which text, nobody knows
    if ctx.known(question) == "skip":  # nobody has to fill in what is not run
        ctx.ask(question)
        return None
    ready = fill(task, command, ctx) if _are_known(ctx, command) else None
    told = _told(ctx, ready.text if ready is not None else command.text)
    answer = ctx.ask(run_question(task, number, ready, told))
    if answer == "skip":
        return None
    if ready is not None and answer == "run" and not (said_before and blanks(command)):
        return ready
    ready = fill(task, command, ctx, again=answer == "fill")
    if not _was_typed(ctx, command):
        return ready
    return _seen_once_more(task, ctx, number, ready)


def _are_known(ctx: StepContext, command: Command) -> bool:
    """Whether every value that is to be filled in is known."""
    return all(name in ctx.answers() or ctx.given(name) is not None for name in blanks(command))


def _was_typed(ctx: StepContext, command: Command) -> bool:
    """Whether a value that was filled in was typed at a terminal."""
    return any(ctx.given_by(name).endswith("(prompt)") for name in blanks(command))


def _seen_once_more(task: PlannedTask, ctx: StepContext, number: int, ready: Filled) -> Filled | None:
    """The command after somebody saw it with what was typed, and said to run it; None where they said not to."""
    command = task.commands[number - 1]
    while (answer := ctx.ask(seen_question(run_question(task, number, ready)))) == "fill":
        ready = fill(task, command, ctx, again=True)
        ctx.ask(seen_question(run_question(task, number, ready)), again=True)
    return ready if answer == "run" else None


def seen_question(question: Question) -> Question:
    """The question once more, with what was filled in."""
    return replace(question, name=f"{question.name}-filled")


def passed_question(name: str, number: int, runs: int, script: str, *, early: bool = False) -> Question:
    """What becomes of a command that passed as it was edited, or ended early, after so many runs; `script` is its text.

    `name` is its question's.
    """
    how, kept = ("ended with 0 before its end", "it so") if early else ("passed as it was edited", "what passed")
    return Question(
        f"{name}-passed-{runs}",
        f"Command {number} {how}. Run it as the runbook has it, edit it{'' if early else ' again'}, or keep {kept}?",
        shown=script,
        choices=(Action.AGAIN, Action.EDIT, KEEP),
        suggest=False,
        runs=(Action.AGAIN, Action.EDIT),
    )


def _missing(command: Command, before: Sequence[CommandEnding]) -> str:
    """Why this command cannot be run here and now; "" when it can."""
    interpreter = _of(command)
    if not_here := interpreter.missing(os.environ):
        return not_here
    if unnamed := nameless(command):
        return f"{', '.join(unnamed)} is not filled in"
    if not command.same_shell:
        return ""
    former = _former(before)
    if former is None or not interpreter.is_shell or _of(former.command) != interpreter:
        return f"it goes on in the shell of a fence before, and none of {interpreter.name} stands there"
    if former.ending is not Ending.PASS:
        return f"it goes on in the shell of line {former.command.line}, which has not passed"
    return ""


def _former(before: Sequence[CommandEnding]) -> CommandEnding | None:
    """The fence before; inline code has no shell to go on in."""
    return next((each for each in reversed(before) if each.command.language), None)


def _effect(number: int, run: int) -> str:
    """The name of the effect that this run of a command is."""
    return f"command-{number}" + (f"-run-{run}" if run > 1 else "")


class _Running:
    """One command that is to be run, until it has passed or is left."""

    def __init__(self, task: PlannedTask, ctx: StepContext, number: int, former: CommandEnding | None) -> None:
        """`former`: the fence before."""
        self._task, self._ctx, self._number = task, ctx, number
        self._command = task.commands[number - 1]
        self._goes_on = f"fence-{former.number}" if former is not None and self._command.same_shell else ""
        self._name = question_name(task, number)
        self._runs: list[RanScript] = []

    def until_settled(self, ready: Filled) -> CommandEnding:
        was_edited = False
        while True:
            ran = self._run(ready, was_edited=was_edited)
            self._runs.append(ran)
            action = self._action(ran, was_edited=was_edited)
            text = ""
            if action is Action.EDIT:
                action, text = self._edited(ran, ready, was_edited=was_edited)
            if action is None:
                ending = Ending.EARLY if ran.get("ended_early") else Ending.PASS
                return self._ended(ending, "", was_edited=was_edited)
            if action is Action.SKIP:
                why, action = self._left(ran, was_edited=was_edited)
                if action is Action.SKIP:
                    return self._ended(Ending.FAIL, why, was_edited=was_edited)
            if action is Action.EDIT and not text:
                action, text = self._edited(ran, ready, was_edited=was_edited)
            if action is Action.EDIT:
                ready = Filled(text, rows=rows_after_edit(ready.text, self._rows(ready), text))
                was_edited = True
            elif action is Action.FILL or not was_edited or ran["exit_code"] == 0:
                again = action is Action.FILL and not self._has_begun_again
                ready, was_edited = fill(self._task, self._command, self._ctx, again=again), False

    @property
    def _has_begun_again(self) -> bool:
        """Whether the run behind the last one was begun."""
        return self._ctx.has_begun(_effect(self._number, len(self._runs) + 1))

    def _edited(self, ran: RanScript, ready: Filled, *, was_edited: bool) -> tuple[Action | None, str]:
        """What is done after all, and the text, where somebody chose to edit: who leaves it as it was edits nothing."""
        name, begun = f"{self._name}-edited-{len(self._runs) + 1}", self._has_begun_again
        action, text = Action.EDIT, edited(self._ctx, name, ready.text, begun=begun)
        while text == ready.text and not begun and self._ctx.given_by(name).endswith("(prompt)"):
            after_all = self._action(ran, was_edited=was_edited, again=True)
            if after_all is not Action.EDIT:
                return after_all, ""
            text = edited(self._ctx, name, ready.text, begun=begun, again=True)
        return action, text

    def _action(self, ran: RanScript, *, was_edited: bool, again: bool = False) -> Action | None:
        """What comes after this run; None where the command has passed, and that stays. Raises Waiting for a pause.

        `again`: whatever was said before.
        """
        if ran["exit_code"] == 0:
            early = bool(ran.get("ended_early"))
            question = passed_question(self._name, self._number, len(self._runs), ran["script"], early=early)
            if not (was_edited or early) or not self._ctx.given_by(question.name):  # only who takes it back is asked
                return None
            answer = self._ctx.ask(question, again=again)
            return None if answer == KEEP else Action(answer)
        name = f"{self._name}-failed-{len(self._runs)}"
        told = f"Command {self._number} of {self._task.in_words}: {how_it_ended(ran, self._command.line)}"
        may_fill = bool(blanks(self._command))
        begun = self._has_begun_again
        return decide(self._ctx, name, told, ran["output"], may_fill=may_fill, begun=begun, again=again)

    def _left(self, ran: RanScript, *, was_edited: bool) -> tuple[str, Action | None]:
        """Why the command is left as it is; or what is done after all, where somebody gives no reason and goes back."""
        action: Action | None = Action.SKIP
        while action is Action.SKIP:
            try:
                return reason_to_leave(self._ctx, f"{self._name}-left", self._number), action
            except WentBack:
                action = self._action(ran, was_edited=was_edited, again=True)
        return "", action

    def _ended(self, ending: Ending, why: str, *, was_edited: bool) -> CommandEnding:
        return CommandEnding(self._number, self._command, ending, why, tuple(self._runs), was_edited)

    def _run(self, ready: Filled, *, was_edited: bool) -> RanScript:
        interpreter, ctx = _of(self._command), self._ctx
        effect = _effect(self._number, len(self._runs) + 1)
        begins = command_lines(ready.text.split("\n")) if interpreter.is_shell else [0]
        following = next((each for each in self._task.commands[self._number :] if each.language), None)
        script = Script(
            ready.text,
            interpreter,
            begins,
            keep=f"fence-{self._number}" if following is not None and following.same_shell else "",
            goes_on=self._goes_on,
            stand_for=variables_in(ctx.answers()),
        )

        def act() -> RanScript:
            result = ctx.run_script(script)
            commands = _each_command(script, result.exit_code, result.begun)
            shown = ctx.mask(ready.text).split("\n")
            ran = RanScript(
                script=ctx.mask(ready.text),
                program=interpreter.call,
                exit_code=result.exit_code,
                seconds=round(result.seconds, 1),
                output=result.output,
                failed_line=None if result.failed is None else self._line(result.failed, ready),
                commands=[RanLine(line=self._line(at, ready), exit_code=code) for at, code in commands],
            )
            if result.ended_early:
                ran["ended_early"] = True
                ran["commands"] += [
                    RanLine(line=self._line(at, ready), exit_code=None, unreached=_line_at(shown, at))
                    for at in result.unreached
                ]
            return ran

        def find() -> RanScript | None:
            """A script that reads is read again; of another one, and of one begun elsewhere, nobody knows how far."""
            if reads_only(self._command, ready.text) and not ctx.was_begun_elsewhere(effect):
                return None
            return RanScript(
                script=ctx.mask(ready.text),
                program=interpreter.call,
                exit_code=None,
                seconds=0.0,
                output="",
                failed_line=None,
                commands=[],
            )

        intent = {
            "command": ctx.mask(ready.text),
            "program": interpreter.call,
            "line": self._command.line,
            **({"edited": True} if was_edited else {}),
        }
        return ctx.effect(effect, intent, act, find, RanScript)

    def _line(self, index: int, ready: Filled) -> int:
        """The line of the runbook for a line of the script; the nearest one before where the runbook has none."""
        rows = self._rows(ready)
        return rows[min(index, len(rows) - 1)]

    def _rows(self, ready: Filled) -> tuple[int, ...]:
        if ready.rows:
            return ready.rows
        count = ready.text.count("\n") + 1 - ready.added
        return (*[self._command.line] * ready.added, *map(self._command.line_of, range(count)))


def rows_after_edit(before: str, rows: Sequence[int], after: str) -> tuple[int, ...]:
    """Where each line of a script stands in the runbook after an edit.

    A line that was changed stands where it stood; one that was put in counts as the line before it.

    Args:
        rows: where each line of `before` stands.
    """
    matcher = SequenceMatcher(None, before.split("\n"), after.split("\n"), autojunk=False)
    return tuple(
        rows[max(0, min(first + number - begins, last - 1))]
        for _tag, first, last, begins, ends in matcher.get_opcodes()
        for number in range(begins, ends)
    )


def _line_at(lines: Sequence[str], at: int) -> str:
    """A line without its indentation; a secret that went over lines may have left fewer of them."""
    return lines[at].strip() if at < len(lines) else "***"


def _each_command(script: Script, exit_code: int, begun: int) -> list[tuple[int, int | None]]:
    """Each command that was begun: index of its line, and its exit code, None where a shell went on all the same."""
    lines = script.text.split("\n")
    begins = [each for each in script.begins if each < begun]
    found: list[tuple[int, int | None]] = []
    for at, following in zip(begins, [*begins[1:], begun], strict=True):
        if at == begins[-1]:
            found.append((at, exit_code))
        else:
            certain = stops_when_it_fails("\n".join(lines[at:following]), script.text)
            found.append((at, 0 if certain else None))
    return found
