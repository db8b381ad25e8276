"""How is something that a run did outside told to a person? A command of work by hand by its number and how it ended.

Pure. The facts are those of the journal: `phases.manual.command_endings.RanScript` of a command, others as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from state.cheap_classes import dataclass
from state.counted import counted
from state.json_values import Fields, Json, format_time
from state.late_pattern import late

TESTS = "tests"  # the effect of running the project's tests
_COMMAND = late(r"command-(?P<number>\d+)(?:-run-(?P<run>\d+))?")
_CHECK = late(r"check-(?P<id>[a-z][a-z0-9-]*)")


@dataclass(frozen=True, slots=True)
class FailedCommand:
    """A command of work by hand that failed, or was interrupted; nobody has said yet what becomes of it.

    Attributes:
        name: `command 1`, `command 1, run 2`, or `tests`.
        ended: `exit 1 at line 92`.
        exit_code: None where nobody knows how far it came.
        script: as it ran, secrets masked.
    """

    name: str
    ended: str
    exit_code: int | None
    script: str

    def lines(self) -> list[str]:
        """How it ended, and what ran."""
        return [f"{self.name} failed: {self.ended}", *(f"  $ {line}" for line in self.script.strip("\n").split("\n"))]

    def to_json(self) -> dict[str, Json]:
        return {"name": self.name, "ended": self.ended, "exit_code": self.exit_code, "script": self.script}


@dataclass(frozen=True, slots=True)
class RunningCommand:
    """A command of work by hand, or the tests, that runs now; `script` as it runs, secrets masked."""

    name: str
    script: str
    since: datetime

    def lines(self) -> list[str]:
        """Since when it runs, and what."""
        first = f"{self.name} runs now, since {_second(self.since)}"
        return [first, *(f"  $ {line}" for line in self.script.strip("\n").split("\n"))]

    def to_json(self) -> dict[str, Json]:
        return {"name": self.name, "script": self.script, "since": format_time(self.since)}


def command_number(effect: str) -> int | None:
    """The number of the command of work by hand that has this effect, in whichever run; None for anything else."""
    found = _COMMAND.fullmatch(effect)
    return int(found["number"]) if found else None


def is_command(effect: str, facts: Mapping[str, object]) -> bool:
    """Whether it is a command of work by hand; `facts` are those of its intent or its result."""
    return bool(_COMMAND.fullmatch(effect)) and not facts.keys().isdisjoint(("command", "script", "exit_code"))


def ended_as_command(effect: str, intent: Mapping[str, object], result: Mapping[str, object] | None) -> bool:
    """Whether this effect, as far as it came, is a command of work by hand, or the tests of a checkpoint."""
    return effect == TESTS or is_command(effect, intent) or (result is not None and is_command(effect, result))


def effect_name(effect: str) -> str:
    """`command 1`, `command 1, run 2`; the command of a check by its id in code, which no masker takes for a secret's
    name (`check-smoke-token: ...`); others as their step calls them.
    """
    if check := _CHECK.fullmatch(effect):
        return f"check `{check['id']}`"
    found = _COMMAND.fullmatch(effect)
    if found is None:
        return effect
    return f"command {found['number']}" + (f", run {found['run']}" if found["run"] else "")


def how_command_ended(intent: Mapping[str, object], result: Mapping[str, object] | None) -> str:
    """`exit 1 at line 92, edited before it ran`; of one without a known end, that nobody knows."""
    code = None if result is None else result.get("exit_code")
    if result is None or code is None:
        return "interrupted, and nothing can tell how far it came"
    from phases.manual.early_ends import before_its_end  # where there is a command only

    line = result.get("failed_line") or intent.get("line")
    at = f" at line {line}" if code and line else ""
    early, edited = before_its_end(result), "edited before it ran" if intent.get("edited") else ""
    return ", ".join(filter(None, (f"exit {code}{at}", early, edited)))


def script_of(intent: Mapping[str, object]) -> str:
    """The script of a command as it was to be run, secrets masked."""
    return str(intent.get("command", ""))


def effect_line(effect: str, intent: Mapping[str, object], result: Mapping[str, object]) -> str:
    """One effect in one line, behind its task: `command 1: exit 0: make deploy (and 2 more lines)`."""
    if not is_command(effect, intent):
        return f"{effect_name(effect)}: " + ", ".join(f"{name}={value}" for name, value in result.items())
    first, *more = script_of(intent).strip("\n").split("\n")
    rest = f" (and {counted(len(more), 'more line')})" if more else ""
    return f"{effect_name(effect)}: {how_command_ended(intent, result)}: {first}{rest}"


def failed_command(effects: Mapping[str, tuple[Fields, Fields | None]], answers: Iterable[str]) -> FailedCommand | None:
    """The latest of an attempt's effects, one at least, where that is a command that has not passed.

    None, too, where it is left as it is, as `answers`, the questions that were answered, tell.
    """
    effect, (intent, result) = list(effects.items())[-1]
    if not ended_as_command(effect, intent, result) or (result is not None and result.get("exit_code") == 0):
        return None
    left = f"-{effect.split('-run-')[0]}-left"
    if any(question.endswith(left) for question in answers):
        return None
    code = result.get("exit_code") if result is not None else None
    ended = how_command_ended(intent, result)
    return FailedCommand(effect_name(effect), ended, code if isinstance(code, int) else None, script_of(intent))


def _second(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
