"""Which names of things does AWS itself know? Placeholders that a checks file has looked up, once a task: an API's id.

Rules:
- A lookup is a call that only reads, as a check's; what its expression gives fills the placeholder of its name.
- An answer of the run counts before it, so nothing is looked up that somebody has said.
- Where it gives nothing, or more than one thing, the checks that need it fail: what they look at is not there.
- What could not be looked up (denied, not implemented) leaves them not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from phases.checks.definition import Checks, Declared, DeclaredCheck
from phases.checks.evaluate import Outcome, State
from state.cheap_classes import dataclass

Ask = Callable[[DeclaredCheck], Outcome]


@dataclass(frozen=True, slots=True)
class Missing:
    """What became of a lookup that gave no value: the state of the checks that need it, and why."""

    state: State
    why: str


def look_up(
    checks: Checks, wanted: Sequence[Declared], variables: Mapping[str, str], ask: Ask
) -> tuple[dict[str, str], dict[str, Missing]]:
    """The variables with what was looked up for these checks, and what gave nothing, by name.

    Raises BadInput when a lookup needs a placeholder that has no value.
    """
    needed = checks.needed(wanted)
    known, missing = dict(variables), dict[str, Missing]()
    for lookup in checks.lookups:
        if lookup.id not in needed or lookup.id in known:
            continue
        why = _lacks(lookup, missing)
        if why is not None:
            missing[lookup.id] = why
            continue
        (filled,) = checks.only([lookup]).filled(known).checks
        assert isinstance(filled, DeclaredCheck)
        outcome = ask(filled)
        value, problem = _value(outcome)
        if problem:
            state: State = "not checked" if outcome.state == "not checked" else "failed"
            missing[lookup.id] = Missing(state, f"{{{lookup.id}}}: {problem}")
        else:
            known[lookup.id] = value
    return known, missing


def without_value(check: Declared, missing: Mapping[str, Missing]) -> Outcome | None:
    """What comes of a check that needs something that was looked up in vain; None for one that does not."""
    lacks = _lacks(check, missing)
    return None if lacks is None else Outcome(check, lacks.state, "", lacks.why, check.to_json())


def _lacks(check: Declared, missing: Mapping[str, Missing]) -> Missing | None:
    """What a check, or a lookup, needs and was looked up in vain; None where it needs nothing of it."""
    found = [missing[name] for name in dict.fromkeys(name for _path, name in check.placeholders()) if name in missing]
    if not found:
        return None
    state: State = "not checked" if any(each.state == "not checked" for each in found) else "failed"
    return Missing(state, "; ".join(dict.fromkeys(each.why for each in found)))


def stay_open(checks: Checks) -> dict[str, str]:
    """What is looked up, as variables that leave each placeholder as it stands."""
    return {lookup.id: f"{{{lookup.id}}}" for lookup in checks.lookups}


def _value(outcome: Outcome) -> tuple[str, str]:
    """The text that a lookup gave, or why there is none."""
    if outcome.state != "passed":
        return "", outcome.reason or f"{outcome.check.call} gave {outcome.seen or 'nothing'}"
    value = outcome.value
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, str | int):
        return "", f"{outcome.check.call} gave {outcome.seen}, expected one text"
    return str(value), ""
