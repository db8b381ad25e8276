"""What does a checks file say? Its bytes become `Checks`, or every problem at once, each with file:line:column.

Rules:
- Nothing is called: services, operations, parameters and expressions are held against AWS's models.
- Nothing is guessed: an unknown name, a wrong kind of value, a name given twice or a YAML alias is refused.
- Only operations that `read_operations` accepts.
- A check asks AWS, or looks at one thing of this machine (`local/settings.py`); never both.
- Beside a runbook, what its plan does not have is told with the rest (`fits.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from pydantic import ValidationError
from typing_extensions import TypedDict

from phases.checks.api_model import ApiModels
from phases.checks.asked_of_aws import Wrong, read_asked
from phases.checks.definition import Checks, Declared, DeclaredCheck, Severity
from phases.checks.file_settings import LOCAL, CheckSettings, FileOfChecks, LookupSettings, is_text, said_of, sound_file
from phases.checks.fits import follows_itself, foreign_to
from phases.checks.local.local_check import LocalCheck
from phases.checks.local.of_the_run import CannotHold
from phases.checks.local.read_local import read_local
from phases.checks.lookup_order import in_needed_order, need_each_other
from phases.checks.misspelt import misspelt_placeholders
from phases.checks.placeholders import NAME as PLACEHOLDER
from phases.checks.profile_settings import read_profiles, wrong_profiles
from phases.documents.yaml_document import Place, YamlDocument, in_order, seen
from phases.tried_answers import region_refused
from state.errors import BadInput, Problem
from state.model import Plan
from state.path_word import path_word


def read_checks(
    data: bytes, path: str, models: ApiModels, *, under_way: bool = False, plan: Plan | None = None
) -> Checks:
    """The checks in the bytes of a checks file; placeholders are still to be filled (`Checks.filled`).

    Args:
        path: the file's path, for messages.
        under_way: a run of 0.1 has begun with this file: literals that can never match, which 0.1 took, are `doubts`.
        plan: of the runbook that it stands beside: what the plan does not have is among the problems.

    Raises BadInput with every problem, each at `path:line:column`.
    """
    document = YamlDocument(data, path, lambda problems: _refused(path, problems), is_text)
    problems = list(document.problems)
    given = document.value if isinstance(document.value, dict) else {}
    raw = given["checks"] if isinstance(given.get("checks"), list) else []
    file = _validated(document, problems)
    doubts: list[Problem] = [] if under_way else problems
    checks = [
        _read(document, number, *entry, models, problems, doubts)
        for number, entry in enumerate(zip_longest(raw, file.checks))
    ]
    lookups = [_read_lookup(document, name, each, models, problems) for name, each in file.lookups.items()]
    problems += [*_repeated(document, raw), *_wrong_companions(document, raw), *wrong_profiles(document, file.profiles)]
    problems += need_each_other(document, given.get("lookups"))
    problems += misspelt_placeholders(document, given)
    known = read_profiles(document, file.profiles)
    read = Checks(path, hashlib.sha256(data).hexdigest(), _as_ties(document, file.checks, checks), (), known)
    asked = tuple(each for each in lookups if each is not None)
    doubts += _wrong_regions(document, replace(read, lookups=asked))
    problems += follows_itself(read) if plan is None else foreign_to(plan, read)
    if problems:
        raise _refused(path, problems)
    whole = _with_companions(checks, [entry.beside for entry in file.checks])
    found = in_needed_order(asked)
    return replace(read, checks=whole, doubts=tuple(in_order(doubts)), lookups=found)


def _validated(document: YamlDocument, problems: list[Problem]) -> FileOfChecks:
    """What the document says; with problems, which go into the list, what is sound of it."""
    try:
        return FileOfChecks.model_validate(document.value)
    except ValidationError as error:
        problems += [document.problem(detail["loc"], said_of(detail)) for detail in error.errors()]
        return sound_file(document.value)


def _as_ties(
    document: YamlDocument, entries: Sequence[CheckSettings | None], checks: Sequence[Declared | None]
) -> tuple[Declared, ...]:
    """The checks as far as they say what they answer; of one that has problems, what it says of that alone."""
    found: list[Declared] = []
    for number, (entry, check) in enumerate(zip(entries, checks, strict=True)):
        if check is not None:
            found.append(check)
        elif entry is not None:
            common = _common(document, ("checks", number), entry)
            found.append(LocalCheck(look=CannotHold("it has problems"), **common))
    return tuple(found)


def _noting(document: YamlDocument, here: Place, problems: list[Problem]) -> Wrong:
    """Puts problems at places below `here` into the list."""

    def wrong(path: Place, message: str) -> None:
        problems.append(document.problem((*here, *path), message))

    return wrong


def _read_lookup(
    document: YamlDocument, name: str, entry: LookupSettings, models: ApiModels, problems: list[Problem]
) -> DeclaredCheck | None:
    """What is looked up for the placeholder of this name, as a check that something is there; None with problems."""
    here: Place = ("lookups", name)

    wrong = _noting(document, here, problems)
    if not re.fullmatch(PLACEHOLDER, name):
        wrong((), f"lookups: {seen(name)} is no name of a placeholder")
        return None
    given: dict[str, object] = {**entry.model_dump(), "expect": "present"}
    asked = read_asked(given, models, wrong, wrong)
    if asked is None:
        return None
    return DeclaredCheck(
        id=name,
        name=name,
        place=document.place(here),
        places=document.places_under(here),
        parameters=entry.parameters,
        region=entry.region,
        regions=_regions(entry.region, models),
        **asked,
    )


def _with_companions(checks: Sequence[Declared | None], beside: Sequence[str]) -> tuple[Declared, ...]:
    """The checks, each with the one that it names as standing beside it."""
    asked = {check.id: check for check in checks if isinstance(check, DeclaredCheck)}
    return tuple(
        replace(check, beside=asked.get(other)) if isinstance(check, DeclaredCheck) else check
        for check, other in zip(checks, beside, strict=True)
        if check
    )


def _read(
    document: YamlDocument,
    number: int,
    raw: object,
    entry: CheckSettings | None,
    models: ApiModels,
    problems: list[Problem],
    doubts: list[Problem],
) -> Declared | None:
    """The check, or None when it has problems: pydantic's are known already, the others are looked for in any case.

    `doubts` takes what can never match.
    """
    here: Place = ("checks", number)

    wrong = _noting(document, here, problems)
    given = raw if isinstance(raw, dict) else {}
    for path, word in document.words(here):
        wrong(path, f"{word} is true or false to YAML: write that, or quotes for a text")
    common = _common(document, here, entry) if entry is not None else None
    local = [name for name in LOCAL if name in given]
    if local:
        looked = read_local(local, given, wrong, _noting(document, here, doubts))
        if looked is None or common is None:
            return None
        look, expression, expect = looked
        return LocalCheck(look=look, expression=expression, expect=expect, **common)
    _judge_present(raw, wrong)
    asked = read_asked(given, models, wrong, _noting(document, here, doubts))
    if entry is None or common is None or asked is None:
        return None
    regions = _regions(entry.region, models)
    return DeclaredCheck(parameters=entry.parameters, region=entry.region, regions=regions, **asked, **common)


def _regions(named: str, models: ApiModels) -> frozenset[str]:
    """AWS's regions, for a check that names one."""
    return frozenset(models.regions()) if named else frozenset()


