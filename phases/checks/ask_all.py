"""What came of some checks of a file? Filled in, looked up and asked in the file's order, each call to AWS once.

Rules:
- All that answers fill in is filled in before anything is called; what has to be looked up comes behind the others.
- A command that may change something makes AWS's earlier answers count no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from phases.aws import AwsPort
from phases.checks.definition import Checks, Declared, DeclaredCheck
from phases.checks.evaluate import Outcome
from phases.checks.lookups import look_up, without_value
from phases.checks.read_once import ReadOnce

AskOne = Callable[[Declared, ReadOnce | None], Outcome]  # a check that is filled in, and AWS where anything asks it


def ask_all(
    checks: Checks,
    wanted: Sequence[Declared],
    variables: Mapping[str, str],
    connect: Callable[[], AwsPort],
    ask: AskOne,
) -> list[Outcome]:
    """The outcomes of the wanted checks, in their order. Raises as `ask_each`."""
    found = {outcome.check.id: outcome for outcome in ask_each(checks, wanted, variables, connect, ask)}
    return [found[check.id] for check in wanted]


def ask_each(
    checks: Checks,
    wanted: Sequence[Declared],
    variables: Mapping[str, str],
    connect: Callable[[], AwsPort],
    ask: AskOne,
) -> Iterator[Outcome]:
    """Each outcome as it comes.

    Raises BadInput when a placeholder has no value, before anything is called but for what is looked up; NoRegion
    before anything is called or run; and what `ask` raises.
    """
    late = _to_be_looked_up(checks, wanted, variables)
    ready = checks.only([check for check in wanted if check not in late]).filled(variables).checks
    aws = ReadOnce(connect()) if late or _ask_aws(wanted) else None
    if aws is not None:
        _ = aws.region  # that none is configured is told before anything is run
    for check in ready:
        yield ask(check, aws)
        if check.changes and aws is not None:
            aws.afresh()
    known, missing = look_up(checks, late, variables, lambda lookup: ask(lookup, aws))
    for check in late:
        outcome = without_value(check, missing)
        if outcome is None:
            (filled,) = checks.only([check]).filled(known).checks
            outcome = ask(filled, aws)
        yield outcome


def _to_be_looked_up(checks: Checks, wanted: Sequence[Declared], variables: Mapping[str, str]) -> list[Declared]:
    """The checks with a placeholder of which nobody but AWS says the value."""
    names = {lookup.id for lookup in checks.lookups} - variables.keys()
    return [check for check in wanted if names.intersection(name for _path, name in check.placeholders())]


def _ask_aws(wanted: Sequence[Declared]) -> bool:
    return any(isinstance(check, DeclaredCheck) for check in wanted)
