"""One command that is to be run: what is done with it until it has passed, or is left with a reason?

    Running(task, ctx, number, former).until_settled(ready)     # the text that was seen

A run of it is an effect of the task: in one attempt it is made once, whoever dies. After one that failed a person says
what comes next (`after_failure.py`); what was edited keeps its lines in the runbook. What a person has run again is the
text that stands above the question; only an answers file has it filled in anew by `again`.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from phases.manual.after_failure import Action, decide, edited, is_same_text, reason_to_leave, what_ran
from phases.manual.blanks import Filled, blanks, fill, filled, unseen, variables_in, was_typed
from phases.manual.command_endings import CommandEnding, Ending, RanLine, RanScript, how_it_ended
from phases.manual.script_questions import (
    KEEP,
    interpreter_for,
    passed_question,
    question_name,
    reads_only,
    run_question,
    seen_question,
)
from phases.manual.scripts import Script
from phases.manual.shell_lines import command_lines, stops_when_it_fails
from phases.step import StepContext
from state.errors import WentBack
from state.model import PlannedTask


def effect_name(number: int, run: int) -> str:
    """The name of the effect that this run of a command is."""
    return f"command-{number}" + (f"-run-{run}" if run > 1 else "")


class Running:
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
            following = self._following(ran, ready, was_edited=was_edited)
            while following is None:
                following = self._following(ran, ready, was_edited=was_edited, again=True)
            if isinstance(following, CommandEnding):
                return following
            ready, was_edited = following

    def _following(
        self, ran: RanScript, ready: Filled, *, was_edited: bool, again: bool = False
    ) -> CommandEnding | tuple[Filled, bool] | None:
        """What comes after this run: how the command ended, or the text that runs next and whether it is an edited one.

        None where somebody saw it filled in anew and would not have it run: what to do is asked again.
        """
        action = self._action(ran, was_edited=was_edited, again=again)
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
            return Filled(text, rows=rows_after_edit(ready.text, self._rows(ready), text)), True
        if action is Action.FILL:
            anew = self._filled_anew()
            by = seen_question(run_question(self._task, self._number, anew), len(self._runs) + 1).name if anew else ""
            return None if anew is None else (self._seen(anew, ready, by), False)
        if ran["exit_code"] == 0:
            by = f"{self._name}-passed-{len(self._runs)}"
            return self._seen(self._as_the_runbook_has_it(), ready, by), False
        if was_edited or self._is_said_here(f"{self._name}-failed-{len(self._runs)}"):
            return ready, was_edited
        return self._seen(self._as_the_runbook_has_it(), ready, ""), False

    def _seen(self, anew: Filled, before: Filled, by: str) -> Filled:
        """The text that runs next, where a person saw it at the question `by`, or as it ran before.

        Raises BadAnswer for one that is filled in with more than plain signs, and that nobody saw so.
        """
        if anew.odd and anew.text != before.text and not self._has_begun_again and not self._is_said_here(by):
            raise unseen(self._task, self._number, anew, self._ctx)
        return anew

    def _is_said_here(self, question: str) -> bool:
        """Whether a person answered it who had before them what it is about."""
        return self._ctx.given_by(question).endswith("(prompt)")

    def _as_the_runbook_has_it(self) -> Filled:
        """The command filled in by what is known now; of a run that was begun already, by what was known then."""
        if self._has_begun_again:
            return filled(self._command, self._ctx.answers_when(effect_name(self._number, len(self._runs) + 1)))
        return fill(self._task, self._command, self._ctx)

    def _filled_anew(self) -> Filled | None:
        """The command with everything asked for again; None where somebody saw it so and would not have it run.

        What a person chose runs once it was seen, as before the first run, wherever its values come from. One that was
        begun already is not asked about.
        """
        if self._has_begun_again:
            return self._as_the_runbook_has_it()
        chosen = self._is_said_here(f"{self._name}-failed-{len(self._runs)}")
        answer = "fill"
        while answer == "fill":
            ready = fill(self._task, self._command, self._ctx, again=True)
            if not chosen and not was_typed(self._command, self._ctx):
                return ready
            question = run_question(self._task, self._number, ready)
            answer = self._ctx.ask(seen_question(question, len(self._runs) + 1), again=True)
        return ready if answer == "run" else None

    @property
    def _has_begun_again(self) -> bool:
        """Whether the run behind the last one was begun."""
        return self._ctx.has_begun(effect_name(self._number, len(self._runs) + 1))

    def _edited(self, ran: RanScript, ready: Filled, *, was_edited: bool) -> tuple[Action | None, str]:
        """What is done after all, and the text, where somebody chose to edit: who leaves it as it was edits nothing."""
        name, begun = f"{self._name}-edited-{len(self._runs) + 1}", self._has_begun_again
        action, text = Action.EDIT, edited(self._ctx, name, ready.text, begun=begun)
        while is_same_text(text, ready.text) and not begun and self._is_said_here(name):
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
            if not (was_edited or early):
                return None
            again_as = self._ctx.mask(filled(self._command, self._ctx.answers()).text)
            question = passed_question(self._name, self._number, len(self._runs), ran["script"], again_as, early=early)
            if not self._ctx.given_by(question.name):  # only who takes it back is asked
                return None
            answer = self._ctx.ask(question, again=again)
            return None if answer == KEEP else Action(answer)
        name = f"{self._name}-failed-{len(self._runs)}"
        told = f"Command {self._number} of {self._task.in_words}: {how_it_ended(ran, self._command.line)}"
        may_fill = bool(blanks(self._command))
        begun = self._has_begun_again
        shown = what_ran(ran["script"], ran["output"])
        return decide(self._ctx, name, told, shown, may_fill=may_fill, begun=begun, again=again)

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
        interpreter, ctx = interpreter_for(self._command), self._ctx
        effect = effect_name(self._number, len(self._runs) + 1)
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
            try:
                result = ctx.run_script(script)
            except KeyboardInterrupt:
                ctx.progress(self._cut_off(ready))
                raise
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

    def _cut_off(self, ready: Filled) -> str:
        """What is told where somebody interrupts the command."""
        comes = "runs it again, as it only reads" if reads_only(self._command, ready.text) else "asks what to do then"
        return (
            f"command {self._number} of {self._task.in_words} was cut off: what it did until then stays done; "
            f"phasegate resume {self._ctx.run_id} {comes}"
        )

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
