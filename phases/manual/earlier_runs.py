"""What ran for a task in attempts that came to no commit? It stays in the evidence of the attempt that is approved.

    earlier = earlier_runs(task, ctx)
    earlier.of(1)       # the runs of what is now command 1
    earlier.others      # of what the runbook no longer has, of the project's tests and of checks

Rules:
- What ran is told by the journal: the command as it was run, how it ended and what it printed, attempt by attempt.
- A run belongs to the command with the text that its attempt ran first, whatever is filled in: an edit of the runbook
  may have moved it. What belongs to none is told by itself, so that no run is missing.
- In runs of 0.1 nothing is told of earlier attempts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from phases.documents.markdown import code, code_block
from phases.step import PastEffect, ReviewSection, StepContext
from state.cheap_classes import dataclass
from state.late_pattern import late
from state.model import Command, PlannedTask

_COMMAND = late(r"command-(\d+)(?:-run-(\d+))?")
_FILLED_IN = r"[^\n]*"  # what may stand where the runbook has something to be filled in
_VARIABLES = r"(?:\w+=[^\n]*\n)*"  # lines in front that set what is filled in by a variable


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """One run of an earlier attempt.

    Attributes:
        name: `command 1`, `command 1, run 2`, `tests`, `check smoke`.
        number: of the command in the task as it is now, from 1; None where the task has it no more.
        text: as it was run, secrets masked.
        ended: `exit 0 after 0.1 s`.
        was_edited: whether somebody had edited it before it ran.
    """

    attempt: int
    name: str
    number: int | None
    text: str
    ended: str
    was_edited: bool
    output: str

    @property
    def told(self) -> str:
        """`ran in attempt 1: exit 0 after 0.1 s, edited: make || true`."""
        edited = f", edited: {shortened(self.text)}" if self.was_edited else ""
        return f"ran in attempt {self.attempt}: {self.ended}{edited}"

    @property
    def heading(self) -> str:
        """`Attempt 1, command 1: exit 0 after 0.1 s`."""
        return f"Attempt {self.attempt}, {self.name}: {self.ended}{', edited before it ran' if self.was_edited else ''}"


@dataclass(frozen=True, slots=True)
class EarlierRuns:
    """All of them, oldest first."""

    runs: Sequence[EarlierRun] = ()

    def of(self, number: int) -> Sequence[EarlierRun]:
        """Those of the task's command with this number, from 1."""
        return [each for each in self.runs if each.number == number]

    @property
    def others(self) -> Sequence[EarlierRun]:
        """Those of none of the task's commands."""
        return [each for each in self.runs if each.number is None]


def earlier_runs(task: PlannedTask, ctx: StepContext, *, with_this: bool = False) -> EarlierRuns:
    """What ran in the attempts before this one; `with_this`: in this one, too.

    Raises nothing: a result of another form is told as far as it can be read.
    """
    if ctx.is_of_0_1 or (ctx.attempt < 2 and not with_this):
        return EarlierRuns()
    past = [each for each in ctx.own_effects() if each.attempt < ctx.attempt + with_this and _is_run(each)]
    first = {(each.attempt, each.name): _text(each) for each in past}
    return EarlierRuns([_run(each, _number_of(task, each, first, ctx.mask)) for each in past])


def told_not_run(why: str, earlier: Sequence[EarlierRun]) -> str:
    """Why something was not run, with what earlier attempts ran of it: the last run of each."""
    if not earlier:
        return why
    last = {each.attempt: each for each in earlier}
    why = "not run in this attempt" + why.removeprefix("not run")
    return "; ".join([why, *(each.told for each in last.values())])


def runs_report(earlier: Sequence[EarlierRun], level: str = "###") -> str:
    """Markdown: each of these runs with its text as it was run, and what it printed."""
    return "\n".join(_report(each, level) for each in earlier)


def other_sections(earlier: EarlierRuns) -> list[ReviewSection]:
    """What an approver has to read of runs that are of none of the task's commands; nothing without any."""
    if not earlier.others:
        return []
    return [ReviewSection("What ran in earlier attempts", "\n".join(map(run_line, earlier.others)))]


def run_line(run: EarlierRun) -> str:
    """One run in a line of a list: `- Attempt 1, command 1: exit 0 after 0.1 s: ...`."""
    return f"- {run.heading}: {code(shortened(run.text))}"


def run_data(earlier: Sequence[EarlierRun]) -> list[Mapping[str, object]]:
    """These runs for later readers of the evidence, without what they printed."""
    return [
        {
            "attempt": each.attempt,
            "run": each.name,
            "command": each.text,
            "ended": each.ended,
            "edited": each.was_edited,
        }
        for each in earlier
    ]


def shortened(script: str) -> str:
    """A script in one line: its first, and a sign that there are more."""
    first, _, more = script.partition("\n")
    return first + (" ..." if more else "")


def _report(run: EarlierRun, level: str) -> str:
    parts = [f"{level} {run.heading}\n", "It ran as\n", code_block(run.text) + "\n"]
    if run.output:
        parts += ["and printed\n", code_block(run.output) + "\n"]
    return "\n".join(parts)


def _is_run(effect: PastEffect) -> bool:
    by_name = _COMMAND.fullmatch(effect.name) or effect.name == "tests" or effect.name.startswith("check-")
    return bool(by_name) and "command" in effect.intent


def _text(effect: PastEffect) -> str:
    return str(effect.intent["command"])


def _run(effect: PastEffect, number: int | None) -> EarlierRun:
    result = effect.result or {}
    found = _COMMAND.fullmatch(effect.name)
    name = f"check `{effect.name.removeprefix('check-')}`" if effect.name.startswith("check-") else effect.name
    if found is not None:
        name = f"command {found[1]}" + (f", run {found[2]}" if found[2] else "")
    return EarlierRun(
        effect.attempt,
        name,
        number,
        _text(effect),
        _ended(effect),
        bool(effect.intent.get("edited")),
        str(result.get("output") or ""),
    )


def _ended(effect: PastEffect) -> str:
    """As `how_it_ended`, of an attempt whose lines of the runbook may be others now: none is named."""
    result = effect.result
    if result is None or result.get("exit_code") is None:
        return "interrupted, and nothing can tell how far it came"
    return f"exit {result['exit_code']} after {result.get('seconds')} s"


def _number_of(
    task: PlannedTask, effect: PastEffect, first: Mapping[tuple[int, str], str], mask: Callable[[str], str]
) -> int | None:
    """The number, now, of the command that this ran."""
    found = _COMMAND.fullmatch(effect.name)
    if found is None:
        return None
    then = int(found[1])
    text = first.get((effect.attempt, f"command-{then}"), _text(effect))
    same = [number for number, command in enumerate(task.commands, 1) if _matches(command, text, mask)]
    return then if then in same else next(iter(same), None)


def _matches(command: Command, text: str, mask: Callable[[str], str]) -> bool:
    """Whether this is the command's text with something filled in."""
    parts = [re.escape(mask(part)) for part in _between_blanks(command)]
    return bool(re.fullmatch(_VARIABLES + _FILLED_IN.join(parts), text))


def _between_blanks(command: Command) -> Iterator[str]:
    start = 0
    for at, written in sorted(command.blanks):
        yield command.text[start:at]
        start = at + len(written)
    yield command.text[start:]
