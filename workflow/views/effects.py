"""How is something that a run did outside told to a person? A command of work by hand by its number and how it ended.

Pure. The facts are those of the journal: `phases.manual.command_endings.RanScript` of a command, others as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

from state.counted import counted
from state.late_pattern import late

TESTS = "tests"  # the effect of running the project's tests
_COMMAND = late(r"command-(?P<number>\d+)(?:-run-(?P<run>\d+))?")
_CHECK = late(r"check-(?P<id>[a-z][a-z0-9-]*)")


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