def _wrong_regions(document: YamlDocument, read: Checks) -> Iterator[Problem]:
    """Regions that AWS does not have, in the calls and in what a profile says for one."""
    for check in (*read.checks, *read.lookups):
        if isinstance(check, DeclaredCheck) and (problem := check.wrong_region) is not None:
            yield problem
    for profile in read.profiles:
        for name, value in profile.values.items():
            regions = read.regions_of(name)
            if regions and (why := region_refused(value, regions)):
                place = ("profiles", profile.name, "values", name)
                yield document.problem(place, f"profile {profile.name}: {name}: {why}")


def _judge_present(raw: object, wrong: Wrong) -> None:
    """Whether all is there that a check which asks AWS needs; of what is no check at all, pydantic speaks."""
    if not isinstance(raw, dict):
        return
    for name in ("service", "operation", "expression", "expect"):
        if name not in raw:
            wrong((name,), f"{name!r} is missing")


class _Common(TypedDict):
    """What every check has (`Declared`)."""

    id: str
    name: str
    within: int
    every: int
    severity: Severity
    waits_for: str
    tasks: tuple[str, ...]
    criterion: str
    line: int
    item: str
    place: str
    places: dict[Place, str]


def _common(document: YamlDocument, here: Place, entry: CheckSettings) -> _Common:
    return _Common(
        id=entry.id,
        name=entry.name,
        within=entry.within,
        every=entry.every,
        severity=entry.severity,
        waits_for=entry.waits_for,
        tasks=tuple(entry.tasks),
        criterion=entry.criterion,
        line=entry.line,
        item=entry.item,
        place=document.place((*here, "id")),
        places=document.places_under(here),
    )


def _repeated(document: YamlDocument, raw: Sequence[object]) -> Iterator[Problem]:
    for setting in ("id", "name"):
        first: dict[str, int] = {}
        for number, entry in enumerate(raw):
            value = entry.get(setting) if isinstance(entry, dict) else None
            if not isinstance(value, str):
                continue
            if value in first:
                place = document.place(("checks", first[value], setting))
                yield document.problem(
                    ("checks", number, setting), f"{setting} {seen(value)} is given twice; the first is at {place}"
                )
            first.setdefault(value, number)


def _wrong_companions(document: YamlDocument, raw: Sequence[object]) -> Iterator[Problem]:
    """A companion is another check of the file, and expects something that is there."""
    given = [(number, entry) for number, entry in enumerate(raw) if isinstance(entry, dict)]
    expected = {str(entry.get("id")): entry.get("expect") for _number, entry in given}
    for number, entry in given:
        beside = entry.get("beside")
        if not isinstance(beside, str):
            continue
        here = ("checks", number, "beside")
        if beside not in expected or beside == entry.get("id"):
            yield document.problem(here, f"beside: expected the id of another check of this file, seen {seen(beside)}")
        elif expected[beside] is None:
            yield document.problem(here, f"beside: {beside} says nothing of what AWS answers; expected one that does")
        elif expected[beside] in ("absent", {"absent": True}):
            yield document.problem(here, f"beside: {beside} expects what is absent itself; expected one that is there")


def _refused(path: str, problems: Sequence[Problem]) -> BadInput:
    return BadInput(
        f"the checks in {path} are refused, so nothing is called",
        problems=in_order(problems),
        next_command=f"$EDITOR {path_word(path)}   # docs/checks.md has every setting",
    )
