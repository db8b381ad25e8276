"""What is a person asked about a command of a task: whether it runs, without its program, and after an edit?

Nothing is asked here: these are the questions, as `plan` and an answers file name them too.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from phases.manual.after_failure import Action
from phases.manual.blanks import Filled, blanks
from phases.manual.interpreters import Interpreter, interpreter_of
from phases.manual.reading_commands import only_reads
from phases.step import Question
from state.counted import counted
from state.model import Command, PlannedTask

KEEP = "keep"  # what passed as it was edited
GO_ON, AGAIN = "go on", "ask again"  # without a command whose program is missing


def run_question(
    task: PlannedTask, number: int, ready: Filled | None = None, told: str = "", known: Collection[str] = ()
) -> Question:
    """Whether to run the task's command with this number, from 1, as it is filled in; `told`: what is to be known.

    `known`: the questions of what fills it in that nobody has to be asked.
    """
    command = task.commands[number - 1]
    text = ready.text if ready is not None else command.text
    blank = blanks(command) if ready is None else {}
    asked_first = [written for name, written in blank.items() if name not in known]
    reads = not blanks(command) and reads_only(command, text)  # whatever is filled in: the same before and after
    remark = "" if reads else " It may change something."
    if asked_first:
        remark += f" {', '.join(asked_first)} {'is' if len(asked_first) == 1 else 'are'} asked for first."
    return Question(
        question_name(task, number),
        f"{_run_it(command, text)}{remark}{told}",
        default="run" if reads else "skip",
        choices=("run", "skip", *(["fill"] if ready is not None and blanks(command) else [])),
        suggest=reads,
        shown=text if "\n" in text else "",
        runs=("run", "fill"),
    )


def _run_it(command: Command, text: str) -> str:
    lines = text.count("\n") + 1
    if lines == 1:
        return f"Run `{text}`?"
    return f"Run these {counted(lines, 'line')} with {interpreter_for(command).call}?"


def question_name(task: PlannedTask, number: int) -> str:
    """How an answers file names the question whether to run this command; others about it begin with the same."""
    return f"{task.asked_as}-command-{number}"


def reads_only(command: Command, text: str) -> bool:
    """Whether the whole of this text is known to read and nothing else, where the command's interpreter runs it."""
    interpreter = interpreter_for(command)
    if not interpreter.is_shell or (interpreter.name == "zsh" and "=" in text):  # zsh's `=cat` is the path of cat
        return False
    return only_reads(text)


def missing_question(task: PlannedTask, number: int, missing: str) -> Question:
    """Whether the work goes on without a command that cannot be run here; `missing` says why."""
    return Question(
        f"{question_name(task, number)}-missing",
        f"Command {number} is not run: {missing}. Go on without it, or ask again once it is there?",
        default=GO_ON,
        choices=(GO_ON, AGAIN),
        default_alone=True,
    )


def seen_question(question: Question, run: int = 1) -> Question:
    """The question once more, with what was filled in for this run of the command."""
    return replace(question, name=f"{question.name}-filled" + (f"-{run}" if run > 1 else ""))


def passed_question(name: str, number: int, runs: int, script: str, again_as: str, *, early: bool = False) -> Question:
    """What becomes of a command that passed as it was edited, or ended early, after so many runs; `script` is its text.

    `name` is its question's; `again_as` the text that runs as the runbook has it.
    """
    both = script if script == again_as else f"{script}\n\nAs the runbook has it:\n{again_as}"
    how, kept = ("ended with 0 before its end", "it so") if early else ("passed as it was edited", "what passed")
    return Question(
        f"{name}-passed-{runs}",
        f"Command {number} {how}. Run it as the runbook has it, edit it{'' if early else ' again'}, or keep {kept}?",
        shown=both,
        choices=(Action.AGAIN, Action.EDIT, KEEP),
        suggest=False,
        runs=(Action.AGAIN, Action.EDIT),
    )


def interpreter_for(command: Command) -> Interpreter:
    """Who runs this command."""
    interpreter = interpreter_of(command.language)
    assert interpreter is not None, "the reader takes no other fences for commands"
    return interpreter
