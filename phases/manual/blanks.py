"""How are a command's placeholders filled in? Asked for by name, once in a run; what is run is what is shown.

Rules:
- `[environment]`, `<ENVIRONMENT>` and `$ENVIRONMENT` are one name: `fill-environment`, as a question. The latest answer
  counts for the whole run; it can be given anew when a command is offered or has failed, and by `--answers`.
- A placeholder in the text is replaced where it stands, letter by letter: what is shown before it runs is what runs.
  So a value could be more than a word to whoever reads the script: a second command, an option. One of plain signs is
  none of that, wherever it stands; any other runs only once a person at a terminal saw the command with it, and said
  to run that. Nothing is quoted by where it stands: a shell in a shell, or Python, would read the quotes otherwise.
- A variable that nothing sets is set in a line in front of the script, quoted; a value that is itself the name of a
  variable (`$TOKEN`) is taken from there, which is how a secret gets in: no answer holds one.
- An ellipsis has no name: such a command is never run as it stands.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from shlex import quote

from phases.step import Question, StepContext
from state.cheap_classes import dataclass
from state.errors import BadAnswer
from state.late_pattern import late
from state.model import Command, PlannedTask
from state.printable import printable_line
from state.says_nothing import says_nothing

_VARIABLE = late(r"\$\{?([A-Za-z_]\w*)")
_PLAIN = late(r"(?!-)[\w@%+=:,./~-]*")  # of no meaning in a shell, within quotes, or in a string of Python
_EXPECTED = "letters, digits and @ % + = : , . / ~ _ - (no - at its beginning), or a terminal, which shows the command"
_NAME_OF_ANOTHER = late(r"\$\{?[A-Za-z_]\w*\}?")


@dataclass(frozen=True, slots=True)
class Filled:
    """A command as it is run.

    Attributes:
        text: with everything filled in.
        added: how many lines stand in front of those of the runbook.
        rows: where each line stands in the runbook, from 1, of a text that was edited.
        odd: the questions of what stands in the text and is more than plain signs.
    """

    text: str
    added: int = 0
    rows: tuple[int, ...] = ()
    odd: tuple[str, ...] = ()


def blank_name(placeholder: str) -> str:
    """The name of what is to be filled in: `stack-name` of `<STACK NAME>` and of `${STACK_NAME%-*}`; "" without one."""
    variable = _VARIABLE.match(placeholder)
    inner = variable[1] if variable else placeholder
    return re.sub(r"[^a-z0-9]+", "-", inner.lower()).strip("-")


def question_name(placeholder: str) -> str:
    """How an answers file names it."""
    return f"fill-{blank_name(placeholder)}"


def variables_in(answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was filled in by way of a variable, in all commands of the run: (`api-token`, `FOO`) of `$FOO`."""
    blank = question_name("")
    given = ((name.removeprefix(blank), value) for name, value in answers.items() if name.startswith(blank))
    return [(name, variable) for name, value in given for variable in _VARIABLE.findall(value)]


def nameless(command: Command) -> list[str]:
    """Placeholders that nobody can be asked for by name."""
    return [each for each in command.unfilled(os.environ) if not blank_name(each)]


def blanks(command: Command) -> Mapping[str, str]:
    """What has to be filled in here and now: the question's name -> the placeholder as it is first written."""
    found: dict[str, str] = {}
    for each in command.unfilled(os.environ):
        if blank_name(each):
            found.setdefault(question_name(each), each)
    return found


def askable_names(command: Command) -> Iterator[str]:
    """Names of all that might be asked for, wherever it is run."""
    yield from (question_name(each) for each in command.placeholders if blank_name(each))


def fill(task: PlannedTask, command: Command, ctx: StepContext, *, again: bool = False) -> Filled:
    """The command with everything filled in; asks for what was not given in this run, or for all of it again.

    Raises Waiting when nobody can be asked, BadAnswer for a value that cannot stand there.
    """
    values = {name: _value(task, command, name, written, ctx, again=again) for name, written in blanks(command).items()}
    return filled(command, values)


def was_typed(command: Command, ctx: StepContext) -> bool:
    """Whether a value that was filled in was typed at a terminal."""
    return any(ctx.given_by(name).endswith("(prompt)") for name in blanks(command))


def filled(command: Command, values: Mapping[str, str]) -> Filled:
    """The command with these values, by the question's name."""
    text = command.text
    for start, written in sorted(command.blanks, reverse=True):
        if question_name(written) in values:
            text = text[:start] + values[question_name(written)] + text[start + len(written) :]
    variables = {
        match[1]: _quoted(values[question_name(each)])
        for each in command.unfilled(os.environ)
        if (match := _VARIABLE.match(each)) and question_name(each) in values
    }
    lines = [f"{name}={value}" for name, value in variables.items()]
    odd = [name for name, value in values.items() if not is_plain(value) and stands_in_text(command, name)]
    return Filled("\n".join([*lines, text]), len(lines), odd=tuple(odd))


def stands_in_text(command: Command, name: str) -> bool:
    """Whether what this question asks for stands in the command's text itself, and not in a variable alone."""
    return any(question_name(written) == name for _at, written in command.blanks)


def is_plain(value: str) -> bool:
    """Whether a value is one word to any reader: plain signs, or the name of a variable."""
    return _PLAIN.fullmatch(value) is not None or _NAME_OF_ANOTHER.fullmatch(value) is not None


def unseen(task: PlannedTask, number: int, ready: Filled, ctx: StepContext) -> BadAnswer:
    """The refusal of a command that was filled in with more than plain signs, and that nobody saw so."""
    name = ready.odd[0]
    return BadAnswer(
        f"command {number} of {task.in_words} is not run: {name} is {ctx.mask(ctx.answers().get(name, ''))!r}, and "
        f"nobody at a terminal has seen the command with it; expected {_EXPECTED}",
        next_command=(
            f"phasegate resume {ctx.run_id}   # at a terminal, which shows it\n      "
            f"phasegate resume {ctx.run_id} --ask-again {name}   # for another value"
        ),
    )


def _quoted(value: str) -> str:
    return f'"{value}"' if _NAME_OF_ANOTHER.fullmatch(value) else quote(value)


def blank_question(task: PlannedTask, command: Command, name: str, written: str) -> Question:
    """What fills in this placeholder of the command, as it is written there."""
    text = f"What is {written}? A command of {task.in_words} has it, in line {command.line}."
    odd = _problem_unseen if stands_in_text(command, name) else _nothing
    return Question(name, text, problem_with=_problem, problem_unseen=odd)


def _value(task: PlannedTask, command: Command, name: str, written: str, ctx: StepContext, *, again: bool) -> str:
    question = blank_question(task, command, name, written)
    before, given = ctx.answers().get(name), ctx.given(name)
    if again or (given is not None and given != before) or ctx.was_rejected_with(name):
        return ctx.ask(question, again=True)
    return before if before is not None else ctx.ask(question)


def _problem(answer: str) -> str | None:
    if says_nothing(answer):
        return "expected a value, seen nothing"
    return None if printable_line(answer) == answer else "expected one line of printable signs"


def _nothing(_answer: str) -> str | None:
    return None


def _problem_unseen(answer: str) -> str | None:
    return (
        None
        if is_plain(answer)
        else f"it stands in the command's text, and nobody sees that here: expected {_EXPECTED}"
    )
