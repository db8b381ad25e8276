"""What does a check of this machine, or of the run, look at? Its settings become a look, each problem by its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from phases.checks.asked_of_aws import Wrong, read_expectation, read_expression, says_nothing
from phases.checks.expectation import Expectation
from phases.checks.expression import Expression
from phases.checks.file_settings import LOCAL_MODELS, sound_part
from phases.checks.local.local_check import CommandExit, Look, is_the_shells
from phases.checks.local.settings import read_look
from phases.documents.yaml_document import Place


def read_local(
    local: Sequence[str], given: Mapping[str, object], wrong: Wrong, doubt: Wrong
) -> tuple[Look, Expression | None, Expectation | None] | None:
    """What it looks at and expects, or None when it has problems; `local`: the settings of that kind that it has."""
    setting = local[0]
    for path, message in _misplaced(local, given):
        wrong(path, message)
    expression, _leads = read_expression(given.get("expression"), None, wrong)
    expect = read_expectation(given["expect"], wrong) if "expect" in given else None
    for path, message in _not_for_a_look(setting, given, expect):
        wrong(path, message)
    for path, message in says_nothing(expression, expect):
        doubt(path, message)
    settings = sound_part(LOCAL_MODELS[setting], given[setting])
    look = read_look(settings, wrong) if settings is not None else None
    if isinstance(look, CommandExit) and is_the_shells(look.exit):
        doubt(
            ("command", "exit"),
            f"{look.exit} says that nothing started or a signal ended it: expected a command's code",
        )
    if look is None or ("expect" in given and expect is None):
        return None
    return look, expression, expect


def _misplaced(local: Sequence[str], given: Mapping[str, object]) -> Iterator[tuple[Place, str]]:
    """What a check of this machine has beside the one thing that it looks at, and does not belong there."""
    setting, *more = local
    for name in more:
        yield (name,), f"a check looks at one thing: seen {setting} and {name}"
    for name in ("service", "operation", "parameters", "region", "beside"):
        if name in given:
            yield (name,), f"a check of {setting} asks nothing of AWS: {name} belongs into a check of its own"
    if setting not in ("command", "file"):
        for name in ("expression", "expect"):
            if name in given:
                yield (name,), f"{name} does not go with {setting}, which says by itself what is expected"


def _not_for_a_look(
    setting: str, given: Mapping[str, object], expect: Expectation | None
) -> Iterator[tuple[Place, str]]:
    """Why what is expected cannot be judged of this machine: half of it is missing, or only AWS's answers have it."""
    if "expression" in given and "expect" not in given:
        yield ("expression",), "an expression needs `expect`"
    if setting == "file" and "expect" in given and "expression" not in given:
        yield ("expect",), "of a file, write `contains` or `lacks`, or an expression over its JSON"
    if expect is not None and expect.kind == "in-file":
        yield ("expect", "in-file"), "in-file is about an answer of AWS"
    if expect is not None and expect.kind == "absent":
        yield ("expect",), "absent would also hold where nothing was looked at: write what must be there"
